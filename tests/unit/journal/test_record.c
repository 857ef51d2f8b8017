/* A record in memory: what is sound, what is not, and that nothing outside is touched. */
#include "fixture.h"

#include "base/crc32c.h"
#include "writer/journal/record.h"

#define BYTES 1024
#define AT    64

static char *area(void)
{
    char *bytes = malloc(BYTES); /* so that the sanitizer sees both ends */
    assert_non_null(bytes);
    memset(bytes, 0x5a, BYTES);
    return bytes;
}

static struct journal_record example(uint64_t number)
{
    return (struct journal_record){.number = number,
                                   .arrival_ns = START_NS,
                                   .type = JOURNAL_MESSAGE,
                                   .topic = TEXT("a/topic"),
                                   .payload = TEXT("twenty-one and a half")};
}

static size_t put(char *bytes, size_t limit, size_t at, uint32_t seed, struct journal_record record)
{
    record_write(bytes, limit, at, seed, &record, record_content_crc(&record));
    return at + record_size(&record);
}

static void a_record_is_sound_only_where_it_was_written(void **state)
{
    (void)state;
    struct record_header header;
    char *bytes = area();
    const uint32_t seed = record_seed(1), other = record_seed(2);
    size_t end = put(bytes, BYTES, AT, seed, example(5));
    assert_int_equal(end % RECORD_ALIGN, 0);
    assert_true(record_header_at(bytes, BYTES, AT, seed, &header));
    assert_int_equal(header.number, 5);
    assert_int_equal(AT + record_size_of(&header), end);
    assert_true(record_body_sound(bytes + AT + sizeof header, &header));
    assert_false(record_header_at(bytes, BYTES, AT, other, &header)); /* of another segment */
    memmove(bytes + 2 * AT, bytes + AT, end - AT);
    assert_false(record_header_at(bytes, BYTES, 2 * AT, seed, &header)); /* at another place */
    free(bytes);
}

static void the_end_behind_a_record_is_marked(void **state)
{
    (void)state;
    const char zeros[RECORD_ALIGN] = {0};
    char *bytes = area();
    size_t end = put(bytes, BYTES, AT, 1, example(1));
    assert_memory_equal(bytes + end, zeros, sizeof zeros);
    assert_int_equal(bytes[end + RECORD_ALIGN], 0x5a);
    memset(bytes, 0x5a, BYTES);
    put(bytes, end, AT, 1, example(1)); /* no room for the mark */
    assert_int_equal(bytes[end], 0x5a);
    free(bytes);
}

static void a_record_must_end_within_the_limit(void **state)
{
    (void)state;
    struct record_header header;
    char *bytes = area();
    size_t end = put(bytes, BYTES, AT, 1, example(1));
    for (size_t limit = 0; limit < end; limit++)
        assert_false(record_header_at(bytes, limit, AT, 1, &header));
    assert_true(record_header_at(bytes, end, AT, 1, &header));
    static const size_t places[] = {AT + 1, AT + 4,   BYTES - 48,   BYTES - 8,
                                    BYTES,  SIZE_MAX, SIZE_MAX - 47};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        assert_false(record_header_at(bytes, BYTES, places[i], 1, &header));
    free(bytes);
}

static void the_next_sound_header_is_found(void **state)
{
    (void)state;
    struct record_header header;
    char *bytes = area();
    size_t second = put(bytes, BYTES, AT, 1, example(7));
    size_t third = put(bytes, BYTES, second, 1, example(8));
    size_t end = put(bytes, BYTES, third, 1, example(9));
    assert_int_equal(record_find(bytes, BYTES, AT, 1, 7, &header), AT);
    assert_int_equal(record_find(bytes, BYTES, AT + 3, 1, 7, &header), second);
    assert_int_equal(record_find(bytes, BYTES, AT, 1, 9, &header), third); /* not older ones */
    bytes[second + 20] ^= 1;
    assert_int_equal(record_find(bytes, BYTES, second, 1, 8, &header), third);
    assert_int_equal(header.number, 9);
    assert_int_equal(record_find(bytes, end - 1, second, 1, 8, &header), 0);
    assert_int_equal(record_find(bytes, BYTES, end, 1, 8, &header), 0);
    assert_int_equal(record_find(bytes, BYTES, BYTES + 80, 1, 8, &header), 0);
    free(bytes);
}

static void impossible_numbers_and_types_are_refused(void **state)
{
    (void)state;
    struct record_header header;
    char *bytes = area();
    static const uint64_t numbers[] = {0, RECORD_NUMBER_MAX, UINT64_MAX};
    for (size_t i = 0; i < 3; i++) {
        put(bytes, BYTES, AT, 1, example(numbers[i]));
        assert_false(record_header_at(bytes, BYTES, AT, 1, &header));
    }
    put(bytes, BYTES, AT, 1, example(RECORD_NUMBER_MAX - 1));
    assert_true(record_header_at(bytes, BYTES, AT, 1, &header));
    struct journal_record none = example(1);
    none.type = 0;
    put(bytes, BYTES, AT, 1, none);
    assert_false(record_header_at(bytes, BYTES, AT, 1, &header));
    free(bytes);
}

static void the_content_crc_is_of_topic_and_payload(void **state)
{
    (void)state;
    struct journal_record record = example(1);
    uint32_t crc = record_content_crc(&record);
    assert_int_equal(crc, crc32c(0, "a/topictwenty-one and a half", 28));
    record.content_type = TEXT("text/plain");
    record.flags = JOURNAL_DUP;
    assert_int_equal(record_content_crc(&record), crc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_sound_only_where_it_was_written),
        cmocka_unit_test(the_end_behind_a_record_is_marked),
        cmocka_unit_test(a_record_must_end_within_the_limit),
        cmocka_unit_test(the_next_sound_header_is_found),
        cmocka_unit_test(impossible_numbers_and_types_are_refused),
        cmocka_unit_test(the_content_crc_is_of_topic_and_payload),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
