/* What the component tests of influx/ share: one client, and calls that wait for their answer. */
#ifndef TESTS_COMPONENT_INFLUX_CLIENT_H
#define TESTS_COMPONENT_INFLUX_CLIENT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "harness.h"
#include "influx/setup.h"
#include "influx/write.h"

#define ANSWER_MS 20000

struct client {
    struct settings settings;
    struct http *http;
    struct influx_write *w;
};

/* A result that outlives the call it came in. */
struct answer {
    bool here;
    enum outcome outcome;
    long status;
    int64_t retry_after_ms;
    size_t bad_count;
    struct dialect_bad bad[4];
    char words[DIALECT_WORDS_SIZE];
};

static inline void client_take(void *context, const struct influx_result *result)
{
    struct answer *answer = context;
    assert_false(answer->here); /* once */
    answer->here = true;
    answer->outcome = result->outcome;
    answer->status = result->status;
    answer->retry_after_ms = result->retry_after_ms;
    answer->bad_count = result->bad_count;
    for (size_t i = 0; i < result->bad_count && i < 4; i++)
        answer->bad[i] = result->bad[i];
    snprintf(answer->words, sizeof answer->words, "%s", result->words);
}

static inline void client_wait(struct client *client, const struct answer *answer)
{
    for (int64_t end = harness_now_ms() + ANSWER_MS; !answer->here;) {
        assert_true(harness_now_ms() < end);
        http_wait(client->http, NULL, 0, 1000);
    }
}

/* The settings' texts are borrowed; fill client->settings before. */
static inline void client_open(struct client *client, const char *url)
{
    struct err_reason why = {""};
    struct settings_influxdb *influxdb = &client->settings.influxdb;
    struct http_options options = {.ca_file = influxdb->ca_file,
                                   .cert_file = influxdb->cert_file,
                                   .key_file = influxdb->key_file,
                                   .connect_timeout_ms = 2000,
                                   .reply_max_bytes = 65536,
                                   .connections = 4};
    influxdb->url = strdup(url);
    influxdb->database = strdup(influxdb->database ? influxdb->database : "t");
    influxdb->timeout_ms = influxdb->timeout_ms ? influxdb->timeout_ms : 10000;
    assert_int_equal(http_open(&options, &client->http, &why), ERR_OK);
    if (influx_write_open(client->http, &client->settings, &client->w, &why) != ERR_OK)
        fail_msg("%s", why.text);
}

static inline void client_close(struct client *client)
{
    influx_write_close(client->w);
    http_close(client->http);
    free(client->settings.influxdb.url);
    free(client->settings.influxdb.database);
    *client = (struct client){0};
}

static inline struct answer client_probe(struct client *client)
{
    struct answer answer = {0};
    assert_int_equal(influx_write_probe(client->w, &answer, client_take), ERR_OK);
    client_wait(client, &answer);
    return answer;
}

static inline struct answer client_post(struct client *client, const char *lines, size_t count)
{
    struct answer answer = {0};
    assert_int_equal(influx_write_post(client->w, text_of(lines), count, &answer, client_take),
                     ERR_OK);
    client_wait(client, &answer);
    return answer;
}

static inline struct answer client_setup(struct client *client)
{
    struct answer answer = {0};
    assert_int_equal(influx_setup_start(client->w, &answer, client_take), ERR_OK);
    client_wait(client, &answer);
    return answer;
}

#define assert_outcome(result, due)                                                                \
    do {                                                                                           \
        struct answer got_ = (result);                                                             \
        if (got_.outcome != (due))                                                                 \
            fail_msg("%s (%ld: %s), due was %s", dialect_outcome_name(got_.outcome), got_.status,  \
                     got_.words, dialect_outcome_name(due));                                       \
    } while (0)

#endif
