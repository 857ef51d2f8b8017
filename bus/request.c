#include "bus/request.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "bus/deadline.h"

struct requests {
    pthread_mutex_t lock; /* of everything here and of what hangs on the list */
    pthread_cond_t answered;
    void *context;
    struct request *first;
    size_t publishes, bytes;
    struct request *waiting, **waiting_end; /* not handed over yet, in order */
    size_t window, unanswered;
    bool handing_over; /* a thread is, between its calls of requests_next */
};

struct requests *requests_new(void *context)
{
    struct requests *all = calloc(1, sizeof *all);
    if (!all)
        return NULL;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&all->answered, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&all->lock, NULL);
    all->context = context;
    all->waiting_end = &all->waiting;
    all->window = 1;
    return all;
}

static void free_request(struct request *r)
{
    MQTTProperties_free(&r->properties);
    free(r->payload);
    free(r);
}

void requests_free(struct requests *all)
{
    if (!all)
        return;
    for (struct request *r = all->first, *after; r; r = after) {
        after = r->after;
        free_request(r);
    }
    pthread_cond_destroy(&all->answered);
    pthread_mutex_destroy(&all->lock);
    free(all);
}

enum err request_begin(struct requests *all, enum request_kind kind, const char *subject,
                       size_t bytes, struct request **ret_request)
{
    size_t len = strlen(subject) + 1;
    struct request *r = calloc(1, sizeof *r + len);
    if (!r)
        return ERR_NOMEM;
    r->all = all;
    r->kind = kind;
    r->context = all->context;
    r->bytes = bytes;
    memcpy(r->subject, subject, len);
    pthread_mutex_lock(&all->lock);
    bool full =
        kind == REQUEST_PUBLISH && (all->publishes >= REQUEST_MAX ||
                                    (all->publishes > 0 && bytes + all->bytes > REQUEST_MAX_BYTES));
    if (!full) {
        r->after = all->first;
        if (r->after)
            r->after->before = r;
        all->first = r;
        all->publishes += kind == REQUEST_PUBLISH;
        all->bytes += bytes;
    }
    pthread_mutex_unlock(&all->lock);
    if (full) {
        free_request(r);
        return ERR_FULL;
    }
    *ret_request = r;
    return ERR_OK;
}

/* Takes it off the list; the lock is held. */
static void detach(struct request *r)
{
    struct requests *all = r->all;
    if (r->before)
        r->before->after = r->after;
    else
        all->first = r->after;
    if (r->after)
        r->after->before = r->before;
    all->publishes -= r->kind == REQUEST_PUBLISH;
    all->bytes -= r->bytes;
}

void requests_set_window(struct requests *all, uint16_t receive_maximum)
{
    pthread_mutex_lock(&all->lock);
    /* One less than allowed: a subscribe counts too in paho, and would wait behind a full window.
     */
    all->window = receive_maximum > 1 ? receive_maximum - 1u : 1;
    pthread_mutex_unlock(&all->lock);
}

void request_queue(struct request *r)
{
    struct requests *all = r->all;
    pthread_mutex_lock(&all->lock);
    *all->waiting_end = r;
    all->waiting_end = &r->next_waiting;
    pthread_mutex_unlock(&all->lock);
}

/* Takes the first waiting one, which exists; the lock is held. */
static struct request *take_waiting(struct requests *all)
{
    struct request *r = all->waiting;
    all->waiting = r->next_waiting;
    if (!all->waiting)
        all->waiting_end = &all->waiting;
    r->next_waiting = NULL;
    return r;
}

struct request *requests_next(struct requests *all, bool again)
{
    struct request *r = NULL;
    pthread_mutex_lock(&all->lock);
    if (again || !all->handing_over) {
        if (all->waiting && all->unanswered < all->window) {
            r = take_waiting(all);
            r->counted = true;
            all->unanswered++;
        }
        all->handing_over = r != NULL;
    }
    pthread_mutex_unlock(&all->lock);
    return r;
}

void requests_drop_waiting(struct requests *all, enum err outcome)
{
    for (;;) {
        pthread_mutex_lock(&all->lock);
        struct request *r = all->waiting ? take_waiting(all) : NULL;
        pthread_mutex_unlock(&all->lock);
        if (!r)
            return;
        request_end(r, outcome);
    }
}

void request_end(struct request *r, enum err outcome)
{
    struct requests *all = r->all;
    pthread_mutex_lock(&all->lock);
    bool awaited = r->awaited;
    r->done = true;
    r->outcome = outcome;
    all->unanswered -= r->counted;
    if (!awaited)
        detach(r);
    pthread_cond_broadcast(&all->answered);
    pthread_mutex_unlock(&all->lock);
    if (!awaited)
        free_request(r);
}

bool request_wait(struct request *r, uint32_t timeout_ms)
{
    struct timespec until = deadline_in(timeout_ms);
    int waited = 0;
    pthread_mutex_lock(&r->all->lock);
    while (!r->done && waited == 0)
        waited = pthread_cond_timedwait(&r->all->answered, &r->all->lock, &until);
    bool done = r->done;
    pthread_mutex_unlock(&r->all->lock);
    return done;
}

enum err request_collect(struct request *r)
{
    struct requests *all = r->all;
    pthread_mutex_lock(&all->lock);
    enum err outcome = r->outcome;
    detach(r);
    pthread_mutex_unlock(&all->lock);
    free_request(r);
    return outcome;
}

void request_abandon(struct request *r)
{
    pthread_mutex_lock(&r->all->lock);
    bool done = r->done; /* answered between the wait and now */
    r->awaited = false;
    pthread_mutex_unlock(&r->all->lock);
    if (done)
        request_collect(r);
}

bool requests_wait_published(struct requests *all, uint32_t timeout_ms)
{
    struct timespec until = deadline_in(timeout_ms);
    int waited = 0;
    pthread_mutex_lock(&all->lock);
    while (all->publishes > 0 && waited == 0)
        waited = pthread_cond_timedwait(&all->answered, &all->lock, &until);
    bool none = all->publishes == 0;
    pthread_mutex_unlock(&all->lock);
    return none;
}
