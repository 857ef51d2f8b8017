#include "bus/rpc_inbox.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* One of the two bounds: requests, and reply addresses alone. */
struct room {
    size_t max_count, max_bytes;
    size_t count, bytes; /* taken, also by what is being copied */
};

enum { ROOM_WHOLE, ROOM_OVERFLOW, ROOMS };

struct rpc_inbox {
    pthread_mutex_t lock; /* of everything here */
    struct room rooms[ROOMS];
    struct rpc_request *first, **end;
    bool keeps_newest;
    uint64_t kept, overflowed, lost;
};

void rpc_request_free(struct rpc_request *request)
{
    free(request);
}

struct rpc_inbox *rpc_inbox_new(size_t max_count, size_t max_bytes)
{
    struct rpc_inbox *inbox = calloc(1, sizeof *inbox);
    if (!inbox)
        return NULL;
    pthread_mutex_init(&inbox->lock, NULL);
    inbox->end = &inbox->first;
    inbox->rooms[ROOM_WHOLE].max_bytes = max_bytes;
    inbox->rooms[ROOM_OVERFLOW].max_bytes = max_bytes / RPC_INBOX_OVERFLOW_PART;
    rpc_inbox_bound(inbox, max_count);
    return inbox;
}

struct rpc_inbox *rpc_inbox_new_keeping_newest(size_t max_count, size_t max_bytes)
{
    struct rpc_inbox *inbox = rpc_inbox_new(max_count, max_bytes);
    if (inbox)
        inbox->keeps_newest = true;
    return inbox;
}

void rpc_inbox_bound(struct rpc_inbox *inbox, size_t max_count)
{
    pthread_mutex_lock(&inbox->lock);
    inbox->rooms[ROOM_WHOLE].max_count = max_count;
    inbox->rooms[ROOM_OVERFLOW].max_count = max_count * RPC_INBOX_OVERFLOW_TIMES;
    pthread_mutex_unlock(&inbox->lock);
}

static void free_all(struct rpc_request *first)
{
    for (struct rpc_request *next; first; first = next) {
        next = first->next;
        rpc_request_free(first);
    }
}

void rpc_inbox_free(struct rpc_inbox *inbox)
{
    if (!inbox)
        return;
    free_all(inbox->first);
    pthread_mutex_destroy(&inbox->lock);
    free(inbox);
}

static size_t size_of(const struct bus_message *m)
{
    return sizeof(struct rpc_request) + m->topic.len + m->payload.len + m->content_type.len +
           m->response_topic.len + m->correlation.len;
}

size_t rpc_request_bytes(const struct rpc_request *r)
{
    return sizeof *r + r->topic.len + r->payload.len + r->content_type.len + r->response_topic.len +
           r->correlation.len;
}

static struct text copy_text(char **at, struct text from)
{
    struct text copy = {*at, from.len};
    if (from.len)
        memcpy(*at, from.at, from.len);
    *at += from.len;
    return copy;
}

static struct rpc_request *copy_message(const struct bus_message *m, bool overflow, int64_t now_ms)
{
    struct rpc_request *r = malloc(size_of(m));
    if (!r)
        return NULL;
    char *at = (char *)(r + 1);
    *r = (struct rpc_request){.qos = m->qos,
                              .retained = m->retained,
                              .overflow = overflow,
                              .expiry_s = m->expiry_s,
                              .arrived_ms = now_ms};
    r->topic = copy_text(&at, m->topic);
    r->payload = copy_text(&at, m->payload);
    r->content_type = copy_text(&at, m->content_type);
    r->response_topic = copy_text(&at, m->response_topic);
    r->correlation = copy_text(&at, m->correlation);
    return r;
}

/* The lock is held for the next five. */
static bool take_room(struct room *room, size_t bytes)
{
    if (room->count >= room->max_count || bytes > room->max_bytes ||
        room->bytes > room->max_bytes - bytes)
        return false;
    room->count++;
    room->bytes += bytes;
    return true;
}

