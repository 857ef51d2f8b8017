/* 2.x and 3.x, played by a scripted server that answers as docs/influxdb.md records: no such server
 * is at hand. What is tested is what we send and what we make of the answers. */
#include "client.h"

#include <unistd.h>

#include "harness_http.h"

#define SERVER "X-Influxdb-Build: OSS\r\n"

static struct harness_http *server;
static struct client client;

static int close_all(void **state)
{
    (void)state;
    client_close(&client);
    harness_http_close(server);
    server = NULL;
    return 0;
}

static void serve(const struct harness_http_rule *rules, size_t count)
{
    server = harness_http_open(rules, count);
    assert_non_null(server);
    client_open(&client, harness_http_url(server));
}

static const struct harness_http_request *last(void)
{
    return harness_http_request(server, harness_http_count(server) - 1);
}

static void assert_header(const char *name, const char *due)
{
    char value[256] = "";
    bool there = harness_http_header(last(), name, value, sizeof value);
    if (due)
        assert_string_equal(value, due);
    assert_true(there == (due != NULL));
}

static void with_token(char *path, size_t size, const char *token)
{
    snprintf(path, size, "/tmp/hearthline-token-XXXXXX");
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    assert_true(dprintf(descriptor, "%s\n", token) > 0);
    close(descriptor);
    client.settings.influxdb.token_file = path;
}

static void version_2_is_written_by_its_own_path(void **state)
{
    (void)state;
    const struct harness_http_rule rules[] = {
        {.path = "/ping", .status = 204, .headers = "X-Influxdb-Version: v2.7.12\r\n" SERVER},
        {.path = "/api/v2/write?", .status = 204},
    };
    char token[64];
    with_token(token, sizeof token, "my-token==");
    client.settings.influxdb.org = (char[]){"my home"};
    client.settings.influxdb.database = (char[]){"raw/1"};
    serve(rules, 2);
    assert_outcome(client_probe(&client), OUTCOME_STORED);
    assert_int_equal(influx_write_dialect(client.w), DIALECT_2);
    assert_string_equal(influx_write_version(client.w), "v2.7.12");
    assert_int_equal(influx_write_parallel(client.w), 1);
    assert_header("Authorization", NULL); /* not before it is known who is there */
    assert_outcome(client_post(&client, "m f=1\n", 1), OUTCOME_STORED);
    assert_string_equal(last()->path, "/api/v2/write?bucket=raw%2F1&precision=ns&org=my%20home");
    assert_string_equal(last()->body, "m f=1\n");
    assert_header("Authorization", "Token my-token==");
    unlink(token);
}

static void version_3_is_written_by_its_own_path(void **state)
{
    (void)state;
    const struct harness_http_rule rules[] = {
        {.path = "/ping", .status = 200, .body = "{\"version\":\"3.0.0\",\"revision\":\"abc\"}"},
        {.path = "/api/v3/write_lp?", .status = 204},
    };
    char token[64];
    with_token(token, sizeof token, "apiv3_x");
    serve(rules, 2);
    assert_outcome(client_probe(&client), OUTCOME_STORED);
    assert_int_equal(influx_write_dialect(client.w), DIALECT_3);
    assert_int_equal(influx_write_parallel(client.w), 4);
    assert_outcome(client_post(&client, "m f=1\n", 1), OUTCOME_STORED);
    assert_string_equal(last()->path,
                        "/api/v3/write_lp?db=t&precision=nanosecond&accept_partial=true");
    assert_header("Authorization", "Bearer apiv3_x");
    unlink(token);
}

static void version_3_that_asks_for_a_token_is_known(void **state)
{
    (void)state;
    const struct harness_http_rule rules[] = {
        {.path = "/ping",
         .status = 401,
         .headers = "cluster-uuid: 1\r\n",
         .body = "{\"error\": \"the request was not authenticated\"}"},
        {.status = 401, .body = "{\"error\": \"the request was not authenticated\"}"},
    };
    serve(rules, 2);
    assert_outcome(client_probe(&client), OUTCOME_STORED);
    assert_int_equal(influx_write_dialect(client.w), DIALECT_3);
    struct answer answer = client_post(&client, "m f=1\n", 1);
    assert_outcome(answer, OUTCOME_FAULT);
    assert_string_equal(answer.words, "the request was not authenticated");
}

