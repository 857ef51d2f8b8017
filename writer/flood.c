#include "writer/flood.h"

#include <stdio.h>

#include "writer/shape/shaped.h"

bool flood_shows(struct flood *flood, const struct fold_reject *reject, int64_t now_ms)
{
    if (reject->reason != REJECT_TOO_MANY_SERIES)
        return true;
    flood->refused = true;
    flood->refused_ms = now_ms;
    snprintf(flood->refused_source, sizeof flood->refused_source, "%s",
             reject->source ? reject->source->name : "");
    if (flood->shown == 0 || now_ms - flood->began_ms >= FLOOD_MINUTE_MS) {
        flood->began_ms = now_ms;
        flood->shown = 0;
    }
    if (flood->shown == FLOOD_SHOWN)
        return false;
    flood->shown++;
    return true;
}

bool flood_begins(struct flood *flood, const struct fold_reject *reject)
{
    if (reject->reason != REJECT_TOO_MANY_SERIES || !reject->source)
        return false;
    uint64_t hash = shaped_field(reject->source->max_series, text_of(reject->source->filter));
    if (series_set_has(&flood->told, hash))
        return false;
    (void)series_set_add(&flood->told, hash); /* without memory it is said again */
    return true;
}

double flood_quiet_s(const struct flood *flood, int64_t now_ms)
{
    return flood->refused ? (double)(now_ms - flood->refused_ms) / 1000.0 : -1;
}

void flood_free(struct flood *flood)
{
    series_set_free(&flood->told);
}
