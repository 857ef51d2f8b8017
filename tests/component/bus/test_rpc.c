/* Request and response over a real broker with the settings of the repository's mosquitto.conf. The
 * answering end is a toy whose answers each test gives by hand; the asking one runs on a thread of
 * its own. A status here is "online NAME" or "offline NAME". */
#include "watch.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bus/rpc_address.h"
#include "bus/rpc_client.h"
#include "bus/rpc_inbox.h"

#define ROOT     "hearthline"
#define REQUEST  ROOT "/request/toy"
#define STATUS   ROOT "/services/toy/status"
#define PATIENCE 20000

static struct harness *broker;

/* The answering end. */

static struct rpc_inbox *inbox;
static struct watch *toy;
static const struct bus_subscription toy_list[] = {{.filter = REQUEST, .qos = 1}};

static enum bus_keep toy_arrived(void *context, const struct bus_message *message)
{
    (void)context;
    (void)!rpc_inbox_push(inbox, message, harness_now_ms());
    return BUS_KEPT;
}

static struct watch *toy_new(const char *url, const char *client_id)
{
    struct watch *w = watch_new(url, client_id);
    w->options.keep_session = false;
    w->options.no_delay = true;
    w->options.arrived = toy_arrived;
    w->options.will =
        (struct bus_will){.topic = STATUS, .payload = "offline toy", .retained = true};
    return w;
}

static void say(struct watch *w, const char *status)
{
    assert_int_equal(bus_client_publish_wait(w->client, STATUS, text_of(status),
                                             (struct bus_publish){.qos = 1, .retained = true},
                                             PATIENCE),
                     ERR_OK);
}

static struct rpc_request *next_request(void)
{
    struct rpc_request *request = NULL;
    WATCH_UNTIL((request = rpc_inbox_pop(inbox)) != NULL);
    assert_false(request->overflow);
    return request;
}

static void answer_to(const struct rpc_request *request, struct text payload,
                      struct text content_type)
{
    char topic[RPC_ADDRESS_MAX_BYTES + 1];
    assert_int_equal(rpc_address_check(ROOT, request->response_topic, NULL), ERR_OK);
    watch_copy(topic, sizeof topic, request->response_topic);
    assert_int_equal(bus_client_publish(toy->client, topic, payload,
                                        (struct bus_publish){.content_type = content_type,
                                                             .correlation = request->correlation}),
                     ERR_OK);
}

static void answer_next(struct text payload)
{
    struct rpc_request *request = next_request();
    answer_to(request, payload, TEXT("text/plain"));
    rpc_request_free(request);
}

/* The asking end. */

static bool read_status(struct text payload, bool *ret_online, char *ret_instance, size_t size)
{
    char words[64], state[16], instance[32];
    watch_copy(words, sizeof words, payload);
    if (sscanf(words, "%15s %31s", state, instance) != 2)
        return false;
    *ret_online = strcmp(state, "online") == 0;
    snprintf(ret_instance, size, "%s", instance);
    return true;
}

static struct rpc_client_options asking_options(const char *url)
{
    return (struct rpc_client_options){.bus = {.url = url, .client_id = "asker"},
                                       .topic_root = ROOT,
                                       .status_topic = STATUS,
                                       .read_status = read_status};
}

static struct rpc_client *open_client(const struct rpc_client_options *options)
{
    struct rpc_client *client = NULL;
    struct err_reason why = {""};
    if (rpc_client_open(options, &client, &why) != ERR_OK)
        fail_msg("%s", why.text);
    return client;
}

struct asker {
    pthread_t thread;
    struct rpc_client *client;
    struct rpc_question question;
    struct rpc_answer answer;
    enum err outcome;
    struct err_reason why;
    int64_t took_ms;
};

static void *run_asker(void *context)
{
    struct asker *a = context;
    int64_t start_ms = harness_now_ms();
    a->outcome = rpc_client_ask(a->client, &a->question, &a->answer, &a->why);
    a->took_ms = harness_now_ms() - start_ms;
    return NULL;
}

static void start_ask(struct asker *a, struct rpc_client *client, struct text payload,
                      uint32_t timeout_ms)
{
    *a = (struct asker){.client = client,
                        .question = {.topic = REQUEST,
                                     .payload = payload,
                                     .content_type = TEXT("application/json"),
                                     .timeout_ms = timeout_ms}};
    assert_int_equal(pthread_create(&a->thread, NULL, run_asker, a), 0);
}

