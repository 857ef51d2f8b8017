/* The statements, and what is made of answers that only a test can make; real ones are in
 * tests/component/statistics. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/clock.h"
#include "query-service/statistics/stored.h"

#define S   CLOCK_NS_PER_S
#define NOW (1772366400LL * S) /* 2026-03-01T12:00:00Z */

static struct period period_of(const char *name)
{
    struct period period;
    assert_int_equal(period_make(text_of(name), TEXT(""), 0, NOW, &period, NULL), ERR_OK);
    return period;
}

static void the_statements_are_few_bounded_and_of_rollups_only(void **state)
{
    (void)state;
    static const struct {
        const char *period, *service;
        unsigned count;
    } cases[] = {{"15m", "", 8},  {"5h", "", 8},       {"6h", "", 14},
                 {"30d", "", 14}, {"1h", "writer", 6}, {"7d", "writer", 11}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct period period = period_of(cases[i].period);
        struct gather_plan plan = {0};
        stored_plan(&period, text_of(cases[i].service), STORED_LAST_TIME, &plan);
        assert_false(plan.failed);
        assert_int_equal(plan.count, cases[i].count);
        for (unsigned k = 0; k < plan.count; k++) {
            const char *statement = buf_cstr(&plan.statements[k]);
            assert_non_null(strstr(statement, "time >= 17"));
            assert_non_null(strstr(statement, "time < 1772"));
            assert_null(strstr(statement, "now()"));
            assert_null(strstr(statement, "home_assistant_events"));
            assert_true(strstr(statement, "FROM ingest_rollup") ||
                        strstr(statement, "FROM service_metrics"));
            bool of_all = cases[i].service[0] == '\0' || k + (plan.count > 8 ? 2 : 1) >= plan.count;
            assert_true(of_all || strstr(statement, "AND service = 'writer'"));
        }
        gather_plan_free(&plan);
    }
}

/* What made 30 days take 215 ms, and 50 questions at once 2.7 s. */
static void nothing_costly_is_asked_without_need(void **state)
{
    (void)state;
    struct period period = period_of("30d");
    for (enum stored_last last = STORED_LAST_TIME; last <= STORED_LAST_ROW; last++) {
        struct gather_plan plan = {0};
        unsigned whole_rows = 0;
        stored_plan(&period, TEXT(""), last, &plan);
        for (unsigned k = 0; k < plan.count; k++) {
            const char *statement = buf_cstr(&plan.statements[k]);
            whole_rows += strstr(statement, "journal_oldest_s") != NULL;
            assert_false(strstr(statement, "service_metrics_5m") && strchr(statement, '*'));
        }
        assert_int_equal(whole_rows, last == STORED_LAST_ROW);
        gather_plan_free(&plan);
    }
}

static void a_service_enters_as_a_quoted_literal(void **state)
{
    (void)state;
    static const char *const names[][2] = {
        {"'; DROP MEASUREMENT x --", "service = '\\'; DROP MEASUREMENT x --'"},
        {"\\' OR 1=1", "service = '\\\\\\' OR 1=1'"},
        {"a\nb", "service = 'a\\nb'"},
    };
    struct period period = period_of("6h");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct gather_plan plan = {0};
        stored_plan(&period, text_of(names[i][0]), STORED_LAST_ROW, &plan);
        for (unsigned k = 0; k + 2 < plan.count; k++) { /* the last two are of no service */
            assert_non_null(strstr(buf_cstr(&plan.statements[k]), names[i][1]));
            assert_null(strchr(buf_cstr(&plan.statements[k]), '\n'));
        }
        gather_plan_free(&plan);
    }
}

/* Answers by hand: one text a statement, in the order of the plan; NULL for an empty one. */
#define FINE   8 /* statements of a period of 10 s rows */
#define COARSE 14

struct answers {
    struct gather_result at[COARSE];
    struct gather_results results;
};

static void answer_of(struct answers *a, unsigned count, const char *const *texts)
{
    *a = (struct answers){.results = {.at = a->at, .count = count}};
    for (unsigned i = 0; i < count; i++) {
        struct err_reason why = {""};
        const char *text = texts[i] ? texts[i] : "{\"results\":[{}]}";
        if (table_read(text_of(text), &a->at[i].table, &why) != ERR_OK)
            fail_msg("%s", why.text);
    }
}

