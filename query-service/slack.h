/* What a burst of requests leaves behind: the memory is freed, but the C library keeps it, for each
 * thread that asked for it. Here it is given back to the system when the burst is over. */
#ifndef QUERY_SLACK_H
#define QUERY_SLACK_H

#include <stdbool.h>
#include <stdint.h>

#define SLACK_BURST    64   /* requests at a time that are one */
#define SLACK_AFTER_MS 1000 /* without any, until it counts as over */

struct slack {
    unsigned most; /* requests at a time since memory was given back */
    int64_t busy_ms;
};

/* slack_turn is told how many requests are being answered; true when it gave memory back. */
bool slack_turn(struct slack *slack, unsigned pending, int64_t now_ms);

#endif
