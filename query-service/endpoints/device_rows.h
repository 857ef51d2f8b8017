/* Devices as they are found in the store: a device is a value of the tag by which a measurement
 * tells its devices apart: those of habit_sources. */
#ifndef ENDPOINTS_DEVICE_ROWS_H
#define ENDPOINTS_DEVICE_ROWS_H

#include "query-service/endpoints/endpoint.h"

#define DEVICE_ROWS_LIMIT 1000 /* devices in an answer, unless the request says otherwise */

/* One series of a result: of one device in one measurement. Borrowed from the table. */
struct device_row {
    struct text device, measurement;
    struct text tag; /* by which the measurement tells its devices apart */
    const struct table *table;
    size_t series;
};

struct device_rows {
    struct device_row *at; /* owned; by device, then by measurement */
    size_t count;
};

/* device_rows_plan adds a statement for each measurement of devices: `selected`, from the period's
 * start up to now, of each device or of the one that the request names, then `behind`. */
void device_rows_plan(const struct question *question, const char *selected, const char *behind,
                      struct gather_plan *plan);

/* device_rows_read takes the results of those statements, the first being at `first`; `ret_next` is
 * the index behind them. Points without the tag are of no device. ERR_NOMEM. */
enum err device_rows_read(const struct gather_results *results, unsigned first,
                          struct device_rows *ret_rows, unsigned *ret_next) ERR_MUST_CHECK;
void device_rows_free(struct device_rows *rows);

/* device_rows_find gives the row of the same device and measurement, NULL when there is none. */
const struct device_row *device_rows_find(const struct device_rows *rows,
                                          const struct device_row *like);

/* device_rows_seen_ns is the time of the row's only point. */
int64_t device_rows_seen_ns(const struct device_row *row);

/* device_rows_begin writes what the answers tell of each device, up to and with `last_seen`, and
 * leaves its object open. Measurement, tag and device are what `history` wants to be asked with. */
void device_rows_begin(const struct device_row *row, struct buf *out);

/* device_rows_end writes the members that stand behind the list. `missing` is among them when a
 * measurement could not be asked: the database that it goes to is not there, say. */
void device_rows_end(const struct question *question, const struct gather_results *results,
                     size_t count, size_t written, struct buf *out);

/* device_rows_check refuses a name that cannot stand in a statement. */
enum err device_rows_check(const struct question *question, struct err_reason *why);
size_t device_rows_limit(const struct request *request);

#endif
