/* What goes in comes out: properties, numbers, times, the lock, the format version. */
#include "fixture.h"

#include <sys/wait.h>

#include "base/crc32c.h"

static void assert_text(struct text a, struct text b)
{
    assert_int_equal(a.len, b.len);
    assert_true(text_equal(a, b));
}

static void assert_record(const struct journal_record *a, const struct journal_record *b)
{
    assert_int_equal(a->number, b->number);
    assert_int_equal(a->arrival_ns, b->arrival_ns);
    assert_int_equal(a->type, b->type);
    assert_int_equal(a->flags, b->flags);
    assert_int_equal(a->qos, b->qos);
    assert_int_equal(a->packet_id, b->packet_id);
    assert_int_equal(a->subscription_id, b->subscription_id);
    assert_text(a->topic, b->topic);
    assert_text(a->payload, b->payload);
    assert_text(a->content_type, b->content_type);
    assert_text(a->response_topic, b->response_topic);
    assert_text(a->correlation, b->correlation);
}

static void every_property_comes_back_after_reopening(void **state)
{
    struct fixture *f = *state;
    static char longest[65535];
    memset(longest, 'x', sizeof longest);
    struct journal_record records[] = {
        {.type = JOURNAL_MESSAGE, .topic = TEXT("a")},
        {.type = JOURNAL_MESSAGE,
         .flags = JOURNAL_RETAINED | JOURNAL_DUP | JOURNAL_LATE,
         .qos = 2,
         .packet_id = 65535,
         .subscription_id = 268435455,
         .topic = TEXT("house/kitchen"),
         .payload = TEXT("{\"temperature\":21.5}"),
         .content_type = TEXT("application/json"),
         .response_topic = TEXT("answers/here"),
         .correlation = TEXT("\x00\x01\xff")},
        {.type = JOURNAL_TICK},
        {.type = JOURNAL_MARKER, .payload = TEXT("m")},
        {.type = JOURNAL_GENERATION, .payload = TEXT("0123456789abcdef")},
        {.type = JOURNAL_MESSAGE,
         .qos = 1,
         .packet_id = 7,
         .topic = {longest, sizeof longest},
         .payload = {longest, 1},
         .content_type = {longest, sizeof longest},
         .response_topic = {longest, sizeof longest},
         .correlation = {longest, sizeof longest}},
        {.type = JOURNAL_MESSAGE, .topic = TEXT("b"), .payload = {longest, sizeof longest}},
    };
    const size_t count = sizeof records / sizeof records[0];
    fixture_open(f);
    for (size_t i = 0; i < count; i++) {
        fixture_pass(f, 5000);
        assert_int_equal(journal_append(f->journal, &records[i]), JOURNAL_APPENDED);
        assert_int_equal(records[i].number, i + 1);
        assert_int_equal(records[i].arrival_ns, f->real_ns);
    }
    for (int round = 0; round < 2; round++) {
        struct journal_reader *reader = fixture_reader(f);
        struct journal_record record;
        uint64_t lost;
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(journal_read(reader, &record, &lost, NULL), ERR_OK);
            assert_record(&record, &records[i]);
        }
        assert_int_equal(journal_read(reader, &record, &lost, NULL), ERR_NOT_FOUND);
        journal_reader_close(reader);
        fixture_reopen(f);
    }
    assert_int_equal(fixture_figures(f).next_number, count + 1);
    assert_int_equal(fixture_figures(f).newest_ns, f->real_ns);
    assert_int_equal(fixture_figures(f).torn_bytes, 0);
    assert_int_equal(fixture_figures(f).oldest_undelivered_ns, records[0].arrival_ns);
}

static void texts_longer_than_mqtt_allows_are_cut(void **state)
{
    struct fixture *f = *state;
    static char longer[70000];
    memset(longer, 'y', sizeof longer);
    fixture_open(f);
    struct journal_record record = {.type = JOURNAL_MESSAGE, .topic = {longer, sizeof longer}};
    assert_int_equal(journal_append(f->journal, &record), JOURNAL_APPENDED);
    struct journal_reader *reader = fixture_reader(f);
    uint64_t lost;
    assert_int_equal(journal_read(reader, &record, &lost, NULL), ERR_OK);
    assert_int_equal(record.topic.len, 65535);
    journal_reader_close(reader);
}

