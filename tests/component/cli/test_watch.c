/* watch on a real broker and a pseudo-terminal: what it shows of what is retained, and that the
 * terminal is as it was however it ends. */
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <utmp.h>

#include "house.h"

enum { SHOWN_MS = 10000, ENDED_MS = 10000 };

static struct harness *broker;

static const char online[] = "{\"schema\":1,\"service\":\"writer\",\"state\":\"online\","
                             "\"instance\":\"a\",\"since\":\"2026-11-20T09:00:00Z\"}";
static const char query_offline[] = "{\"schema\":1,\"service\":\"query\",\"state\":\"offline\","
                                    "\"instance\":\"b\",\"since\":\"2026-11-20T09:00:00Z\"}";
static const char no_alerts[] = "{\"schema\":1,\"timestamp\":\"2026-11-20T09:00:00Z\",\"count\":0,"
                                "\"firing\":0,\"acknowledged\":0,\"alerts\":[]}";

static void retain(const char *topic, const char *payload)
{
    house_expect(HOUSE_RUN("send", "--retain", topic, payload), 0);
}

static int open_all(void **state)
{
    (void)state;
    char config[HOUSE_PATH], text[256];
    broker = harness_mosquitto(NULL);
    if (!broker)
        return -1;
    snprintf(text, sizeof text, "broker:\n  url: %s\n", harness_url(broker));
    assert_true(harness_write_file(broker, "hearthline.yaml", text, config, sizeof config));
    setenv("HEARTHLINE_CONFIG", config, 1);
    setenv("TERM", "xterm", 1);
    unsetenv("NO_COLOR");
    retain("services/writer/status", online);
    retain("services/query/status", query_offline);
    retain("alerts/active", no_alerts);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    harness_close(broker);
    return 0;
}

/* --- where the output is no terminal ------------------------------------------------ */

static void once_it_is_a_block_of_plain_text(void **state)
{
    (void)state;
    const struct house_run *run = house_expect(HOUSE_RUN("watch", "--once"), 0);
    house_says(run->out, "writer   online ");
    house_says(run->out, "query    offline");
    house_says(run->out, "Stats     no answer: the service is offline\n");
    house_says(run->out, "Alerts    none\n");
    house_says_not(run->out, "\033");
    house_says_not(run->out, "away");
    assert_string_equal(run->err, "");
}

struct follower {
    pid_t pid;
    int out;
    char text[HOUSE_OUTPUT];
};

static bool has_two_blocks(void *context)
{
    struct follower *f = context;
    ssize_t len = pread(f->out, f->text, sizeof f->text - 1, 0);
    f->text[len > 0 ? len : 0] = '\0';
    const char *first = strstr(f->text, "Hearthline  ");
    return first && strstr(first + 1, "\n\nHearthline  ");
}

