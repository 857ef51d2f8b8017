/* Lines that wait on disk: in their order, within the bound, over the death of the process, and
 * with files that were cut or changed. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "writer/parking.h"

#define MAX_BYTES (1u << 20)
#define ALL       1000000

struct world {
    char folder[64], inside[80];
    struct parking *parking;
    uint64_t lost;
    unsigned next; /* number of the next line that is parked */
    struct buf lines;
};

static void open_with(struct world *w, const struct parking_mark *mark, uint64_t max_bytes)
{
    const struct parking_options options = {.folder = w->inside, .max_bytes = max_bytes};
    struct err_reason why = {""};
    if (parking_open(&options, mark, &w->parking, &w->lost, &why) != ERR_OK)
        fail_msg("%s", why.text);
}

/* As after a death: what the mark says is all that is known. */
static void reopen(struct world *w, struct parking_mark mark)
{
    parking_close(w->parking);
    open_with(w, &mark, MAX_BYTES);
}

static int open_world(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    snprintf(w->folder, sizeof w->folder, "/tmp/hearthline-test-XXXXXX");
    assert_non_null(mkdtemp(w->folder));
    snprintf(w->inside, sizeof w->inside, "%s/parked/energy", w->folder);
    open_with(w, NULL, MAX_BYTES);
    *state = w;
    return 0;
}

static int close_world(void **state)
{
    struct world *w = *state;
    char command[128];
    parking_close(w->parking);
    buf_free(&w->lines);
    snprintf(command, sizeof command, "rm -rf %s", w->folder);
    int failed = system(command);
    free(w);
    return failed;
}

static enum err try_park(struct world *w, unsigned count, unsigned width)
{
    struct buf lines = {0};
    for (unsigned i = 0; i < count; i++)
        buf_printf(&lines, "m v=%0*u\n", (int)width, w->next + i);
    enum err e = parking_append(w->parking, buf_view(&lines), count);
    if (e == ERR_OK)
        w->next += count;
    buf_free(&lines);
    return e;
}

static void park(struct world *w, unsigned count)
{
    assert_int_equal(try_park(w, count, 6), ERR_OK);
}

static struct parking_mark cover(struct world *w)
{
    assert_int_equal(parking_cover(w->parking), ERR_OK);
    return parking_mark(w->parking);
}

/* Takes out up to `max` lines and holds them against the numbers that are due. */
static size_t take(struct world *w, size_t max, unsigned due)
{
    size_t count = 0;
    buf_reset(&w->lines);
    parking_take(w->parking, max, ALL, &w->lines, &count);
    const char *at = buf_cstr(&w->lines);
    for (size_t i = 0; i < count; i++, at = strchr(at, '\n') + 1) {
        unsigned number = 0;
        assert_int_equal(sscanf(at, "m v=%u\n", &number), 1);
        assert_int_equal(number, due + i);
    }
    assert_int_equal(*at, '\0');
    return count;
}

static void take_all(struct world *w, unsigned due, unsigned end)
{
    while (due < end) {
        size_t count = take(w, ALL, due);
        assert_true(count > 0);
        assert_int_equal(parking_settle(w->parking), 0);
        due += (unsigned)count;
    }
    assert_int_equal(due, end);
    assert_int_equal(take(w, ALL, 0), 0);
    parking_put_back(w->parking);
}

static void file_path(const struct world *w, unsigned number, char *path, size_t size)
{
    snprintf(path, size, "%s/%016x.lines", w->inside, number);
}

static bool has_file(const struct world *w, unsigned number)
{
    char path[128];
    file_path(w, number, path, sizeof path);
    return access(path, F_OK) == 0;
}

/* --- the order ---------------------------------------------------------------- */

