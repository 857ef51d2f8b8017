#include "cli/grid.h"

#include "cli/say.h"

struct buf *grid_open(struct grid *grid)
{
    return &grid->text;
}

void grid_close(struct grid *grid)
{
    buf_append(&grid->marks, &grid->text.len, sizeof grid->text.len);
}

void grid_cell(struct grid *grid, struct text cell, size_t max)
{
    say_append_visible(grid_open(grid), cell, max);
    grid_close(grid);
}

void grid_plain(struct grid *grid, const char *cell)
{
    buf_string(grid_open(grid), cell);
    grid_close(grid);
}

static size_t end_of(const struct grid *grid, size_t cell)
{
    size_t end;
    memcpy(&end, grid->marks.data + cell * sizeof end, sizeof end);
    return end;
}

static struct text cell_at(const struct grid *grid, size_t row, size_t column)
{
    size_t cell = row * grid->columns + column;
    size_t start = cell > 0 ? end_of(grid, cell - 1) : 0;
    return (struct text){grid->text.data + start, end_of(grid, cell) - start};
}

static size_t width_of(struct text cell)
{
    size_t width = 0;
    for (size_t i = 0; i < cell.len; i++)
        width += ((unsigned char)cell.at[i] & 0xC0) != 0x80;
    return width;
}

static bool may_stand_right(struct text cell)
{
    double number;
    return cell.len == 0 || text_equal(cell, TEXT("-")) || text_number(cell, &number);
}

struct column {
    size_t width;
    bool numbers;
};

static struct column measure(const struct grid *grid, size_t rows, size_t column)
{
    struct column is = {.numbers = rows > (grid->headed ? 1 : 0)};
    for (size_t row = 0; row < rows; row++) {
        struct text cell = cell_at(grid, row, column);
        size_t width = width_of(cell);
        is.width = width > is.width ? width : is.width;
        is.numbers &= (row == 0 && grid->headed) || may_stand_right(cell);
    }
    return is;
}

static void pad(struct buf *out, size_t count)
{
    while (count-- > 0)
        buf_char(out, ' ');
}

static void write_row(const struct grid *grid, const struct column *columns, size_t row,
                      unsigned indent, struct buf *out)
{
    pad(out, indent);
    for (size_t i = 0; i < grid->columns; i++) {
        struct text cell = cell_at(grid, row, i);
        size_t blanks = columns[i].width - width_of(cell);
        pad(out, columns[i].numbers ? blanks : 0);
        buf_text(out, cell);
        pad(out, columns[i].numbers ? 0 : blanks);
        pad(out, 2);
    }
    while (out->len > 0 && out->data[out->len - 1] == ' ')
        buf_cut(out, out->len - 1);
    buf_char(out, '\n');
}

void grid_write(const struct grid *grid, unsigned indent, struct buf *out)
{
    struct buf memory = {0};
    size_t rows = grid->columns > 0 ? grid->marks.len / sizeof(size_t) / grid->columns : 0;
    out->failed |= grid->text.failed || grid->marks.failed;
    struct column *columns =
        (struct column *)(void *)buf_reserve(&memory, grid->columns * sizeof *columns);
    out->failed |= memory.failed;
    for (size_t i = 0; !out->failed && i < grid->columns; i++)
        columns[i] = measure(grid, rows, i);
    for (size_t row = 0; !out->failed && row < rows; row++)
        write_row(grid, columns, row, indent, out);
    buf_free(&memory);
}

void grid_free(struct grid *grid)
{
    buf_free(&grid->text);
    buf_free(&grid->marks);
}
