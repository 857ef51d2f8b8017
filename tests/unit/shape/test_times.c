/* Times that cannot be are replaced by the arrival or refused, by the source's rules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "writer/shape/fold.h"
#include "writer/shape/times.h"

#include "stage_fixture.h"

#define H       (3600 * CLOCK_NS_PER_S)
#define ARRIVAL (1767323045 * CLOCK_NS_PER_S) /* 2026-01-02T03:04:05Z */

struct world {
    struct settings settings;
    struct settings_source list[2];
    struct sources *sources;
    struct stage_run run;
    struct fold *fold;
    struct buf out;
    int64_t arrival_ns;
    char words[512];
};

static struct world w;

static const struct source *source(void)
{
    return source_at(w.sources, sources_count(w.sources) - 2);
}

static void open_world(struct settings_source rules)
{
    rules.decoder = (char *)"json";
    rules.filter = (char *)"hub/+gateway";
    rules.time_path = (char *)"when?";
    w = (struct world){.settings = {.topic_root = (char *)"hearthline"}, .arrival_ns = ARRIVAL};
    w.list[0] = rules;
    w.list[1] = (struct settings_source){.decoder = (char *)"homeassistant_statestream",
                                         .filter = (char *)"ha/#",
                                         .time_future_s = rules.time_future_s};
    w.settings.writer.sources = w.list;
    w.settings.writer.sources_count = 2;
    assert_int_equal(sources_open(&w.settings, &w.sources, NULL), ERR_OK);
    assert_int_equal(fold_open(w.sources, &w.fold), ERR_OK);
    w.run = (struct stage_run){.stage = &times_stage, .state = times_stage.open(w.sources)};
    assert_non_null(w.run.state);
}

static void close_world(void)
{
    stage_run_end(&w.run);
    fold_close(w.fold);
    sources_close(w.sources);
    buf_free(&w.out);
}

/* --- the stage alone ----------------------------------------------------------- */

static void take_words(void *context, const struct shaped *shaped, enum reject reason,
                       const char *words)
{
    struct world *world = context;
    (void)shaped;
    buf_printf(&world->out, "refused %s\n", reject_id(reason));
    snprintf(world->words, sizeof world->words, "%s", words);
}

static void take_point(void *context, struct shaped *shaped)
{
    struct world *world = context;
    int64_t ahead_ns;
    buf_string(&world->out, shaped->own_time ? "own " : "arrival ");
    if (__builtin_sub_overflow(shaped->point->time_ns, shaped->arrival_ns, &ahead_ns))
        buf_string(&world->out, "far");
    else
        buf_integer(&world->out, ahead_ns);
    buf_char(&world->out, '\n');
}

static void take_left_out(void *context, const struct shaped *shaped, const char *why)
{
    struct world *world = context;
    (void)shaped, (void)why;
    buf_string(&world->out, "left out\n");
}

/* What becomes of a point with this time of its own. */
static const char *feed_time(const struct source *of, int64_t time_ns, const char *how,
                             unsigned place)
{
    const struct stage_next next = {&w, take_point, take_left_out, take_words, NULL};
    point_clear(&w.run.point);
    w.run.point.measurement = TEXT("m");
    w.run.point.timed = true;
    w.run.point.time_ns = time_ns;
    struct shaped shaped = {.point = &w.run.point,
                            .source = of,
                            .arrival_ns = ARRIVAL,
                            .own_time = true,
                            .place = place,
                            .retained = strcmp(how, "retained") == 0,
                            .late = strcmp(how, "late") == 0};
    buf_reset(&w.out);
    times_stage.take(w.run.state, &shaped, &next);
    return buf_cstr(&w.out);
}

/* The same of one whose time is so far behind (or, negative, before) its arrival. */
static const char *feed(const struct source *of, int64_t ahead_ns, const char *how, unsigned place)
{
    return feed_time(of, ARRIVAL + ahead_ns, how, place);
}

