/* A real InfluxDB that the tests of this room write to and ask through influx/gather. */
#ifndef TESTS_COMPONENT_ALERTS_STORE_H
#define TESTS_COMPONENT_ALERTS_STORE_H

#include "findings.h"
#include "harness.h"
#include "influx/gather.h"

struct store {
    struct harness *influxd;
    struct settings settings;
    struct http *http;
    struct server *server;
    struct influx_query *query;
    struct gatherer *gatherer;
    struct gather_results *results;
};

static inline void store_open(struct store *store)
{
    static char database[] = "t";
    const struct http_options options = {
        .connect_timeout_ms = 2000, .reply_max_bytes = 64 << 20, .connections = 8};
    struct settings_influxdb *influxdb = &store->settings.influxdb;
    *store = (struct store){.influxd = harness_influxd(NULL)};
    assert_non_null(store->influxd);
    assert_int_equal(
        harness_request(store->influxd, "/query?q=CREATE%20DATABASE%20t", "", NULL, NULL, 0), 200);
    influxdb->url = strdup(harness_url(store->influxd));
    influxdb->database = database;
    influxdb->version = SETTINGS_INFLUX_1;
    influxdb->timeout_ms = 10000;
    char **const empty[] = {&influxdb->retention, &influxdb->org,           &influxdb->token_file,
                            &influxdb->username,  &influxdb->password_file, &influxdb->ca_file,
                            &influxdb->cert_file, &influxdb->key_file};
    for (size_t i = 0; i < sizeof empty / sizeof empty[0]; i++)
        *empty[i] = database + 1; /* "" */
    assert_int_equal(http_open(&options, &store->http, NULL), ERR_OK);
    assert_int_equal(server_open(store->http, &store->settings, &store->server, NULL), ERR_OK);
    assert_int_equal(influx_query_open(store->server, &store->query, NULL), ERR_OK);
    store->gatherer = gather_open(store->query, NULL, NULL);
    assert_non_null(store->gatherer);
}

static inline void store_close(struct store *store)
{
    http_cancel_all(store->http);
    gather_close(store->gatherer);
    influx_query_close(store->query);
    server_close(store->server);
    http_close(store->http);
    free(store->settings.influxdb.url);
    harness_close(store->influxd);
}

static inline void store_write(struct store *store, const char *lines)
{
    char words[512] = "";
    if (harness_request(store->influxd, "/write?db=t", lines, NULL, words, sizeof words) != 204)
        fail_msg("%s", words);
}

static inline void store_take(void *context, struct gather_results *results)
{
    ((struct store *)context)->results = results;
}

/* What became of the plan; the caller's to free. The plan is freed. */
static inline struct gather_results *store_ask(struct store *store, struct gather_plan *plan)
{
    store->results = NULL;
    assert_int_equal(gather_start(store->gatherer, "test", plan, 20000, store, store_take), ERR_OK);
    gather_plan_free(plan);
    for (int64_t end = harness_now_ms() + 30000; !store->results;) {
        assert_true(harness_now_ms() < end);
        http_wait(store->http, NULL, 0, 1000);
    }
    return store->results;
}

/* One for all tests of a program. */
static struct store store;

static inline int store_begin(void **state)
{
    (void)state;
    store_open(&store);
    return 0;
}

static inline int store_end(void **state)
{
    (void)state;
    store_close(&store);
    return 0;
}

#endif
