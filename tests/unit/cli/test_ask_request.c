/* The words of a command line become the request that they look like. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/value.h"
#include "cli/alert_name.h"
#include "cli/ask_request.h"

enum { MOST = 6 };

static struct buf out;

static enum err request(const char *endpoint, const char *const words[MOST], struct err_reason *why)
{
    size_t count = 0;
    while (count < MOST && words[count])
        count++;
    buf_reset(&out);
    return ask_request(endpoint, words, count, &out, why);
}

static const struct {
    const char *endpoint;
    const char *words[MOST];
    const char *json;
} good[] = {
    {"stats", {NULL}, "{}"},
    {"stats", {"period=1h", "compare=true"}, "{\"period\":\"1h\",\"compare\":true}"},
    /* What the endpoint takes decides: a service may be called 7 or true. */
    {"stats", {"service=7", "transaction=true"}, "{\"service\":\"7\",\"transaction\":\"true\"}"},
    {"devices",
     {"limit=5", "device=007", "stale=false"},
     "{\"limit\":5,\"device\":\"007\",\"stale\":false}"},
    {"devices", {"limit=many", "stale=1"}, "{\"limit\":\"many\",\"stale\":1}"},
    {"history",
     {"tags.room=attic", "field=t", "tags.floor=1", "percentile=99.5"},
     "{\"tags\":{\"room\":\"attic\",\"floor\":\"1\"},\"field\":\"t\",\"percentile\":99.5}"},
    {"alerts/silence", {"match.rule=r", "for=2h"}, "{\"match\":{\"rule\":\"r\"},\"for\":\"2h\"}"},
    {"stats",
     {"service=\"\\\n\x1b", "x=a=b"},
     "{\"service\":\"\\\"\\\\\\n\\u001b\",\"x\":\"a=b\"}"},
    /* Not known: by its look. */
    {"energy",
     {"a=-1.5e3", "b=+1", "c=.5", "d=5.", "e=007", "f=0"},
     "{\"a\":-1.5e3,\"b\":\"+1\",\"c\":\".5\",\"d\":\"5.\",\"e\":\"007\",\"f\":0}"},
    {"energy",
     {"a=true", "b=True", "c=null", "d=", "e=-", "f=1e"},
     "{\"a\":true,\"b\":\"True\",\"c\":\"null\",\"d\":\"\",\"e\":\"-\",\"f\":\"1e\"}"},
    {"energy", {"o.a=1", "o.b.c=x", ".d=2"}, "{\"o\":{\"a\":1,\"b.c\":\"x\"},\".d\":2}"},
};

static void words_become_a_request(void **state)
{
    (void)state;
    struct value_document *document = value_document_new();
    struct value root;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct err_reason why = {""};
        if (request(good[i].endpoint, good[i].words, &why) != ERR_OK)
            fail_msg("%s: %s", good[i].json, why.text);
        assert_string_equal(buf_cstr(&out), good[i].json);
        assert_int_equal(value_parse(document, VALUE_JSON, buf_view(&out), &root, &why), ERR_OK);
    }
    value_document_free(document);
}

static void a_word_without_a_key_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"1h", "", "=1h", "period=\xff"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct err_reason why = {""};
        const char *const words[MOST] = {"fresh=true", bad[i]};
        assert_int_equal(request("stats", words, &why), ERR_INVALID);
        assert_true(why.text[0] != '\0');
    }
}

static void a_request_is_made_member_by_member(void **state)
{
    (void)state;
    buf_reset(&out);
    ask_request_end(&out);
    assert_string_equal(buf_cstr(&out), "{}");
    buf_reset(&out);
    ask_request_text("none", text_of(NULL), &out);
    ask_request_text("empty", TEXT(""), &out);
    ask_request_json("yes", TEXT("true"), &out);
    ask_request_end(&out);
    assert_string_equal(buf_cstr(&out), "{\"empty\":\"\",\"yes\":true}");
}

static void an_alert_is_named_by_its_parts(void **state)
{
    (void)state;
    static const struct {
        const char *name, *json;
    } names[] = {
        {"error_rate", "{\"rule\":\"error_rate\"}"},
        {"writer/error_rate", "{\"service\":\"writer\",\"rule\":\"error_rate\"}"},
        {"system/silent/a/b", "{\"service\":\"system\",\"rule\":\"silent\",\"subject\":\"a/b\"}"},
        {"*/silent/a", "{\"rule\":\"silent\",\"subject\":\"a\"}"},
        {"/silent", "{\"rule\":\"silent\"}"},
        {"writer/*", "{\"service\":\"writer\"}"},
        {"writer//", "{\"service\":\"writer\"}"},
        {"", NULL},
        {"*", NULL},
        {"*/*/*", NULL},
        {"//", NULL},
        {"\xff", NULL},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct err_reason why = {""};
        buf_reset(&out);
        enum err e = alert_name_write(names[i].name, &out, &why);
        assert_int_equal(e, names[i].json ? ERR_OK : ERR_INVALID);
        ask_request_end(&out);
        if (names[i].json)
            assert_string_equal(buf_cstr(&out), names[i].json);
        else
            assert_true(why.text[0] != '\0');
    }
}

static void who_acts_is_the_user_unless_said(void **state)
{
    (void)state;
    setenv("USER", "robin", 1);
    assert_true(text_equal(alert_name_by(NULL), TEXT("robin")));
    assert_true(text_equal(alert_name_by("kim"), TEXT("kim")));
    unsetenv("USER");
    assert_null(alert_name_by(NULL).at);
}

static int tear_down(void **state)
{
    (void)state;
    buf_free(&out);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_become_a_request),
        cmocka_unit_test(a_word_without_a_key_is_refused),
        cmocka_unit_test(a_request_is_made_member_by_member),
        cmocka_unit_test(an_alert_is_named_by_its_parts),
        cmocka_unit_test(who_acts_is_the_user_unless_said),
    };
    return cmocka_run_group_tests_name("ask_request", tests, NULL, tear_down);
}
