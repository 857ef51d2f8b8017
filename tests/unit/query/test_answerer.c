/* The answering engine with a clock that the test turns and an InfluxDB that the test speaks for:
 * exactly one answer an asker, by the deadline, from the right source, within the bounds. */
#include "scripted_gatherer.h"

#include "base/clock.h"
#include "query-service/answerer.h"

#define NOW_NS   (INT64_C(1772366407) * CLOCK_NS_PER_S) /* 2026-03-01T12:00:07Z */
#define SENT_MAX 600
#define FIELDS_OF                                                                                  \
    "{\"results\":[{\"series\":[{\"name\":\"m\",\"columns\":[\"fieldKey\",\"fieldType\"],"         \
    "\"values\":[[\"f\",\"float\"]]}]}]}"

struct sent {
    char missing[200]; /* what stands behind that key */
    char topic[64], transaction[64], code[32], message[256], source[32];
    bool cached, retained;
};

static struct house {
    int64_t monotonic_ns, real_ns;
    char root[16];
    struct settings settings;
    struct endpoint_world world;
    struct gatherer *gatherer;
    struct metrics *registry;
    struct query_metrics *metrics;
    struct live *live;
    struct alerts *alerts;
    struct habit *habit;
    struct answerer *answerer;
    struct sent sent[SENT_MAX];
    unsigned sent_count, doubts;
} house;

static int64_t monotonic_ns(void *context)
{
    return ((struct house *)context)->monotonic_ns;
}

static int64_t real_ns(void *context)
{
    return ((struct house *)context)->real_ns;
}

static void text_at(struct value root, const char *key, char *to, size_t size)
{
    struct value found;
    if (value_get(root, text_of(key), &found))
        snprintf(to, size, "%.*s", TEXT_ARGS(value_text(found)));
}

static void keep(void *context, const struct asker *asker, struct text payload)
{
    (void)context;
    struct value_document *document = value_document_new();
    struct value root, found;
    struct sent *sent = &house.sent[house.sent_count++];
    assert_true(house.sent_count <= SENT_MAX);
    assert_int_equal(value_parse(document, VALUE_JSON, payload, &root, NULL), ERR_OK);
    *sent = (struct sent){.retained = asker->standing};
    snprintf(sent->topic, sizeof sent->topic, "%s", asker->topic);
    text_at(root, "transaction", sent->transaction, sizeof sent->transaction);
    text_at(root, "source", sent->source, sizeof sent->source);
    const char *missing = memmem(payload.at, payload.len, "\"missing\":", 10);
    if (missing)
        snprintf(sent->missing, sizeof sent->missing, "%.*s",
                 (int)(payload.at + payload.len - missing), missing);
    sent->cached = value_get(root, TEXT("cached"), &found) && value_bool(found);
    if (value_get(root, TEXT("error"), &found)) {
        text_at(found, "code", sent->code, sizeof sent->code);
        text_at(found, "message", sent->message, sizeof sent->message);
    }
    value_document_free(document);
}

static void doubt(void *context, enum err outcome, const char *words)
{
    (void)context, (void)words;
    assert_true(outcome == ERR_IO || outcome == ERR_TIMEOUT);
    house.doubts++;
}

static int open_house(void **state)
{
    (void)state;
    house = (struct house){.monotonic_ns = 1000 * CLOCK_NS_PER_MS, .real_ns = NOW_NS};
    strcpy(house.root, "hearthline");
    house.settings = (struct settings){
        .topic_root = house.root,
        .influxdb.enabled = true,
        .stats = {.use_influxdb = true, .rollout_percent = 100},
        .query = {.cache_ttl_s = 10, .cache_bytes = 1 << 20, .requests_max = 512}};
    house.live = live_new();
    house.alerts = alerts_new((struct alerts_sink){0});
    house.habit = habit_new();
    house.world = (struct endpoint_world){
        .settings = &house.settings,
        .clock = {.context = &house, .monotonic_ns = monotonic_ns, .real_ns = real_ns},
        .live = house.live,
        .alerts = house.alerts,
        .habit = house.habit,
        .store = {.enabled = true, .asked = true, .connected = true},
        .broker_up = true,
        .instance = "here"};
    house.gatherer = gather_open(NULL, NULL, NULL);
    house.registry = metrics_new();
    house.metrics = query_metrics_new(house.registry);
    const struct answerer_options options = {.world = &house.world,
                                             .flags = &house.settings.stats,
                                             .gatherer = house.gatherer,
                                             .metrics = house.metrics,
                                             .send = keep,
                                             .store_failed = doubt};
    return answerer_open(&options, &house.answerer) == ERR_OK ? 0 : -1;
}

