/* Cursor and state: old or new after a crash, never something between. */
#include "fixture.h"

#include "writer/journal/cursor.h"
#include "writer/journal/folder.h"
#include "writer/journal/state.h"

static void assert_position(struct journal_position a, struct journal_position b)
{
    assert_int_equal(a.segment, b.segment);
    assert_int_equal(a.offset, b.offset);
    assert_int_equal(a.number, b.number);
}

static int open_folder(const struct fixture *f)
{
    int folder = -1;
    assert_int_equal(folder_open(f->path, false, &folder, NULL), ERR_OK);
    return folder;
}

static struct cursor_saved reopened(int folder)
{
    struct cursor cursor;
    assert_int_equal(cursor_open(folder, &cursor, NULL), ERR_OK);
    struct cursor_saved saved = cursor.saved;
    cursor_close(&cursor);
    return saved;
}

static void a_new_cursor_is_nothing(void **state)
{
    struct fixture *f = *state;
    int folder = open_folder(f);
    struct cursor_saved saved = reopened(folder);
    assert_int_equal(saved.generation, 0);
    assert_int_equal(saved.position.number, 0);
    assert_int_equal(saved.size, 0);
    close(folder);
}

static void what_is_saved_comes_back(void **state)
{
    struct fixture *f = *state;
    int folder = open_folder(f);
    struct cursor cursor;
    char outcomes[JOURNAL_OUTCOMES_MAX + 1];
    memset(outcomes, 'o', sizeof outcomes);
    assert_int_equal(cursor_open(folder, &cursor, NULL), ERR_OK);
    for (uint32_t i = 1; i < 10; i++) {
        size_t size = i == 5 ? JOURNAL_OUTCOMES_MAX : i;
        struct journal_position position = {i, 64 * i, 1000 + i};
        assert_int_equal(cursor_save(&cursor, position, outcomes, size, i % 2), ERR_OK);
        struct cursor_saved saved = reopened(folder);
        assert_position(saved.position, position);
        assert_int_equal(saved.size, size);
        assert_memory_equal(saved.outcomes, outcomes, size);
    }
    struct journal_position position = {1, 64, 1};
    assert_int_equal(cursor_save(&cursor, position, outcomes, sizeof outcomes, false),
                     ERR_TOO_LARGE);
    assert_int_equal(reopened(folder).position.number, 1009);
    cursor_close(&cursor);
    close(folder);
}

/* A crash while the newer slot was written: any number of its bytes are there. */
static void a_torn_slot_leaves_the_one_before(void **state)
{
    struct fixture *f = *state;
    int folder = open_folder(f);
    struct cursor cursor;
    char before[CURSOR_FILE_BYTES], after[CURSOR_FILE_BYTES], torn[CURSOR_FILE_BYTES];
    assert_int_equal(cursor_open(folder, &cursor, NULL), ERR_OK);
    for (uint32_t i = 1; i <= 3; i++) {
        memcpy(before, cursor.map, sizeof before);
        char outcome[4] = {(char)i, (char)i, (char)i, (char)i};
        struct journal_position position = {1, 1000 * i, i};
        assert_int_equal(cursor_save(&cursor, position, outcome, 4, false), ERR_OK);
    }
    memcpy(after, cursor.map, sizeof after);
    cursor_close(&cursor);
    close(folder);
    const size_t slot = CURSOR_SLOT_BYTES; /* the third save lies in the second slot */
    for (size_t written = 0; written < 64; written++) {
        memcpy(torn, before, sizeof torn);
        memcpy(torn + slot, after + slot, written);
        struct cursor_saved saved = {0};
        assert_true(cursor_pick(torn, &saved));
        bool whole = memcmp(torn, after, sizeof torn) == 0;
        assert_int_equal(saved.position.number, whole ? 3 : 2);
        assert_int_equal(saved.outcomes[0], whole ? 3 : 2);
    }
    for (size_t at = 0; at < 44; at++) { /* and any bit may flip in it */
        memcpy(torn, after, sizeof torn);
        torn[slot + at] ^= 1;
        struct cursor_saved saved = {0};
        assert_true(cursor_pick(torn, &saved));
        assert_int_equal(saved.position.number, 2);
    }
}

static void a_damaged_cursor_goes_back_to_the_state(void **state)
{
    struct fixture *f = *state;
    uint64_t records, lost;
    size_t size;
    fixture_open(f);
    fixture_say(f, "one");
    struct journal_position one = fixture_read_all(f, &records, &lost);
    fixture_deliver(f, one);
    assert_int_equal(journal_state_save(f->journal, one, 1, TEXT("s")), ERR_OK);
    fixture_say(f, "two");
    fixture_deliver(f, fixture_read_all(f, &records, &lost));
    fixture_close(f);
    fixture_flip(f, "cursor", 8);
    fixture_flip(f, "cursor", 4096 + 8);
    fixture_open(f);
    assert_int_equal(journal_cursor(f->journal, NULL, 0, &size).number, one.number);
    assert_int_equal(size, 0);
}

