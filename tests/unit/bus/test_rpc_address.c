/* Where an answer may go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bus/rpc_address.h"

static void topics_below_response_are_taken(void **state)
{
    static const struct {
        const char *root;
        struct text topic;
    } cases[] = {
        {"hearthline", TEXT("hearthline/response/me")},
        {"hearthline", TEXT("hearthline/response/a/b/c")},
        {"hearthline", TEXT("hearthline/response//me")},
        {"hearthline", TEXT("hearthline/response/me/")},
        {"hearthline", TEXT("hearthline/response/K\xc3\xbc"
                            "che 1 $SYS")},
        {"hearthline", TEXT("hearthline/response/\xc2\xa0")},
        {"home/log", TEXT("home/log/response/x")},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err_reason why = {""};
        if (rpc_address_check(cases[i].root, cases[i].topic, &why) != ERR_OK)
            fail_msg("%.*s: %s", TEXT_ARGS(cases[i].topic), why.text);
    }
}

#define BELOW   "should lie below 'hearthline/response/'"
#define CONTROL "a control character at byte 22"

static void others_are_refused_with_words(void **state)
{
    static const struct {
        struct text topic;
        const char *words;
    } cases[] = {
        {TEXT(""), BELOW},
        {{NULL, 0}, BELOW},
        {TEXT("hearthline"), BELOW},
        {TEXT("hearthline/response"), BELOW},
        {TEXT("hearthline/response/"), BELOW},
        {TEXT("hearthline/response///"), BELOW},
        {TEXT("hearthline/responses/me"), BELOW},
        {TEXT("hearthline/readings/kitchen"), BELOW},
        {TEXT("hearthline/request/stats"), BELOW},
        {TEXT("hearthlines/response/me"), BELOW},
        {TEXT("/hearthline/response/me"), BELOW},
        {TEXT("Hearthline/response/me"), BELOW},
        {TEXT("hearthline//response/me"), BELOW},
        {TEXT("$SYS/broker"), BELOW},
        {TEXT("#"), BELOW},
        {TEXT("hearthline/response/+"), "wildcard '+' at byte 20"},
        {TEXT("hearthline/response/a#"), "wildcard '#' at byte 21"},
        {TEXT("hearthline/response/a/#"), "wildcard '#' at byte 22"},
        {TEXT("hearthline/response/ab\0c"), CONTROL},
        {TEXT("hearthline/response/ab\0"), CONTROL},
        {TEXT("hearthline/response/ab\n"), CONTROL},
        {TEXT("hearthline/response/ab\x1f"), CONTROL},
        {TEXT("hearthline/response/ab\x7f"), CONTROL},
        {TEXT("hearthline/response/ab\xc2\x80"), CONTROL},
        {TEXT("hearthline/response/ab\xc2\x9f"), CONTROL},
        {TEXT("hearthline/response/ab\xff"), "not UTF-8"},
        {TEXT("hearthline/response/ab\xc2"), "not UTF-8"},
        {TEXT("hearthline/response/\xed\xa0\x80"), "not UTF-8"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err_reason why = {""};
        assert_int_equal(rpc_address_check("hearthline", cases[i].topic, &why), ERR_INVALID);
        if (!strstr(why.text, cases[i].words))
            fail_msg("%zu. '%.*s': %s", i, TEXT_ARGS(cases[i].topic), why.text);
        assert_int_equal(rpc_address_check("hearthline", cases[i].topic, NULL), ERR_INVALID);
    }
}

static void the_limit_is_exact(void **state)
{
    char topic[RPC_ADDRESS_MAX_BYTES + 1] = "hearthline/response/";
    struct err_reason why = {""};
    (void)state;
    memset(topic + strlen(topic), 'x', sizeof topic - strlen("hearthline/response/"));
    assert_int_equal(rpc_address_check("hearthline", (struct text){topic, 1024}, &why), ERR_OK);
    assert_int_equal(rpc_address_check("hearthline", (struct text){topic, 1025}, &why),
                     ERR_INVALID);
    assert_non_null(strstr(why.text, "1025 bytes; it should have at most 1024"));
}

static void what_is_made_is_taken(void **state)
{
    struct buf b = {0};
    (void)state;
    assert_string_equal(rpc_address_make(&b, "h/x", "cli-1"), "h/x/response/cli-1");
    assert_int_equal(rpc_address_check("h/x", buf_view(&b), NULL), ERR_OK);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(topics_below_response_are_taken),
        cmocka_unit_test(others_are_refused_with_words),
        cmocka_unit_test(the_limit_is_exact),
        cmocka_unit_test(what_is_made_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