static int close_house(void **state)
{
    (void)state;
    answerer_close(house.answerer);
    query_metrics_free(house.metrics);
    metrics_free(house.registry);
    gather_close(house.gatherer);
    habit_free(house.habit);
    alerts_free(house.alerts);
    live_free(house.live);
    return 0;
}

static void pass_ms(int64_t ms)
{
    house.monotonic_ns += ms * CLOCK_NS_PER_MS;
    house.real_ns += ms * CLOCK_NS_PER_MS;
}

static int64_t now_ms(void)
{
    return house.monotonic_ns / CLOCK_NS_PER_MS;
}

/* A request as it comes from the bus; `how` has what matters besides topic and payload. */
static void take(const char *endpoint, struct text payload, struct bus_message how)
{
    char topic[128];
    struct rpc_inbox *inbox = rpc_inbox_new(1, 64 << 20);
    snprintf(topic, sizeof topic, "hearthline/request/%s", endpoint);
    how.topic = text_of(topic);
    how.payload = payload;
    if (how.response_topic.len == 0)
        how.response_topic = TEXT("hearthline/response/test");
    assert_int_equal(rpc_inbox_push(inbox, &how, now_ms()), ERR_OK);
    answerer_take(house.answerer, rpc_inbox_pop(inbox));
    rpc_inbox_free(inbox);
}

/* expiry_s 0: the usual deadline of 5 s. */
static void ask(const char *endpoint, const char *payload, uint32_t expiry_s)
{
    take(endpoint, text_of(payload), (struct bus_message){.expiry_s = expiry_s});
}

static void turn(void)
{
    (void)answerer_turn(house.answerer);
}

static const struct sent *last(void)
{
    assert_true(house.sent_count > 0);
    return &house.sent[house.sent_count - 1];
}

static const struct sent *sent_to(const char *transaction)
{
    const struct sent *found = NULL;
    for (unsigned i = 0; i < house.sent_count; i++) {
        if (strcmp(house.sent[i].transaction, transaction) != 0)
            continue;
        assert_null(found); /* never two */
        found = &house.sent[i];
    }
    return found;
}

static void end(unsigned which, enum err outcome, const char *words)
{
    scripted_end(house.gatherer, which, outcome, words, NULL);
}

/* --- equal requests --------------------------------------------------------- */

static void equal_requests_share_one_question_and_its_answer_is_kept(void **state)
{
    (void)state;
    ask("devices", "{\"transaction\":\"a\",\"period\":\"1h\"}", 0);
    ask("devices", "{\"period\":\"1h\",\"transaction\":\"b\"}", 0);
    ask("devices", "{\"period\":\"2h\",\"transaction\":\"c\"}", 0);
    assert_int_equal(house.gatherer->count, 2);
    assert_int_equal(answerer_pending(house.answerer), 3);
    end(0, ERR_OK, "");
    assert_int_equal(house.sent_count, 2);
    assert_string_equal(sent_to("a")->code, "");
    assert_string_equal(sent_to("b")->code, "");
    assert_false(sent_to("a")->cached);
    ask("devices", "{\"transaction\":\"d\",\"period\":\"1h\"}", 0);
    assert_true(sent_to("d")->cached);
    ask("devices", "{\"transaction\":\"e\",\"period\":\"1h\",\"fresh\":true}", 0);
    assert_null(sent_to("e"));
    assert_int_equal(house.gatherer->count, 3);
    assert_int_equal(answerer_pending(house.answerer), 2);
    pass_ms(10001);
    end(1, ERR_OK, "");
    end(2, ERR_OK, "");
    assert_int_equal(answerer_pending(house.answerer), 0);
    pass_ms(10001);
    ask("devices", "{\"transaction\":\"f\",\"period\":\"1h\"}", 0);
    assert_null(sent_to("f")); /* nothing is kept for longer than its time */
    end(3, ERR_OK, "");
}

