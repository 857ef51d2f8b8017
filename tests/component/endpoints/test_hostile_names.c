/* Texts that are meant to break out of a statement, in every text of every request that reaches the
 * store: found literally where they are stored, refused where they are not, never executed. */
#include "ask.h"

#define T 1711843200LL /* 2024-03-31 00:00 UTC */

static struct store store;

/* As JSON. Stored are those that line protocol can carry: quotes and blanks, no newline, no
 * backslash at an end. */
static const struct {
    const char *json, *line; /* line: as written in line protocol, NULL when it is not stored */
} names[] = {
    {"'; DROP MEASUREMENT x --", "';\\ DROP\\ MEASUREMENT\\ x\\ --"},
    {"\\\"; DROP MEASUREMENT x --", "\";\\ DROP\\ MEASUREMENT\\ x\\ --"},
    {"a\\\" OR \\\"1\\\"=\\\"1", "a\"\\ OR\\ \"1\"\\=\"1"},
    {"x' OR '1'='1", "x'\\ OR\\ '1'\\='1"},
    {"back\\\\slash", "back\\slash"},
    {"\\\\\\\" OR 1=1 --", NULL},
    {"line\\n; DROP MEASUREMENT x", NULL},
    {"carriage\\r; DROP MEASUREMENT x", NULL},
    {"/.*/", "/.*/"},
    {"$x", "$x"},
    {"*", "*"},
    {"nul\\u0000; DROP MEASUREMENT x", NULL},
    {"\\u202e\\ud83d\\ude00", NULL},
};
enum { NAMES = sizeof names / sizeof names[0] };

static void store_hostile(void)
{
    struct buf lines = {0};
    for (unsigned i = 0; i < NAMES; i++)
        if (names[i].line)
            buf_printf(&lines, "%s,%s=%s v=1 %lld000000000\n", names[i].line, names[i].line,
                       names[i].line, T);
    for (unsigned i = 0; i < NAMES; i++)
        if (names[i].line)
            buf_printf(&lines,
                       "device_metrics,device_id=%s v=1 %lld000000000\n"
                       "f %s=1 %lld000000000\n",
                       names[i].line, T, names[i].line, T);
    store_write(&store, buf_cstr(&lines));
    buf_free(&lines);
}

static int open_store(void **state)
{
    (void)state;
    store_open(&store);
    store.now_ns = (T + 60) * CLOCK_NS_PER_S;
    store_write(&store, "x,t=a v=7 1711843200000000000\n");
    store_hostile();
    return 0;
}

static int close_store(void **state)
{
    (void)state;
    store_close(&store);
    return 0;
}

static char *show(const char *statement)
{
    struct err_reason why;
    struct table *table = NULL;
    assert_int_equal(ask_statement(&store, text_of(statement), &table, &why), ERR_OK);
    table_free(table);
    return strdup(store.reply);
}

/* What is stored, in full. */
static char *unharmed(void)
{
    return show("SELECT * FROM /.*/ GROUP BY *");
}

