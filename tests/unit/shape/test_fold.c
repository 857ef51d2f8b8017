#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "writer/shape/field_id.h"
#include "writer/shape/fold.h"
#include "writer/shape/types_record.h"

#define ARRIVAL 1732100000123456789LL

struct world {
    struct settings settings;
    struct settings_source list[3];
    struct sources *sources;
    struct fold *fold;
    struct buf lines, rejects, ignored;
    uint64_t next;
    int64_t rejected_ns; /* arrival of what was rejected last */
};

static void take_line(void *context, struct text line, unsigned destination)
{
    (void)destination;
    buf_text(&((struct world *)context)->lines, line);
}

static void take_reject(void *context, const struct fold_reject *reject)
{
    struct world *w = context;
    w->rejected_ns = reject->record->arrival_ns;
    buf_string(&w->rejects, reject_id(reject->reason));
    if (reject->element.len > 0)
        buf_printf(&w->rejects, "+%u", reject->place);
    buf_char(&w->rejects, ';');
}

static void take_ignored(void *context, const struct journal_record *record, const char *why)
{
    (void)record;
    buf_printf(&((struct world *)context)->ignored, "%s;", why);
}

static void take_field(void *context, const struct journal_record *record, const char *words)
{
    (void)record;
    buf_printf(&((struct world *)context)->ignored, "%s;", words);
}

static int open_world(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    w->list[0] = (struct settings_source){.decoder = (char *)"value",
                                          .filter = (char *)"sensor/+room/+metric"};
    w->settings.topic_root = (char *)"hearthline";
    w->settings.writer.sources = w->list;
    w->settings.writer.sources_count = 1;
    w->next = 1;
    *state = w;
    return sources_open(&w->settings, &w->sources, NULL) || fold_open(w->sources, &w->fold);
}

static int close_world(void **state)
{
    struct world *w = *state;
    fold_close(w->fold);
    sources_close(w->sources);
    buf_free(&w->lines);
    buf_free(&w->rejects);
    buf_free(&w->ignored);
    free(w);
    return 0;
}

static struct journal_record message(struct world *w, const char *topic, const char *payload)
{
    return (struct journal_record){.number = w->next,
                                   .arrival_ns = ARRIVAL + (int64_t)(w->next++ * 1024),
                                   .type = JOURNAL_MESSAGE,
                                   .qos = 1,
                                   .subscription_id = 1,
                                   .topic = text_of(topic),
                                   .payload = text_of(payload)};
}

static void show(struct world *w, const struct journal_record *record)
{
    struct fold_sink sink = {
        .context = w, .line = take_line, .reject = take_reject, .ignored = take_ignored};
    buf_reset(&w->lines);
    buf_reset(&w->rejects);
    buf_reset(&w->ignored);
    fold_record(w->fold, record, &sink);
}

static void a_point_without_a_time_gets_the_arrival_time(void **state)
{
    struct world *w = *state;
    struct journal_record r = message(w, "hearthline/readings/kitchen", "{\"t\":21.5}");
    show(w, &r);
    assert_string_equal(buf_cstr(&w->lines),
                        "device_metrics,device_id=kitchen t=21.5 1732100000123457813\n");
    r = message(w, "hearthline/readings/kitchen", "[{\"t\":1},{\"t\":2}]");
    show(w, &r);
    assert_string_equal(buf_cstr(&w->lines),
                        "device_metrics,device_id=kitchen t=1 1732100000123458837\n"
                        "device_metrics,device_id=kitchen t=2 1732100000123458838\n");
    r = message(w, "hearthline/readings/kitchen", "[{\"t\":1},{},{\"t\":2}]");
    show(w, &r);
    assert_string_equal(buf_cstr(&w->lines),
                        "device_metrics,device_id=kitchen t=1 1732100000123459861\n"
                        "device_metrics,device_id=kitchen t=2 1732100000123459863\n");
    assert_string_equal(buf_cstr(&w->rejects), "no_fields+1;");
}

static bool wants_first(void *context, const struct source *source, int64_t arrival_ns)
{
    (void)context;
    return source && arrival_ns < ARRIVAL + 3 * 1024;
}

