/* Readers beside an appending thread, readers in another process, and waking up. */
#include "fixture.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#define EACH 20000

/* --- two threads append, one reads, saves and turns ------------------------------------ */

struct shared {
    struct journal *journal;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned woken;
    _Atomic unsigned refused;
};

static void wake(void *context)
{
    struct shared *shared = context;
    pthread_mutex_lock(&shared->lock);
    shared->woken++;
    pthread_cond_signal(&shared->changed);
    pthread_mutex_unlock(&shared->lock);
}

/* Sleeps until woken; false when nobody did for ten seconds, which would be a lost call. */
static bool sleep_until_woken(struct shared *shared)
{
    struct timespec until;
    int code = 0;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 10;
    pthread_mutex_lock(&shared->lock);
    while (shared->woken == 0 && code == 0)
        code = pthread_cond_timedwait(&shared->changed, &shared->lock, &until);
    shared->woken = 0;
    pthread_mutex_unlock(&shared->lock);
    return code == 0;
}

static void *append_many(void *context)
{
    struct shared *shared = context;
    char payload[400];
    memset(payload, 'm', sizeof payload);
    for (unsigned i = 0; i < EACH; i++) {
        struct journal_record record = {
            .type = JOURNAL_MESSAGE, .topic = TEXT("t"), .payload = {payload, i % sizeof payload}};
        while (journal_append(shared->journal, &record) == JOURNAL_NO_ROOM) {
            atomic_fetch_add(&shared->refused, 1);
            nanosleep(&(struct timespec){0, 100000}, NULL);
        }
        if (i % 1000 == 0) /* let the reader come to the end and sleep */
            nanosleep(&(struct timespec){0, 2000000}, NULL);
    }
    return NULL;
}

static void nothing_is_lost_between_threads(void **state)
{
    struct fixture *f = *state;
    struct shared shared = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    pthread_t threads[2];
    struct journal_options options = {
        .path = f->path, .max_bytes = f->max_bytes, .clock = clock_system()};
    assert_int_equal(journal_open(&options, &f->journal, NULL), ERR_OK);
    shared.journal = f->journal;
    journal_set_wake(f->journal, wake, &shared);
    struct journal_reader *reader = fixture_reader(f);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, append_many, &shared), 0);

    uint64_t number = 0, lost;
    int64_t last_ns = 0;
    unsigned sleeps = 0;
    while (number < 2 * EACH) {
        struct journal_record record;
        enum err e = journal_read(reader, &record, &lost, NULL);
        if (e == ERR_OK) {
            assert_int_equal(record.number, ++number);
            assert_true(record.arrival_ns >= last_ns + 1024);
            last_ns = record.arrival_ns;
        } else {
            assert_int_equal(e, ERR_NOT_FOUND);
        }
        if (e == ERR_NOT_FOUND || number % 500 == 0) {
            fixture_deliver(f, journal_reader_position(reader));
            fixture_turn(f);
        }
        if (e == ERR_NOT_FOUND && journal_wait_wanted(f->journal, reader)) {
            sleeps++;
            assert_true(sleep_until_woken(&shared));
        }
    }
    assert_true(sleeps > 0);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(fixture_figures(f).next_number, 2 * EACH + 1);
    journal_reader_close(reader);
}

static unsigned calls;

static void count_call(void *context)
{
    (void)context;
    calls++;
}

static void wake_is_called_only_when_it_is_wanted(void **state)
{
    struct fixture *f = *state;
    struct journal_record record;
    uint64_t lost;
    fixture_open(f);
    journal_set_wake(f->journal, count_call, NULL);
    struct journal_reader *reader = fixture_reader(f);
    calls = 0;
    fixture_say(f, "nobody waits");
    assert_int_equal(calls, 0);
    assert_false(journal_wait_wanted(f->journal, reader)); /* there is something to read */
    fixture_say(f, "still nobody");
    assert_int_equal(calls, 0);
    while (journal_read(reader, &record, &lost, NULL) == ERR_OK)
        continue;
    assert_true(journal_wait_wanted(f->journal, reader));
    fixture_say(f, "wakes");
    fixture_say(f, "once");
    assert_int_equal(calls, 1);
    journal_reader_close(reader);
}

/* --- positions ------------------------------------------------------------------------- */