static void lines_come_out_as_they_went_in(void **state)
{
    struct world *w = *state;
    for (unsigned i = 1; i <= 100; i++)
        park(w, i);
    assert_int_equal(take(w, ALL, 0), 0); /* nothing is covered yet */
    assert_int_equal(cover(w).points, 5050);
    assert_int_equal(take(w, 3, 0), 3); /* blocks of one and two */
    parking_put_back(w->parking);
    assert_int_equal(take(w, 5, 0), 3);
    assert_int_equal(parking_settle(w->parking), 0);
    assert_int_equal(take(w, 1, 3), 3); /* a block is taken whole */
    assert_int_equal(parking_settle(w->parking), 0);
    assert_int_equal(parking_mark(w->parking).points, 5044);
    take_all(w, 6, 5050);
    assert_true(parking_empty(w->parking));
    parking_tidy(w->parking);
    assert_int_equal(parking_bytes(w->parking), 0);
    assert_false(has_file(w, 1));
}

static void what_is_not_covered_is_not_taken(void **state)
{
    struct world *w = *state;
    park(w, 10);
    cover(w);
    park(w, 10);
    assert_int_equal(take(w, ALL, 0), 10);
    assert_int_equal(parking_settle(w->parking), 0);
    assert_int_equal(take(w, ALL, 0), 0);
    assert_false(parking_empty(w->parking));
    cover(w);
    take_all(w, 10, 20);
    park(w, 5);
    cover(w);
    take_all(w, 20, 25);
}

/* --- the death of the process --------------------------------------------------- */

static void a_death_takes_back_what_was_not_covered(void **state)
{
    struct world *w = *state;
    struct parking_mark mark = cover(w);
    park(w, 7);
    reopen(w, mark);
    assert_true(parking_empty(w->parking));
    w->next = 0;
    park(w, 7);
    mark = cover(w);
    park(w, 9);
    reopen(w, mark);
    assert_int_equal(w->lost, 0);
    assert_int_equal(parking_mark(w->parking).points, 7);
    w->next = 7;
    park(w, 9); /* made again of the same records */
    cover(w);
    take_all(w, 0, 16);
}

static void a_death_sends_again_what_was_sent_and_not_saved(void **state)
{
    struct world *w = *state;
    park(w, 7);
    park(w, 8);
    struct parking_mark before = cover(w);
    assert_int_equal(take(w, 7, 0), 7);
    assert_int_equal(parking_settle(w->parking), 0);
    struct parking_mark after = parking_mark(w->parking);
    reopen(w, before);
    take_all(w, 0, 15);
    reopen(w, after); /* the file is still there: it was not tidied up */
    assert_int_equal(w->lost, 0);
    take_all(w, 7, 15);
    struct parking_mark end = parking_mark(w->parking);
    reopen(w, end);
    assert_true(parking_empty(w->parking));
    assert_false(has_file(w, 1));
}

static void the_batch_that_is_given_up_is_taken_back(void **state)
{
    struct world *w = *state;
    park(w, 3);
    cover(w);
    unsigned before = w->next;
    while (parking_bytes(w->parking) < MAX_BYTES / 2) /* over several files */
        park(w, 1000);
    parking_uncover(w->parking);
    assert_int_equal(parking_mark(w->parking).points, 3);
    w->next = before;
    park(w, 4);
    cover(w);
    take_all(w, 0, 7);
    park(w, 2);
    parking_uncover(w->parking);
    assert_true(parking_empty(w->parking));
}

/* The file goes on behind what was taken back, in other blocks and then in another file. */
static void what_was_taken_back_does_not_come_again_after_a_death(void **state)
{
    struct world *w = *state;
    park(w, 3);
    cover(w);
    park(w, 4);
    park(w, 5);
    parking_uncover(w->parking);
    w->next = 3;
    park(w, 4);
    cover(w);
    unsigned file = 1;
    while (!has_file(w, file + 1)) { /* a block that fits in no file that has one */
        assert_int_equal(try_park(w, 2016, 60), ERR_OK);
        cover(w);
    }
    struct parking_mark mark = parking_mark(w->parking);
    reopen(w, mark);
    assert_int_equal(parking_mark(w->parking).points, mark.points);
    assert_int_equal(take(w, ALL, 0), 7);
    assert_int_equal(parking_settle(w->parking), 0);
    take_all(w, 7, w->next);
}

/* For want of descriptors, say: what is there is not lost. */
static void a_file_that_cannot_be_opened_now_waits_on(void **state)
{
    struct world *w = *state;
    struct rlimit limit, none;
    park(w, 3);
    cover(w);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = limit;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    size_t count = take(w, ALL, 0);
    uint64_t lost = parking_settle(w->parking);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_int_equal(count + lost, 0);
    take_all(w, 0, 3);
}

