/* Setup: 1.x against a real 1.6.7, 2.x and 3.x against a scripted server. */
#include "client.h"

#include "harness_http.h"

static struct harness *server;
static struct harness_http *script;
static struct client client;

static int close_all(void **state)
{
    (void)state;
    client_close(&client);
    harness_close(server);
    harness_http_close(script);
    server = NULL;
    script = NULL;
    return 0;
}

static void open_client(const char *url)
{
    client_open(&client, url);
    assert_outcome(client_probe(&client), OUTCOME_STORED);
}

static void query(const char *form, const char *user, char *reply, size_t size)
{
    assert_int_equal(harness_request(server, "/query", form, user, reply, size), 200);
}

static void version_1_gets_its_database(void **state)
{
    (void)state;
    char reply[4096];
    server = harness_influxd(NULL);
    assert_non_null(server);
    client.settings.influxdb.database = (char[]){"my \"home\" & 1"};
    client.settings.influxdb.retention = (char[]){"365d"};
    open_client(harness_url(server));
    struct answer answer = client_setup(&client);
    assert_outcome(answer, OUTCOME_STORED);
    assert_string_equal(answer.words, "created");
    answer = client_setup(&client);
    assert_outcome(answer, OUTCOME_STORED);
    assert_string_equal(answer.words, "exists");
    query("q=SHOW RETENTION POLICIES ON \"my \\\"home\\\" %26 1\"", NULL, reply, sizeof reply);
    assert_non_null(strstr(reply, "8760h0m0s"));
    assert_outcome(client_post(&client, "m f=1\n", 1), OUTCOME_STORED);
}

static void version_1_without_retention_keeps_for_ever(void **state)
{
    (void)state;
    char reply[4096];
    server = harness_influxd(NULL);
    assert_non_null(server);
    client.settings.influxdb.retention = (char[]){"0"};
    open_client(harness_url(server));
    assert_string_equal(client_setup(&client).words, "created");
    query("q=SHOW RETENTION POLICIES ON t", NULL, reply, sizeof reply);
    assert_non_null(strstr(reply, "\"0s\""));
    assert_string_equal(client_setup(&client).words, "exists");
}

static void another_retention_is_said_and_left(void **state)
{
    (void)state;
    char reply[4096];
    server = harness_influxd(NULL);
    assert_non_null(server);
    query("q=CREATE DATABASE t WITH DURATION 48h", NULL, NULL, 0);
    client.settings.influxdb.retention = (char[]){"1w3d"};
    open_client(harness_url(server));
    struct answer answer = client_setup(&client);
    assert_outcome(answer, OUTCOME_STORED);
    assert_string_equal(answer.words, "exists, and keeps data for 48 hours where "
                                      "influxdb.retention says 1w3d; it is left as it is; to "
                                      "change it: ALTER RETENTION POLICY \"autogen\" ON \"t\" "
                                      "DURATION 1w3d");
    query("q=SHOW RETENTION POLICIES ON t", NULL, reply, sizeof reply);
    assert_non_null(strstr(reply, "48h0m0s"));
}

static void a_named_policy_is_made_beside_the_default_one(void **state)
{
    (void)state;
    char reply[4096];
    server = harness_influxd(NULL);
    assert_non_null(server);
    client.settings.influxdb.retention = (char[]){"2d"};
    client.settings.influxdb.retention_policy = (char[]){"two \"days\""};
    open_client(harness_url(server));
    assert_string_equal(client_setup(&client).words, "created");
    assert_string_equal(client_setup(&client).words, "exists");
    query("q=SHOW RETENTION POLICIES ON t", NULL, reply, sizeof reply);
    assert_non_null(strstr(reply, "[\"autogen\",\"0s\",\"168h0m0s\",1,true]"));
    assert_non_null(strstr(reply, "[\"two \\\"days\\\"\",\"48h0m0s\",\"24h0m0s\",1,false]"));
    assert_outcome(client_post(&client, "m f=1\n", 1), OUTCOME_STORED);
    query("db=t&q=SELECT f FROM \"two \\\"days\\\"\".m", NULL, reply, sizeof reply);
    assert_non_null(strstr(reply, "\"f\""));
    client.settings.influxdb.retention = (char[]){"3d"};
    assert_non_null(strstr(client_setup(&client).words,
                           "ALTER RETENTION POLICY \"two \\\"days\\\"\" ON \"t\" DURATION 3d"));
    query("q=DROP RETENTION POLICY \"two \\\"days\\\"\" ON t", NULL, NULL, 0);
    assert_outcome(client_post(&client, "m f=1\n", 1), OUTCOME_FAULT);
    client.settings.influxdb.retention_policy = NULL;
}

/* The server's own refusal is told: less than an hour is no retention. */
static void a_retention_that_is_refused_is_a_fault(void **state)
{
    (void)state;
    server = harness_influxd(NULL);
    assert_non_null(server);
    client.settings.influxdb.retention = (char[]){"30m"};
    open_client(harness_url(server));
    struct answer answer = client_setup(&client);
    assert_outcome(answer, OUTCOME_FAULT);
    assert_non_null(strstr(answer.words, "retention policy duration must be at least 1h0m0s"));
}

