/* Each .schema.json and its C table say the same: what a file must be is made from the table and
 * compared with it as a whole, so that whatever only one of them says fails. */
#include <cjson/cJSON.h>
#include <dirent.h>
#include <math.h>

#include "messages.h"

#define DIALECT "https://json-schema.org/draft/2020-12/schema"

static void add_range(cJSON *property, const struct fields_row *row)
{
    cJSON_AddNumberToObject(property, "minimum", row->min);
    if (row->max > 0)
        cJSON_AddNumberToObject(property, "maximum", row->max);
}

static void add_type(cJSON *property, const char *type, bool nullable)
{
    if (!nullable) {
        cJSON_AddStringToObject(property, "type", type);
        return;
    }
    cJSON *types = cJSON_AddArrayToObject(property, "type");
    cJSON_AddItemToArray(types, cJSON_CreateString(type));
    cJSON_AddItemToArray(types, cJSON_CreateString("null"));
}

static void add_counts(cJSON *property, const struct fields_row *row)
{
    add_type(property, "object", row->nullable);
    cJSON_AddNumberToObject(property, "maxProperties",
                            (double)(row->size / sizeof(struct fields_count)));
    cJSON *names = cJSON_AddObjectToObject(property, "propertyNames");
    cJSON_AddNumberToObject(names, "minLength", 1);
    cJSON_AddNumberToObject(names, "maxLength", FIELDS_COUNT_NAME_SIZE - 1);
    cJSON *values = cJSON_AddObjectToObject(property, "additionalProperties");
    cJSON_AddStringToObject(values, "type", "integer");
    cJSON_AddNumberToObject(values, "minimum", 0);
}

static void add_text(cJSON *property, const struct fields_row *row)
{
    add_type(property, "string", row->nullable);
    if (row->min > 0)
        cJSON_AddNumberToObject(property, "minLength", row->min);
    if (row->type == FIELDS_TEXT)
        cJSON_AddNumberToObject(property, "maxLength", (double)row->size - 1);
    if (row->type == FIELDS_TIME)
        cJSON_AddStringToObject(property, "format", "date-time");
    if (row->type == FIELDS_INTEGER_TEXT)
        cJSON_AddStringToObject(property, "pattern", "^-?[0-9]+$");
    cJSON *words = row->type == FIELDS_WORD ? cJSON_AddArrayToObject(property, "enum") : NULL;
    for (unsigned i = 1; words && row->words[i]; i++)
        cJSON_AddItemToArray(words, cJSON_CreateString(row->words[i]));
}

static cJSON *property_of_row(const struct fields_row *row)
{
    cJSON *property = cJSON_CreateObject();
    cJSON_AddStringToObject(property, "description", row->help);
    switch (row->type) {
    case FIELDS_SCHEMA:
        cJSON_AddNumberToObject(property, "const", row->max);
        break;
    case FIELDS_TEXT:
    case FIELDS_BORROWED:
    case FIELDS_WORD:
    case FIELDS_TIME:
    case FIELDS_INTEGER_TEXT:
        add_text(property, row);
        break;
    case FIELDS_BOOL:
        add_type(property, "boolean", row->nullable);
        cJSON_AddFalseToObject(property, "default");
        break;
    case FIELDS_UNSIGNED:
        add_type(property, "integer", row->nullable);
        add_range(property, row);
        break;
    case FIELDS_NUMBER:
        add_type(property, "number", row->nullable);
        add_range(property, row);
        break;
    case FIELDS_COUNTS:
        add_counts(property, row);
        break;
    }
    return property;
}

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

static cJSON *schema_of_table(const struct fields_table *table)
{
    cJSON *required, *properties;
    cJSON *schema = start_schema(table->name, table->help, &required, &properties);
    cJSON_AddStringToObject(schema, "type", "object");
    for (size_t i = 0; i < table->count; i++) {
        cJSON_AddItemToObject(properties, table->rows[i].name, property_of_row(&table->rows[i]));
        if (table->rows[i].required)
            cJSON_AddItemToArray(required, cJSON_CreateString(table->rows[i].name));
    }
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

static void files_and_tables_say_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < MESSAGES_COUNT(messages_tables); i++)
        compare(messages_tables[i]->name, schema_of_table(messages_tables[i]));
    for (size_t i = 0; i < MESSAGES_COUNT(messages_keys); i++)
        compare(messages_keys[i]->name, schema_of_keys(messages_keys[i]));
}

static void every_file_has_a_table(void **state)
{
    (void)state;
    DIR *folder = opendir(HEARTHLINE_SOURCE_DIR "/schemas");
    size_t count = 0;
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder));)
        count += strstr(entry->d_name, ".schema.json") != NULL;
    closedir(folder);
    assert_int_equal(count, MESSAGES_COUNT(messages_tables) + MESSAGES_COUNT(messages_keys));
}

/* What fields.h asks of a table: the codec takes it for granted. */
static void tables_are_well_made(void **state)
{
    (void)state;
    for (size_t t = 0; t < MESSAGES_COUNT(messages_tables); t++) {
        const struct fields_table *table = messages_tables[t];
        assert_int_equal(table->rows[0].type, FIELDS_SCHEMA);
        for (size_t i = 0; i < table->count; i++) {
            const struct fields_row *row = &table->rows[i];
            const bool always = row->type == FIELDS_TIME || row->type == FIELDS_INTEGER_TEXT ||
                                row->type == FIELDS_SCHEMA;
            const bool never = row->type == FIELDS_BOOL || row->type == FIELDS_UNSIGNED ||
                               row->type == FIELDS_NUMBER || row->type == FIELDS_COUNTS;
            if ((always && !row->required) || (never && row->required) ||
                row->offset + row->size > table->size || row->min < 0)
                fail_msg("%s: %s is not what fields.h asks for", table->name, row->name);
            if (row->type == FIELDS_WORD)
                assert_int_equal(row->size, sizeof(unsigned));
            for (size_t k = 0; k < i; k++)
                assert_string_not_equal(row->name, table->rows[k].name);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_and_tables_say_the_same),
        cmocka_unit_test(every_file_has_a_table),
        cmocka_unit_test(tables_are_well_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
