/* What the files of `history` share: the question as it is understood, and the table of aggregates.
 *
 * Stages: first the lists of names that the store knows, by which the request is bound; then the
 * data. Whatever InfluxDB can compute over raw values it computes; an aggregate is one row of the
 * table, with the statements it needs and how rows come of their results. */
#ifndef ENDPOINTS_HISTORY_H
#define ENDPOINTS_HISTORY_H

#include "influx/gather.h"
#include "query-service/endpoints/history_windows.h"

enum history_kind { HISTORY_NUMBER = 1, HISTORY_TEXT = 2, HISTORY_BOOL = 4 };

struct history_aggregate;
struct history {
    const struct request *request;
    struct history_windows windows;
    const struct history_aggregate *aggregate;
    enum history_kind kind;       /* of the field */
    const struct table *tag_keys; /* of the measurement: column tagKey */
};

struct history_aggregate {
    const char *name;
    unsigned kinds;       /* of fields it can be taken of */
    const char *function; /* InfluxQL's, of aggregates that it computes */
    const char *empty;    /* JSON value of a window without values */
    void (*plan)(const struct history *history, struct gather_plan *plan);
    /* Writes the rows, "[time,value],...", of the results of that plan. ERR_INVALID: the tags leave
     * several series, which this aggregate would mix. ERR_TOO_LARGE with what would be right. */
    enum err (*rows)(const struct history *history, const struct gather_results *results,
                     struct buf *out, struct err_reason *why);
};

/* history_names: which names there are, and whether the request keeps to them. ERR_INVALID names
 * the nearest known one; also for a field whose type differs from one stretch of time to another,
 * of which InfluxDB would show one and hide the other without a word. */
void history_names_plan(const struct request *request, struct gather_plan *plan);
enum err history_names_check(const struct request *request, const struct gather_results *results,
                             enum history_kind *ret_kind, const struct table **ret_tag_keys,
                             struct err_reason *why) ERR_MUST_CHECK;

/* Parts of statements: ` FROM "m" WHERE time >= a AND time < b AND "tag" = 'value' ...`, and
 * ` GROUP BY time(...)` for the windows from `first` to the end of their run. */
void history_from(const struct history *history, int64_t from_ms, int64_t to_ms, struct buf *out);
void history_from_run(const struct history *history, unsigned first, unsigned end, struct buf *out);
void history_group(const struct history *history, unsigned first, struct buf *out);

/* Which series there are in the period, and what was last said before it: for aggregates that would
 * lie over several series mixed. */
enum { HISTORY_SERIES_STATEMENTS = 2, HISTORY_BEFORE_DAYS = 366 };
void history_series_plan(const struct history *history, struct gather_plan *plan);

/* history_series_before reads the results of those two, the first being at `first`: ERR_INVALID
 * when there are several series, with the tag that tells them apart. `ret_value` is null when
 * nothing was said within HISTORY_BEFORE_DAYS before the period. */
enum err history_series_before(const struct history *history, const struct gather_results *results,
                               unsigned first, struct value *ret_value,
                               struct err_reason *why) ERR_MUST_CHECK;

/* The aggregates' functions. */
void history_plain_plan(const struct history *history, struct gather_plan *plan);
void history_choice_plan(const struct history *history, struct gather_plan *plan);
void history_increase_plan(const struct history *history, struct gather_plan *plan);
void history_steps_plan(const struct history *history, struct gather_plan *plan);
enum err history_plain_rows(const struct history *history, const struct gather_results *results,
                            struct buf *out, struct err_reason *why);
enum err history_choice_rows(const struct history *history, const struct gather_results *results,
                             struct buf *out, struct err_reason *why);
enum err history_increase_rows(const struct history *history, const struct gather_results *results,
                               struct buf *out, struct err_reason *why);
enum err history_weighted_rows(const struct history *history, const struct gather_results *results,
                               struct buf *out, struct err_reason *why);
enum err history_states_rows(const struct history *history, const struct gather_results *results,
                             struct buf *out, struct err_reason *why);

/* history_row_begin writes what stands before the value of a window; history_row_end behind it. */
void history_row_begin(const struct history *history, unsigned window, struct buf *out);
void history_row_end(struct buf *out);

#endif
