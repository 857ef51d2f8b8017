/* The bound, the reserve, history and a full disk. */
#include "fixture.h"

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define CHUNK 10000

static uint64_t undelivered(struct fixture *f)
{
    return fixture_figures(f).undelivered_bytes;
}

/* Appends until an append says something else than `goes`; returns what it said. */
static enum journal_appended fill(struct fixture *f, enum journal_appended goes, size_t chunk)
{
    for (int i = 0; i < 100000; i++) {
        enum journal_appended said = fixture_append(f, chunk);
        if (said != goes)
            return said;
        if (i % 16 == 0)
            (void)!journal_turn(f->journal, NULL);
    }
    fail_msg("never full");
    return goes;
}

/* Delivers from the cursor on until at most `bytes` are undelivered. */
static void deliver_down_to(struct fixture *f, uint64_t bytes)
{
    struct journal_reader *reader = NULL;
    struct journal_record record;
    uint64_t lost;
    size_t size;
    struct journal_position from = journal_cursor(f->journal, NULL, 0, &size);
    assert_int_equal(journal_reader_open(f->journal, from, &reader), ERR_OK);
    while (undelivered(f) > bytes) {
        if (journal_read(reader, &record, &lost, NULL) != ERR_OK)
            break;
        fixture_deliver(f, journal_reader_position(reader));
    }
    journal_reader_close(reader);
}

static void the_reserve_is_signalled_and_used_to_the_end(void **state)
{
    struct fixture *f = *state;
    fixture_open(f);
    assert_int_equal(fill(f, JOURNAL_APPENDED, CHUNK), JOURNAL_IN_RESERVE);
    assert_true(fixture_figures(f).in_reserve);
    assert_in_range(undelivered(f), f->max_bytes * 3 / 4, f->max_bytes * 3 / 4 + 2 * CHUNK);

    assert_int_equal(fill(f, JOURNAL_IN_RESERVE, CHUNK), JOURNAL_NO_ROOM);
    assert_in_range(undelivered(f), f->max_bytes - 2 * CHUNK, f->max_bytes);
    assert_int_equal(fixture_append(f, CHUNK), JOURNAL_NO_ROOM);
    uint64_t records, lost, next = fixture_figures(f).next_number;
    fixture_read_all(f, &records, &lost);
    assert_int_equal(records, next - 1); /* what was refused took no number */
    assert_int_equal(lost, 0);

    deliver_down_to(f, 0);
    fixture_turn(f);
    assert_int_equal(fixture_append(f, CHUNK), JOURNAL_APPENDED);
    assert_false(fixture_figures(f).in_reserve);
}

static void the_reserve_is_left_when_half_is_free(void **state)
{
    struct fixture *f = *state;
    fixture_open(f);
    assert_int_equal(fill(f, JOURNAL_APPENDED, CHUNK), JOURNAL_IN_RESERVE);
    deliver_down_to(f, f->max_bytes * 6 / 10);
    assert_true(fixture_figures(f).in_reserve);
    assert_int_equal(fixture_append(f, CHUNK), JOURNAL_IN_RESERVE);
    deliver_down_to(f, f->max_bytes / 2 - CHUNK);
    assert_false(fixture_figures(f).in_reserve);
    assert_int_equal(fixture_append(f, 1), JOURNAL_APPENDED);
    fixture_reopen(f);
    assert_false(fixture_figures(f).in_reserve);
}

static void in_reserve_is_known_after_reopening(void **state)
{
    struct fixture *f = *state;
    fixture_open(f);
    assert_int_equal(fill(f, JOURNAL_APPENDED, CHUNK), JOURNAL_IN_RESERVE);
    fixture_reopen(f);
    assert_true(fixture_figures(f).in_reserve);
    assert_int_equal(fixture_append(f, CHUNK), JOURNAL_IN_RESERVE);
}

/* Ten times the bound passes through; history stays, the files stay within bound and one segment.
 */
static void run_through(struct fixture *f, unsigned mib, bool turning)
{
    struct journal_reader *reader = NULL;
    struct journal_record record;
    uint64_t lost, bytes;
    size_t size;
    struct journal_position from = journal_cursor(f->journal, NULL, 0, &size);
    assert_int_equal(journal_reader_open(f->journal, from, &reader), ERR_OK);
    for (unsigned i = 0; i < mib * 20; i++) {
        assert_int_equal(fixture_append(f, 50000), JOURNAL_APPENDED);
        assert_int_equal(journal_read(reader, &record, &lost, NULL), ERR_OK);
        fixture_deliver(f, journal_reader_position(reader));
        if (turning)
            fixture_turn(f);
        fixture_segments(f, &bytes);
        assert_true(bytes <= f->max_bytes + MIB);
    }
    journal_reader_close(reader);
}

