#include "query-service/endpoints/history.h"

#include "base/clock.h"
#include "base/span.h"
#include "base/spelling.h"
#include "query-service/endpoints/cells.h"
#include "query-service/endpoints/table.h"

enum { ANY = HISTORY_NUMBER | HISTORY_TEXT | HISTORY_BOOL };

#define PLAIN  history_plain_plan, history_plain_rows
#define CHOICE history_choice_plan, history_choice_rows
static const struct history_aggregate aggregates[] = {
    {"mean", HISTORY_NUMBER, "mean", "null", PLAIN},
    {"min", HISTORY_NUMBER, "min", "null", PLAIN},
    {"max", HISTORY_NUMBER, "max", "null", PLAIN},
    {"sum", HISTORY_NUMBER, "sum", "null", PLAIN},
    {"percentile", HISTORY_NUMBER, "percentile", "null", PLAIN},
    {"count", ANY, "count", "0", PLAIN},
    {"first", ANY, "first", "null", CHOICE},
    {"last", ANY, "last", "null", CHOICE},
    {"increase", HISTORY_NUMBER, NULL, "null", history_increase_plan, history_increase_rows},
    {"time_weighted_mean", HISTORY_NUMBER, NULL, "null", history_steps_plan, history_weighted_rows},
    {"time_in_state", ANY, NULL, "null", history_steps_plan, history_states_rows},
};
#undef PLAIN
#undef CHOICE
enum { AGGREGATES = sizeof aggregates / sizeof aggregates[0] };
#define PERCENTILE_LEAST 0.001 /* finer ones would be written in a way that InfluxQL has not */

static const char *name_at(const void *context, size_t index)
{
    (void)context;
    return aggregates[index].name;
}

static enum err find_aggregate(struct text name, const struct history_aggregate **ret_aggregate,
                               struct err_reason *why)
{
    for (unsigned i = 0; i < AGGREGATES; i++) {
        if (text_equal(name, text_of(aggregates[i].name))) {
            *ret_aggregate = &aggregates[i];
            return ERR_OK;
        }
    }
    size_t nearest = spelling_nearest(name, AGGREGATES, NULL, name_at);
    return err_explain(why, ERR_INVALID, "aggregate \"%.*s\" is unknown; did you mean %s?",
                       CELLS_SHOWN(name), aggregates[nearest < AGGREGATES ? nearest : 0].name);
}

static enum err check_texts(const struct request *request, struct err_reason *why)
{
    bool askable = cells_askable(request->measurement) && cells_askable(request->field);
    for (unsigned i = 0; i < REQUEST_TAGS && request->tags[i].name.len > 0; i++)
        askable &= cells_askable(request->tags[i].name) && cells_askable(request->tags[i].value);
    if (!askable)
        return err_explain(why, ERR_INVALID, "a name " CELLS_ASKABLE);
    if (request->measurement.len == 0 || request->field.len == 0)
        return err_explain(why, ERR_INVALID, "history needs a measurement and a field");
    return ERR_OK;
}

static enum err check_percentile(const struct request *request, struct err_reason *why)
{
    bool asked = text_equal(request->aggregate, TEXT("percentile"));
    if (asked && !request->percentile.present)
        return err_explain(why, ERR_INVALID,
                           "aggregate percentile needs \"percentile\", such as 95");
    if (!asked && request->percentile.present)
        return err_explain(why, ERR_INVALID,
                           "percentile goes with \"aggregate\": \"percentile\" only");
    if (asked &&
        !(request->percentile.value >= PERCENTILE_LEAST && request->percentile.value <= 100))
        return err_explain(why, ERR_INVALID, "percentile: right would be 0.001 to 100");
    return ERR_OK;
}

static enum err check(const struct question *question, struct err_reason *why)
{
    const struct request *request = question->request;
    const struct history_aggregate *aggregate;
    struct history_windows windows = {0};
    enum err e = check_texts(request, why);
    if (e == ERR_OK && request->aggregate.len > 0)
        e = find_aggregate(request->aggregate, &aggregate, why);
    if (e == ERR_OK)
        e = check_percentile(request, why);
    if (e == ERR_OK)
        e = history_windows_make(request, question->now_ns, &windows, why);
    history_windows_free(&windows);
    return e;
}