static void reading_begins_anywhere(void **state)
{
    struct fixture *f = *state;
    struct journal_position positions[12];
    struct journal_record record;
    uint64_t lost;
    fixture_open(f);
    for (int i = 0; i < 12; i++)
        assert_int_not_equal(fixture_append(f, 200000), JOURNAL_NO_ROOM); /* five in a segment */
    struct journal_reader *reader = fixture_reader(f);
    for (size_t i = 0; i < 12; i++) {
        positions[i] = journal_reader_position(reader);
        assert_int_equal(journal_read(reader, &record, &lost, NULL), ERR_OK);
    }
    journal_reader_close(reader);
    for (size_t i = 0; i < 12; i++) {
        assert_int_equal(journal_reader_open(f->journal, positions[i], &reader), ERR_OK);
        assert_int_equal(journal_read(reader, &record, &lost, NULL), ERR_OK);
        assert_int_equal(record.number, i + 1);
        journal_reader_close(reader);
    }
}

static void impossible_positions_do_no_harm(void **state)
{
    struct fixture *f = *state;
    static const struct journal_position positions[] = {
        {1, 65, 1},          {1, 0, 1},      {1, 1 << 20, 1},
        {1, UINT32_MAX, 2},  {2, 64, 2},     {99, 64, 2},
        {0, 0, 2},           {1, 64, 999},   {1, 64, UINT64_MAX},
        {UINT64_MAX, 64, 3}, {1, 64 + 8, 1}, {UINT64_MAX, UINT32_MAX, UINT64_MAX},
    };
    struct journal_record record;
    uint64_t lost, steps;
    fixture_open(f);
    for (int i = 0; i < 3; i++)
        fixture_say(f, "here");
    for (size_t i = 0; i < sizeof positions / sizeof positions[0]; i++) {
        struct journal_reader *reader = NULL;
        assert_int_equal(journal_reader_open(f->journal, positions[i], &reader), ERR_OK);
        enum err e;
        for (steps = 0; (e = journal_read(reader, &record, &lost, NULL)) != ERR_NOT_FOUND; steps++)
            assert_true((e == ERR_OK || e == ERR_CORRUPT) && steps < 10);
        assert_int_equal(journal_reader_position(reader).number, 4);
        fixture_say(f, "and on"); /* whatever it was, it goes on */
        assert_int_equal(journal_read(reader, &record, &lost, NULL), ERR_OK);
        journal_reader_close(reader);
        fixture_close(f);
        fixture_remove(f->path);
        fixture_open(f);
        for (int j = 0; j < 3; j++)
            fixture_say(f, "here");
    }
}

static void a_position_older_than_history_tells_what_is_gone(void **state)
{
    struct fixture *f = *state;
    struct journal_record record;
    uint64_t records, lost, number;
    fixture_open(f);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(fixture_append(f, 200000), JOURNAL_APPENDED);
        fixture_deliver(f, fixture_read_all(f, &records, &lost));
        fixture_turn(f);
    }
    struct journal_reader *reader = NULL;
    assert_int_equal(journal_reader_open(f->journal, (struct journal_position){1, 64, 1}, &reader),
                     ERR_OK);
    assert_int_equal(journal_read(reader, &record, &lost, NULL), ERR_CORRUPT);
    assert_int_equal(journal_read(reader, &record, &number, NULL), ERR_OK);
    assert_int_equal(record.number, lost + 1);
    assert_int_equal(record.number + records, 101);
    journal_reader_close(reader);
}

/* --- the viewer ------------------------------------------------------------------------- */