static void cursor_and_outcomes_go_together_through_the_journal(void **state)
{
    struct fixture *f = *state;
    uint64_t records, lost;
    size_t size;
    char outcomes[8] = "";
    fixture_open(f);
    assert_int_equal(journal_cursor(f->journal, outcomes, sizeof outcomes, &size).number, 0);
    assert_int_equal(size, 0);
    fixture_say(f, "one");
    fixture_say(f, "two");
    struct journal_position end = fixture_read_all(f, &records, &lost);
    assert_int_equal(journal_cursor_save(f->journal, end, "seven", 5), ERR_OK);
    struct journal_position beyond = {end.segment, end.offset, end.number + 1};
    assert_int_equal(journal_cursor_save(f->journal, beyond, "x", 1), ERR_INVALID);
    fixture_reopen(f);
    struct journal_position cursor = journal_cursor(f->journal, outcomes, sizeof outcomes, &size);
    assert_position(cursor, end);
    assert_int_equal(size, 5);
    assert_memory_equal(outcomes, "seven", 5);
    assert_int_equal(fixture_figures(f).undelivered_bytes, 0);
    assert_int_equal(fixture_figures(f).oldest_undelivered_ns, 0);
    assert_true(fixture_figures(f).history_bytes > 0);
}

/* --- the state --------------------------------------------------------------------- */

static void the_state_is_replaced_as_a_whole(void **state)
{
    struct fixture *f = *state;
    struct journal_position position;
    uint64_t hash, records, lost;
    size_t size;
    char *bytes = NULL;
    fixture_open(f);
    assert_int_equal(journal_state_load(f->journal, &position, &hash, &bytes, &size),
                     ERR_NOT_FOUND);
    fixture_say(f, "one");
    struct journal_position end = fixture_read_all(f, &records, &lost);
    assert_int_equal(journal_state_save(f->journal, end, 1, TEXT("ahead")), ERR_INVALID);
    fixture_deliver(f, end);
    static const char *const states[] = {"", "short", "a longer state than the one before"};
    for (uint64_t i = 0; i < 3; i++) {
        assert_int_equal(journal_state_save(f->journal, end, i, text_of(states[i])), ERR_OK);
        fixture_reopen(f);
        assert_int_equal(journal_state_load(f->journal, &position, &hash, &bytes, &size), ERR_OK);
        assert_int_equal(hash, i);
        assert_position(position, end);
        assert_int_equal(size, strlen(states[i]));
        assert_memory_equal(bytes, states[i], size);
        free(bytes);
    }
}

static void a_crash_while_saving_leaves_the_old_state(void **state)
{
    struct fixture *f = *state;
    struct journal_position position;
    uint64_t hash;
    size_t size;
    char *bytes = NULL, path[800];
    fixture_open(f);
    assert_int_equal(journal_state_save(f->journal, (struct journal_position){0}, 9, TEXT("old")),
                     ERR_OK);
    fixture_name(f, "state.tmp", path);
    FILE *half = fopen(path, "wb");
    assert_non_null(half);
    fputs("HLJSTATE half of it", half);
    fclose(half);
    fixture_reopen(f);
    assert_int_equal(journal_state_load(f->journal, &position, &hash, &bytes, &size), ERR_OK);
    assert_int_equal(hash, 9);
    free(bytes);
}

static void a_damaged_state_is_known(void **state)
{
    struct fixture *f = *state;
    struct journal_position position;
    uint64_t hash;
    size_t size;
    char *bytes = NULL, path[800];
    fixture_open(f);
    assert_int_equal(journal_state_save(f->journal, (struct journal_position){0}, 9, TEXT("state")),
                     ERR_OK);
    for (long at = 0; at < 64 + 5; at++) {
        fixture_flip(f, "state", at);
        assert_int_equal(journal_state_load(f->journal, &position, &hash, &bytes, &size),
                         ERR_CORRUPT);
        fixture_reopen(f); /* and no failure at the start */
        fixture_flip(f, "state", at);
    }
    fixture_name(f, "state", path);
    for (off_t length = 68; length >= 0; length -= 4) {
        assert_int_equal(truncate(path, length), 0);
        assert_int_equal(journal_state_load(f->journal, &position, &hash, &bytes, &size),
                         ERR_CORRUPT);
    }
}

int main(void)
{
#define JOURNAL_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        JOURNAL_TEST(a_new_cursor_is_nothing),
        JOURNAL_TEST(what_is_saved_comes_back),
        JOURNAL_TEST(a_torn_slot_leaves_the_one_before),
        JOURNAL_TEST(a_damaged_cursor_goes_back_to_the_state),
        JOURNAL_TEST(cursor_and_outcomes_go_together_through_the_journal),
        JOURNAL_TEST(the_state_is_replaced_as_a_whole),
        JOURNAL_TEST(a_crash_while_saving_leaves_the_old_state),
        JOURNAL_TEST(a_damaged_state_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
