/* One result of InfluxQL as a table: series, each with a name, tags, named columns and rows. What
 * InfluxDB of every version answers as JSON to one statement is read into it. It owns a copy of the
 * reply, and is read-only from then on.
 *
 * Memory: the bytes of the reply, 24 for each value in it (up to twice that where the list of
 * values had just grown; a row is a value too) and 8 a cell for an index, which makes each cell
 * one look-up away. With four columns that was 48 to 66 bytes a cell in all; reckon with 80. A
 * reply made to harm, all commas and digits, takes 30 times its size: http's reply_max_bytes is
 * the bound to set. */
#ifndef INFLUX_TABLE_H
#define INFLUX_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"
#include "base/value.h"

struct table;

/* A reply beyond this is refused, whatever was let through. */
#define TABLE_BODY_MAX_BYTES 67108864

/* table_read reads `{"results":[{"series":[{"name","tags":{},"columns":[],"values":[[]]}]}]}`; only
 * the first result counts, as one statement was asked. No series, or a series without values, is
 * a result: nothing was found. Series that repeat name and tags are not merged. Keys that are not
 * known are passed over.
 * ERR_REFUSED: the reply is an error of the server, at the top or in the result; `why` has its
 * words. ERR_INVALID: no JSON (it may have been cut off), or not InfluxDB's: no results, a row that
 * is not as long as the columns. ERR_TOO_LARGE: beyond TABLE_BODY_MAX_BYTES. ERR_NOMEM. */
enum err table_read(struct text body, struct table **ret_table,
                    struct err_reason *why) ERR_MUST_CHECK;
void table_free(struct table *table); /* NULL accepted */

/* table_partial tells that the server left rows out (`max-row-limit` of 1.x does so). */
bool table_partial(const struct table *table);

/* In all that follows an index that is out of range finds nothing: an empty text, 0, false, a null
 * value. Texts and values live as long as the table. */
size_t table_series_count(const struct table *table);
struct text table_name(const struct table *table, size_t series); /* the measurement */

/* table_tag gives a tag's value, empty when the series has none of that name (InfluxDB itself does
 * not tell the two apart). */
struct text table_tag(const struct table *table, size_t series, struct text key);

size_t table_columns(const struct table *table, size_t series);
struct text table_column_name(const struct table *table, size_t series, size_t column);
/* table_column finds the first column of that name, -1 when there is none. */
int table_column(const struct table *table, size_t series, struct text name);

size_t table_rows(const struct table *table, size_t series);
struct value table_at(const struct table *table, size_t series, size_t row, int column);

/* table_number reads a cell that holds a finite number; false when it is null or anything else. */
bool table_number(const struct table *table, size_t series, size_t row, int column,
                  double *ret_number);

/* table_time_ms reads the column `time`, in the unit that was asked for: influx/query asks for ms
 * since 1970. 0 where there is none; InfluxDB itself says 0 for a row without a time of its own. */
int64_t table_time_ms(const struct table *table, size_t series, size_t row);

#endif