static void history_is_kept_and_recycled_oldest_first(void **state)
{
    struct fixture *f = *state;
    uint64_t records, lost;
    for (int turning = 0; turning < 2; turning++) { /* without the turn the append does it */
        fixture_open(f);
        run_through(f, 40, turning);
        fixture_turn(f);
        struct journal_position end = fixture_read_all(f, &records, &lost);
        assert_int_equal(lost, 0);
        assert_in_range(records, 3 * 20, 5 * 21);
        assert_true(fixture_figures(f).history_bytes > 2 * MIB);
        fixture_reopen(f);
        uint64_t again;
        assert_int_equal(fixture_read_all(f, &again, &lost).number, end.number);
        assert_int_equal(again, records);
        assert_int_equal(fixture_figures(f).torn_bytes, 0);
        fixture_close(f);
    }
}

static void bytes_of_the_segment_before_are_never_read(void **state)
{
    struct fixture *f = *state;
    uint64_t records, lost;
    fixture_open(f);
    run_through(f, 20, true);      /* every segment has been used before */
    for (int i = 0; i < 30; i++) { /* small ones, so that old records lie behind the end */
        fixture_pass(f, 1000000);
        fixture_say(f, "small");
        uint64_t next = fixture_figures(f).next_number;
        fixture_reopen(f);
        assert_int_equal(fixture_figures(f).next_number, next);
        assert_int_equal(fixture_figures(f).torn_bytes, 0);
        assert_int_equal(fixture_read_all(f, &records, &lost).number, next);
        assert_int_equal(lost, 0);
    }
}

static void history_stays_that_the_state_needs(void **state)
{
    struct fixture *f = *state;
    uint64_t records, lost, hash;
    size_t size;
    char *bytes = NULL;
    struct journal_position position;
    fixture_open(f);
    fixture_say(f, "first");
    struct journal_position first = fixture_read_all(f, &records, &lost);
    fixture_deliver(f, first);
    assert_int_equal(journal_state_save(f->journal, first, 1, TEXT("s")), ERR_OK);
    unsigned appended = 0;
    while (fixture_append(f, 50000) != JOURNAL_NO_ROOM) { /* all is delivered at once */
        assert_true(++appended < 120);
        fixture_deliver(f, fixture_read_all(f, &records, &lost));
        assert_int_equal(lost, 0);
        fixture_turn(f);
    }
    assert_true(fixture_figures(f).in_reserve);
    assert_int_equal(undelivered(f), 0);
    uint64_t next = fixture_figures(f).next_number;
    fixture_reopen(f);
    assert_int_equal(journal_state_load(f->journal, &position, &hash, &bytes, &size), ERR_OK);
    free(bytes);
    struct journal_reader *reader = NULL;
    struct journal_record record;
    assert_int_equal(journal_reader_open(f->journal, position, &reader), ERR_OK);
    for (uint64_t number = first.number; number < next; number++) {
        assert_int_equal(journal_read(reader, &record, &lost, NULL), ERR_OK);
        assert_int_equal(record.number, number);
    }
    struct journal_position end = journal_reader_position(reader);
    journal_reader_close(reader);
    assert_int_equal(journal_state_save(f->journal, end, 1, TEXT("s")), ERR_OK);
    fixture_turn(f);
    assert_int_equal(fixture_append(f, 50000), JOURNAL_APPENDED);
}

static void a_segment_in_which_a_reader_stands_stays(void **state)
{
    struct fixture *f = *state;
    struct journal_record record;
    uint64_t records, lost, number;
    fixture_open(f);
    struct journal_reader *slow = fixture_reader(f);
    assert_int_equal(fixture_append(f, 50000), JOURNAL_APPENDED);
    for (int i = 0; i < 120 && fixture_append(f, 50000) != JOURNAL_NO_ROOM; i++) {
        fixture_deliver(f, fixture_read_all(f, &records, &lost));
        fixture_turn(f);
    }
    uint64_t next = fixture_figures(f).next_number;
    for (number = 1; number < next; number++) {
        assert_int_equal(journal_read(slow, &record, &lost, NULL), ERR_OK);
        assert_int_equal(record.number, number);
    }
    journal_reader_close(slow);
    fixture_turn(f);
    assert_int_equal(fixture_append(f, 50000), JOURNAL_APPENDED);
}