static void answer(struct answers *a, const char *const texts[FINE])
{
    answer_of(a, FINE, texts);
}

static void answers_free(struct answers *a)
{
    for (unsigned i = 0; i < COARSE; i++)
        table_free(a->at[i].table);
}

#define SERIES(name, tags, columns, values)                                                        \
    "{\"results\":[{\"series\":[{\"name\":\"" name "\",\"tags\":{" tags "},\"columns\":" columns   \
    ",\"values\":" values "}]}]}"

static void a_failure_is_no_answer(void **state)
{
    (void)state;
    static const char *const nothing[FINE];
    struct answers a;
    struct figures figures = {.covers_s = 7};
    struct err_reason why = {""};
    struct period period = period_of("1h");
    answer(&a, nothing);
    a.at[4].outcome = ERR_TIMEOUT;
    snprintf(a.at[4].words, sizeof a.at[4].words, "no answer within 5000 ms");
    assert_int_equal(stored_figures(&a.results, 0, &period, TEXT(""), NULL, NOW, &figures, &why),
                     ERR_TIMEOUT);
    assert_string_equal(why.text, "no answer within 5000 ms");
    assert_float_equal(figures.covers_s, 7, 0);
    a.results.count = 3;
    assert_int_equal(stored_figures(&a.results, 0, &period, TEXT(""), NULL, NOW, &figures, &why),
                     ERR_INVALID);
    a.results.count = FINE;
    answers_free(&a);
    const char *const cut[FINE] = {
        NULL, NULL,
        "{\"results\":[{\"series\":[{\"name\":\"ingest_rollup\","
        "\"columns\":[\"time\",\"events\"],\"values\":[[1772364000000,5]],"
        "\"partial\":true}]}]}"};
    answer(&a, cut);
    assert_int_equal(stored_figures(&a.results, 0, &period, TEXT(""), NULL, NOW, &figures, &why),
                     ERR_TOO_LARGE);
    answers_free(&a);
}

static void nothing_stored_is_nothing_told(void **state)
{
    (void)state;
    static const char *const nothing[FINE];
    struct answers a;
    struct figures f = {0};
    struct period period = period_of("1h");
    answer(&a, nothing);
    assert_int_equal(stored_figures(&a.results, 0, &period, TEXT(""), NULL, NOW, &f, NULL), ERR_OK);
    assert_false(f.events.present);
    assert_false(f.age_s.present);
    assert_false(f.sums.write_attempts.present);
    assert_float_equal(f.covers_s, 0, 0);
    for (unsigned i = 0; i < f.windows_count; i++)
        assert_false(f.windows[i].count.present || f.windows[i].errors.present);
    assert_string_equal(f.missing[0].figure, "metrics.total_events");
    figures_free(&f);
    answers_free(&a);
}

static void only_who_is_known_nowhere_is_unknown(void **state)
{
    (void)state;
    static const char *const nothing[FINE];
    struct answers a;
    struct figures f = {0};
    struct err_reason why = {""};
    struct status status = {.state = STATUS_OFFLINE};
    struct period period = period_of("1h");
    struct live *live = live_new();
    answer(&a, nothing);
    assert_int_equal(live_status(live, TEXT("writer"), &status), ERR_OK);
    assert_int_equal(live_status(live, TEXT("heat"), &status), ERR_OK);
    assert_int_equal(stored_figures(&a.results, 0, &period, TEXT("wirter"), live, NOW, &f, &why),
                     ERR_NOT_FOUND);
    assert_non_null(strstr(why.text, "\"wirter\""));
    assert_non_null(strstr(why.text, "writer, heat"));
    assert_int_equal(stored_figures(&a.results, 0, &period, TEXT("heat"), live, NOW, &f, &why),
                     ERR_OK);
    assert_int_equal(f.services_count, 1);
    assert_string_equal(f.services[0].name, "heat");
    assert_int_equal(f.services[0].state, STATUS_OFFLINE);
    assert_int_equal(f.services[0].last_update_ns, 0);
    struct service_metrics metrics = {.time_ns = NOW - 5 * S, .success_rate = fields_number(80)};
    assert_int_equal(live_metrics(live, TEXT("heat"), &metrics), ERR_OK);
    assert_int_equal(stored_figures(&a.results, 0, &period, TEXT("heat"), live, NOW, &f, &why),
                     ERR_OK);
    assert_int_equal(f.services[0].last_update_ns, NOW - 5 * S); /* a part of its figures alone */
    assert_int_equal(stored_figures(&a.results, 0, &period, TEXT(""), live, NOW, &f, &why), ERR_OK);
    assert_int_equal(f.services_count, 2);
    figures_free(&f);
    live_free(live);
    answers_free(&a);
}

