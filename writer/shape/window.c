#include "writer/shape/window.h"

#include "writer/shape/pack.h"

#define TIME_MAX_NS (INT64_MAX / 2) /* of a saved window's start, either side of 1970 */

bool window_holds(const struct window *window, int64_t arrival_ns)
{
    return arrival_ns >= window->start_ns && arrival_ns - window->length_ns < window->start_ns;
}

int64_t window_start(const struct window *window, int64_t arrival_ns)
{
    int64_t rest = arrival_ns % window->length_ns;
    return arrival_ns - (rest < 0 ? rest + window->length_ns : rest);
}

void window_save(const struct window *window, struct buf *out)
{
    pack_number(out, (uint64_t)window->start_ns);
}

bool window_load(struct window *window, struct text *rest)
{
    uint64_t start;
    if (!pack_take_number(rest, &start))
        return false;
    window->start_ns = (int64_t)start;
    return window->start_ns == WINDOW_NONE ||
           (window->start_ns <= TIME_MAX_NS && window->start_ns >= -TIME_MAX_NS);
}