static void it_goes_on_until_a_signal(void **state)
{
    static struct follower f;
    char path[HOUSE_PATH];
    char *argv[] = {(char *)"hearthline", (char *)"watch", (char *)"--interval", (char *)"1s",
                    NULL};
    int status, nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    (void)state;
    f = (struct follower){.out = house_temporary()};
    f.pid = house_spawn(house_program("hearthline", path), argv, nothing, f.out, nothing);
    assert_true(harness_until(has_two_blocks, &f, SHOWN_MS));
    kill(f.pid, SIGTERM);
    assert_int_equal(waitpid(f.pid, &status, 0), f.pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    house_says_not(f.text, "\033");
    close(f.out);
    close(nothing);
}

/* --- on a terminal ------------------------------------------------------------------ */

struct screen {
    pid_t pid;
    int master, slave; /* the slave is kept open, so that its settings outlive the command */
    struct termios before;
    char text[HOUSE_OUTPUT];
    size_t len;
    const char *words;
};

static void watch_on(struct screen *s)
{
    char path[HOUSE_PATH];
    char *argv[] = {(char *)"hearthline", (char *)"watch", NULL};
    const struct winsize size = {.ws_row = 24, .ws_col = 80};
    *s = (struct screen){.len = 0};
    assert_int_equal(openpty(&s->master, &s->slave, NULL, NULL, &size), 0);
    assert_int_equal(tcgetattr(s->slave, &s->before), 0);
    house_program("hearthline", path);
    pid_t parent = getpid();
    s->pid = fork();
    assert_true(s->pid >= 0);
    if (s->pid > 0)
        return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(s->master);
    if (getppid() == parent && login_tty(s->slave) == 0)
        execv(path, argv);
    _exit(127);
}

static void take_output(struct screen *s)
{
    struct pollfd from = {.fd = s->master, .events = POLLIN};
    while (poll(&from, 1, 0) > 0 && (from.revents & POLLIN)) {
        ssize_t n = read(s->master, s->text + s->len, sizeof s->text - 1 - s->len);
        if (n <= 0)
            break;
        s->len += (size_t)n;
    }
    s->text[s->len] = '\0';
}

static bool says_the_words(void *context)
{
    struct screen *s = context;
    take_output(s);
    return strstr(s->text, s->words) != NULL;
}

static void await_words(struct screen *s, const char *words)
{
    s->words = words;
    if (!harness_until(says_the_words, s, SHOWN_MS))
        fail_msg("\"%s\" is not in:\n%s", words, s->text);
}

static bool has_ended(void *context)
{
    struct screen *s = context;
    int status;
    take_output(s);
    if (waitpid(s->pid, &status, WNOHANG) != s->pid)
        return false;
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    return true;
}

/* Ended with status 0, and the terminal is as it was. */
static void expect_end(struct screen *s)
{
    static const char last[] = "\033[0m\033[?7h\033[?25h\033[?1049l";
    struct termios after;
    assert_true(harness_until(has_ended, s, ENDED_MS));
    take_output(s);
    assert_true(s->len > sizeof last);
    assert_string_equal(s->text + s->len - (sizeof last - 1), last);
    assert_int_equal(tcgetattr(s->slave, &after), 0);
    assert_int_equal(after.c_lflag, s->before.c_lflag);
    assert_int_equal(after.c_iflag, s->before.c_iflag);
    assert_memory_equal(after.c_cc, s->before.c_cc, sizeof after.c_cc);
    close(s->master);
    close(s->slave);
}

static void however_it_ends_the_terminal_is_as_it_was(void **state)
{
    static struct screen s;
    static const struct {
        const char *typed;
        int signal;
    } ends[] = {{"q", 0}, {"\003", 0}, {"\034", 0}, {NULL, SIGTERM}, {NULL, SIGHUP}};
    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct termios meanwhile;
        watch_on(&s);
        await_words(&s, "\033[32mnone\033[0m");
        assert_int_equal(strncmp(s.text, "\033[?1049h\033[?25l\033[?7l", 19), 0);
        assert_int_equal(tcgetattr(s.slave, &meanwhile), 0);
        assert_int_equal(meanwhile.c_lflag & (ICANON | ECHO), 0);
        if (ends[i].typed)
            assert_int_equal(write(s.master, ends[i].typed, 1), 1);
        else
            kill(s.pid, ends[i].signal);
        expect_end(&s);
    }
}

static void it_ends_at_once_also_while_it_waits_for_an_answer(void **state)
{
    static struct screen s;
    (void)state;
    retain("services/query/status", ""); /* nobody says that nobody answers */
    watch_on(&s);
    await_words(&s, "\033[32mnone\033[0m");
    house_says_not(s.text, "no answer");
    assert_int_equal(write(s.master, "xyq", 3), 3);
    expect_end(&s);
    retain("services/query/status", query_offline);
}

static void another_size_is_drawn_at_once(void **state)
{
    static struct screen s;
    const struct winsize small = {.ws_row = 4, .ws_col = 40};
    (void)state;
    watch_on(&s);
    await_words(&s, "Alerts");
    s.len = 0;
    assert_int_equal(ioctl(s.master, TIOCSWINSZ, &small), 0);
    await_words(&s, "\033[1mPROCESSED\033[0m \r\r\n\033[Kquery "); /* cut at the 40th column; the
                                                                      terminal makes \n to \r\n */
    assert_int_equal(write(s.master, "q", 1), 1);
    expect_end(&s);
}

static void a_broker_that_goes_and_comes_is_seen(void **state)
{
    static struct screen s;
    (void)state;
    watch_on(&s);
    await_words(&s, "\033[32mnone\033[0m");
    house_says_not(s.text, "is away");
    harness_stop(broker, SIGTERM);
    await_words(&s, "The broker is away\033[0m\033[31m; all this was heard up to ");
    house_says(s.text, "writer ");
    const struct house_run *run = house_expect(HOUSE_RUN("watch", "--once"), 1);
    house_says(run->out, "The broker is away; nothing was heard yet");
    house_says(run->err, "the broker could not be reached");
    assert_true(harness_start(broker));
    retain("alerts/active", "");
    await_words(&s, "not known: no query service");
    assert_int_equal(write(s.master, "q", 1), 1);
    expect_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(once_it_is_a_block_of_plain_text),
        cmocka_unit_test(it_goes_on_until_a_signal),
        cmocka_unit_test(however_it_ends_the_terminal_is_as_it_was),
        cmocka_unit_test(it_ends_at_once_also_while_it_waits_for_an_answer),
        cmocka_unit_test(another_size_is_drawn_at_once),
        cmocka_unit_test(a_broker_that_goes_and_comes_is_seen),
    };
    return cmocka_run_group_tests_name("watch", tests, open_all, close_all);
}
