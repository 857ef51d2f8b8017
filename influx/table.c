#include "influx/table.h"

#include <math.h>
#include <stdlib.h>

struct series {
    struct text name;
    struct value tags;         /* null for none */
    const struct value *names; /* of the columns */
    const struct value *cells; /* row after row */
    size_t columns, rows;
    int time; /* the column, or -1 */
};

struct table {
    char *body;
    struct value_document *document;
    struct series *series;
    struct value *index; /* of all names and cells */
    size_t series_count;
    bool partial;
};

static struct value get(struct value map, struct text key)
{
    struct value value = {0};
    value_get(map, key, &value);
    return value;
}

static bool is_kind_or_null(struct value v, enum value_kind kind)
{
    return value_kind(v) == kind || value_kind(v) == VALUE_NULL;
}

/* An error of the server, wherever it stands. */
static enum err look_for_error(struct value v, struct err_reason *why)
{
    struct value error = get(v, TEXT("error"));
    struct text words = value_text(error);
    if (value_kind(error) == VALUE_NULL)
        return ERR_OK;
    if (words.len == 0)
        words = TEXT("an error without words");
    return err_explain(why, ERR_REFUSED, "%.*s", TEXT_ARGS(words));
}

/* Finds the one result, which is an object that reports no error. */
static enum err find_result(struct value root, struct value *ret_result, struct err_reason *why)
{
    if (value_kind(root) != VALUE_MAP)
        return err_explain(why, ERR_INVALID, "not InfluxDB's answer: %s instead of an object",
                           value_kind_name(value_kind(root)));
    enum err err = look_for_error(root, why);
    if (err != ERR_OK)
        return err;
    struct value_walk walk = value_walk(get(root, TEXT("results")));
    struct text no_key;
    struct value result;
    if (walk.of_map || !value_next(&walk, &no_key, &result) || value_kind(result) != VALUE_MAP)
        return err_explain(why, ERR_INVALID, "not InfluxDB's answer: no result in it");
    err = look_for_error(result, why);
    if (err == ERR_OK)
        *ret_result = result;
    return err;
}

/* Counts the names and cells of a series, and sees that all is where it belongs. */
static enum err check_series(struct value v, size_t *ret_count, struct err_reason *why)
{
    struct value columns = get(v, TEXT("columns")), values = get(v, TEXT("values"));
    if (value_kind(v) != VALUE_MAP || !is_kind_or_null(get(v, TEXT("tags")), VALUE_MAP) ||
        !is_kind_or_null(columns, VALUE_ARRAY) || !is_kind_or_null(values, VALUE_ARRAY))
        return err_explain(why, ERR_INVALID, "not InfluxDB's answer: a series of another form");
    struct value_walk walk = value_walk(values);
    struct text no_key;
    for (struct value row; value_next(&walk, &no_key, &row);)
        if (value_kind(row) != VALUE_ARRAY || value_count(row) != value_count(columns))
            return err_explain(why, ERR_INVALID,
                               "not InfluxDB's answer: a row is not as long as its columns");
    /* Each of these is a value of the reply, so the sum cannot overflow. */
    *ret_count = value_count(columns) + value_count(columns) * value_count(values);
    return ERR_OK;
}

static struct value *index_array(struct value array, struct value *to)
{
    struct value_walk walk = value_walk(array);
    struct text no_key;
    for (struct value element; value_next(&walk, &no_key, &element);)
        *to++ = element;
    return to;
}

/* Fills the series from what was checked; gives the index's next free place. */
static struct value *index_series(struct series *series, struct value v, struct value *to)
{
    struct value columns = get(v, TEXT("columns")), values = get(v, TEXT("values"));
    *series = (struct series){.name = value_text(get(v, TEXT("name"))),
                              .tags = get(v, TEXT("tags")),
                              .names = to,
                              .columns = value_count(columns),
                              .rows = value_count(values)};
    to = index_array(columns, to);
    series->cells = to;
    struct value_walk walk = value_walk(values);
    struct text no_key;
    for (struct value row; value_next(&walk, &no_key, &row);)
        to = index_array(row, to);
    return to;
}