/* A point that a rule keeps comes with a later record; whose it is counts, not when it comes. */
static void what_is_kept_is_wanted_by_its_own_message(void **state)
{
    struct world *w = *state;
    struct fold_sink sink = {
        .context = w, .wants = wants_first, .line = take_line, .reject = take_reject};
    fold_close(w->fold);
    sources_close(w->sources);
    w->list[0].min_interval_s = 1;
    assert_int_equal(sources_open(&w->settings, &w->sources, NULL), ERR_OK);
    assert_int_equal(fold_open(w->sources, &w->fold), ERR_OK);
    static const char *const topics[] = {"sensor/a/t", "sensor/a/t", "sensor/b/t", "sensor/b/t"};
    for (size_t i = 0; i < 4; i++) {
        struct journal_record r = message(w, topics[i], i % 2 ? "2" : "1");
        fold_record(w->fold, &r, &sink);
    }
    struct journal_record bad = message(w, "hearthline/readings/kitchen", "{");
    fold_record(w->fold, &bad, &sink);
    assert_string_equal(buf_cstr(&w->lines),
                        "device_metrics,metric=t,room=a value=1 1732100000123457813\n");
    assert_string_equal(buf_cstr(&w->rejects), "");
    struct journal_record tick = {.type = JOURNAL_TICK, .arrival_ns = ARRIVAL + 2000000000};
    fold_record(w->fold, &tick, &sink);
    assert_string_equal(buf_cstr(&w->lines),
                        "device_metrics,metric=t,room=a value=1 1732100000123457813\n"
                        "device_metrics,metric=t,room=a value=2 1732100000123458837\n");
}

/* What is refused when a later message ends its wait is no part of that message. */
static void what_is_kept_is_refused_as_its_own_message(void **state)
{
    struct world *w = *state;
    struct settings_tag boolean = {(char *)"value", (char *)"boolean"};
    fold_close(w->fold);
    sources_close(w->sources);
    w->list[0] = (struct settings_source){.decoder = (char *)"homeassistant_statestream",
                                          .filter = (char *)"ha/#",
                                          .field_types = &boolean,
                                          .field_types_count = 1,
                                          .type_conflict = SETTINGS_CONFLICT_REJECT};
    assert_int_equal(sources_open(&w->settings, &w->sources, NULL), ERR_OK);
    assert_int_equal(fold_open(w->sources, &w->fold), ERR_OK);
    struct journal_record told =
        message(w, "ha/sensor/b/last_updated", "2024-11-20T10:53:20.000000+00:00");
    struct journal_record first = message(w, "ha/sensor/a/state", "21");
    struct journal_record second = message(w, "ha/sensor/a/state", "22");
    show(w, &told);
    show(w, &first);
    assert_string_equal(buf_cstr(&w->rejects), "");
    show(w, &second);
    assert_string_equal(buf_cstr(&w->rejects), "field_type+0;");
    assert_int_equal(w->rejected_ns, first.arrival_ns);
}

static void take_note(void *context, enum fold_note note, struct text words)
{
    buf_printf(&((struct world *)context)->ignored, "%d %.*s;", (int)note, (int)words.len,
               words.at);
}

static const char *noted(struct world *w, const char *topic, const char *payload)
{
    struct journal_record record = message(w, topic, payload);
    struct fold_sink sink = {
        .context = w, .line = take_line, .reject = take_reject, .note = take_note};
    buf_reset(&w->lines);
    buf_reset(&w->ignored);
    fold_record(w->fold, &record, &sink);
    buf_char(&w->ignored, '\0');
    return w->ignored.data;
}

static void what_a_message_becomes_later_or_besides_is_noted(void **state)
{
    struct world *w = *state;
    fold_close(w->fold);
    sources_close(w->sources);
    w->list[0].min_interval_s = 5;
    w->list[1] = (struct settings_source){.decoder = (char *)"json",
                                          .filter = (char *)"j/+device_id",
                                          .time_path = (char *)"when",
                                          .time_future_s = 60};
    w->list[2] = (struct settings_source){.decoder = (char *)"homeassistant_statestream",
                                          .filter = (char *)"ha/#"};
    w->settings.writer.sources_count = 3;
    assert_int_equal(sources_open(&w->settings, &w->sources, NULL), ERR_OK);
    assert_int_equal(fold_open(w->sources, &w->fold), ERR_OK);
    assert_string_equal(noted(w, "sensor/a/t", "1"), "");
    assert_int_equal(strncmp(noted(w, "sensor/a/t", "2"), "1 ", 2), 0); /* it waits */
    assert_int_equal(w->lines.len, 0);
    assert_string_equal(noted(w, "j/a", "{\"when\":1700000000,\"x\":1}"), "");
    assert_int_equal(strncmp(noted(w, "j/a", "{\"when\":1800000000,\"x\":1}"), "2 ", 2), 0);
    assert_true(w->lines.len > 0);
    assert_string_equal(noted(w, "ha/sensor/a/device_class", "\"power\""),
                        "0 sensor.a device_class power;");
}

