/* Queries to 2.x and 3.x, played by a scripted server that answers as docs/influxdb.md records, and
 * what the real 1.6.7 cannot be made to do. */
#include "asker.h"

#include <unistd.h>

#include "harness_http.h"

#define PING_1                                                                                     \
    {                                                                                              \
        .path = "/ping", .status = 204, .headers = "X-Influxdb-Version: 1.8.10\r\n"                \
    }
#define EMPTY "{\"results\":[{\"statement_id\":0}]}"

static struct harness_http *server;
static struct asker asker;

static int close_all(void **state)
{
    (void)state;
    asker_close(&asker);
    harness_http_close(server);
    server = NULL;
    return 0;
}

static void serve(const struct harness_http_rule *rules, size_t count)
{
    server = harness_http_open(rules, count);
    assert_non_null(server);
    asker_open(&asker, harness_http_url(server));
}

static void serve_and_probe(const struct harness_http_rule *rules, size_t count)
{
    serve(rules, count);
    struct told told = asker_probe(&asker, 5000);
    assert_told(told, ERR_OK);
}

static void assert_sent(const char *body, const char *authorization)
{
    const struct harness_http_request *last =
        harness_http_request(server, harness_http_count(server) - 1);
    char value[256] = "";
    assert_string_equal(last->method, "POST");
    assert_string_equal(last->path, "/query");
    assert_string_equal(last->body, body);
    assert_true(harness_http_header(last, "Content-Type", value, sizeof value));
    assert_string_equal(value, "application/x-www-form-urlencoded");
    assert_true(harness_http_header(last, "Accept", value, sizeof value));
    assert_string_equal(value, "application/json"); /* 3.0 refuses what it does not know */
    bool there = harness_http_header(last, "Authorization", value, sizeof value);
    assert_true(there == (authorization != NULL));
    if (authorization)
        assert_string_equal(value, authorization);
}

static void every_version_is_asked_by_the_same_form(void **state)
{
    (void)state;
    static char database[] = "home/30d & more";
    static const struct {
        const char *ping, *form, *authorization;
        long ping_status;
        enum dialect dialect;
    } rows[] = {
        {"X-Influxdb-Version: 1.6.7~rc0\r\n", "db=home%2F30d%20%26%20more", "Bearer my-token", 204,
         DIALECT_1},
        {"X-Influxdb-Version: v2.7.12\r\n", "db=home&rp=30d%20%26%20more", "Token my-token", 204,
         DIALECT_2},
        {"X-Influxdb-Version: 3.10.1\r\n", "db=home%2F30d%20%26%20more", "Bearer my-token", 200,
         DIALECT_3},
        {"cluster-uuid: 1\r\n", "db=home%2F30d%20%26%20more", "Bearer my-token", 401, DIALECT_3},
    };
    char token[64] = "/tmp/hearthline-token-XXXXXX", due[256];
    int descriptor = mkstemp(token);
    assert_true(descriptor >= 0);
    assert_true(dprintf(descriptor, "my-token\n") > 0);
    close(descriptor);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct harness_http_rule rules[] = {
            {.path = "/ping", .status = (int)rows[i].ping_status, .headers = rows[i].ping},
            {.method = "POST", .path = "/query", .status = 200, .body = EMPTY},
        };
        asker.settings.influxdb.database = database;
        asker.settings.influxdb.token_file = token;
        serve_and_probe(rules, 2);
        assert_int_equal(server_dialect(asker.server), rows[i].dialect);
        struct told told = asker_ask(&asker, "SELECT \"f\" FROM m;\n", 5000);
        assert_told(told, ERR_OK);
        table_free(told.table);
        snprintf(due, sizeof due, "%s&epoch=ms&q=SELECT%%20%%22f%%22%%20FROM%%20m%%3B%%0A",
                 rows[i].form);
        assert_sent(due, rows[i].authorization);
        close_all(NULL);
    }
    unlink(token);
}

static void a_retention_policy_is_refused_where_the_version_has_none(void **state)
{
    static char policy[] = "two_days";
    static const enum settings_version versions[] = {SETTINGS_INFLUX_1, SETTINGS_INFLUX_2,
                                                     SETTINGS_INFLUX_3};
    (void)state;
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        struct settings settings = {
            .influxdb = {.retention_policy = policy, .version = versions[i]}};
        struct err_reason why = {""};
        struct server *one = NULL;
        enum err e = server_open(NULL, &settings, &one, &why);
        assert_int_equal(e, i == 0 ? ERR_OK : ERR_INVALID);
        if (i > 0)
            assert_non_null(strstr(why.text, "retention_policy: only InfluxDB 1.x has them"));
        server_close(one);
    }
}

