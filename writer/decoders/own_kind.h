/* Kinds of readings and events that have a measurement of their own, and what such a message needs
 * to be one: design and query service count on these tags and fields. */
#ifndef WRITER_DECODERS_OWN_KIND_H
#define WRITER_DECODERS_OWN_KIND_H

#include "writer/decoders/decoder.h"

#define OWN_KIND_MAX_TAGS   2
#define OWN_KIND_MAX_FIELDS 3

struct own_kind_field {
    const char *name;
    enum field_type type; /* FIELD_NUMBER or FIELD_TEXT */
    bool needed;
};

struct own_kind {
    const char *name, *measurement;
    const char *device; /* the tag that `device` and the topic give */
    /* Members of the message, or of its `tags`, that are tags also in the short form; NULL ends. */
    const char *tags[OWN_KIND_MAX_TAGS + 1];
    const char *needed_tag;                                /* besides the device; NULL for none */
    struct own_kind_field fields[OWN_KIND_MAX_FIELDS + 1]; /* a NULL name ends */
    bool any_field; /* at least one of them is needed; a kind may have others besides */
};

extern const struct own_kind own_kind_readings[], own_kind_events[]; /* a NULL name ends */

/* own_kind_find: NULL when the kind has no measurement of its own. */
const struct own_kind *own_kind_find(const struct own_kind *kinds, struct text name);

/* own_kind_tags adds the kind's tags that are members of the map. BAD_VALUE, BAD_NAME, TOO_MANY. */
enum reject own_kind_tags(const struct own_kind *kind, struct value map,
                          struct decode_scratch *scratch, struct err_reason *why);

/* own_kind_check tells whether a finished point has what the kind needs. WRONG_SHAPE. */
enum reject own_kind_check(const struct own_kind *kind, const struct point *point,
                           struct err_reason *why);

#endif
