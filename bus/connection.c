#include "bus/connection.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "bus/deadline.h"

struct connection {
    pthread_mutex_t lock; /* of everything here */
    pthread_cond_t changed;
    struct connection_view now;
    int64_t up_since_ms;
    struct err_reason note;
    struct err_reason last_error;
    uint32_t unanswered, refused;
};

struct connection *connection_new(void)
{
    struct connection *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&c->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&c->lock, NULL);
    return c;
}

void connection_free(struct connection *c)
{
    if (!c)
        return;
    pthread_cond_destroy(&c->changed);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

static struct connection_view view(struct connection *c, bool take)
{
    pthread_mutex_lock(&c->lock);
    struct connection_view now = c->now;
    if (take)
        c->now.ended = false;
    pthread_mutex_unlock(&c->lock);
    return now;
}

struct connection_view connection_look(struct connection *c)
{
    return view(c, true);
}

struct connection_view connection_peek(struct connection *c)
{
    return view(c, false);
}

void connection_begin(struct connection *c)
{
    pthread_mutex_lock(&c->lock);
    c->now.phase = CONNECTION_CONNECTING;
    c->note.text[0] = '\0';
    pthread_mutex_unlock(&c->lock);
}

bool connection_up(struct connection *c, int64_t now_ms)
{
    pthread_mutex_lock(&c->lock);
    bool held = c->now.held;
    c->now.phase = held ? CONNECTION_CLOSING : CONNECTION_UP;
    c->now.generation++;
    c->up_since_ms = now_ms;
    c->note.text[0] = '\0';
    c->unanswered = c->refused = 0;
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->lock);
    return held;
}

void connection_ended(struct connection *c, int64_t now_ms, const char *words,
                      struct err_reason *ret_why)
{
    pthread_mutex_lock(&c->lock);
    bool was_up = c->now.phase == CONNECTION_UP || c->now.phase == CONNECTION_CLOSING;
    c->now.phase = CONNECTION_DOWN;
    c->now.ended = true;
    c->now.lasted_ms = was_up ? now_ms - c->up_since_ms : 0;
    err_explain(&c->last_error, ERR_CLOSED, "%s%s%s", words, c->note.text[0] ? ": " : "",
                c->note.text);
    c->note.text[0] = '\0';
    *ret_why = c->last_error;
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->lock);
}

void connection_closed(struct connection *c)
{
    pthread_mutex_lock(&c->lock);
    c->now.phase = CONNECTION_DOWN;
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->lock);
}

void connection_note(struct connection *c, const char *words)
{
    pthread_mutex_lock(&c->lock);
    err_explain(&c->note, ERR_CLOSED, "%s", words);
    pthread_mutex_unlock(&c->lock);
}

void connection_set_error(struct connection *c, const char *words)
{
    pthread_mutex_lock(&c->lock);
    err_explain(&c->last_error, ERR_CLOSED, "%s", words);
    pthread_mutex_unlock(&c->lock);
}

void connection_last_error(struct connection *c, struct err_reason *ret_why)
{
    pthread_mutex_lock(&c->lock);
    *ret_why = c->last_error;
    pthread_mutex_unlock(&c->lock);
}

bool connection_hold(struct connection *c)
{
    pthread_mutex_lock(&c->lock);
    bool was_up = c->now.phase == CONNECTION_UP;
    c->now.held = true;
    if (was_up)
        c->now.phase = CONNECTION_CLOSING;
    pthread_mutex_unlock(&c->lock);
    return was_up;
}

void connection_resume(struct connection *c)
{
    pthread_mutex_lock(&c->lock);
    c->now.held = false;
    pthread_mutex_unlock(&c->lock);
}

bool connection_wait_other(struct connection *c, enum connection_phase phase, uint32_t timeout_ms)
{
    struct timespec until = deadline_in(timeout_ms);
    int waited = 0;
    pthread_mutex_lock(&c->lock);
    while (c->now.phase == phase && waited == 0)
        waited = pthread_cond_timedwait(&c->changed, &c->lock, &until);
    bool other = c->now.phase != phase;
    pthread_mutex_unlock(&c->lock);
    return other;
}

void connection_expect(struct connection *c, bool fresh, uint32_t count)
{
    pthread_mutex_lock(&c->lock);
    if (fresh)
        c->unanswered = c->refused = 0;
    c->unanswered += count;
    pthread_mutex_unlock(&c->lock);
}

bool connection_answered(struct connection *c, uint32_t generation, bool refused)
{
    pthread_mutex_lock(&c->lock);
    bool counts = generation == c->now.generation && c->unanswered > 0;
    if (counts) {
        c->unanswered--;
        c->refused += refused;
    }
    bool last = counts && c->unanswered == 0;
    pthread_mutex_unlock(&c->lock);
    return last;
}

uint32_t connection_refused(struct connection *c)
{
    pthread_mutex_lock(&c->lock);
    uint32_t refused = c->refused;
    pthread_mutex_unlock(&c->lock);
    return refused;
}