static void a_version_that_is_configured_needs_no_ping(void **state)
{
    (void)state;
    const struct harness_http_rule rules[] = {{.path = "/query", .status = 200, .body = EMPTY}};
    asker.settings.influxdb.version = SETTINGS_INFLUX_3;
    serve(rules, 1);
    struct told told = asker_ask(&asker, "SHOW DATABASES", 0);
    assert_told(told, ERR_OK);
    assert_string_equal(told.version, "");
    assert_int_equal(table_series_count(told.table), 0);
    table_free(told.table);
}

static void each_kind_of_answer_has_its_outcome(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *headers, *body, *words;
        enum err outcome;
    } rows[] = {
        {400, "", "{\"code\":\"invalid\",\"message\":\"failed to parse query: x\"}",
         "failed to parse query: x", ERR_REFUSED},
        {401, "", "{\"code\":\"unauthorized\",\"message\":\"unauthorized access\"}",
         "unauthorized access", ERR_REFUSED},
        {404, "", "{\"code\":\"not found\",\"message\":\"no dbrp mapping found\"}",
         "no dbrp mapping found", ERR_REFUSED},
        {400, "", "{\"error\": \"Authorization header was malformed\"}",
         "Authorization header was malformed", ERR_REFUSED},
        {500, "", "a query may touch at most 432 files\n", "a query may touch at most 432 files",
         ERR_REFUSED},
        {500, "", "", "HTTP status 500 without words", ERR_REFUSED},
        {200, "", "{\"results\":[{\"statement_id\":0,\"error\":\"table 'm' not found\"}]}",
         "table 'm' not found", ERR_REFUSED},
        {200, "", "{\"error\":\"partial\"}", "partial", ERR_REFUSED},
        {429, "Retry-After: 1\r\n", "slow down", "slow down", ERR_IO},
        {502, "", "<h1>Bad Gateway</h1>", "<h1>Bad Gateway</h1>", ERR_IO},
        {503, "", "{\"error\":\"stopping\"}", "stopping", ERR_IO},
        {0, "", "", "127.0.0.1:", ERR_IO},
        {200, "", "<html>Log in</html>", "JSON: ", ERR_INVALID},
        {200, "", "{\"results\":[{\"series\":[", "JSON ends", ERR_INVALID},
        {200, "", "", "JSON ends", ERR_INVALID},
        {204, "", "", "HTTP status 204 is no answer of InfluxDB", ERR_INVALID},
        {302, "Location: /login\r\n", "<html>", "HTTP status 302 is no answer", ERR_INVALID},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct harness_http_rule rules[] = {
            PING_1,
            {.path = "/query", .status = 200, .body = EMPTY, .times = 1},
            {.path = "/query",
             .status = rows[i].status,
             .headers = rows[i].headers,
             .body = rows[i].body},
        };
        serve_and_probe(rules, 3);
        struct told told = asker_ask(&asker, "SELECT f FROM m", 5000);
        assert_told(told, rows[i].outcome);
        assert_int_equal(told.status, rows[i].status);
        if (strncmp(told.words, rows[i].words, strlen(rows[i].words)) != 0)
            fail_msg("\"%s\", due was \"%s\"", told.words, rows[i].words);
        close_all(NULL);
    }
}

static void each_kind_of_ping_has_its_outcome(void **state)
{
    (void)state;
    static const struct {
        struct harness_http_rule ping;
        enum err outcome;
        size_t requests; /* whether the database was asked too */
    } rows[] = {
        {{.status = 503}, ERR_IO, 1},
        {{.status = 200, .body = "<html>Hello</html>"}, ERR_INVALID, 1},
        {{.status = 204, .headers = "X-Influxdb-Version: 1.8.10\r\n", .delay_ms = 3000},
         ERR_TIMEOUT,
         1},
        {{.status = 204, .headers = "X-Influxdb-Version: 1.8.10\r\n", .delay_ms = 800},
         ERR_TIMEOUT,
         2},
        {{.status = 204, .headers = "X-Influxdb-Version: 1.8.10\r\n"}, ERR_OK, 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct harness_http_rule rules[] = {
            rows[i].ping, {.path = "/query", .status = 200, .body = EMPTY, .delay_ms = 800}};
        rules[0].path = "/ping";
        serve(rules, 2);
        int64_t begin = harness_now_ms();
        struct told told = asker_probe(&asker, 1500); /* for both together */
        assert_told(told, rows[i].outcome);
        assert_in_range(harness_now_ms() - begin, 0, 2900);
        assert_int_equal(harness_http_count(server), rows[i].requests);
        if (told.outcome == ERR_OK) { /* of the query alone */
            assert_in_range(told.elapsed_us, 790000, 1500000);
            assert_string_equal(told.version, "1.8.10");
        }
        close_all(NULL);
    }
}

static void connections_are_kept_and_bounded(void **state)
{
    (void)state;
    struct told told[30];
    const struct harness_http_rule rules[] = {
        PING_1, {.path = "/query", .status = 200, .body = EMPTY, .delay_ms = 100}};
    asker.http_options.connect_timeout_ms =
        250; /* counts from the connecting, not from the queue */
    serve_and_probe(rules, 2);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 30; i++)
            asker_start(&asker, "SHOW DATABASES", 5000, &told[i]);
        for (int i = 0; i < 30; i++) {
            asker_wait(&asker, &told[i]);
            assert_told(told[i], ERR_OK);
            table_free(told[i].table);
        }
        assert_int_equal(harness_http_connections(server), 8);
    }
}

