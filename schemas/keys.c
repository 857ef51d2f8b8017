#include "schemas/keys.h"

const struct keys_row *keys_find(const struct keys_table *table, struct text key)
{
    for (size_t i = 0; i < table->count; i++)
        if (text_equal(key, text_of(table->rows[i].name)))
            return &table->rows[i];
    return NULL;
}

static void append_kinds(unsigned kinds, struct buf *out)
{
    static const struct {
        unsigned kinds;
        const char *words;
    } named[] = {
        {KEYS_TEXT, "text"},
        {KEYS_NUMBER, "number"},
        {KEYS_TIME, "msgpack timestamp"},
        {KEYS_MAP, "object"},
    };
    const char *between = "";
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
        if (!(kinds & named[i].kinds))
            continue;
        buf_printf(out, "%s%s", between, named[i].words);
        between = " or ";
    }
}

void keys_help(const struct keys_table *table, struct buf *out)
{
    buf_string(out, "| key | type | always there | meaning |\n|---|---|---|---|\n");
    for (size_t i = 0; i < table->count; i++) {
        const struct keys_row *row = &table->rows[i];
        buf_printf(out, "| `%s` | ", row->name);
        append_kinds(row->kinds, out);
        buf_printf(out, " | %s | %s |\n", row->required ? "yes" : "no", row->help);
    }
}
