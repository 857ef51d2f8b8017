/* docs/requests.md against the code: each request's table of keys is the code's, each request on
 * the page is read, each answer is what its JSON Schema says, and nothing is without an example. */
#include <dirent.h>

#include "json_schema.h"
#include "messages.h"

static struct buf page;

static int set_up(void **state)
{
    messages_read_file("docs/requests.md", &page);
    buf_cstr(&page);
    return messages_open(state);
}

static int tear_down(void **state)
{
    buf_free(&page);
    return messages_close(state);
}

static void the_tables_of_keys_are_those_of_the_code(void **state)
{
    (void)state;
    struct buf part = {0};
    for (size_t i = 0; request_tables[i]; i++) {
        buf_reset(&part);
        fields_help(request_tables[i], &part);
        if (!memmem(page.data, page.len, part.data, part.len))
            fail_msg("docs/requests.md lacks the table of %s:\n%s", request_tables[i]->name,
                     buf_cstr(&part));
    }
    buf_free(&part);
}

/* The example behind *at that is fenced as `name`; *at moves behind it. False when there is none.
 */
static bool example(const char *name, const char **at, struct text *ret_text)
{
    char fence[96];
    snprintf(fence, sizeof fence, "\n```json %s\n", name);
    const char *start = strstr(*at, fence);
    const char *end = start ? strstr(start + strlen(fence), "\n```\n") : NULL;
    if (!end)
        return false;
    start += strlen(fence);
    *ret_text = (struct text){start, (size_t)(end - start)};
    *at = end;
    return true;
}

static void check_schema(const char *name, struct text json)
{
    struct json_schema_reason why;
    if (!json_schema_holds(name, json, &why))
        fail_msg("%s: %.*s\n%s", name, TEXT_ARGS(json), why.text);
}

static void every_request_has_examples_and_all_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; request_tables[i]; i++) {
        const char *at = page.data, *name = request_tables[i]->name;
        unsigned seen = 0;
        for (struct text json; example(name, &at, &json); seen++) {
            struct request request;
            struct err_reason why = {""};
            if (request_decode(request_tables[i], messages_parse(json), &request, &why) != ERR_OK)
                fail_msg("%s: %.*s: %s", name, TEXT_ARGS(json), why.text);
            check_schema(name, json);
        }
        if (seen == 0)
            fail_msg("no example of %s in docs/requests.md", name);
    }
}

static void every_answer_has_examples_and_all_hold(void **state)
{
    (void)state;
    DIR *folder = opendir(HEARTHLINE_SOURCE_DIR "/schemas");
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder));) {
        char *end = strstr(entry->d_name, ".schema.json");
        if (!end || strncmp(entry->d_name, "answer_", strlen("answer_")) != 0)
            continue;
        *end = '\0';
        const char *at = page.data;
        unsigned seen = 0;
        for (struct text json; example(entry->d_name, &at, &json); seen++)
            check_schema(entry->d_name, json);
        if (seen == 0)
            fail_msg("no example of %s in docs/requests.md", entry->d_name);
    }
    closedir(folder);
}

#define ENVELOPE                                                                                   \
    "\"schema\":1,\"timestamp\":\"2026-11-20T10:00:00Z\",\"cached\":true,\"cache_age_s\":1.5"