static void what_is_retained_is_stored_only_with_its_own_time(void **state)
{
    struct world *w = *state;
    struct journal_record r = message(w, "hearthline/readings/kitchen", "{\"t\":21.5}");
    r.flags = JOURNAL_RETAINED;
    show(w, &r);
    assert_int_equal(w->lines.len, 0);
    assert_true(w->ignored.len > 0);
    r = message(w, "hearthline/readings/kitchen", "{\"t\":21.5,\"time_s\":1700000000}");
    r.flags = JOURNAL_RETAINED;
    show(w, &r);
    assert_string_equal(buf_cstr(&w->lines),
                        "device_metrics,device_id=kitchen t=21.5 1700000000000000000\n");
    r = message(w, "hearthline/readings/kitchen", "{\"t\":21.5}");
    r.flags = JOURNAL_LATE;
    show(w, &r);
    assert_true(w->lines.len > 0);
}

static void a_copy_by_an_overlapping_subscription_is_left_out(void **state)
{
    struct world *w = *state;
    struct journal_record r = message(w, "sensor/bath/humidity", "55");
    show(w, &r);
    assert_true(w->lines.len > 0);
    r = message(w, "sensor/bath/humidity", "55");
    r.subscription_id = 2;
    show(w, &r);
    assert_int_equal(w->lines.len, 0);
    r = message(w, "sensor/bath/humidity",
                "55"); /* after a copy, and under the first identifier again */
    show(w, &r);
    assert_true(w->lines.len > 0);
    r = message(w, "sensor/bath/humidity", "55"); /* the same identifier: the house said it twice */
    show(w, &r);
    assert_true(w->lines.len > 0);
    struct journal_record connack = {
        .number = w->next++, .arrival_ns = r.arrival_ns + 1, .type = JOURNAL_CONNACK};
    show(w, &connack);
    r = message(w, "sensor/bath/humidity", "55"); /* another connection, another identifier */
    r.subscription_id = 2;
    show(w, &r);
    assert_true(w->lines.len > 0);
}

static void what_cannot_be_stored_has_a_reason_and_is_counted(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *topic, *payload, *reason;
    } rows[] = {
        {"hearthline/readings/kitchen", "{\"t\":", "not_json;"},
        {"hearthline/reading/kitchen", "1", "unknown_topic;"},
        {"hearthline/readings/kitchen", "", "empty;"},
        {"hearthline/line", "m f=1\nbroken\nm f=2\n", "not_line+1;"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct journal_record r = message(w, rows[i].topic, rows[i].payload);
        show(w, &r);
        assert_string_equal(buf_cstr(&w->rejects), rows[i].reason);
    }
    const struct fold_counts *c = fold_counts(w->fold);
    assert_int_equal(c->messages, 4);
    assert_int_equal(c->decoded, 1);
    assert_int_equal(c->points_made, 3);
    assert_int_equal(c->points_refused[REJECT_NOT_LINE], 1);
    assert_int_equal(c->rejected[REJECT_NOT_JSON] + c->rejected[REJECT_UNKNOWN_TOPIC] +
                         c->rejected[REJECT_EMPTY],
                     3);
    struct journal_record foreign = message(w, "other/topic", "1");
    show(w, &foreign);
    assert_int_equal(c->ignored, 1);
    struct journal_record cut = message(w, "hearthline/readings/kitchen", "0123456789");
    cut.flags = JOURNAL_CUT;
    show(w, &cut);
    assert_string_equal(buf_cstr(&w->rejects), "too_large;");
}

static void tick(struct world *w, int64_t arrival_ns)
{
    struct journal_record r = {.number = w->next++, .arrival_ns = arrival_ns, .type = JOURNAL_TICK};
    show(w, &r);
}