static void expect_outcome(struct asker *a, enum err outcome, const char *words)
{
    pthread_join(a->thread, NULL);
    if (a->outcome != outcome || (words && !strstr(a->why.text, words)))
        fail_msg("%s, not %s: %s", err_text(a->outcome), err_text(outcome), a->why.text);
    if (outcome != ERR_OK)
        assert_true(a->answer.payload.len == 0 && a->answer.payload.data == NULL);
}

static void expect_answer(struct asker *a, struct text payload)
{
    expect_outcome(a, ERR_OK, NULL);
    if (!text_equal(buf_view(&a->answer.payload), payload))
        fail_msg("an answer of %zu bytes, not %zu: %.64s", a->answer.payload.len, payload.len,
                 buf_cstr(&a->answer.payload));
    rpc_answer_free(&a->answer);
}

/* One connection is used by most tests: each further one takes paho about two seconds. */
static struct rpc_client *shared;

/* The part of the repository's mosquitto.conf that is not about listeners and folders. */
static void configure_as_the_repository(struct harness *h)
{
    char conf[8192] = "";
    FILE *file = fopen(HEARTHLINE_SOURCE_DIR "/mosquitto.conf", "re");
    assert_non_null(file);
    assert_in_range(fread(conf, 1, sizeof conf - 1, file), 1, sizeof conf - 2);
    fclose(file);
    char *start = strstr(conf, "\nautosave_interval"), *end = strstr(conf, "\nlog_dest");
    assert_true(start && end && start < end);
    *end = '\0';
    assert_non_null(strstr(start, "\nset_tcp_nodelay true"));
    assert_non_null(strstr(start, "\nmax_packet_size"));
    harness_config(h, "%s\n", start);
}

static int set_up(void **state)
{
    (void)state;
    broker = harness_new(HARNESS_MOSQUITTO);
    configure_as_the_repository(broker);
    if (!harness_start(broker))
        return -1;
    inbox = rpc_inbox_new(100, 1 << 24);
    toy = watch_up(toy_new(harness_url(broker), "toy"), toy_list, 1);
    say(toy, "online toy");
    struct rpc_client_options options = asking_options(harness_url(broker));
    shared = open_client(&options);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rpc_client_close(shared);
    watch_close(toy);
    rpc_inbox_free(inbox);
    harness_close(broker);
    return 0;
}

static void a_question_says_where_its_answer_goes_and_until_when(void **state)
{
    (void)state;
    struct asker a;
    start_ask(&a, shared, TEXT("{\"period\":\"1h\"}"), 4500);
    struct rpc_request *request = next_request();
    assert_true(text_equal(request->topic, TEXT(REQUEST)));
    assert_true(text_equal(request->payload, TEXT("{\"period\":\"1h\"}")));
    assert_true(text_equal(request->content_type, TEXT("application/json")));
    assert_true(text_starts(request->response_topic, TEXT(ROOT "/response/cli-")));
    assert_int_equal(request->response_topic.len, strlen(ROOT "/response/cli-") + 16);
    assert_int_equal(request->correlation.len, 16);
    assert_in_range(request->expiry_s, 1, 5);
    assert_int_equal(request->qos, 1);
    answer_to(request, TEXT("{}"), TEXT("application/msgpack"));
    rpc_request_free(request);
    expect_outcome(&a, ERR_OK, NULL);
    assert_string_equal(buf_cstr(&a.answer.payload), "{}");
    assert_string_equal(buf_cstr(&a.answer.content_type), "application/msgpack");
    rpc_answer_free(&a.answer);
    assert_int_equal(rpc_client_service(shared), RPC_SERVICE_ONLINE);
    assert_int_equal(rpc_client_state(shared), BUS_UP);
}

/* Of the sockets that are connected to the broker: how many there are, and send at once. */
static void count_sockets(int *ret_all, int *ret_at_once)
{
    *ret_all = *ret_at_once = 0;
    for (int fd = 0; fd < 256; fd++) {
        struct sockaddr_in peer = {.sin_family = AF_INET};
        socklen_t size = sizeof peer;
        int on = 0;
        if (getpeername(fd, (struct sockaddr *)&peer, &size) != 0 ||
            ntohs(peer.sin_port) != harness_port(broker))
            continue;
        size = sizeof on;
        assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, &size), 0);
        (*ret_all)++;
        *ret_at_once += on;
    }
}

