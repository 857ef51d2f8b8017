#include "decode_lines.h"

static char *word(const char *text)
{
    return (char *)(uintptr_t)text;
}

/* Opens one source of json and gives why it was refused; "" when it was not. */
static const char *refused(struct settings_source source)
{
    static struct err_reason why;
    struct settings settings = {.topic_root = word("hearthline"),
                                .writer = {.sources = &source, .sources_count = 1}};
    struct sources *sources = NULL;
    why.text[0] = '\0';
    source.decoder = word("json");
    source.filter = word("a/#");
    if (sources_open(&settings, &sources, &why) == ERR_OK)
        sources_close(sources);
    return why.text;
}

static void what_cannot_be_prepared_is_refused_with_its_key(void **state)
{
    static char long_name[300];
    memset(long_name, 'x', sizeof long_name - 1);
    struct settings_tag path[] = {{word("t"), word("a..b")}};
    struct settings_tag many[] = {{word("t"), word("a[*].b")}};
    struct settings_tag name[] = {{long_name, word("a")}};
    const struct {
        struct settings_source source;
        const char *words;
    } cases[] = {
        {{.fields = path, .fields_count = 1},
         "writer.sources[0].fields.t: \"a..b\": a key at byte 3"},
        {{.tag_paths = path, .tag_paths_count = 1}, "writer.sources[0].tag_paths.t: \"a..b\""},
        {{.tag_paths = many, .tag_paths_count = 1}, "tag_paths.t: \"a[*].b\" names many"},
        {{.fields = name, .fields_count = 1}, "299 bytes"},
        {{.time_path = word("x[")}, "writer.sources[0].time_path: \"x[\": an index"},
        {{.time_path = word("x[*]")}, "time_path: \"x[*]\" names many"},
        {{.elements = word("..")}, "writer.sources[0].elements: \"..\": a key at byte 1"},
        {{.time_path = word("t"), .time_format = SETTINGS_TIME_ISO_LOCAL}, "timezone: is empty"},
        {{.timezone = word("Europe/Atlantis")}, "writer.sources[0].timezone: \"Europe/Atlantis\""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *words = refused(cases[i].source);
        if (!strstr(words, cases[i].words))
            fail_msg("says \"%s\", expected \"%s\"", words, cases[i].words);
    }
    assert_string_equal(refused((struct settings_source){.fields = many, .fields_count = 1}), "");
}

/* More elements than there are places without a time: the rest costs itself. */
static void only_so_many_elements_go_without_a_time(void **state)
{
    struct settings_source source = {
        .decoder = word("json"), .filter = word("a"), .elements = word("list[*].in")};
    struct settings settings = {.topic_root = word("hearthline"),
                                .writer = {.sources = &source, .sources_count = 1}};
    struct decode_lines *lines = decode_lines_open(&settings);
    struct buf message = {0};
    (void)state;
    buf_string(&message, "{\"list\":[");
    for (unsigned i = 0; i < 11; i++) {
        buf_string(&message, i ? ",{\"in\":[" : "{\"in\":[");
        for (unsigned j = 0; j < 100; j++)
            buf_string(&message, j ? ",{\"v\":1}" : "{\"v\":1}");
        buf_string(&message, "]}");
    }
    buf_string(&message, "]}");
    (void)decode_lines_of(lines, TEXT("a"), TEXT(""), buf_view(&message));
    assert_int_equal(lines->points, DECODE_MAX_UNTIMED);
    assert_int_equal(lines->rejects, 1100 - DECODE_MAX_UNTIMED);
    assert_true(lines->last_free >= DECODE_MAX_UNTIMED);
    buf_free(&message);
    decode_lines_close(lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_prepared_is_refused_with_its_key),
        cmocka_unit_test(only_so_many_elements_go_without_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