/* Who would get InfluxDB's answer too late to fall back, were he to wait for the first one's. */
static void a_shorter_deadline_does_not_wait_for_a_longer_one(void **state)
{
    (void)state;
    ask("stats", "{\"transaction\":\"long\"}", 30);
    assert_int_equal(house.gatherer->at[0].timeout_ms, 21000);
    pass_ms(1000);
    /* His deadline comes after the time of the question under way, his time for InfluxDB before. */
    ask("stats", "{\"transaction\":\"shorter\"}", 23);
    assert_int_equal(house.gatherer->count, 2);
    assert_int_equal(house.gatherer->at[1].timeout_ms, 16100);
    ask("stats", "{\"transaction\":\"short\"}", 2);
    assert_int_equal(house.gatherer->count, 3);
    assert_int_equal(house.gatherer->at[2].timeout_ms, 1400);
    pass_ms(1);
    ask("stats", "{\"transaction\":\"as short\"}", 2);
    ask("stats", "{\"transaction\":\"as long\"}", 30);
    assert_int_equal(house.gatherer->count, 3);
    for (unsigned i = 0; i < 3; i++)
        end(i, ERR_OK, "");
    assert_int_equal(house.sent_count, 5);
}

static void one_asker_s_timeout_leaves_the_others(void **state)
{
    (void)state;
    ask("devices", "{\"transaction\":\"early\"}", 10);
    pass_ms(500);
    ask("devices", "{\"transaction\":\"late\"}", 11);
    assert_int_equal(house.gatherer->count, 1);
    pass_ms(9499);
    turn();
    assert_int_equal(house.sent_count, 0);
    pass_ms(1);
    turn();
    assert_int_equal(house.sent_count, 1);
    assert_string_equal(sent_to("early")->code, "timeout");
    assert_int_equal(answerer_pending(house.answerer), 1);
    turn();
    end(0, ERR_OK, "");
    assert_string_equal(sent_to("late")->code, "");
    assert_int_equal(house.sent_count, 2);
    assert_int_equal(answerer_pending(house.answerer), 0);
}

/* Its answer would go to nobody. */
static void nobody_s_question_goes_to_no_further_stage(void **state)
{
    (void)state;
    const char *request = "{\"measurement\":\"m\",\"field\":\"f\",\"fresh\":true}";
    ask("history", request, 10);
    scripted_end(house.gatherer, 0, ERR_OK, "", FIELDS_OF);
    assert_int_equal(house.gatherer->count, 2); /* what the second stage asks when somebody waits */
    end(1, ERR_OK, "");
    assert_string_equal(last()->code, "");
    take("history", text_of(request), (struct bus_message){.expiry_s = 10});
    house.monotonic_ns += 6999 * CLOCK_NS_PER_MS;
    answerer_dismiss(house.answerer);
    assert_string_equal(last()->code, "unavailable");
    scripted_end(house.gatherer, 2, ERR_OK, "", FIELDS_OF);
    assert_int_equal(house.gatherer->count, 3);
    assert_int_equal(house.sent_count, 2);
}

/* --- sources ---------------------------------------------------------------- */

static const struct {
    enum err outcome;
    const char *words, *code, *message; /* a part of it */
    unsigned doubts;
} failures[] = {
    {ERR_TIMEOUT, "", "timeout", "in time", 1},
    {ERR_IO, "127.0.0.1:8086: refused", "unavailable", "127.0.0.1:8086: refused", 1},
    {ERR_REFUSED, "not authorized", "unavailable", "refused the question: not authorized", 0},
    {ERR_INVALID, "JSON ends at byte 7", "unavailable", "not understood: JSON ends at byte 7", 0},
    {ERR_TOO_LARGE, "4194304 bytes", "bad_request", "shorter period", 0},
    {ERR_NOMEM, "", "unavailable", "memory", 0},
};
#define FAILURES (sizeof failures / sizeof *failures)

static void what_went_wrong_at_influxdb_is_told_in_the_asker_s_terms(void **state)
{
    (void)state;
    for (unsigned i = 0; i < FAILURES; i++) {
        house.doubts = 0;
        ask("history", "{\"measurement\":\"m\",\"field\":\"f\",\"fresh\":true}", 0);
        end(i, failures[i].outcome, failures[i].words);
        assert_int_equal(house.sent_count, i + 1);
        assert_string_equal(last()->code, failures[i].code);
        if (!strstr(last()->message, failures[i].message))
            fail_msg("\"%s\" does not say \"%s\"", last()->message, failures[i].message);
        assert_int_equal(house.doubts, failures[i].doubts);
    }
}