static void a_time_beyond_the_span_gives_way_to_the_arrival(void **state)
{
    (void)state;
    open_world((struct settings_source){.time_future_s = 3600, .time_past_s = 7200});
    assert_string_equal(feed(source(), H, "live", 0), "own 3600000000000\n");
    assert_string_equal(feed(source(), H + 1, "live", 0), "arrival 0\n");
    assert_string_equal(feed(source(), H + 1, "live", 1023), "arrival 1023\n");
    assert_string_equal(feed(source(), -2 * H, "live", 0), "own -7200000000000\n");
    assert_string_equal(feed(source(), -2 * H - 1, "live", 0), "arrival 0\n");
    assert_true(stage_run_restart(&w.run, w.sources));
    assert_string_equal(feed(source(), H + 1, "live", 7), "arrival 7\n");
    assert_string_equal(feed_time(source(), INT64_MAX, "live", 0), "arrival 0\n");
    assert_string_equal(feed_time(source(), INT64_MIN, "live", 0), "arrival 0\n");
    assert_string_equal(feed_time(source(), INT64_MIN, "late", 0), "own far\n");
    close_world();
}

static void without_a_span_any_time_is_taken(void **state)
{
    (void)state;
    open_world((struct settings_source){.time_beyond = SETTINGS_TIME_REJECT});
    assert_string_equal(feed(source(), 100000 * H, "live", 0), "own 360000000000000000\n");
    assert_string_equal(feed(source(), -100000 * H, "live", 0), "own -360000000000000000\n");
    close_world();
}

static void our_own_topics_and_sources_that_are_gone_are_left_alone(void **state)
{
    (void)state;
    open_world((struct settings_source){.time_future_s = 1, .time_past_s = 1});
    assert_string_equal(feed(source_at(w.sources, 0), 2 * H, "live", 0), "own 7200000000000\n");
    assert_string_equal(feed(NULL, 2 * H, "live", 0), "own 7200000000000\n");
    close_world();
}

static void what_did_not_come_live_is_right_to_be_old(void **state)
{
    (void)state;
    open_world((struct settings_source){.time_past_s = 3600, .time_beyond = SETTINGS_TIME_REJECT});
    assert_string_equal(feed(source(), -9000 * H, "retained", 0), "own -32400000000000000\n");
    assert_string_equal(feed(source(), -9 * H, "late", 0), "own -32400000000000\n");
    assert_string_equal(feed(source(), -9 * H, "live", 0), "refused bad_time\n");
    close_world();
}

static void nothing_retained_gets_the_time_of_its_subscription(void **state)
{
    static const struct {
        enum settings_rule rule;
        const char *retained;
    } cases[] = {
        {SETTINGS_RULE_DEFAULT, "left out\n"},
        {SETTINGS_RULE_OWN_TIME, "left out\n"},
        {SETTINGS_RULE_STORE, "arrival 0\n"},
        {SETTINGS_RULE_IF_CHANGED, "arrival 0\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        open_world((struct settings_source){
            .time_future_s = 3600, .retained = cases[i].rule, .late = SETTINGS_RULE_DEFAULT});
        assert_string_equal(feed(source(), 2 * H, "retained", 0), cases[i].retained);
        assert_string_equal(feed(source(), 2 * H, "late", 0), "arrival 0\n");
        close_world();
    }
    open_world((struct settings_source){.time_future_s = 3600, .late = SETTINGS_RULE_OWN_TIME});
    assert_string_equal(feed(source(), 2 * H, "late", 0), "left out\n");
    close_world();
}

static void the_words_name_both_times_and_the_key(void **state)
{
    (void)state;
    open_world((struct settings_source){
        .time_future_s = 3600, .time_past_s = 86400, .time_beyond = SETTINGS_TIME_REJECT});
    assert_string_equal(feed(source(), 2 * H, "live", 0), "refused bad_time\n");
    assert_string_equal(w.words, "its time 2026-01-02T05:04:05Z is more than 1h (time_future of "
                                 "its source) after its arrival at 2026-01-02T03:04:05Z");
    assert_string_equal(feed(source(), -48 * H, "live", 0), "refused bad_time\n");
    assert_string_equal(w.words, "its time 2025-12-31T03:04:05Z is more than 1d (time_past of "
                                 "its source) before its arrival at 2026-01-02T03:04:05Z");
    w.list[0].time_beyond = SETTINGS_TIME_ARRIVAL;
    assert_string_equal(feed(source(), 2 * H, "live", 1024), "refused bad_time\n");
    assert_non_null(strstr(w.words, "only the first 1024 elements"));
    close_world();
}

