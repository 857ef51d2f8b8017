/* The tables as documents: JSON Schema and Markdown. */
#include <math.h>

#include "schemas/fields.h"

/* A line a type: its type in JSON Schema, and its words in the documentation. */
static const struct {
    const char *json, *words;
} types[] = {
    [FIELDS_SCHEMA] = {NULL, "integer"},
    [FIELDS_TEXT] = {"string", "text"},
    [FIELDS_BORROWED] = {"string", "text"},
    [FIELDS_WORD] = {"string", "word"},
    [FIELDS_BOOL] = {"boolean", "boolean"},
    [FIELDS_UNSIGNED] = {"integer", "integer"},
    [FIELDS_NUMBER] = {"number", "number"},
    [FIELDS_TIME] = {"string", "RFC 3339 time"},
    [FIELDS_INTEGER_TEXT] = {"string", "integer as text"},
    [FIELDS_COUNTS] = {"object", "object of integers"},
    [FIELDS_TEXTS] = {"object", "object of texts"},
    [FIELDS_TIME_OR_NONE] = {"string", "RFC 3339 time"},
};

static void write_limit(const char *key, double limit, struct buf *out)
{
    buf_printf(out, ",\"%s\":", key);
    buf_number(out, limit);
}

static void write_words(const char *const *words, struct buf *out)
{
    buf_string(out, ",\"enum\":[");
    for (unsigned i = 1; words[i]; i++) {
        buf_string(out, i > 1 ? "," : "");
        buf_json_text(out, text_of(words[i]));
    }
    buf_char(out, ']');
}

static void write_lengths(double min, double max, struct buf *out)
{
    if (min > 0)
        write_limit("minLength", min, out);
    if (max > 0)
        write_limit("maxLength", max, out);
}

static void write_range(const struct fields_row *row, struct buf *out)
{
    if (isfinite(row->min))
        write_limit(row->above_min ? "exclusiveMinimum" : "minimum", row->min, out);
    if (row->max > 0)
        write_limit("maximum", row->max, out);
}

static void write_counts(const struct fields_row *row, struct buf *out)
{
    const size_t room = row->size / sizeof(struct fields_count);
    write_limit("maxProperties", (double)room, out);
    buf_printf(out,
               ",\"propertyNames\":{\"minLength\":1,\"maxLength\":%d}"
               ",\"additionalProperties\":{\"type\":\"integer\",\"minimum\":0}",
               FIELDS_COUNT_NAME_SIZE - 1);
}

static void write_texts(const struct fields_row *row, struct buf *out)
{
    const size_t room = row->size / sizeof(struct fields_text);
    write_limit("maxProperties", (double)room, out);
    buf_string(out, ",\"propertyNames\":{\"minLength\":1");
    if (row->words)
        write_words(row->words, out);
    buf_string(out, "},\"additionalProperties\":{\"type\":\"string\"");
    write_lengths(row->min, row->max, out);
    buf_char(out, '}');
}

/* What a type allows, behind its name. */
static void write_rules(const struct fields_row *row, struct buf *out)
{
    switch (row->type) {
    case FIELDS_SCHEMA:
        write_limit("const", row->max, out);
        break;
    case FIELDS_TEXT:
        write_lengths(row->min, (double)row->size - 1, out);
        break;
    case FIELDS_BORROWED:
        write_lengths(row->min, row->max, out);
        if (row->words)
            write_words(row->words, out);
        break;
    case FIELDS_WORD:
        write_words(row->words, out);
        break;
    case FIELDS_BOOL:
        buf_string(out, ",\"default\":false");
        break;
    case FIELDS_UNSIGNED:
    case FIELDS_NUMBER:
        write_range(row, out);
        break;
    case FIELDS_TIME:
    case FIELDS_TIME_OR_NONE:
        buf_string(out, ",\"format\":\"date-time\"");
        break;
    case FIELDS_INTEGER_TEXT:
        buf_string(out, ",\"pattern\":\"^-?[0-9]+$\"");
        break;
    case FIELDS_COUNTS:
        write_counts(row, out);
        break;
    case FIELDS_TEXTS:
        write_texts(row, out);
        break;
    }
}

static void write_property(const struct fields_row *row, struct buf *out)
{
    const char *type = types[row->type].json;
    buf_json_text(out, text_of(row->name));
    buf_string(out, ":{\"description\":");
    buf_json_text(out, text_of(row->help));
    if (type)
        buf_printf(out, row->nullable ? ",\"type\":[\"%s\",\"null\"]" : ",\"type\":\"%s\"", type);
    write_rules(row, out);
    buf_char(out, '}');
}

void fields_schema(const struct fields_table *table, bool strict, struct buf *out)
{
    const char *between = "";
    buf_string(out, "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"title\":");
    buf_json_text(out, text_of(table->name));
    buf_string(out, ",\"description\":");
    buf_json_text(out, text_of(table->help));
    buf_string(out, ",\"type\":\"object\",\"required\":[");
    for (size_t i = 0; i < table->count; i++) {
        if (!table->rows[i].required)
            continue;
        buf_string(out, between);
        buf_json_text(out, text_of(table->rows[i].name));
        between = ",";
    }
    buf_string(out, "],\"properties\":{");
    for (size_t i = 0; i < table->count; i++) {
        buf_string(out, i > 0 ? "," : "");
        write_property(&table->rows[i], out);
    }
    buf_string(out, strict ? "},\"additionalProperties\":false}" : "}}");
}

void fields_help(const struct fields_table *table, struct buf *out)
{
    buf_string(out, "| field | type | always there | meaning |\n|---|---|---|---|\n");
    for (size_t i = 0; i < table->count; i++) {
        const struct fields_row *row = &table->rows[i];
        buf_printf(out, "| `%s` | %s%s | %s | %s |\n", row->name, types[row->type].words,
                   row->nullable ? " or null" : "", row->required ? "yes" : "no", row->help);
    }
}
