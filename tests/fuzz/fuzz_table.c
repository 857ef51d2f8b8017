/* Any bytes as InfluxDB's answer: whatever is taken can be read from corner to corner, and a reply
 * that was cut is never taken for another whole one. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "influx/table.h"

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void visit_series(const struct table *table, size_t series)
{
    size_t columns = table_columns(table, series), rows = table_rows(table, series);
    volatile size_t sum =
        table_name(table, series).len + table_tag(table, series, TEXT("service")).len;
    for (size_t c = 0; c < columns; c++) {
        struct text name = table_column_name(table, series, c);
        sum += name.len;
        int found = c < 16 ? table_column(table, series, name) : -1;
        require(c >= 16 || (found >= 0 && (size_t)found <= c));
    }
    for (size_t r = 0; r < rows; r++) {
        sum += (size_t)table_time_ms(table, series, r);
        for (size_t c = 0; c < columns; c++) {
            struct value v = table_at(table, series, r, (int)c);
            require(v.node != NULL);
            double number = NAN;
            bool is = table_number(table, series, r, (int)c, &number);
            require(is == (isfinite(number) != 0));
            sum += value_text(v).len + value_count(v);
        }
    }
    require(table_at(table, series, rows, 0).node == NULL);
    require(table_at(table, series, 0, (int)columns).node == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct table *table = NULL;
    struct err_reason why = {""};
    enum err err = table_read((struct text){(const char *)data, size}, &table, &why);
    require((err == ERR_OK) == (table != NULL));
    require((err == ERR_OK) == (why.text[0] == '\0'));
    if (!table)
        return 0;
    size_t count = table_series_count(table);
    for (size_t i = 0; i < count; i++)
        visit_series(table, i);
    require(table_columns(table, count) == 0 && table_rows(table, count) == 0);
    (void)table_partial(table);
    table_free(table);
    struct table *half = NULL;
    if (size > 0 && data[size - 1] == '}')
        require(table_read((struct text){(const char *)data, size - 1}, &half, &why) != ERR_OK);
    return 0;
}
