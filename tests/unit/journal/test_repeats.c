/* What the broker sends again is recognised, and nothing else is. */
#include "fixture.h"

#include "writer/journal/repeats.h"

/* --- the ring alone, by scripts --------------------------------------------------- */

enum act { END, CONNECT, RESUME, SENT, AGAIN, BACKLOG };

/* One line of a script. SENT: new, DUP 0. AGAIN: DUP, in the log already. BACKLOG: DUP and new. */
struct line {
    enum act act;
    uint16_t id;
    uint32_t crc;
};

static const struct line scripts[][24] = {
    /* nothing comes again without a connection */
    {{SENT, 1, 10}, {BACKLOG, 1, 10}},
    /* resent in order, then new ones */
    {{CONNECT, 0, 0},
     {SENT, 1, 10},
     {SENT, 2, 20},
     {SENT, 3, 30},
     {RESUME, 0, 0},
     {AGAIN, 2, 20},
     {AGAIN, 3, 30},
     {SENT, 4, 40}},
    /* the broker has all our acknowledgements: a backlog of new messages, DUP set */
    {{CONNECT, 0, 0},
     {SENT, 1, 10},
     {RESUME, 0, 0},
     {BACKLOG, 2, 20},
     {BACKLOG, 3, 30},
     {BACKLOG, 2, 20}},
    /* repeats first, then the backlog; what equals an older record there is new all the same */
    {{CONNECT, 0, 0},
     {SENT, 1, 10},
     {SENT, 2, 20},
     {RESUME, 0, 0},
     {AGAIN, 1, 10},
     {AGAIN, 2, 20},
     {BACKLOG, 3, 30},
     {BACKLOG, 1, 10}},
    /* session lost: the same id and content are a new message */
    {{CONNECT, 0, 0},
     {SENT, 1, 10},
     {SENT, 2, 20},
     {CONNECT, 0, 0},
     {BACKLOG, 1, 10},
     {SENT, 2, 20}},
    {{CONNECT, 0, 0},
     {SENT, 1, 10},
     {CONNECT, 0, 0},
     {SENT, 5, 50},
     {RESUME, 0, 0},
     {BACKLOG, 1, 10}},
    /* equal contents, told apart by id; equal ids, told apart by content */
    {{CONNECT, 0, 0},
     {SENT, 1, 77},
     {SENT, 2, 77},
     {SENT, 3, 77},
     {RESUME, 0, 0},
     {AGAIN, 2, 77},
     {AGAIN, 3, 77},
     {BACKLOG, 4, 77}},
    {{CONNECT, 0, 0}, {SENT, 1, 10}, {RESUME, 0, 0}, {BACKLOG, 1, 11}},
    /* wrapped ids: the newest of two equal ones is meant */
    {{CONNECT, 0, 0},
     {SENT, 1, 10},
     {SENT, 2, 20},
     {SENT, 1, 10},
     {SENT, 3, 30},
     {RESUME, 0, 0},
     {AGAIN, 1, 10},
     {AGAIN, 3, 30},
     {BACKLOG, 2, 20}},
    /* a message that was kept back, and is not DUP therefore, before those that come again or among
       them */
    {{CONNECT, 0, 0},
     {SENT, 1, 10},
     {SENT, 2, 20},
     {RESUME, 0, 0},
     {SENT, 3, 30},
     {AGAIN, 1, 10},
     {AGAIN, 2, 20},
     {BACKLOG, 4, 40}},
    {{CONNECT, 0, 0},
     {SENT, 1, 10},
     {SENT, 2, 20},
     {RESUME, 0, 0},
     {AGAIN, 1, 10},
     {SENT, 3, 30},
     {AGAIN, 2, 20}},
    /* it came behind the others then, but comes again before them */
    {{CONNECT, 0, 0},
     {SENT, 1, 10},
     {SENT, 2, 20},
     {SENT, 4, 40},
     {SENT, 5, 50},
     {RESUME, 0, 0},
     {AGAIN, 2, 20},
     {SENT, 3, 30},
     {AGAIN, 4, 40},
     {AGAIN, 5, 50},
     {RESUME, 0, 0},
     {AGAIN, 2, 20},
     {AGAIN, 3, 30},
     {AGAIN, 4, 40},
     {AGAIN, 5, 50},
     {BACKLOG, 6, 60},
     {BACKLOG, 3, 30},
     {BACKLOG, 4, 40}},
    /* it comes again first of all */
    {{CONNECT, 0, 0},
     {SENT, 1, 10},
     {SENT, 2, 20},
     {SENT, 4, 40},
     {SENT, 5, 50},
     {RESUME, 0, 0},
     {SENT, 3, 30},
     {RESUME, 0, 0},
     {AGAIN, 3, 30},
     {AGAIN, 4, 40},
     {AGAIN, 5, 50},
     {BACKLOG, 6, 60},
     {BACKLOG, 4, 40}},
    /* it was sent, but did not arrive */
    {{CONNECT, 0, 0},
     {SENT, 1, 10},
     {SENT, 3, 30},
     {RESUME, 0, 0},
     {AGAIN, 1, 10},
     {BACKLOG, 2, 20},
     {AGAIN, 3, 30}},
    /* taken for an old one of the same id and content: the others are told apart all the same */
    {{CONNECT, 0, 0},
     {SENT, 1, 10},
     {SENT, 2, 21},
     {SENT, 3, 30},
     {RESUME, 0, 0},
     {AGAIN, 1, 10},
     {BACKLOG, 2, 20},
     {BACKLOG, 3, 30}},
    /* an older record with the same id and content, before what waits */
    {{CONNECT, 0, 0},
     {SENT, 1, 10},
     {SENT, 2, 20},
     {SENT, 3, 30},
     {RESUME, 0, 0},
     {AGAIN, 2, 20},
     {AGAIN, 3, 30},
     {BACKLOG, 1, 10},
     {BACKLOG, 2, 20}},
    /* the same again and again */
    {{CONNECT, 0, 0},
     {SENT, 1, 10},
     {SENT, 2, 20},
     {RESUME, 0, 0},
     {AGAIN, 1, 10},
     {AGAIN, 2, 20},
     {RESUME, 0, 0},
     {AGAIN, 1, 10},
     {AGAIN, 2, 20},
     {RESUME, 0, 0},
     {AGAIN, 1, 10},
     {AGAIN, 2, 20},
     {RESUME, 0, 0},
     {AGAIN, 1, 10},
     {AGAIN, 2, 20},
     {SENT, 3, 30},
     {RESUME, 0, 0},
     {AGAIN, 2, 20},
     {AGAIN, 3, 30}},
    /* cut off in the middle of resending */
    {{CONNECT, 0, 0},
     {SENT, 1, 10},
     {SENT, 2, 20},
     {SENT, 3, 30},
     {RESUME, 0, 0},
     {AGAIN, 1, 10},
     {RESUME, 0, 0},
     {AGAIN, 1, 10},
     {AGAIN, 2, 20},
     {AGAIN, 3, 30},
     {BACKLOG, 4, 40}},
};

