/* Known data in, known figures out: what is stored in a real InfluxDB against figures that were
 * added up by hand (house.h says how). */
#include <math.h>

#include "house.h"

static void setup_lines(struct store *store, const struct house *house, int64_t fine_from_ns,
                        int64_t coarse_from_ns)
{
    struct buf lines = {0};
    house_fine_lines(house, fine_from_ns, &lines);
    store_write(store, &lines);
    house_coarse_lines(house, coarse_from_ns, &lines);
    store_write(store, &lines);
    /* What must not matter: raw events of five fields each, and what others wrote. */
    for (int i = 0; i < 100; i++)
        buf_printf(&lines,
                   "home_assistant_events,domain=light,entity_id=light.a value=%d,a=1,b=2,c=3,"
                   "state=\"on\" %lld\n",
                   i, (long long)(house->end_ns - i * S - 1));
    buf_printf(&lines, "service_metrics nobody=1,events_processed=1000000 %lld\n",
               (long long)(house->end_ns - 5 * S));
    store_write(store, &lines);
    buf_free(&lines);
}

/* A figure as due; NAN for one that must be absent. */
#define NONE NAN

static void expect(const char *where, const char *what, struct fields_number got, double due)
{
    if (isnan(due) ? got.present : !got.present || fabs(got.value - due) > 1e-6)
        fail_msg("%s, %s: %s %.9g, due was %.9g", where, what, got.present ? "" : "absent",
                 got.value, due);
}

static struct tally sums_of(const struct figures *f, const char *service)
{
    for (unsigned i = 0; i < f->services_count; i++)
        if (strcmp(f->services[i].name, service) == 0)
            return f->services[i].sums;
    fail_msg("no service %s", service);
    return (struct tally){0};
}

/* `minutes` in which the house lived, of `heat` minutes in all. */
static void expect_house(const char *where, const struct figures *f, double minutes, double heat,
                         double covers_s)
{
    struct tally of_writer = sums_of(f, "writer"), of_heat = sums_of(f, "heat");
    expect(where, "total_events", figures_total_events(f), 30 * minutes);
    expect(where, "covers_s", fields_number(f->covers_s), covers_s);
    expect(where, "events_per_minute", figures_events_per_minute(f),
           30 * minutes / ((double)(f->period.to_ns - f->period.from_ns) / MIN));
    expect(where, "total_writes", figures_total(f->sums_whole, f->sums.write_attempts),
           12 * minutes);
    expect(where, "write_errors", f->sums.write_errors, minutes);
    expect(where, "error_rate_percent", tally_error_percent(&f->sums), 100.0 / 12);
    expect(where, "writer events", of_writer.events, 30 * minutes);
    expect(where, "writer ms", tally_processing_ms(&of_writer), 40);
    expect(where, "writer success", tally_success_percent(&of_writer), 1100.0 / 12);
    expect(where, "heat events", of_heat.events, 21 * heat);
    expect(where, "heat ms", tally_processing_ms(&of_heat), 2000);
    expect(where, "heat success", tally_success_percent(&of_heat), 1900.0 / 21);
    expect(where, "heat writes", of_heat.write_attempts, NONE);
    expect(where, "all ms", tally_processing_ms(&f->sums),
           (1200 * minutes + 2000 * heat) / (30 * minutes + heat));
    assert_int_equal(f->services_count, 2);
}

#define END "2026-03-30T00:00:00Z" /* the day after the clocks of Europe were turned */

struct known {
    struct store store;
    struct house house;
};

/* Fine rows of 7 h, coarse ones of 8 days; the writer was off on the 25th. */
static int open_known(void **state)
{
    static struct known known;
    known.house = (struct house){.end_ns = house_time(END),
                                 .off_ns = house_time("2026-03-25T00:00:00Z"),
                                 .on_ns = house_time("2026-03-26T00:00:00Z"),
                                 .told_after_ns = 7 * S};
    store_open(&known.store, "known");
    setup_lines(&known.store, &known.house, known.house.end_ns - 7 * 60 * MIN,
                known.house.end_ns - 8 * 24 * 60 * MIN);
    *state = &known;
    return 0;
}