static char *asked(const char *endpoint, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static char *asked(const char *endpoint, const char *format, ...)
{
    char *json = NULL;
    va_list args;
    va_start(args, format);
    assert_true(vasprintf(&json, format, args) > 0);
    va_end(args);
    char *answer = ask(&store, endpoint, text_of(json));
    free(json);
    return answer;
}

static void expect_one(char *answer, bool found, const char *what)
{
    if (found ? !strstr(answer, "[[1711843140000,1]]") : answer[0] != '!')
        fail_msg("%s: %s", what, answer);
    free(answer);
}

static void test_history(void **state)
{
#define HISTORY "\"period\":\"2m\",\"points\":1,\"end\":\"2024-03-31T00:01:00Z\""
    char *before = unharmed();
    (void)state;
    for (unsigned i = 0; i < NAMES; i++) {
        const char *name = names[i].json;
        bool found = names[i].line != NULL;
        expect_one(asked("history", "{\"measurement\":\"%s\",\"field\":\"v\"," HISTORY "}", name),
                   found, name);
        expect_one(asked("history", "{\"measurement\":\"f\",\"field\":\"%s\"," HISTORY "}", name),
                   found, name);
        expect_one(asked("history",
                         "{\"measurement\":\"%s\",\"field\":\"v\",\"tags\":{\"%s\":\"%s\"}," HISTORY
                         ",\"aggregate\":\"last\"}",
                         name, name, name),
                   found, name);
        /* no series has that value */
        char *answer = asked("history",
                             "{\"measurement\":\"%s\",\"field\":\"v\"," HISTORY
                             ",\"aggregate\":\"increase\",\"tags\":{\"%s\":\"other %s\"}}",
                             name, name, name);
        assert_true(found ? strstr(answer, "[[1711843140000,null]]") != NULL : answer[0] == '!');
        free(answer);
        static const char *const keys[] = {"aggregate", "time_zone", "period", "window", "end"};
        for (unsigned k = 0; k < sizeof keys / sizeof keys[0]; k++)
            expect_one(asked("history", "{\"measurement\":\"x\",\"field\":\"v\",\"%s\":\"%s\"}",
                             keys[k], name),
                       false, name);
    }
    char *after = unharmed();
    assert_string_equal(after, before);
    free(before);
    free(after);
}

static void test_devices(void **state)
{
    static const char *const endpoints[] = {"devices", "devices/latest"};
    char *before = unharmed();
    (void)state;
    for (unsigned i = 0; i < NAMES; i++) {
        for (unsigned e = 0; e < 2; e++) {
            char *answer =
                asked(endpoints[e], "{\"device\":\"%s\",\"period\":\"2m\"}", names[i].json);
            bool one = strstr(answer, "\"count\":1,") && strstr(answer, names[i].json);
            bool none = answer[0] == '!' || strstr(answer, "\"devices\":[],\"count\":0");
            if (names[i].line ? !one : !none)
                fail_msg("%s %s: %s", endpoints[e], names[i].json, answer);
            free(answer);
        }
    }
    char *after = unharmed();
    assert_string_equal(after, before);
    free(before);
    free(after);
}

/* 64 kB of it in each text. */
static void test_long_texts(void **state)
{
    struct buf text = {0};
    char *before = unharmed();
    (void)state;
    while (text.len < 65536)
        buf_string(&text, "'\\\"; DROP MEASUREMENT x -- ");
    const char *name = buf_cstr(&text);
    expect_one(asked("history", "{\"measurement\":\"%s\",\"field\":\"v\"}", name), false, "m");
    expect_one(asked("history", "{\"measurement\":\"x\",\"field\":\"%s\"}", name), false, "f");
    expect_one(
        asked("history", "{\"measurement\":\"x\",\"field\":\"v\",\"tags\":{\"%s\":\"a\"}}", name),
        false, "tag");
    char *answer = asked("history",
                         "{\"measurement\":\"x\",\"field\":\"v\",\"points\":1,"
                         "\"tags\":{\"t\":\"%s\"}}",
                         name);
    assert_non_null(strstr(answer, ",null]]"));
    free(answer);
    expect_one(
        asked("history", "{\"measurement\":\"x\",\"field\":\"v\",\"time_zone\":\"%s\"}", name),
        false, "zone");
    answer = asked("devices", "{\"device\":\"%s\"}", name);
    assert_non_null(strstr(answer, "\"devices\":[],\"count\":0"));
    free(answer);
    char *after = unharmed();
    assert_string_equal(after, before);
    free(before);
    free(after);
    buf_free(&text);
}

static void test_folders_are_no_time_zones(void **state)
{
    static const char *const bad[] = {"../../../etc/passwd",
                                      "/etc/passwd",
                                      "Europe",
                                      "Europe/../../../../etc/passwd",
                                      "zone.tab",
                                      "Europe/Berlin ",
                                      "..",
                                      "tzdata.zi",
                                      "posix/../Europe"};
    (void)state;
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++)
        expect_one(asked("history", "{\"measurement\":\"x\",\"field\":\"v\",\"time_zone\":\"%s\"}",
                         bad[i]),
                   false, bad[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_history),
        cmocka_unit_test(test_devices),
        cmocka_unit_test(test_long_texts),
        cmocka_unit_test(test_folders_are_no_time_zones),
    };
    return cmocka_run_group_tests(tests, open_store, close_store);
}
