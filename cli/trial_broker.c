#include "cli/trial_broker.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "bus/client.h"
#include "bus/filter.h"

enum { CONNECT_MS = 5000, ECHO_MS = 3000, CLOSE_MS = 1000, TURN_MS = 10, FIXED = 2 };

#define VERSION_TOPIC "$SYS/broker/version"

/* What the client's threads tell; under the lock. */
struct heard {
    pthread_mutex_t lock;
    const char *echo_topic;
    bool subscribed, echoed;
    struct trial_broker found;
};

struct trial {
    struct heard heard;
    struct bus_client *client;
    struct bus_subscription *list;
    char **plain; /* the filters, in the order of the list */
    size_t count;
    char echo_topic[300], all_topics[300], id[48];
};

static enum bus_keep arrived(void *context, const struct bus_message *message)
{
    struct heard *heard = context;
    pthread_mutex_lock(&heard->lock);
    if (text_equal(message->topic, text_of(heard->echo_topic)))
        heard->echoed = true;
    else if (text_equal(message->topic, TEXT(VERSION_TOPIC)))
        snprintf(heard->found.version, sizeof heard->found.version, "%.*s",
                 TEXT_ARGS(message->payload));
    else if (message->retained)
        heard->found.states++;
    pthread_mutex_unlock(&heard->lock);
    return BUS_KEPT;
}

static void subscribed(void *context)
{
    struct heard *heard = context;
    pthread_mutex_lock(&heard->lock);
    heard->subscribed = true;
    pthread_mutex_unlock(&heard->lock);
}

/* Also told of a refused filter. */
static void lost(void *context, const char *words)
{
    struct heard *heard = context;
    pthread_mutex_lock(&heard->lock);
    snprintf(heard->found.refusal, sizeof heard->found.refusal, "%s", words);
    pthread_mutex_unlock(&heard->lock);
}

static enum err open_client(struct trial *t, const struct settings_broker *broker,
                            struct err_reason *why)
{
    struct bus_options options = bus_options_from(broker);
    options.client_id = t->id;
    options.context = &t->heard;
    options.arrived = arrived;
    options.subscribed = subscribed;
    options.lost = lost;
    return bus_client_open(&options, &t->client, why);
}

/* The broker's version, our own topics as the writer subscribes them, and the sources' filters. */
static enum err subscribe(struct trial *t, const struct settings *settings)
{
    const struct settings_writer *w = &settings->writer;
    t->list = calloc(FIXED + w->sources_count, sizeof *t->list);
    t->plain = calloc(FIXED + w->sources_count, sizeof *t->plain);
    if (!t->list || !t->plain)
        return ERR_NOMEM;
    t->list[t->count++] =
        (struct bus_subscription){.filter = VERSION_TOPIC, .send_retained = BUS_RETAINED_WHEN_NEW};
    t->list[t->count++] = (struct bus_subscription){.filter = t->all_topics, .qos = 1};
    for (unsigned i = 0; i < w->sources_count; i++) {
        struct text filter = text_of(w->sources[i].filter);
        char *plain = t->plain[t->count] = malloc(filter.len + 1);
        if (!plain)
            return ERR_NOMEM;
        filter_plain(filter, plain);
        t->list[t->count++] = (struct bus_subscription){
            .filter = plain, .qos = 1, .send_retained = BUS_RETAINED_WHEN_NEW};
    }
    return bus_client_subscribe(t->client, t->list, t->count);
}

/* Turns the client until the flag is set. */
static bool await(struct trial *t, const bool *flag, int64_t timeout_ms)
{
    struct clock clock = clock_system();
    int64_t end_ms = clock_monotonic_ms(&clock) + timeout_ms;
    for (;;) {
        bus_client_turn(t->client);
        pthread_mutex_lock(&t->heard.lock);
        bool set = *flag;
        pthread_mutex_unlock(&t->heard.lock);
        if (set || clock_monotonic_ms(&clock) >= end_ms)
            return set;
        usleep(TURN_MS * 1000);
    }
}

static enum err exchange(struct trial *t, const char *url, struct trial_broker *ret_found,
                         struct err_reason *why)
{
    struct err_reason words = {""};
    struct clock clock = clock_system();
    if (!await(t, &t->heard.subscribed, CONNECT_MS)) {
        bus_client_last_error(t->client, &words);
        return err_explain(why, ERR_TIMEOUT, "no connection to %s: %s", url,
                           words.text[0] ? words.text : "no answer");
    }
    unsigned refused = bus_client_refused(t->client);
    int64_t begun_ns = clock.monotonic_ns(clock.context);
    enum err e = bus_client_publish_wait(t->client, t->echo_topic, TEXT("hearthline init"),
                                         (struct bus_publish){.qos = 1}, ECHO_MS);
    if (e) {
        bus_client_last_error(t->client, &words);
        return err_explain(why, e, "%s does not take a message on %s: %s", url, t->echo_topic,
                           words.text[0] ? words.text : err_text(e));
    }
    bool echoed = await(t, &t->heard.echoed, ECHO_MS);
    pthread_mutex_lock(&t->heard.lock);
    *ret_found = t->heard.found;
    pthread_mutex_unlock(&t->heard.lock);
    ret_found->refused = refused;
    ret_found->round_ms = (double)(clock.monotonic_ns(clock.context) - begun_ns) / 1e6;
    if (!echoed)
        return err_explain(why, ERR_REFUSED,
                           "%s took a message on %s but does not hand out %s%s%s; the user needs "
                           "the right to read it",
                           url, t->echo_topic, t->all_topics, ret_found->refusal[0] ? ": " : "",
                           ret_found->refusal);
    return ERR_OK;
}

enum err trial_broker(const struct settings *settings, struct trial_broker *ret_found,
                      struct err_reason *why)
{
    const struct settings_broker *broker = settings_writer_broker(settings);
    struct trial t = {.heard = {.lock = PTHREAD_MUTEX_INITIALIZER}};
    snprintf(t.id, sizeof t.id, "hearthline-init-%d", (int)getpid());
    snprintf(t.echo_topic, sizeof t.echo_topic, "%s/response/%s", settings->topic_root, t.id);
    snprintf(t.all_topics, sizeof t.all_topics, "%s/#", settings->topic_root);
    t.heard.echo_topic = t.echo_topic;
    enum err e = open_client(&t, broker, why);
    if (!e)
        e = subscribe(&t, settings);
    if (!e)
        e = exchange(&t, broker->url, ret_found, why);
    bus_client_close(t.client, CLOSE_MS);
    for (size_t i = 0; i < t.count; i++)
        free(t.plain[i]);
    free(t.plain);
    free(t.list);
    return e;
}
