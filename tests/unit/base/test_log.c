/* What a log writes, with a clock that the test turns. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/log.h"

static int64_t fixed_ns(void *now_ns)
{
    return *(int64_t *)now_ns;
}

struct desk {
    int ends[2];
    int64_t now_ns;
    struct log *log;
    char lines[65536];
};

static int set_up(void **state)
{
    static struct desk desk;
    desk = (struct desk){.now_ns = 1000};
    if (pipe2(desk.ends, O_NONBLOCK | O_CLOEXEC) != 0)
        return -1;
    desk.log = log_open(desk.ends[1], LOG_INFO, (struct clock){fixed_ns, fixed_ns, &desk.now_ns});
    *state = &desk;
    return desk.log ? 0 : -1;
}

static int tear_down(void **state)
{
    struct desk *desk = *state;
    log_close(desk->log);
    close(desk->ends[0]);
    close(desk->ends[1]);
    return 0;
}

/* What was written since the last call. */
static const char *written(struct desk *desk)
{
    ssize_t got = read(desk->ends[0], desk->lines, sizeof desk->lines - 1);
    desk->lines[got > 0 ? got : 0] = '\0';
    return desk->lines;
}

static void writes_one_line_an_event(void **state)
{
    struct desk *desk = *state;
    log_event(desk->log, LOG_INFO, "started", "version=%s port=%d", "1", 2);
    assert_string_equal(written(desk), "level=info event=started version=1 port=2\n");
    log_change(desk->log, LOG_ERROR, "stopped", "%s", "");
    assert_string_equal(written(desk), "level=error event=stopped\n");
    log_event(desk->log, LOG_DEBUG, "detail", "x=%d", 1);
    log_event(NULL, LOG_ERROR, "nobody", "x=%d", 1);
    log_change(NULL, LOG_ERROR, "nobody", "x=%d", 1);
    assert_string_equal(written(desk), "");
}

static void shows_control_characters(void **state)
{
    struct desk *desk = *state;
    log_event(desk->log, LOG_INFO, "x", "v=%s", "a\nlevel=error\x1b[0m\x7f\xC3\xA9");
    assert_string_equal(written(desk),
                        "level=info event=x v=a\\x0Alevel=error\\x1B[0m\\x7F\xC3\xA9\n");
}

static void cuts_a_long_line(void **state)
{
    struct desk *desk = *state;
    char value[8000];
    memset(value, '\n', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    log_event(desk->log, LOG_INFO, "x", "v=%s", value);
    const char *line = written(desk);
    assert_in_range(strlen(line), 4000, 4096);
    assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
}

static void folds_repeats(void **state)
{
    struct desk *desk = *state;
    log_event(desk->log, LOG_WARNING, "away", "n=%d", 0);
    assert_string_equal(written(desk), "level=warning event=away n=0\n");
    for (int i = 1; i < 3000; i++) { /* 299.9 s */
        desk->now_ns += 100 * CLOCK_NS_PER_MS;
        log_event(desk->log, LOG_WARNING, "away", "n=%d", i);
    }
    assert_string_equal(written(desk), "");
    log_event(desk->log, LOG_ERROR, "away", "n=%d", -1); /* another level is another event */
    log_event(desk->log, LOG_WARNING, "other", "n=%d", -2);
    assert_string_equal(written(desk),
                        "level=error event=away n=-1\nlevel=warning event=other n=-2\n");
    desk->now_ns += 100 * CLOCK_NS_PER_MS;
    log_event(desk->log, LOG_WARNING, "away", "n=%d", 3000);
    assert_string_equal(written(desk), "level=warning event=away repeated=2999 n=3000\n");
    desk->now_ns += 301 * CLOCK_NS_PER_S;
    log_event(desk->log, LOG_WARNING, "away", "n=%d", 3001);
    assert_string_equal(written(desk), "level=warning event=away n=3001\n");
}

static void does_not_fold_changes(void **state)
{
    struct desk *desk = *state;
    log_change(desk->log, LOG_INFO, "connect", "n=%d", 1);
    log_change(desk->log, LOG_INFO, "connect", "n=%d", 2);
    assert_string_equal(written(desk),
                        "level=info event=connect n=1\nlevel=info event=connect n=2\n");
}

/* More names than slots: the oldest gives way, and says what it had folded. */
static void forgets_no_count(void **state)
{
    struct desk *desk = *state;
    static char names[70][16];
    for (int i = 0; i < 70; i++) {
        snprintf(names[i], sizeof names[i], "e%d", i);
        desk->now_ns += CLOCK_NS_PER_S;
        log_event(desk->log, LOG_INFO, names[i], "x=%d", i);
        log_event(desk->log, LOG_INFO, names[i], "x=%d", i);
    }
    const char *lines = written(desk);
    assert_non_null(strstr(lines, "level=info event=e0 repeated=1\nlevel=info event=e64 x=64\n"));
    assert_null(strstr(lines, "event=e6 repeated"));
    assert_non_null(strstr(lines, "event=e5 repeated=1\n"));
    log_close(desk->log);
    desk->log = NULL;
    lines = written(desk);
    assert_non_null(strstr(lines, "level=info event=e6 repeated=1\n"));
    assert_non_null(strstr(lines, "level=info event=e69 repeated=1\n"));
}

static void reads_levels(void **state)
{
    (void)state;
    enum log_level level = LOG_DEBUG;
    assert_true(log_level_from("error", &level));
    assert_int_equal(level, LOG_ERROR);
    assert_true(log_level_from("debug", &level));
    assert_int_equal(level, LOG_DEBUG);
    assert_false(log_level_from("Debug", &level));
    assert_false(log_level_from("", &level));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(writes_one_line_an_event), TEST(shows_control_characters),
        TEST(cuts_a_long_line),         TEST(folds_repeats),
        TEST(does_not_fold_changes),    TEST(forgets_no_count),
        cmocka_unit_test(reads_levels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