static struct repeats *open_ring(const struct fixture *f)
{
    char path[800];
    struct repeats *repeats = NULL;
    fixture_name(f, "repeats", path);
    assert_int_equal(repeats_open(path, &repeats, NULL), ERR_OK);
    return repeats;
}

static void play(struct repeats *repeats, const struct line *line, uint64_t *number)
{
    if (line->act == CONNECT || line->act == RESUME) {
        repeats_connack(repeats, line->act == RESUME, ++*number);
        return;
    }
    bool repeat = repeats_check(repeats, line->id, line->act != SENT, line->crc);
    if (repeat != (line->act == AGAIN))
        fail_msg("id %u is %s", line->id, repeat ? "taken for a repeat" : "not recognised");
    if (!repeat)
        repeats_add(repeats, line->id, line->crc, ++*number);
}

static void scripted_sequences(void **state)
{
    struct fixture *f = *state;
    char path[800];
    fixture_name(f, "repeats", path);
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++)
        for (int reopening = 0; reopening < 2; reopening++) {
            struct repeats *repeats = open_ring(f);
            uint64_t number = 0;
            for (size_t j = 0; j < 24 && scripts[i][j].act != END; j++) {
                if (reopening && scripts[i][j].act == RESUME) { /* as if we had been away */
                    repeats_close(repeats);
                    repeats = open_ring(f);
                    assert_int_equal(repeats_covered(repeats), number);
                }
                play(repeats, &scripts[i][j], &number);
            }
            repeats_close(repeats);
            unlink(path);
        }
}

