#include "decode_lines.h"

#define WRITER "hearthline/services/hearthline-writer/metrics"

static void figures_become_fields_and_the_rest_is_left_out(void **state)
{
    static const struct decode_lines_case cases[] = {
        {WRITER,
         "{\"schema\":1,\"service\":\"hearthline-writer\",\"instance\":\"a1\","
         "\"time\":\"2026-01-02T03:04:05Z\",\"state\":\"online\",\"events_processed\":12,"
         "\"success_rate\":null,\"rejected_by_reason\":{\"not_json\":2},\"full\":false,\"list\":[1]"
         "}",
         "service_metrics,service=hearthline-writer "
         "events_processed=12,rejected_by_reason.not_json=2,full=false 1767323045000000000\n",
         NULL},
        {WRITER, "{\"n\":1}", "service_metrics,service=hearthline-writer n=1\n", NULL},
        {WRITER, "{\"n\":1,\"\":4}", "service_metrics,service=hearthline-writer n=1\n", NULL},
        {"jobs", "{\"service\":\"backup\",\"n\":1}", "service_metrics,service=backup n=1\n", NULL},
        {WRITER, "", "rejected empty\n", NULL},
        {WRITER, "online", "rejected not_json\n", NULL},
        {WRITER, "[{\"n\":1}]", "rejected wrong_shape\n", "an array"},
        {WRITER, "{\"state\":\"online\"}", "rejected no_fields\n", NULL},
        {WRITER, "{\"n\":1,\"time\":\"now\"}", "rejected bad_time\n", NULL},
        {"jobs", "{\"n\":1}", "rejected wrong_shape\n", "+service"},
        {"hearthline/services/a/status", "{\"state\":\"online\"}", "no source", NULL},
    };
    (void)state;
    DECODE_LINES_CHECK(cases);
}

static void more_figures_than_fit_are_left_out(void **state)
{
    (void)state;
    struct settings settings = DECODE_LINES_SETTINGS;
    struct decode_lines *lines = decode_lines_open(&settings);
    struct buf message = {0};
    buf_char(&message, '{');
    for (int i = 0; i < 600; i++)
        buf_printf(&message, "\"f%d\":1,", i);
    buf_string(&message, "\"f0\":2}");
    (void)decode_lines_of(lines, TEXT(WRITER), TEXT(""), buf_view(&message));
    assert_int_equal(lines->points, 1);
    buf_free(&message);
    decode_lines_close(lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_become_fields_and_the_rest_is_left_out),
        cmocka_unit_test(more_figures_than_fit_are_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
