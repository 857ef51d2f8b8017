/* Writes lines into a frame of so many columns and rows: what is beyond them is cut, not wrapped,
 * and strangers' texts are made harmless. For what is shown on a terminal, and the same as plain
 * text elsewhere. Pure. */
#ifndef CLI_PEN_H
#define CLI_PEN_H

#include <stdbool.h>

#include "base/buf.h"

enum pen_paint { PEN_NONE, PEN_BOLD, PEN_DIM, PEN_GOOD, PEN_DOUBTFUL, PEN_BAD };

/* A character counts as one column, so a terminal must not wrap where one takes two. */
struct pen {
    struct buf *out;
    unsigned columns, rows; /* of the frame; 0: no limit */
    bool drawn;             /* over what the terminal shows, from its upper left corner; else
                               lines, each ended */
    bool painted;           /* with colours */
    unsigned line, column;  /* where it is; 0 before pen_begin */
    struct buf visible;     /* scratch */
};

/* pen_begin and pen_end stand before and behind a frame; pen_end frees the scratch. */
void pen_begin(struct pen *pen);
void pen_end(struct pen *pen);

void pen_put(struct pen *pen, enum pen_paint paint, const char *text);

/* pen_cell writes a cell of a table and two columns behind it: at most `columns` of the text, or
 * with 0 all of it. */
void pen_cell(struct pen *pen, enum pen_paint paint, const char *text, unsigned columns);

/* pen_figure is a cell with the text at its right, which is not cut but by the frame, as half a
 * number is another number. The text is our own, and one column a byte. */
void pen_figure(struct pen *pen, enum pen_paint paint, const char *text, unsigned columns);

void pen_end_line(struct pen *pen);

/* pen_width gives how many columns a text takes. */
unsigned pen_width(const char *text);

/* pen_more writes the line that so many more are not shown, where there are any; `uncounted`:
 * besides these some that nobody counted. */
void pen_more(struct pen *pen, size_t more, bool uncounted);

#endif
