/* What a crash, a cut file or a flipped bit costs: the torn or damaged record, never another, never
 * the start. */
#include "fixture.h"

#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "writer/journal/cursor.h"
#include "writer/journal/folder.h"

#define SEGMENT_1 "segment-0000000000000001.log"
#define FIRST_AT  64
#define RECORD_IS 88 /* header 48, topic 7, payload 31, padding 2 */

static const char *const words = "0123456789012345678901234567890";

static void say_some(struct fixture *f, int count)
{
    for (int i = 0; i < count; i++)
        fixture_say(f, words);
}

/* --- killed at any moment --------------------------------------------------------- */

/* What the child has said about itself before it was killed. */
struct promised {
    _Atomic uint64_t acknowledged; /* number of the last record whose append returned */
};

static void append_until_killed(struct fixture *f, struct promised *promised, unsigned seed)
{
    char payload[3000];
    memset(payload, 'k', sizeof payload);
    uint64_t records, lost;
    fixture_open(f);
    struct journal_position end = fixture_read_all(f, &records, &lost);
    struct journal_reader *reader = NULL;
    if (journal_reader_open(f->journal, end, &reader) != ERR_OK)
        _exit(74);
    for (unsigned i = 0;; i++) {
        seed = seed * 1103515245u + 12345u;
        struct journal_record record = {.type = JOURNAL_MESSAGE,
                                        .qos = 1,
                                        .packet_id = (uint16_t)(i % 65535 + 1),
                                        .topic = TEXT("a/topic"),
                                        .payload = {payload, seed / 65536 % sizeof payload}};
        fixture_pass(f, 2000);
        if (journal_append(f->journal, &record) == JOURNAL_NO_ROOM)
            _exit(75);
        atomic_store(&promised->acknowledged, record.number);
        struct journal_record back;
        if (journal_read(reader, &back, &lost, NULL) != ERR_OK || back.number != record.number)
            _exit(76);
        if (i % 7 == 0 && journal_cursor_save(f->journal, journal_reader_position(reader), &i,
                                              sizeof i) != ERR_OK)
            _exit(77);
        if (i % 50 == 0 &&
            (journal_turn(f->journal, NULL) != ERR_OK ||
             journal_state_save(f->journal, journal_cursor(f->journal, NULL, 0, &(size_t){0}), i,
                                text_of("state")) != ERR_OK))
            _exit(78);
    }
}

static void nothing_acknowledged_is_lost_when_killed(void **state)
{
    struct fixture *f = *state;
    struct promised *promised =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(promised != MAP_FAILED);
    uint64_t before = 0;
    for (unsigned round = 0; round < 60; round++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            append_until_killed(f, promised, round);
            _exit(0);
        }
        uint64_t wanted = before + 8 + round * 37 % 400; /* dies somewhere behind this record */
        int status = 0;
        while (atomic_load(&promised->acknowledged) <= wanted)
            if (waitpid(child, &status, WNOHANG) != 0)
                fail_msg("the child ended by itself with %d", WEXITSTATUS(status));
        kill(child, SIGKILL);
        waitpid(child, &status, 0);
        assert_true(WIFSIGNALED(status));

        uint64_t promise = atomic_load(&promised->acknowledged), records, lost;
        fixture_open(f);
        assert_int_equal(fixture_figures(f).torn_bytes < 4096, 1);
        size_t size;
        unsigned outcome;
        struct journal_position cursor =
            journal_cursor(f->journal, &outcome, sizeof outcome, &size);
        assert_int_equal(size, sizeof outcome);
        assert_true(cursor.number + 7 > promise);
        struct journal_position end = fixture_read_all(f, &records, &lost);
        assert_true(end.number > promise);
        assert_true(end.number <= promise + 2); /* the one under way may be there too */
        assert_int_equal(lost, 0);
        assert_int_equal(fixture_figures(f).next_number, end.number);
        fixture_pass(f, 1000000);
        before = end.number;
        fixture_close(f);
    }
    munmap(promised, 4096);
}

/* --- a torn tail -------------------------------------------------------------------- */

