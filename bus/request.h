/* What was handed to paho and not answered yet: publishes, subscribes, unsubscribes. Each is one
 * allocation that paho carries as its callback's context; paho answers it once, from one of its
 * threads, or never (a connection that is not taken up again), and then it goes with the list. */
#ifndef BUS_REQUEST_H
#define BUS_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define REQUEST_MAX       16384
#define REQUEST_MAX_BYTES ((size_t)64 << 20)

struct requests;

struct request {
    struct requests *all;
    struct request *before, *after;
    void *context;       /* borrowed from requests_new */
    uint32_t generation; /* the connection it belongs to */
    uint8_t qos;
    bool awaited, done;
    enum err outcome;
    size_t bytes;
    char subject[]; /* topic or filter */
};

struct requests *requests_new(void *context);  /* NULL when out of memory */
void requests_free(struct requests *requests); /* with all that was never answered */

/* request_begin: ERR_FULL when REQUEST_MAX of them, or REQUEST_MAX_BYTES, wait already; one alone
 * may be larger. */
enum err request_begin(struct requests *requests, const char *subject, size_t bytes,
                       struct request **ret_request) ERR_MUST_CHECK;

/* request_end answers it; it is gone afterwards, except for the one who awaits it. */
void request_end(struct request *request, enum err outcome);

/* An awaited request (`awaited` set before it was handed to paho) stays until request_collect,
 * which gives its outcome. request_abandon leaves it to its late answer. */
bool request_wait(struct request *request, uint32_t timeout_ms);
enum err request_collect(struct request *request);
void request_abandon(struct request *request);

/* requests_wait_none waits until everything is answered; false after timeout_ms. */
bool requests_wait_none(struct requests *requests, uint32_t timeout_ms);

#endif
