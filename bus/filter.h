/* MQTT topic filters (MQTT 5.0, section 4.7), and the +name form that captures a level. Pure. */
#ifndef BUS_FILTER_H
#define BUS_FILTER_H

#include "base/err.h"
#include "base/text.h"

#define FILTER_MAX_CAPTURES 16

struct filter_capture {
    struct text name;  /* what stands behind the +, pointing into the filter */
    struct text level; /* the topic's level, pointing into the topic */
};

struct filter_captures {
    size_t count;
    struct filter_capture at[FILTER_MAX_CAPTURES];
};

/* filter_check refuses what the section does not allow: empty, '#' not last, a wildcard
 * inside a level (other than +name with letters, digits and '_'), NUL, over 65,535 bytes,
 * more than FILTER_MAX_CAPTURES names, a name twice. */
enum err filter_check(struct text filter, struct err_reason *why) ERR_MUST_CHECK;

/* filter_plain writes the filter as the broker understands it (+name becomes +) into
 * ret_plain of at least filter.len + 1 bytes, terminated. */
void filter_plain(struct text filter, char *ret_plain);

/* filter_match tells whether the topic matches; topics that begin with '$' match no filter
 * that begins with a wildcard. With `ret_captures` not NULL, the named levels. */
bool filter_match(struct text filter, struct text topic, struct filter_captures *ret_captures);

/* filter_subsumes tells whether every topic that `narrow` matches is matched by `wide`. */
bool filter_subsumes(struct text wide, struct text narrow);

/* filter_overlaps tells whether some topic is matched by both. */
bool filter_overlaps(struct text one, struct text other);

#endif