static int close_known(void **state)
{
    store_close(&((struct known *)*state)->store);
    return 0;
}

/* The last 40 min lack the 10 in which the writer was down and the 10 in which nothing came. */
static void figures_of_each_period_are_those_added_up_by_hand(void **state)
{
    struct known *k = *state;
    static const struct {
        const char *period, *end;
        int64_t now_after_s; /* the end */
        double minutes, heat, covers_s, age_s;
    } cases[] = {
        {"15m", "", 5, 10, 15, 900, 5},
        {"1h", "", 5, 40, 60, 3600, 5},
        {"5h", "", 5, 280, 300, 18000, 5},
        /* 5 min rows up to 23:55, 10 s ones for the rest */
        {"6h", "", 5, 340, 360, 21600, 5},
        /* 5 min rows alone */
        {"6h", "", 60, 340, 360, 21600, 60},
        {"24h", "", 5, 1420, 1440, 86400, 5},
        /* over the turn of the clocks, at 01:00 UTC on the 29th */
        {"24h", "2026-03-29T12:00:00Z", 0, 1440, 1440, 86400, 43200},
        {"24h", "2026-03-29T14:00:00+02:00", 0, 1440, 1440, 86400, 43200},
        /* without the day on which the writer was off */
        {"7d", "", 5, 6 * 1440 - 20, 7 * 1440, 7 * 86400, 5},
        {"2d", "2026-03-27T00:00:00Z", 0, 1440, 2880, 2 * 86400, 3 * 86400},
    };
    struct figures f = {0};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char where[80];
        struct err_reason why = {""};
        int64_t now_ns = k->house.end_ns + cases[i].now_after_s * S;
        int64_t end_ns = cases[i].end[0] ? house_time(cases[i].end) : 0;
        snprintf(where, sizeof where, "%s to %s", cases[i].period,
                 cases[i].end[0] ? cases[i].end : END);
        if (end_ns == 0)
            end_ns = k->house.end_ns;
        if (store_ask(&k->store, cases[i].period, "", "", end_ns, now_ns, &f, &why) != ERR_OK)
            fail_msg("%s: %s", where, why.text);
        expect_house(where, &f, cases[i].minutes, cases[i].heat, cases[i].covers_s);
        if (cases[i].end[0] == '\0')
            expect(where, "age_s", f.age_s, cases[i].age_s);
    }
    figures_free(&f);
}

static void trends_have_each_window(void **state)
{
    struct known *k = *state;
    static const struct {
        const char *period, *window;
        unsigned count;
        unsigned shown; /* the last ones */
        double counts[15], errors[15];
    } cases[] = {
        {"1h",
         "",
         12,
         12,
         {150, 150, 150, 150, NONE, NONE, 150, 150, 0, 0, 150, 150},
         {5, 5, 5, 5, NONE, NONE, 5, 5, 0, 0, 5, 5}},
        {"15m",
         "",
         15,
         15,
         {0, 0, 0, 0, 0, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30},
         {0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
        {"24h", "", 24, 3, {1800, 1800, 1200}, {60, 60, 40}},
        {"7d",
         "1d",
         7,
         7,
         {43200, 43200, NONE, 43200, 43200, 43200, 42600},
         {1440, 1440, NONE, 1440, 1440, 1440, 1420}},
        {"7d", "", 28, 5, {10800, 10800, 10800, 10800, 10200}, {360, 360, 360, 360, 340}},
    };
    struct figures f = {0};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err_reason why = {""};
        assert_int_equal(store_ask(&k->store, cases[i].period, cases[i].window, "", k->house.end_ns,
                                   k->house.end_ns + 5 * S, &f, &why),
                         ERR_OK);
        assert_int_equal(f.windows_count, cases[i].count);
        for (unsigned w = 0; w < cases[i].shown; w++) {
            const struct figures_window *window = &f.windows[f.windows_count - cases[i].shown + w];
            expect(cases[i].period, "count", window->count, cases[i].counts[w]);
            expect(cases[i].period, "errors", window->errors, cases[i].errors[w]);
        }
    }
    figures_free(&f);
}

static void one_service_is_asked_alone(void **state)
{
    struct known *k = *state;
    static const struct {
        const char *period, *service;
        double events, writes, ms;
    } cases[] = {{"1h", "writer", 1200, 480, 40},
                 {"24h", "writer", 42600, 17040, 40},
                 {"1h", "heat", 1260, NONE, 2000},
                 {"7d", "heat", 211680, NONE, 2000},
                 {"6h", "writer", 10200, 4080, 40}};
    struct figures f = {0};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err_reason why = {""};
        assert_int_equal(store_ask(&k->store, cases[i].period, "", cases[i].service, 0,
                                   k->house.end_ns + 5 * S, &f, &why),
                         ERR_OK);
        assert_int_equal(f.services_count, 1);
        expect(cases[i].period, "events", figures_total_events(&f), cases[i].events);
        expect(cases[i].period, "writes", f.sums.write_attempts, cases[i].writes);
        expect(cases[i].period, "ms", tally_processing_ms(&f.sums), cases[i].ms);
        assert_int_equal(f.services[0].last_update_ns, k->house.end_ns - 3 * S);
    }
    figures_free(&f);
}

