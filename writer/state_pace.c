#include "writer/state_pace.h"

#include "base/clock.h"

static int64_t pause_ms(const struct state_pace *pace)
{
    int64_t ms = pace->cost_ns * STATE_PACE_SHARE / CLOCK_NS_PER_MS;
    return ms < STATE_PACE_LONGEST_MS ? ms : STATE_PACE_LONGEST_MS;
}

bool state_pace_due(const struct state_pace *pace, struct journal_position at, int64_t now_ms)
{
    if (at.number == pace->at.number)
        return false;
    if (pace->at.number == 0 || at.segment - pace->at.segment >= STATE_PACE_SEGMENTS)
        return true;
    int64_t since_ms = now_ms - pace->taken_ms;
    bool enough = at.number - pace->at.number >= STATE_PACE_RECORDS || since_ms >= STATE_PACE_MS;
    return enough && since_ms >= pause_ms(pace);
}

void state_pace_taken(struct state_pace *pace, struct journal_position at, int64_t now_ms)
{
    *pace = (struct state_pace){.at = at, .taken_ms = now_ms};
}

void state_pace_cost(struct state_pace *pace, int64_t cost_ns)
{
    pace->cost_ns += cost_ns > 0 ? cost_ns : 0;
}
