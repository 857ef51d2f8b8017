/* A name server that does not answer: what looks for a name must hold up neither the loop nor the
 * end of the process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "influx/http.h"

#define SILENT_S 6

/* Instead of the C library's, for libcurl in this process. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **ret_list)
{
    struct timespec left = {.tv_sec = SILENT_S};
    (void)node, (void)service, (void)hints, (void)ret_list;
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        continue;
    return EAI_AGAIN;
}

static void note_status(void *context, const struct http_reply *reply)
{
    *(long *)context = reply->status;
}

static struct http *begin(uint32_t timeout_ms, long *status)
{
    struct http *http = NULL;
    struct http_options options = {.ca_file = "",
                                   .cert_file = "",
                                   .key_file = "",
                                   .connect_timeout_ms = timeout_ms,
                                   .reply_max_bytes = 1024,
                                   .connections = 1};
    assert_int_equal(http_open(&options, &http, NULL), ERR_OK);
    struct http_request request = {.url = "http://database.invalid:8086/ping",
                                   .timeout_ms = timeout_ms,
                                   .context = status,
                                   .done = note_status};
    assert_int_equal(http_start(http, &request), ERR_OK);
    http_wait(http, NULL, 0, 50);
    return http;
}

static void closing_does_not_wait_for_it(void **state)
{
    (void)state;
    struct clock clock = clock_system();
    long status = -1;
    int64_t begun_ms = clock_monotonic_ms(&clock);
    http_close(begin(30000, &status));
    assert_int_equal(status, -1);
    assert_in_range(clock_monotonic_ms(&clock) - begun_ms, 0, 2000);
}

static void a_timeout_does_not_wait_for_it(void **state)
{
    (void)state;
    struct clock clock = clock_system();
    long status = -1;
    int64_t begun_ms = clock_monotonic_ms(&clock);
    struct http *http = begin(200, &status);
    while (status == -1 && clock_monotonic_ms(&clock) - begun_ms < 2 * SILENT_S * 1000)
        http_wait(http, NULL, 0, 50);
    assert_int_equal(status, 0);
    assert_in_range(clock_monotonic_ms(&clock) - begun_ms, 0, 2000);
    http_close(http);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closing_does_not_wait_for_it),
        cmocka_unit_test(a_timeout_does_not_wait_for_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