static void a_retention_that_is_none_is_not_sent(void **state)
{
    (void)state;
    server = harness_influxd(NULL);
    assert_non_null(server);
    static char *const bad[] = {
        "1y", "d", "12", "-1d", "1d; DROP DATABASE x", "1 d", "99999999999999999999d"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        client.settings.influxdb.retention = bad[i];
        open_client(harness_url(server));
        struct answer answer = {0};
        assert_int_equal(influx_setup_start(client.w, &answer, client_take), ERR_INVALID);
        client_close(&client);
    }
}

static void a_role_that_may_not_gets_the_statement(void **state)
{
    (void)state;
    char path[256];
    server = harness_influxd("auth-enabled = true\n");
    assert_non_null(server);
    query("q=CREATE USER boss WITH PASSWORD 'right' WITH ALL PRIVILEGES", NULL, NULL, 0);
    query("q=CREATE USER small WITH PASSWORD 'small'", "boss:right", NULL, 0);
    assert_true(harness_write_file(server, "password", "small", path, sizeof path));
    client.settings.influxdb.username = (char[]){"small"};
    client.settings.influxdb.password_file = path;
    client.settings.influxdb.retention = (char[]){"30d"};
    open_client(harness_url(server));
    struct answer answer = client_setup(&client);
    assert_outcome(answer, OUTCOME_FAULT);
    assert_int_equal(answer.status, 403);
    assert_non_null(strstr(answer.words, "runs: CREATE DATABASE \"t\" WITH DURATION 30d"));

    /* with a grant on a database that is there, it is seen */
    query("q=CREATE DATABASE t WITH DURATION 30d", "boss:right", NULL, 0);
    query("q=GRANT WRITE ON t TO small", "boss:right", NULL, 0);
    answer = client_setup(&client);
    assert_outcome(answer, OUTCOME_STORED);
    assert_string_equal(answer.words, "exists");

    assert_true(harness_write_file(server, "password", "wrong", path, sizeof path));
    client_close(&client);
    client.settings.influxdb.username = (char[]){"small"};
    client.settings.influxdb.password_file = path;
    open_client(harness_url(server));
    answer = client_setup(&client);
    assert_outcome(answer, OUTCOME_FAULT);
    assert_int_equal(answer.status, 401);
}

static void a_server_that_is_away_is_tried_again(void **state)
{
    (void)state;
    server = harness_influxd(NULL);
    assert_non_null(server);
    open_client(harness_url(server));
    harness_stop(server, 9);
    struct answer answer = client_setup(&client);
    assert_outcome(answer, OUTCOME_RETRY);
    assert_int_equal(answer.status, 0);
}

static void serve(const struct harness_http_rule *rules, size_t count)
{
    script = harness_http_open(rules, count);
    assert_non_null(script);
    open_client(harness_http_url(script));
}

static const struct harness_http_request *last(void)
{
    return harness_http_request(script, harness_http_count(script) - 1);
}

#define PING_2                                                                                     \
    {                                                                                              \
        .path = "/ping", .status = 204, .headers = "X-Influxdb-Version: v2.7.12\r\n"               \
    }
#define PING_3                                                                                     \
    {                                                                                              \
        .path = "/ping", .status = 200, .headers = "X-Influxdb-Version: 3.10.1\r\n"                \
    }

static void version_2_gets_its_bucket(void **state)
{
    (void)state;
    const struct harness_http_rule rules[] = {
        PING_2,
        {.method = "GET",
         .path = "/api/v2/buckets?name=my%20home&org=us",
         .status = 200,
         .body = "{\"links\":{},\"buckets\":[]}"},
        {.method = "GET",
         .path = "/api/v2/orgs?org=us",
         .status = 200,
         .body = "{\"orgs\":[{\"id\":\"0123\",\"name\":\"us\"}]}"},
        {.method = "POST", .path = "/api/v2/buckets", .status = 201, .body = "{}"},
    };
    client.settings.influxdb.database = (char[]){"my home"};
    client.settings.influxdb.org = (char[]){"us"};
    client.settings.influxdb.retention = (char[]){"30d"};
    serve(rules, 4);
    struct answer answer = client_setup(&client);
    assert_outcome(answer, OUTCOME_STORED);
    assert_string_equal(answer.words, "created");
    assert_string_equal(last()->body,
                        "{\"orgID\":\"0123\",\"name\":\"my home\",\"retentionRules\":[{\"type\":"
                        "\"expire\",\"everySeconds\":2592000}]}");
}

