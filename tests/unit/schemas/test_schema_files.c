/* Each .schema.json and its C table say the same: a file is what fields_schema makes of the table,
 * laid out for a reader; those of readings and events are held against their tables of keys.
 * HEARTHLINE_WRITE_DOCS=1 writes the files. */
#include <cjson/cJSON.h>
#include <dirent.h>

#include "messages.h"

#define DIALECT "https://json-schema.org/draft/2020-12/schema"

static cJSON *property_of_key(const struct keys_row *row)
{
    static const struct {
        unsigned kinds;
        const char *type;
    } types[] = {
        {KEYS_TEXT, "string"}, {KEYS_NUMBER, "number"}, {KEYS_MAP, "object"}, {KEYS_NULL, "null"}};
    cJSON *property = cJSON_CreateObject();
    cJSON_AddStringToObject(property, "description", row->help);
    cJSON *list = cJSON_AddArrayToObject(property, "type");
    for (size_t i = 0; i < MESSAGES_COUNT(types); i++)
        if (row->kinds & types[i].kinds)
            cJSON_AddItemToArray(list, cJSON_CreateString(types[i].type));
    return property;
}

static void add_kinds(const struct keys_table *table, cJSON *properties)
{
    cJSON *kind = cJSON_GetObjectItemCaseSensitive(properties, "kind");
    cJSON *examples = cJSON_AddArrayToObject(kind, "examples");
    for (size_t i = 0; table->kinds[i]; i++)
        cJSON_AddItemToArray(examples, cJSON_CreateString(table->kinds[i]));
}

static cJSON *start_schema(const char *name, const char *help, cJSON **ret_required,
                           cJSON **ret_properties)
{
    cJSON *schema = cJSON_CreateObject();
    cJSON_AddStringToObject(schema, "$schema", DIALECT);
    cJSON_AddStringToObject(schema, "title", name);
    cJSON_AddStringToObject(schema, "description", help);
    *ret_required = cJSON_AddArrayToObject(schema, "required");
    *ret_properties = cJSON_AddObjectToObject(schema, "properties");
    return schema;
}

static cJSON *schema_of_keys(const struct keys_table *table)
{
    cJSON *required, *properties;
    cJSON *schema = start_schema(table->name, table->help, &required, &properties);
    cJSON_AddItemToObject(schema, "type", cJSON_Parse("[\"object\",\"array\"]"));
    cJSON_AddItemToObject(schema, "items", cJSON_Parse("{\"$ref\":\"#\",\"type\":\"object\"}"));
    for (size_t i = 0; i < table->count; i++) {
        cJSON_AddItemToObject(properties, table->rows[i].name, property_of_key(&table->rows[i]));
        if (table->rows[i].required)
            cJSON_AddItemToArray(required, cJSON_CreateString(table->rows[i].name));
    }
    add_kinds(table, properties);
    return schema;
}

/* Names the property that differs, if it is one. */
static void explain(const char *name, const cJSON *expected, const cJSON *file)
{
    const cJSON *of_table = cJSON_GetObjectItemCaseSensitive(expected, "properties");
    const cJSON *of_file = cJSON_GetObjectItemCaseSensitive(file, "properties");
    for (const cJSON *p = of_table ? of_table->child : NULL; p; p = p->next)
        if (!cJSON_Compare(p, cJSON_GetObjectItemCaseSensitive(of_file, p->string), true))
            print_message("%s: the table has %s: %s\n", name, p->string, cJSON_Print(p));
    for (const cJSON *p = of_file ? of_file->child : NULL; p; p = p->next)
        if (!cJSON_Compare(p, cJSON_GetObjectItemCaseSensitive(of_table, p->string), true))
            print_message("%s: the file has %s: %s\n", name, p->string, cJSON_Print(p));
}

static void compare(const char *name, cJSON *expected)
{
    char path[256];
    struct buf content = {0};
    snprintf(path, sizeof path, "schemas/%s.schema.json", name);
    messages_read_file(path, &content);
    cJSON *file = cJSON_ParseWithLength(content.data, content.len);
    if (!file)
        fail_msg("%s is no JSON", path);
    if (!cJSON_Compare(expected, file, true)) {
        explain(name, expected, file);
        fail_msg("%s and its table differ", path);
    }
    cJSON_Delete(file);
    cJSON_Delete(expected);
    buf_free(&content);
}

static void files_and_keys_say_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < MESSAGES_COUNT(messages_keys); i++)
        compare(messages_keys[i]->name, schema_of_keys(messages_keys[i]));
}

static void line(unsigned depth, struct buf *out)
{
    buf_char(out, '\n');
    for (unsigned i = 0; i < depth; i++)
        buf_string(out, "  ");
}

