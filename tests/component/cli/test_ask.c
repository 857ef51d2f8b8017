/* ask, alerts, ack and silence against a responder of the test's own on a real broker: what they
 * ask, what they show of the answer, and their exit status. */
#include <pthread.h>
#include <stdatomic.h>

#include "bus/client.h"
#include "house.h"

enum { REQUEST_MAX = 4096, CONNECT_MS = 10000, CLOSE_MS = 1000 };

static struct harness *broker;
static struct bus_client *responder;
static atomic_bool subscribed;

/* What was asked last, and what is answered: the callback is paho's thread. */
static struct {
    pthread_mutex_t lock;
    char topic[256], request[REQUEST_MAX];
    const char *answer; /* NULL: none */
} asked = {.lock = PTHREAD_MUTEX_INITIALIZER};

static enum bus_keep answer(void *context, const struct bus_message *message)
{
    char topic[256];
    (void)context;
    pthread_mutex_lock(&asked.lock);
    snprintf(asked.topic, sizeof asked.topic, "%.*s", TEXT_ARGS(message->topic));
    snprintf(asked.request, sizeof asked.request, "%.*s", TEXT_ARGS(message->payload));
    snprintf(topic, sizeof topic, "%.*s", TEXT_ARGS(message->response_topic));
    if (asked.answer) {
        struct bus_publish how = {.correlation = message->correlation,
                                  .content_type = TEXT("application/json")};
        (void)!bus_client_publish(responder, topic, text_of(asked.answer), how);
    }
    pthread_mutex_unlock(&asked.lock);
    return BUS_KEPT;
}

static void mark_subscribed(void *context)
{
    (void)context;
    atomic_store(&subscribed, true);
}

static bool is_subscribed(void *context)
{
    (void)context;
    bus_client_turn(responder);
    return atomic_load(&subscribed);
}

static int open_all(void **state)
{
    (void)state;
    char config[HOUSE_PATH], text[256];
    broker = harness_mosquitto(NULL);
    if (!broker)
        return -1;
    snprintf(text, sizeof text, "broker:\n  url: %s\n", harness_url(broker));
    assert_true(harness_write_file(broker, "hearthline.yaml", text, config, sizeof config));
    setenv("HEARTHLINE_CONFIG", config, 1);
    setenv("USER", "robin", 1);
    struct bus_options options = {.url = harness_url(broker),
                                  .client_id = "responder",
                                  .arrived = answer,
                                  .subscribed = mark_subscribed};
    const struct bus_subscription filter = {.filter = "hearthline/request/#", .qos = 1};
    assert_int_equal(bus_client_open(&options, &responder, NULL), ERR_OK);
    assert_int_equal(bus_client_subscribe(responder, &filter, 1), ERR_OK);
    assert_true(harness_until(is_subscribed, NULL, CONNECT_MS));
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    bus_client_close(responder, CLOSE_MS);
    harness_close(broker);
    return 0;
}

static void will_answer(const char *json)
{
    pthread_mutex_lock(&asked.lock);
    asked.answer = json;
    asked.topic[0] = asked.request[0] = '\0';
    pthread_mutex_unlock(&asked.lock);
}

static void was_asked(const char *topic, const char *request)
{
    pthread_mutex_lock(&asked.lock);
    assert_string_equal(asked.topic, topic);
    assert_string_equal(asked.request, request);
    pthread_mutex_unlock(&asked.lock);
}

#define ENVELOPE                                                                                   \
    "\"schema\":1,\"timestamp\":\"2026-11-20T10:00:00Z\",\"cached\":false,\"cache_age_s\":0"
#define ALERT                                                                                      \
    "{\"schema\":1,\"service\":\"system\",\"rule\":\"device_silent\",\"subject\":\"kitchen-01\","  \
    "\"state\":\"acknowledged\",\"level\":\"warning\",\"message\":\"silent \\u001b[2J\","          \
    "\"timestamp\":\"2026-11-20T09:50:00Z\",\"value\":1,\"threshold\":1}"