static void answers_do_not_wait_for_the_kernel(void **state)
{
    int all, at_once;
    (void)state;
    count_sockets(&all, &at_once);
    assert_int_equal(all, 2); /* the toy's and the asker's */
    assert_int_equal(at_once, 2);
}

static void answers_in_reverse_order_reach_their_askers(void **state)
{
    (void)state;
    struct rpc_client_options options = asking_options(harness_url(broker));
    struct rpc_client *other = open_client(&options);
    struct asker a, b;
    start_ask(&a, shared, TEXT("a"), PATIENCE);
    struct rpc_request *first = next_request();
    start_ask(&b, other, TEXT("b"), PATIENCE);
    struct rpc_request *second = next_request();
    assert_true(text_equal(first->payload, TEXT("a")) && text_equal(second->payload, TEXT("b")));
    assert_false(text_equal(first->response_topic, second->response_topic));
    answer_to(second, TEXT("for b"), TEXT(""));
    expect_answer(&b, TEXT("for b")); /* while a still waits */
    answer_to(first, TEXT("for a"), TEXT(""));
    expect_answer(&a, TEXT("for a"));
    rpc_request_free(first);
    rpc_request_free(second);
    rpc_client_close(other);
}

static void no_answer_is_a_timeout_and_a_late_one_is_dropped(void **state)
{
    (void)state;
    struct asker a;
    start_ask(&a, shared, TEXT("late"), 300);
    struct rpc_request *late = next_request();
    expect_outcome(&a, ERR_TIMEOUT, "no answer came within 300 ms from the service, which is on");
    assert_in_range(a.took_ms, 300, 1500);
    start_ask(&a, shared, TEXT("next"), PATIENCE);
    struct rpc_request *next = next_request();
    assert_false(text_equal(late->correlation, next->correlation));
    assert_true(text_equal(late->response_topic, next->response_topic));
    answer_to(late, TEXT("too late"), TEXT(""));
    answer_to(next, TEXT("in time"), TEXT(""));
    answer_to(next, TEXT("once more"), TEXT("")); /* the second answer is one too many */
    expect_answer(&a, TEXT("in time"));
    rpc_request_free(late);
    rpc_request_free(next);
    start_ask(&a, shared, TEXT("after"), PATIENCE);
    answer_next(TEXT("after"));
    expect_answer(&a, TEXT("after"));
}

static void many_are_asked_on_one_connection(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) {
        char number[16];
        struct asker a;
        snprintf(number, sizeof number, "%d", i);
        start_ask(&a, shared, text_of(number), PATIENCE);
        answer_next(text_of(number));
        expect_answer(&a, text_of(number));
    }
    assert_int_equal(rpc_inbox_counts(inbox).waiting, 0);
}

static void large_payloads_and_nul_bytes_pass_both_ways(void **state)
{
    (void)state;
    enum { LARGE = 3 << 20 };
    char *large = malloc(LARGE);
    struct asker a;
    assert_non_null(large);
    for (size_t i = 0; i < LARGE; i++)
        large[i] = (char)(i * 31 >> 3);
    start_ask(&a, shared, TEXT("\0a\0b\0"), PATIENCE);
    struct rpc_request *request = next_request();
    assert_true(text_equal(request->payload, TEXT("\0a\0b\0")));
    answer_to(request, (struct text){large, LARGE}, TEXT(""));
    rpc_request_free(request);
    expect_answer(&a, (struct text){large, LARGE});
    free(large);
}

static void an_answer_may_be_empty(void **state)
{
    (void)state;
    struct asker a;
    start_ask(&a, shared, TEXT(""), PATIENCE);
    struct rpc_request *request = next_request();
    assert_int_equal(request->payload.len, 0);
    answer_to(request, TEXT(""), TEXT(""));
    rpc_request_free(request);
    expect_answer(&a, TEXT(""));
}

