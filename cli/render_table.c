/* What is alike, in columns. */
#include <math.h>

#include "base/clock.h"
#include "cli/grid.h"
#include "cli/render.h"
#include "cli/say.h"

enum { CELL_MAX = 160, COLUMNS_MAX = 24, BAR = 40 };

static void render_number(double number, struct buf *out)
{
    if (!isfinite(number))
        buf_char(out, '-');
    else
        buf_number(out, fabs(number) < 1e12 ? round(number * 1000) / 1000 + 0.0 : number);
}

void render_scalar(struct value v, size_t max, struct buf *out)
{
    char time[CLOCK_RFC3339_SIZE];
    switch (value_kind(v)) {
    case VALUE_BOOL:
        buf_string(out, value_bool(v) ? "yes" : "no");
        break;
    case VALUE_INTEGER:
        buf_integer(out, value_integer(v));
        break;
    case VALUE_NUMBER:
        render_number(value_number(v), out);
        break;
    case VALUE_TEXT:
    case VALUE_BYTES:
        say_append_visible(out, value_text(v), max);
        break;
    case VALUE_TIME:
        clock_format_rfc3339(value_time_ns(v), time);
        buf_string(out, time);
        break;
    default:
        buf_char(out, '-');
    }
}

static bool holds_others(struct value v)
{
    return value_kind(v) == VALUE_MAP || value_kind(v) == VALUE_ARRAY;
}

/* Several values in one cell: name=value of an object, how many of a list. */
static void render_cell(struct value v, struct buf *out)
{
    struct text name;
    struct value inner;
    size_t start = out->len;
    if (value_kind(v) == VALUE_ARRAY)
        buf_printf(out, "%zu", value_count(v));
    if (value_kind(v) != VALUE_MAP) {
        if (value_kind(v) != VALUE_ARRAY)
            render_scalar(v, CELL_MAX, out);
        return;
    }
    for (struct value_walk walk = value_walk(v); value_next(&walk, &name, &inner);) {
        if (out->len - start > CELL_MAX) {
            buf_string(out, " ...");
            return;
        }
        buf_string(out, out->len > start ? " " : "");
        say_append_visible(out, name, CELL_MAX);
        buf_char(out, '=');
        if (holds_others(inner))
            buf_string(out, value_kind(inner) == VALUE_MAP ? "{...}" : "[...]");
        else
            render_scalar(inner, CELL_MAX, out);
    }
}

/* The columns of a table: the members' names in the order in which they come first. */
struct columns {
    struct text names[COLUMNS_MAX];
    size_t count;
};

static void take_columns(struct columns *columns, struct value row)
{
    struct text name;
    struct value v;
    for (struct value_walk walk = value_walk(row); value_next(&walk, &name, &v);) {
        size_t i = 0;
        while (i < columns->count && !text_equal(columns->names[i], name))
            i++;
        if (i == columns->count && i < COLUMNS_MAX && !text_equal(name, TEXT("schema")))
            columns->names[columns->count++] = name;
    }
}

/* A row's members; those of "metrics" stand for the row, which is what stats/services has. */
static struct value members_of(struct value row)
{
    struct value metrics;
    return value_get(row, TEXT("metrics"), &metrics) && value_kind(metrics) == VALUE_MAP ? metrics
                                                                                         : row;
}

static void bar(double value, double most, struct buf *out)
{
    unsigned length = most > 0 && value > 0 ? (unsigned)ceil(value / most * BAR) : 0;
    while (length-- > 0)
        buf_char(out, '#');
}

static double member_number(struct value row, struct text name)
{
    struct value v;
    double number = value_get(row, name, &v) ? value_number(v) : 0;
    return isfinite(number) ? number : 0;
}

/* Names of an object's members stand in a first column. */
static void write_rows(struct value table, const struct columns *columns, bool bars,
                       struct grid *grid)
{
    bool named = value_kind(table) == VALUE_MAP;
    double most = 0;
    struct text name;
    struct value row, v;
    for (struct value_walk walk = value_walk(table); value_next(&walk, &name, &row);)
        most = fmax(most, member_number(row, TEXT("count")));
    for (struct value_walk walk = value_walk(table); value_next(&walk, &name, &row);) {
        if (named)
            grid_cell(grid, name, CELL_MAX);
        for (size_t i = 0; i < columns->count; i++) {
            if (value_get(members_of(row), columns->names[i], &v))
                render_cell(v, grid_open(grid));
            grid_close(grid);
        }
        if (bars) {
            bar(member_number(row, TEXT("count")), most, grid_open(grid));
            grid_close(grid);
        }
    }
}