static void version_3_names_its_bad_lines(void **state)
{
    (void)state;
    const struct harness_http_rule rules[] = {
        {.path = "/ping", .status = 200, .headers = "X-Influxdb-Version: 3.10.1\r\n"},
        {.status = 400,
         .body = "{\"error\":\"partial write of line protocol occurred\",\"data\":["
                 "{\"original_line\":\"b f=\\\"word\\\" 2\",\"line_number\":2,"
                 "\"error_message\":\"invalid field value: expected float\"}]}"},
    };
    client.settings.influxdb.gzip = true; /* lines are told by what was sent before gzip */
    serve(rules, 2);
    assert_outcome(client_probe(&client), OUTCOME_STORED);
    struct answer answer = client_post(&client, "a f=1 1\nb f=\"word\" 2\nc f=3 3\n", 3);
    assert_header("Content-Encoding", "gzip");
    assert_outcome(answer, OUTCOME_REJECTED);
    assert_int_equal(answer.bad_count, 1);
    assert_int_equal(answer.bad[0].line, 1);
    assert_string_equal(answer.bad[0].words, "invalid field value: expected float");
    answer = client_post(&client, "a f=1 1\nx f=\"word\" 2\nc f=3 3\n", 3);
    assert_outcome(answer, OUTCOME_SPLIT); /* it names a line that was not sent */
}

static void a_configured_version_holds_and_the_ping_is_asked_all_the_same(void **state)
{
    (void)state;
    const struct harness_http_rule rules[] = {
        {.path = "/ping", .status = 503, .times = 1},
        {.path = "/ping", .status = 404},
        {.path = "/write?db=t", .status = 204},
    };
    client.settings.influxdb.version = SETTINGS_INFLUX_1;
    serve(rules, 3);
    assert_int_equal(influx_write_dialect(client.w), DIALECT_1);
    assert_outcome(client_probe(&client), OUTCOME_RETRY); /* a proxy without its server */
    assert_outcome(client_probe(&client), OUTCOME_STORED);
    assert_int_equal(harness_http_count(server), 2);
    assert_outcome(client_post(&client, "m f=1\n", 1), OUTCOME_STORED);
}

static void who_is_no_influxdb_is_a_fault(void **state)
{
    (void)state;
    const struct harness_http_rule rule = {.status = 200, .body = "<html>Hello</html>"};
    serve(&rule, 1);
    struct answer answer = client_probe(&client);
    assert_outcome(answer, OUTCOME_FAULT);
    assert_non_null(strstr(answer.words, "influxdb.url"));
    assert_non_null(strstr(answer.words, "influxdb.version"));
    assert_int_equal(influx_write_dialect(client.w), DIALECT_UNKNOWN);
}

static void a_busy_server_says_when(void **state)
{
    (void)state;
    const struct harness_http_rule rules[] = {
        {.path = "/ping", .status = 204, .headers = "X-Influxdb-Version: v2.7.12\r\n"},
        {.status = 429, .headers = "Retry-After: 3\r\n", .times = 1},
        {.status = 503, .times = 1},
        {.status = 500, .body = "{\"code\":\"internal error\",\"message\":\"x\"}", .times = 1},
        {.status = 0, .times = 2}, /* curl asks a kept-alive connection twice */
        {.status = 204},
    };
    serve(rules, sizeof rules / sizeof *rules);
    assert_outcome(client_probe(&client), OUTCOME_STORED);
    struct answer answer = client_post(&client, "m f=1\n", 1);
    assert_outcome(answer, OUTCOME_RETRY);
    assert_int_equal(answer.retry_after_ms, 3000);
    answer = client_post(&client, "m f=1\n", 1);
    assert_outcome(answer, OUTCOME_RETRY);
    assert_int_equal(answer.retry_after_ms, -1);
    assert_outcome(client_post(&client, "m f=1\n", 1), OUTCOME_RETRY_BOUNDED);
    answer = client_post(&client, "m f=1\n", 1);
    assert_outcome(answer, OUTCOME_RETRY);
    assert_int_equal(answer.status, 0);
    assert_outcome(client_post(&client, "m f=1\n", 1), OUTCOME_STORED);
}

