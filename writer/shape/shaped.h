/* A decoded point on its way through the rules that need memory. */
#ifndef WRITER_SHAPE_SHAPED_H
#define WRITER_SHAPE_SHAPED_H

#include "influx/point.h"
#include "writer/decoders/source.h"

struct shaped {
    struct point *point;         /* timed; a stage may change it */
    const struct source *source; /* NULL: its source is not configured any more */
    int64_t arrival_ns;
    bool own_time;       /* its time is the message's own, not the arrival's */
    bool needs_time;     /* left out unless a stage finds it a time of its own */
    bool time_replaced;  /* it had one of its own, which cannot be, and got the arrival's */
    bool uncapped;       /* not of the source's own series: its stage bounds them (cap.h) */
    bool retained, late; /* how the message came */
    unsigned place;      /* what to add to the arrival to have a time of its own there */
    uint64_t series;     /* shaped_series of the point, kept up to date by who changes its tags */
};

/* shaped_series is a hash of measurement and tags, whatever the tags' order (FNV-1a,
 * 64 bits): what InfluxDB tells apart as a series. The same after each start. */
uint64_t shaped_series(const struct point *point);

/* shaped_field is the same for one field of it. */
uint64_t shaped_field(uint64_t series, struct text key);

/* shaped_value is a hash of a field's value and type. */
uint64_t shaped_value(const struct point_field *field);

#endif
