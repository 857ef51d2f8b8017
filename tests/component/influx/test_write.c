/* Writes to a real InfluxDB 1.6.7: every outcome that it can be brought to. */
#include "client.h"

#include <signal.h>
#include <unistd.h>

static struct harness *server;
static struct client client;

static int close_all(void **state)
{
    (void)state;
    client_close(&client);
    harness_close(server);
    server = NULL;
    return 0;
}

/* Starts a server with these lines in its [http] section, and a client that knows its version. */
static void start(const char *lines)
{
    server = harness_influxd(lines);
    assert_non_null(server);
    client_open(&client, harness_url(server));
    struct answer answer = client_probe(&client);
    assert_outcome(answer, OUTCOME_STORED);
    assert_non_null(strstr(answer.words, "1.6.7"));
}

static void query(const char *form, const char *user, char *reply, size_t size)
{
    assert_int_equal(harness_request(server, "/query", form, user, reply, size), 200);
}

static void create_database(void)
{
    query("q=CREATE DATABASE t", NULL, NULL, 0);
}

static long stored(const char *user)
{
    char reply[4096];
    query("db=t&q=SELECT count(f) FROM m", user, reply, sizeof reply);
    const char *at = strstr(reply, "\"values\":[[0,"); /* its time is 0 without a bound */
    at = at ? at : strstr(reply, "\"1970-01-01T00:00:00Z\"");
    return at ? strtol(strchr(at, ',') + 1, NULL, 10) : 0;
}

static void write_lines(struct buf *lines, int first, int count, int bad)
{
    for (int i = first; i < first + count; i++)
        if (i == bad)
            buf_string(lines, "m,bad=yes f=\n");
        else
            buf_printf(lines, "m,n=%d f=%d %d\n", i % 10, i, 1700000000 + i);
}

static void the_version_is_known_before_a_write(void **state)
{
    (void)state;
    server = harness_influxd(NULL);
    assert_non_null(server);
    client_open(&client, harness_url(server));
    struct answer answer = {0};
    assert_int_equal(influx_write_dialect(client.w), DIALECT_UNKNOWN);
    assert_int_equal(influx_write_post(client.w, TEXT("m f=1\n"), 1, &answer, client_take),
                     ERR_INVALID);
    answer = client_probe(&client);
    assert_outcome(answer, OUTCOME_STORED);
    assert_int_equal(influx_write_dialect(client.w), DIALECT_1);
    assert_memory_equal(influx_write_version(client.w), "1.6.7", 5);
    assert_int_equal(influx_write_parallel(client.w), 1);
}

static void lines_are_stored_and_again_is_once(void **state)
{
    (void)state;
    start(NULL);
    create_database();
    struct buf lines = {0};
    write_lines(&lines, 0, 5000, -1);
    for (int i = 0; i < 2; i++) {
        struct answer answer = client_post(&client, buf_cstr(&lines), 5000);
        assert_outcome(answer, OUTCOME_STORED);
        assert_int_equal(answer.status, 204);
        assert_int_equal(answer.retry_after_ms, -1);
        assert_int_equal(stored(NULL), 5000);
    }
    buf_free(&lines);
}

static void gzip_is_understood(void **state)
{
    (void)state;
    client.settings.influxdb.gzip = true;
    start("max-body-size = 20000\n"); /* counted on the compressed bytes */
    create_database();
    struct buf lines = {0};
    for (int first = 0; first < 3000; first += 1000) { /* its state is used again */
        buf_reset(&lines);
        write_lines(&lines, first, 1000, -1);
        assert_true(lines.len > 20000);
        struct answer answer = client_post(&client, buf_cstr(&lines), 1000);
        assert_outcome(answer, OUTCOME_STORED);
    }
    assert_int_equal(stored(NULL), 3000);
    buf_free(&lines);
}