/* A disk that is full in the middle of a block. */
static void what_the_disk_does_not_take_is_not_there(void **state)
{
    struct world *w = *state;
    struct rlimit limit, small;
    park(w, 3);
    struct parking_mark mark = cover(w);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    small = limit;
    small.rlim_cur = parking_bytes(w->parking) + 30;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    enum err e = try_park(w, 5, 6);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_int_equal(e, ERR_IO);
    assert_int_equal(cover(w).points, 3);
    reopen(w, mark);
    park(w, 5);
    mark = cover(w);
    reopen(w, mark);
    take_all(w, 0, 8);
}

static void without_a_mark_all_that_is_there_waits(void **state)
{
    struct world *w = *state;
    while (parking_bytes(w->parking) < MAX_BYTES / 2)
        park(w, 1000);
    parking_close(w->parking);
    open_with(w, NULL, MAX_BYTES);
    assert_int_equal(w->lost, 0);
    take_all(w, 0, w->next);
}

/* --- the bound ------------------------------------------------------------------ */

static unsigned park_until_full(struct world *w)
{
    unsigned blocks = 0;
    enum err e;
    while ((e = try_park(w, 100, 60)) == ERR_OK)
        blocks++;
    assert_int_equal(e, ERR_FULL);
    assert_true(parking_bytes(w->parking) <= MAX_BYTES);
    return blocks;
}

static void the_bound_holds_and_the_oldest_go_first(void **state)
{
    struct world *w = *state;
    uint64_t points = 100 * (uint64_t)park_until_full(w);
    assert_true(points * 67 > MAX_BYTES * 3 / 4); /* most of the bound can be used */
    assert_int_equal(parking_drop_oldest(w->parking),
                     0); /* not covered: their records come again */
    cover(w);
    uint64_t dropped = parking_drop_oldest(w->parking);
    assert_true(dropped > 0 && dropped < points / 4);
    assert_int_equal(parking_mark(w->parking).points, points - dropped);
    assert_int_equal(try_park(w, 100, 60), ERR_FULL); /* until the mark is saved */
    parking_tidy(w->parking);
    assert_int_equal(try_park(w, 100, 60), ERR_OK);
    assert_true(parking_bytes(w->parking) <= MAX_BYTES);
    cover(w);
    take_all(w, (unsigned)dropped, w->next);
}

static void what_is_being_sent_is_not_given_up(void **state)
{
    struct world *w = *state;
    park_until_full(w);
    cover(w);
    assert_int_equal(take(w, 100, 0), 100);
    assert_int_equal(parking_drop_oldest(w->parking), 0);
    parking_put_back(w->parking);
    assert_true(parking_drop_oldest(w->parking) > 0);
}

/* --- damage ----------------------------------------------------------------------- */

static void change_file(const struct world *w, unsigned number, long offset, int with)
{
    char path[128];
    file_path(w, number, path, sizeof path);
    FILE *file = fopen(path, "r+");
    assert_non_null(file);
    fseek(file, offset, SEEK_SET);
    int was = fgetc(file);
    fseek(file, offset, SEEK_SET);
    fputc(was ^ with, file);
    fclose(file);
}

/* Every line comes out as it was or is counted as lost, whatever byte is wrong. */
static void read_damaged(struct world *w, uint64_t points)
{
    uint64_t got = 0, lost = w->lost;
    for (unsigned rounds = 0; parking_mark(w->parking).points > 0; rounds++) {
        size_t count = 0;
        assert_true(rounds < 100);
        buf_reset(&w->lines);
        parking_take(w->parking, 4, ALL, &w->lines, &count);
        got += count;
        lost += parking_settle(w->parking);
        for (size_t i = 0; i < w->lines.len; i += 11)
            assert_memory_equal(w->lines.data + i, "m v=0000", 8);
    }
    assert_int_equal(got + lost, points);
    assert_true(lost > 0);
}

