/* What InfluxDB says of its fields, and which records become of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "influx/line.h"
#include "writer/server_types.h"
#include "writer/shape/type_table.h"
#include "writer/shape/types_record.h"

#define NOW_NS (1792000000 * CLOCK_NS_PER_S)

struct world {
    char folder[64];
    struct journal *journal;
    struct journal_reader *reader;
    struct server_types st;
    void *known;
};

static int open_world(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    struct journal_options options = {.max_bytes = 16 << 20, .clock = clock_system()};
    *state = w;
    snprintf(w->folder, sizeof w->folder, "/tmp/hearthline-test-XXXXXX");
    options.path = mkdtemp(w->folder);
    w->known = types_stage.open(NULL);
    if (!options.path || journal_open(&options, &w->journal, NULL) != ERR_OK)
        return -1;
    w->st.journal = w->journal;
    return journal_reader_open(w->journal, (struct journal_position){0}, &w->reader);
}

static int close_world(void **state)
{
    struct world *w = *state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", w->folder);
    server_types_free(&w->st);
    journal_reader_close(w->reader);
    journal_close(w->journal);
    types_stage.close(w->known);
    free(w);
    return system(command);
}

static uint64_t id(const char *measurement, const char *key)
{
    return field_id(field_id_measurement(text_of(measurement)), text_of(key));
}

/* Lets the memory hear the next record; how many fields it speaks of, 0 when there is none. */
static size_t hear(struct world *w)
{
    struct journal_record record;
    uint64_t lost;
    if (journal_read(w->reader, &record, &lost, NULL) != ERR_OK)
        return 0;
    assert_int_equal(record.type, JOURNAL_TYPES);
    types_stage.heard(w->known, &record);
    server_types_folded(&w->st, journal_reader_position(w->reader).number);
    return record.payload.len / TYPES_RECORD_ENTRY;
}

static void assert_type(struct world *w, const char *measurement, const char *key,
                        enum field_type due)
{
    enum field_type type;
    assert_true(types_find(w->known, id(measurement, key), &type));
    assert_int_equal(type, due);
}

static void list(struct world *w, const char *series, bool all_delivered)
{
    struct table *table = NULL;
    struct buf body = {0};
    buf_printf(&body, "{\"results\":[{\"statement_id\":0,\"series\":[%s]}]}", series);
    assert_int_equal(table_read(text_of(buf_cstr(&body)), &table, NULL), ERR_OK);
    server_types_listed(&w->st, table, w->known, all_delivered);
    table_free(table);
    buf_free(&body);
}

#define SERIES(name, values)                                                                       \
    "{\"name\":\"" name "\",\"columns\":[\"fieldKey\",\"fieldType\"],\"values\":[" values "]}"

static void a_list_says_what_is_new_once(void **state)
{
    struct world *w = *state;
    static const char fields[] =
        SERIES("m", "[\"i\",\"integer\"],[\"s\",\"string\"],[\"b\",\"boolean\"],"
                    "[\"f\",\"float\"],[\"u\",\"unsigned\"],[null,1]") "," //
        SERIES("n", "[\"i\",\"float\"]");
    list(w, "{\"name\":\"m\",\"columns\":[\"a\"],\"values\":[[1]]}", true); /* not such a list */
    assert_int_equal(hear(w), 0);
    list(w, fields, true);
    list(w, fields, true); /* it was said, though the fold has not come to it */
    assert_int_equal(hear(w), 5);
    assert_int_equal(hear(w), 0);
    assert_type(w, "m", "i", FIELD_INTEGER);
    assert_type(w, "m", "s", FIELD_TEXT);
    assert_type(w, "m", "b", FIELD_BOOL);
    assert_type(w, "m", "f", FIELD_NUMBER);
    assert_type(w, "n", "i", FIELD_NUMBER);
    list(w, SERIES("m", "[\"s\",\"string\"],[\"i\",\"integer\"]"), false);
    assert_int_equal(hear(w), 0);
}

