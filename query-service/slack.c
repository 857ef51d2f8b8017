#include "query-service/slack.h"

#include <malloc.h>

bool slack_turn(struct slack *slack, unsigned pending, int64_t now_ms)
{
    if (pending > slack->most)
        slack->most = pending;
    if (pending > 0)
        slack->busy_ms = now_ms;
    if (slack->most < SLACK_BURST || now_ms - slack->busy_ms < SLACK_AFTER_MS)
        return false;
    slack->most = 0;
    malloc_trim(0);
    return true;
}
