#include "cli/render.h"

#include "cli/grid.h"
#include "cli/say.h"

enum { VALUE_MAX = 1000, DEEPEST = 4, INDENT = 2 };

/* Members that the first line tells, or that are of no interest to a person. */
static bool is_envelope(struct text name)
{
    static const char *const names[] = {"schema", "timestamp",   "transaction", "cached",
                                        "period", "cache_age_s", "from",        "to",
                                        "source", "age_s",       NULL};
    for (size_t i = 0; names[i]; i++)
        if (text_equal(name, text_of(names[i])))
            return true;
    return false;
}

static bool is_scalar(struct value v)
{
    return value_kind(v) != VALUE_MAP && value_kind(v) != VALUE_ARRAY;
}

/* Appends what stands before it, the member and what stands behind it, when the member is there. */
static void tell(struct value answer, const char *name, const char *before, const char *behind,
                 struct buf *out)
{
    struct value v;
    if (!value_get(answer, text_of(name), &v) || !is_scalar(v))
        return;
    buf_string(out, before);
    render_scalar(v, VALUE_MAX, out);
    buf_string(out, behind);
}

static void headline(struct value answer, struct buf *out)
{
    struct value v;
    tell(answer, "timestamp", "", "", out);
    tell(answer, "period", "  period ", "", out);
    tell(answer, "from", " (", "", out);
    tell(answer, "to", " to ", ")", out);
    tell(answer, "source", "  from ", "", out);
    if (value_get(answer, TEXT("age_s"), &v) && value_kind(v) != VALUE_NULL)
        tell(answer, "age_s", ", ", " s old", out);
    if (value_get(answer, TEXT("cached"), &v) && value_bool(v))
        tell(answer, "cache_age_s", "  kept for ", " s", out);
    buf_char(out, '\n');
}

static void write_path(struct text path, struct text name, struct buf *out)
{
    if (path.len > 0) {
        buf_text(out, path);
        buf_char(out, '.');
    }
    say_append_visible(out, name, VALUE_MAX);
}

static void list_scalars(struct value map, bool top, unsigned indent, struct buf *out)
{
    struct grid grid = {.columns = 2};
    struct text name;
    struct value v;
    for (struct value_walk walk = value_walk(map); value_next(&walk, &name, &v);) {
        if (!is_scalar(v) || (top && is_envelope(name)))
            continue;
        grid_cell(&grid, name, VALUE_MAX);
        render_scalar(v, VALUE_MAX, grid_open(&grid));
        grid_close(&grid);
    }
    grid_write(&grid, indent, out);
    grid_free(&grid);
}

static void section(struct text path, struct value v, unsigned depth, struct buf *out);

static void sections(struct text path, struct value map, unsigned depth, struct buf *out)
{
    struct text name;
    struct value v;
    for (struct value_walk walk = value_walk(map); value_next(&walk, &name, &v);) {
        struct buf inner = {0};
        if (is_scalar(v))
            continue;
        write_path(path, name, &inner);
        buf_char(out, '\n');
        buf_text(out, buf_view(&inner));
        buf_char(out, '\n');
        if (render_is_table(v))
            render_table(name, v, INDENT, out);
        else
            section(buf_view(&inner), v, depth + 1, out);
        buf_free(&inner);
    }
}

static void section(struct text path, struct value v, unsigned depth, struct buf *out)
{
    list_scalars(v, false, INDENT, out);
    if (depth < DEEPEST)
        sections(path, v, depth, out);
}

void render_answer(struct value answer, struct buf *out)
{
    headline(answer, out);
    list_scalars(answer, true, 0, out);
    sections((struct text){0}, answer, 0, out);
}
