/* The file of rejects: what is kept comes back in order, two files stay within the bound, and
 * neither a crash nor a full disk merges two lines. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "writer/rejects.h"

#define BOUND 65536

static char folder[64], path[128], older[132];

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/hearthline-rejects-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/rejected.jsonl", folder);
    snprintf(older, sizeof older, "%s.1", path);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(path);
    unlink(older);
    return rmdir(folder);
}

static struct rejects *open_file(uint64_t bound)
{
    struct rejects *rejects = NULL;
    struct err_reason why = {""};
    if (rejects_open(path, bound, &rejects, &why) != ERR_OK)
        fail_msg("%s", why.text);
    return rejects;
}

static void add(struct rejects *rejects, uint64_t number, struct text payload)
{
    char words[32];
    snprintf(words, sizeof words, "%llu", (unsigned long long)number);
    struct rejected message = {.reason = TEXT("not_json"),
                               .words = text_of(words),
                               .topic = TEXT("hearthline/readings/a"),
                               .payload = payload,
                               .time_ns = 1795168800000000000};
    rejects_add(rejects, &message);
}

static uint64_t size_of(const char *name)
{
    struct stat st;
    return stat(name, &st) == 0 ? (uint64_t)st.st_size : 0;
}

static void append_bytes(const char *name, struct text bytes)
{
    FILE *file = fopen(name, "ab");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.at, 1, bytes.len, file), bytes.len);
    fclose(file);
}

/* What a walk has seen: numbers that must rise by one, from whichever it begins with. */
struct seen {
    long long first, last;
    size_t count, stop_at;
    bool cut;
};

static bool see(void *context, const struct rejected *message, struct text line)
{
    struct seen *seen = context;
    long long number = -1;
    assert_true(text_integer(message->words, &number));
    assert_true(line.len > 2 && line.at[0] == '{' && line.at[line.len - 1] == '}');
    if (seen->count++ == 0)
        seen->first = number;
    else
        assert_int_equal(number, seen->last + 1);
    seen->last = number;
    seen->cut = message->cut;
    return seen->count != seen->stop_at;
}

static struct seen walk(void)
{
    struct seen seen = {.first = -1, .last = -1};
    struct err_reason why = {""};
    if (rejects_walk(path, &seen, see, &why) != ERR_OK)
        fail_msg("%s", why.text);
    return seen;
}

static void what_is_added_comes_back(void **state)
{
    (void)state;
    struct rejects *rejects = open_file(BOUND);
    for (uint64_t i = 0; i < 10; i++)
        add(rejects, i, TEXT("hello\n\0world"));
    assert_int_equal(size_of(path), 0); /* no system call a message */
    rejects_flush(rejects);
    struct seen seen = walk();
    assert_int_equal(seen.first, 0);
    assert_int_equal(seen.last, 9);
    assert_int_equal(rejects_lost(rejects), 0);
    add(rejects, 10, TEXT(""));
    rejects_close(rejects); /* writes what waits */
    assert_int_equal(walk().last, 10);
    seen = (struct seen){.stop_at = 3};
    assert_int_equal(rejects_walk(path, &seen, see, NULL), ERR_OK);
    assert_int_equal(seen.count, 3);
}

