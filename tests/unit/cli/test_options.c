/* One table makes the reading, the mistakes' words and the help of a command. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/spelling.h"
#include "cli/options.h"

struct into {
    const char *config, *topic, *payload;
    uint32_t count;
    int64_t from_ns;
    bool force;
};

#define MEMBER(member) .offset = offsetof(struct into, member)

static const struct options_row rows[] = {
    {.name = "TOPIC", .kind = OPTIONS_ARGUMENT, MEMBER(topic), .needed = true, .help = "first"},
    {.name = "PAYLOAD", .kind = OPTIONS_ARGUMENT, MEMBER(payload), .help = "second"},
    {.name = "count",
     .kind = OPTIONS_NUMBER,
     MEMBER(count),
     .value = "N",
     .min = 2,
     .max = 9,
     .help = "how many"},
    {.name = "from",
     .kind = OPTIONS_MOMENT,
     MEMBER(from_ns),
     .value = "TIME",
     .needed = true,
     .help = "since\nwhen"},
    {.name = "force", .kind = OPTIONS_FLAG, MEMBER(force), .help = "do it"},
    OPTIONS_CONFIG(struct into),
};

static const struct options_table table = {
    .command = "try", .about = "Tries.\n", OPTIONS_ROWS(rows), .after = "That is all.\n"};

enum { MOST = 8, NOW = 1000 };

static enum err parse(const char *const words[MOST], struct into *into, bool *ret_help,
                      struct err_reason *why)
{
    char *argv[MOST + 1] = {(char *)"try"};
    int argc = 1;
    for (; argc <= MOST && words[argc - 1]; argc++)
        argv[argc] = (char *)(uintptr_t)words[argc - 1];
    return options_parse(&table, argc, argv, NOW, into, ret_help, why);
}

static void members_are_filled(void **state)
{
    (void)state;
    bool help = true;
    struct into into = {.count = 5};
    const char *const words[MOST] = {"a/b", "--from", "-0s", "-3.25", "--force"};
    assert_int_equal(parse(words, &into, &help, NULL), ERR_OK);
    assert_false(help);
    assert_string_equal(into.topic, "a/b");
    assert_string_equal(into.payload, "-3.25");
    assert_int_equal(into.from_ns, NOW);
    assert_int_equal(into.count, 5);
    assert_true(into.force);
    assert_null(into.config);
}

static void other_ways_to_write_it(void **state)
{
    (void)state;
    bool help = false;
    struct into into = {0};
    const char *const words[MOST] = {"--from=now", "--count=9", "--config=", "--", "--force", "-"};
    assert_int_equal(parse(words, &into, &help, NULL), ERR_OK);
    assert_string_equal(into.topic, "--force");
    assert_string_equal(into.payload, "-");
    assert_string_equal(into.config, "");
    assert_int_equal(into.count, 9);
    assert_false(into.force);
}

static void mistakes_are_said(void **state)
{
    static const struct {
        const char *words[MOST];
        const char *says;
    } mistakes[] = {
        {{"--from", "now"}, "TOPIC is missing"},
        {{"a"}, "--from is missing"},
        {{"a", "b", "c", "--from", "now"}, "what is \"c\"?"},
        {{"a", "--form", "now"}, "did you mean --from?"},
        {{"a", "--topic", "now"}, "there is no --topic"},
        {{"a", "--refrigerator"}, "see --help"},
        {{"a", "--from"}, "--from needs a value: --from TIME"},
        {{"a", "--from", "soon"}, "--from: \"soon\" is no time"},
        {{"a", "--count", "1"}, "from 2 to 9"},
        {{"a", "--count", "10"}, "from 2 to 9"},
        {{"a", "--count", "x"}, "from 2 to 9"},
        {{"a", "--count="}, "from 2 to 9"},
        {{"a", "--force=no"}, "--force takes no value"},
        {{"a", "--"}, "--from is missing"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        struct into into = {0};
        struct err_reason why = {""};
        bool help;
        assert_int_equal(parse(mistakes[i].words, &into, &help, &why), ERR_INVALID);
        if (!strstr(why.text, mistakes[i].says))
            fail_msg("row %zu says \"%s\"", i, why.text);
    }
}

static void help_wins_over_what_is_missing(void **state)
{
    (void)state;
    struct into into = {0};
    bool help = false;
    assert_int_equal(parse((const char *const[MOST]){"--help"}, &into, &help, NULL), ERR_OK);
    assert_true(help);
    help = false;
    assert_int_equal(parse((const char *const[MOST]){"a", "-h", "--nonsense"}, &into, &help, NULL),
                     ERR_OK);
    assert_true(help);
}

static void the_help_is_made_of_the_table(void **state)
{
    (void)state;
    struct buf help = {0};
    options_help(&table, &help);
    assert_string_equal(
        buf_cstr(&help),
        "Usage: hearthline try [OPTION]... TOPIC [PAYLOAD] --from TIME\n"
        "Tries.\n"
        "\n"
        "  TOPIC          first\n"
        "  PAYLOAD        second\n"
        "  --count N      how many\n"
        "  --from TIME    since\n"
        "                 when\n"
        "  --force        do it\n"
        "  --config FILE  the configuration; else the file that HEARTHLINE_CONFIG names,\n"
        "                 else hearthline.yaml in this folder\n"
        "  --help         this\n"
        "\n"
        "That is all.\n");
    buf_free(&help);
}

static void distances(void **state)
{
    static const struct {
        const char *a, *b;
        unsigned distance;
    } pairs[] = {{"", "", 0},
                 {"abc", "abc", 0},
                 {"abc", "", 3},
                 {"flush", "flash", 1},
                 {"explian", "explain", 2},
                 {"send", "sends", 1},
                 {"kitten", "sitting", 3}};
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        assert_int_equal(spelling_distance(text_of(pairs[i].a), text_of(pairs[i].b)),
                         pairs[i].distance);
        assert_int_equal(spelling_distance(text_of(pairs[i].b), text_of(pairs[i].a)),
                         pairs[i].distance);
    }
    char longer[200];
    memset(longer, 'x', sizeof longer);
    assert_int_equal(spelling_distance((struct text){longer, sizeof longer}, TEXT("")), 40);
}

struct more {
    const char *first;
    struct options_words words;
    uint32_t timeout_s;
};

static const struct options_row more_rows[] = {
    {.name = "FIRST",
     .kind = OPTIONS_ARGUMENT,
     .offset = offsetof(struct more, first),
     .help = "1"},
    {.name = "WORD", .kind = OPTIONS_WORDS, .offset = offsetof(struct more, words), .help = "2"},
    {.name = "timeout",
     .kind = OPTIONS_SPAN,
     .offset = offsetof(struct more, timeout_s),
     .value = "SPAN",
     .min = 1,
     .max = 120,
     .help = "3"},
};
static const struct options_table more_table = {
    .command = "more", .about = "More.\n", OPTIONS_ROWS(more_rows)};

static enum err parse_more(char **argv, struct more *into, struct err_reason *why)
{
    bool help;
    int argc = 0;
    while (argv[argc])
        argc++;
    return options_parse(&more_table, argc, argv, NOW, into, &help, why);
}

static void arguments_without_a_place_are_words(void **state)
{
    (void)state;
    struct more into = {0};
    char *argv[] = {(char *)"more", (char *)"a",  (char *)"b=1", (char *)"--timeout",
                    (char *)"2m",   (char *)"--", (char *)"--c", NULL};
    assert_int_equal(parse_more(argv, &into, NULL), ERR_OK);
    assert_string_equal(into.first, "a");
    assert_int_equal(into.words.count, 2);
    assert_string_equal(into.words.at[0], "b=1");
    assert_string_equal(into.words.at[1], "--c");
    assert_int_equal(into.timeout_s, 120);
    struct buf help = {0};
    options_help(&more_table, &help);
    assert_non_null(
        strstr(buf_cstr(&help), "Usage: hearthline more [OPTION]... [FIRST] [WORD]...\n"));
    buf_free(&help);
}

static void too_many_words_are_refused(void **state)
{
    (void)state;
    struct more into = {0};
    struct err_reason why = {""};
    char *argv[OPTIONS_WORDS_MAX + 4] = {(char *)"more"};
    for (int i = 1; i < OPTIONS_WORDS_MAX + 3; i++)
        argv[i] = (char *)"x";
    assert_int_equal(parse_more(argv, &into, &why), ERR_INVALID);
    assert_non_null(strstr(why.text, "at most 32"));
}

static void a_span_has_a_unit_or_is_seconds(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t seconds; /* 0: refused */
    } spans[] = {{"5", 5},  {"5s", 5}, {"2m", 120}, {"1", 1},   {"0", 0},   {"-5", 0},
                 {"3m", 0}, {"x", 0},  {"", 0},     {"5 s", 0}, {"1e1", 0}, {"4294967301", 0}};
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
        struct more into = {0};
        struct err_reason why = {""};
        char *argv[] = {(char *)"more", (char *)"--timeout", (char *)(uintptr_t)spans[i].text,
                        NULL};
        enum err e = parse_more(argv, &into, &why);
        assert_int_equal(e, spans[i].seconds ? ERR_OK : ERR_INVALID);
        assert_int_equal(into.timeout_s, spans[i].seconds);
        if (e)
            assert_non_null(strstr(why.text, "1 to 120 seconds"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arguments_without_a_place_are_words),
        cmocka_unit_test(too_many_words_are_refused),
        cmocka_unit_test(a_span_has_a_unit_or_is_seconds),
        cmocka_unit_test(members_are_filled),
        cmocka_unit_test(other_ways_to_write_it),
        cmocka_unit_test(mistakes_are_said),
        cmocka_unit_test(help_wins_over_what_is_missing),
        cmocka_unit_test(the_help_is_made_of_the_table),
        cmocka_unit_test(distances),
    };
    return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