static void of_several_types_the_known_one_stays(void **state)
{
    struct world *w = *state;
    list(w,
         SERIES("m", "[\"a\",\"boolean\"],[\"a\",\"string\"],[\"b\",\"integer\"],"
                     "[\"b\",\"float\"]"),
         true);
    assert_int_equal(hear(w), 2);
    assert_type(w, "m", "a", FIELD_TEXT);
    assert_type(w, "m", "b", FIELD_NUMBER);
    list(w, SERIES("m", "[\"a\",\"float\"],[\"a\",\"string\"],[\"b\",\"float\"]"), true);
    assert_int_equal(hear(w), 0);
    list(w, SERIES("m", "[\"a\",\"float\"],[\"b\",\"string\"]"), true); /* neither is left */
    assert_int_equal(hear(w), 2);
    assert_type(w, "m", "a", FIELD_NUMBER);
    assert_type(w, "m", "b", FIELD_TEXT);
}

static void what_the_server_lost_is_forgotten_when_nothing_is_on_its_way(void **state)
{
    struct world *w = *state;
    list(w, SERIES("m", "[\"a\",\"float\"],[\"b\",\"float\"]"), true);
    assert_int_equal(hear(w), 2);
    list(w, SERIES("m", "[\"a\",\"float\"]"), false);
    assert_int_equal(hear(w), 0);
    list(w, SERIES("m", "[\"a\",\"float\"]"), true);
    assert_int_equal(hear(w), 1);
    assert_int_equal(types_count(w->known), 1);
    list(w,
         "{\"name\":\"m\",\"columns\":[\"fieldKey\",\"fieldType\"],\"partial\":true,"
         "\"values\":[[\"z\",\"float\"]]}",
         true); /* rows were left out: nothing is known of the others */
    assert_int_equal(hear(w), 1);
    assert_int_equal(types_count(w->known), 2);
    list(w, "", true);
    assert_int_equal(hear(w), 2);
    assert_int_equal(types_count(w->known), 0);
}

static void a_long_list_is_several_records(void **state)
{
    struct world *w = *state;
    struct buf series = {0};
    buf_string(&series, "{\"name\":\"m\",\"columns\":[\"fieldKey\",\"fieldType\"],\"values\":[");
    for (int i = 0; i < 15000; i++)
        buf_printf(&series, "%s[\"f%d\",\"string\"]", i ? "," : "", i);
    buf_string(&series, "]}");
    list(w, buf_cstr(&series), true);
    buf_free(&series);
    assert_int_equal(hear(w), 7000);
    assert_int_equal(hear(w), 7000);
    assert_int_equal(hear(w), 1000);
    assert_int_equal(types_count(w->known), 15000);
}

/* What nobody can keep is not said, each start anew. */
static void a_full_memory_hears_only_of_what_it_has(void **state)
{
    struct world *w = *state;
    struct buf payload = {0};
    for (uint64_t i = 0; i < TYPE_TABLE_FIELDS - 1; i++)
        types_record_add(&payload, i * UINT64_C(0x9e3779b97f4a7c15), FIELD_NUMBER);
    types_record_add(&payload, id("m", "old"), FIELD_NUMBER);
    types_stage.heard(
        w->known, &(struct journal_record){.type = JOURNAL_TYPES, .payload = buf_view(&payload)});
    buf_free(&payload);
    assert_int_equal(types_count(w->known), TYPE_TABLE_FIELDS);
    list(w, SERIES("m", "[\"new\",\"string\"],[\"old\",\"string\"]"), false);
    assert_int_equal(hear(w), 1);
    assert_type(w, "m", "old", FIELD_TEXT);
    server_types_refused(&w->st, TEXT("m new=1 1792000000000000000\n"),
                         "partial write: field type conflict: input field \"new\" on measurement "
                         "\"m\" is type float, already exists as type string dropped=1",
                         NOW_NS, w->known);
    assert_int_equal(hear(w), 0);
    list(w, SERIES("m", "[\"new\",\"string\"],[\"old\",\"string\"]"), true);
    while (hear(w) > 0)
        ;
    assert_int_equal(types_count(w->known), 2);
}

#define CONFLICT "partial write: field type conflict: input field "
#define HOSTILE(end)                                                                               \
    "f\"\\ on\\ measurement\\ \"m\"\\ is\\ type\\ float\\,\\ already\\ exists\\ as\\ type\\ "      \
    "string" end
#define V3(column) "invalid column type for column '" column "', expected iox::column_type::"