static void dropping_the_oldest_frees_half(void **state)
{
    struct fixture *f = *state;
    uint64_t dropped, lost, before;
    struct journal_record record;
    f->max_bytes = 8 * MIB;
    fixture_open(f);
    assert_int_equal(fill(f, JOURNAL_APPENDED, CHUNK), JOURNAL_IN_RESERVE);
    before = fixture_figures(f).next_number;
    struct journal_position to = journal_drop_oldest(f->journal, &dropped);
    assert_int_equal(dropped, to.number - 1);
    fixture_deliver(f, to);
    assert_in_range(undelivered(f), f->max_bytes / 4, f->max_bytes / 2);
    assert_int_equal(fixture_append(f, CHUNK), JOURNAL_APPENDED);
    struct journal_reader *reader = NULL;
    assert_int_equal(journal_reader_open(f->journal, to, &reader), ERR_OK);
    for (uint64_t number = to.number; number <= before; number++) {
        assert_int_equal(journal_read(reader, &record, &lost, NULL), ERR_OK);
        assert_int_equal(record.number, number);
    }
    journal_reader_close(reader);
    struct journal_position same = journal_drop_oldest(f->journal, &dropped);
    assert_int_equal(dropped, 0); /* half is free already */
    assert_int_equal(same.number, to.number);
}

static void history_goes_when_it_is_too_old(void **state)
{
    struct fixture *f = *state;
    uint64_t records, lost;
    f->max_age_s = 3600;
    fixture_open(f);
    run_through(f, 3, true);
    assert_true(fixture_segments(f, NULL) >= 4);
    fixture_pass(f, 3000 * CLOCK_NS_PER_S);
    fixture_turn(f);
    assert_true(fixture_segments(f, NULL) >= 4);
    fixture_pass(f, 1000 * CLOCK_NS_PER_S);
    fixture_turn(f);
    assert_int_equal(fixture_segments(f, NULL), 2); /* the current one and the spare */
    fixture_read_all(f, &records, &lost);
    assert_true(records < 21);
}

static void a_smaller_bound_gives_room_back(void **state)
{
    struct fixture *f = *state;
    uint64_t bytes, records, lost;
    f->max_bytes = 64 * MIB; /* segments of 4 MiB */
    fixture_open(f);
    for (int i = 0; i < 40; i++)
        assert_int_equal(fixture_append(f, 900000), JOURNAL_APPENDED);
    fixture_deliver(f, fixture_read_all(f, &records, &lost));
    fixture_close(f);
    f->max_bytes = 8 * MIB;
    fixture_open(f);
    fixture_turn(f);
    fixture_segments(f, &bytes);
    assert_true(bytes <= 9 * MIB);
    f->max_bytes = 8 * MIB;
    run_through(f, 30, true);
    fixture_read_all(f, &records, &lost);
    assert_int_equal(lost, 0);
}

static void a_backlog_is_not_kept_mapped(void **state)
{
    struct fixture *f = *state;
    char line[1000];
    int maps = 0;
    f->max_bytes = 32 * MIB;
    fixture_open(f);
    for (int i = 0; i < 300; i++) {
        assert_int_equal(fixture_append(f, 50000), JOURNAL_APPENDED);
        fixture_turn(f);
    }
    deliver_down_to(f, 3 * MIB);
    fixture_turn(f);
    FILE *file = fopen("/proc/self/maps", "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file))
        maps += strstr(line, "/segment-") != NULL;
    fclose(file);
    assert_in_range(maps, 2, 4); /* current, spare, and what was just read */
}

/* --- a full disk -------------------------------------------------------------------- */

/* A disk of 12 MiB of our own, when the system lets us have one. */
static bool mount_small(const struct fixture *f)
{
    int namespaces = CLONE_NEWNS | (geteuid() == 0 ? 0 : CLONE_NEWUSER);
    return unshare(namespaces) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("tmpfs", f->path, "tmpfs", 0, "size=12m,mode=700") == 0;
}

static void limit_files(rlim_t bytes)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
    setrlimit(RLIMIT_FSIZE, &limit);
}

static void disk_full(struct fixture *f, bool mounted)
{
    if (!mounted) {
        limit_files(512 << 10);
        return;
    }
    char path[800], bytes[4096] = {1};
    fixture_name(f, "ballast", path);
    FILE *ballast = fopen(path, "wb");
    while (ballast && fwrite(bytes, 1, sizeof bytes, ballast) == sizeof bytes && !fflush(ballast))
        continue;
    if (ballast)
        fclose(ballast);
}

