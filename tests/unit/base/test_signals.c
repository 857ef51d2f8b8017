/* The signals as a loop sees them: what came since it looked last. */
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/signals.h"

static int descriptor = -1;

static int set_up(void **state)
{
    struct err_reason why;
    (void)state;
    return signals_open(&descriptor, &why) != ERR_OK;
}

static int tear_down(void **state)
{
    (void)state;
    return close(descriptor);
}

static bool readable(void)
{
    struct pollfd one = {descriptor, POLLIN, 0};
    return poll(&one, 1, 0) == 1;
}

static void what_came_since_the_last_look_is_told_once(void **state)
{
    (void)state;
    static const struct {
        int sent[3];
        bool reload;
        const char *stop;
    } cases[] = {
        {{0}, false, NULL},
        {{SIGHUP}, true, NULL},
        {{SIGHUP, SIGHUP}, true, NULL},
        {{SIGTERM}, false, "SIGTERM"},
        {{SIGINT}, false, "SIGINT"},
        {{SIGHUP, SIGTERM}, true, "SIGTERM"},
        {{SIGTERM, SIGHUP}, true, "SIGTERM"},
        {{SIGHUP, SIGINT}, true, "SIGINT"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t k = 0; k < 3 && cases[i].sent[k]; k++)
            assert_int_equal(kill(getpid(), cases[i].sent[k]), 0);
        assert_int_equal(readable(), cases[i].sent[0] != 0);
        struct signals came = signals_take(descriptor);
        assert_int_equal(came.reload, cases[i].reload);
        if (cases[i].stop)
            assert_string_equal(came.stop, cases[i].stop);
        else
            assert_null(came.stop);
        assert_false(readable());
        came = signals_take(descriptor);
        assert_false(came.reload || came.stop);
    }
}

/* The kernel gives two that wait in the order of their numbers; one of them is named. */
static void two_that_stop_are_one_stop(void **state)
{
    (void)state;
    kill(getpid(), SIGTERM);
    kill(getpid(), SIGINT);
    assert_string_equal(signals_take(descriptor).stop, "SIGINT");
    assert_null(signals_take(descriptor).stop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_came_since_the_last_look_is_told_once),
        cmocka_unit_test(two_that_stop_are_one_stop),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