static void the_ring_wraps(void **state)
{
    struct fixture *f = *state;
    struct repeats *repeats = open_ring(f);
    uint64_t number = 1;
    repeats_connack(repeats, false, number);
    for (uint32_t i = 0; i < REPEATS_RING + 1000; i++)
        repeats_add(repeats, (uint16_t)(i % 65535 + 1), i, ++number);
    repeats_connack(repeats, true, ++number);
    assert_false(repeats_check(repeats, 1000, true, 999)); /* fell out */
    repeats_connack(repeats, true, ++number);
    for (uint32_t i = 1000; i < REPEATS_RING + 1000; i++)
        assert_true(repeats_check(repeats, (uint16_t)(i % 65535 + 1), true, i));
    assert_false(repeats_check(repeats, 1, true, 5));
    assert_int_equal(repeats_counted(repeats), REPEATS_RING);
    repeats_close(repeats);
}

static void a_killed_process_leaves_the_ring_whole(void **state)
{
    struct fixture *f = *state, copy = *f;
    snprintf(copy.path, sizeof copy.path, "/tmp/journal-test-XXXXXX");
    assert_non_null(mkdtemp(copy.path));
    struct repeats *repeats = open_ring(f);
    repeats_connack(repeats, false, 1);
    for (uint16_t i = 1; i < 6; i++) {
        repeats_add(repeats, i, i, i + 1u);
        fixture_copy(f->path, copy.path); /* not closed, same run of the machine */
        struct repeats *found = open_ring(&copy);
        assert_int_equal(repeats_covered(found), i + 1u);
        repeats_connack(found, true, 99);
        assert_true(repeats_check(found, 1, true, 1));
        repeats_close(found);
    }
    fixture_copy(f->path, copy.path);
    fixture_poke(&copy, "repeats", 16, "another run of the machine, surely!!", 36);
    struct repeats *found = open_ring(&copy);
    assert_int_equal(repeats_covered(found), 0);
    repeats_close(found);
    repeats_close(repeats);
    fixture_remove(copy.path);
}

/* --- through the journal ------------------------------------------------------------- */

static bool message(struct fixture *f, uint16_t id, bool dup, uint8_t qos, const char *words)
{
    bool repeated = true;
    struct journal_record record = {.type = JOURNAL_MESSAGE,
                                    .qos = qos,
                                    .packet_id = id,
                                    .flags = dup ? JOURNAL_DUP : 0,
                                    .topic = TEXT("t"),
                                    .payload = text_of(words)};
    assert_int_equal(journal_append_message(f->journal, &record, &repeated), JOURNAL_APPENDED);
    return repeated;
}

static void connack(struct fixture *f, bool present)
{
    assert_int_equal(journal_connack(f->journal, present), JOURNAL_APPENDED);
}

static void repeats_are_dropped_before_the_append(void **state)
{
    struct fixture *f = *state;
    uint64_t records, lost;
    fixture_open(f);
    connack(f, false);
    assert_false(message(f, 1, false, 1, "one"));
    assert_false(message(f, 0, false, 0, "at most once"));
    assert_false(message(f, 2, false, 1, "two"));
    fixture_reopen(f);
    connack(f, true);
    assert_true(message(f, 1, true, 1, "one"));
    assert_false(message(f, 0, false, 0, "at most once")); /* QoS 0 has no part in it */
    assert_true(message(f, 2, true, 1, "two"));
    assert_false(message(f, 3, true, 1, "three"));
    assert_int_equal(fixture_figures(f).repeated, 2);
    fixture_reopen(f);
    assert_int_equal(fixture_figures(f).repeated, 2);
    fixture_read_all(f, &records, &lost);
    assert_int_equal(records, 7);
}

