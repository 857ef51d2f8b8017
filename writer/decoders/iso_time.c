#include "writer/decoders/iso_time.h"

#include "base/clock.h"
#include "schemas/message_time.h"

#define TEXT_BYTES 64

/* A time that lacks nothing but its zone: what it would be in UTC. */
static bool without_zone(struct text time, int64_t *ret_ns)
{
    char with_zone[TEXT_BYTES + 1];
    if (time.len == 0 || time.len > TEXT_BYTES)
        return false;
    memcpy(with_zone, time.at, time.len);
    with_zone[time.len] = 'Z';
    return message_time_rfc3339((struct text){with_zone, time.len + 1}, ret_ns, NULL) == ERR_OK;
}

static int64_t floor_seconds(int64_t ns)
{
    return ns / CLOCK_NS_PER_S - (ns % CLOCK_NS_PER_S < 0);
}

/* The offset is moved, not the seconds, so that the fraction stays as it is. */
static bool to_utc(const struct zone *zone, int64_t local_ns, int64_t arrival_ns, int64_t *ret_ns)
{
    int64_t local_s = floor_seconds(local_ns);
    int64_t ahead_s = local_s - zone_utc_s(zone, local_s, floor_seconds(arrival_ns));
    return !__builtin_sub_overflow(local_ns, ahead_s * CLOCK_NS_PER_S, ret_ns);
}

enum reject iso_time_read(struct text time, const struct zone *zone, int64_t arrival_ns,
                          struct point *point, struct err_reason *why)
{
    int64_t ns;
    if (!without_zone(time, &ns)) {
        if (message_time_rfc3339(time, &ns, why) != ERR_OK)
            return REJECT_BAD_TIME;
    } else if (!zone || !to_utc(zone, ns, arrival_ns, &ns)) {
        return REJECT_NONE;
    }
    point->time_ns = ns;
    point->timed = true;
    return REJECT_NONE;
}
