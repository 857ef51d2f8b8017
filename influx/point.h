/* A point as it goes to InfluxDB: measurement, tags, fields, time. Texts are borrowed from
 * whoever made the point, for the time of one call. */
#ifndef INFLUX_POINT_H
#define INFLUX_POINT_H

#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

#define POINT_MAX_TAGS   64
#define POINT_MAX_FIELDS 512

enum field_type { FIELD_NUMBER, FIELD_INTEGER, FIELD_BOOL, FIELD_TEXT };

struct point_tag {
    struct text key, value;
};

struct point_field {
    struct text key;
    enum field_type type;
    union {
        double number;
        int64_t integer;
        bool truth;
        struct text text;
    };
};

struct point {
    struct text measurement;
    int64_t time_ns;
    bool timed; /* time_ns is the point's own; else whoever stores it gives the arrival time */
    uint16_t tag_count, field_count;
    struct point_tag tags[POINT_MAX_TAGS];
    struct point_field fields[POINT_MAX_FIELDS];
};

/* point_clear makes it empty: no tags, no fields, not timed. */
void point_clear(struct point *p);

/* Adding: ERR_TOO_LARGE beyond the limits above. A tag with an empty key or value is left out
 * (ERR_OK), as line protocol cannot say it. point_tag on a key that is there already keeps the
 * first value. point_field_* on a key that is there replaces the value. */
enum err point_tag(struct point *p, struct text key, struct text value) ERR_MUST_CHECK;
enum err point_number(struct point *p, struct text key, double number) ERR_MUST_CHECK;
enum err point_integer(struct point *p, struct text key, int64_t integer) ERR_MUST_CHECK;
enum err point_bool(struct point *p, struct text key, bool truth) ERR_MUST_CHECK;
enum err point_text(struct point *p, struct text key, struct text text) ERR_MUST_CHECK;

#endif
