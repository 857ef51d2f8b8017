/* Asks a running service at its metrics address. */
#ifndef CLI_SCRAPE_H
#define CLI_SCRAPE_H

#include "base/settings.h"
#include "influx/http.h"

struct scrape;

/* scrape_open makes the client; ERR_INVALID when the configuration has no metrics address. */
enum err scrape_open(const struct settings *settings, struct scrape **ret_scrape,
                     struct err_reason *why) ERR_MUST_CHECK;

/* scrape_open_at is for another service: "the query service" at `address`, which is borrowed. */
enum err scrape_open_at(const char *service, const char *address, struct scrape **ret_scrape,
                        struct err_reason *why) ERR_MUST_CHECK;
void scrape_close(struct scrape *scrape); /* NULL accepted */

/* scrape_get asks for "/metrics" or "/healthz" and gives the body, valid until the next call.
 * ERR_CLOSED: no answer within 2 s, the words say which address was asked. A status of 503 is an
 * answer, as /healthz gives one when not all is well. */
enum err scrape_get(struct scrape *scrape, const char *path, struct text *ret_body,
                    struct err_reason *why) ERR_MUST_CHECK;

/* scrape_post posts nothing to a path and gives the status and the body, valid until the next call.
 * ERR_CLOSED as scrape_get. */
enum err scrape_post(struct scrape *scrape, const char *path, long *ret_status,
                     struct text *ret_body, struct err_reason *why) ERR_MUST_CHECK;

/* scrape_value finds a metric without labels in Prometheus text; false when it is not there. */
bool scrape_value(struct text metrics, const char *name, double *ret_value);

#endif
