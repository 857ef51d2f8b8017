/* Answers as a person reads them: what stands where, what is not known, and that nothing from the
 * bus steers the terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/asking.h"
#include "cli/grid.h"
#include "cli/render.h"
#include "cli/say.h"

static struct value_document *document;
static struct buf out;

static int set_up(void **state)
{
    (void)state;
    document = value_document_new();
    return document ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    value_document_free(document);
    buf_free(&out);
    return 0;
}

static struct value parse(const char *json)
{
    struct value root = {0};
    struct err_reason why = {""};
    if (value_parse(document, VALUE_JSON, text_of(json), &root, &why) != ERR_OK)
        fail_msg("%s: %s", json, why.text);
    return root;
}

static const struct {
    const char *json, *shown;
} answers[] = {
    {"{}", "\n"},
    {"{\"schema\":1,\"timestamp\":\"T\",\"cached\":false,\"cache_age_s\":0}", "T\n"},
    {"{\"timestamp\":\"T\",\"period\":\"1h\",\"from\":\"A\",\"to\":\"B\",\"source\":\"influxdb\","
     "\"age_s\":4.25,\"cached\":true,\"cache_age_s\":2.0004,\"window\":\"5m\"}",
     "T  period 1h (A to B)  from influxdb, 4.25 s old  kept for 2 s\n"
     "window  5m\n"},
    {"{\"timestamp\":\"T\",\"age_s\":null,\"source\":\"services-fallback\"}",
     "T  from services-fallback\n"},
    {"{\"metrics\":{\"total_events\":7214,\"error_rate_percent\":null,\"rate\":120.23333333,"
     "\"services\":{\"writer\":{\"events_processed\":9,\"state\":\"online\"},"
     "\"a\":{\"events_processed\":1234,\"state\":null}}}}",
     "\n\nmetrics\n"
     "  total_events           7214\n"
     "  error_rate_percent        -\n"
     "  rate                120.233\n"
     "\nmetrics.services\n"
     "          events_processed  state\n"
     "  writer                 9  online\n"
     "  a                   1234  -\n"},
    {"{\"trends\":[{\"time\":\"A\",\"count\":40,\"errors\":0},{\"time\":\"B\",\"count\":1,"
     "\"errors\":2},"
     "{\"time\":\"C\",\"count\":null,\"errors\":null}]}",
     "\n\ntrends\n"
     "  time  count  errors\n"
     "  A        40       0  ########################################\n"
     "  B         1       2  #\n"
     "  C         -       -\n"},
    {"{\"trends\":[{\"count\":1e999},{\"count\":-5}]}", "\n\ntrends\n  count\n      -\n     -5\n"},
    {"{\"alerts\":[{\"schema\":1,\"service\":\"system\",\"rule\":\"device_silent\",\"subject\":\"k/"
     "1\","
     "\"level\":\"warning\",\"state\":\"firing\",\"timestamp\":\"T\",\"message\":\"m\","
     "\"silenced\":true},{\"service\":\"writer\",\"rule\":\"error_rate\",\"subject\":\"\","
     "\"level\":\"error\",\"state\":\"acknowledged\",\"timestamp\":\"U\",\"message\":\"n\"}]}",
     "\n\nalerts\n"
     "  warning  firing        T  system/device_silent/k/1  m  (silenced)\n"
     "  error    acknowledged  U  writer/error_rate         n\n"},
    {"{\"missing\":[],\"services\":{},\"tags\":{\"room\":\"attic\"}}",
     "\n\nmissing\n  none\n\nservices\n  none\n\ntags\n  room  attic\n"},
    {"{\"rows\":[[1795165200000,21.5],[1795167000000,null],[1795168800000,{\"on\":120.5,\"off\":1}]"
     "]}",
     "\n\nrows\n"
     "  2026-11-20T09:00:00Z  21.5\n"
     "  2026-11-20T09:30:00Z  -\n"
     "  2026-11-20T10:00:00Z  on=120.5 off=1\n"},
    {"{\"services\":{\"writer\":{\"metrics\":{\"events_processed\":9},\"trends\":null,\"alerts\":[]"
     "}}}",
     "\n\nservices\n          events_processed\n  writer                 9\n"},
    {"{\"devices\":[{\"device\":\"a\",\"values\":{\"t\":1,\"heating\":false,\"x\":{\"y\":1}}},"
     "{\"device\":\"b\",\"stale\":null,\"list\":[1,2,3]}]}",
     "\n\ndevices\n"
     "  device  values                  stale  list\n"
     "  a       t=1 heating=no x={...}\n"
     "  b                                   -     3\n"},
    {"{\"list\":[1,\"b\",null]}", "\n\nlist\n  1\n  b\n  -\n"},
};

static void an_answer_is_shown_by_its_shape(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        buf_reset(&out);
        render_answer(parse(answers[i].json), &out);
        if (strcmp(buf_cstr(&out), answers[i].shown) != 0)
            fail_msg("%s\nis shown as\n%sand should be\n%s", answers[i].json, buf_cstr(&out),
                     answers[i].shown);
    }
}

/* Names and values with an escape, a bell, a NUL, a line break and C1's CSI. */
static void nothing_steers_the_terminal(void **state)
{
    (void)state;
#define EVIL "\\u001b[2J\\u0007\\u0000\\n\\u009b1m\\u007f"
    static const char *const evil[] = {
        "{\"timestamp\":\"" EVIL "\",\"" EVIL "\":\"" EVIL "\"}",
        "{\"" EVIL "\":{\"" EVIL "\":\"" EVIL "\",\"x\":{\"" EVIL "\":[]}}}",
        "{\"" EVIL "\":{\"" EVIL "\":{\"" EVIL "\":\"" EVIL "\"}}}",
        "{\"trends\":[{\"" EVIL "\":{\"" EVIL "\":\"" EVIL "\"}}]}",
        "{\"alerts\":[{\"service\":\"" EVIL "\",\"message\":\"" EVIL "\",\"level\":\"" EVIL "\"}]}",
        "{\"rows\":[[1,\"" EVIL "\"],[2,{\"" EVIL "\":\"" EVIL "\"}]]}",
        "{\"list\":[\"" EVIL "\"]}",
    };
    for (size_t i = 0; i < sizeof evil / sizeof evil[0]; i++) {
        buf_reset(&out);
        render_answer(parse(evil[i]), &out);
        assert_false(out.failed);
        assert_non_null(strstr(buf_cstr(&out), "\\x1b[2J"));
        for (size_t k = 0; k < out.len; k++) {
            unsigned char c = (unsigned char)out.data[k];
            bool c1 = c == 0xc2 && k + 1 < out.len && (unsigned char)out.data[k + 1] < 0xa0;
            if ((c < 0x20 && c != '\n') || c == 0x7f || c1)
                fail_msg("%s: byte %zu is %02x", evil[i], k, c);
        }
    }
}

