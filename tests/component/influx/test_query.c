/* Queries against a real InfluxDB 1.6.7. */
#include "asker.h"

#include <signal.h>
#include <sys/wait.h>

static struct harness *server;
static struct asker asker;

static int close_all(void **state)
{
    (void)state;
    asker_close(&asker);
    harness_close(server);
    server = NULL;
    return 0;
}

static void open_server(const char *config)
{
    server = harness_influxd(config);
    assert_non_null(server);
}

static void open_with_database(const char *config)
{
    open_server(config);
    assert_int_equal(harness_request(server, "/query", "q=CREATE DATABASE t", NULL, NULL, 0), 200);
    asker_open(&asker, harness_url(server));
    struct told told = asker_probe(&asker, 10000);
    assert_told(told, ERR_OK);
}

static void store(const char *lines)
{
    char reply[1024];
    if (harness_request(server, "/write?db=t&precision=ms", lines, NULL, reply, sizeof reply) !=
        204)
        fail_msg("%s", reply);
}

/* Many rows, one a second from 1970 on. */
static void store_rows(unsigned count)
{
    struct buf lines = {0};
    for (unsigned i = 0; i < count; i++)
        buf_printf(&lines, "many f=%u,s=\"0123456789012345678901234567890123456789\" %u000\n", i,
                   i);
    store(buf_cstr(&lines));
    buf_free(&lines);
}

static void a_probe_knows_the_server_and_its_database(void **state)
{
    (void)state;
    struct told told;
    open_server(NULL);
    asker_open(&asker, harness_url(server));
    assert_int_equal(influx_query_ask(asker.query, TEXT("SHOW DATABASES"), 0, &told, asker_take),
                     ERR_UNSUPPORTED); /* before it is known who is there */
    told = asker_probe(&asker, 10000);
    assert_told(told, ERR_REFUSED);
    assert_string_equal(told.words, "database not found: t");
    assert_memory_equal(told.version, "1.6.7", 5);
    assert_int_equal(server_dialect(asker.server), DIALECT_1);
    assert_int_equal(harness_request(server, "/query", "q=CREATE DATABASE t", NULL, NULL, 0), 200);
    told = asker_probe(&asker, 10000);
    assert_told(told, ERR_OK);
    assert_int_equal(told.status, 200);
    assert_in_range(told.elapsed_us, 1, 5000000);
    assert_int_equal(influx_query_under_way(asker.query), 0);
}

static void what_was_stored_is_told(void **state)
{
    (void)state;
    double number;
    open_with_database(NULL);
    store("m,host=a f=1,n=9007199254740993i,s=\"w\\\"ord\",b=true 1700000000000\n"
          "m,host=a f=3 1700000060000\n"
          "m,host=b f=5 1700000000000\n"
          "m f=7 1700000000000\n");
    struct told told = asker_ask(&asker,
                                 "SELECT mean(f) AS mean, sum(n) AS sum FROM m WHERE time >= "
                                 "1700000000s AND time < 1700000120s GROUP BY time(1m), host "
                                 "fill(null)",
                                 5000);
    assert_told(told, ERR_OK);
    struct table *table = told.table;
    assert_int_equal(table_series_count(table), 3);
    for (size_t i = 0; i < 3; i++) {
        static const char *const hosts[] = {"", "a", "b"};
        static const double means[] = {7, 1, 5};
        assert_true(text_equal(table_name(table, i), TEXT("m")));
        assert_true(text_equal(table_tag(table, i, TEXT("host")), text_of(hosts[i])));
        assert_int_equal(table_rows(table, i), 3); /* the first begins before the range */
        assert_true(table_time_ms(table, i, 0) == 1699999980000);
        assert_true(table_number(table, i, 0, table_column(table, i, TEXT("mean")), &number));
        assert_true(number == means[i]);
        assert_false(table_number(table, i, 2, 1, &number));
    }
    assert_true(value_integer(table_at(table, 1, 0, table_column(table, 1, TEXT("sum")))) ==
                9007199254740993);
    table_free(table);

    told = asker_ask(&asker, "SELECT s, b FROM m WHERE host = 'a' ORDER BY time LIMIT 1", 5000);
    assert_told(told, ERR_OK);
    assert_true(text_equal(value_text(table_at(told.table, 0, 0, 1)), TEXT("w\"ord")));
    assert_true(value_bool(table_at(told.table, 0, 0, 2)));
    table_free(told.table);

    static const char *const nothing[] = {"SELECT f FROM nowhere", "SELECT nothing FROM m",
                                          "SELECT count(f) FROM m WHERE time < 0"};
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++) {
        told = asker_ask(&asker, nothing[i], 5000);
        assert_told(told, ERR_OK);
        assert_int_equal(table_series_count(told.table), 0);
        table_free(told.table);
    }
}

