/* Two properties of line protocol, on any bytes:
 *   - a point made of them becomes exactly one line, which reads back as the same names, types and
 *     values once what had to be cleaned is clean (a second round changes nothing);
 *   - bytes read as lines never harm, and what is accepted can be written again. */
#include <stdio.h>
#include <stdlib.h>

#include "influx/line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds, const char *promise)
{
    if (holds)
        return;
    fprintf(stderr, "broken: %s\n", promise);
    abort();
}

/* Takes pieces of the input: one byte of length, then as many bytes as there are. */
static struct text take(struct text *rest)
{
    if (rest->len == 0)
        return (struct text){"", 0};
    size_t len = (unsigned char)rest->at[0];
    if (len > rest->len - 1)
        len = rest->len - 1;
    struct text piece = {rest->at + 1, len};
    rest->at += 1 + len;
    rest->len -= 1 + len;
    return piece;
}

static void take_field(struct text *rest, struct point *p)
{
    struct text key = take(rest), value = take(rest);
    unsigned char kind = key.len ? (unsigned char)key.at[0] % 4 : 0;
    uint64_t bits = 0;
    memcpy(&bits, value.at, value.len < sizeof bits ? value.len : sizeof bits);
    double number;
    memcpy(&number, &bits, sizeof number);
    enum err err = kind == 0   ? point_text(p, key, value)
                   : kind == 1 ? point_number(p, key, number)
                   : kind == 2 ? point_integer(p, key, (int64_t)bits)
                               : point_bool(p, key, bits & 1);
    check(err == ERR_OK || err == ERR_TOO_LARGE, "a point says only that it is full");
}

static void take_point(struct text *rest, struct point *p)
{
    point_clear(p);
    unsigned shape = rest->len ? (unsigned char)rest->at[0] : 0;
    p->measurement = take(rest);
    for (unsigned i = 0; i < shape % 5; i++) {
        struct text key = take(rest), value = take(rest);
        enum err err = point_tag(p, key, value);
        check(err == ERR_OK, "five tags have room");
    }
    do
        take_field(rest, p);
    while (rest->len > 0 && p->field_count < POINT_MAX_FIELDS);
    p->timed = shape & 1;
    p->time_ns = (int64_t)shape * 1000000007;
}

static void read_again(struct text lines, struct point *ret_point, struct buf *scratch)
{
    struct text line, more;
    struct err_reason why;
    check(line_next(&lines, &line), "a written line is a line");
    enum err err = line_parse(line, scratch, ret_point, &why);
    if (err != ERR_OK)
        fprintf(stderr, "%s\n", why.text);
    check(err == ERR_OK, "a written line can be read");
    check(!line_next(&lines, &more), "a point is one line");
}

static void write_and_read(const struct point *p)
{
    static struct point again;
    struct buf first = {0}, second = {0}, scratch = {0};
    unsigned cleaned;
    if (line_encode(p, &first, &cleaned, NULL) == ERR_OK) {
        check(text_utf8_valid(buf_view(&first)), "a line is UTF-8");
        check(!memchr(first.data, 0, first.len) && !memchr(first.data, '\r', first.len),
              "a line has neither NUL nor CR");
        read_again(buf_view(&first), &again, &scratch);
        check(again.timed == p->timed && (!p->timed || again.time_ns == p->time_ns), "the time");
        check(again.tag_count <= p->tag_count && again.field_count <= p->field_count, "counts");
        check(cleaned || again.field_count == p->field_count, "no field goes uncounted");
        /* cleaning may put a key elsewhere in the order; after that nothing moves */
        enum err err = line_encode(&again, &second, &cleaned, NULL);
        check(err == ERR_OK && cleaned == 0, "a clean point stays clean");
        check(second.len == first.len, "writing again writes the same");
        read_again(buf_view(&second), &again, &scratch);
        buf_reset(&first);
        err = line_encode(&again, &first, &cleaned, NULL);
        check(err == ERR_OK && text_equal(buf_view(&first), buf_view(&second)), "the third too");
    } else {
        check(first.len == 0, "nothing is left of what failed");
    }
    buf_free(&first);
    buf_free(&second);
    buf_free(&scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct point point;
    struct text input = {(const char *)data, size}, rest = input, line;
    take_point(&rest, &point);
    write_and_read(&point);

    struct buf scratch = {0};
    while (line_next(&input, &line))
        if (line_parse(line, &scratch, &point, NULL) == ERR_OK)
            write_and_read(&point);
    buf_free(&scratch);
    return 0;
}
