/* The query service: one loop that owns everything but paho's threads, and waits in one place
 * (http_wait). */
#ifndef QUERY_SERVICE_H
#define QUERY_SERVICE_H

#include "base/clock.h"
#include "base/log.h"
#include "base/settings.h"

struct service;

/* service_open borrows all; `path` is the configuration's file, `round_ms` how often the alerts'
 * rules look (rounds.h). On failure ret_exit has the code to end with (base/program.h). */
enum err service_open(const struct settings *settings, const char *path, struct log *log,
                      struct clock clock, uint32_t round_ms, struct service **ret_service,
                      int *ret_exit, struct err_reason *why) ERR_MUST_CHECK;

/* service_run runs until SIGTERM or SIGINT and returns the code to end with. */
int service_run(struct service *service);
void service_close(struct service *service); /* NULL accepted */

#endif