static void one_bad_line_of_many_splits_and_the_others_are_kept(void **state)
{
    (void)state;
    start(NULL);
    create_database();
    struct buf lines = {0};
    write_lines(&lines, 0, 5000, 2500);
    struct answer answer = client_post(&client, buf_cstr(&lines), 5000);
    assert_outcome(answer, OUTCOME_SPLIT);
    assert_int_equal(answer.bad_count, 0);
    assert_int_equal(stored(NULL), 4999);
    answer = client_post(&client, "m,bad=yes f=\n", 1);
    assert_outcome(answer, OUTCOME_REJECTED);
    assert_int_equal(answer.bad_count, 1);
    assert_int_equal(answer.bad[0].line, 0);
    assert_non_null(strstr(answer.bad[0].words, "missing field value"));
    buf_free(&lines);
}

static void a_type_conflict_costs_its_line_only(void **state)
{
    (void)state;
    start(NULL);
    create_database();
    assert_outcome(client_post(&client, "m f=1 1\n", 1), OUTCOME_STORED);
    struct answer answer = client_post(&client, "m f=2 2\nm f=\"word\" 3\nm f=4 4\n", 3);
    assert_outcome(answer, OUTCOME_SPLIT);
    assert_int_equal(stored(NULL), 3);
    answer = client_post(&client, "m f=\"word\" 3\n", 1);
    assert_outcome(answer, OUTCOME_REJECTED);
    assert_non_null(strstr(answer.words, "field type conflict"));
    answer = client_post(&client, "m f=7i 3\n", 1); /* an integer is another type too */
    assert_outcome(answer, OUTCOME_REJECTED);
}

static void what_is_older_than_retention_is_rejected(void **state)
{
    (void)state;
    start(NULL);
    query("q=CREATE DATABASE t WITH DURATION 1h", NULL, NULL, 0);
    struct answer answer = client_post(&client, "m f=1 1\nm f=2\n", 2);
    assert_outcome(answer, OUTCOME_SPLIT);
    assert_int_equal(stored(NULL), 1);
    answer = client_post(&client, "m f=1 1\n", 1);
    assert_outcome(answer, OUTCOME_REJECTED);
    assert_non_null(strstr(answer.words, "points beyond retention policy"));
}

static void a_reserved_tag_is_rejected(void **state)
{
    (void)state;
    start(NULL);
    create_database();
    struct answer answer = client_post(&client, "m,time=x f=1 1\nm f=2 2\n", 2);
    assert_outcome(answer, OUTCOME_SPLIT);
    assert_int_equal(stored(NULL), 1);
}

static void a_missing_database_is_a_fault(void **state)
{
    (void)state;
    start(NULL);
    struct answer answer = client_post(&client, "m f=1\n", 1);
    assert_outcome(answer, OUTCOME_FAULT);
    assert_int_equal(answer.status, 404);
    assert_string_equal(answer.words, "database not found: \"t\"");
    create_database();
    assert_outcome(client_post(&client, "m f=1\n", 1), OUTCOME_STORED);
}

static void a_body_that_is_too_large_splits(void **state)
{
    (void)state;
    start("max-body-size = 1000\n");
    create_database();
    struct buf lines = {0};
    write_lines(&lines, 0, 100, -1);
    struct answer answer = client_post(&client, buf_cstr(&lines), 100);
    assert_outcome(answer, OUTCOME_SPLIT);
    assert_int_equal(answer.status, 413);
    assert_int_equal(stored(NULL), 0);
    buf_reset(&lines);
    write_lines(&lines, 0, 20, -1);
    assert_outcome(client_post(&client, buf_cstr(&lines), 20), OUTCOME_STORED);
    buf_free(&lines);
}

/* The refused line comes back whole, longer than the reply may be. */
static void a_giant_bad_line_is_a_bad_line(void **state)
{
    (void)state;
    start(NULL);
    create_database();
    struct buf lines = {0};
    buf_string(&lines, "m f=\"");
    for (int i = 0; i < 300000; i++)
        buf_char(&lines, 'x');
    buf_string(&lines, "\n");
    struct answer answer = client_post(&client, buf_cstr(&lines), 1);
    assert_outcome(answer, OUTCOME_REJECTED);
    assert_int_equal(answer.status, 400);
    buf_free(&lines);
}