/* A database that is missing, say: what is there is told, and which is not. */
static void devices_of_what_answered_are_told_with_what_is_missing(void **state)
{
    static const char *const endpoints[] = {"devices", "devices/latest"};
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        ask(endpoints[i], "{}", 0);
        end(2 * i, ERR_REFUSED, "database not found: d");
        assert_string_equal(last()->code, "");
        assert_string_equal(last()->missing,
                            "\"missing\":[{\"measurement\":\"device_metrics\",\"reason\":"
                            "\"database not found: d\"}]}");
        ask(endpoints[i], "{\"fresh\":true}", 0);
        end(2 * i + 1, ERR_TIMEOUT, "");
        assert_string_equal(last()->code, "timeout");
    }
}

static void figures_come_from_the_services_whatever_went_wrong(void **state)
{
    (void)state;
    for (unsigned i = 0; i < FAILURES; i++) {
        ask("stats", "{\"fresh\":true}", 0);
        end(i, failures[i].outcome, failures[i].words);
        assert_string_equal(last()->source, "services-fallback");
    }
    assert_int_equal(house.sent_count, FAILURES);
}

static void a_gatherer_that_cannot_begin_costs_no_answer(void **state)
{
    (void)state;
    house.gatherer->refusal = ERR_NOMEM;
    ask("stats", "{}", 0);
    assert_string_equal(last()->source, "services-fallback");
    ask("devices", "{}", 0);
    assert_string_equal(last()->code, "unavailable");
    assert_int_equal(house.sent_count, 2);
}

static void who_waits_in_vain_for_his_turn_is_answered_without_influxdb(void **state)
{
    (void)state;
    char request[32];
    for (int i = 0; i < ANSWER_ACTIVE; i++) {
        snprintf(request, sizeof request, "{\"period\":\"%dm\"}", i + 20);
        ask("stats", request, 30);
    }
    ask("stats", "{\"period\":\"15m\",\"transaction\":\"figures\"}", 10);
    ask("stats", "{\"period\":\"15m\",\"transaction\":\"both\",\"compare\":true}", 10);
    ask("devices", "{\"transaction\":\"stored\"}", 10);
    ask("devices", "{\"period\":\"2h\",\"transaction\":\"patient\"}", 20);
    assert_int_equal(house.gatherer->count, ANSWER_ACTIVE);
    pass_ms(6999);
    turn();
    assert_int_equal(house.sent_count, 0);
    pass_ms(1);
    turn();
    assert_int_equal(house.sent_count, 3);
    assert_string_equal(sent_to("figures")->source, "services-fallback");
    assert_string_equal(sent_to("both")->code, "");
    assert_string_equal(sent_to("stored")->code, "timeout");
    end(0, ERR_OK, "");
    assert_int_equal(house.gatherer->count, ANSWER_ACTIVE + 1);
    end(ANSWER_ACTIVE, ERR_OK, "");
    assert_string_equal(sent_to("patient")->code, "");
}

static void nobody_waits_for_influxdb_that_is_away(void **state)
{
    (void)state;
    house.world.store.connected = false;
    strcpy(house.world.store.words, "connection refused");
    ask("stats", "{}", 0);
    assert_string_equal(last()->source, "services-fallback");
    ask("devices", "{}", 0);
    assert_string_equal(last()->code, "unavailable");
    assert_non_null(strstr(last()->message, "connection refused"));
    house.world.store.asked = false;
    ask("devices", "{}", 0);
    assert_non_null(strstr(last()->message, "not reached yet"));
    house.settings.influxdb.enabled = false;
    ask("devices", "{}", 0);
    assert_string_equal(last()->code, "unavailable");
    assert_non_null(strstr(last()->message, "influxdb.enabled"));
    assert_int_equal(house.gatherer->count, 0);
}

/* --- bounds ----------------------------------------------------------------- */

