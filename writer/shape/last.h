/* What was stored last of each field, as hashes: what a point is held against to see whether it
 * says anything new.
 *
 * The fields `value` and `state` are two forms of one thing (writer/decoders/state.h) and are
 * remembered as one: a number that comes back after `unavailable` is a change. So is every value
 * of a device after a point that said `available` = false, because what it was in between nobody
 * knows. Hashes have 64 bits: that two values of one field share one is not worth counting on.
 *
 * Bounded: of LAST_FIELDS fields, in about 56 bytes each, the one that was not seen for the longest
 * time is forgotten first. */
#ifndef WRITER_SHAPE_LAST_H
#define WRITER_SHAPE_LAST_H

#include "base/buf.h"
#include "writer/shape/shaped.h"

#define LAST_FIELDS 200000u

struct last;

/* A point's fields as they are remembered. */
struct last_digest {
    uint64_t series;
    uint64_t form;  /* of which fields it is made, whatever their order and values */
    uint64_t whole; /* of all fields and values, whatever their order */
    bool away;      /* it says that its device cannot be reached */
    unsigned count;
    struct {
        uint64_t key, value;
    } at[POINT_MAX_FIELDS];
};

void last_digest(const struct shaped *shaped, struct last_digest *ret_digest);

struct last_verdict {
    bool differs;   /* a field had another value when it was last seen */
    bool unchanged; /* every field was stored with this value, and since the device was away */
    /* The earliest and the latest time at which one of its fields was stored; INT64_MIN when none
     * was. */
    int64_t earliest_ns, latest_ns;
};

struct last *last_new(void); /* NULL when out of memory */
void last_free(struct last *last);

/* last_compare holds a point against what is remembered; its fields then count as seen. */
struct last_verdict last_compare(struct last *last, const struct last_digest *digest);

/* last_note remembers of the fields that nobody has seen that they were seen, though not stored;
 * last_store that all were stored, at this time. */
void last_note(struct last *last, const struct last_digest *digest);
void last_store(struct last *last, const struct last_digest *digest, int64_t time_ns);

/* last_save appends 32 bytes a field; last_load takes them from the front of `rest` into a new one,
 * false when it cannot be read. */
void last_save(const struct last *last, struct buf *out);
bool last_load(struct last *last, struct text *rest);

#endif