static void mosquitto_rr_gets_its_answer(void **state)
{
    (void)state;
    char command[512], line[256] = "";
    snprintf(command, sizeof command,
             "mosquitto_rr -p %u -t " REQUEST " -e " ROOT "/response/me -q 1 -W 10 "
             "-D publish correlation-data no17 -m '{\"period\":\"1h\"}'",
             harness_port(broker));
    FILE *output = popen(command, "r");
    assert_non_null(output);
    struct rpc_request *request = next_request();
    assert_true(text_equal(request->payload, TEXT("{\"period\":\"1h\"}")));
    assert_true(text_equal(request->response_topic, TEXT(ROOT "/response/me")));
    assert_true(text_equal(request->correlation, TEXT("no17")));
    answer_to(request, TEXT("{\"total_events\":17}"), TEXT("application/json"));
    rpc_request_free(request);
    assert_non_null(fgets(line, sizeof line, output));
    assert_int_equal(pclose(output), 0);
    assert_string_equal(line, "{\"total_events\":17}\n");
}

static void a_service_that_dies_ends_the_waiting_at_once(void **state)
{
    (void)state;
    char url[64];
    struct asker a;
    struct harness_relay *relay = watch_relay(broker, url);
    watch_close(toy);
    toy = watch_up(toy_new(url, "toy"), toy_list, 1);
    say(toy, "online toy");
    start_ask(&a, shared, TEXT("?"), PATIENCE);
    rpc_request_free(next_request());
    harness_relay_set(relay, HARNESS_RELAY_REFUSE);
    harness_relay_cut(relay); /* the broker sends the will */
    expect_outcome(&a, ERR_CLOSED, "went offline before it answered");
    assert_in_range(a.took_ms, 0, 3000);

    start_ask(&a, shared, TEXT("?"), PATIENCE); /* known by now: not even sent */
    expect_outcome(&a, ERR_REFUSED, "the service is offline");
    assert_in_range(a.took_ms, 0, 1000);
    harness_relay_set(relay, HARNESS_RELAY_PASS);
    WATCH_UNTIL(toy->subscribed == 2);
    assert_int_equal(rpc_inbox_counts(inbox).waiting, 0);
    watch_close(toy);
    harness_relay_close(relay);
    toy = watch_up(toy_new(harness_url(broker), "toy"), toy_list, 1);
    say(toy, "online toy");
    WATCH_UNTIL((rpc_client_wait(shared, 20), rpc_client_service(shared) == RPC_SERVICE_ONLINE));
    start_ask(&a, shared, TEXT("?"), PATIENCE);
    answer_next(TEXT("back"));
    expect_answer(&a, TEXT("back"));
}

static void a_restarted_service_and_a_third_one(void **state)
{
    (void)state;
    struct asker a;
    start_ask(&a, shared, TEXT("?"), PATIENCE);
    struct rpc_request *request = next_request();
    say(toy, "offline another"); /* a second instance that gave up says nothing about ours */
    say(toy, "no status at all at all");
    say(toy, "online toy");
    answer_to(request, TEXT("still here"), TEXT(""));
    rpc_request_free(request);
    expect_answer(&a, TEXT("still here"));
    start_ask(&a, shared, TEXT("?"), PATIENCE);
    rpc_request_free(next_request());
    say(toy, "online successor");
    expect_outcome(&a, ERR_CLOSED, "went offline");
    say(toy, "online toy");
}

static void an_answer_right_behind_the_offline_status_counts(void **state)
{
    (void)state;
    struct asker a;
    start_ask(&a, shared, TEXT("?"), PATIENCE);
    struct rpc_request *request = next_request();
    say(toy, "offline toy");
    answer_to(request, TEXT("the last"), TEXT(""));
    rpc_request_free(request);
    expect_answer(&a, TEXT("the last"));
    say(toy, "online toy");
}

struct heard {
    pthread_t thread;
    int count, retained, statuses;
    char payloads[16][32];
};

static void hear(void *context, const struct bus_message *message)
{
    struct heard *h = context;
    assert_true(pthread_equal(h->thread, pthread_self()));
    assert_in_range(h->count, 0, 15);
    watch_copy(h->payloads[h->count], sizeof h->payloads[0], message->payload);
    h->retained += message->retained;
    h->statuses += text_equal(message->topic, TEXT(STATUS));
    h->count++;
}