static void disk_free(struct fixture *f, bool mounted)
{
    char path[800];
    fixture_name(f, "ballast", path);
    if (mounted)
        unlink(path);
    else
        limit_files(RLIM_INFINITY);
}

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            _exit(1);                                                                              \
        }                                                                                          \
    } while (0)

/* With an owner that takes its turns, or one that does not come to it. */
static void live_on_a_full_disk(struct fixture *f, bool mounted, bool turns)
{
    struct err_reason why = {""};
    uint64_t records, lost;
    CHECK(fixture_try_open(f, &why) == ERR_OK);
    for (int i = 0; i < 20; i++)
        CHECK(fixture_append(f, 50000) == JOURNAL_APPENDED);
    disk_full(f, mounted);
    enum journal_appended said;
    unsigned signalled = 0, appended = 0;
    while ((said = fixture_append(f, 50000)) != JOURNAL_NO_ROOM) {
        signalled += said == JOURNAL_IN_RESERVE;
        appended++;
        CHECK(appended < 100);
        if (!turns)
            continue;
        enum err e = journal_turn(f->journal, &why);
        CHECK(e == ERR_OK || (e == ERR_FULL && strstr(why.text, "no room")));
    }
    CHECK(signalled > 2); /* there was time to stop the intake */
    CHECK(fixture_figures(f).disk_full);
    CHECK(fixture_figures(f).in_reserve);
    struct journal_position end = fixture_read_all(f, &records, &lost);
    CHECK(records == 20 + appended && lost == 0);
    CHECK(journal_cursor_save(f->journal, end, NULL, 0) == ERR_OK);
    (void)!journal_turn(f->journal, NULL); /* history is room too */
    CHECK(fixture_append(f, 50000) != JOURNAL_NO_ROOM);
    journal_close(f->journal);
    CHECK(fixture_try_open(f, &why) == ERR_OK); /* and starting is possible */

    disk_free(f, mounted);
    fixture_pass(f, 2 * CLOCK_NS_PER_S); /* the disk is asked again after a second */
    CHECK(journal_turn(f->journal, &why) == ERR_OK);
    CHECK(!fixture_figures(f).disk_full);
    for (int i = 0; i < 30; i++)
        CHECK(fixture_append(f, 50000) == JOURNAL_APPENDED);
    journal_close(f->journal);
    _exit(0);
}

/* In a child: a mount of its own, and a signal (SIGBUS above all) would show. */
static void check_full_disk(struct fixture *f, bool with_mount, bool turns)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGXFSZ, SIG_IGN);
        live_on_a_full_disk(f, with_mount && mount_small(f), turns);
    }
    int status = 0;
    waitpid(child, &status, 0);
    assert_false(WIFSIGNALED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void a_full_disk_holds_and_goes_on(void **state)
{
    check_full_disk(*state, true, true);
}

static void a_limit_on_files_is_a_full_disk(void **state)
{
    check_full_disk(*state, false, true);
}

static void a_full_disk_is_known_before_the_owner_looks(void **state)
{
    check_full_disk(*state, true, false);
}

static void a_start_without_room_says_so(void **state)
{
    struct fixture *f = *state;
    struct err_reason why = {""};
    struct rlimit before;
    getrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, SIG_IGN);
    limit_files(512 << 10);
    enum err e = fixture_try_open(f, &why);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(e, ERR_FULL);
    assert_non_null(strstr(why.text, "no room"));
    fixture_open(f);
}

int main(void)
{
#define JOURNAL_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        JOURNAL_TEST(the_reserve_is_signalled_and_used_to_the_end),
        JOURNAL_TEST(the_reserve_is_left_when_half_is_free),
        JOURNAL_TEST(in_reserve_is_known_after_reopening),
        JOURNAL_TEST(history_is_kept_and_recycled_oldest_first),
        JOURNAL_TEST(bytes_of_the_segment_before_are_never_read),
        JOURNAL_TEST(history_stays_that_the_state_needs),
        JOURNAL_TEST(a_segment_in_which_a_reader_stands_stays),
        JOURNAL_TEST(dropping_the_oldest_frees_half),
        JOURNAL_TEST(history_goes_when_it_is_too_old),
        JOURNAL_TEST(a_smaller_bound_gives_room_back),
        JOURNAL_TEST(a_backlog_is_not_kept_mapped),
        JOURNAL_TEST(a_full_disk_holds_and_goes_on),
        JOURNAL_TEST(a_limit_on_files_is_a_full_disk),
        JOURNAL_TEST(a_full_disk_is_known_before_the_owner_looks),
        JOURNAL_TEST(a_start_without_room_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
