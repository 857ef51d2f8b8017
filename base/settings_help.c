/* The configuration as people read it: all keys with their meaning, and all values with
 * where they are from. */
#include "base/settings_table.h"
#include "base/span.h"

static void put_value(const struct settings_origin *origin, struct buf *out)
{
    const struct settings_row *row = origin->row;
    switch (row->kind) {
    case SETTINGS_NUMBER:
    case SETTINGS_BYTES:
        buf_integer(out, row->width == sizeof(uint32_t) ? (long long)*(const uint32_t *)origin->at
                                                        : (long long)*(const uint64_t *)origin->at);
        break;
    case SETTINGS_SPAN: {
        char span[SPAN_TEXT_BYTES];
        span_format(*(const uint32_t *)origin->at, span);
        buf_string(out, span);
        break;
    }
    case SETTINGS_DECIMAL:
        buf_number(out, *(const double *)origin->at);
        break;
    case SETTINGS_FLAG:
        buf_string(out, *(const bool *)origin->at ? "true" : "false");
        break;
    case SETTINGS_WORD:
        buf_string(out, row->words[*(const int *)origin->at]);
        break;
    default:
        buf_json_text(out, text_of(*(char *const *)origin->at));
    }
}

static void put_pairs(const struct settings_tag *pairs, unsigned count, struct buf *out)
{
    for (unsigned i = 0; i < count; i++) {
        buf_string(out, i ? ", " : "");
        buf_json_text(out, text_of(pairs[i].key));
        buf_string(out, ": ");
        buf_json_text(out, text_of(pairs[i].value));
    }
}

static void put_texts(char *const *texts, unsigned count, struct buf *out)
{
    for (unsigned i = 0; i < count; i++) {
        buf_string(out, i ? ", " : "");
        buf_json_text(out, text_of(texts[i]));
    }
}

void settings_source_text(const struct settings_source *source, struct buf *out)
{
    for (size_t i = 0; i < settings_source_section.count; i++) {
        const struct settings_row *row = &settings_source_section.rows[i];
        const void *at = (const char *)source + row->offset;
        unsigned count = 0;
        buf_printf(out, "%s: ", row->name);
        if (row->kind == SETTINGS_TAGS || row->kind == SETTINGS_TEXTS)
            memcpy(&count, (const char *)at + sizeof(void *), sizeof count);
        if (row->kind == SETTINGS_TAGS)
            put_pairs(*(struct settings_tag *const *)at, count, out);
        else if (row->kind == SETTINGS_TEXTS)
            put_texts(*(char *const *const *)at, count, out);
        else
            put_value(&(struct settings_origin){.row = row, .at = at}, out);
        buf_char(out, '\n');
    }
}

void settings_effective(const struct settings *settings, struct buf *out)
{
    const struct settings_loaded *loaded = (const struct settings_loaded *)settings;
    for (size_t i = 0; i < loaded->origins_count; i++) {
        buf_printf(out, "%s: ", loaded->origins[i].key);
        put_value(&loaded->origins[i], out);
        buf_printf(out, "  # %s\n", loaded->origins[i].from);
    }
}

/* The origin of the longest key that the words begin with; NULL when there is none. */
static const struct settings_origin *origin_of(const struct settings_loaded *loaded,
                                               const char *words)
{
    const struct settings_origin *found = NULL;
    size_t longest = 0;
    for (size_t i = 0; i < loaded->origins_count; i++) {
        size_t len = strlen(loaded->origins[i].key);
        if (len <= longest || strncmp(words, loaded->origins[i].key, len) != 0 ||
            !strchr(".: [", words[len]))
            continue;
        found = &loaded->origins[i];
        longest = len;
    }
    return found;
}

void settings_say_where(const struct settings *settings, struct err_reason *why)
{
    const struct settings_origin *origin =
        why ? origin_of((const struct settings_loaded *)settings, why->text) : NULL;
    struct buf words = {0};
    if (!origin || !strchr(origin->from, ':')) /* a default, or a variable */
        return;
    buf_string(&words, why->text);
    (void)err_explain(why, ERR_INVALID, "%s: %s", origin->from, buf_cstr(&words));
    buf_free(&words);
}

static void put_type(const struct settings_row *row, struct buf *out)
{
    const char *right = settings_expected_by_check(row);
    if (right)
        buf_string(out, right);
    else if (row->kind == SETTINGS_TEXT && !row->words)
        buf_string(out, "a text");
    else
        settings_expected(row, out);
}