static void wait_heard(struct rpc_client *client, const struct heard *heard, int count)
{
    int64_t end_ms = harness_now_ms() + WATCH_WAIT;
    while (heard->count < count && harness_now_ms() < end_ms)
        rpc_client_wait(client, 20);
    assert_int_equal(heard->count, count);
}

static void topics_are_listened_to_on_the_owners_thread(void **state)
{
    (void)state;
    struct heard heard = {.thread = pthread_self()};
    struct rpc_client_options options = asking_options(harness_url(broker));
    options.heard = hear;
    options.context = &heard;
    struct rpc_client *client = open_client(&options);
    watch_publish(toy, ROOT "/alerts/active", "kept",
                  (struct bus_publish){.qos = 1, .retained = true});
    assert_int_equal(rpc_client_listen(client, ROOT "/alerts/#"), ERR_OK);
    assert_int_equal(rpc_client_listen(client, ROOT "/alerts/#"), ERR_INVALID);
    assert_int_equal(rpc_client_listen(client, ROOT "/#/x"), ERR_INVALID);
    wait_heard(client, &heard, 1);
    assert_string_equal(heard.payloads[0], "kept");
    assert_int_equal(heard.retained, 1);
    watch_publish(toy, ROOT "/alerts/event", "now", (struct bus_publish){.qos = 1});
    wait_heard(client, &heard, 2);
    assert_string_equal(heard.payloads[1], "now");
    /* A filter that covers the status topic brings the status to both, and once. */
    assert_int_equal(rpc_client_listen(client, ROOT "/services/+/status"), ERR_OK);
    wait_heard(client, &heard, 3);
    say(toy, "offline toy");
    say(toy, "online toy");
    watch_publish(toy, ROOT "/alerts/event", "end", (struct bus_publish){.qos = 1});
    wait_heard(client, &heard, 6);
    assert_int_equal(heard.statuses, 3);
    assert_string_equal(heard.payloads[5], "end");
    assert_int_equal(rpc_client_service(client), RPC_SERVICE_ONLINE);
    watch_publish(toy, ROOT "/alerts/active", "", (struct bus_publish){.qos = 1, .retained = true});
    rpc_client_close(client);
}

static void without_a_status_silence_is_a_timeout(void **state)
{
    (void)state;
    struct asker a;
    struct rpc_client_options options = asking_options(harness_url(broker));
    options.status_topic = ROOT "/services/nobody/status";
    struct rpc_client *client = open_client(&options);
    start_ask(&a, client, TEXT("?"), PATIENCE);
    answer_next(TEXT("here")); /* whatever the status */
    expect_answer(&a, TEXT("here"));
    assert_int_equal(rpc_client_service(client), RPC_SERVICE_UNKNOWN);
    struct rpc_question nobody = {.topic = ROOT "/request/nobody", .timeout_ms = 300};
    struct rpc_answer answer = {{0}, {0}};
    struct err_reason why = {""};
    assert_int_equal(rpc_client_ask(client, &nobody, &answer, &why), ERR_TIMEOUT);
    assert_non_null(strstr(why.text, "no service has said on '" ROOT "/services/nobody/status'"));
    nobody.topic = ROOT "/request/+";
    assert_int_equal(rpc_client_ask(client, &nobody, &answer, &why), ERR_INVALID);
    assert_non_null(strstr(why.text, "cannot be sent"));
    rpc_client_close(client);
}

static void a_retained_offline_refuses_the_first_question(void **state)
{
    (void)state;
    struct asker a;
    struct rpc_client_options options = asking_options(harness_url(broker));
    say(toy, "offline toy");
    struct rpc_client *client = open_client(&options);
    start_ask(&a, client, TEXT("?"), PATIENCE);
    expect_outcome(&a, ERR_REFUSED, "the service is offline");
    rpc_client_close(client);
    say(toy, "online toy");
    struct rpc_request *sent; /* it may have been, before the status was known */
    while ((sent = rpc_inbox_pop(inbox)))
        rpc_request_free(sent);
}

static bool stop(void *context)
{
    return harness_now_ms() >= *(int64_t *)context;
}

