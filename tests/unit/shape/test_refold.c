/* With all rules that have memory switched on: whatever record the state was saved at, the records
 * behind it become the same lines as in an undisturbed run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "writer/shape/fold.h"

enum { RECORDS = 6000, SAVED_EVERY = 271 };

#define START_NS 1792000003000000000LL

static struct settings_source list[] = {
    {.decoder = (char *)"homeassistant_statestream",
     .filter = (char *)"homeassistant/#",
     .retained = SETTINGS_RULE_IF_CHANGED,
     .late = SETTINGS_RULE_IF_CHANGED,
     .repeat = SETTINGS_REPEAT_ON_CHANGE,
     .heartbeat_s = 60,
     .min_interval_s = 5,
     .max_series = 30,
     .time_future_s = 3600},
    {.decoder = (char *)"homeassistant_eventstream",
     .filter = (char *)"house/events",
     .repeat = SETTINGS_REPEAT_ON_CHANGE,
     .max_series = 30},
    {.decoder = (char *)"reading",
     .filter = (char *)"weather/+device_id",
     .repeat = SETTINGS_REPEAT_ON_CHANGE,
     .max_series = 10,
     .time_past_s = 2,
     .time_beyond = SETTINGS_TIME_REJECT},
    {.decoder = (char *)"value", .filter = (char *)"plain/+device_id", .min_interval_s = 2},
};
static struct settings settings = {
    .topic_root = (char *)"hearthline",
    .writer = {.sources = list, .sources_count = sizeof list / sizeof *list}};

struct message {
    struct journal_record record;
    char topic[64], payload[256];
};
static struct message messages[RECORDS];

static uint32_t dice(uint32_t sides)
{
    static uint64_t state = 42;
    state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t)(state >> 33) % sides;
}

/* The time of the state before, as the house tells it behind it; sometimes its clock is wrong. */
static void make_last_updated(struct message *m, unsigned entity, int64_t arrival_ns)
{
    char time[CLOCK_RFC3339_SIZE];
    int64_t ahead_ns = dice(9) ? -30 * CLOCK_NS_PER_MS : 7200 * CLOCK_NS_PER_S;
    clock_format_rfc3339(arrival_ns + ahead_ns, time);
    snprintf(m->topic, sizeof m->topic, "homeassistant/sensor/s%u/last_updated", entity);
    snprintf(m->payload, sizeof m->payload, "%s", time);
}

static const char *const states[] = {"on", "off", "on", "21", "22.5", "unavailable", "unknown"};

/* The same entities by the other stream, now and then renamed, removed and made anew. */
static void make_event(struct message *m, int64_t arrival_ns)
{
    char time[CLOCK_RFC3339_SIZE];
    unsigned kind = dice(12), entity = dice(40);
    static const char *const actions[] = {"create", "remove"};
    clock_format_rfc3339(arrival_ns - 30 * CLOCK_NS_PER_MS, time);
    snprintf(m->topic, sizeof m->topic, "house/events");
    if (kind > 2)
        snprintf(m->payload, sizeof m->payload,
                 "{\"event_type\":\"state_changed\",\"event_data\":{\"new_state\":{\"entity_id\":"
                 "\"sensor.s%u\",\"state\":\"%s\",\"last_updated\":\"%s\"}}}",
                 entity, states[dice(7)], time);
    else if (kind > 1)
        snprintf(m->payload, sizeof m->payload,
                 "{\"event_type\":\"entity_registry_updated\",\"event_data\":{\"action\":"
                 "\"%s\",\"entity_id\":\"sensor.s%u\"}}",
                 actions[dice(2)], entity);
    else
        snprintf(m->payload, sizeof m->payload,
                 "{\"event_type\":\"entity_registry_updated\",\"event_data\":{\"action\":"
                 "\"update\",\"entity_id\":\"sensor.s%u\",\"old_entity_id\":\"sensor.s%u\"}}",
                 dice(40), entity);
}

