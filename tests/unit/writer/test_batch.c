/* Lines with where they came from: parts, slices, and the records they lead back to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "writer/batch.h"

static struct batch batch;

static void add(uint64_t record, const char *line)
{
    static uint64_t last;
    if (record != last || batch.record_count == 0)
        batch_record(&batch, (struct journal_position){.number = record});
    last = record;
    batch_add(&batch, text_of(line), 0);
}

static uint64_t record_of(const struct batch_part *part, size_t line)
{
    return batch.records[part->at[line].record].number;
}

static void assert_slice(const struct batch_part *part, size_t first, size_t count, const char *due)
{
    struct text slice = batch_slice(part, first, count);
    assert_int_equal(slice.len, strlen(due));
    assert_memory_equal(slice.at, due, slice.len);
}

static int close_batch(void **state)
{
    (void)state;
    batch_close(&batch);
    return 0;
}

static void slices_are_whole_lines_in_order(void **state)
{
    (void)state;
    batch_open(&batch, 1);
    add(7, "a v=1 1\n");
    add(7, "b v=22 2\n");
    add(9, "c v=333 3\n");
    const struct batch_part *part = &batch.parts[0];
    assert_slice(part, 0, 3, "a v=1 1\nb v=22 2\nc v=333 3\n");
    assert_slice(part, 0, 1, "a v=1 1\n");
    assert_slice(part, 1, 1, "b v=22 2\n");
    assert_slice(part, 1, 2, "b v=22 2\nc v=333 3\n");
    assert_slice(part, 2, 1, "c v=333 3\n");
    assert_int_equal(batch.line_count, 3);
    assert_int_equal(batch.line_bytes, 27);
    assert_int_equal(record_of(part, 0), 7);
    assert_int_equal(record_of(part, 1), 7);
    assert_int_equal(record_of(part, 2), 9);
}

static void records_without_lines_take_no_room(void **state)
{
    (void)state;
    batch_open(&batch, 4);
    for (uint64_t number = 1; number <= 100000; number++)
        batch_record(&batch, (struct journal_position){.number = number});
    batch_add(&batch, TEXT("a v=1 1\n"), 0);
    for (uint64_t number = 100001; number <= 100500; number++)
        batch_record(&batch, (struct journal_position){.number = number});
    batch_add(&batch, TEXT("a v=1 2\n"), 0);
    assert_int_equal(batch.record_count, 2);
    for (unsigned i = 0; i < 4; i++) {
        if (batch.parts[i].count == 0)
            continue;
        assert_int_equal(batch.parts[i].count, 2); /* one series */
        assert_int_equal(record_of(&batch.parts[i], 0), 100000);
        assert_int_equal(record_of(&batch.parts[i], 1), 100500);
    }
}

/* The part in which the line lies. */
static unsigned part_of(const char *line)
{
    size_t before[BATCH_PARTS];
    for (unsigned i = 0; i < BATCH_PARTS; i++)
        before[i] = batch.parts[i].count;
    add(1, line);
    for (unsigned i = 0; i < BATCH_PARTS; i++)
        if (batch.parts[i].count != before[i])
            return i;
    fail();
    return 0;
}

static void a_series_always_goes_to_the_same_part(void **state)
{
    (void)state;
    unsigned used = 0;
    batch_open(&batch, BATCH_PARTS);
    for (unsigned i = 0; i < 200; i++) {
        char first[80], second[80];
        /* the space in the tag is escaped and belongs to the series, the fields do not */
        snprintf(first, sizeof first, "m,room=living\\ %u v=1 1\n", i);
        snprintf(second, sizeof second, "m,room=living\\ %u w=\"other words\" 2\n", i);
        unsigned part = part_of(first);
        assert_int_equal(part_of(second), part);
        used |= 1u << part;
    }
    assert_int_equal(used, 0xf); /* and the load is spread */
    size_t sum = 0;
    for (unsigned i = 0; i < BATCH_PARTS; i++)
        sum += batch.parts[i].count;
    assert_int_equal(sum, batch.line_count);
    assert_int_equal(part_of("no_space"), part_of("no_space"));
    assert_int_equal(part_of("ends\\"), part_of("ends\\"));
}

static void one_part_takes_everything(void **state)
{
    (void)state;
    batch_open(&batch, 1);
    for (unsigned i = 0; i < 50; i++) {
        char line[32];
        snprintf(line, sizeof line, "m%u v=1 1\n", i);
        assert_int_equal(part_of(line), 0);
    }
}

static void a_line_of_no_record_fails_the_batch(void **state)
{
    (void)state;
    batch_open(&batch, 1);
    batch_add(&batch, TEXT("a v=1 1\n"), 0);
    assert_true(batch.failed);
    assert_int_equal(batch.line_count, 0);
    batch_reset(&batch);
    assert_false(batch.failed);
}

static void arrival_times_are_summed_exactly_enough(void **state)
{
    (void)state;
    const int64_t begin_ns = 1792000000123456789;
    batch_open(&batch, 1);
    for (unsigned i = 0; i < 1000; i++)
        batch_message(&batch, begin_ns + (int64_t)i * 1024);
    assert_int_equal(batch.messages, 1000);
    assert_true(batch.first_arrival_ns == begin_ns);
    assert_true(batch.arrival_offset_ns == 1024.0 * 999 * 1000 / 2);
}

static void a_batch_that_is_reset_is_as_new(void **state)
{
    (void)state;
    batch_open(&batch, BATCH_PARTS);
    add(3, "a v=1 1\n");
    batch_message(&batch, 5);
    batch.end.number = 9;
    batch.whole = true;
    batch_reset(&batch);
    assert_int_equal(batch.line_count + batch.line_bytes + batch.record_count + batch.messages, 0);
    assert_false(batch.whole);
    assert_int_equal(batch.end.number, 0);
    assert_int_equal(batch.part_count, BATCH_PARTS);
    batch_message(&batch, 7);
    assert_true(batch.first_arrival_ns == 7 && batch.arrival_offset_ns == 0);
}

#define TEST(f) cmocka_unit_test_teardown(f, close_batch)

static void each_destination_has_its_own_parts(void **state)
{
    (void)state;
    batch_open(&batch, 1);
    batch_record(&batch, (struct journal_position){.number = 1});
    batch_add(&batch, TEXT("a v=1 1\n"), 0);
    batch_add(&batch, TEXT("e v=1 1\n"), 2);
    batch_record(&batch, (struct journal_position){.number = 2});
    batch_record(&batch, (struct journal_position){.number = 3});
    batch_add(&batch, TEXT("e v=2 2\n"), 2);
    assert_int_equal(batch.parts_end, 2 * BATCH_PARTS + 1);
    assert_slice(&batch.parts[0], 0, 1, "a v=1 1\n");
    assert_slice(&batch.parts[2 * BATCH_PARTS], 0, 2, "e v=1 1\ne v=2 2\n");
    assert_int_equal(record_of(&batch.parts[2 * BATCH_PARTS], 1), 3);
    assert_int_equal(batch.parts[BATCH_PARTS].count, 0);
    batch_reset(&batch);
    assert_int_equal(batch.parts[2 * BATCH_PARTS].count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(slices_are_whole_lines_in_order),       TEST(records_without_lines_take_no_room),
        TEST(a_series_always_goes_to_the_same_part), TEST(one_part_takes_everything),
        TEST(a_line_of_no_record_fails_the_batch),   TEST(arrival_times_are_summed_exactly_enough),
        TEST(a_batch_that_is_reset_is_as_new),       TEST(each_destination_has_its_own_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
