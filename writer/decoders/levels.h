/* The levels of a topic, for dialects that say in the topic what a message is about: cutting them
 * off, and where in the topics of a source its device stands. A topic's parts are borrowed from it.
 */
#ifndef WRITER_DECODERS_LEVELS_H
#define WRITER_DECODERS_LEVELS_H

#include "base/text.h"

/* Where the device stands in the topics of a filter. */
struct levels_device {
    unsigned before; /* levels before it */
    bool captured;   /* the filter names it: +device_id */
};

/* levels_device_of finds it: the level that is +device_id, else the first that the filter leaves
 * open without a name (+ or #). False when it has neither. */
bool levels_device_of(const char *filter, struct levels_device *ret_device);

/* levels_behind gives what stands behind the first `count` levels; empty when there is nothing. */
struct text levels_behind(struct text topic, unsigned count);

/* These cut one level off, and the slash beside it. False when nothing is left to cut. */
bool levels_cut_first(struct text *levels, struct text *ret_level);
bool levels_cut_last(struct text *levels, struct text *ret_level);

#endif