static void a_changed_password_is_taken_up(void **state)
{
    (void)state;
    char path[256];
    server = harness_influxd("auth-enabled = true\n");
    assert_non_null(server);
    query("q=CREATE USER boss WITH PASSWORD 'right' WITH ALL PRIVILEGES", NULL, NULL, 0);
    query("q=CREATE DATABASE t", "boss:right", NULL, 0);
    assert_true(harness_write_file(server, "password", "wrong\n", path, sizeof path));
    client.settings.influxdb.username = (char[]){"boss"};
    client.settings.influxdb.password_file = path;
    client_open(&client, harness_url(server));
    assert_outcome(client_probe(&client), OUTCOME_STORED); /* /ping asks for nothing */
    struct answer answer = client_post(&client, "m f=1\n", 1);
    assert_outcome(answer, OUTCOME_FAULT);
    assert_int_equal(answer.status, 401);
    assert_string_equal(answer.words, "authorization failed");
    answer = client_post(&client, "m f=1\n", 1); /* the same secret, the same answer */
    assert_outcome(answer, OUTCOME_FAULT);
    assert_true(harness_write_file(server, "password", "right\n", path, sizeof path));
    assert_outcome(client_post(&client, "m f=1\n", 1), OUTCOME_STORED);
    assert_int_equal(unlink(path), 0); /* read only when needed */
    assert_outcome(client_post(&client, "m f=2 5\n", 1), OUTCOME_STORED);
    assert_int_equal(stored("boss:right"), 2);
}

static void a_user_without_the_right_is_a_fault(void **state)
{
    (void)state;
    char path[256];
    server = harness_influxd("auth-enabled = true\n");
    assert_non_null(server);
    query("q=CREATE USER boss WITH PASSWORD 'right' WITH ALL PRIVILEGES", NULL, NULL, 0);
    query("q=CREATE DATABASE t", "boss:right", NULL, 0);
    query("q=CREATE USER reader WITH PASSWORD 'r'", "boss:right", NULL, 0);
    query("q=GRANT READ ON t TO reader", "boss:right", NULL, 0);
    assert_true(harness_write_file(server, "password", "r", path, sizeof path));
    client.settings.influxdb.username = (char[]){"reader"};
    client.settings.influxdb.password_file = path;
    client_open(&client, harness_url(server));
    assert_outcome(client_probe(&client), OUTCOME_STORED);
    struct answer answer = client_post(&client, "m f=1\n", 1);
    assert_outcome(answer, OUTCOME_FAULT);
    assert_int_equal(answer.status, 403);
}

static void a_server_that_comes_back_is_used_again(void **state)
{
    (void)state;
    start(NULL);
    create_database();
    assert_outcome(client_post(&client, "m f=1 1\n", 1), OUTCOME_STORED);
    harness_stop(server, SIGKILL);
    struct answer answer = client_post(&client, "m f=2 2\n", 1);
    assert_outcome(answer, OUTCOME_RETRY);
    assert_int_equal(answer.status, 0);
    assert_true(*answer.words);
    assert_outcome(client_probe(&client), OUTCOME_RETRY);
    assert_int_equal(influx_write_dialect(client.w), DIALECT_1); /* not unlearned */
    assert_true(harness_start(server));
    assert_outcome(client_probe(&client), OUTCOME_STORED);
    assert_outcome(client_post(&client, "m f=2 2\n", 1), OUTCOME_STORED);
    assert_int_equal(stored(NULL), 2); /* and what was acknowledged is still there */
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, close_all)
    const struct CMUnitTest tests[] = {
        TEST(the_version_is_known_before_a_write),
        TEST(lines_are_stored_and_again_is_once),
        TEST(gzip_is_understood),
        TEST(one_bad_line_of_many_splits_and_the_others_are_kept),
        TEST(a_type_conflict_costs_its_line_only),
        TEST(what_is_older_than_retention_is_rejected),
        TEST(a_reserved_tag_is_rejected),
        TEST(a_missing_database_is_a_fault),
        TEST(a_body_that_is_too_large_splits),
        TEST(a_giant_bad_line_is_a_bad_line),
        TEST(a_changed_password_is_taken_up),
        TEST(a_user_without_the_right_is_a_fault),
        TEST(a_server_that_comes_back_is_used_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