static void make_image(struct fixture *f, int count)
{
    fixture_open(f);
    say_some(f, count);
    fixture_close(f);
}

static void expect(struct fixture *f, uint64_t records, uint64_t lost)
{
    uint64_t got_records, got_lost;
    fixture_read_all(f, &got_records, &got_lost);
    assert_int_equal(got_records, records);
    assert_int_equal(got_lost, lost);
}

/* As after a loss of power: the rest of the last record never reached the disk. */
static void the_last_record_torn_at_any_byte_costs_itself(void **state)
{
    struct fixture *f = *state;
    char whole[RECORD_IS], zeros[RECORD_IS] = {0};
    make_image(f, 4);
    const long last = FIRST_AT + 3 * RECORD_IS;
    fixture_peek(f, SEGMENT_1, last, whole, sizeof whole);
    for (int kept = 0; kept < RECORD_IS - 2; kept++) { /* the padding is zero anyway */
        fixture_poke(f, SEGMENT_1, last, whole, sizeof whole);
        fixture_poke(f, SEGMENT_1, last + kept, zeros, sizeof whole - (size_t)kept);
        fixture_open(f);
        /* A payload that ends in what a hole reads as would be whole: ours does not. */
        struct journal_figures figures = fixture_figures(f);
        expect(f, 3, figures.next_number - 4); /* the ring of repeats knew of number 4 */
        assert_int_equal(figures.torn_bytes > 0, kept > 0);
        assert_true(figures.torn_bytes <= RECORD_IS);
        say_some(f, 1);
        fixture_reopen(f);
        expect(f, 4, figures.next_number - 4); /* which is not given again */
        assert_int_equal(fixture_figures(f).torn_bytes, 0);
        fixture_close(f);
    }
}

static void the_last_record_flipped_at_any_byte_costs_itself(void **state)
{
    struct fixture *f = *state;
    char original[2 * RECORD_IS], found[RECORD_IS], zeros[RECORD_IS] = {0};
    make_image(f, 4);
    const long last = FIRST_AT + 3 * RECORD_IS;
    fixture_peek(f, SEGMENT_1, last, original, sizeof original);
    for (int at = 0; at < RECORD_IS - 2; at++) {
        fixture_poke(f, SEGMENT_1, last, original, sizeof original);
        fixture_flip(f, SEGMENT_1, last + at);
        fixture_open(f);
        expect(f, 3, fixture_figures(f).next_number - 4);
        assert_true(fixture_figures(f).torn_bytes > 0);
        fixture_peek(f, SEGMENT_1, last, found, sizeof found);
        assert_memory_equal(found, zeros, sizeof zeros); /* nobody takes it up again */
        fixture_close(f);
    }
}

static void a_file_cut_short_costs_what_was_cut(void **state)
{
    struct fixture *f = *state;
    char path[800];
    fixture_name(f, SEGMENT_1, path);
    for (int cut = 0; cut < RECORD_IS; cut += 5) {
        make_image(f, 4);
        assert_int_equal(truncate(path, FIRST_AT + 3 * RECORD_IS + cut), 0);
        fixture_open(f);
        expect(f, 3, fixture_figures(f).next_number - 4);
        fixture_close(f);
        struct stat status;
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_size, MIB); /* whole again: nothing can fault later */
        fixture_remove(f->path);
    }
}

/* --- damage in the middle ----------------------------------------------------------- */

static void a_flipped_byte_in_the_middle_costs_that_record(void **state)
{
    struct fixture *f = *state;
    make_image(f, 5);
    const long third = FIRST_AT + 2 * RECORD_IS;
    for (int at = 0; at < RECORD_IS - 2; at++) {
        fixture_flip(f, SEGMENT_1, third + at);
        fixture_open(f);
        expect(f, 4, 1);
        assert_int_equal(fixture_figures(f).damaged_records, 1);
        assert_int_equal(fixture_figures(f).torn_bytes, 0);
        fixture_close(f);
        fixture_flip(f, SEGMENT_1, third + at);
    }
}

