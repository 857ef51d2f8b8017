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
    bool refused; /* any was, the last one then, of that source */
    int64_t refused_ms;
    char refused_source[64];
};

/* flood_shows tells whether a rejection is to be shown, and notes when the last one was of this
 * kind. */
bool flood_shows(struct flood *flood, const struct fold_reject *reject, int64_t now_ms);

/* flood_begins is true for the first of each source and bound: that is to be logged. */
bool flood_begins(struct flood *flood, const struct fold_reject *reject);

/* flood_quiet_s is the time since the last one; negative when there was none. */
double flood_quiet_s(const struct flood *flood, int64_t now_ms);
void flood_free(struct flood *flood);

#endif
