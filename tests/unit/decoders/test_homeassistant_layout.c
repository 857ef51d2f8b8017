/* What the layout homeassistant refuses at the start, and what of Python it goes by. What becomes
 * of states stands in tests/fixtures/homeassistant_layout.jsonl. */
#include "decode_lines.h"

#include "writer/decoders/entity_filter.h"
#include "writer/decoders/python.h"

static char *word(const char *text)
{
    return (char *)(uintptr_t)text;
}

/* Opens one source and gives why it was refused; "" when it was not. */
static const char *refused(const char *decoder, struct settings_source source)
{
    static struct err_reason why;
    struct settings settings = {.topic_root = word("hearthline"),
                                .writer = {.sources = &source, .sources_count = 1}};
    struct sources *sources = NULL;
    why.text[0] = '\0';
    source.decoder = word(decoder);
    source.filter = source.filter ? source.filter : word("a/#");
    source.layout = SETTINGS_LAYOUT_HOMEASSISTANT;
    if (sources_open(&settings, &sources, &why) == ERR_OK)
        sources_close(sources);
    return why.text;
}

static void what_the_layout_cannot_do_is_refused_with_words(void **state)
{
    char *set[] = {word("sensor.[ab]")};
    struct settings_tag keyed[] = {{word("sensor.[ab]"), word("m")}};
    const struct settings_source plain = {0}, states = {.filter = word("a/+/+/state")},
                                 included = {.include = {.globs = set, .globs_count = 1}},
                                 excluded = {.exclude = {.globs = set, .globs_count = 1}},
                                 named = {.override_measurements = keyed,
                                          .override_measurements_count = 1};
    (void)state;
    assert_string_equal(refused("homeassistant_eventstream", plain), "");
    assert_string_equal(refused("homeassistant_statestream", plain), "");
    assert_non_null(strstr(refused("homeassistant_statestream", states), "attributes"));
    for (unsigned i = 0; decoder_at(i); i++) {
        const char *name = decoder_at(i)->name;
        if (decoder_at(i)->homeassistant)
            continue;
        assert_non_null(strstr(refused(name, plain), "writer.sources[0].layout: homeassistant"));
        assert_non_null(strstr(refused(name, plain), "right would be hearthline"));
    }
    assert_non_null(strstr(refused("homeassistant_eventstream", included),
                           "sources[0].include_entity_globs: \"sensor.[ab]\""));
    assert_non_null(strstr(refused("homeassistant_eventstream", excluded), "exclude_entity_globs"));
    assert_non_null(strstr(refused("homeassistant_eventstream", named), "override_measurements"));
}

static void numbers_are_those_that_python_reads(void **state)
{
    static const struct {
        const char *text;
        double number;
    } finite[] = {
        {"1", 1},
        {"-2.5", -2.5},
        {"+3", 3},
        {" 4\t\r\n\v\f", 4},
        {"5.", 5},
        {".5", 0.5},
        {"1e3", 1000},
        {"1E-3", 1e-3},
        {"1_0.2_5e0_1", 102.5},
        {"1e-999", 0},
        {"0x1", -1},
        {"", -1},
        {" ", -1},
        {".", -1},
        {"e5", -1},
        {"1e", -1},
        {"1__0", -1},
        {"_1", -1},
        {"1_", -1},
        {"1_.5", -1},
        {"1._5", -1},
        {"1e_5", -1},
        {"1 2", -1},
        {"--1", -1},
        {"+-1", -1},
        {"1,5", -1},
        {"nano", -1},
        {"in", -1},
        {"on", -1},
        {"-", -1},
    };
    static const char *const others[] = {"nan",       "NaN",   "-nan", "inf",
                                         "+Infinity", " INF ", "1e999"};
    double number;
    (void)state;
    for (size_t i = 0; i < sizeof finite / sizeof finite[0]; i++) {
        number = -1;
        enum python_number kind = python_float(text_of(finite[i].text), &number);
        enum python_number due = finite[i].number == -1 ? PYTHON_NO_NUMBER : PYTHON_FINITE;
        if (kind != due || number != finite[i].number)
            fail_msg("\"%s\" gave %d, %g", finite[i].text, (int)kind, number);
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_int_equal(python_float(text_of(others[i]), &number), PYTHON_NOT_FINITE);
    assert_int_equal(python_float((struct text){"1\0", 2}, &number), PYTHON_NO_NUMBER);
}

static struct value parse(struct value_document *document, const char *json)
{
    struct value v;
    assert_int_equal(value_parse(document, VALUE_JSON, text_of(json), &v, NULL), ERR_OK);
    return v;
}

static void texts_are_those_that_python_shows(void **state)
{
    static const char *const cases[][2] = {
        {"\"as it's\"", "as it's"},
        {"null", "None"},
        {"true", "True"},
        {"[]", "[]"},
        {"{}", "{}"},
        {"[-5, -0.0, 0.5, 1e15, 1e16, 1e17, 1.25e22, 1e-4, 1e-5, 2.5e-300, 1e999, -1e999]",
         "[-5, -0.0, 0.5, 1000000000000000.0, 1e+16, 1e+17, 1.25e+22, 0.0001, 1e-05, 2.5e-300, "
         "inf, "
         "-inf]"},
        {"[123456.789, 0.00123, 1200.0, 100]", "[123456.789, 0.00123, 1200.0, 100]"},
        {"{\"a\": {\"b\": [false, \"c\"]}, \"d\": null}", "{'a': {'b': [False, 'c']}, 'd': None}"},
        {"[\"it's\", \"say \\\"x\\\"\", \"it's \\\"x\\\"\", \"\\\\\"]",
         "[\"it's\", 'say \"x\"', 'it\\'s \"x\"', '\\\\']"},
        {"[\"\\n\\r\\t\\u0001\\u007f\\u0085\\u00a0\\u00ad\\u00e9\"]",
         "['\\n\\r\\t\\x01\\x7f\\x85\\xa0\\xad\xc3\xa9']"},
    };
    struct value_document *document = value_document_new();
    struct buf out = {0};
    struct text text;
    (void)state;
    assert_non_null(buf_reserve(&out, 4096));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        buf_reset(&out);
        assert_true(python_text(parse(document, cases[i][0]), &out, &text));
        if (!text_equal(text, text_of(cases[i][1])))
            fail_msg("%s gave %.*s", cases[i][0], TEXT_ARGS(text));
    }
    buf_free(&out);
    value_document_free(document);
}

