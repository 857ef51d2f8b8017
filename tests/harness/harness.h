/* Real servers for component tests: one object is one mosquitto or one influxd on a free
 * loopback port, with its own temporary folder, which stays the same when the server is stopped and
 * started again (so does the port, and what the server keeps on disk). Readiness is polled, never
 * slept for. A server that does not come up leaves the tail of its log on stderr. The servers die
 * with the thread that started them. One thread only. */
#ifndef HARNESS_H
#define HARNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct harness;

enum harness_kind { HARNESS_MOSQUITTO, HARNESS_INFLUXD };

/* harness_new makes the folder and picks the port; nothing runs yet. NULL with words on stderr when
 * that fails. The folder is there for files that the configuration names. */
struct harness *harness_new(enum harness_kind kind);

/* harness_config appends lines to the configuration, to be read at the next start. For mosquitto
 * they stand behind `listener`, with anonymous clients allowed and persistence on until a line says
 * otherwise. For influxd they stand at the end of its [http] section: "auth-enabled = true\n". */
void harness_config(struct harness *harness, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* harness_start starts the server and waits until it answers: a CONNACK for mosquitto (an accepted
 * TCP connection when its configuration speaks of TLS), 204 on /ping for influxd. */
bool harness_start(struct harness *harness);

/* harness_stop sends the signal (SIGTERM or SIGKILL) and reaps; nothing when it does not run. */
void harness_stop(struct harness *harness, int signal);

/* harness_mosquitto and harness_influxd are new, config and start in one; `lines` may be NULL. */
struct harness *harness_mosquitto(const char *lines);
struct harness *harness_influxd(const char *lines);

uint16_t harness_port(const struct harness *harness);
const char *harness_folder(const struct harness *harness);
int harness_pid(const struct harness *harness); /* 0 when it does not run */

/* harness_url is "mqtt://127.0.0.1:PORT" or "http://127.0.0.1:PORT". */
const char *harness_url(const struct harness *harness);

/* harness_log_holds tells whether the server's log so far holds the words. */
bool harness_log_holds(const struct harness *harness, const char *words);

/* harness_show_log writes the last lines of the server's log to stderr. */
void harness_show_log(const struct harness *harness);

/* harness_close kills the server and removes the folder. NULL accepted. */
void harness_close(struct harness *harness);

/* harness_free_port is a loopback port that nobody listened on a moment ago; 0 on failure. */
uint16_t harness_free_port(void);

/* harness_write_file writes a text file into the server's folder; ret_path (size bytes) is where.
 */
bool harness_write_file(const struct harness *harness, const char *name, const char *content,
                        char *ret_path, size_t size);

/* harness_request sends one HTTP request (a body makes it a POST) to an influxd and returns the
 * status, 0 when there was no answer. `path` begins with '/'. ret_body (size bytes, terminated,
 * cut) may be NULL. `user` is "name:password" or NULL. */
long harness_request(const struct harness *harness, const char *path, const char *body,
                     const char *user, char *ret_body, size_t size);

/* harness_until calls `done` each 5 ms until it says true; false after timeout_ms. */
bool harness_until(bool (*done)(void *context), void *context, uint32_t timeout_ms);

int64_t harness_now_ms(void); /* monotonic */

#endif
