/* What a flood of random ids is told of: of the points that are refused because their source has
 * its max_series, few are shown in the file of rejects and on its topic, so that they hide nothing
 * else; and the log says once what happens. All are counted by the fold. */
#ifndef WRITER_FLOOD_H
#define WRITER_FLOOD_H

#include "writer/shape/fold.h"
#include "writer/shape/series_set.h"

#define FLOOD_SHOWN     60    /* so many ... */
#define FLOOD_MINUTE_MS 60000 /* ... in so long */

/* Zeroed to begin with. */
struct flood {
    int64_t began_ms; /* of the minute */
    unsigned shown;   /* in it */
    struct series_set told;
};

/* flood_shows tells whether a rejection is to be shown. */
bool flood_shows(struct flood *flood, const struct fold_reject *reject, int64_t now_ms);

/* flood_begins is true for the first of each source and bound: that is to be logged. */
bool flood_begins(struct flood *flood, const struct fold_reject *reject);
void flood_free(struct flood *flood);

#endif