/* Texts that would do harm if they were pasted: found literally, or unknown; nothing happens. */
static void hostile_services_are_only_names(void **state)
{
    struct known *k = *state;
    static const char *const names[] = {"'; DROP MEASUREMENT service_metrics --",
                                        "\"",
                                        "\\",
                                        "\\' OR '1'='1",
                                        "' OR 1=1 --",
                                        "a\nb",
                                        "writer' OR service = 'heat",
                                        "/.*/"};
    static char huge[65536];
    struct figures f = {0};
    struct err_reason why = {""};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_int_equal(
            store_ask(&k->store, "6h", "", names[i], 0, k->house.end_ns + 5 * S, &f, &why),
            ERR_NOT_FOUND);
    memset(huge, '\'', sizeof huge - 1);
    assert_int_equal(store_ask(&k->store, "1h", "", huge, 0, k->house.end_ns + 5 * S, &f, &why),
                     ERR_NOT_FOUND);
    struct buf lines = {0};
    buf_printf(&lines,
               "service_metrics,service=';\\ DROP\\ MEASUREMENT\\ x\\ -- events_processed=3,"
               "interval_s=10 %lld\n",
               (long long)(k->house.end_ns - 9 * S));
    store_write(&k->store, &lines);
    buf_free(&lines);
    assert_int_equal(store_ask(&k->store, "1h", "", "'; DROP MEASUREMENT x --", 0,
                               k->house.end_ns + 5 * S, &f, &why),
                     ERR_OK);
    assert_string_equal(f.services[0].name, "'; DROP MEASUREMENT x --");
    expect("hostile", "events", figures_total_events(&f), 3);
    assert_int_equal(store_ask(&k->store, "1h", "", "writer", 0, k->house.end_ns + 5 * S, &f, &why),
                     ERR_OK);
    expect("after", "events", figures_total_events(&f), 1200);
    figures_free(&f);
}

static void what_began_in_the_period_covers_less(void **state)
{
    (void)state;
    struct store store = {0};
    struct house house = {.end_ns = house_time(END), .told_after_ns = 7 * S};
    struct figures f = {0};
    struct err_reason why = {""};
    store_open(&store, "young");
    assert_int_equal(store_ask(&store, "1h", "", "", 0, house.end_ns, &f, &why), ERR_OK);
    expect("empty", "total_events", figures_total_events(&f), NONE);
    expect("empty", "age", f.age_s, NONE);
    setup_lines(&store, &house, house.end_ns - 9 * MIN, house.end_ns - 5 * MIN);
    for (int i = 0; i < 2; i++) { /* of 10 s rows, and of 5 min ones and their tail */
        assert_int_equal(
            store_ask(&store, i ? "24h" : "1h", "", "", 0, house.end_ns + 5 * S, &f, &why), ERR_OK);
        /* of the coarse period only the open 5 min are known */
        double minutes = i ? 5 : 9;
        expect("young", "total_events", figures_total_events(&f), 30 * minutes);
        expect("young", "covers_s", fields_number(f.covers_s), i ? 303 : 543);
    }
    figures_free(&f);
    store_close(&store);
}