static void make_payload(struct message *m, int64_t arrival_ns)
{
    static int entity = -1; /* of the message before, when that was a state */
    if (entity >= 0 && dice(3) > 0) {
        make_last_updated(m, (unsigned)entity, arrival_ns);
        entity = -1;
        return;
    }
    entity = -1;
    switch (dice(4)) {
    case 3:
        make_event(m, arrival_ns);
        break;
    case 0:
        entity = (int)dice(40);
        snprintf(m->topic, sizeof m->topic, "homeassistant/sensor/s%d/state", entity);
        snprintf(m->payload, sizeof m->payload, "%s", states[dice(7)]);
        break;
    case 1:
        snprintf(m->topic, sizeof m->topic, "weather/w%u", dice(12));
        if (dice(2))
            snprintf(m->payload, sizeof m->payload, "{\"t\":%u,\"time_ns\":%lld}", dice(3),
                     (long long)(arrival_ns / 1000000000 * 1000000000 - dice(4) * 1000000000LL));
        else
            snprintf(m->payload, sizeof m->payload, "[{\"t\":%u,\"h\":%u},{\"available\":%s}]",
                     dice(3), dice(2), dice(4) ? "true" : "false");
        break;
    default:
        snprintf(m->topic, sizeof m->topic, "plain/p%u", dice(20));
        snprintf(m->payload, sizeof m->payload, "%u", dice(5));
    }
}

static void make_messages(void)
{
    int64_t arrival_ns = START_NS;
    for (unsigned i = 0; i < RECORDS; i++) {
        struct message *m = &messages[i];
        arrival_ns += i % 1000 == 999 ? -20 * CLOCK_NS_PER_S : 1024 + dice(200) * CLOCK_NS_PER_MS;
        m->record = (struct journal_record){.number = i + 1,
                                            .arrival_ns = arrival_ns,
                                            .type = dice(50) ? JOURNAL_MESSAGE : JOURNAL_TICK,
                                            .qos = 1,
                                            .subscription_id = 1};
        if (m->record.type != JOURNAL_MESSAGE)
            continue;
        m->record.flags = (uint8_t)(dice(8) == 0 ? JOURNAL_RETAINED : 0) |
                          (uint8_t)(dice(8) == 0 ? JOURNAL_LATE : 0);
        make_payload(m, arrival_ns);
        m->record.topic = text_of(m->topic);
        m->record.payload = text_of(m->payload);
    }
}

static void take_line(void *context, struct text line, unsigned destination)
{
    (void)destination;
    buf_text(context, line);
}

static void take_reject(void *context, const struct fold_reject *reject)
{
    buf_printf(context, "%s: %s\n", reject_id(reject->reason), reject->words);
}

static void show(struct fold *fold, unsigned record, struct buf *out)
{
    struct fold_sink sink = {.context = out, .line = take_line, .reject = take_reject};
    fold_record(fold, &messages[record].record, &sink);
}

static void behind_any_saved_state_the_same_lines_follow(void **state)
{
    struct sources *sources = NULL;
    struct fold *fold = NULL, *again = NULL;
    struct buf undisturbed = {0}, saved = {0}, lines = {0};
    static size_t before[RECORDS]; /* bytes of lines before each record */
    (void)state;
    make_messages();
    assert_int_equal(sources_open(&settings, &sources, NULL), ERR_OK);
    assert_int_equal(fold_open(sources, &fold), ERR_OK);
    for (unsigned i = 0; i < RECORDS; i++) {
        before[i] = undisturbed.len;
        show(fold, i, &undisturbed);
    }
    const struct fold_counts counts = *fold_counts(fold);
    fold_close(fold);
    assert_true(counts.points_merged > 500 && counts.points_refused[REJECT_TOO_MANY_SERIES] > 100);
    assert_int_equal(fold_open(sources, &fold), ERR_OK);
    for (unsigned at = 0; at < RECORDS; at++) {
        if (at % SAVED_EVERY == 0) {
            buf_reset(&saved);
            fold_save(fold, &saved);
            assert_int_equal(fold_open(sources, &again), ERR_OK);
            assert_int_equal(fold_load(again, buf_view(&saved)), ERR_OK);
            buf_reset(&lines);
            for (unsigned i = at; i < RECORDS; i++)
                show(again, i, &lines);
            assert_string_equal(buf_cstr(&lines), buf_cstr(&undisturbed) + before[at]);
            assert_memory_equal(fold_counts(again), &counts, sizeof counts);
            fold_close(again);
        }
        fold_record(fold, &messages[at].record, NULL); /* as after a crash: no sink */
    }
    fold_close(fold);
    sources_close(sources);
    buf_free(&undisturbed);
    buf_free(&saved);
    buf_free(&lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(behind_any_saved_state_the_same_lines_follow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
