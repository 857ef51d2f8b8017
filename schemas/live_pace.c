#include "schemas/live_pace.h"

uint32_t live_pace_wait_ms(const struct live_pace *pace, int64_t now_ms)
{
    return now_ms < pace->due_ms ? (uint32_t)(pace->due_ms - now_ms) : 0;
}

void live_pace_hasten(struct live_pace *pace)
{
    pace->due_ms = 0;
}

bool live_pace_take(struct live_pace *pace, const struct live_message *message, unsigned connection,
                    int64_t now_ms)
{
    struct live_message lasting = *message;
    if (live_pace_wait_ms(pace, now_ms) > 0)
        return false;
    lasting.time_ns = 0;
    lasting.journal_oldest_s.present = false;
    buf_reset(&pace->now);
    live_message_encode(&lasting, &pace->now);
    if (pace->said && pace->connection == connection &&
        text_equal(buf_view(&pace->now), buf_view(&pace->last)))
        return false;
    struct buf last = pace->last;
    pace->last = pace->now;
    pace->now = last;
    pace->said = true;
    pace->connection = connection;
    pace->due_ms = now_ms + LIVE_PACE_MS;
    return true;
}

void live_pace_failed(struct live_pace *pace)
{
    pace->said = false;
}

void live_pace_free(struct live_pace *pace)
{
    buf_free(&pace->last);
    buf_free(&pace->now);
}
