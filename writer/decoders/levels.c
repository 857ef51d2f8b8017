#include "writer/decoders/levels.h"

bool levels_cut_first(struct text *levels, struct text *ret_level)
{
    if (levels->len == 0)
        return false;
    const char *slash = memchr(levels->at, '/', levels->len);
    size_t len = slash ? (size_t)(slash - levels->at) : levels->len;
    size_t used = len + (slash ? 1 : 0);
    *ret_level = (struct text){levels->at, len};
    *levels = (struct text){levels->at + used, levels->len - used};
    return true;
}

bool levels_cut_last(struct text *levels, struct text *ret_level)
{
    if (levels->len == 0)
        return false;
    const char *slash = memrchr(levels->at, '/', levels->len);
    size_t before = slash ? (size_t)(slash - levels->at) : 0;
    size_t start = slash ? before + 1 : 0;
    *ret_level = (struct text){levels->at + start, levels->len - start};
    levels->len = before;
    return true;
}

struct text levels_behind(struct text topic, unsigned count)
{
    struct text level;
    while (count > 0 && levels_cut_first(&topic, &level))
        count--;
    return topic;
}

bool levels_device_of(const char *filter, struct levels_device *ret_device)
{
    struct text rest = text_of(filter), level;
    bool open = false;
    for (unsigned before = 0; levels_cut_first(&rest, &level); before++) {
        bool captured = text_equal(level, TEXT("+device_id"));
        bool wildcard = text_equal(level, TEXT("+")) || text_equal(level, TEXT("#"));
        if (!captured && (open || !wildcard))
            continue;
        open = true;
        *ret_device = (struct levels_device){before, captured};
        if (captured)
            break;
    }
    return open;
}