static void a_viewer_sees_and_changes_nothing(void **state)
{
    struct fixture *f = *state, view = *f;
    struct journal_record record = {.type = JOURNAL_TICK};
    uint64_t lost;
    size_t size;
    assert_int_equal(journal_open_viewer(f->path, &view.journal, NULL), ERR_NOT_FOUND);
    fixture_open(f);
    fixture_say(f, "one");
    assert_int_equal(journal_open_viewer(f->path, &view.journal, NULL), ERR_OK);
    assert_string_equal(journal_id(view.journal), journal_id(f->journal));
    struct journal_reader *reader = fixture_reader(&view);
    assert_int_equal(journal_read(reader, &record, &lost, NULL), ERR_OK);
    assert_true(text_equal(record.payload, TEXT("one")));
    assert_int_equal(journal_read(reader, &record, &lost, NULL), ERR_NOT_FOUND);
    fixture_say(f, "two");
    assert_int_equal(journal_read(reader, &record, &lost, NULL), ERR_OK);
    assert_true(text_equal(record.payload, TEXT("two")));

    struct journal_position end = journal_reader_position(reader);
    assert_int_equal(journal_append(view.journal, &record), JOURNAL_NO_ROOM);
    assert_int_equal(journal_cursor_save(view.journal, end, NULL, 0), ERR_REFUSED);
    assert_int_equal(journal_state_save(view.journal, end, 0, TEXT("")), ERR_REFUSED);
    assert_int_equal(journal_cursor(view.journal, NULL, 0, &size).number, 0);
    fixture_deliver(f, end);
    assert_int_equal(journal_cursor(view.journal, NULL, 0, &size).number, end.number);
    assert_int_equal(fixture_figures(&view).next_number, 2); /* when it was opened */
    journal_reader_close(reader);
    journal_close(view.journal);
}

struct followed {
    _Atomic uint64_t ended; /* 0, then the number after the last record */
    _Atomic uint64_t seen;  /* what the viewer read and lost */
    _Atomic uint64_t lost;
};

static void follow(struct fixture *f, struct followed *followed)
{
    struct journal *journal = NULL;
    struct journal_reader *reader = NULL;
    struct journal_record record;
    uint64_t number = 1, lost;
    if (journal_open_viewer(f->path, &journal, NULL) != ERR_OK ||
        journal_reader_open(journal, (struct journal_position){0}, &reader) != ERR_OK)
        _exit(1);
    number = journal_reader_position(reader).number;
    atomic_store(&followed->seen, number - 1);
    for (;;) {
        uint64_t ended = atomic_load(&followed->ended);
        enum err e = journal_read(reader, &record, &lost, NULL);
        if (e == ERR_OK) {
            if (record.number != number || record.payload.len == 0)
                _exit(2);
            for (size_t i = 1; i < record.payload.len; i++) /* all bytes of one record */
                if (record.payload.at[i] != record.payload.at[0])
                    _exit(3);
            number++;
            atomic_fetch_add(&followed->seen, 1);
        } else if (e == ERR_CORRUPT) {
            number += lost;
            atomic_fetch_add(&followed->lost, lost);
        } else if (e != ERR_NOT_FOUND) {
            _exit(4);
        } else if (ended == number) {
            _exit(0);
        }
    }
}

/* The writer goes round its four segments many times while another process follows. */
static void a_viewer_follows_while_segments_are_recycled(void **state)
{
    struct fixture *f = *state;
    struct followed *followed =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(followed != MAP_FAILED);
    static char payload[20000];
    fixture_open(f);
    fixture_append(f, 1);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        follow(f, followed);
    struct journal_reader *reader = fixture_reader(f);
    struct journal_record record;
    uint64_t lost;
    int status = 0;
    for (unsigned i = 0; i < 3000; i++) {
        memset(payload, (int)('a' + i % 26), sizeof payload);
        record = (struct journal_record){.type = JOURNAL_MESSAGE,
                                         .topic = TEXT("t"),
                                         .payload = {payload, 1 + i * 7919 % sizeof payload}};
        assert_int_equal(journal_append(f->journal, &record), JOURNAL_APPENDED);
        while (journal_read(reader, &record, &lost, NULL) == ERR_OK)
            continue;
        fixture_deliver(f, journal_reader_position(reader));
        fixture_turn(f);
    }
    atomic_store(&followed->ended, fixture_figures(f).next_number);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_false(WIFSIGNALED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_int_equal(followed->seen + followed->lost, 3001);
    assert_true(followed->seen > 50);
    journal_reader_close(reader);
    munmap(followed, 4096);
}

int main(void)
{
#define JOURNAL_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        JOURNAL_TEST(nothing_is_lost_between_threads),
        JOURNAL_TEST(wake_is_called_only_when_it_is_wanted),
        JOURNAL_TEST(reading_begins_anywhere),
        JOURNAL_TEST(impossible_positions_do_no_harm),
        JOURNAL_TEST(a_position_older_than_history_tells_what_is_gone),
        JOURNAL_TEST(a_viewer_sees_and_changes_nothing),
        JOURNAL_TEST(a_viewer_follows_while_segments_are_recycled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