static void table_of_objects(struct value table, bool bars, unsigned indent, struct buf *out)
{
    struct columns columns = {0};
    bool named = value_kind(table) == VALUE_MAP;
    struct text name;
    struct value row;
    for (struct value_walk walk = value_walk(table); value_next(&walk, &name, &row);)
        take_columns(&columns, members_of(row));
    struct grid grid = {.columns = columns.count + named + bars, .headed = true};
    if (named)
        grid_plain(&grid, "");
    for (size_t i = 0; i < columns.count; i++)
        grid_cell(&grid, columns.names[i], CELL_MAX);
    if (bars)
        grid_plain(&grid, "");
    write_rows(table, &columns, bars, &grid);
    grid_write(&grid, indent, out);
    grid_free(&grid);
}

/* [time in ms, value] each. */
static void table_of_rows(struct value table, unsigned indent, struct buf *out)
{
    struct grid grid = {.columns = 2};
    struct text name;
    struct value row, v;
    for (struct value_walk walk = value_walk(table); value_next(&walk, &name, &row);) {
        struct value_walk cells = value_walk(row);
        char time[CLOCK_RFC3339_SIZE] = "-";
        int64_t ms = value_next(&cells, &name, &v) ? value_integer(v) : 0;
        if (ms > INT64_MIN / CLOCK_NS_PER_MS && ms < INT64_MAX / CLOCK_NS_PER_MS)
            clock_format_rfc3339(ms * CLOCK_NS_PER_MS, time);
        grid_plain(&grid, time);
        if (value_next(&cells, &name, &v))
            render_cell(v, grid_open(&grid));
        grid_close(&grid);
    }
    grid_write(&grid, indent, out);
    grid_free(&grid);
}

static void cell_of(struct value row, const char *name, struct grid *grid)
{
    struct value v;
    if (value_get(row, text_of(name), &v))
        render_cell(v, grid_open(grid));
}

/* As `hearthline ack` takes it: service/rule, or service/rule/subject. */
static void alert_name(struct value alert, struct grid *grid)
{
    struct value subject;
    cell_of(alert, "service", grid);
    buf_char(grid_open(grid), '/');
    cell_of(alert, "rule", grid);
    if (value_get(alert, TEXT("subject"), &subject) && value_text(subject).len > 0) {
        buf_char(grid_open(grid), '/');
        cell_of(alert, "subject", grid);
    }
    grid_close(grid);
}

static void table_of_alerts(struct value table, unsigned indent, struct buf *out)
{
    static const char *const shown[] = {"level", "state", "timestamp", NULL, "message"};
    struct grid grid = {.columns = sizeof shown / sizeof shown[0] + 1};
    struct text name;
    struct value alert, silenced;
    for (struct value_walk walk = value_walk(table); value_next(&walk, &name, &alert);) {
        for (size_t i = 0; i < grid.columns - 1; i++) {
            if (!shown[i]) {
                alert_name(alert, &grid);
                continue;
            }
            cell_of(alert, shown[i], &grid);
            grid_close(&grid);
        }
        bool silent = value_get(alert, TEXT("silenced"), &silenced) && value_bool(silenced);
        grid_plain(&grid, silent ? "(silenced)" : "");
    }
    grid_write(&grid, indent, out);
    grid_free(&grid);
}

static void list(struct value table, unsigned indent, struct buf *out)
{
    struct grid grid = {.columns = 1};
    struct text name;
    struct value v;
    for (struct value_walk walk = value_walk(table); value_next(&walk, &name, &v);) {
        render_cell(v, grid_open(&grid));
        grid_close(&grid);
    }
    grid_write(&grid, indent, out);
    grid_free(&grid);
}

static bool holds_only(struct value v, enum value_kind kind)
{
    struct text name;
    struct value inner;
    for (struct value_walk walk = value_walk(v); value_next(&walk, &name, &inner);)
        if (value_kind(inner) != kind)
            return false;
    return true;
}

bool render_is_table(struct value v)
{
    return value_kind(v) == VALUE_ARRAY || (value_kind(v) == VALUE_MAP && holds_only(v, VALUE_MAP));
}

void render_table(struct text name, struct value table, unsigned indent, struct buf *out)
{
    if (value_count(table) == 0)
        buf_printf(out, "%*snone\n", (int)indent, "");
    else if (text_equal(name, TEXT("alerts")) && holds_only(table, VALUE_MAP))
        table_of_alerts(table, indent, out);
    else if (text_equal(name, TEXT("rows")) && holds_only(table, VALUE_ARRAY))
        table_of_rows(table, indent, out);
    else if (holds_only(table, VALUE_MAP))
        table_of_objects(table, text_equal(name, TEXT("trends")), indent, out);
    else
        list(table, indent, out);
}
