#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/clock.h"
#include "influx/line.h"
#include "writer/shape/rollup.h"

#define S     CLOCK_NS_PER_S
#define START (1732100000LL * S) /* a whole 10 s, and 200 s into a 5-minute window */

struct lines {
    struct buf text;
};

static void take(void *context, const struct point *point)
{
    struct lines *lines = context;
    unsigned cleaned;
    assert_int_equal(line_encode(point, &lines->text, &cleaned, NULL), ERR_OK);
}

static struct rollup_figures one(uint64_t points, uint64_t rejected, uint64_t bytes)
{
    return (struct rollup_figures){1, points, rejected, bytes};
}

static void windows_are_written_once_when_a_later_record_closes_them(void **state)
{
    (void)state;
    struct rollup *rollup = rollup_new();
    struct lines lines = {0};
    struct rollup_sink sink = {&lines, take};
    unsigned slot = rollup_slot(rollup, TEXT("reading"));
    rollup_advance(rollup, START + 1, &sink);
    rollup_count(rollup, slot, one(2, 0, 100));
    rollup_advance(rollup, START + 9 * S, &sink);
    rollup_count(rollup, slot, one(1, 1, 50));
    assert_int_equal(lines.text.len, 0);
    rollup_advance(rollup, START + 10 * S, &sink);
    assert_string_equal(buf_cstr(&lines.text),
                        "ingest_rollup,source=reading events=2i,points=3i,rejected=1i,bytes=150i "
                        "1732100000000000000\n");
    buf_reset(&lines.text);
    rollup_advance(rollup, START + 20 * S, &sink);
    assert_int_equal(lines.text.len, 0); /* nothing came in */
    rollup_advance(rollup, START + 100 * S, &sink);
    assert_string_equal(
        buf_cstr(&lines.text),
        "ingest_rollup_5m,source=reading events=2i,points=3i,rejected=1i,bytes=150i "
        "1732099800000000000\n");
    buf_free(&lines.text);
    rollup_free(rollup);
}

static void a_clock_that_steps_back_overwrites_no_window(void **state)
{
    (void)state;
    struct rollup *rollup = rollup_new();
    struct lines lines = {0};
    struct rollup_sink sink = {&lines, take};
    unsigned slot = rollup_slot(rollup, TEXT("reading"));
    rollup_advance(rollup, START, &sink);
    rollup_count(rollup, slot, one(1, 0, 10));
    rollup_advance(rollup, START + 15 * S, &sink); /* closes START */
    rollup_advance(rollup, START + 2 * S, &sink);  /* back */
    rollup_count(rollup, slot, one(1, 0, 10));
    buf_reset(&lines.text);
    rollup_advance(rollup, START + 15 * S, &sink);
    assert_string_equal(buf_cstr(&lines.text),
                        "ingest_rollup,source=reading events=1i,points=1i,rejected=0i,bytes=10i "
                        "1732100000000000001\n");
    buf_free(&lines.text);
    rollup_free(rollup);
}

static void the_saved_state_goes_on_as_if_nothing_had_happened(void **state)
{
    (void)state;
    struct rollup *a = rollup_new(), *b = rollup_new();
    struct lines lines_a = {0}, lines_b = {0};
    struct buf saved = {0};
    rollup_advance(a, START, &(struct rollup_sink){&lines_a, take});
    rollup_count(a, rollup_slot(a, TEXT("line")), one(7, 2, 70));
    rollup_count(a, rollup_slot(a, TEXT("value")), one(1, 0, 5));
    rollup_save(a, &saved);
    struct text rest = buf_view(&saved);
    assert_true(rollup_load(b, &rest));
    assert_int_equal(rest.len, 0);
    assert_int_equal(rollup_slot(b, TEXT("value")), rollup_slot(a, TEXT("value")));
    rollup_advance(a, START + 500 * S, &(struct rollup_sink){&lines_a, take});
    rollup_advance(b, START + 500 * S, &(struct rollup_sink){&lines_b, take});
    assert_string_equal(buf_cstr(&lines_a.text), buf_cstr(&lines_b.text));
    for (size_t len = 0; len < saved.len; len++) { /* a cut state is refused, at every length */
        struct rollup *c = rollup_new();
        rest = (struct text){saved.data, len};
        assert_false(rollup_load(c, &rest));
        rollup_free(c);
    }
    buf_free(&lines_a.text);
    buf_free(&lines_b.text);
    buf_free(&saved);
    rollup_free(a);
    rollup_free(b);
}

static void a_state_that_no_clock_can_make_is_refused(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        uint64_t number;
        bool good;
    } cases[] = {
        {0, 0, true},
        {0, ROLLUP_SOURCES + 1, false}, /* sources */
        {8, UINT32_MAX, true},          /* steps back */
        {8, UINT64_C(1) << 32, false},
        {16, UINT64_C(1) << 61, true}, /* the start of the window of 10 s */
        {16, UINT64_C(0x7277777777777777), false},
        {24, UINT64_C(0x8000000000000001), false}, /* of the one of 5 min */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rollup *rollup = rollup_new();
        struct buf saved = {0};
        rollup_save(rollup, &saved);
        for (size_t b = 0; b < 8; b++)
            saved.data[cases[i].at + b] = (char)(cases[i].number >> (8 * b));
        struct text rest = buf_view(&saved);
        assert_int_equal(rollup_load(rollup, &rest), cases[i].good);
        buf_free(&saved);
        rollup_free(rollup);
    }
}

static void sources_beyond_the_table_share_a_slot(void **state)
{
    (void)state;
    struct rollup *rollup = rollup_new();
    unsigned last = 0;
    for (int i = 0; i < 200; i++) {
        char name[32];
        snprintf(name, sizeof name, "source-%d", i);
        last = rollup_slot(rollup, text_of(name));
        assert_true(last < ROLLUP_SOURCES);
    }
    assert_int_equal(last, ROLLUP_SOURCES - 1);
    rollup_free(rollup);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_are_written_once_when_a_later_record_closes_them),
        cmocka_unit_test(a_clock_that_steps_back_overwrites_no_window),
        cmocka_unit_test(the_saved_state_goes_on_as_if_nothing_had_happened),
        cmocka_unit_test(a_state_that_no_clock_can_make_is_refused),
        cmocka_unit_test(sources_beyond_the_table_share_a_slot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