static void a_question_is_asked_and_its_answer_shown(void **state)
{
    (void)state;
    will_answer("{" ENVELOPE
                ",\"period\":\"6h\",\"from\":\"A\",\"to\":\"B\",\"source\":\"influxdb\","
                "\"age_s\":4,\"covers_s\":1,\"missing\":[],\"window\":\"5m\",\"trends\":[{\"time\":"
                "\"2026-11-20T09:00:00Z\",\"count\":4,\"errors\":0}]}");
    const struct house_run *run = house_expect(
        HOUSE_RUN("ask", "stats/trends", "--period", "6h", "--service", "writer", "window=5m"), 0);
    was_asked("hearthline/request/stats/trends",
              "{\"period\":\"6h\",\"service\":\"writer\",\"window\":\"5m\"}");
    house_says(run->out, "period 6h (A to B)  from influxdb, 4 s old");
    house_says(run->out, "2026-11-20T09:00:00Z      4       0  ####");
    assert_string_equal(run->err, "");
}

static void with_json_the_answer_is_given_as_it_came(void **state)
{
    (void)state;
    static const char json[] = "{" ENVELOPE ",\"endpoints\":[]}";
    will_answer(json);
    const struct house_run *run = house_expect(HOUSE_RUN("ask", "endpoints", "--json"), 0);
    was_asked("hearthline/request/endpoints", "{}");
    assert_memory_equal(run->out, json, strlen(json));
    assert_string_equal(run->out + strlen(json), "\n");
}

static void a_whole_request_may_be_given(void **state)
{
    (void)state;
    will_answer("{" ENVELOPE "}");
    house_expect(HOUSE_RUN("ask", "stats", "--request", "{\"compare\": true}"), 0);
    was_asked("hearthline/request/stats", "{\"compare\": true}");
    const char *const from_input[] = {"ask", "stats", "--request", "-", NULL};
    house_expect(house_run_input("{\"fresh\": true}", from_input), 0);
    was_asked("hearthline/request/stats", "{\"fresh\": true}");
    house_expect(HOUSE_RUN("ask", "stats", "--request", "{}", "--period", "1h"), 2);
    house_expect(HOUSE_RUN("ask", "stats", "1h"), 2);
    house_expect(HOUSE_RUN("ask"), 2);
}

static void a_refusal_is_said_on_standard_error(void **state)
{
    (void)state;
    static const char json[] = "{\"schema\":1,\"timestamp\":\"2026-11-20T10:00:00Z\",\"error\":{"
                               "\"code\":\"bad_request\",\"message\":\"no \\u001b[2J\"}}";
    will_answer(json);
    const struct house_run *run = house_expect(HOUSE_RUN("ask", "stats", "perod=1h"), 1);
    assert_string_equal(run->out, "");
    assert_string_equal(run->err, "hearthline ask: bad_request: no \\x1b[2J\n");
    run = house_expect(HOUSE_RUN("ask", "stats", "--json"), 1);
    house_says(run->out, json);
    house_says(run->err, "bad_request");
    will_answer("{\"error\":{\"code\":\"timeout\",\"message\":\"late\"}}");
    house_expect(HOUSE_RUN("ask", "stats"), 3);
    will_answer("no JSON");
    house_says(house_expect(HOUSE_RUN("ask", "stats"), 1)->err, "hearthline ask: ");
}

static void alerts_are_shown_a_line_each(void **state)
{
    (void)state;
    will_answer("{" ENVELOPE ",\"count\":1,\"alerts\":[" ALERT "]}");
    const struct house_run *run = house_expect(HOUSE_RUN("alerts", "--level", "warning"), 0);
    was_asked("hearthline/request/stats/alerts", "{\"level\":\"warning\"}");
    assert_string_equal(run->out, "warning  acknowledged  2026-11-20T09:50:00Z  "
                                  "system/device_silent/kitchen-01  silent \\x1b[2J\n");
    will_answer("{" ENVELOPE ",\"count\":0,\"alerts\":[]}");
    assert_string_equal(house_expect(HOUSE_RUN("alerts"), 0)->out, "no alerts\n");
}