static void a_statement_arrives_as_it_was_written(void **state)
{
    (void)state;
    open_with_database(NULL);
    store("m,host=a&b\\=c+d%41;\\ \xC3\xA9#? f=1 0\n");
    struct told told = asker_ask(
        &asker, "SELECT f FROM m\n WHERE host = 'a&b=c+d%41; \xC3\xA9#?' /* ; & */", 5000);
    assert_told(told, ERR_OK);
    assert_int_equal(table_rows(told.table, 0), 1);
    table_free(told.table);
}

static void the_server_s_no_is_told(void **state)
{
    (void)state;
    open_with_database(NULL);
    store("m f=1,s=\"x\" 0\n");
    static const struct {
        const char *statement, *words;
        long status;
    } rows[] = {
        {"SELECT FROM", "error parsing query: ", 400},
        {"", "missing required parameter \"q\"", 400},
        {"SELECT f FROM \"nowhere\"..m", "database not found: nowhere", 200},
        {"SELECT f FROM t.\"nowhere\".m", "retention policy not found: nowhere", 200},
        {"SELECT nofunction(f) FROM m", "undefined function nofunction()", 200},
        {"SELECT sum(s) FROM m", "unsupported", 200},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct told told = asker_ask(&asker, rows[i].statement, 5000);
        assert_told(told, ERR_REFUSED);
        if (!strstr(told.words, rows[i].words) || told.status != rows[i].status)
            fail_msg("%s: %ld %s", rows[i].statement, told.status, told.words);
    }
    struct told told = asker_ask(&asker, "SELECT f FROM m", 5000);
    assert_told(told, ERR_OK);
    table_free(told.table);
}

static void rows_that_were_left_out_are_told(void **state)
{
    (void)state;
    open_with_database("max-row-limit = 2\n");
    store_rows(5);
    struct told told = asker_ask(&asker, "SELECT f FROM many", 5000);
    assert_told(told, ERR_OK);
    assert_true(table_partial(told.table));
    assert_int_equal(table_rows(told.table, 0), 2);
    table_free(told.table);
}

static bool no_other_query(void *context)
{
    char reply[4096];
    (void)context;
    assert_int_equal(harness_request(server, "/query", "q=SHOW QUERIES", NULL, reply, sizeof reply),
                     200);
    return strstr(reply, "SHOW QUERIES") && !strstr(reply, "SELECT");
}

static bool another_query(void *context)
{
    http_wait(asker.http, NULL, 0, 5);
    return !no_other_query(context);
}

static void a_timeout_ends_the_query_at_the_server(void **state)
{
    (void)state;
    struct told told;
    open_with_database(NULL);
    store("m f=1 0\n");
    int64_t begin = harness_now_ms();
    asker_start(&asker,
                "SELECT count(x) FROM (SELECT mean(f) AS x FROM m WHERE time >= 0 AND time < "
                "40000d GROUP BY time(1s) fill(0))",
                1000, &told);
    assert_true(harness_until(another_query, NULL, 900)); /* it is at work there */
    assert_int_equal(influx_query_under_way(asker.query), 1);
    asker_wait(&asker, &told);
    assert_told(told, ERR_TIMEOUT);
    assert_in_range(harness_now_ms() - begin, 990, 2500);
    assert_in_range(told.elapsed_us, 990000, 2500000);
    assert_true(harness_until(no_other_query, NULL, 5000));
    assert_int_equal(influx_query_under_way(asker.query), 0);
}

static void twenty_at_once_are_all_answered(void **state)
{
    (void)state;
    struct told told[20];
    double number;
    open_with_database(NULL);
    store_rows(20);
    for (unsigned i = 0; i < 20; i++) {
        char statement[64];
        snprintf(statement, sizeof statement, "SELECT f FROM many WHERE time = %us", i);
        asker_start(&asker, statement, 10000, &told[i]);
    }
    assert_int_equal(influx_query_under_way(asker.query), 20);
    for (unsigned i = 0; i < 20; i++) {
        asker_wait(&asker, &told[i]);
        assert_told(told[i], ERR_OK);
        assert_true(table_number(told[i].table, 0, 0, 1, &number));
        assert_true(number == i); /* each its own */
        table_free(told[i].table);
    }
}

