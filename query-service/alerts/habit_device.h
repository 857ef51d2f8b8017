/* One device's habit: what its pauses teach. Pure. */
#ifndef ALERTS_HABIT_DEVICE_H
#define ALERTS_HABIT_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

struct habit_pace {
    int64_t first_ns, last_ns; /* first and last seen; the latter the end of its window */
    uint32_t pauses;
    double mean_s, longest_s;
};

/* habit_pace_heard takes a window of window_s in which the device was heard, from start_ns to
 * end_ns, windows in their order. `whole`: the writer was there all the time since the device was
 * heard last. `judged`: it was watched meanwhile, so that a pause beyond its limit was said. */
void habit_pace_heard(struct habit_pace *pace, int64_t start_ns, int64_t end_ns, uint32_t window_s,
                      bool whole, bool judged);

bool habit_pace_learned(const struct habit_pace *pace);

/* Silent for longer than that is silent. */
double habit_pace_limit_s(const struct habit_pace *pace);

#endif
