/* A point that is kept comes out as it went in, and damaged bytes give none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/settings.h"
#include "writer/shape/held.h"

static struct point kept, taken;

static struct shaped make(void)
{
    point_clear(&kept);
    kept.measurement = TEXT("device_metrics");
    kept.time_ns = INT64_C(1763713800123456789);
    kept.timed = true;
    assert_int_equal(point_tag(&kept, TEXT("room"), TEXT("a\0b")), ERR_OK);
    assert_int_equal(point_tag(&kept, TEXT("device_id"), TEXT("x")), ERR_OK);
    assert_int_equal(point_number(&kept, TEXT("t"), -0.1), ERR_OK);
    assert_int_equal(point_integer(&kept, TEXT("i"), INT64_MIN), ERR_OK);
    assert_int_equal(point_bool(&kept, TEXT("b"), true), ERR_OK);
    assert_int_equal(point_text(&kept, TEXT("w"), TEXT("word")), ERR_OK);
    return (struct shaped){.point = &kept,
                           .arrival_ns = 42,
                           .own_time = true,
                           .late = true,
                           .series = shaped_series(&kept)};
}

static void comes_out_as_it_went_in(void **state)
{
    (void)state;
    char root[] = "hearthline";
    struct settings settings = {.topic_root = root};
    struct sources *sources;
    assert_int_equal(sources_open(&settings, &sources, NULL), ERR_OK);
    struct shaped in = make(), out;
    in.source = source_at(sources, 1);
    struct buf packed = {0};
    held_pack(&in, &packed);
    buf_string(&packed, "rest");
    struct text rest = buf_view(&packed);
    assert_true(held_take(&rest, sources, &taken, &out));
    assert_true(text_equal(rest, TEXT("rest")));
    assert_ptr_equal(out.source, in.source);
    assert_true(out.own_time && out.late && !out.retained && out.arrival_ns == 42);
    assert_true(out.series == in.series);
    assert_true(taken.timed && taken.time_ns == kept.time_ns);
    assert_int_equal(taken.tag_count, 2);
    assert_int_equal(taken.field_count, 4);
    assert_true(taken.fields[0].number == -0.1 && taken.fields[1].integer == INT64_MIN);
    assert_true(taken.fields[2].truth && text_equal(taken.fields[3].text, TEXT("word")));
    buf_free(&packed);
    sources_close(sources);
}

static void what_is_cut_gives_nothing(void **state)
{
    (void)state;
    char root[] = "hearthline";
    struct settings settings = {.topic_root = root};
    struct sources *sources;
    assert_int_equal(sources_open(&settings, &sources, NULL), ERR_OK);
    struct shaped in = make(), out;
    struct buf packed = {0};
    held_pack(&in, &packed);
    for (size_t len = 0; len < packed.len; len++) {
        struct text rest = {packed.data, len};
        assert_false(held_take(&rest, sources, &taken, &out));
    }
    buf_free(&packed);
    sources_close(sources);
}

static void a_series_is_its_measurement_and_tags(void **state)
{
    (void)state;
    make();
    uint64_t series = shaped_series(&kept);
    struct point_tag first = kept.tags[0];
    kept.tags[0] = kept.tags[1];
    kept.tags[1] = first;
    assert_true(shaped_series(&kept) == series); /* whatever the order */
    kept.fields[0].number = 5;
    assert_true(shaped_series(&kept) == series);
    kept.tags[0].value = TEXT("y");
    assert_true(shaped_series(&kept) != series);
    assert_true(shaped_field(series, TEXT("a")) != shaped_field(series, TEXT("b")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_out_as_it_went_in),
        cmocka_unit_test(what_is_cut_gives_nothing),
        cmocka_unit_test(a_series_is_its_measurement_and_tags),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