static void an_alert_is_acknowledged(void **state)
{
    (void)state;
    will_answer("{" ENVELOPE ",\"acknowledged\":1,\"alerts\":[" ALERT "]}");
    const struct house_run *run = house_expect(
        HOUSE_RUN("ack", "system/device_silent/kitchen-01", "--why", "new battery"), 0);
    was_asked("hearthline/request/alerts/acknowledge",
              "{\"service\":\"system\",\"rule\":\"device_silent\",\"subject\":\"kitchen-01\","
              "\"by\":\"robin\",\"why\":\"new battery\"}");
    house_says(run->out, "1 acknowledged\nwarning  acknowledged");
    house_says(house_expect(HOUSE_RUN("ack", "*"), 2)->err, "names no alert");
    house_expect(HOUSE_RUN("ack"), 2);
}

static void alerts_are_silenced(void **state)
{
    (void)state;
    will_answer("{" ENVELOPE ",\"silences\":[{\"schema\":1,\"rule\":\"device_silent\",\"until\":"
                "\"2026-11-20T18:00:00Z\",\"by\":\"kim\"}]}");
    const struct house_run *run =
        house_expect(HOUSE_RUN("silence", "device_silent", "--for", "8h", "--by", "kim"), 0);
    was_asked("hearthline/request/alerts/silence",
              "{\"match\":{\"rule\":\"device_silent\"},\"for\":\"8h\",\"by\":\"kim\"}");
    house_says(run->out, "device_silent  2026-11-20T18:00:00Z  kim");
    house_expect(HOUSE_RUN("silence", "*/r/s", "--until", "2026-11-21T08:00:00Z", "--by", "kim"),
                 0);
    was_asked("hearthline/request/alerts/silence",
              "{\"match\":{\"rule\":\"r\",\"subject\":\"s\"},\"until\":\"2026-11-21T08:00:00Z\","
              "\"by\":\"kim\"}");
    will_answer("{" ENVELOPE ",\"silences\":[]}");
    run = house_expect(HOUSE_RUN("silence", "r", "--remove", "--by", "kim"), 0);
    was_asked("hearthline/request/alerts/silence",
              "{\"match\":{\"rule\":\"r\"},\"remove\":true,\"by\":\"kim\"}");
    assert_string_equal(run->out, "no silences\n");
    house_says(house_expect(HOUSE_RUN("silence", "r"), 2)->err, "--for, --until and --remove");
    house_expect(HOUSE_RUN("silence", "r", "--for", "8h", "--remove"), 2);
}

static void without_an_answer_it_gives_up_in_time(void **state)
{
    (void)state;
    will_answer(NULL);
    int64_t begun_ms = harness_now_ms();
    const struct house_run *run = house_expect(HOUSE_RUN("ask", "stats", "--timeout", "1s"), 3);
    assert_true(harness_now_ms() - begun_ms < 8000);
    house_says(run->err, "hearthline ask: ");
    assert_string_equal(run->out, "");
    char url[64];
    snprintf(url, sizeof url, "mqtt://127.0.0.1:%u", harness_free_port());
    house_expect(HOUSE_RUN("ask", "stats", "--timeout", "1", "--broker", url), 3);
}

static void nobody_there_is_told_at_once(void **state)
{
    (void)state;
    house_expect(HOUSE_RUN("send", "--retain", "services/query/status",
                           "{\"schema\":1,\"service\":\"query\",\"state\":\"offline\",\"instance\":"
                           "\"a\",\"since\":\"2026-11-20T10:00:00Z\"}"),
                 0);
    int64_t begun_ms = harness_now_ms();
    const struct house_run *run = house_expect(HOUSE_RUN("ask", "stats", "--timeout", "60"), 3);
    assert_true(harness_now_ms() - begun_ms < 20000);
    house_says(run->err, "offline");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_is_asked_and_its_answer_shown),
        cmocka_unit_test(with_json_the_answer_is_given_as_it_came),
        cmocka_unit_test(a_whole_request_may_be_given),
        cmocka_unit_test(a_refusal_is_said_on_standard_error),
        cmocka_unit_test(alerts_are_shown_a_line_each),
        cmocka_unit_test(an_alert_is_acknowledged),
        cmocka_unit_test(alerts_are_silenced),
        cmocka_unit_test(without_an_answer_it_gives_up_in_time),
        cmocka_unit_test(nobody_there_is_told_at_once),
    };
    return cmocka_run_group_tests_name("ask, alerts, ack, silence", tests, open_all, close_all);
}
