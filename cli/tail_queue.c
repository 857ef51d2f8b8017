#include "cli/tail_queue.h"

#include <stdlib.h>

struct tail_message *tail_queue_add(struct tail_queue *queue, const struct journal_record *record,
                                    const char *topic_root)
{
    struct tail_message *m = calloc(1, sizeof *m);
    if (m)
        m->topic = malloc(record->topic.len + 1);
    if (!m || !m->topic) {
        free(m);
        return NULL;
    }
    if (record->topic.len > 0)
        memcpy(m->topic, record->topic.at, record->topic.len);
    m->topic_len = record->topic.len;
    m->number = record->number;
    m->arrival_ns = record->arrival_ns;
    m->verdict.topic_root = topic_root;
    if (!queue->first)
        queue->end = &queue->first;
    *queue->end = m;
    queue->end = &m->next;
    queue->count++;
    return m;
}

struct tail_message *tail_queue_find(const struct tail_queue *queue, int64_t arrival_ns)
{
    struct tail_message *m = queue->first;
    while (m && m->arrival_ns != arrival_ns)
        m = m->next;
    return m;
}

void tail_queue_drop(struct tail_queue *queue)
{
    struct tail_message *m = queue->first;
    queue->first = m->next;
    queue->count--;
    verdict_free(&m->verdict);
    free(m->topic);
    free(m);
}

void tail_queue_free(struct tail_queue *queue)
{
    while (queue->first)
        tail_queue_drop(queue);
}