static void only_the_owner_may_read_it(void **state)
{
    (void)state;
    struct stat st;
    append_bytes(path, TEXT(""));
    assert_int_equal(chmod(path, 0644), 0);
    rejects_close(open_file(BOUND));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    unlink(path);
    rejects_close(open_file(BOUND));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

/* Payloads of changing sizes, some longer than half of the bound or than what is collected. */
static void both_files_stay_within_the_bound(void **state)
{
    (void)state;
    static char payload[100000];
    static const uint64_t bounds[] = {4096, BOUND, 300000};
    memset(payload, 'x', sizeof payload);
    for (size_t k = 0; k < sizeof bounds / sizeof bounds[0]; k++) {
        unlink(path);
        unlink(older);
        struct rejects *rejects = open_file(bounds[k]);
        for (uint64_t i = 0; i < 400; i++) {
            add(rejects, i, (struct text){payload, i * 7919 % (i % 50 ? 900 : sizeof payload)});
            if (i % 7 == 0)
                rejects_flush(rejects);
            assert_in_range(size_of(path) + size_of(older), 0, bounds[k]);
        }
        rejects_close(rejects);
        assert_in_range(size_of(path) + size_of(older), bounds[k] / 2, bounds[k]);
        assert_int_equal(walk().last, 399);
    }
}

static void what_is_too_long_goes_without_its_original(void **state)
{
    (void)state;
    static char payload[40000];
    memset(payload, '\x01', sizeof payload); /* six bytes each in JSON */
    struct rejects *rejects = open_file(BOUND);
    add(rejects, 1, TEXT("short"));
    add(rejects, 2, (struct text){payload, sizeof payload});
    rejects_flush(rejects);
    struct seen seen = walk();
    assert_int_equal(seen.last, 2);
    assert_true(seen.cut);
    assert_int_equal(rejects_lost(rejects), 0);
    struct rejected message = {.reason = {payload, sizeof payload}};
    rejects_add(rejects, &message);
    assert_int_equal(rejects_lost(rejects), 1);
    add(rejects, 3, TEXT(""));
    rejects_close(rejects);
    assert_int_equal(walk().count, 3);
}

static void a_torn_line_costs_only_itself(void **state)
{
    (void)state;
    struct rejects *rejects = open_file(BOUND);
    add(rejects, 0, TEXT("a"));
    rejects_close(rejects);
    append_bytes(path, TEXT("{\"schema\":1,\"reason\":\"not_js"));
    assert_int_equal(walk().count, 1);
    rejects = open_file(BOUND);
    add(rejects, 1, TEXT("b"));
    rejects_close(rejects);
    append_bytes(path, TEXT("no line of ours\n\n[]\n{}\n\0\n"));
    rejects = open_file(BOUND);
    add(rejects, 2, TEXT("c"));
    rejects_close(rejects);
    struct seen seen = walk();
    assert_int_equal(seen.first, 0);
    assert_int_equal(seen.last, 2);
}

static void a_last_line_without_its_end_is_whole_and_gets_it(void **state)
{
    (void)state;
    struct rejects *rejects = open_file(BOUND);
    add(rejects, 0, TEXT("a"));
    rejects_close(rejects);
    assert_int_equal(truncate(path, (off_t)size_of(path) - 1), 0);
    assert_int_equal(walk().last, 0);
    rejects = open_file(BOUND);
    add(rejects, 1, TEXT("b"));
    rejects_close(rejects);
    assert_int_equal(walk().count, 2);
}

/* A file may not grow beyond a limit of the process: what a full disk looks like. */
static void limit_files(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void what_a_full_disk_refuses_is_counted_and_leaves_no_part(void **state)
{
    (void)state;
    void (*before)(int) = signal(SIGXFSZ, SIG_IGN);
    struct rejects *rejects = open_file(BOUND);
    add(rejects, 0, TEXT("a"));
    rejects_flush(rejects);
    uint64_t size = size_of(path);
    limit_files(size + 50);
    add(rejects, 7, TEXT("b"));
    add(rejects, 8, TEXT("c"));
    rejects_flush(rejects);
    uint64_t refused_size = size_of(path), lost = rejects_lost(rejects);
    limit_files(RLIM_INFINITY);
    signal(SIGXFSZ, before);
    assert_int_equal(refused_size, size);
    assert_int_equal(lost, 2);
    add(rejects, 1, TEXT("d"));
    rejects_close(rejects);
    assert_int_equal(walk().last, 1);
}

static void a_rename_that_fails_does_not_break_the_bound(void **state)
{
    (void)state;
    static char payload[20000];
    memset(payload, 'x', sizeof payload);
    assert_int_equal(mkdir(older, 0700), 0); /* nothing can be renamed to it */
    struct rejects *rejects = open_file(BOUND);
    for (uint64_t i = 0; i < 3; i++) {
        add(rejects, i, (struct text){payload, sizeof payload});
        rejects_flush(rejects);
    }
    assert_in_range(size_of(path), 1, BOUND / 2);
    assert_int_equal(rejects_lost(rejects), 2);
    assert_int_equal(rmdir(older), 0);
    add(rejects, 1, (struct text){payload, sizeof payload});
    rejects_close(rejects);
    assert_int_equal(walk().last, 1);
}

static void what_cannot_be_opened_says_why(void **state)
{
    (void)state;
    struct rejects *rejects = NULL;
    struct err_reason why = {""};
    struct seen seen = {0};
    assert_int_equal(rejects_open("/nowhere/at/all", BOUND, &rejects, &why), ERR_IO);
    assert_non_null(strstr(why.text, "/nowhere/at/all"));
    assert_int_equal(rejects_open("/dev/null", BOUND, &rejects, &why), ERR_INVALID);
    assert_null(rejects);
    assert_int_equal(rejects_walk(path, &seen, see, &why), ERR_NOT_FOUND);
    assert_non_null(strstr(why.text, path));
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(rejects_walk(path, &seen, see, &why), ERR_IO);
    assert_int_equal(rmdir(path), 0);
    rejects_close(NULL);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_added_comes_back),
        TEST(only_the_owner_may_read_it),
        TEST(both_files_stay_within_the_bound),
        TEST(what_is_too_long_goes_without_its_original),
        TEST(a_torn_line_costs_only_itself),
        TEST(a_last_line_without_its_end_is_whole_and_gets_it),
        TEST(what_a_full_disk_refuses_is_counted_and_leaves_no_part),
        TEST(a_rename_that_fails_does_not_break_the_bound),
        TEST(what_cannot_be_opened_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
