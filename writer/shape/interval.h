/* The points of one source that wait because their series has just had one: a window begins when a
 * point is stored, and keeps the last of those that come before it is over.
 *
 * Bounded: INTERVAL_WINDOWS windows and INTERVAL_BYTES of kept points. What finds no room does not
 * wait. */
#ifndef WRITER_SHAPE_INTERVAL_H
#define WRITER_SHAPE_INTERVAL_H

#include "base/buf.h"
#include "writer/shape/shaped.h"

#define INTERVAL_WINDOWS 16384u
#define INTERVAL_BYTES   (4u << 20)

struct interval;

struct interval_window {
    int64_t began_ns;
    uint64_t whole; /* last_digest of the kept point */
    char *kept;     /* as held_pack made it; NULL: none */
    size_t kept_len;
};

struct interval *interval_new(int64_t span_ns); /* NULL when out of memory */
void interval_free(struct interval *interval);  /* NULL accepted */

/* interval_begin opens the window of a key; nothing happens when there is no room. `now_ns` is the
 * arrival of the record that was read last: it only grows, but where the clock was set back. */
void interval_begin(struct interval *interval, uint64_t key, int64_t now_ns);
struct interval_window *interval_find(struct interval *interval, uint64_t key);

/* interval_keep keeps the point instead of what was kept before; false when there is no room, and
 * nothing is kept then. */
bool interval_keep(struct interval *interval, struct interval_window *window,
                   const struct shaped *shaped, uint64_t whole);

/* interval_due gives the window that is over for the longest time, NULL when none is. Its owner
 * calls interval_end for it: the window closes, its kept point is freed, and when `again` and time
 * has not come further than that the next one follows it. */
struct interval_window *interval_due(const struct interval *interval, int64_t now_ns,
                                     uint64_t *ret_key);
void interval_end(struct interval *interval, uint64_t key, int64_t now_ns, bool again);

/* interval_save appends all windows. interval_load takes them from the front of `rest` into a new
 * one; false when they cannot be read. */
void interval_save(const struct interval *interval, struct buf *out);
bool interval_load(struct interval *interval, struct text *rest);

#endif
