/* Aggregates by time: a value holds from the moment it was said until the next one, and the value
 * from before the period holds from the period's start. What was before any value counts as
 * nothing. The raw values of one series are walked, window by window. */
#include <stdlib.h>

#include "influx/influxql.h"
#include "query-service/endpoints/cells.h"
#include "query-service/endpoints/history.h"

enum { VALUES_MAX = 50000, STATES_MAX = 64 };

void history_steps_plan(const struct history *history, struct gather_plan *plan)
{
    history_series_plan(history, plan);
    struct buf *out = gather_add_of(plan, history->request->measurement);
    buf_string(out, "SELECT ");
    influxql_identifier(history->request->field, out);
    buf_string(out, " AS \"v\"");
    history_from(history, history->windows.from_ms, history->windows.to_ms, out);
    buf_printf(out, " LIMIT %d", VALUES_MAX + 1);
}

/* What a window is told: how long a value held in it; then that it is over. */
struct meter {
    enum err (*hold)(struct meter *meter, struct value value, int64_t ms);
    void (*end)(struct meter *meter, struct buf *out); /* writes the value, and begins again */
};

struct walk {
    const struct table *table;
    size_t row;
    int column;
    struct value value; /* what holds */
    int64_t at_ms;      /* since when, within the window */
};

static enum err hold_until(struct walk *walk, struct meter *meter, int64_t until_ms)
{
    int64_t held_ms = until_ms - walk->at_ms;
    walk->at_ms = until_ms;
    if (value_kind(walk->value) == VALUE_NULL || held_ms <= 0)
        return ERR_OK;
    return meter->hold(meter, walk->value, held_ms);
}

static enum err walk_window(struct walk *walk, struct meter *meter, int64_t from_ms, int64_t to_ms)
{
    enum err e = ERR_OK;
    walk->at_ms = from_ms;
    for (; e == ERR_OK && walk->row < table_rows(walk->table, 0); walk->row++) {
        int64_t next_ms = table_time_ms(walk->table, 0, walk->row);
        if (next_ms >= to_ms)
            break;
        e = hold_until(walk, meter, next_ms);
        walk->value = table_at(walk->table, 0, walk->row, walk->column);
    }
    return e == ERR_OK ? hold_until(walk, meter, to_ms) : e;
}

static enum err walk_all(const struct history *history, const struct gather_results *results,
                         struct meter *meter, struct buf *out, struct err_reason *why)
{
    const struct history_windows *w = &history->windows;
    const struct table *table = results->at[HISTORY_SERIES_STATEMENTS].table;
    struct walk walk = {.table = table, .column = table_column(table, 0, TEXT("v"))};
    enum err e = history_series_before(history, results, 0, &walk.value, why);
    if (e == ERR_OK && table_rows(table, 0) > VALUES_MAX)
        e = err_explain(why, ERR_TOO_LARGE,
                        "period: more than %d values, which %s would have to look at one by one; "
                        "right would be a shorter period%s",
                        VALUES_MAX, history->aggregate->name,
                        history->kind == HISTORY_NUMBER ? ", or aggregate mean" : "");
    for (unsigned i = 0; e == ERR_OK && i < w->count; i++) {
        int64_t from_ms = w->starts_ms[i] > w->from_ms ? w->starts_ms[i] : w->from_ms;
        int64_t to_ms = w->starts_ms[i + 1] < w->to_ms ? w->starts_ms[i + 1] : w->to_ms;
        e = walk_window(&walk, meter, from_ms, to_ms);
        history_row_begin(history, i, out);
        meter->end(meter, out);
        history_row_end(out);
    }
    return e;
}

struct weighted {
    struct meter meter;
    double sum;
    int64_t ms;
};

static enum err weighted_hold(struct meter *meter, struct value value, int64_t ms)
{
    struct weighted *weighted = (struct weighted *)meter;
    weighted->sum += value_number(value) * (double)ms;
    weighted->ms += ms;
    return ERR_OK;
}

static void weighted_end(struct meter *meter, struct buf *out)
{
    struct weighted *weighted = (struct weighted *)meter;
    if (weighted->ms > 0)
        buf_number(out, weighted->sum / (double)weighted->ms);
    else
        buf_string(out, "null");
    weighted->sum = 0;
    weighted->ms = 0;
}

enum err history_weighted_rows(const struct history *history, const struct gather_results *results,
                               struct buf *out, struct err_reason *why)
{
    struct weighted weighted = {.meter = {weighted_hold, weighted_end}};
    return walk_all(history, results, &weighted.meter, out, why);
}

struct states {
    struct meter meter;
    unsigned count;
    struct state {
        struct value value;
        int64_t ms;
    } at[STATES_MAX];
};

static bool same_value(struct value a, struct value b)
{
    bool numbers = value_kind(a) == VALUE_INTEGER || value_kind(a) == VALUE_NUMBER;
    if (numbers)
        return value_number(a) == value_number(b);
    return value_bool(a) == value_bool(b) && text_equal(value_text(a), value_text(b));
}

static enum err states_hold(struct meter *meter, struct value value, int64_t ms)
{
    struct states *states = (struct states *)meter;
    for (unsigned i = 0; i < states->count; i++) {
        if (same_value(states->at[i].value, value)) {
            states->at[i].ms += ms;
            return ERR_OK;
        }
    }
    if (states->count == STATES_MAX)
        return ERR_TOO_LARGE;
    states->at[states->count++] = (struct state){value, ms};
    return ERR_OK;
}

/* The key is the state as text. */
static void write_key(struct value value, struct buf *out)
{
    bool text = value_kind(value) == VALUE_TEXT;
    if (!text)
        buf_char(out, '"');
    cells_write(value, out);
    if (!text)
        buf_char(out, '"');
}

static void states_end(struct meter *meter, struct buf *out)
{
    struct states *states = (struct states *)meter;
    if (states->count == 0)
        buf_string(out, "null");
    for (unsigned i = 0; i < states->count; i++) {
        buf_char(out, i == 0 ? '{' : ',');
        write_key(states->at[i].value, out);
        buf_char(out, ':');
        buf_number(out, (double)states->at[i].ms / 1000);
    }
    if (states->count > 0)
        buf_char(out, '}');
    states->count = 0;
}

enum err history_states_rows(const struct history *history, const struct gather_results *results,
                             struct buf *out, struct err_reason *why)
{
    struct states states = {.meter = {states_hold, states_end}};
    struct err_reason words = {""};
    enum err e = walk_all(history, results, &states.meter, out, &words);
    if (e == ERR_TOO_LARGE && words.text[0] == '\0')
        return err_explain(why, e, "field: more than %d states in one window; it is no state",
                           STATES_MAX);
    return e == ERR_OK ? e : err_explain(why, e, "%s", words.text);
}