static void a_payload_that_fits_no_segment_is_kept_cut(void **state)
{
    struct fixture *f = *state;
    const size_t sizes[] = {1 << 20, 3 << 20, (1 << 20) - 2 * 64 - 48 - 1};
    fixture_open(f);
    char *payload = malloc(3 << 20);
    assert_non_null(payload);
    for (size_t i = 0; i < 3 << 20; i++)
        payload[i] = (char)(i * 7);
    struct journal_reader *reader = fixture_reader(f);
    for (size_t i = 0; i < 3; i++) {
        struct journal_record record = {
            .type = JOURNAL_MESSAGE, .topic = TEXT("t"), .payload = {payload, sizes[i]}};
        assert_int_not_equal(journal_append(f->journal, &record), JOURNAL_NO_ROOM);
        assert_ptr_equal(record.payload.at, payload);
        uint64_t lost, length;
        uint32_t crc;
        bool whole = i == 2; /* the largest that fits: 1 byte of topic */
        assert_int_equal(journal_read(reader, &record, &lost, NULL), ERR_OK);
        assert_int_equal(record.flags, whole ? 0 : JOURNAL_CUT);
        assert_int_equal(record.payload.len, whole ? sizes[i] : 12 + 4096);
        if (whole)
            continue;
        memcpy(&length, record.payload.at, 8);
        memcpy(&crc, record.payload.at + 8, 4);
        assert_int_equal(length, sizes[i]);
        assert_int_equal(crc, crc32c(0, payload, sizes[i]));
        assert_memory_equal(record.payload.at + 12, payload, 4096);
    }
    journal_reader_close(reader);
    free(payload);
}

static void the_id_stays(void **state)
{
    struct fixture *f = *state;
    char id[33];
    fixture_open(f);
    memcpy(id, journal_id(f->journal), sizeof id);
    assert_int_equal(strspn(id, "0123456789abcdef"), 32);
    fixture_reopen(f);
    assert_string_equal(journal_id(f->journal), id);
}