static struct parking_mark park_small_blocks(struct world *w)
{
    w->next = 0;
    for (unsigned i = 0; i < 6; i++)
        park(w, 3);
    return cover(w);
}

static void a_flipped_byte_costs_what_cannot_be_read_and_is_counted(void **state)
{
    struct world *w = *state;
    uint64_t bytes = 6 * (20 + 3 * 11);
    for (long at = 0; at < (long)bytes; at++) {
        struct parking_mark mark = park_small_blocks(w);
        assert_int_equal(parking_bytes(w->parking), bytes);
        parking_close(w->parking);
        change_file(w, (unsigned)mark.begin.file, at, 1 << (at % 8));
        open_with(w, &mark, MAX_BYTES);
        read_damaged(w, 18);
        parking_tidy(w->parking);
    }
}

static void a_byte_that_flips_while_it_waits_is_found_too(void **state)
{
    struct world *w = *state;
    for (long at = 0; at < 6 * (20 + 3 * 11); at++) {
        struct parking_mark mark = park_small_blocks(w);
        park(w, 2); /* of the batch under way: still there when the rest is lost */
        change_file(w, (unsigned)mark.begin.file, at, 0x80);
        w->lost = 0;
        read_damaged(w, 18);
        assert_int_equal(cover(w).points, 2);
        assert_int_equal(take(w, ALL, 18), 2);
        assert_int_equal(parking_settle(w->parking), 0);
        parking_tidy(w->parking);
    }
}

static void a_cut_file_costs_its_end_and_is_counted(void **state)
{
    struct world *w = *state;
    for (long size = 0; size < 6 * (20 + 3 * 11); size += 7) {
        char path[128];
        struct parking_mark mark = park_small_blocks(w);
        parking_close(w->parking);
        file_path(w, (unsigned)mark.begin.file, path, sizeof path);
        assert_int_equal(truncate(path, size), 0);
        open_with(w, &mark, MAX_BYTES);
        assert_int_equal(w->lost, 18 - 3 * (size / (20 + 3 * 11)));
        read_damaged(w, 18);
        parking_tidy(w->parking);
    }
}

static void files_that_were_taken_away_are_counted(void **state)
{
    struct world *w = *state;
    char command[128];
    while (parking_bytes(w->parking) < MAX_BYTES / 2)
        park(w, 1000);
    struct parking_mark mark = cover(w);
    parking_close(w->parking);
    snprintf(command, sizeof command, "rm -r %s", w->inside);
    assert_int_equal(system(command), 0);
    open_with(w, &mark, MAX_BYTES);
    assert_int_equal(w->lost, w->next);
    assert_true(parking_empty(w->parking));
}

/* Names that are none of ours are left alone. */
static void strange_files_are_passed_over(void **state)
{
    struct world *w = *state;
    static const char *const names[] = {"x.lines", "1.lines", "000000000000000g.lines", "notes"};
    char path[160];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", w->inside, names[i]);
        fclose(fopen(path, "w"));
    }
    park(w, 4);
    struct parking_mark mark = cover(w);
    reopen(w, mark);
    take_all(w, 0, 4);
    parking_tidy(w->parking);
    assert_int_equal(access(path, F_OK), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(lines_come_out_as_they_went_in),
        TEST(what_is_not_covered_is_not_taken),
        TEST(a_death_takes_back_what_was_not_covered),
        TEST(a_death_sends_again_what_was_sent_and_not_saved),
        TEST(the_batch_that_is_given_up_is_taken_back),
        TEST(what_was_taken_back_does_not_come_again_after_a_death),
        TEST(a_file_that_cannot_be_opened_now_waits_on),
        TEST(what_the_disk_does_not_take_is_not_there),
        TEST(without_a_mark_all_that_is_there_waits),
        TEST(the_bound_holds_and_the_oldest_go_first),
        TEST(what_is_being_sent_is_not_given_up),
        TEST(a_flipped_byte_costs_what_cannot_be_read_and_is_counted),
        TEST(a_byte_that_flips_while_it_waits_is_found_too),
        TEST(a_cut_file_costs_its_end_and_is_counted),
        TEST(files_that_were_taken_away_are_counted),
        TEST(strange_files_are_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
