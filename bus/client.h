/* One MQTT 5 handle: connect, stay connected, subscribe, publish, hand over what
 * arrives. Knows bytes and topics, no message. It stands on paho's MQTTAsync, of
 * which nothing shows here.
 *
 * Threads: `arrived`, `connected`, `subscribed` and `lost` are called from paho's threads, which
 * hold paho's library-wide lock meanwhile: they must not block, and of this header they may call
 * only bus_client_publish, bus_client_hold, bus_client_state, bus_client_refused and
 * bus_client_last_error. (`lost` and `subscribed` may also come from within bus_client_turn.)
 * Everything else belongs to the owner's loop. bus_client_turn does the reconnecting and sends the
 * subscriptions; it is called when the time it returned has come, or after `wake`.
 *
 * Defaults of paho that bite, and what is done here (each has a test, docs/mqtt.md names it):
 * cleanstart is 1 in the initializer for MQTT 5: it is set to what the options say on every
 * connect; a Session Expiry of 0xFFFFFFFF (never) goes out as 255 s: it is ten years here;
 * maxBufferedMessages is 100 with MQTT 5, so that most of a burst of 1,000 publishes is refused:
 * the limit here is 16,384 publishes or 64 MiB not yet answered; a PUBACK does not wake paho's
 * sending thread, so that of QoS 1 publishes beyond the broker's Receive Maximum only that many go
 * out a second: here they wait before paho and follow each PUBACK; automaticReconnect hides whether
 * the session was present and can wait for 72 s: not used; MQTTAsync_isConnected releases paho's
 * lock inside a callback: never called; verify (of the host name) is 0 with TLS: set to 1;
 * persistence is NONE; a publish or subscribe without topic rules is sent as it is, and mosquitto
 * closes the connection: both are checked first.
 *
 * A connection that ends within 5 s counts as a failed attempt for the waiting time, so that two
 * clients with one id do not throw each other out without a pause. */
#ifndef BUS_CLIENT_H
#define BUS_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/settings.h"
#include "base/text.h"

struct bus_client;

/* One arrived PUBLISH; everything borrowed for the time of the call. */
struct bus_message {
    struct text topic;
    struct text payload;
    struct text content_type; /* empty when absent */
    struct text response_topic;
    struct text correlation;
    uint8_t qos;
    bool retained;
    bool dup;
    uint16_t packet_id;       /* 0 at QoS 0 */
    uint32_t subscription_id; /* the first one; 0 when absent */
    uint32_t expiry_s;        /* Message Expiry Interval; 0 when absent */
};

enum bus_keep {
    BUS_KEPT,      /* acknowledge and go on */
    BUS_KEPT_LAST, /* acknowledge, then disconnect and stay so until bus_client_resume */
};

struct bus_will {
    const char *topic; /* NULL: no will */
    const char *payload;
    bool retained;
};

/* When a broker sends what is retained below a filter (Retain Handling, MQTT 5 section 3.8.3.1). */
enum bus_retained {
    BUS_RETAINED_NEVER,
    BUS_RETAINED_WHEN_NEW, /* not when the session had the subscription already */
    BUS_RETAINED_ALWAYS,   /* at each connection */
};

struct bus_subscription {
    const char *filter;
    uint32_t id; /* Subscription Identifier, 0 for none */
    uint8_t qos;
    bool no_local;
    enum bus_retained send_retained;
};

struct bus_options { /* texts may be NULL for "", but for url and client_id */
    const char *url; /* mqtt://host:port (1883) or mqtts://host:port (8883) */
    const char *client_id;
    const char *username;      /* "" for none */
    const char *password_file; /* read at each connect, so that a changed one is taken up */
    const char *ca_file, *cert_file, *key_file; /* "" for none */
    bool keep_session;                          /* Clean Start 0 and a session of ten years */
    bool no_delay; /* TCP_NODELAY: answers at once, more packets under a flood (bus/no_delay.h) */
    uint16_t receive_maximum;              /* 0: paho's default */
    uint16_t keep_alive_s;                 /* 0: 30 */
    uint32_t retry_floor_ms, retry_cap_ms; /* both 0: 100 and 3000 */
    struct bus_will will;
    struct clock clock; /* zeroed: the system's */
    void *context;      /* borrowed, given to all of these, of which each may be NULL: */
    enum bus_keep (*arrived)(void *context, const struct bus_message *message);
    /* After CONNACK; the subscriptions are sent by the client itself, right after. */
    void (*connected)(void *context, bool session_present);
    /* All subscriptions of this connection are answered: granted, but for bus_client_refused of
     * them, which were told to `lost`. Again after each change of the list while connected. */
    void (*subscribed)(void *context);
    /* The connection ended, or an attempt failed; `why` for the log. Also when the broker refuses a
     * filter, grants a lower QoS, or refuses a publish: the connection stays up then. */
    void (*lost)(void *context, const char *why);
    /* The owner's loop should call bus_client_turn soon; may come from any thread. */
    void (*wake)(void *context);
};