static void waiting_counts_against_the_time(void **state)
{
    (void)state;
    struct told told[5];
    const struct harness_http_rule rules[] = {
        PING_1,
        {.path = "/query", .status = 200, .body = EMPTY, .times = 1},
        {.path = "/query", .status = 200, .body = EMPTY, .delay_ms = 1000}};
    asker.http_options.connections = 1;
    serve_and_probe(rules, 3);
    int64_t begin = harness_now_ms();
    static const uint32_t timeouts_ms[] = {1700, 1700, 1200, 1300, 250};
    for (int i = 0; i < 5; i++)
        asker_start(&asker, "SHOW DATABASES", timeouts_ms[i], &told[i]);
    assert_int_equal(influx_query_under_way(asker.query), 5);
    asker_wait(&asker, &told[4]); /* the last, with the least time */
    assert_told(told[4], ERR_TIMEOUT);
    assert_non_null(strstr(told[4].words, "waiting"));
    assert_in_range(harness_now_ms() - begin, 245, 990);
    assert_in_range(told[4].elapsed_us, 245000, 990000);
    for (int i = 0; i < 4; i++)
        asker_wait(&asker, &told[i]);
    assert_in_range(harness_now_ms() - begin, 1690, 4000);
    assert_told(told[0], ERR_OK);
    assert_told(told[1], ERR_TIMEOUT); /* at the server when its time was over */
    assert_told(told[2], ERR_TIMEOUT);
    assert_told(told[3], ERR_TIMEOUT);
    table_free(told[0].table);
    assert_int_equal(influx_query_under_way(asker.query), 0);
    assert_int_equal(harness_http_count(server), 4); /* what only waited was not sent */
}

static void what_is_cancelled_is_freed_and_not_done(void **state)
{
    (void)state;
    struct told told[12];
    const struct harness_http_rule rules[] = {
        PING_1,
        {.path = "/query", .status = 200, .body = EMPTY, .times = 1},
        {.path = "/query", .status = 200, .body = EMPTY, .delay_ms = 300}};
    asker.http_options.connections = 3;
    serve_and_probe(rules, 3);
    for (int i = 0; i < 12; i++)
        asker_start(&asker, "SHOW DATABASES", 5000, &told[i]);
    http_wait(asker.http, NULL, 0, 10);
    http_cancel_all(asker.http);
    assert_int_equal(influx_query_under_way(asker.query), 0);
    struct told again = asker_ask(&asker, "SHOW DATABASES", 5000);
    assert_told(again, ERR_OK);
    table_free(again.table);
    for (int i = 0; i < 12; i++)
        assert_int_equal(told[i].times, 0);
    asker_start(&asker, "SHOW DATABASES", 5000, &told[0]); /* and at the end */
    struct told probe = {.times = 0};
    assert_int_equal(influx_query_probe(asker.query, 5000, &probe, asker_take), ERR_OK);
}

/* Asks once more from inside `done`, and leaves the first table to be freed. */
static void take_and_ask_again(void *context, struct influx_answer *answer)
{
    struct told *told = context;
    assert_int_equal(answer->outcome, ERR_OK);
    assert_non_null(answer->table);
    assert_int_equal(influx_query_under_way(asker.query), 0);
    asker_start(&asker, "SHOW DATABASES", 5000, told);
}

static void a_done_may_ask_again(void **state)
{
    (void)state;
    struct told told = {.times = 0};
    const struct harness_http_rule rules[] = {PING_1,
                                              {.path = "/query", .status = 200, .body = EMPTY}};
    asker.http_options.connections = 1;
    serve_and_probe(rules, 2);
    assert_int_equal(
        influx_query_ask(asker.query, TEXT("SHOW DATABASES"), 5000, &told, take_and_ask_again),
        ERR_OK);
    asker_wait(&asker, &told);
    assert_told(told, ERR_OK);
    table_free(told.table);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, close_all)
    const struct CMUnitTest tests[] = {
        TEST(every_version_is_asked_by_the_same_form),
        TEST(a_retention_policy_is_refused_where_the_version_has_none),
        TEST(a_version_that_is_configured_needs_no_ping),
        TEST(each_kind_of_answer_has_its_outcome),
        TEST(each_kind_of_ping_has_its_outcome),
        TEST(connections_are_kept_and_bounded),
        TEST(waiting_counts_against_the_time),
        TEST(what_is_cancelled_is_freed_and_not_done),
        TEST(a_done_may_ask_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