static void a_reply_that_is_too_long_is_told(void **state)
{
    (void)state;
    open_with_database(NULL);
    store_rows(10000);
    struct told told = asker_ask(&asker, "SELECT f, s FROM many", 10000); /* 600 KB */
    assert_told(told, ERR_TOO_LARGE);
    assert_string_equal(told.words, "the answer is longer than 65536 bytes");
    told = asker_ask(&asker, "SELECT f, s FROM many LIMIT 1200", 10000); /* not twice as long */
    assert_told(told, ERR_TOO_LARGE);
    told = asker_ask(&asker, "SELECT f, s FROM many LIMIT 900", 10000);
    assert_told(told, ERR_OK);
    assert_int_equal(table_rows(told.table, 0), 900);
    assert_false(table_partial(told.table));
    table_free(told.table);
}

static void a_server_that_is_away_is_told_and_taken_up_again(void **state)
{
    (void)state;
    char place[64];
    open_with_database(NULL);
    harness_stop(server, SIGTERM);
    struct told told = asker_ask(&asker, "SHOW DATABASES", 5000);
    assert_told(told, ERR_IO);
    snprintf(place, sizeof place, "127.0.0.1:%u: ", harness_port(server));
    assert_non_null(strstr(told.words, place));
    assert_true(told.elapsed_us < 4000000);
    told = asker_probe(&asker, 5000);
    assert_told(told, ERR_IO);
    assert_memory_equal(told.version, "1.6.7", 5); /* not unlearned */
    assert_true(harness_start(server));
    told = asker_ask(&asker, "SHOW DATABASES", 5000);
    assert_told(told, ERR_OK);
    table_free(told.table);
}

static void a_server_that_hangs_is_a_timeout(void **state)
{
    (void)state;
    open_with_database(NULL);
    siginfo_t stopped; /* a thread or two of it may still run for a moment */
    assert_int_equal(kill(harness_pid(server), SIGSTOP), 0);
    assert_int_equal(waitid(P_PID, (id_t)harness_pid(server), &stopped, WSTOPPED), 0);
    struct told told = asker_ask(&asker, "SHOW DATABASES", 300);
    struct told probe = asker_probe(&asker, 300);
    assert_int_equal(kill(harness_pid(server), SIGCONT), 0);
    assert_told(told, ERR_TIMEOUT);
    assert_told(probe, ERR_TIMEOUT);
    told = asker_ask(&asker, "SHOW DATABASES", 5000);
    assert_told(told, ERR_OK);
    table_free(told.table);
}

static void as_boss(const char *form)
{
    assert_int_equal(harness_request(server, "/query", form, "boss:right", NULL, 0), 200);
}

static void credentials_and_rights_are_the_server_s(void **state)
{
    (void)state;
    char path[256];
    open_server("auth-enabled = true\n");
    assert_int_equal(harness_request(server, "/query",
                                     "q=CREATE USER boss WITH PASSWORD 'right' WITH ALL PRIVILEGES",
                                     NULL, NULL, 0),
                     200);
    as_boss("q=CREATE DATABASE t");
    as_boss("q=CREATE USER reader WITH PASSWORD 'se:cr%26et'");
    assert_true(harness_write_file(server, "password", "wrong", path, sizeof path));
    asker.settings.influxdb.username = (char[]){"reader"};
    asker.settings.influxdb.password_file = path;
    asker_open(&asker, harness_url(server));
    struct told told = asker_probe(&asker, 5000);
    assert_told(told, ERR_REFUSED);
    assert_int_equal(told.status, 401);
    assert_string_equal(told.words, "authorization failed");
    assert_true(harness_write_file(server, "password", "se:cr&et", path, sizeof path));
    told = asker_probe(&asker, 5000); /* the changed secret is taken up */
    assert_told(told, ERR_REFUSED);
    assert_int_equal(told.status, 403); /* nothing was granted */
    as_boss("q=GRANT READ ON t TO reader");
    told = asker_probe(&asker, 5000);
    assert_told(told, ERR_OK);
    told = asker_ask(&asker, "DROP MEASUREMENT m", 5000);
    assert_told(told, ERR_REFUSED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, close_all)
    const struct CMUnitTest tests[] = {
        TEST(a_probe_knows_the_server_and_its_database),
        TEST(what_was_stored_is_told),
        TEST(a_statement_arrives_as_it_was_written),
        TEST(the_server_s_no_is_told),
        TEST(rows_that_were_left_out_are_told),
        TEST(a_timeout_ends_the_query_at_the_server),
        TEST(twenty_at_once_are_all_answered),
        TEST(a_reply_that_is_too_long_is_told),
        TEST(a_server_that_is_away_is_told_and_taken_up_again),
        TEST(a_server_that_hangs_is_a_timeout),
        TEST(credentials_and_rights_are_the_server_s),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