/* An empty window: 0 where the writer lived and nothing came, unknown where nobody told. */
static void silence_of_the_house_is_not_silence_of_the_writer(void **state)
{
    (void)state;
    static const char *const texts[FINE] = {
        SERIES("service_metrics", "\"service\":\"writer\"", "[\"time\",\"received\"]",
               "[[1772364600000,7]]"), /* 11:30 */
        NULL,
        SERIES("ingest_rollup", "", "[\"time\",\"events\"]", "[[1772363100000,5]]"), /* 11:05 */
        SERIES("service_metrics", "\"service\":\"writer\"",
               "[\"time\",\"events_processed\",\"write_attempts\",\"write_errors\"]",
               "[[1772363100001,5,2,1],[1772363400001,0,0,0]]"),
        NULL,
        NULL,
        SERIES("service_metrics", "", "[\"time\",\"interval_s\"]", "[[1772363110000,10]]"),
    };
    struct answers a;
    struct figures f = {0};
    struct period period = period_of("1h");
    answer(&a, texts);
    assert_int_equal(stored_figures(&a.results, 0, &period, TEXT(""), NULL, NOW, &f, NULL), ERR_OK);
    assert_false(f.windows[0].count.present);
    assert_float_equal(f.windows[1].count.value, 5, 0);
    assert_true(f.windows[2].count.present); /* the writer told: nothing came */
    assert_float_equal(f.windows[2].count.value, 0, 0);
    assert_false(f.windows[3].count.present);
    assert_float_equal(f.windows[1].errors.value, 1, 0);
    assert_float_equal(f.events.value, 5, 0);
    assert_float_equal(f.covers_s, 1500, 0); /* 11:05 to 11:30 */
    assert_float_equal(f.age_s.value, 1800, 0);
    assert_true(f.sums_whole);
    figures_free(&f);
    answers_free(&a);
}

/* The row of the last 10 s may still be on its way when the writer has told of some of them. */
static void a_window_that_may_not_be_stored_yet_is_not_zero(void **state)
{
    (void)state;
    static const char *const texts[FINE] = {
        SERIES("service_metrics", "\"service\":\"writer\"", "[\"time\",\"received\"]",
               "[[1772366393000,7]]"), /* 11:59:53 */
        NULL,
        NULL,
        SERIES("service_metrics", "\"service\":\"writer\"", "[\"time\",\"events_processed\"]",
               "[[1772366380001,5],[1772366390001,5]]"),
    };
    struct answers a;
    struct figures f = {0};
    struct period period;
    assert_int_equal(period_make(TEXT("1m"), TEXT("10s"), 0, NOW, &period, NULL), ERR_OK);
    answer(&a, texts);
    assert_int_equal(stored_figures(&a.results, 0, &period, TEXT(""), NULL, NOW, &f, NULL), ERR_OK);
    assert_true(f.windows[4].count.present); /* from 11:59:40 */
    assert_false(f.windows[5].count.present);
    figures_free(&f);
    answers_free(&a);
}

static void events_older_than_the_services_figures_make_these_no_totals(void **state)
{
    (void)state;
    static const char *const texts[FINE] = {
        SERIES("service_metrics", "\"service\":\"writer\"", "[\"time\",\"received\"]",
               "[[1772366400000,7]]"),
        NULL,
        SERIES("ingest_rollup", "", "[\"time\",\"events\"]",
               "[[1772363100000,5],[1772366100000,6]]"),
        SERIES("service_metrics", "\"service\":\"writer\"",
               "[\"time\",\"events_processed\",\"write_attempts\",\"write_errors\"]",
               "[[1772366100001,5,2,1]]"),
        NULL,
        NULL,
        SERIES("service_metrics", "", "[\"time\",\"interval_s\"]", "[[1772366110000,10]]"),
    };
    struct answers a;
    struct figures f = {0};
    struct period period = period_of("1h");
    answer(&a, texts);
    assert_int_equal(stored_figures(&a.results, 0, &period, TEXT(""), NULL, NOW, &f, NULL), ERR_OK);
    assert_false(f.sums_whole);
    assert_false(f.services[0].whole);
    assert_float_equal(f.covers_s, 3300, 0); /* 11:05 to 12:00 */
    assert_float_equal(figures_total_events(&f).value, 11, 0);
    assert_string_equal(f.missing[0].figure, "metrics.total_writes");
    assert_non_null(strstr(f.missing[0].reason, "since 2026-03-01T11:55:00Z"));
    figures_free(&f);
    answers_free(&a);
}