static void version_2_looks_before_it_makes(void **state)
{
    (void)state;
    const struct harness_http_rule rules[] = {
        PING_2,
        {.path = "/api/v2/buckets",
         .status = 200,
         .body = "{\"buckets\":[{\"name\":\"t\",\"retentionRules\":[{\"type\":\"expire\","
                 "\"everySeconds\":3600}]}]}",
         .times = 1},
        {.path = "/api/v2/buckets",
         .status = 200,
         .body = "{\"buckets\":[{\"name\":\"t\",\"retentionRules\":[]}]}",
         .times = 1},
    };
    client.settings.influxdb.retention = (char[]){"2h"};
    serve(rules, 3);
    struct answer answer = client_setup(&client);
    assert_outcome(answer, OUTCOME_STORED);
    assert_memory_equal(answer.words, "exists, and keeps data for 1 hours", 34);
    answer = client_setup(&client);
    assert_outcome(answer, OUTCOME_STORED);
    assert_memory_equal(answer.words, "exists, and keeps data for ever", 31);
    assert_int_equal(harness_http_count(script), 3);
}

static void version_2_that_refuses_gets_the_command(void **state)
{
    (void)state;
    const struct harness_http_rule rules[] = {
        PING_2,
        {.method = "GET",
         .path = "/api/v2/buckets",
         .status = 404,
         .body = "{\"code\":\"not found\"}"},
        {.path = "/api/v2/orgs", .status = 200, .body = "{\"orgs\":[{\"id\":\"1\"}]}", .times = 1},
        {.method = "POST",
         .path = "/api/v2/buckets",
         .status = 403,
         .body = "{\"code\":\"forbidden\",\"message\":\"insufficient permissions for write\"}",
         .times = 1},
        {.path = "/api/v2/orgs",
         .status = 200,
         .body = "{\"orgs\":[{\"id\":\"1\"},{\"id\":\"2\"}]}",
         .times = 1},
        {.path = "/api/v2/orgs", .status = 200, .body = "{\"orgs\":[{\"id\":\"1\"}]}", .times = 1},
        {.method = "POST", .path = "/api/v2/buckets", .status = 422},
    };
    client.settings.influxdb.retention = (char[]){"0"};
    serve(rules, sizeof rules / sizeof *rules);
    struct answer answer = client_setup(&client);
    assert_outcome(answer, OUTCOME_FAULT);
    assert_string_equal(answer.words, "insufficient permissions for write; whoever may create it "
                                      "runs: influx bucket create --name 't' --org ''");
    answer = client_setup(&client); /* two organizations, and none is named */
    assert_outcome(answer, OUTCOME_FAULT);
    assert_non_null(strstr(answer.words, "influxdb.org"));
    answer = client_setup(&client); /* somebody else was faster */
    assert_outcome(answer, OUTCOME_STORED);
    assert_string_equal(answer.words, "exists");
    assert_string_equal(last()->body, "{\"orgID\":\"1\",\"name\":\"t\",\"retentionRules\":[]}");
}

static void version_3_gets_its_database(void **state)
{
    (void)state;
    const struct harness_http_rule rules[] = {
        PING_3,
        {.path = "/api/v3/configure/database", .status = 200, .times = 1},
        {.path = "/api/v3/configure/database", .status = 409, .times = 1},
        {.path = "/api/v3/configure/database", .status = 503, .times = 1},
        {.path = "/api/v3/configure/database",
         .status = 401,
         .body = "{\"error\": \"the request was not authenticated\"}"},
    };
    client.settings.influxdb.retention = (char[]){"30d"};
    serve(rules, sizeof rules / sizeof *rules);
    struct answer answer = client_setup(&client);
    assert_outcome(answer, OUTCOME_STORED);
    assert_string_equal(answer.words, "created");
    assert_string_equal(last()->method, "POST");
    assert_string_equal(last()->body, "{\"db\":\"t\",\"retention_period\":\"2592000s\"}");
    answer = client_setup(&client);
    assert_outcome(answer, OUTCOME_STORED);
    assert_string_equal(answer.words, "exists");
    assert_outcome(client_setup(&client), OUTCOME_RETRY);
    answer = client_setup(&client);
    assert_outcome(answer, OUTCOME_FAULT);
    assert_non_null(
        strstr(answer.words, "runs: influxdb3 create database --retention-period 2592000s 't'"));
}

static void what_is_cancelled_is_freed(void **state)
{
    (void)state;
    const struct harness_http_rule rules[] = {PING_3, {.status = 200, .delay_ms = 200}};
    serve(rules, 2);
    struct answer answer = {0};
    assert_int_equal(influx_setup_start(client.w, &answer, client_take), ERR_OK);
    http_wait(client.http, NULL, 0, 10);
    http_cancel_all(client.http);
    assert_false(answer.here);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, close_all)
    const struct CMUnitTest tests[] = {
        TEST(version_1_gets_its_database),
        TEST(version_1_without_retention_keeps_for_ever),
        TEST(another_retention_is_said_and_left),
        TEST(a_named_policy_is_made_beside_the_default_one),
        TEST(a_retention_that_is_refused_is_a_fault),
        TEST(a_retention_that_is_none_is_not_sent),
        TEST(a_role_that_may_not_gets_the_statement),
        TEST(a_server_that_is_away_is_tried_again),
        TEST(version_2_gets_its_bucket),
        TEST(version_2_looks_before_it_makes),
        TEST(version_2_that_refuses_gets_the_command),
        TEST(version_3_gets_its_database),
        TEST(what_is_cancelled_is_freed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