static enum err fit_aggregate(struct history *history, struct err_reason *why)
{
    struct text name = history->request->aggregate;
    if (name.len == 0)
        name = history->kind == HISTORY_NUMBER ? TEXT("mean") : TEXT("last");
    enum err e = find_aggregate(name, &history->aggregate, why);
    if (e != ERR_OK || (history->aggregate->kinds & history->kind))
        return e;
    return err_explain(why, ERR_INVALID,
                       "aggregate %s is for numbers, and field \"%.*s\" holds %s; right would be "
                       "first, last, count or time_in_state",
                       history->aggregate->name, CELLS_SHOWN(history->request->field),
                       history->kind == HISTORY_TEXT ? "text" : "true or false");
}

/* The question as the names of stage 0 make it; the windows are freed by the caller. */
static enum err understand(const struct question *question, const struct gather_results *names,
                           struct history *ret_history, struct err_reason *why)
{
    struct history history = {.request = question->request};
    enum err e =
        history_names_check(question->request, names, &history.kind, &history.tag_keys, why);
    if (e == ERR_OK)
        e = fit_aggregate(&history, why);
    if (e == ERR_OK)
        e = history_windows_make(question->request, question->now_ns, &history.windows, why);
    if (e == ERR_OK)
        *ret_history = history;
    return e;
}

static enum err plan(const struct question *question, unsigned stage,
                     const struct gather_results *const *results, struct gather_plan *plan,
                     struct err_reason *why)
{
    struct history history;
    if (stage == 0)
        history_names_plan(question->request, plan);
    if (stage != 1)
        return ERR_OK;
    enum err e = understand(question, results[0], &history, why);
    if (e != ERR_OK)
        return e;
    history.aggregate->plan(&history, plan);
    history_windows_free(&history.windows);
    return ERR_OK;
}

static void write_text(const char *key, struct text value, struct buf *out)
{
    buf_printf(out, "\"%s\":", key);
    buf_json_text(out, value);
    buf_char(out, ',');
}

static void write_tags(const struct request *request, struct buf *out)
{
    buf_string(out, "\"tags\":{");
    for (unsigned i = 0; i < REQUEST_TAGS && request->tags[i].name.len > 0; i++) {
        if (i > 0)
            buf_char(out, ',');
        buf_json_text(out, request->tags[i].name);
        buf_char(out, ':');
        buf_json_text(out, request->tags[i].value);
    }
    buf_string(out, "},");
}

static void write_asked(const struct history *history, struct buf *out)
{
    const struct request *request = history->request;
    const struct history_windows *w = &history->windows;
    char from[CLOCK_RFC3339_SIZE], to[CLOCK_RFC3339_SIZE], window[SPAN_TEXT_BYTES];
    clock_format_rfc3339(w->from_ms * CLOCK_NS_PER_MS, from);
    clock_format_rfc3339(w->to_ms * CLOCK_NS_PER_MS, to);
    span_format(w->length_s, window);
    write_text("measurement", request->measurement, out);
    write_text("field", request->field, out);
    write_tags(request, out);
    write_text("aggregate", text_of(history->aggregate->name), out);
    if (request->percentile.present) {
        buf_string(out, "\"percentile\":");
        buf_number(out, request->percentile.value);
        buf_char(out, ',');
    }
    write_text("period", text_of(w->period), out);
    write_text("from", text_of(from), out);
    write_text("to", text_of(to), out);
    write_text("window", text_of(window), out);
    write_text("time_zone", request->time_zone.len > 0 ? request->time_zone : TEXT("UTC"), out);
    buf_printf(out, "\"points\":%u,\"source\":\"influxdb\",", w->count);
}

static enum err answer(const struct question *question, const struct gather_results *const *results,
                       unsigned stages, struct buf *out, struct err_reason *why)
{
    struct history history;
    if (stages < 2)
        return err_explain(why, ERR_INVALID, "history was answered before it was asked");
    enum err e = understand(question, results[0], &history, why);
    if (e != ERR_OK)
        return e;
    write_asked(&history, out);
    buf_string(out, "\"rows\":[");
    e = history.aggregate->rows(&history, results[1], out, why);
    buf_char(out, ']');
    history_windows_free(&history.windows);
    return e;
}

const struct endpoint endpoint_history = {
    .name = "history",
    .help = "any stored series over a period, by window: what a chart draws",
    .request = &request_history,
    .schema = "answer_history",
    .ttl_s = 10,
    .check = check,
    .plan = plan,
    .answer = answer,
};
