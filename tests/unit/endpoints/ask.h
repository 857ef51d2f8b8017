/* What the unit tests of the endpoints about figures share: a world at noon, figures made by hand,
 * and an answer that is held against its JSON Schema. */
#ifndef TESTS_UNIT_ENDPOINTS_ASK_H
#define TESTS_UNIT_ENDPOINTS_ASK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "json_schema.h"
#include "query-service/alerts/alerts.h"
#include "query-service/endpoints/table.h"

#define S   CLOCK_NS_PER_S
#define NOW (1772366400LL * S) /* 2026-03-01T12:00:00Z */

struct ask {
    struct settings settings;
    struct endpoint_world world;
    struct live *live;
    struct alerts *alerts;
    struct request request;
    struct question question;
    struct figures figures;
    struct buf answer;
    struct value_document *document;
    struct value root;
};

static inline int ask_open(void **state)
{
    struct ask *ask = calloc(1, sizeof *ask);
    ask->settings.query.alerts.offline_after_s = 30;
    ask->settings.query.alerts.journal_oldest_s = 300;
    ask->live = live_new();
    ask->alerts = alerts_new((struct alerts_sink){0});
    ask->document = value_document_new();
    ask->world = (struct endpoint_world){
        .settings = &ask->settings,
        .live = ask->live,
        .alerts = ask->alerts,
        .broker_up = true,
        .broker_latency_ms = 0.5,
        .started_ns = NOW - 60 * S,
        .store = {.enabled = true,
                  .asked = true,
                  .connected = true,
                  .version = "1.6.7",
                  .latency_ms = 2},
    };
    ask->question =
        (struct question){.world = &ask->world, .request = &ask->request, .now_ns = NOW};
    *state = ask;
    return 0;
}

static inline int ask_close(void **state)
{
    struct ask *ask = *state;
    live_free(ask->live);
    alerts_free(ask->alerts);
    value_document_free(ask->document);
    figures_free(&ask->figures);
    buf_free(&ask->answer);
    free(ask);
    return 0;
}

/* Figures without any content; `service` "" for all. */
static inline void ask_begin(struct ask *ask, const char *period, const char *service)
{
    assert_int_equal(period_make(text_of(period), TEXT(""), 0, NOW, &ask->question.period, NULL),
                     ERR_OK);
    assert_int_equal(
        figures_begin(&ask->figures, FIGURES_INFLUXDB, &ask->question.period, text_of(service)),
        ERR_OK);
    ask->request.service = text_of(service);
}

static inline void ask_service(struct ask *ask, const char *name, struct service_metrics metrics)
{
    struct tally sums = tally_of(&metrics);
    struct figures_service *row = figures_service(&ask->figures, text_of(name));
    assert_non_null(row);
    row->sums = sums;
    row->last = metrics;
    row->last_update_ns = metrics.time_ns;
    row->state = metrics.state;
    tally_add(&ask->figures.sums, &sums);
}

static inline struct service_metrics ask_writer(void)
{
    return (struct service_metrics){.time_ns = NOW - 4 * S,
                                    .state = STATUS_ONLINE,
                                    .events_processed = fields_unsigned(7210),
                                    .write_attempts = fields_unsigned(2904),
                                    .write_errors = fields_unsigned(4),
                                    .lines_written = fields_unsigned(9000),
                                    .processing_time_ms = fields_number(12.50049),
                                    .success_rate = fields_number(99.5),
                                    .received = fields_unsigned(100),
                                    .journal_bytes = fields_unsigned(4096)};
}

/* Puts the engine's members around what `write` wrote, holds all against the schema, reads it. */
static inline void ask_read(struct ask *ask, const char *schema, struct text members)
{
    struct json_schema_reason wrong;
    struct err_reason why = {""};
    buf_reset(&ask->answer);
    buf_string(&ask->answer, "{\"schema\":1,\"timestamp\":\"2026-03-01T12:00:00Z\","
                             "\"cached\":false,\"cache_age_s\":0,");
    buf_text(&ask->answer, members);
    buf_char(&ask->answer, '}');
    assert_false(ask->answer.failed);
    if (!json_schema_holds(schema, buf_view(&ask->answer), &wrong))
        fail_msg("%s: %s\n%s", schema, wrong.text, buf_cstr(&ask->answer));
    if (value_parse(ask->document, VALUE_JSON, buf_view(&ask->answer), &ask->root, &why) != ERR_OK)
        fail_msg("%s", why.text);
}

static inline void ask_answer(struct ask *ask, const struct endpoint *row)
{
    struct buf members = {0};
    row->write_figures(&ask->question, &ask->figures, &members);
    assert_false(members.failed);
    ask_read(ask, row->schema, buf_view(&members));
    buf_free(&members);
}

/* The value at a path of keys and indexes: "metrics.services.writer.state", "trends.0.count". */
static inline struct value ask_at(const struct ask *ask, const char *path)
{
    struct value at = ask->root;
    while (*path) {
        size_t len = strcspn(path, ".");
        struct text key = {path, len}, found_key;
        struct value found = {0};
        bool found_any = value_get(at, key, &found);
        if (value_kind(at) == VALUE_ARRAY) {
            struct value_walk walk = value_walk(at);
            for (long i = strtol(path, NULL, 10); i >= 0; i--)
                found_any = value_next(&walk, &found_key, &found);
        }
        if (!found_any)
            fail_msg("%s: nothing there", path);
        at = found;
        path += len + (path[len] == '.');
    }
    return at;
}

#define assert_number(ask, path, due) assert_float_equal(value_number(ask_at(ask, path)), due, 0)
#define assert_null_at(ask, path)     assert_int_equal(value_kind(ask_at(ask, path)), VALUE_NULL)
#define assert_text(ask, path, due)                                                                \
    do {                                                                                           \
        struct text got_ = value_text(ask_at(ask, path));                                          \
        if (!text_equal(got_, text_of(due)))                                                       \
            fail_msg("%s: \"%.*s\", due was \"%s\"", path, TEXT_ARGS(got_), due);                  \
    } while (0)

#define ASK_TEST(f) cmocka_unit_test_setup_teardown(f, ask_open, ask_close)

#endif
