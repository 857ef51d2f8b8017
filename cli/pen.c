#include "cli/pen.h"

#include <stdio.h>

#include "cli/say.h"

/* SGR (ECMA-48, 8.3.117). */
static const char *const paints[] = {"", "\033[1m", "\033[2m", "\033[32m", "\033[33m", "\033[31m"};

static bool off_screen(const struct pen *p)
{
    return p->rows > 0 && p->line >= p->rows;
}

/* How many bytes of well-formed text take at most so many columns, and how many they take. */
static size_t fitting(struct text t, unsigned columns, unsigned *ret_taken)
{
    unsigned taken = 0;
    size_t len = 0;
    while (len < t.len && taken < columns) {
        size_t sequence = text_utf8_sequence((struct text){t.at + len, t.len - len});
        len += sequence > 0 ? sequence : 1;
        taken++;
    }
    *ret_taken = taken;
    return len;
}

unsigned pen_width(const char *text)
{
    struct buf visible = {0};
    unsigned width;
    say_append_visible(&visible, text_of(text), SIZE_MAX);
    (void)fitting(buf_view(&visible), UINT32_MAX, &width);
    buf_free(&visible);
    return width;
}

static void pad(struct pen *p, unsigned columns)
{
    for (; columns > 0 && !off_screen(p) && (p->columns == 0 || p->column < p->columns);
         columns--) {
        buf_char(p->out, ' ');
        p->column++;
    }
}

/* Writes at most `columns` of the text and returns how many it took. */
static unsigned put(struct pen *p, enum pen_paint paint, const char *text, unsigned columns)
{
    unsigned taken = 0, left = p->columns == 0 ? UINT32_MAX : p->columns - p->column;
    if (off_screen(p))
        return 0;
    buf_reset(&p->visible);
    say_append_visible(&p->visible, text_of(text), SIZE_MAX);
    p->out->failed = p->out->failed || p->visible.failed;
    size_t len = fitting(buf_view(&p->visible), columns < left ? columns : left, &taken);
    bool painted = p->painted && paint != PEN_NONE && len > 0;
    if (painted)
        buf_string(p->out, paints[paint]);
    buf_append(p->out, p->visible.data, len);
    if (painted)
        buf_string(p->out, "\033[0m");
    p->column += taken;
    return taken;
}

void pen_put(struct pen *p, enum pen_paint paint, const char *text)
{
    (void)put(p, paint, text, UINT32_MAX);
}

void pen_cell(struct pen *p, enum pen_paint paint, const char *text, unsigned columns)
{
    unsigned taken = put(p, paint, text, columns > 0 ? columns : UINT32_MAX);
    pad(p, (taken < columns ? columns - taken : 0) + 2);
}

void pen_figure(struct pen *p, enum pen_paint paint, const char *text, unsigned columns)
{
    size_t len = strlen(text);
    pad(p, len < columns ? columns - (unsigned)len : 0);
    pen_cell(p, paint, text, 0);
}

/* A drawn line is cleared before it is written: behind a full one, clearing would take its last
 * character. The last one of the frame has no end, which would scroll. */
void pen_end_line(struct pen *p)
{
    if (off_screen(p))
        return;
    p->line++;
    p->column = 0;
    if (!p->drawn)
        buf_char(p->out, '\n');
    else if (!off_screen(p))
        buf_string(p->out, "\r\n\033[K");
}

void pen_more(struct pen *p, size_t more, bool uncounted)
{
    char text[64] = "  and more";
    if (more == 0 && !uncounted)
        return;
    if (more > 0)
        snprintf(text, sizeof text, "  and %zu more%s", more, uncounted ? " at least" : "");
    pen_put(p, PEN_DIM, text);
    pen_end_line(p);
}

void pen_begin(struct pen *p)
{
    if (p->drawn)
        buf_string(p->out, "\033[H\033[K");
}

void pen_end(struct pen *p)
{
    if (p->drawn && !off_screen(p))
        buf_string(p->out, "\033[J");
    buf_free(&p->visible);
}