/* A rate is over the time of which there are figures: of a young house since its first row, and
 * never over what may be on its way. What is long silent, or was away, is silence. */
static void a_rate_is_over_what_can_be_known(void **state)
{
    (void)state;
    static const struct {
        const char *what, *begin, *first, *events, *newest, *last;
        double covers_s, per_minute;
        const char *missing;
    } cases[] = {
        /* 11:59:40, 11:59:50, in a window that begins at 11:55 */
        {"10 s old", "[[1772366390000,60]]", NULL, "[[1772366100000,60]]", "[[1772366390000,60]]",
         NULL, 10, 360, NULL},
        {"18 s old, told by its writer", "[[1772366380000,10]]",
         "[[1772366392000,10]]", /* from 11:59:42 */
         "[[1772366100000,60]]", "[[1772366390000,50]]", "[[1772366392000,7]]", 18, 200, NULL},
        /* 5 min */
        {"older than the period", "[[1772362780000,10]]", "[[1772362810000,10]]",
         "[[1772362800000,6000],[1772366100000,600]]", "[[1772366390000,5]]", "[[1772366392000,7]]",
         3600, 110, NULL},
        {"not all stored yet", "[[1772362780000,10]]", "[[1772362810000,10]]",
         "[[1772362800000,6000],[1772366100000,590]]", "[[1772366380000,5]]", "[[1772366382000,7]]",
         3590, 6590 / (3590.0 / 60), NULL},
        {"the writer ended at 11:30", "[[1772362780000,10]]", "[[1772362810000,10]]",
         "[[1772362800000,6000]]", "[[1772364590000,5]]", "[[1772364597000,7]]", 1800, 200,
         "nothing is stored since 2026-03-01T11:30:00Z"},
        {"the writer began at 11:30 again", "[[1772362780000,10]]", "[[1772364610000,10]]",
         "[[1772364600000,6000]]", "[[1772366390000,5]]", "[[1772366397000,7]]", 1800, 100, NULL},
    };
    struct period period = period_of("1h");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char texts[5][400];
        const char *of[FINE] = {NULL};
        const struct {
            unsigned place;
            const char *head, *values;
        } rows[] = {
            {0, "{\"service\":\"writer\"},\"columns\":[\"time\",\"received\"]", cases[i].last},
            {1, "{},\"columns\":[\"time\",\"events\"]", cases[i].newest},
            {2, "{},\"columns\":[\"time\",\"events\"]", cases[i].events},
            {6, "{},\"columns\":[\"time\",\"interval_s\"]", cases[i].first},
            {7, "{},\"columns\":[\"time\",\"events\"]", cases[i].begin}};
        for (unsigned k = 0; k < 5; k++) {
            snprintf(texts[k], sizeof texts[k],
                     "{\"results\":[{\"series\":[{\"name\":\"x\",\"tags\":%s,\"values\":%s}]}]}",
                     rows[k].head, rows[k].values ? rows[k].values : "[]");
            of[rows[k].place] = rows[k].values ? texts[k] : NULL;
        }
        struct answers a;
        struct figures f = {0};
        answer(&a, of);
        assert_int_equal(stored_figures(&a.results, 0, &period, TEXT(""), NULL, NOW, &f, NULL),
                         ERR_OK);
        double per_minute = figures_events_per_minute(&f).value;
        if (f.covers_s != cases[i].covers_s || fabs(per_minute - cases[i].per_minute) > 1e-9)
            fail_msg("%s: covers %g s, %.9g a minute", cases[i].what, f.covers_s, per_minute);
        assert_true(figures_total_events(&f).present);
        bool told = f.missing_count > 0 && strcmp(f.missing[0].figure, "metrics") == 0;
        if (told != (cases[i].missing != NULL) ||
            (told && !strstr(f.missing[0].reason, cases[i].missing)))
            fail_msg("%s: %s", cases[i].what, f.missing[0].reason);
        figures_free(&f);
        answers_free(&a);
    }
}

