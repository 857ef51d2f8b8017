/* The messages that `hearthline tail` has read and not shown yet, because it is not known what
 * became of them: in their order, each with what it becomes. */
#ifndef CLI_TAIL_QUEUE_H
#define CLI_TAIL_QUEUE_H

#include "cli/verdict.h"

struct tail_message {
    struct tail_message *next;
    uint64_t number;
    int64_t arrival_ns;
    int64_t read_ms;    /* monotonic */
    int64_t passed_ms;  /* when the cursor was first seen behind it; 0: not yet */
    const char *source; /* of the sources; NULL when none took it */
    char *topic;
    size_t topic_len;
    struct verdict verdict;
};

struct tail_queue {
    struct tail_message *first, **end;
    size_t count;
};

/* tail_queue_add copies what it needs of the record; NULL when out of memory. */
struct tail_message *tail_queue_add(struct tail_queue *queue, const struct journal_record *record,
                                    const char *topic_root);

/* tail_queue_find gives the one that arrived then, NULL when there is none. */
struct tail_message *tail_queue_find(const struct tail_queue *queue, int64_t arrival_ns);

/* tail_queue_drop takes the first one away; tail_queue_free all. */
void tail_queue_drop(struct tail_queue *queue);
void tail_queue_free(struct tail_queue *queue);

#endif
