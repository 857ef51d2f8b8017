#include "decode_lines.h"

#define LINE "hearthline/line"

static void each_line_is_a_point(void **state)
{
    static const struct decode_lines_case cases[] = {
        {LINE, "cpu,host=a usage=5.5 1767323045000000000",
         "cpu,host=a usage=5.5 1767323045000000000\n", NULL},
        {LINE, "cpu usage=5.5\n", "cpu usage=5.5\n", NULL},
        {LINE, "a b=1\r\n# remark\n\nc d=2i,e=t,f=\"x y\" 5\n",
         "a b=1\nc d=2i,e=true,f=\"x y\" 5\n", NULL},
        {LINE, "a b=\"one\ntwo\"\nc d=1", "a b=\"one\ntwo\"\nc d=1\n", NULL},
        {LINE, "a\\ b,t\\,1=x\\=y f\\ 1=1", "a\\ b,t\\,1=x\\=y f\\ 1=1\n", NULL},
        {"telegraf/x", "cpu usage=5.5", "cpu usage=5.5\n", NULL},
    };
    (void)state;
    DECODE_LINES_CHECK(cases);
}

static void a_bad_line_costs_itself(void **state)
{
    static const struct decode_lines_case cases[] = {
        {LINE, "", "rejected empty\n", "no line"},
        {LINE, "\n# remark\n", "rejected empty\n", "no line"},
        {LINE, "nonsense", "rejected not_line\n", NULL},
        {LINE, "nonsense\n\n", "rejected not_line\n", NULL},
        {LINE, "a b=nan", "rejected not_line\n", NULL},
        {LINE, "a b=\xff", "rejected not_utf8\n", NULL},
        {LINE, "a b=\"\xff\"", "rejected not_utf8\n", NULL},
        {LINE, "a b=1\nnonsense\nc d=2\ne,x=\xff f=1",
         "a b=1\nrejected not_line: nonsense\nc d=2\nrejected not_utf8: e,x=\xff f=1\n", NULL},
        {LINE, "nonsense\nalso", "rejected not_line: nonsense\nrejected not_line: also\n", NULL},
        {LINE, "{\"a\":1}", "rejected not_line\n", NULL},
    };
    (void)state;
    DECODE_LINES_CHECK(cases);
}

static void lines_without_a_time_are_bounded(void **state)
{
    (void)state;
    struct settings settings = DECODE_LINES_SETTINGS;
    struct decode_lines *lines = decode_lines_open(&settings);
    struct buf message = {0};
    for (int i = 0; i < 1026; i++)
        buf_printf(&message, "a b=%d\nbad\nc d=1 %d\n", i, i);
    (void)decode_lines_of(lines, TEXT(LINE), TEXT(""), buf_view(&message));
    assert_int_equal(lines->points, 1024 + 1026);
    assert_int_equal(lines->rejects, 1026 + 2); /* the bad ones cost themselves only */
    assert_int_equal(lines->last_free, 1024 + 1026 + 1);
    buf_reset(&message);
    for (int i = 0; i < 512; i++)
        buf_printf(&message, "a b=%d\nbad\n", i);
    message.len--; /* 1024 lines */
    (void)decode_lines_of(lines, TEXT(LINE), TEXT(""), buf_view(&message));
    assert_int_equal(lines->points, 512);
    assert_int_equal(lines->last_place, 1022);
    assert_int_equal(lines->last_free, 1023);
    buf_free(&message);
    decode_lines_close(lines);
}

static void tags_of_the_source_are_added(void **state)
{
    static struct settings_tag own[] = {{(char *)"host", (char *)"source"},
                                        {(char *)"via", (char *)"t"}};
    static struct settings_source source = {.decoder = (char *)"line",
                                            .filter = (char *)"t/+rack",
                                            .measurement = (char *)"unused",
                                            .tags = own,
                                            .tags_count = 2};
    struct settings settings = {
        .topic_root = (char *)"hearthline", .writer.sources = &source, .writer.sources_count = 1};
    (void)state;
    struct decode_lines *lines = decode_lines_open(&settings);
    assert_string_equal(
        decode_lines_of(lines, TEXT("t/7"), TEXT(""), TEXT("cpu,host=a u=1\ncpu u=2")),
        "cpu,host=a,rack=7,via=t u=1\ncpu,host=source,rack=7,via=t u=2\n");
    decode_lines_close(lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_line_is_a_point),
        cmocka_unit_test(a_bad_line_costs_itself),
        cmocka_unit_test(lines_without_a_time_are_bounded),
        cmocka_unit_test(tags_of_the_source_are_added),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