static void the_damaged_record_is_the_only_one_missing(void **state)
{
    struct fixture *f = *state;
    struct journal_record record;
    struct err_reason why = {""};
    uint64_t lost = 0;
    make_image(f, 5);
    fixture_flip(f, SEGMENT_1, FIRST_AT + 2 * RECORD_IS + 60);
    fixture_open(f);
    struct journal_reader *reader = fixture_reader(f);
    static const uint64_t numbers[] = {1, 2, 0, 4, 5};
    for (size_t i = 0; i < 5; i++) {
        enum err e = journal_read(reader, &record, &lost, &why);
        assert_int_equal(e, numbers[i] ? ERR_OK : ERR_CORRUPT);
        if (numbers[i])
            assert_int_equal(record.number, numbers[i]);
    }
    assert_int_equal(lost, 1);
    assert_non_null(strstr(why.text, "segment 1"));
    journal_reader_close(reader);
}

static void a_lost_page_costs_the_records_in_it(void **state)
{
    struct fixture *f = *state;
    char zeros[4096] = {0};
    uint64_t records, lost;
    make_image(f, 400);
    fixture_poke(f, SEGMENT_1, 4096, zeros, sizeof zeros);
    fixture_open(f);
    fixture_read_all(f, &records, &lost);
    assert_int_equal(records + lost, 400);
    assert_in_range(lost, 4096 / RECORD_IS, 4096 / RECORD_IS + 2);
}

static void a_damaged_segment_header_costs_nothing(void **state)
{
    struct fixture *f = *state;
    make_image(f, 5);
    for (int at = 0; at < 64; at++) {
        fixture_flip(f, SEGMENT_1, at);
        fixture_open(f);
        expect(f, 5, 0);
        fixture_close(f);
        fixture_flip(f, SEGMENT_1, at);
    }
    for (int at = 0; at < 64; at++) {
        fixture_flip(f, SEGMENT_1, (long)MIB - 64 + at);
        fixture_open(f);
        expect(f, 5, 0);
        fixture_close(f);
        fixture_flip(f, SEGMENT_1, (long)MIB - 64 + at);
    }
}

static void a_segment_without_headers_costs_its_records(void **state)
{
    struct fixture *f = *state;
    char zeros[64] = {0};
    uint64_t records, lost;
    fixture_open(f);
    for (int i = 0; i < 5; i++)
        assert_int_equal(fixture_append(f, 400000), JOURNAL_APPENDED); /* two in a segment */
    fixture_close(f);
    fixture_poke(f, "segment-0000000000000002.log", 0, zeros, 64);
    fixture_poke(f, "segment-0000000000000002.log", (long)MIB - 64, zeros, 64);
    fixture_open(f);
    fixture_read_all(f, &records, &lost);
    assert_int_equal(records, 3);
    assert_int_equal(lost, 2);
    fixture_close(f);
    fixture_poke(f, "segment-0000000000000003.log", 0, zeros, 64);
    fixture_poke(f, "segment-0000000000000003.log", (long)MIB - 64, zeros, 64);
    fixture_open(f); /* the last one: numbers go on behind what it may have held */
    struct journal_record record = {.type = JOURNAL_TICK};
    assert_int_not_equal(journal_append(f->journal, &record), JOURNAL_NO_ROOM);
    assert_true(record.number > 5);
    fixture_read_all(f, &records, &lost);
    assert_int_equal(records, 3); /* two of the first segment, and the new one */
    assert_int_equal(records + lost, record.number);
}

static void a_missing_segment_is_told(void **state)
{
    struct fixture *f = *state;
    char path[800];
    uint64_t records, lost;
    fixture_open(f);
    for (int i = 0; i < 5; i++)
        assert_int_equal(fixture_append(f, 400000), JOURNAL_APPENDED);
    fixture_close(f);
    fixture_name(f, "segment-0000000000000002.log", path);
    assert_int_equal(unlink(path), 0);
    fixture_open(f);
    fixture_read_all(f, &records, &lost);
    assert_int_equal(records, 3);
    assert_int_equal(lost, 2);
}