/* An interval that ends with the window belongs to it, and the services say the same on the bus. */
static void both_sources_tell_the_same(void **state)
{
    (void)state;
    struct store store = {0};
    struct house house = {.end_ns = house_time(END), .told_after_ns = 10 * S};
    struct figures stored = {0}, told = {0};
    struct err_reason why = {""};
    struct live *live = live_new();
    store_open(&store, "both");
    setup_lines(&store, &house, house.end_ns - 119 * MIN, house.end_ns - 5 * MIN);
    house_tell(&house, house.end_ns - 119 * MIN, live);
    static const char *const periods[] = {"15m", "1h"};
    for (size_t i = 0; i < 2; i++) {
        struct period period;
        int64_t now_ns = house.end_ns + 5 * S;
        assert_int_equal(store_ask(&store, periods[i], "", "", 0, now_ns, &stored, &why), ERR_OK);
        assert_int_equal(period_make(text_of(periods[i]), TEXT(""), 0, now_ns, &period, &why),
                         ERR_OK);
        assert_int_equal(live_figures(live, &period, TEXT(""), now_ns, &told), ERR_OK);
        expect_house(periods[i], &stored, i ? 40 : 10, i ? 60 : 15, i ? 3600 : 900);
        if (i == 0)
            expect_house(periods[i], &told, 10, 15, 900);
        expect(periods[i], "age", told.age_s, stored.age_s.value);
        expect(periods[i], "total_events", figures_total_events(&told),
               figures_total_events(&stored).value);
        expect(periods[i], "per minute", figures_events_per_minute(&told),
               figures_events_per_minute(&stored).value);
        expect(periods[i], "error rate", tally_error_percent(&told.sums),
               tally_error_percent(&stored.sums).value);
        expect(periods[i], "ms", tally_processing_ms(&told.sums),
               tally_processing_ms(&stored.sums).value);
        for (unsigned w = 0; w < told.windows_count; w++) {
            if (told.windows[w].count.present)
                expect(periods[i], "window", stored.windows[w].count, told.windows[w].count.value);
            if (told.windows[w].errors.present)
                expect(periods[i], "errors", stored.windows[w].errors,
                       told.windows[w].errors.value);
        }
        for (unsigned s = 0; s < told.services_count; s++) {
            assert_string_equal(told.services[s].name, stored.services[s].name);
            assert_int_equal(told.services[s].last_update_ns, stored.services[s].last_update_ns);
            expect(periods[i], "events", told.services[s].sums.events,
                   stored.services[s].sums.events.value);
        }
    }
    assert_int_equal(store_ask(&store, "15m", "", "writer", 0, house.end_ns, &stored, &why),
                     ERR_OK);
    for (unsigned w = 0; w < 15; w++)
        expect("writer", "count", stored.windows[w].count, w < 5 ? 0 : 30);
    assert_false(told.sums_whole); /* the writer was down for a while: of that nobody told */
    figures_free(&stored);
    figures_free(&told);
    live_free(live);
    store_close(&store);
}

int main(void)
{
    const struct CMUnitTest known[] = {
        cmocka_unit_test(figures_of_each_period_are_those_added_up_by_hand),
        cmocka_unit_test(trends_have_each_window),
        cmocka_unit_test(one_service_is_asked_alone),
        cmocka_unit_test(hostile_services_are_only_names),
    };
    const struct CMUnitTest others[] = {
        cmocka_unit_test(what_began_in_the_period_covers_less),
        cmocka_unit_test(both_sources_tell_the_same),
    };
    return cmocka_run_group_tests(known, open_known, close_known) +
           cmocka_run_group_tests(others, NULL, NULL);
}