static void parents_are_made_and_nobody_else_may_look(void **state)
{
    struct fixture *f = *state, deep = *f;
    char path[800];
    struct stat status;
    strcat(deep.path, "/a/b");
    fixture_open(&deep);
    assert_int_equal(stat(deep.path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
    static const char *const files[] = {"lock", "id", "cursor", "repeats",
                                        "segment-0000000000000001.log"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        fixture_name(&deep, files[i], path);
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_mode & 0777, 0600);
    }
    fixture_close(&deep);
    fixture_remove(deep.path);
    fixture_name(f, "a", path);
    rmdir(path);
}

static void a_second_opening_is_told_the_pid(void **state)
{
    struct fixture *f = *state;
    struct err_reason why = {""};
    char pid[32];
    fixture_open(f);
    struct fixture second = *f;
    assert_int_equal(fixture_try_open(&second, &why), ERR_BUSY);
    snprintf(pid, sizeof pid, "pid %ld", (long)getpid());
    assert_non_null(strstr(why.text, pid));
    fixture_reopen(f);
}

static void a_bound_that_is_too_small_is_refused(void **state)
{
    struct fixture *f = *state;
    struct err_reason why = {""};
    f->max_bytes = 4 * MIB - 1;
    assert_int_equal(fixture_try_open(f, &why), ERR_INVALID);
    assert_non_null(strstr(why.text, "4194304"));
}

/* Both headers of a segment, as a later version would write them. */
static void another_format_version_is_refused(void **state)
{
    struct fixture *f = *state;
    const char *name = "segment-0000000000000001.log";
    struct err_reason why = {""};
    unsigned char header[64];
    uint32_t version = 2, crc;
    fixture_open(f);
    fixture_say(f, "from the future");
    fixture_close(f);
    fixture_peek(f, name, 0, header, sizeof header);
    memcpy(header + 8, &version, 4);
    crc = crc32c(0, header, 60);
    memcpy(header + 60, &crc, 4);
    fixture_poke(f, name, 0, header, sizeof header);
    fixture_poke(f, name, MIB - 64, header, sizeof header);
    assert_int_equal(fixture_try_open(f, &why), ERR_UNSUPPORTED);
    assert_non_null(strstr(why.text, "version 2"));
    assert_non_null(strstr(why.text, name));
}

/* --- time ---------------------------------------------------------------------- */

static int64_t append_at(struct fixture *f, enum journal_type *ret_before)
{
    struct journal_record record = {.type = JOURNAL_TICK};
    struct journal_figures before = fixture_figures(f);
    assert_int_equal(journal_append(f->journal, &record), JOURNAL_APPENDED);
    *ret_before = record.number == before.next_number ? JOURNAL_TICK : JOURNAL_CLOCK_STEP;
    return record.arrival_ns;
}

static void arrival_times_are_apart_and_rise(void **state)
{
    struct fixture *f = *state;
    enum journal_type before;
    fixture_open(f);
    int64_t first = append_at(f, &before), last = first;
    for (int i = 0; i < 100; i++) {
        int64_t at = append_at(f, &before);
        assert_int_equal(at, last + 1024);
        last = at;
    }
    f->real_ns -= 4 * CLOCK_NS_PER_S; /* jitter: no step */
    assert_int_equal(append_at(f, &before), last + 1024);
    assert_int_equal(before, JOURNAL_TICK);
    fixture_reopen(f);
    assert_int_equal(append_at(f, &before), last + 2048);
    fixture_pass(f, 10 * CLOCK_NS_PER_S);
    assert_int_equal(append_at(f, &before), f->real_ns);
    assert_int_equal(before, JOURNAL_TICK);
}

static int64_t last_step(struct fixture *f, int64_t *ret_arrival_ns)
{
    struct journal_reader *reader = fixture_reader(f);
    struct journal_record record;
    uint64_t lost;
    int64_t step = 0;
    while (journal_read(reader, &record, &lost, NULL) == ERR_OK)
        if (record.type == JOURNAL_CLOCK_STEP) {
            assert_int_equal(record.payload.len, 8);
            memcpy(&step, record.payload.at, 8);
            *ret_arrival_ns = record.arrival_ns;
        }
    journal_reader_close(reader);
    return step;
}

static void a_step_of_the_clock_is_recorded_and_taken(void **state)
{
    struct fixture *f = *state;
    enum journal_type before;
    int64_t at = 0;
    fixture_open(f);
    append_at(f, &before);

    f->real_ns -= 3600 * CLOCK_NS_PER_S;
    assert_int_equal(append_at(f, &before), f->real_ns + 1024);
    assert_int_equal(before, JOURNAL_CLOCK_STEP);
    assert_int_equal(last_step(f, &at), -3600 * CLOCK_NS_PER_S);
    assert_int_equal(at, f->real_ns);

    fixture_pass(f, CLOCK_NS_PER_S);
    f->real_ns += 60 * CLOCK_NS_PER_S; /* forwards, against the steady clock */
    assert_int_equal(append_at(f, &before), f->real_ns + 1024);
    assert_int_equal(last_step(f, &at), 60 * CLOCK_NS_PER_S);

    fixture_pass(f, 20 * CLOCK_NS_PER_S); /* back by 8 s, and yet ahead of the last record */
    f->real_ns -= 8 * CLOCK_NS_PER_S;
    assert_int_equal(append_at(f, &before), f->real_ns + 1024);
    assert_int_equal(last_step(f, &at), -8 * CLOCK_NS_PER_S);
    assert_int_equal(fixture_figures(f).clock_steps, 3);

    fixture_close(f);
    f->real_ns -= 100 * CLOCK_NS_PER_S; /* while nobody looked: the log alone can tell */
    f->monotonic_ns = 5;
    fixture_open(f);
    append_at(f, &before);
    assert_int_equal(before, JOURNAL_CLOCK_STEP);
    assert_int_equal(last_step(f, &at), -100 * CLOCK_NS_PER_S - 1024);
    append_at(f, &before);
    assert_int_equal(before, JOURNAL_TICK);
}

static void power_mode_works_the_same(void **state)
{
    struct fixture *f = *state;
    uint64_t records, lost;
    f->sync = true;
    fixture_open(f);
    for (int i = 0; i < 20; i++)
        assert_int_equal(fixture_append(f, 100000), JOURNAL_APPENDED); /* over a segment's end */
    struct journal_position end = fixture_read_all(f, &records, &lost);
    assert_int_equal(journal_cursor_save(f->journal, end, "x", 1), ERR_OK);
    assert_int_equal(journal_state_save(f->journal, end, 1, TEXT("state")), ERR_OK);
    fixture_reopen(f);
    fixture_read_all(f, &records, &lost);
    assert_int_equal(records, 20);
    assert_int_equal(lost, 0);
    assert_int_equal(fixture_figures(f).undelivered_bytes, 0);
}

int main(void)
{
#define JOURNAL_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        JOURNAL_TEST(every_property_comes_back_after_reopening),
        JOURNAL_TEST(texts_longer_than_mqtt_allows_are_cut),
        JOURNAL_TEST(a_payload_that_fits_no_segment_is_kept_cut),
        JOURNAL_TEST(the_id_stays),
        JOURNAL_TEST(parents_are_made_and_nobody_else_may_look),
        JOURNAL_TEST(a_second_opening_is_told_the_pid),
        JOURNAL_TEST(a_bound_that_is_too_small_is_refused),
        JOURNAL_TEST(another_format_version_is_refused),
        JOURNAL_TEST(arrival_times_are_apart_and_rise),
        JOURNAL_TEST(a_step_of_the_clock_is_recorded_and_taken),
        JOURNAL_TEST(power_mode_works_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
