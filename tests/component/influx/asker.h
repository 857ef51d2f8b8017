/* What the tests of queries share: one server that is asked, and calls that wait for their answer.
 */
#ifndef TESTS_COMPONENT_INFLUX_ASKER_H
#define TESTS_COMPONENT_INFLUX_ASKER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "harness.h"
#include "influx/query.h"

struct asker {
    struct settings settings; /* its texts are borrowed */
    struct http_options http_options;
    struct http *http;
    struct server *server;
    struct influx_query *query;
};

/* An answer that outlives the call it came in. */
struct told {
    unsigned times;
    enum err outcome;
    struct table *table;
    long status;
    uint32_t elapsed_us;
    char words[DIALECT_WORDS_SIZE], version[64];
};

static inline void asker_take(void *context, struct influx_answer *answer)
{
    struct told *told = context;
    told->times++;
    told->outcome = answer->outcome;
    assert_true((answer->outcome == ERR_OK) == (answer->table != NULL));
    told->table = influx_answer_take(answer);
    assert_null(influx_answer_take(answer));
    told->status = answer->status;
    told->elapsed_us = answer->elapsed_us;
    snprintf(told->words, sizeof told->words, "%s", answer->words);
    snprintf(told->version, sizeof told->version, "%s", answer->version);
}

/* Fill settings and http_options before; what is left empty gets what these tests need. */
static inline void asker_open(struct asker *asker, const char *url)
{
    static char database[] = "t";
    struct err_reason why = {""};
    struct http_options *options = &asker->http_options;
    struct settings_influxdb *influxdb = &asker->settings.influxdb;
    influxdb->url = (char *)(uintptr_t)url;
    influxdb->database = influxdb->database ? influxdb->database : database;
    influxdb->timeout_ms = influxdb->timeout_ms ? influxdb->timeout_ms : 10000;
    options->connect_timeout_ms = options->connect_timeout_ms ? options->connect_timeout_ms : 2000;
    options->reply_max_bytes = options->reply_max_bytes ? options->reply_max_bytes : 65536;
    options->connections = options->connections ? options->connections : 8;
    assert_int_equal(http_open(options, &asker->http, &why), ERR_OK);
    if (server_open(asker->http, &asker->settings, &asker->server, &why) != ERR_OK)
        fail_msg("%s", why.text);
    assert_int_equal(influx_query_open(asker->server, &asker->query, &why), ERR_OK);
}

static inline void asker_close(struct asker *asker)
{
    if (asker->http)
        http_cancel_all(asker->http);
    influx_query_close(asker->query);
    server_close(asker->server);
    http_close(asker->http);
    *asker = (struct asker){.query = NULL};
}

static inline void asker_wait(struct asker *asker, const struct told *told)
{
    for (int64_t end = harness_now_ms() + 20000; told->times == 0;) {
        assert_true(harness_now_ms() < end);
        http_wait(asker->http, NULL, 0, 1000);
    }
    assert_int_equal(told->times, 1);
}

static inline void asker_start(struct asker *asker, const char *statement, uint32_t timeout_ms,
                               struct told *told)
{
    *told = (struct told){.times = 0};
    assert_int_equal(
        influx_query_ask(asker->query, text_of(statement), timeout_ms, told, asker_take), ERR_OK);
}

static inline struct told asker_ask(struct asker *asker, const char *statement, uint32_t timeout_ms)
{
    struct told told;
    asker_start(asker, statement, timeout_ms, &told);
    asker_wait(asker, &told);
    return told;
}

static inline struct told asker_probe(struct asker *asker, uint32_t timeout_ms)
{
    struct told told = {.times = 0};
    assert_int_equal(influx_query_probe(asker->query, timeout_ms, &told, asker_take), ERR_OK);
    asker_wait(asker, &told);
    table_free(told.table);
    told.table = NULL;
    return told;
}

static inline void asker_assert(const struct told *told, enum err due)
{
    if (told->outcome != due)
        fail_msg("%s (%ld: %s), due was %s", err_text(told->outcome), told->status, told->words,
                 err_text(due));
    assert_true((due == ERR_OK) == (told->words[0] == '\0'));
}

#define assert_told(answer, due) asker_assert(&(answer), due)

#endif
