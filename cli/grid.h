/* A table of text in columns, for the terminal: numbers stand right, all else left, a column is as
 * wide as its widest cell. Cells hold what may be shown (control characters made visible, no line
 * breaks); widths count characters. */
#ifndef CLI_GRID_H
#define CLI_GRID_H

#include "base/buf.h"

struct grid { /* zeroed but for `columns` it is empty */
    size_t columns;
    bool headed;      /* the first row is a heading */
    struct buf text;  /* all cells, one behind the other */
    struct buf marks; /* size_t each: where a cell ends */
};

/* grid_cell adds what a stranger wrote, made visible and cut at `max` bytes; grid_plain what is
 * ours. Cells go row by row. */
void grid_cell(struct grid *grid, struct text cell, size_t max);
void grid_plain(struct grid *grid, const char *cell);

/* grid_open gives the buffer that a cell is written to, grid_close ends that cell. */
struct buf *grid_open(struct grid *grid);
void grid_close(struct grid *grid);

/* grid_write appends the table, each row indented by so many blanks; memory that ran out while it
 * was filled shows as out->failed. grid_free gives the memory back. */
void grid_write(const struct grid *grid, unsigned indent, struct buf *out);
void grid_free(struct grid *grid);

#endif