static enum err read_series(struct table *table, struct value list, struct err_reason *why)
{
    struct value_walk walk = value_walk(list);
    struct text no_key;
    struct value v;
    size_t total = 0, count = 0;
    while (value_next(&walk, &no_key, &v)) {
        enum err err = check_series(v, &count, why);
        if (err != ERR_OK)
            return err;
        total += count;
    }
    table->series = calloc(value_count(list) + 1, sizeof *table->series);
    table->index = calloc(total + 1, sizeof *table->index);
    if (!table->series || !table->index)
        return err_explain(why, ERR_NOMEM, "no memory for %zu cells", total);
    struct value *to = table->index;
    walk = value_walk(list);
    while (value_next(&walk, &no_key, &v)) {
        to = index_series(&table->series[table->series_count], v, to);
        table->partial = table->partial || value_bool(get(v, TEXT("partial")));
        table->series_count++;
    }
    for (size_t i = 0; i < table->series_count; i++)
        table->series[i].time = table_column(table, i, TEXT("time"));
    return ERR_OK;
}

static enum err read_body(struct table *table, struct text body, struct err_reason *why)
{
    struct value root, result = {NULL};
    table->document = value_document_new();
    table->body = malloc(body.len + 1);
    if (!table->document || !table->body)
        return err_explain(why, ERR_NOMEM, "no memory for an answer of %zu bytes", body.len);
    if (body.len > 0)
        memcpy(table->body, body.at, body.len);
    enum err err =
        value_parse(table->document, VALUE_JSON, (struct text){table->body, body.len}, &root, why);
    if (err == ERR_OK)
        err = find_result(root, &result, why);
    if (err != ERR_OK)
        return err;
    struct value list = get(result, TEXT("series"));
    if (!is_kind_or_null(list, VALUE_ARRAY))
        return err_explain(why, ERR_INVALID, "not InfluxDB's answer: series is no list");
    table->partial = value_bool(get(result, TEXT("partial")));
    return read_series(table, list, why);
}

enum err table_read(struct text body, struct table **ret_table, struct err_reason *why)
{
    if (body.len > TABLE_BODY_MAX_BYTES)
        return err_explain(why, ERR_TOO_LARGE, "an answer of %zu bytes; at most %d are read",
                           body.len, TABLE_BODY_MAX_BYTES);
    struct table *table = calloc(1, sizeof *table);
    if (!table)
        return err_explain(why, ERR_NOMEM, "no memory for an answer");
    enum err err = read_body(table, body, why);
    if (err != ERR_OK) {
        table_free(table);
        return err;
    }
    *ret_table = table;
    return ERR_OK;
}

void table_free(struct table *table)
{
    if (!table)
        return;
    value_document_free(table->document);
    free(table->body);
    free(table->series);
    free(table->index);
    free(table);
}

bool table_partial(const struct table *table)
{
    return table->partial;
}

size_t table_series_count(const struct table *table)
{
    return table->series_count;
}

/* One without anything in it, for an index that is out of range. */
static const struct series *series_at(const struct table *table, size_t series)
{
    static const struct series none = {.time = -1};
    return series < table->series_count ? &table->series[series] : &none;
}

struct text table_name(const struct table *table, size_t series)
{
    return series_at(table, series)->name;
}

struct text table_tag(const struct table *table, size_t series, struct text key)
{
    return value_text(get(series_at(table, series)->tags, key));
}

size_t table_columns(const struct table *table, size_t series)
{
    return series_at(table, series)->columns;
}

struct text table_column_name(const struct table *table, size_t series, size_t column)
{
    const struct series *s = series_at(table, series);
    return column < s->columns ? value_text(s->names[column]) : (struct text){0};
}

int table_column(const struct table *table, size_t series, struct text name)
{
    const struct series *s = series_at(table, series);
    for (size_t i = 0; i < s->columns; i++)
        if (text_equal(value_text(s->names[i]), name))
            return (int)i;
    return -1;
}

size_t table_rows(const struct table *table, size_t series)
{
    return series_at(table, series)->rows;
}

struct value table_at(const struct table *table, size_t series, size_t row, int column)
{
    const struct series *s = series_at(table, series);
    if (row >= s->rows || column < 0 || (size_t)column >= s->columns)
        return (struct value){0};
    return s->cells[row * s->columns + (size_t)column];
}

bool table_number(const struct table *table, size_t series, size_t row, int column,
                  double *ret_number)
{
    struct value v = table_at(table, series, row, column);
    bool number = value_kind(v) == VALUE_INTEGER || value_kind(v) == VALUE_NUMBER;
    if (!number || !isfinite(value_number(v)))
        return false;
    *ret_number = value_number(v);
    return true;
}

int64_t table_time_ms(const struct table *table, size_t series, size_t row)
{
    return value_integer(table_at(table, series, row, series_at(table, series)->time));
}