static void deep_and_long_answers_are_bounded(void **state)
{
    (void)state;
    struct buf json = {0};
    for (int i = 0; i < 400; i++)
        buf_string(&json, "{\"a\":1,\"b\":");
    buf_string(&json, "0");
    for (int i = 0; i < 400; i++)
        buf_char(&json, '}');
    buf_reset(&out);
    render_answer(parse(buf_cstr(&json)), &out);
    assert_true(out.len < 400);
    buf_reset(&json);
    buf_string(&json, "{\"devices\":[{\"v\":\"");
    for (int i = 0; i < 65536; i++)
        buf_char(&json, 'x');
    buf_string(&json, "\"}]}");
    buf_reset(&out);
    render_answer(parse(buf_cstr(&json)), &out);
    assert_true(out.len < 400);
    assert_non_null(strstr(buf_cstr(&out), "xxx...\n"));
    buf_free(&json);
}

static void an_error_is_said_and_is_a_status(void **state)
{
    (void)state;
    static const struct {
        const char *json, *words;
        int status;
    } rows[] = {
        {"{\"metrics\":{}}", "", 0},
        {"{\"error\":{\"code\":\"bad_request\",\"message\":\"no \\u001b[2J\"}}",
         "bad_request: no \\x1b[2J", 1},
        {"{\"error\":{\"code\":\"busy\",\"message\":\"later\"}}", "busy: later", 1},
        {"{\"error\":{\"code\":\"timeout\",\"message\":\"m\"}}", "timeout: m",
         ASKING_EXIT_UNANSWERED},
        {"{\"error\":7}", ": ", 1},
        {"[]", "the answer is no object", 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        buf_reset(&out);
        assert_int_equal(asking_status(parse(rows[i].json), &out), rows[i].status);
        assert_string_equal(buf_cstr(&out), rows[i].words);
    }
}

static void json_is_given_on_one_harmless_line(void **state)
{
    (void)state;
    buf_reset(&out);
    asking_json(TEXT("{\"a\":\n\t\"\xC2\x9B\x7F\xC3\xBC\xC2\xA0\\u001b\"}\r"), &out);
    assert_string_equal(buf_cstr(&out), "{\"a\":  \"\\u009b\\u007f\xC3\xBC\xC2\xA0\\u001b\"} \n");
}

static void columns_are_as_wide_as_their_widest_cell(void **state)
{
    (void)state;
    struct grid grid = {.columns = 3, .headed = true};
    static const char *const cells[] = {"name", "n",     "what", "\xC3\xBC", "7",
                                        "a",    "abcde", "-1.5", ""};
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++)
        grid_plain(&grid, cells[i]);
    buf_reset(&out);
    grid_write(&grid, 1, &out);
    assert_string_equal(buf_cstr(&out), " name      n  what\n"
                                        " \xC3\xBC         7  a\n"
                                        " abcde  -1.5\n");
    grid_free(&grid);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_shown_by_its_shape),
        cmocka_unit_test(nothing_steers_the_terminal),
        cmocka_unit_test(deep_and_long_answers_are_bounded),
        cmocka_unit_test(an_error_is_said_and_is_a_status),
        cmocka_unit_test(json_is_given_on_one_harmless_line),
        cmocka_unit_test(columns_are_as_wide_as_their_widest_cell),
    };
    return cmocka_run_group_tests_name("render", tests, set_up, tear_down);
}