static void our_own_connection_and_stopping(void **state)
{
    (void)state;
    char url[64];
    struct asker a;
    int64_t stop_ms = INT64_MAX;
    struct harness_relay *relay = watch_relay(broker, url);
    struct rpc_client_options options = asking_options(url);
    options.stopped = stop;
    options.context = &stop_ms;
    struct rpc_client *client = open_client(&options);
    start_ask(&a, client, TEXT("?"), PATIENCE);
    rpc_request_free(next_request());
    harness_relay_cut(relay);
    expect_outcome(&a, ERR_CLOSED, "the connection broke before the answer came: ");
    assert_in_range(a.took_ms, 0, 10000);
    start_ask(&a, client, TEXT("again"), PATIENCE); /* it connects by itself */
    answer_next(TEXT("again"));
    expect_answer(&a, TEXT("again"));
    stop_ms = harness_now_ms() + 200;
    start_ask(&a, client, TEXT("?"), PATIENCE);
    rpc_request_free(next_request());
    expect_outcome(&a, ERR_CLOSED, "stopped");
    assert_in_range(a.took_ms, 0, 3000);
    rpc_client_close(client);
    harness_relay_close(relay);
}

static void a_broker_that_is_away_is_said(void **state)
{
    (void)state;
    char url[64];
    struct asker a;
    snprintf(url, sizeof url, "mqtt://127.0.0.1:%u", harness_free_port());
    struct rpc_client_options options = asking_options(url);
    struct rpc_client *client = open_client(&options);
    start_ask(&a, client, TEXT("?"), 4000);
    expect_outcome(&a, ERR_TIMEOUT, "no connection to the broker in time: ");
    assert_non_null(strstr(a.why.text, url));
    assert_in_range(a.took_ms, 4000, 6000);
    rpc_client_close(client);
    options.bus.url = "tcp://nowhere";
    struct err_reason why = {""};
    assert_int_equal(rpc_client_open(&options, &client, &why), ERR_INVALID);
    options = asking_options(url);
    options.topic_root = "a/#";
    assert_int_equal(rpc_client_open(&options, &client, &why), ERR_INVALID);
    assert_non_null(strstr(why.text, "is no topic"));
    options = asking_options(url);
    options.read_status = NULL;
    assert_int_equal(rpc_client_open(&options, &client, &why), ERR_INVALID);
}

static void a_question_that_may_not_be_sent_is_refused(void **state)
{
    (void)state;
    char path[256];
    struct asker a;
    struct harness *strict = harness_new(HARNESS_MOSQUITTO);
    assert_non_null(strict);
    assert_true(harness_write_file(strict, "acl", "topic read " ROOT "/#\n", path, sizeof path));
    harness_config(strict, "acl_file %s\n", path);
    assert_true(harness_start(strict));
    struct rpc_client_options options = asking_options(harness_url(strict));
    struct rpc_client *client = open_client(&options);
    start_ask(&a, client, TEXT("?"), PATIENCE);
    expect_outcome(&a, ERR_REFUSED, "the question was not taken: ");
    rpc_client_close(client);
    harness_close(strict);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_says_where_its_answer_goes_and_until_when),
        cmocka_unit_test(answers_do_not_wait_for_the_kernel),
        cmocka_unit_test(answers_in_reverse_order_reach_their_askers),
        cmocka_unit_test(no_answer_is_a_timeout_and_a_late_one_is_dropped),
        cmocka_unit_test(many_are_asked_on_one_connection),
        cmocka_unit_test(large_payloads_and_nul_bytes_pass_both_ways),
        cmocka_unit_test(an_answer_may_be_empty),
        cmocka_unit_test(mosquitto_rr_gets_its_answer),
        cmocka_unit_test(a_service_that_dies_ends_the_waiting_at_once),
        cmocka_unit_test(a_restarted_service_and_a_third_one),
        cmocka_unit_test(an_answer_right_behind_the_offline_status_counts),
        cmocka_unit_test(topics_are_listened_to_on_the_owners_thread),
        cmocka_unit_test(without_a_status_silence_is_a_timeout),
        cmocka_unit_test(a_retained_offline_refuses_the_first_question),
        cmocka_unit_test(our_own_connection_and_stopping),
        cmocka_unit_test(a_broker_that_is_away_is_said),
        cmocka_unit_test(a_question_that_may_not_be_sent_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