/* That a schema refuses is what makes the examples above mean something. */
static const struct {
    const char *schema, *json, *words;
} wrong[] = {
    {"answer_nothing", "{}", "no schema of this name"},
    {"answer_error", "{", "one JSON value"},
    {"answer_error", "{} {}", "one JSON value"},
    {"answer_error", "[]", "type"},
    {"answer_error", "{}", "required"},
    {"answer_error", "{" ENVELOPE ",\"error\":{\"code\":\"oops\",\"message\":\"m\"}}",
     "error.code: \"oops\""},
    {"answer_error", "{" ENVELOPE ",\"error\":{\"code\":\"busy\",\"message\":\"\"}}",
     "error.message: \"\" is here, minLength"},
    {"answer_error", "{" ENVELOPE ",\"error\":{\"code\":\"busy\",\"message\":\"m\",\"x\":1}}",
     "error.x"},
    {"answer_error",
     "{\"schema\":2,\"timestamp\":\"2026-11-20T10:00:00Z\",\"error\":{\"code\":\"busy\","
     "\"message\":\"m\"}}",
     "schema: 2"},
    {"answer_error",
     "{\"schema\":1,\"timestamp\":\"yesterday\",\"error\":{\"code\":\"busy\",\"message\":\"m\"}}",
     "timestamp: \"yesterday\" is here, format"},
    {"answer_endpoints", "{" ENVELOPE ",\"endpoints\":[{\"endpoint\":7}]}", "endpoints[0]"},
    {"answer_alerts_acknowledge", "{" ENVELOPE ",\"acknowledged\":-1,\"alerts\":[]}", "minimum"},
    {"answer_alerts_acknowledge", "{" ENVELOPE ",\"acknowledged\":1.5,\"alerts\":[]}", "integer"},
    {"answer_alerts_acknowledge", "{" ENVELOPE ",\"acknowledged\":0,\"alerts\":[{}]}",
     "alerts[0]: {} is here, required"},
    {"answer_alerts_active",
     "{\"schema\":1,\"timestamp\":\"2026-11-20T10:00:00Z\",\"count\":0,\"firing\":0,"
     "\"acknowledged\":0,\"alerts\":[{\"schema\":1,\"service\":\"a\",\"rule\":\"r\",\"subject\":"
     "\"\",\"state\":\"burning\",\"level\":\"info\",\"message\":\"\",\"timestamp\":"
     "\"2026-11-20T10:00:00Z\"}]}",
     "alerts[0].state: \"burning\""},
    {"request_history", "{\"measurement\":\"m\",\"field\":\"f\",\"tags\":{\"\":\"x\"}}",
     "minLength"},
    {"request_history", "{\"measurement\":\"m\",\"field\":\"f\",\"percentile\":0}",
     "percentile: 0 is here, exclusiveMinimum"},
    {"request_history", "{\"measurement\":\"m\",\"field\":\"f\",\"points\":2001}", "maximum"},
    {"request_stats", "{\"perod\":\"1h\"}", "perod"},
    {"service_metrics",
     "{\"schema\":1,\"service\":\"a\",\"time\":\"2026-11-20T10:00:00Z\",\"rejected_by_reason\":"
     "{\"12345678901234567890123456789012\":1}}",
     "maxLength"},
};

static void a_schema_refuses_what_is_not_right(void **state)
{
    (void)state;
    for (size_t i = 0; i < MESSAGES_COUNT(wrong); i++) {
        struct json_schema_reason why = {""};
        if (json_schema_holds(wrong[i].schema, text_of(wrong[i].json), &why) ||
            !strstr(why.text, wrong[i].words))
            fail_msg("%s: %s: %s", wrong[i].schema, wrong[i].json, why.text);
    }
}

/* An answer of history with these rows. */
static bool rows_hold(const char *rows)
{
    static const char start[] =
        "{" ENVELOPE ",\"measurement\":\"m\",\"field\":\"f\",\"tags\":{},\"aggregate\":\"mean\","
        "\"period\":\"1h\",\"from\":\"2026-11-20T09:00:00Z\",\"to\":\"2026-11-20T10:00:00Z\","
        "\"window\":\"1h\",\"time_zone\":\"UTC\",\"points\":1,\"source\":\"influxdb\",\"rows\":";
    struct buf json = {0};
    struct json_schema_reason why = {""};
    buf_printf(&json, "%s%s}", start, rows);
    bool good = json_schema_holds("answer_history", buf_view(&json), &why);
    buf_free(&json);
    return good;
}

static void a_row_is_a_time_and_a_value(void **state)
{
    (void)state;
    static const char *const good[] = {"[]", "[[1,2.5]]", "[[1,null],[2,\"on\"]]",
                                       "[[1,{\"on\":3.5}]]"};
    static const char *const bad[] = {
        "[1]",         "[[1]]",    "[[1,2,3]]",         "[[1.5,2]]",
        "[[\"1\",2]]", "[[1,[]]]", "[[1,{\"on\":-1}]]", "[[1,{\"on\":\"x\"}]]"};
    for (size_t i = 0; i < MESSAGES_COUNT(good); i++)
        if (!rows_hold(good[i]))
            fail_msg("%s", good[i]);
    for (size_t i = 0; i < MESSAGES_COUNT(bad); i++)
        if (rows_hold(bad[i]))
            fail_msg("%s", bad[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tables_of_keys_are_those_of_the_code),
        cmocka_unit_test(every_request_has_examples_and_all_are_read),
        cmocka_unit_test(every_answer_has_examples_and_all_hold),
        cmocka_unit_test(a_schema_refuses_what_is_not_right),
        cmocka_unit_test(a_row_is_a_time_and_a_value),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