/* A row of 5 min says when its window began; the 10 s rows say when the house did. */
static void a_young_house_is_known_to_10_s_in_rows_of_5_min_too(void **state)
{
    (void)state;
    static const char *const texts[COARSE] = {
        [0] = SERIES("service_metrics", "\"service\":\"writer\"", "[\"time\",\"received\"]",
                     "[[1772366400000,7]]"),
        [1] = SERIES("ingest_rollup", "", "[\"time\",\"events\"]", "[[1772366390000,5]]"),
        [2] = SERIES("ingest_rollup_5m", "", "[\"time\",\"events\"]", "[[1772362800000,110]]"),
        [3] = SERIES("ingest_rollup", "", "[\"time\",\"events\"]", "[[1772362800000,70]]"),
        [10] = SERIES("service_metrics_5m", "", "[\"time\",\"messages\"]", "[[1772365500000,7]]"),
        [12] = SERIES("ingest_rollup_5m", "", "[\"time\",\"events\"]", "[[1772365500000,4]]"),
        [13] = SERIES("ingest_rollup", "", "[\"time\",\"events\"]", "[[1772365680000,4]]"),
    };
    struct answers a;
    struct figures f = {0};
    struct period period = period_of("24h");
    answer_of(&a, COARSE, texts);
    assert_int_equal(stored_figures(&a.results, 0, &period, TEXT(""), NULL, NOW, &f, NULL), ERR_OK);
    assert_float_equal(f.covers_s, 720, 0); /* 11:48 to 12:00 */
    assert_float_equal(figures_events_per_minute(&f).value, 15, 1e-9);
    figures_free(&f);
    answers_free(&a);
}

/* Whatever stands where a number is due, and however many services: nothing breaks. */
static void answers_that_no_writer_made_do_no_harm(void **state)
{
    (void)state;
    static const char *const texts[FINE] = {
        SERIES("service_metrics", "\"service\":\"\"", "[\"time\",\"received\"]", "[[5,-7]]"),
        SERIES("ingest_rollup", "", "[\"time\",\"events\"]", "[[9223372036854775807,1]]"),
        SERIES("ingest_rollup", "", "[\"time\",\"events\"]",
               "[[1e300,5],[null,1],[\"x\",2],[-9223372036854775808,3],[1772363100000,\"x\"]]"),
        SERIES("service_metrics", "\"service\":\"w\"",
               "[\"time\",\"write_errors\",\"events_processed\"]", "[[1772363100001,true,-60]]"),
        SERIES("x", "\"service\":\"w\"", "[\"time\",\"weighted\",\"weight\"]", "[[0,-4,1]]"),
        SERIES("x", "\"service\":\"w\"", "[\"time\",\"weighted\",\"weight\"]",
               "[[0,1e308,1e-308]]"),
        SERIES("service_metrics", "", "[\"time\",\"interval_s\"]", "[[9223372036854775807,1e300]]"),
    };
    struct answers a;
    struct figures f = {0};
    struct period period = period_of("1h");
    answer(&a, texts);
    assert_int_equal(stored_figures(&a.results, 0, &period, TEXT(""), NULL, NOW, &f, NULL), ERR_OK);
    assert_int_equal(f.services_count, 1);
    assert_false(f.services[0].sums.events.present || f.sums.write_errors.present);
    assert_false(tally_success_percent(&f.services[0].sums).present);
    assert_false(tally_processing_ms(&f.services[0].sums).present);
    figures_free(&f);
    answers_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_statements_are_few_bounded_and_of_rollups_only),
        cmocka_unit_test(nothing_costly_is_asked_without_need),
        cmocka_unit_test(a_service_enters_as_a_quoted_literal),
        cmocka_unit_test(a_failure_is_no_answer),
        cmocka_unit_test(nothing_stored_is_nothing_told),
        cmocka_unit_test(only_who_is_known_nowhere_is_unknown),
        cmocka_unit_test(silence_of_the_house_is_not_silence_of_the_writer),
        cmocka_unit_test(a_window_that_may_not_be_stored_yet_is_not_zero),
        cmocka_unit_test(events_older_than_the_services_figures_make_these_no_totals),
        cmocka_unit_test(a_rate_is_over_what_can_be_known),
        cmocka_unit_test(a_young_house_is_known_to_10_s_in_rows_of_5_min_too),
        cmocka_unit_test(answers_that_no_writer_made_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
