#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "writer/decoders/iso_time.h"

#define S CLOCK_NS_PER_S

static struct zone *berlin;

static int open_zone(void **state)
{
    (void)state;
    return zone_open("Europe/Berlin", &berlin, NULL) == ERR_OK ? 0 : -1;
}

static int close_zone(void **state)
{
    (void)state;
    zone_close(berlin);
    return 0;
}

static void times_are_read_in_their_zone_or_in_the_sources(void **state)
{
    static const struct {
        const char *text;
        int64_t arrival_ns, expected_ns;
    } cases[] = {
        {"2019-03-01T15:32:45.941Z", 0, 1551454365941000000},
        {"2019-03-01T16:32:45+01:00", 0, 1551454365 * S},
        {"2019-03-01T16:32:45.941", 0, 1551454365941000000},
        {"2019-07-01T16:32:45", 0, 1561991565 * S},
        {"2026-10-25T02:30:00", 1792888201 * S, 1792888200 * S}, /* the first of the two */
        {"2026-10-25T02:30:00", 1792891801 * S, 1792891800 * S}, /* the second */
        {"2026-03-29T02:30:00", 0, 1774747800 * S},              /* an hour that is left out */
        {"1969-12-31T23:59:59.5", 0, -3600 * S - S / 2},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct point point;
        point_clear(&point);
        assert_int_equal(
            iso_time_read(text_of(cases[i].text), berlin, cases[i].arrival_ns, &point, NULL),
            REJECT_NONE);
        assert_true(point.timed);
        assert_int_equal(point.time_ns, cases[i].expected_ns);
    }
}

static void without_any_zone_it_is_no_time(void **state)
{
    struct point point;
    (void)state;
    point_clear(&point);
    assert_int_equal(iso_time_read(TEXT("2019-03-01T16:32:45"), NULL, 0, &point, NULL),
                     REJECT_NONE);
    assert_false(point.timed);
    assert_int_equal(iso_time_read(TEXT("2019-03-01T16:32:45Z"), NULL, 0, &point, NULL),
                     REJECT_NONE);
    assert_true(point.timed);
}

static void what_is_no_time_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "now",
        "2019-03-01",
        "2019-03-01T16:32",
        "2019-02-30T16:32:45",
        "2019-03-01T16:32:45+1",
        "2019-03-01T16:32:45ZZ",
        "2019-03-01T16:32:45.00000000000000000000000000000000000000000000000000",
        "9999-01-01T00:00:00",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct point point;
        struct err_reason why = {""};
        point_clear(&point);
        assert_int_equal(iso_time_read(text_of(texts[i]), berlin, 0, &point, &why),
                         REJECT_BAD_TIME);
        assert_false(point.timed);
        assert_true(why.text[0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_read_in_their_zone_or_in_the_sources),
        cmocka_unit_test(without_any_zone_it_is_no_time),
        cmocka_unit_test(what_is_no_time_is_refused),
    };
    return cmocka_run_group_tests(tests, open_zone, close_zone);
}
