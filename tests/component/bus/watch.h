/* A client that writes down what happens to it, for the tests of this folder. WATCH_UNTIL turns all
 * clients that were opened here, from the test's thread, until the expression holds. */
#ifndef WATCH_H
#define WATCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "bus/client.h"
#include "harness.h"
#include "harness_relay.h"

#define WATCH_KEPT 2048  /* messages; what comes beyond is only counted */
#define WATCH_WAIT 30000 /* a busy machine; what is promised has bounds of its own */

struct watch_message {
    char topic[128], payload[128], content_type[64], response_topic[64], correlation[64];
    uint8_t qos;
    bool retained, dup;
    uint16_t packet_id;
    uint32_t subscription_id, expiry_s;
};

struct watch {
    struct bus_client *client;
    struct bus_options options;
    atomic_int connects, subscribed, losses, wakes, arrived;
    atomic_int
        hold_at;      /* the message with this number (from 1) is answered BUS_KEPT_LAST; 0: none */
    bool present[64]; /* session present, by connect */
    char words[64][512]; /* what `lost` was told */
    struct watch_message messages[WATCH_KEPT];
};

static struct watch *watching[8];

static inline void watch_copy(char *to, size_t size, struct text from)
{
    size_t len = from.len < size - 1 ? from.len : size - 1;
    if (len)
        memcpy(to, from.at, len);
    to[len] = '\0';
}

static inline enum bus_keep watch_arrived(void *context, const struct bus_message *m)
{
    struct watch *w = context;
    int number = atomic_load(&w->arrived);
    if (number < WATCH_KEPT) {
        struct watch_message *kept = &w->messages[number];
        *kept = (struct watch_message){.qos = m->qos,
                                       .retained = m->retained,
                                       .dup = m->dup,
                                       .packet_id = m->packet_id,
                                       .subscription_id = m->subscription_id,
                                       .expiry_s = m->expiry_s};
        watch_copy(kept->topic, sizeof kept->topic, m->topic);
        watch_copy(kept->payload, sizeof kept->payload, m->payload);
        watch_copy(kept->content_type, sizeof kept->content_type, m->content_type);
        watch_copy(kept->response_topic, sizeof kept->response_topic, m->response_topic);
        watch_copy(kept->correlation, sizeof kept->correlation, m->correlation);
    }
    atomic_store(&w->arrived, number + 1);
    return number + 1 == atomic_load(&w->hold_at) ? BUS_KEPT_LAST : BUS_KEPT;
}

static inline void watch_connected(void *context, bool session_present)
{
    struct watch *w = context;
    w->present[atomic_load(&w->connects) % 64] = session_present;
    atomic_fetch_add(&w->connects, 1);
}

static inline void watch_subscribed(void *context)
{
    struct watch *w = context;
    atomic_fetch_add(&w->subscribed, 1);
}

static inline void watch_lost(void *context, const char *why)
{
    struct watch *w = context;
    snprintf(w->words[atomic_load(&w->losses) % 64], 512, "%s", why);
    atomic_fetch_add(&w->losses, 1);
}

static inline void watch_wake(void *context)
{
    struct watch *w = context;
    atomic_fetch_add(&w->wakes, 1);
}

/* watch_new is a client with a kept session, not opened yet: options may be changed first. */
static inline struct watch *watch_new(const char *url, const char *client_id)
{
    struct watch *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->options = (struct bus_options){.url = url,
                                      .client_id = client_id,
                                      .keep_session = true,
                                      .receive_maximum = 65535,
                                      .context = w,
                                      .arrived = watch_arrived,
                                      .connected = watch_connected,
                                      .subscribed = watch_subscribed,
                                      .lost = watch_lost,
                                      .wake = watch_wake};
    return w;
}

static inline void watch_open(struct watch *w)
{
    struct err_reason why = {""};
    if (bus_client_open(&w->options, &w->client, &why) != ERR_OK)
        fail_msg("%s", why.text);
    for (size_t i = 0; i < sizeof watching / sizeof *watching; i++)
        if (!watching[i]) {
            watching[i] = w;
            return;
        }
    fail_msg("too many clients in one test");
}

static inline void watch_turn_all(void)
{
    for (size_t i = 0; i < sizeof watching / sizeof *watching; i++)
        if (watching[i])
            bus_client_turn(watching[i]->client);
    nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
}

#define WATCH_UNTIL_MS(expression, timeout_ms)                                                     \
    do {                                                                                           \
        int64_t watch_end_ms = harness_now_ms() + (timeout_ms);                                    \
        while (!(expression)) {                                                                    \
            if (harness_now_ms() >= watch_end_ms)                                                  \
                fail_msg("not within %d ms: %s", (int)(timeout_ms), #expression);                  \
            watch_turn_all();                                                                      \
        }                                                                                          \
    } while (0)
#define WATCH_UNTIL(expression) WATCH_UNTIL_MS(expression, WATCH_WAIT)

/* watch_up opens, and waits until the subscriptions (may be none) are answered. */
static inline struct watch *watch_up(struct watch *w, const struct bus_subscription *list,
                                     size_t count)
{
    watch_open(w);
    assert_int_equal(bus_client_subscribe(w->client, list, count), ERR_OK);
    WATCH_UNTIL(w->subscribed == 1);
    return w;
}

/* watch_relay is a relay before the broker, and its URL. */
static inline struct harness_relay *watch_relay(const struct harness *broker, char ret_url[64])
{
    struct harness_relay *relay = harness_relay_open(harness_port(broker));
    assert_non_null(relay);
    snprintf(ret_url, 64, "mqtt://127.0.0.1:%u", harness_relay_port(relay));
    return relay;
}

/* watch_publisher is a client that only publishes, up. */
static inline struct watch *watch_publisher(const char *url)
{
    struct watch *w = watch_new(url, "publisher");
    w->options.keep_session = false;
    return watch_up(w, NULL, 0);
}

static inline void watch_close(struct watch *w)
{
    for (size_t i = 0; i < sizeof watching / sizeof *watching; i++)
        if (watching[i] == w)
            watching[i] = NULL;
    bus_client_close(w->client, 1000);
    free(w);
}

static inline void watch_publish(struct watch *w, const char *topic, const char *payload,
                                 struct bus_publish how)
{
    enum err err = bus_client_publish(w->client, topic, text_of(payload), how);
    if (err)
        fail_msg("publish to %s: %s", topic, err_text(err));
}

/* For what must not come: everything published before this has been delivered when it returns. */
static inline void watch_flush(struct watch *publisher, struct watch *subscriber, const char *topic)
{
    int before = subscriber->arrived;
    watch_publish(publisher, topic, "flush", (struct bus_publish){.qos = 1});
    WATCH_UNTIL(subscriber->arrived > before &&
                strcmp(subscriber->messages[subscriber->arrived - 1].payload, "flush") == 0);
}

#endif