static void give_room(struct room *room, size_t bytes)
{
    room->count--;
    room->bytes -= bytes;
}

static void append(struct rpc_inbox *inbox, struct rpc_request *request)
{
    *inbox->end = request;
    inbox->end = &request->next;
}

static struct rpc_request *take_oldest(struct rpc_inbox *inbox)
{
    struct rpc_request *oldest = inbox->first;
    if (!oldest)
        return NULL;
    inbox->first = oldest->next;
    if (!inbox->first)
        inbox->end = &inbox->first;
    oldest->next = NULL;
    give_room(&inbox->rooms[oldest->overflow ? ROOM_OVERFLOW : ROOM_WHOLE],
              rpc_request_bytes(oldest));
    return oldest;
}

/* What had to go for it is put before ret_gone. */
static bool make_room(struct rpc_inbox *inbox, struct room *room, size_t bytes,
                      struct rpc_request **ret_gone)
{
    struct rpc_request *oldest;
    while (!take_room(room, bytes)) {
        if (!inbox->keeps_newest || bytes > room->max_bytes || !(oldest = take_oldest(inbox)))
            return false;
        oldest->next = *ret_gone;
        *ret_gone = oldest;
        inbox->lost++;
    }
    return true;
}

/* Room is taken first and the copy made without the lock, so that a large message holds up nobody
 * and one for which there is no room is not copied. */
static enum err push(struct rpc_inbox *inbox, int which, const struct bus_message *message,
                     int64_t now_ms)
{
    struct room *room = &inbox->rooms[which];
    struct rpc_request *gone = NULL;
    pthread_mutex_lock(&inbox->lock);
    bool taken = make_room(inbox, room, size_of(message), &gone);
    pthread_mutex_unlock(&inbox->lock);
    free_all(gone);
    if (!taken)
        return ERR_FULL;
    struct rpc_request *copy = copy_message(message, which == ROOM_OVERFLOW, now_ms);
    pthread_mutex_lock(&inbox->lock);
    if (copy)
        append(inbox, copy);
    else
        give_room(room, size_of(message));
    inbox->kept += copy && which == ROOM_WHOLE;
    inbox->overflowed += copy && which == ROOM_OVERFLOW;
    pthread_mutex_unlock(&inbox->lock);
    return copy ? ERR_OK : ERR_NOMEM;
}

static void count_lost(struct rpc_inbox *inbox)
{
    pthread_mutex_lock(&inbox->lock);
    inbox->lost++;
    pthread_mutex_unlock(&inbox->lock);
}

enum err rpc_inbox_push(struct rpc_inbox *inbox, const struct bus_message *message, int64_t now_ms)
{
    enum err err = push(inbox, ROOM_WHOLE, message, now_ms);
    if (err == ERR_OK)
        return ERR_OK;
    struct bus_message address = *message;
    address.payload = (struct text){NULL, 0};
    if (err == ERR_NOMEM || inbox->keeps_newest ||
        push(inbox, ROOM_OVERFLOW, &address, now_ms) != ERR_OK)
        count_lost(inbox);
    return err;
}

struct rpc_request *rpc_inbox_pop(struct rpc_inbox *inbox)
{
    pthread_mutex_lock(&inbox->lock);
    struct rpc_request *oldest = take_oldest(inbox);
    pthread_mutex_unlock(&inbox->lock);
    return oldest;
}

struct rpc_inbox_counts rpc_inbox_counts(struct rpc_inbox *inbox)
{
    pthread_mutex_lock(&inbox->lock);
    struct rpc_inbox_counts counts = {
        .kept = inbox->kept, .overflowed = inbox->overflowed, .lost = inbox->lost};
    for (int i = 0; i < ROOMS; i++) {
        counts.waiting += inbox->rooms[i].count;
        counts.waiting_bytes += inbox->rooms[i].bytes;
    }
    pthread_mutex_unlock(&inbox->lock);
    return counts;
}