/* The tail is gone, as after a loss of power, but the cursor's page had reached the disk. */
static void a_cursor_behind_the_end_waits_there(void **state)
{
    struct fixture *f = *state;
    static char zeros[10 * RECORD_IS];
    uint64_t records, lost;
    fixture_open(f);
    say_some(f, 10);
    struct journal_position end = fixture_read_all(f, &records, &lost);
    fixture_deliver(f, end);
    fixture_close(f);
    fixture_poke(f, SEGMENT_1, FIRST_AT + 4 * RECORD_IS, zeros, 6 * RECORD_IS);
    fixture_open(f);
    size_t size;
    struct journal_position cursor = journal_cursor(f->journal, NULL, 0, &size);
    assert_int_equal(cursor.number, end.number);
    assert_int_equal(cursor.offset, FIRST_AT + 4 * RECORD_IS);
    struct journal_record record = {.type = JOURNAL_TICK};
    assert_int_equal(journal_append(f->journal, &record), JOURNAL_APPENDED);
    assert_int_equal(record.number, end.number); /* never given twice */
    struct journal_reader *reader = NULL;
    assert_int_equal(journal_reader_open(f->journal, cursor, &reader), ERR_OK);
    assert_int_equal(journal_read(reader, &record, &lost, NULL), ERR_OK);
    assert_int_equal(record.number, end.number);
    journal_reader_close(reader);
    expect(f, 5, 6);
}

/* A sound file that lies: a cursor in an older segment, and behind its end. */
static void a_cursor_behind_its_segment_goes_by_its_number(void **state)
{
    struct fixture *f = *state;
    struct cursor cursor;
    int folder = -1;
    fixture_open(f);
    while (fixture_segments(f, NULL) < 3)
        assert_int_equal(fixture_append(f, 100000), JOURNAL_APPENDED);
    fixture_close(f);
    assert_int_equal(folder_open(f->path, false, &folder, NULL), ERR_OK);
    assert_int_equal(cursor_open(folder, &cursor, NULL), ERR_OK);
    const struct journal_position lie = {1, 4294852224u, 3};
    assert_int_equal(cursor_save(&cursor, lie, NULL, 0, false), ERR_OK);
    cursor_close(&cursor);
    close(folder);
    fixture_open(f);
    size_t size;
    struct journal_position where = journal_cursor(f->journal, NULL, 0, &size);
    assert_true(where.number <= 3 && where.offset < MIB); /* delivered again rather than not */
    assert_true(fixture_figures(f).undelivered_bytes <= f->max_bytes);
    assert_int_equal(fixture_append(f, 100), JOURNAL_APPENDED);
}

static void leftovers_of_a_crash_are_tidied(void **state)
{
    struct fixture *f = *state;
    static const char *const leftovers[] = {"segment.tmp", "state.tmp",
                                            "segment-00000000000000ff.log"};
    char path[800];
    make_image(f, 3);
    for (size_t i = 0; i < 3; i++) {
        fixture_name(f, leftovers[i], path);
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        fclose(file);
    }
    fixture_open(f);
    for (size_t i = 0; i < 3; i++) {
        fixture_name(f, leftovers[i], path);
        assert_int_equal(access(path, F_OK), -1);
    }
    expect(f, 3, 0);
}

int main(void)
{
#define JOURNAL_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        JOURNAL_TEST(nothing_acknowledged_is_lost_when_killed),
        JOURNAL_TEST(the_last_record_torn_at_any_byte_costs_itself),
        JOURNAL_TEST(the_last_record_flipped_at_any_byte_costs_itself),
        JOURNAL_TEST(a_file_cut_short_costs_what_was_cut),
        JOURNAL_TEST(a_flipped_byte_in_the_middle_costs_that_record),
        JOURNAL_TEST(the_damaged_record_is_the_only_one_missing),
        JOURNAL_TEST(a_lost_page_costs_the_records_in_it),
        JOURNAL_TEST(a_damaged_segment_header_costs_nothing),
        JOURNAL_TEST(a_segment_without_headers_costs_its_records),
        JOURNAL_TEST(a_missing_segment_is_told),
        JOURNAL_TEST(a_cursor_behind_the_end_waits_there),
        JOURNAL_TEST(a_cursor_behind_its_segment_goes_by_its_number),
        JOURNAL_TEST(leftovers_of_a_crash_are_tidied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