static void words_of_a_conflict(void **state)
{
    (void)state;
    static const struct {
        const char *line, *words, *key;
        enum field_type type;
    } rows[] = {
        {"m,d=a g=2,f=1 5",
         CONFLICT "\"f\" on measurement \"m\" is type float, already exists as type string "
                  "dropped=1",
         "f", FIELD_TEXT},
        {"m f=1 5",
         "failure writing points to database: " CONFLICT
         "\"f\" on measurement \"m\" is type float, already exists as type integer dropped=1",
         "f", FIELD_INTEGER},
        {"n\\ 1\\,2 f\"\\ x=1 5",
         CONFLICT "\"f\" x\" on measurement \"n 1,2\" is type float, already exists as type "
                  "boolean dropped=1",
         "f\" x", FIELD_BOOL},
        {"m f=1 5", V3("f") "field::string, got iox::column_type::field::float", "f", FIELD_TEXT},
        {"m f=1 5", V3("f") "tag, got iox::column_type::field::float", NULL, 0},
        {"m f=1 5", V3("g") "field::string, got iox::column_type::field::float", NULL, 0},
        {"m f=1 5", "partial write: points beyond retention policy dropped=1", NULL, 0},
        {"m f=1 5", "", NULL, 0},
        {"m f=1 5", CONFLICT "\"f\" on measurement \"m\" is type float, already exists as type ",
         NULL, 0},
        {"m f=1 5",
         CONFLICT "\"f\" on measurement \"other\" is type float, already exists as type "
                  "string dropped=1",
         NULL, 0},
        /* Names that look like the words around them teach nothing of another field. */
        {"m f=1," HOSTILE("") "=1 5",
         CONFLICT "\"f\" on measurement \"m\" is type float, already exists as type string\" on "
                  "measurement \"m\" is type float, already exists as type integer dropped=1",
         "f\" on measurement \"m\" is type float, already exists as type string", FIELD_INTEGER},
        {"m f=1," HOSTILE("\\ dropped\\=2") "=1 5",
         CONFLICT "\"f\" on measurement \"m\" is type float, already exists as type string "
                  "dropped=2\" on measurement \"m\" is type float, already exists as type integer "
                  "dropped=1",
         "f\" on measurement \"m\" is type float, already exists as type string dropped=2",
         FIELD_INTEGER},
    };
    static struct point point;
    struct buf scratch = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct text key;
        enum field_type type;
        assert_int_equal(line_parse(text_of(rows[i].line), &scratch, &point, NULL), ERR_OK);
        bool got = server_types_conflict(&point, rows[i].words, &key, &type);
        if (got != (rows[i].key != NULL) ||
            (got && (type != rows[i].type || !text_equal(key, text_of(rows[i].key)))))
            fail_msg("row %zu: %s", i, rows[i].words);
    }
    buf_free(&scratch);
}

static void a_refusal_teaches_once_and_only_of_now(void **state)
{
    struct world *w = *state;
    static const char words[] = CONFLICT
        "\"f\" on measurement \"m\" is type float, already exists as type string dropped=1";
    server_types_refused(&w->st, TEXT("m f=1 1791000000000000000\n"), words, NOW_NS, w->known);
    assert_int_equal(hear(w), 0); /* another shard */
    server_types_refused(&w->st, TEXT("m f=1 1792000000000000000\n"), words, NOW_NS, w->known);
    server_types_refused(&w->st, TEXT("m f=2 1792000000000000001\n"), words, NOW_NS, w->known);
    assert_int_equal(hear(w), 1);
    assert_int_equal(hear(w), 0);
    assert_type(w, "m", "f", FIELD_TEXT);
    server_types_refused(&w->st, TEXT("m f=3 1792000000000000002\n"), words, NOW_NS, w->known);
    assert_int_equal(hear(w), 0); /* it is known */
    server_types_refused(&w->st, TEXT("no line"), words, NOW_NS, w->known);
    assert_int_equal(hear(w), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
    const struct CMUnitTest tests[] = {
        TEST(a_list_says_what_is_new_once),
        TEST(of_several_types_the_known_one_stays),
        TEST(what_the_server_lost_is_forgotten_when_nothing_is_on_its_way),
        TEST(a_long_list_is_several_records),
        TEST(a_full_memory_hears_only_of_what_it_has),
        TEST(words_of_a_conflict),
        TEST(a_refusal_teaches_once_and_only_of_now),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