/* A crash after the append and before the ring heard of it, or without the ring at all. */
static void the_ring_is_made_good_from_the_log(void **state)
{
    struct fixture *f = *state;
    char ring[800], kept[810];
    fixture_name(f, "repeats", ring);
    snprintf(kept, sizeof kept, "%s.kept", ring);
    for (int missing = 0; missing < 3; missing++) {
        fixture_open(f);
        connack(f, false);
        assert_false(message(f, 1, false, 1, "one"));
        fixture_copy_file(ring, kept);
        assert_false(message(f, 2, false, 1, "two"));
        assert_false(message(f, 0, false, 0, "nothing"));
        assert_false(message(f, 3, false, 2, "three"));
        fixture_close(f);
        if (missing == 0)
            assert_int_equal(rename(kept, ring), 0);
        else if (missing == 1)
            assert_int_equal(unlink(ring), 0);
        else
            fixture_poke(f, "repeats", 0, "damaged", 7);
        fixture_open(f);
        connack(f, true);
        assert_true(message(f, 1, true, 1, "one"));
        assert_true(message(f, 2, true, 1, "two"));
        assert_true(message(f, 3, true, 2, "three"));
        assert_false(message(f, 4, true, 1, "four"));
        fixture_close(f);
        fixture_remove(f->path);
    }
}

static void a_lost_session_is_found_in_the_log_too(void **state)
{
    struct fixture *f = *state;
    char ring[800];
    fixture_name(f, "repeats", ring);
    fixture_open(f);
    connack(f, false);
    assert_false(message(f, 1, false, 1, "one"));
    connack(f, false);
    assert_false(message(f, 7, false, 1, "seven"));
    fixture_close(f);
    assert_int_equal(unlink(ring), 0);
    fixture_open(f);
    connack(f, true);
    assert_false(message(f, 1, true, 1, "one"));
    connack(f, true);
    assert_true(message(f, 1, true, 1, "one"));
}

/* A loss of power after a clean end: the ring was synced, the log's last record was not. */
static void what_the_log_has_lost_is_taken_when_it_comes_again(void **state)
{
    struct fixture *f = *state;
    uint64_t records, lost;
    struct journal_record record;
    char zeros[48] = {0};
    fixture_open(f);
    connack(f, false);
    assert_false(message(f, 1, false, 1, "one"));
    struct journal_position end = fixture_read_all(f, &records, &lost);
    assert_false(message(f, 2, false, 1, "two"));
    fixture_close(f);
    fixture_poke(f, "segment-0000000000000001.log", (long)end.offset, zeros, sizeof zeros);
    fixture_open(f);
    connack(f, true);
    assert_true(message(f, 1, true, 1, "one"));
    assert_false(message(f, 2, true, 1, "two"));
    struct journal_reader *reader = NULL;
    assert_int_equal(journal_reader_open(f->journal, end, &reader), ERR_OK);
    assert_int_equal(journal_read(reader, &record, &lost, NULL), ERR_CORRUPT);
    assert_int_equal(lost, 1);
    assert_int_equal(journal_read(reader, &record, &lost, NULL), ERR_OK); /* the CONNACK */
    assert_int_equal(journal_read(reader, &record, &lost, NULL), ERR_OK);
    assert_true(text_equal(record.payload, TEXT("two")));
    journal_reader_close(reader);
}

static void a_cut_message_is_recognised(void **state)
{
    struct fixture *f = *state;
    char ring[800];
    char *words = malloc((2 << 20) + 1);
    assert_non_null(words);
    memset(words, 'w', 2 << 20);
    words[2 << 20] = '\0';
    fixture_name(f, "repeats", ring);
    fixture_open(f);
    connack(f, false);
    assert_false(message(f, 1, false, 1, words));
    connack(f, true);
    assert_true(message(f, 1, true, 1, words));
    fixture_close(f);
    assert_int_equal(unlink(ring), 0);
    fixture_open(f);
    connack(f, true);
    words[(2 << 20) - 1] = 'x'; /* behind what is kept: the CRC knows */
    assert_false(message(f, 1, true, 1, words));
    free(words);
}

int main(void)
{
#define JOURNAL_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        JOURNAL_TEST(scripted_sequences),
        JOURNAL_TEST(the_ring_wraps),
        JOURNAL_TEST(a_killed_process_leaves_the_ring_whole),
        JOURNAL_TEST(repeats_are_dropped_before_the_append),
        JOURNAL_TEST(the_ring_is_made_good_from_the_log),
        JOURNAL_TEST(a_lost_session_is_found_in_the_log_too),
        JOURNAL_TEST(what_the_log_has_lost_is_taken_when_it_comes_again),
        JOURNAL_TEST(a_cut_message_is_recognised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