/* Of the metrics that arrive, those that are stored and not retained are rolled up. */
static void stored_live_metrics_are_rolled_up(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *topic, *payload;
        uint8_t flags;
    } rows[] = {
        {"hearthline/services/a/metrics", "{\"time_s\":1700000010,\"events_processed\":1}", 0},
        {"hearthline/services/a/metrics", "{\"time_s\":1700000000,\"events_processed\":10}",
         JOURNAL_RETAINED},
        {"hearthline/services/a/metrics", "{\"events_processed\":100}", JOURNAL_RETAINED},
        {"hearthline/services/a/metrics", "{\"events_processed\":", 0},
        {"hearthline/services/a/metrics", "{\"time_s\":1700000020,\"events_processed\":1000}",
         JOURNAL_LATE},
        {"hearthline/services/a/metrics", "{\"events_processed\":10000}", 0},
        {"hearthline/line", "service_metrics,service=a events_processed=100000", 0},
        {"hearthline/readings/a", "{\"events_processed\":1000000}", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct journal_record r = message(w, rows[i].topic, rows[i].payload);
        r.flags = rows[i].flags;
        show(w, &r);
    }
    uint64_t made = fold_counts(w->fold)->points_made;
    tick(w, ARRIVAL + 300 * CLOCK_NS_PER_S);
    assert_non_null(strstr(buf_cstr(&w->lines),
                           "service_metrics_5m,service=a messages=3,events_processed=11001 "
                           "1732099800000000000\n"));
    /* with two sources' windows of 10 s and 5 min beside: readings, line, metrics */
    assert_int_equal(fold_counts(w->fold)->points_made, made + 7);
    assert_int_equal(fold_counts(w->fold)->not_rolled_up, 0);
}

static void metrics_without_room_in_the_rollup_are_stored_and_counted(void **state)
{
    struct world *w = *state;
    for (int i = 0; i < 70; i++) {
        char topic[64];
        snprintf(topic, sizeof topic, "hearthline/services/s%d/metrics", i);
        struct journal_record r = message(w, topic, "{\"uptime_s\":1}");
        show(w, &r);
        assert_int_equal(strncmp(buf_cstr(&w->lines), "service_metrics,", 16), 0);
    }
    assert_int_equal(fold_counts(w->fold)->not_rolled_up, 6);
}

/* The fold after a save, a load and the records since, without a sink, makes the same lines as the
 * one that went on. */
static void the_saved_state_and_the_records_since_make_the_same_lines(void **state)
{
    struct world *w = *state;
    struct fold *again = NULL;
    struct buf saved = {0};
    assert_int_equal(fold_open(w->sources, &again), ERR_OK);
    struct journal_record records[6];
    for (size_t i = 0; i < 6; i++)
        records[i] = message(w, "sensor/bath/humidity", "55");
    records[1] = message(w, "hearthline/services/a/metrics", "{\"events_processed\":3}");
    records[4] = message(w, "hearthline/services/a/metrics", "{\"events_processed\":4}");
    records[3].subscription_id = 2; /* a copy, which only the memory of the one before tells */
    show(w, &records[0]);
    show(w, &records[1]);
    fold_save(w->fold, &saved);
    show(w, &records[2]);
    assert_int_equal(fold_load(again, buf_view(&saved)), ERR_OK);
    fold_record(again, &records[2], NULL);
    struct journal_record tick = {
        .number = 9, .arrival_ns = ARRIVAL + 300 * CLOCK_NS_PER_S, .type = JOURNAL_TICK};
    const struct journal_record *rest[] = {&records[3], &records[4], &tick};
    for (size_t i = 0; i < 3; i++) {
        struct buf first = {0};
        show(w, rest[i]);
        buf_text(&first, buf_view(&w->lines));
        struct fold_sink sink = {
            .context = w, .line = take_line, .reject = take_reject, .ignored = take_ignored};
        buf_reset(&w->lines);
        fold_record(again, rest[i], &sink);
        assert_string_equal(buf_cstr(&w->lines), buf_cstr(&first));
        buf_free(&first);
    }
    assert_non_null(strstr(buf_cstr(&w->lines), "messages=2,events_processed=7 "));
    assert_memory_equal(fold_counts(again), fold_counts(w->fold), sizeof(struct fold_counts));
    assert_int_equal(fold_load(again, (struct text){saved.data, saved.len - 1}), ERR_INVALID);
    assert_int_equal(fold_counts(again)->messages, 0);
    buf_free(&saved);
    fold_close(again);
}

/* Whenever the writer is killed: the state of some records before the cursor, and those up to the
 * cursor again without a sink, give each later record the lines that it would have had. */