static void put_default(const struct settings_row *row, struct buf *out)
{
    if (!row->preset)
        buf_string(out, "must be set");
    else if (row->kind == SETTINGS_BROKER)
        buf_string(out, "the common one");
    else if (!*row->preset)
        buf_string(out, row->kind == SETTINGS_TEXT || row->kind == SETTINGS_PATH ||
                                row->kind == SETTINGS_TOKEN || row->kind == SETTINGS_PLACE
                            ? "empty"
                            : "none");
    else
        buf_printf(out, "`%s`", row->preset);
}

static void put_row(const char *prefix, const struct settings_row *row, struct buf *out)
{
    buf_printf(out, "| `%s%s` | ", prefix, row->name);
    put_type(row, out);
    buf_string(out, " | ");
    put_default(row, out);
    buf_printf(out, " | %s", row->help);
    for (size_t i = 0; i < SETTINGS_NAMES_MAX && row->environment[i]; i++)
        buf_printf(out, "%s`%s`", i ? ", " : " Environment: ", row->environment[i]);
    buf_string(out, row->environment[0] ? ". |\n" : " |\n");
}

/* A section's own rows, then the sections in it. `prefix` ends with a dot, or is empty. */
static void put_section(const char *prefix, const char *title,
                        const struct settings_section *section, struct buf *out)
{
    buf_printf(out,
               "\n## %s\n\n%s\n\n| key | what it takes | default | meaning |\n|---|---|---|---|\n",
               title, section->help);
    for (size_t i = 0; i < section->count; i++) {
        const struct settings_row *row = &section->rows[i];
        if (row->kind != SETTINGS_SECTION && row->kind != SETTINGS_LIST)
            put_row(prefix, row, out);
    }
    for (size_t i = 0; i < section->count; i++) {
        const struct settings_row *row = &section->rows[i];
        if (row->kind != SETTINGS_SECTION && row->kind != SETTINGS_LIST)
            continue;
        struct buf name = {0}, below = {0};
        bool list = row->kind == SETTINGS_LIST;
        buf_printf(&name, "%s%s", prefix, row->name);
        buf_printf(&below, "%s%s%s.", prefix, row->name, list ? "[]" : "");
        put_section(buf_cstr(&below), buf_cstr(&name), row->section, out);
        buf_free(&name);
        buf_free(&below);
    }
}

static const char introduction[] =
    "# Configuration\n"
    "\n"
    "One YAML file for both services and the tool. Every key may be left out; an empty file is "
    "all\n"
    "defaults. A key that is not in these tables, a wrong type or an impossible value ends the "
    "start\n"
    "with the file's line, the key and what would be right. A key that stands twice is refused "
    "too.\n"
    "Relative paths are taken from the folder of the file. Secrets stand in files of their own\n"
    "(keys that end in `_file`; the first line counts) or in the environment, never in this file.\n"
    "`hearthline check --effective` prints every value with where it is from.\n"
    "\n"
    "This page is made from the program's own table (base/settings_table.c); a test fails when it\n"
    "is out of date. The file is read with libyaml, whose nodes know their lines, straight into "
    "that\n"
    "table: a second schema of the same keys would have to be kept equal to it, and free-form\n"
    "mappings like `tags` need the nodes anyway.\n"
    "\n"
    "```yaml\n"
    "topic_root: hearthline\n"
    "broker:\n"
    "  url: mqtts://broker.example:8883\n"
    "  username: writer\n"
    "  password_file: writer.password\n"
    "  ca_file: ca.pem\n"
    "influxdb:\n"
    "  url: http://127.0.0.1:8086\n"
    "  database: home_assistant_events\n"
    "  token_file: influxdb.token\n"
    "tags: { site: home }\n"
    "writer:\n"
    "  journal: { path: /var/lib/hearthline/journal, max_bytes: 1 GiB }\n"
    "  batch: { lines: 5000, linger_ms: 250 }\n"
    "  sources:\n"
    "    - { decoder: homeassistant_statestream, filter: \"homeassistant/+/+/state\" }\n"
    "    - { decoder: value, filter: \"sensor/+room/+metric\", tags: { floor: ground } }\n"
    "query:\n"
    "  alerts:\n"
    "    rules:\n"
    "      - { name: freezer, measurement: device_metrics, field: temperature,\n"
    "          tags: { kind: freezer }, comparison: \">\", threshold: -15, clear: -17, for: 10m,\n"
    "          level: critical, message: The freezer is warm }\n"
    "  standing:\n"
    "    - { endpoint: stats, request: '{\"period\":\"24h\"}', every: 5m, topic: standing/day }\n"
    "```\n";

void settings_help(struct buf *out)
{
    buf_string(out, introduction);
    put_section("", "The top of the file", &settings_root, out);
}