static void beyond_the_bound_is_busy(void **state)
{
    (void)state;
    house.settings.query.requests_max = 3;
    for (int i = 0; i < 5; i++) {
        char request[64];
        snprintf(request, sizeof request, "{\"period\":\"%dm\",\"transaction\":\"%d\"}", i + 5, i);
        ask("stats", request, 0);
    }
    assert_int_equal(house.sent_count, 2);
    assert_string_equal(sent_to("3")->code, "busy");
    assert_string_equal(sent_to("4")->code, "busy");
    ask("stats", "{\"transaction\":\"wrong\",\"perod\":\"1h\"}", 0);
    assert_string_equal(sent_to("wrong")->code, "bad_request"); /* asking again will not help */
    end(0, ERR_OK, "");
    ask("stats", "{\"transaction\":\"again\"}", 0);
    assert_null(sent_to("again"));
    assert_int_equal(answerer_pending(house.answerer), 3);
}

static void what_was_too_much_at_once_hears_busy(void **state)
{
    (void)state;
    struct rpc_inbox *inbox = rpc_inbox_new(1, 4096);
    const struct bus_message message = {.topic = TEXT("hearthline/request/stats"),
                                        .payload = TEXT("{}"),
                                        .response_topic = TEXT("hearthline/response/test")};
    assert_int_equal(rpc_inbox_push(inbox, &message, now_ms()), ERR_OK);
    assert_int_equal(rpc_inbox_push(inbox, &message, now_ms()), ERR_FULL);
    for (int i = 0; i < 2; i++)
        answerer_take(house.answerer, rpc_inbox_pop(inbox));
    assert_int_equal(house.sent_count, 1);
    assert_string_equal(last()->code, "busy");
    rpc_inbox_free(inbox);
}

/* Requests wait with all that came with them, and what is around the payload counts too. */
static void all_that_is_kept_for_askers_is_bounded(void **state)
{
    (void)state;
    enum { WEIGHT = 60000, ASKED = 400 };
    char *weight = malloc(WEIGHT);
    memset(weight, ' ', WEIGHT);
    for (int i = 0; i < ASKED; i++) {
        char request[32];
        snprintf(request, sizeof request, "{\"period\":\"%dm\"}", i + 6);
        take("stats", text_of(request), (struct bus_message){.content_type = {weight, WEIGHT}});
    }
    size_t kept = answerer_pending(house.answerer);
    assert_int_equal(kept + house.sent_count, ASKED);
    assert_true(kept > 8 && kept * WEIGHT <= ANSWER_BYTES_MAX);
    assert_string_equal(last()->code, "busy");
    answerer_dismiss(house.answerer);
    assert_int_equal(answerer_pending(house.answerer), 0);
    for (unsigned i = 0; i < house.gatherer->count; i++)
        end(i, ERR_OK, "");
    ask("endpoints", "{}", 0);
    assert_string_equal(last()->code, ""); /* the room is there again */
    free(weight);
}

static void what_cannot_be_echoed_is_refused(void **state)
{
    (void)state;
    static char correlation[ASKER_CORRELATION_BYTES + 1];
    take("endpoints", TEXT("{}"),
         (struct bus_message){.correlation = {correlation, sizeof correlation - 1}});
    assert_string_equal(last()->code, "");
    take("endpoints", TEXT("{}"),
         (struct bus_message){.correlation = {correlation, sizeof correlation}});
    assert_string_equal(last()->code, "bad_request");
    assert_non_null(strstr(last()->message, "Correlation Data"));
    assert_int_equal(house.sent_count, 2);
}

static void a_payload_beyond_the_bound_is_not_even_read(void **state)
{
    (void)state;
    size_t len = ANSWER_PAYLOAD_MAX + 1;
    char *payload = malloc(len);
    memset(payload, ' ', len);
    memcpy(payload, "{\"transaction\":\"t\"}", 19);
    take("endpoints", (struct text){payload, len - 1}, (struct bus_message){0});
    assert_string_equal(last()->code, "");
    assert_string_equal(last()->transaction, "t");
    take("endpoints", (struct text){payload, len}, (struct bus_message){0});
    assert_string_equal(last()->code, "bad_request");
    assert_string_equal(last()->transaction, "");
    assert_int_equal(house.sent_count, 2);
    free(payload);
}

/* --- the end ---------------------------------------------------------------- */