/* bus_options_from gives options with where the broker is and how to log in there (borrowed); all
 * else is zeroed. */
struct bus_options bus_options_from(const struct settings_broker *broker);

/* bus_client_open makes the handle and copies the options; it does not connect yet, the first
 * bus_client_turn does. ERR_INVALID: the URL or the client id cannot be used, `why` says what they
 * should look like. */
enum err bus_client_open(const struct bus_options *options, struct bus_client **ret_client,
                         struct err_reason *why) ERR_MUST_CHECK;

/* bus_client_subscribe sets the whole list (copied), to be sent after every connect, each filter in
 * a SUBSCRIBE of its own (paho has one identifier for all filters of one); while connected the
 * difference is sent at once, what is no longer in the list is unsubscribed. bus_client_unsubscribe
 * names a filter that is to be taken out of the broker's session: now, and again after every
 * connect. ERR_INVALID: a filter that the broker would answer with a disconnect, a +name, QoS over
 * 2, an identifier over 268,435,455, a filter twice; nothing has changed then. */
enum err bus_client_subscribe(struct bus_client *client, const struct bus_subscription *list,
                              size_t count) ERR_MUST_CHECK;
enum err bus_client_unsubscribe(struct bus_client *client, const char *filter) ERR_MUST_CHECK;

/* bus_client_turn connects when it is due, notices what happened, and returns in how
 * many ms it wants to be called again at the latest (at most 1000). */
uint32_t bus_client_turn(struct bus_client *client);

/* BUS_HELD from the moment of bus_client_hold (or BUS_KEPT_LAST) on: messages that are on their way
 * still arrive for some ms. */
enum bus_state { BUS_DOWN, BUS_CONNECTING, BUS_UP, BUS_HELD };
enum bus_state bus_client_state(const struct bus_client *client);

/* What `lost` was told last, "" if nothing was; for status and log. */
void bus_client_last_error(const struct bus_client *client, struct err_reason *ret_why);

/* How many filters the broker has refused on this connection. */
uint32_t bus_client_refused(const struct bus_client *client);

/* What to publish beyond topic and payload; zero for none. */
struct bus_publish {
    uint8_t qos;
    bool retained;
    uint32_t expiry_s;
    struct text content_type;
    struct text response_topic;
    struct text correlation;
};

/* bus_client_publish copies the message and returns; ERR_CLOSED while not connected, ERR_FULL when
 * too much waits already, ERR_INVALID for a topic that is empty, not UTF-8, or holds a wildcard,
 * ERR_TOO_LARGE for a payload over 268,000,000 bytes. The order of each QoS is kept. What had not
 * gone to paho when the connection broke is dropped; what had may still go out after the next
 * connect. */
enum err bus_client_publish(struct bus_client *client, const char *topic, struct text payload,
                            struct bus_publish how) ERR_MUST_CHECK;

/* bus_client_publish_wait publishes at QoS 1 and waits for the broker's PUBACK, turning the client
 * itself, also until it is connected: for the command line, never from a callback. ERR_TIMEOUT: not
 * connected or not acknowledged in time; ERR_CLOSED: the connection broke meanwhile, so the message
 * may or may not have arrived; ERR_REFUSED: the broker said no. bus_client_last_error has the
 * words. */
enum err bus_client_publish_wait(struct bus_client *client, const char *topic, struct text payload,
                                 struct bus_publish how, uint32_t timeout_ms) ERR_MUST_CHECK;

/* bus_client_hold disconnects and stays down (BUS_HELD) until bus_client_resume. A session
 * that is kept stays at the broker. Publishes that have not gone out yet are dropped. */
void bus_client_hold(struct bus_client *client);
void bus_client_resume(struct bus_client *client);

/* bus_client_close disconnects (waiting at most timeout_ms for what is under way) and frees;
 * the will is not sent. NULL accepted. After it no callback comes any more. Closing the last client
 * of a process takes about a second longer, until paho's threads have ended. */
void bus_client_close(struct bus_client *client, uint32_t timeout_ms);

#endif
