#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "bus/filter.h"

static void good_filters_pass_and_bad_ones_say_why(void **state)
{
    static const struct {
        const char *filter;
        const char *wrong; /* words of the reason; NULL: good */
    } cases[] = {
        {"a", NULL},
        {"/", NULL},
        {"//", NULL},
        {"+", NULL},
        {"#", NULL},
        {"a/#", NULL},
        {"+/+/#", NULL},
        {"a/+room/b/+device", NULL},
        {"+room_2/#", NULL},
        {"$SYS/#", NULL},
        {"a b/\xc3\xa4", NULL},
        {"+1/+2/+3/+4/+5/+6/+7/+8/+9/+10/+11/+12/+13/+14/+15/+16", NULL},
        {"", "empty"},
        {"#/a", "not the last"},
        {"a/#/b", "not the last"},
        {"a#", "alone"},
        {"a/b#", "alone"},
        {"##", "alone"},
        {"a+", "alone"},
        {"a/b+c", "alone"},
        {"++", "stands alone"},
        {"+a-b", "stands alone"},
        {"+a#", "stands alone"},
        {"+a/+b/+a", "twice"},
        {"a/\xff", "UTF-8"},
        {"+1/+2/+3/+4/+5/+6/+7/+8/+9/+10/+11/+12/+13/+14/+15/+16/+17", "more than 16"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err_reason why = {""};
        enum err err = filter_check(text_of(cases[i].filter), &why);
        if ((err == ERR_OK) != !cases[i].wrong ||
            (cases[i].wrong && !strstr(why.text, cases[i].wrong)))
            fail_msg("'%s': %s '%s'", cases[i].filter, err_text(err), why.text);
    }
    assert_int_equal(filter_check(TEXT("a\0b"), NULL), ERR_INVALID);
    assert_int_equal(filter_check((struct text){NULL, 0}, NULL), ERR_INVALID);
}

static void a_filter_has_at_most_65535_bytes(void **state)
{
    static char long_one[65536];
    (void)state;
    memset(long_one, 'a', sizeof long_one);
    assert_int_equal(filter_check((struct text){long_one, 65535}, NULL), ERR_OK);
    assert_int_equal(filter_check((struct text){long_one, 65536}, NULL), ERR_INVALID);
}

static void the_broker_gets_the_plain_form(void **state)
{
    static const char *const cases[][2] = {
        {"a/+room/b/+", "a/+/b/+"}, {"+x", "+"}, {"+x/#", "+/#"}, {"/", "/"},
        {"a//b", "a//b"},           {"", ""}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char plain[64];
        filter_plain(text_of(cases[i][0]), plain);
        assert_string_equal(plain, cases[i][1]);
    }
}

/* MQTT 5.0, section 4.7.1 and 4.7.2, and its examples. */
static void topics_match_as_the_section_says(void **state)
{
    static const struct {
        const char *filter, *topic;
        bool matches;
    } cases[] = {
        {"a", "a", true},
        {"a", "A", false},
        {"a", "a/", false},
        {"a/", "a", false},
        {"/a", "a", false},
        {"sport/tennis/player1/#", "sport/tennis/player1", true},
        {"sport/tennis/player1/#", "sport/tennis/player1/ranking", true},
        {"sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true},
        {"sport/tennis/player1/#", "sport/tennis/player10", false},
        {"sport/#", "sport", true},
        {"#", "a", true},
        {"#", "/", true},
        {"sport/tennis/+", "sport/tennis/player1", true},
        {"sport/tennis/+", "sport/tennis/player1/ranking", false},
        {"sport/+", "sport", false},
        {"sport/+", "sport/", true},
        {"+/+", "/finance", true},
        {"/+", "/finance", true},
        {"+", "/finance", false},
        {"+/tennis/#", "sport/tennis", true},
        {"+/#", "a", true},
        {"#", "$SYS/uptime", false},
        {"+/uptime", "$SYS/uptime", false},
        {"+a/uptime", "$SYS/uptime", false},
        {"$SYS/#", "$SYS/uptime", true},
        {"$SYS/+", "$SYS/uptime", true},
        {"a/#", "a/$SYS", true},
        {"a/b/#", "a", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (filter_match(text_of(cases[i].filter), text_of(cases[i].topic), NULL) !=
            cases[i].matches)
            fail_msg("'%s' and '%s'", cases[i].filter, cases[i].topic);
}

static void named_levels_are_captured(void **state)
{
    struct filter_captures captures = {.count = 99};
    (void)state;
    assert_true(
        filter_match(TEXT("home/+room/+/+what/#"), TEXT("home/kitchen/x//on/now"), &captures));
    assert_int_equal(captures.count, 2);
    assert_true(text_equal(captures.at[0].name, TEXT("room")));
    assert_true(text_equal(captures.at[0].level, TEXT("kitchen")));
    assert_true(text_equal(captures.at[1].name, TEXT("what")));
    assert_int_equal(captures.at[1].level.len, 0);

    captures.count = 99; /* untouched when it does not match */
    assert_false(filter_match(TEXT("home/+room/x"), TEXT("home/kitchen/y"), &captures));
    assert_int_equal(captures.count, 99);
}

static void a_wider_filter_subsumes(void **state)
{
    static const struct {
        const char *wide, *narrow;
        bool subsumes;
    } cases[] = {
        {"#", "a/b", true},      {"#", "#", true},         {"#", "+", true},
        {"#", "$SYS/#", false},  {"+/a", "$SYS/a", false}, {"$SYS/#", "$SYS/a/#", true},
        {"a/#", "a", true},      {"a/#", "a/+x/b", true},  {"a/#", "a/#", true},
        {"a/+", "a/b", true},    {"a/+", "a/+x", true},    {"a/+", "a/#", false},
        {"a/b", "a/+", false},   {"a/+", "a/b/c", false},  {"a/+/#", "a/#", false},
        {"+/#", "#", true},      {"+x/#", "#", true},      {"+/+/#", "#", false},
        {"+", "#", false},       {"a", "a", true},         {"a", "b", false},
        {"a/b/#", "a/#", false}, {"a", "a/#", false},      {"+/b/#", "a/b", true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (filter_subsumes(text_of(cases[i].wide), text_of(cases[i].narrow)) != cases[i].subsumes)
            fail_msg("'%s' over '%s'", cases[i].wide, cases[i].narrow);
}

/* Every filter and topic of up to three of these levels: subsumes must agree with match. */
#define MAX_MADE 512

static size_t make_all(const char *const *levels, size_t count, char made[MAX_MADE][16])
{
    size_t n = 0;
    for (size_t a = 0; a < count; a++) {
        snprintf(made[n++], 16, "%s", levels[a]);
        for (size_t b = 0; b < count; b++) {
            snprintf(made[n++], 16, "%s/%s", levels[a], levels[b]);
            for (size_t c = 0; c < count; c++)
                snprintf(made[n++], 16, "%s/%s/%s", levels[a], levels[b], levels[c]);
        }
    }
    return n;
}

static bool matches_all_of(const char *wide, const char *narrow, char topics[MAX_MADE][16],
                           size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (filter_match(text_of(narrow), text_of(topics[i]), NULL) &&
            !filter_match(text_of(wide), text_of(topics[i]), NULL))
            return false;
    return true;
}

static void subsuming_agrees_with_matching(void **state)
{
    static const char *const filter_levels[] = {"a", "$s", "+", "#"};
    /* "z" and the four levels stand for what no filter names. */
    static const char *const topic_levels[] = {"a", "$s", "z", ""};
    static char filters[MAX_MADE][16], topics[MAX_MADE][16];
    (void)state;
    size_t filters_count = make_all(filter_levels, 4, filters);
    size_t topics_count = make_all(topic_levels, 4, topics);
    snprintf(topics[topics_count++], 16, "a/a/a/a");
    snprintf(topics[topics_count++], 16, "z/z/z/z");
    snprintf(topics[topics_count++], 16, "$s/a/z/z");
    for (size_t w = 0; w < filters_count; w++)
        for (size_t n = 0; n < filters_count; n++) {
            if (filter_check(text_of(filters[w]), NULL) || filter_check(text_of(filters[n]), NULL))
                continue;
            bool claims = filter_subsumes(text_of(filters[w]), text_of(filters[n]));
            if (claims && !matches_all_of(filters[w], filters[n], topics, topics_count))
                fail_msg("'%s' does not cover '%s'", filters[w], filters[n]);
            if (!claims && matches_all_of(filters[w], filters[n], topics, topics_count))
                fail_msg("'%s' covers '%s', which is not seen", filters[w], filters[n]);
        }
}

static bool some_topic_matches(const char *one, const char *other, char topics[MAX_MADE][16],
                               size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (filter_match(text_of(one), text_of(topics[i]), NULL) &&
            filter_match(text_of(other), text_of(topics[i]), NULL))
            return true;
    return false;
}

static void overlapping_agrees_with_matching(void **state)
{
    static const char *const filter_levels[] = {"a", "$s", "+n", "#"};
    static const char *const topic_levels[] = {"a", "$s", "z", ""};
    static char filters[MAX_MADE][16], topics[MAX_MADE][16];
    (void)state;
    size_t filters_count = make_all(filter_levels, 4, filters);
    size_t topics_count = make_all(topic_levels, 4, topics);
    for (size_t a = 0; a < filters_count; a++)
        for (size_t b = 0; b < filters_count; b++) {
            char plain[2][16];
            filter_plain(text_of(filters[a]), plain[0]);
            filter_plain(text_of(filters[b]), plain[1]);
            if (filter_check(text_of(plain[0]), NULL) || filter_check(text_of(plain[1]), NULL))
                continue;
            if (filter_overlaps(text_of(filters[a]), text_of(filters[b])) !=
                some_topic_matches(plain[0], plain[1], topics, topics_count))
                fail_msg("'%s' and '%s'", filters[a], filters[b]);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_filters_pass_and_bad_ones_say_why),
        cmocka_unit_test(a_filter_has_at_most_65535_bytes),
        cmocka_unit_test(the_broker_gets_the_plain_form),
        cmocka_unit_test(topics_match_as_the_section_says),
        cmocka_unit_test(named_levels_are_captured),
        cmocka_unit_test(a_wider_filter_subsumes),
        cmocka_unit_test(subsuming_agrees_with_matching),
        cmocka_unit_test(overlapping_agrees_with_matching),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