static void who_still_waits_at_the_end_is_told(void **state)
{
    (void)state;
    for (int i = 0; i < ANSWER_ACTIVE + 2; i++) {
        char request[64];
        snprintf(request, sizeof request, "{\"period\":\"%dm\",\"transaction\":\"%d\"}", i + 5, i);
        ask("stats", request, 0);
    }
    ask("stats", "{\"period\":\"5m\",\"transaction\":\"shared\"}", 0);
    answerer_stop(house.answerer);
    ask("stats", "{\"transaction\":\"too late\"}", 0);
    assert_string_equal(sent_to("too late")->code, "unavailable");
    end(1, ERR_OK, "");
    assert_string_equal(sent_to("1")->source, "influxdb");
    answerer_dismiss(house.answerer);
    assert_int_equal(house.sent_count, ANSWER_ACTIVE + 4);
    assert_int_equal(answerer_pending(house.answerer), 0);
    assert_string_equal(sent_to("shared")->code, "unavailable");
    answerer_dismiss(house.answerer);
    end(0, ERR_OK, "");
    pass_ms(30000);
    turn();
    assert_int_equal(house.sent_count, ANSWER_ACTIVE + 4);
}

static void what_expired_on_its_way_is_dropped(void **state)
{
    (void)state;
    struct rpc_inbox *inbox = rpc_inbox_new(1, 4096);
    const struct bus_message message = {.topic = TEXT("hearthline/request/endpoints"),
                                        .expiry_s = 1,
                                        .response_topic = TEXT("hearthline/response/test")};
    assert_int_equal(rpc_inbox_push(inbox, &message, now_ms()), ERR_OK);
    pass_ms(1000);
    answerer_take(house.answerer, rpc_inbox_pop(inbox));
    assert_int_equal(house.sent_count, 0);
    rpc_inbox_free(inbox);
}

static void the_wall_clock_s_steps_change_no_deadline(void **state)
{
    (void)state;
    ask("devices", "{\"transaction\":\"a\"}", 10);
    house.real_ns -= 3600 * CLOCK_NS_PER_S;
    turn();
    house.real_ns += 2 * 86400 * CLOCK_NS_PER_S;
    turn();
    assert_int_equal(house.sent_count, 0);
    end(0, ERR_OK, "");
    ask("devices", "{\"transaction\":\"b\"}", 10);
    assert_true(sent_to("b")->cached);
    house.monotonic_ns += 10001 * CLOCK_NS_PER_MS;
    house.real_ns -= 86400 * CLOCK_NS_PER_S;
    ask("devices", "{\"transaction\":\"c\"}", 10);
    assert_null(sent_to("c"));
}

static void a_standing_question_is_answered_retained(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) { /* the second while the first is under way */
        answerer_ask_standing(house.answerer, "stats", "{\"period\":\"24h\"}",
                              "hearthline/standing/day");
        ask("stats", "{\"period\":\"24h\"}", 0);
    }
    assert_int_equal(house.gatherer->count, 1);
    end(0, ERR_OK, "");
    assert_int_equal(house.sent_count, 4);
    unsigned retained = 0;
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(house.sent[i].retained,
                         strcmp(house.sent[i].topic, "hearthline/standing/day") == 0);
        retained += house.sent[i].retained;
    }
    assert_int_equal(retained, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_house, close_house)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(equal_requests_share_one_question_and_its_answer_is_kept),
        TEST(a_shorter_deadline_does_not_wait_for_a_longer_one),
        TEST(one_asker_s_timeout_leaves_the_others),
        TEST(nobody_s_question_goes_to_no_further_stage),
        TEST(devices_of_what_answered_are_told_with_what_is_missing),
        TEST(what_went_wrong_at_influxdb_is_told_in_the_asker_s_terms),
        TEST(figures_come_from_the_services_whatever_went_wrong),
        TEST(a_gatherer_that_cannot_begin_costs_no_answer),
        TEST(who_waits_in_vain_for_his_turn_is_answered_without_influxdb),
        TEST(nobody_waits_for_influxdb_that_is_away),
        TEST(beyond_the_bound_is_busy),
        TEST(what_was_too_much_at_once_hears_busy),
        TEST(all_that_is_kept_for_askers_is_bounded),
        TEST(what_cannot_be_echoed_is_refused),
        TEST(a_payload_beyond_the_bound_is_not_even_read),
        TEST(who_still_waits_at_the_end_is_told),
        TEST(what_expired_on_its_way_is_dropped),
        TEST(the_wall_clock_s_steps_change_no_deadline),
        TEST(a_standing_question_is_answered_retained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