/* Neither depth nor size of a stranger's value moves or overruns the buffer. */
static void what_is_too_deep_or_too_long_leaves_the_buffer_as_it_was(void **state)
{
    struct value_document *document = value_document_new();
    struct buf out = {0};
    struct text text;
    (void)state;
    assert_non_null(buf_reserve(&out, 256));
    const char *data = out.data;
    char deep[2 * (PYTHON_MAX_DEPTH + 1) + 1] = "", *longest = calloc(1, out.capacity + 8);
    assert_non_null(longest);
    for (size_t i = 0; i <= PYTHON_MAX_DEPTH; i++) {
        deep[i] = '[';
        deep[2 * PYTHON_MAX_DEPTH + 1 - i] = ']';
    }
    buf_string(&out, "kept");
    assert_false(python_text(parse(document, deep), &out, &text));
    deep[2 * PYTHON_MAX_DEPTH + 1] = '\0';
    assert_true(python_text(parse(document, deep + 1), &out, &text));
    buf_cut(&out, 4);
    memset(longest, 'x', out.capacity);
    memcpy(longest, "[\"", 2);
    memcpy(longest + out.capacity - 2, "\"]", 2);
    assert_false(python_text(parse(document, longest), &out, &text));
    assert_ptr_equal(out.data, data);
    assert_false(out.failed);
    assert_true(text_equal(buf_view(&out), TEXT("kept")));
    free(longest);
    buf_free(&out);
    value_document_free(document);
}

static void patterns_match_whole_ids(void **state)
{
    static const struct {
        const char *pattern, *text;
        bool matches;
    } cases[] = {
        {"*", "", true},          {"*", "a.b", true},       {"a.b", "a.b", true},
        {"a.b", "a.bc", false},   {"a.?", "a.b", true},     {"a.?", "a.", false},
        {"a.?", "a.bc", false},   {"*.x_*", "a.x_b", true}, {"*.x_*", "a.y_x_b", false},
        {"*ab*ab", "abab", true}, {"*ab*ab", "ab", false},  {"*a*b*c", "aaabbbc", true},
        {"", "", true},           {"", "a", false},         {"**", "a", true},
        {"a*", "ba", false},      {"*b", "abab", true},     {"*b", "aba", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (entity_filter_glob(cases[i].pattern, text_of(cases[i].text)) != cases[i].matches)
            fail_msg("%s %s", cases[i].pattern, cases[i].text);
}

/* Attributes beyond what a point holds refuse the message; names that are too long cost themselves.
 */
static void more_attributes_than_fields_are_refused(void **state)
{
    static const char begin[] = "{\"event_type\":\"state_changed\",\"event_data\":{\"new_state\":{"
                                "\"entity_id\":\"a.b\",\"state\":\"1\",\"attributes\":{";
    struct settings_source source = {.decoder = word("homeassistant_eventstream"),
                                     .filter = word("ha"),
                                     .layout = SETTINGS_LAYOUT_HOMEASSISTANT};
    struct settings settings = {.topic_root = word("hearthline"),
                                .writer = {.sources = &source, .sources_count = 1}};
    struct decode_lines *lines = decode_lines_open(&settings);
    struct buf message = {0};
    (void)state;
    for (int more = 0; more < 2; more++) {
        buf_reset(&message);
        buf_printf(&message, "%s\"%0260d\":1", begin, 0);
        for (int i = 0; i < POINT_MAX_FIELDS - 1 + more; i++)
            buf_printf(&message, ",\"f%d\":1", i);
        buf_string(&message, "}}}}");
        const char *got = decode_lines_of(lines, TEXT("ha"), TEXT(""), buf_view(&message));
        if (more)
            assert_string_equal(got, "rejected too_many\n");
        else
            assert_non_null(strstr(got, "a.b,domain=a,entity_id=b value=1,f0=1,f1=1"));
    }
    buf_free(&message);
    decode_lines_close(lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_layout_cannot_do_is_refused_with_words),
        cmocka_unit_test(numbers_are_those_that_python_reads),
        cmocka_unit_test(texts_are_those_that_python_shows),
        cmocka_unit_test(what_is_too_deep_or_too_long_leaves_the_buffer_as_it_was),
        cmocka_unit_test(patterns_match_whole_ids),
        cmocka_unit_test(more_attributes_than_fields_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