/* --- in the fold ----------------------------------------------------------------- */

static void fold_line(void *context, struct text line, unsigned destination)
{
    (void)destination;
    buf_text(&((struct world *)context)->out, line);
}

static void fold_refused(void *context, const struct fold_reject *reject)
{
    buf_printf(&((struct world *)context)->out, "refused %s: %s\n", reject_id(reject->reason),
               reject->words);
}

static const char *show(const char *topic, const char *payload, uint8_t flags)
{
    const struct fold_sink sink = {.context = &w, .line = fold_line, .reject = fold_refused};
    w.arrival_ns += 1024;
    const struct journal_record record = {.type = JOURNAL_MESSAGE,
                                          .arrival_ns = w.arrival_ns,
                                          .flags = flags,
                                          .topic = text_of(topic),
                                          .payload = text_of(payload)};
    buf_reset(&w.out);
    fold_record(w.fold, &record, &sink);
    return buf_cstr(&w.out);
}

static void elements_of_one_message_stay_apart(void **state)
{
    (void)state;
    open_world((struct settings_source){.time_future_s = 3600});
    assert_string_equal(show("hub/a",
                             "[{\"t\":1,\"when\":2000000000},{\"t\":2},"
                             "{\"t\":3,\"when\":2000000001},{\"t\":4,\"when\":1767323000},"
                             "{\"t\":5}]",
                             0),
                        "device_metrics,gateway=a t=1 1767323045000001024\n"
                        "device_metrics,gateway=a t=2 1767323045000001025\n"
                        "device_metrics,gateway=a t=3 1767323045000001026\n"
                        "device_metrics,gateway=a t=4 1767323000000000000\n"
                        "device_metrics,gateway=a t=5 1767323045000001028\n");
    assert_string_equal(show("hub/a", "{\"t\":1,\"when\":2000000000}", JOURNAL_RETAINED), "");
    assert_int_equal(fold_counts(w.fold)->times_replaced, 2);
    assert_int_equal(fold_counts(w.fold)->points_made, 6);
    assert_int_equal(fold_counts(w.fold)->points_merged, 1);
    close_world();
}

static void a_house_whose_clock_is_wrong_loses_nothing(void **state)
{
    (void)state;
    open_world((struct settings_source){.time_future_s = 3600});
    show("ha/light/hall/last_updated", "2026-01-02T03:00:00+00:00", 0); /* times are told here */
    assert_string_equal(show("ha/light/hall/state", "on", 0), "");      /* waits for its time */
    int64_t arrival_ns = w.arrival_ns;
    char expected[160];
    snprintf(expected, sizeof expected,
             "home_assistant_events,domain=light,entity_id=light.hall,event_type=state_changed "
             "state=\"on\",value=1 %lld\n",
             (long long)arrival_ns);
    assert_string_equal(show("ha/light/hall/last_updated", "2031-01-02T03:04:05+00:00", 0),
                        expected);
    close_world();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_beyond_the_span_gives_way_to_the_arrival),
        cmocka_unit_test(without_a_span_any_time_is_taken),
        cmocka_unit_test(our_own_topics_and_sources_that_are_gone_are_left_alone),
        cmocka_unit_test(what_did_not_come_live_is_right_to_be_old),
        cmocka_unit_test(nothing_retained_gets_the_time_of_its_subscription),
        cmocka_unit_test(the_words_name_both_times_and_the_key),
        cmocka_unit_test(elements_of_one_message_stay_apart),
        cmocka_unit_test(a_house_whose_clock_is_wrong_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