static void a_server_that_is_slow_is_tried_again(void **state)
{
    (void)state;
    const struct harness_http_rule rules[] = {
        {.path = "/ping", .status = 204, .headers = "X-Influxdb-Version: 1.8.10\r\n"},
        {.status = 204, .delay_ms = 3000},
    };
    client.settings.influxdb.timeout_ms = 200;
    serve(rules, 2);
    assert_outcome(client_probe(&client), OUTCOME_STORED);
    struct answer answer = client_post(&client, "m f=1\n", 1);
    assert_outcome(answer, OUTCOME_RETRY);
    assert_int_equal(answer.status, 0);
}

static void several_writes_go_at_once(void **state)
{
    (void)state;
    const struct harness_http_rule rules[] = {
        {.path = "/ping", .status = 200, .headers = "X-Influxdb-Version: 3.2.0\r\n"},
        {.status = 204, .delay_ms = 300},
    };
    serve(rules, 2);
    assert_outcome(client_probe(&client), OUTCOME_STORED);
    struct answer answers[4] = {0};
    int64_t begin = harness_now_ms();
    for (int i = 0; i < 4; i++)
        assert_int_equal(influx_write_post(client.w, TEXT("m f=1\n"), 1, &answers[i], client_take),
                         ERR_OK);
    for (int i = 0; i < 4; i++) {
        client_wait(&client, &answers[i]);
        assert_outcome(answers[i], OUTCOME_STORED);
    }
    assert_true(harness_now_ms() - begin < 4 * 300);
}

static void a_cancelled_write_is_forgotten(void **state)
{
    (void)state;
    const struct harness_http_rule rules[] = {
        {.path = "/ping", .status = 204, .headers = "X-Influxdb-Version: 1.8.10\r\n"},
        {.status = 204, .delay_ms = 200},
    };
    serve(rules, 2);
    assert_outcome(client_probe(&client), OUTCOME_STORED);
    struct answer cancelled = {0};
    assert_int_equal(influx_write_post(client.w, TEXT("m f=1\n"), 1, &cancelled, client_take),
                     ERR_OK);
    http_wait(client.http, NULL, 0, 10);
    http_cancel_all(client.http);
    assert_outcome(client_post(&client, "m f=2\n", 1), OUTCOME_STORED);
    assert_false(cancelled.here);
}

static void a_secret_s_file_that_is_missing_is_named(void **state)
{
    (void)state;
    struct http_options options = {.connections = 1};
    struct settings settings = {0};
    struct influx_write *none = NULL;
    struct err_reason why = {""};
    settings.influxdb.password_file = (char[]){"/nowhere/password"};
    assert_int_equal(http_open(&options, &client.http, NULL), ERR_OK);
    assert_int_not_equal(influx_write_open(client.http, &settings, &none, &why), ERR_OK);
    assert_non_null(strstr(why.text, "/nowhere/password"));
    assert_null(none);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, close_all)
    const struct CMUnitTest tests[] = {
        TEST(version_2_is_written_by_its_own_path),
        TEST(version_3_is_written_by_its_own_path),
        TEST(version_3_that_asks_for_a_token_is_known),
        TEST(version_3_names_its_bad_lines),
        TEST(a_configured_version_holds_and_the_ping_is_asked_all_the_same),
        TEST(who_is_no_influxdb_is_a_fault),
        TEST(a_busy_server_says_when),
        TEST(a_server_that_is_slow_is_tried_again),
        TEST(several_writes_go_at_once),
        TEST(a_cancelled_write_is_forgotten),
        TEST(a_secret_s_file_that_is_missing_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
