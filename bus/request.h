/* What waits for an answer of the broker: publishes, subscribes, unsubscribes. Each is one record
 * that paho carries as its callback's context; paho answers it once, from one of its threads, or
 * never (a connection that is not taken up again), and then it goes with the list.
 *
 * Publishes at QoS 1 and 2 are not handed to paho at once but as the broker's Receive Maximum
 * allows, in order: paho 1.3.12 does not wake its sending thread on a PUBACK, so that of what waits
 * inside paho only one window a second goes out (20 messages with mosquitto as it comes). */
#ifndef BUS_REQUEST_H
#define BUS_REQUEST_H

#include <MQTTAsync.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define REQUEST_MAX       16384
#define REQUEST_MAX_BYTES ((size_t)64 << 20)

struct requests;

enum request_kind { REQUEST_PUBLISH, REQUEST_SUBSCRIPTION /* or its end */ };

struct request {
    enum request_kind kind;
    struct requests *all;
    struct request *before, *after; /* on the list of all */
    struct request *next_waiting;   /* in the queue of those not handed over */
    void *context;                  /* borrowed from requests_new */
    uint32_t generation;            /* the connection it belongs to */
    uint8_t qos;
    bool retained;
    bool counted; /* against the window */
    bool awaited, done;
    enum err outcome;
    size_t bytes;
    void *payload;             /* owned, `bytes` of them; NULL once handed over */
    MQTTProperties properties; /* owned */
    char subject[];            /* topic or filter */
};

struct requests *requests_new(void *context);  /* NULL when out of memory */
void requests_free(struct requests *requests); /* with all that was never answered */

/* request_begin: ERR_FULL when REQUEST_MAX publishes, or REQUEST_MAX_BYTES, wait already; one alone
 * may be larger. */
enum err request_begin(struct requests *requests, enum request_kind kind, const char *subject,
                       size_t bytes, struct request **ret_request) ERR_MUST_CHECK;

/* request_end answers it; it is gone afterwards, except for the one who awaits it. */
void request_end(struct request *request, enum err outcome);

/* requests_set_window: how many publishes may be unanswered, from the CONNACK. */
void requests_set_window(struct requests *requests, uint16_t receive_maximum);

/* request_queue puts it behind those that wait to be handed over. */
void request_queue(struct request *request);

/* requests_next takes the first one that may be handed over now; NULL when there is none, or when
 * another thread is handing over, which will take it as well. Whoever got one calls again with
 * `again` true until there is none, so that the order is kept between the threads. */
struct request *requests_next(struct requests *requests, bool again);

/* requests_drop_waiting ends what was not handed over yet. */
void requests_drop_waiting(struct requests *requests, enum err outcome);

/* An awaited request (`awaited` set before it was queued) stays until request_collect, which gives
 * its outcome. request_abandon leaves it to its late answer. */
bool request_wait(struct request *request, uint32_t timeout_ms);
enum err request_collect(struct request *request);
void request_abandon(struct request *request);

/* requests_wait_published waits until every publish is answered; false after timeout_ms. */
bool requests_wait_published(struct requests *requests, uint32_t timeout_ms);

#endif