static void types_are_the_same_wherever_the_writer_dies(void **state)
{
    struct world *w = *state;
    static const char *const payloads[] = {
        "{\"t\":1,\"u\":true}",
        "{\"t\":\"x\",\"u\":1}",
        "{\"t\":\"2\",\"v\":\"on\"}",
        NULL,
        "{\"t\":3,\"v\":4,\"u\":0}",
        "{\"v\":\"5\"}",
        "[{\"t\":\"y\"},{\"u\":\"true\"}]",
        "{\"t_str\":1,\"t\":\"z\"}",
        "{\"n\":1}",
        "{\"n\":false,\"t\":6}",
    };
    enum { COUNT = sizeof payloads / sizeof *payloads };
    struct journal_record records[COUNT];
    struct buf learned = {0}, saved[COUNT] = {{0}}, lines[COUNT] = {{0}};
    uint64_t metrics = field_id_measurement(TEXT("device_metrics"));
    types_record_add(&learned, field_id(metrics, TEXT("v")), FIELD_NUMBER);
    types_record_add(&learned, field_id(metrics, TEXT("u")), TYPES_RECORD_FORGOTTEN);
    for (size_t i = 0; i < COUNT; i++) {
        records[i] = message(w, "hearthline/readings/a", payloads[i]);
        if (!payloads[i]) {
            records[i].type = JOURNAL_TYPES;
            records[i].payload = buf_view(&learned);
        }
        fold_save(w->fold, &saved[i]);
        show(w, &records[i]);
        buf_text(&lines[i], buf_view(&w->lines));
    }
    assert_non_null(strstr(buf_cstr(&lines[4]), " t=3,v=4,u=0 ")); /* what the record said holds */
    for (size_t from = 0; from < COUNT; from++) {
        for (size_t cursor = from; cursor < COUNT; cursor++) {
            struct fold *again = NULL;
            assert_int_equal(fold_open(w->sources, &again), ERR_OK);
            assert_int_equal(fold_load(again, buf_view(&saved[from])), ERR_OK);
            for (size_t i = from; i < COUNT; i++) {
                struct fold_sink sink = {.context = w, .line = take_line, .reject = take_reject};
                buf_reset(&w->lines);
                fold_record(again, &records[i], i < cursor ? NULL : &sink);
                assert_string_equal(buf_cstr(&w->lines), i < cursor ? "" : buf_cstr(&lines[i]));
            }
            assert_memory_equal(fold_counts(again), fold_counts(w->fold),
                                sizeof(struct fold_counts));
            fold_close(again);
        }
    }
    assert_int_equal(fold_counts(w->fold)->fields_renamed, 5);
    assert_int_equal(fold_counts(w->fold)->fields_refused, 1);
    for (size_t i = 0; i < COUNT; i++) {
        buf_free(&saved[i]);
        buf_free(&lines[i]);
    }
    buf_free(&learned);
}

/* Another fold that is to know the types, and nothing else. */
static void types_are_taken_over_from_a_saved_state(void **state)
{
    struct world *w = *state;
    struct buf saved = {0};
    struct fold *other = NULL;
    struct journal_record r = message(w, "hearthline/readings/a", "{\"t\":1}");
    show(w, &r);
    r = message(w, "hearthline/readings/a", "{\"t\":\"x\"}");
    show(w, &r);
    fold_save(w->fold, &saved);
    assert_int_equal(fold_open(w->sources, &other), ERR_OK);
    assert_int_equal(fold_know(other, (struct text){saved.data, saved.len - 1}), ERR_INVALID);
    assert_int_equal(fold_know(other, buf_view(&saved)), ERR_OK);
    assert_int_equal(fold_counts(other)->messages, 0);
    struct fold_sink sink = {
        .context = w, .line = take_line, .reject = take_reject, .field = take_field};
    buf_reset(&w->lines);
    buf_reset(&w->ignored);
    fold_record(other, &r, &sink);
    assert_non_null(strstr(buf_cstr(&w->lines), " t_str=\"x\" "));
    assert_non_null(strstr(buf_cstr(&w->ignored), "the field \"t\"")); /* it tells once more */
    fold_close(other);
    buf_free(&saved);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
    const struct CMUnitTest tests[] = {
        TEST(what_is_kept_is_wanted_by_its_own_message),
        TEST(what_is_kept_is_refused_as_its_own_message),
        TEST(what_a_message_becomes_later_or_besides_is_noted),
        TEST(a_point_without_a_time_gets_the_arrival_time),
        TEST(what_is_retained_is_stored_only_with_its_own_time),
        TEST(a_copy_by_an_overlapping_subscription_is_left_out),
        TEST(what_cannot_be_stored_has_a_reason_and_is_counted),
        TEST(stored_live_metrics_are_rolled_up),
        TEST(metrics_without_room_in_the_rollup_are_stored_and_counted),
        TEST(the_saved_state_and_the_records_since_make_the_same_lines),
        TEST(types_are_the_same_wherever_the_writer_dies),
        TEST(types_are_taken_over_from_a_saved_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
