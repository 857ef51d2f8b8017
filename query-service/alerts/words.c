#include "query-service/alerts/words.h"

#include <math.h>

#define DECIMALS_MAX 6

void words_number(double value, unsigned decimals, double threshold, struct buf *out)
{
    double rounded;
    do {
        double scale = pow(10, decimals);
        rounded = round(value * scale) / scale;
    } while (rounded == threshold && value != threshold && decimals++ < DECIMALS_MAX);
    buf_number(out, isfinite(rounded) ? rounded : value); /* so large that it has no decimals */
}

void words_span(double seconds, struct buf *out)
{
    static const struct {
        double unit_s;
        const char *name;
    } units[] = {{86400, " days"}, {3600, " h"}, {60, " min"}, {1, " s"}};
    size_t i = 0;
    while (units[i].unit_s > 1 && seconds < 2 * units[i].unit_s)
        i++;
    buf_number(out, floor(seconds / units[i].unit_s));
    buf_string(out, units[i].name);
}