/* One-line JSON for a reader: each member of an object on its own line, arrays on one. */
static void lay_out(struct text json, struct buf *out)
{
    unsigned depth = 0, arrays = 0;
    for (size_t i = 0; i < json.len; i++) {
        char c = json.at[i];
        if (c == '"') {
            size_t start = i++;
            while (json.at[i] != '"')
                i += json.at[i] == '\\' ? 2 : 1;
            buf_append(out, json.at + start, i - start + 1);
            continue;
        }
        arrays += c == '[';
        arrays -= c == ']';
        if (c == '}')
            line(--depth, out);
        buf_char(out, c);
        if (c == '{')
            line(++depth, out);
        if (c == ',' && arrays == 0)
            line(depth, out);
        if (c == ':' || (c == ',' && arrays > 0))
            buf_char(out, ' ');
    }
    buf_char(out, '\n');
}

static void write_file(const char *path, const struct buf *content)
{
    char whole[1024];
    snprintf(whole, sizeof whole, "%s/%s", HEARTHLINE_SOURCE_DIR, path);
    FILE *file = fopen(whole, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(content->data, 1, content->len, file), content->len);
    assert_int_equal(fclose(file), 0);
}

static void expect_file(const struct fields_table *table, bool strict)
{
    char path[256];
    struct buf json = {0}, expected = {0}, content = {0};
    snprintf(path, sizeof path, "schemas/%s.schema.json", table->name);
    fields_schema(table, strict, &json);
    lay_out(buf_view(&json), &expected);
    if (getenv("HEARTHLINE_WRITE_DOCS"))
        write_file(path, &expected);
    messages_read_file(path, &content);
    if (!text_equal(buf_view(&expected), buf_view(&content)))
        fail_msg("%s is out of date: run this test once with HEARTHLINE_WRITE_DOCS=1", path);
    cJSON *parsed = cJSON_ParseWithLength(json.data, json.len);
    assert_non_null(parsed);
    cJSON_Delete(parsed);
    buf_free(&json);
    buf_free(&expected);
    buf_free(&content);
}

static void files_are_what_their_tables_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < MESSAGES_COUNT(messages_tables); i++)
        expect_file(messages_tables[i], false);
    for (size_t i = 0; request_tables[i]; i++)
        expect_file(request_tables[i], true);
}

/* Answers have no table: their files are written by hand. */
static void every_file_has_a_table(void **state)
{
    (void)state;
    DIR *folder = opendir(HEARTHLINE_SOURCE_DIR "/schemas");
    size_t count = 0, requests = 0;
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder));)
        count += strstr(entry->d_name, ".schema.json") != NULL &&
                 strncmp(entry->d_name, "answer_", strlen("answer_")) != 0;
    closedir(folder);
    while (request_tables[requests])
        requests++;
    assert_int_equal(count,
                     MESSAGES_COUNT(messages_tables) + requests + MESSAGES_COUNT(messages_keys));
}

/* What fields.h asks of a row: the codec takes it for granted. */
static bool well_made(const struct fields_table *table, const struct fields_row *row)
{
    const unsigned kind = 1u << row->type;
    const unsigned always = 1u << FIELDS_TIME | 1u << FIELDS_INTEGER_TEXT | 1u << FIELDS_SCHEMA;
    const unsigned never = 1u << FIELDS_BOOL | 1u << FIELDS_UNSIGNED | 1u << FIELDS_NUMBER |
                           1u << FIELDS_COUNTS | 1u << FIELDS_TEXTS | 1u << FIELDS_TIME_OR_NONE;
    return !((kind & always && !row->required) || (kind & never && row->required) ||
             row->offset + row->size > table->size ||
             (row->min < 0 && row->type != FIELDS_NUMBER) ||
             (row->type == FIELDS_WORD && row->size != sizeof(unsigned)) ||
             (row->words && row->words[0][0] != '\0'));
}

static void check_rows(const struct fields_table *table)
{
    assert_true(table->count <= 64);
    for (size_t i = 0; i < table->count; i++) {
        if (!well_made(table, &table->rows[i]))
            fail_msg("%s: %s is not what fields.h asks for", table->name, table->rows[i].name);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(table->rows[i].name, table->rows[k].name);
    }
}

static void tables_are_well_made(void **state)
{
    (void)state;
    for (size_t t = 0; t < MESSAGES_COUNT(messages_tables); t++) {
        assert_int_equal(messages_tables[t]->rows[0].type, FIELDS_SCHEMA);
        check_rows(messages_tables[t]);
    }
    for (size_t t = 0; request_tables[t]; t++)
        check_rows(request_tables[t]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_and_keys_say_the_same),
        cmocka_unit_test(files_are_what_their_tables_say),
        cmocka_unit_test(every_file_has_a_table),
        cmocka_unit_test(tables_are_well_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
