/* The YAML document, held against the table of all keys. libyaml keeps the line of each
 * node, so that every refusal can name it. */
#include <stdio.h>
#include <stdlib.h>

#include "base/settings_node.h"

enum {
    KEY_MAX = 128,
    LIST_MAX = 1000,
    TAGS_MAX = 32,
};

/* A mapping of the file, the struct it goes to, and the name before its keys. */
struct place {
    const struct settings_section *section;
    yaml_node_t *node; /* NULL: not in the file */
    char *base;
    const void *inherit; /* a struct of the same shape that gives what is missing, or NULL */
    char prefix[KEY_MAX];
    unsigned line;
};

static void join_key(char ret_key[KEY_MAX], const char *prefix, const char *name)
{
    snprintf(ret_key, KEY_MAX, "%.60s%s%.60s", prefix, *prefix ? "." : "", name);
}

static const struct settings_row *find_row(const struct settings_section *section, const char *name)
{
    for (size_t i = 0; i < section->count; i++)
        if (strcmp(section->rows[i].name, name) == 0)
            return &section->rows[i];
    return NULL;
}

/* Every key is known, plain and there once. */
static enum err check_keys(const struct settings_reading *r, const struct place *place)
{
    const yaml_node_t *mapping = place->node;
    for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
         pair < mapping->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = settings_node_at(r, pair->key);
        if (settings_node_strange(key))
            return settings_node_refuse(r, key, *place->prefix ? place->prefix : "the file",
                                        "a key is no plain word", "key: value");
        char name[KEY_MAX];
        join_key(name, place->prefix, settings_node_scalar(key));
        if (place->section && !find_row(place->section, settings_node_scalar(key))) {
            struct buf nearest = {0};
            settings_suggest(place->section, settings_node_scalar(key), &nearest);
            enum err err =
                settings_node_refuse(r, key, name, "there is no such key", buf_cstr(&nearest));
            buf_free(&nearest);
            return err;
        }
        const yaml_node_pair_t *again =
            settings_node_pair(r, mapping, settings_node_scalar(key), pair);
        if (again)
            return settings_node_refuse(r, settings_node_at(r, again->key), name,
                                        "stands a second time", "one of the two");
    }
    return ERR_OK;
}

static enum err remember(const struct settings_reading *r, const struct settings_row *row,
                         const char *key, const char *from, const void *base)
{
    struct settings_loaded *loaded = r->loaded;
    if (loaded->origins_count == loaded->origins_capacity) {
        size_t capacity = loaded->origins_capacity ? loaded->origins_capacity * 2 : 64;
        struct settings_origin *origins =
            realloc(loaded->origins, capacity * sizeof *loaded->origins);
        if (!origins)
            return settings_node_out_of_memory(r);
        loaded->origins = origins;
        loaded->origins_capacity = capacity;
    }
    struct settings_origin *origin = &loaded->origins[loaded->origins_count];
    origin->key = settings_own_text(loaded, key);
    origin->from = settings_own_text(loaded, from);
    origin->row = row;
    origin->at = (const char *)base + row->offset;
    if (!origin->key || !origin->from)
        return settings_node_out_of_memory(r);
    loaded->origins_count++;
    return ERR_OK;
}

/* Stores `text` and remembers where it is from; `from` also begins the reason. */
static enum err store(const struct settings_reading *r, const struct settings_row *row,
                      const char *key, const char *text, const char *from, void *base)
{
    struct buf expected = {0}, shown = {0};
    enum err err = settings_store(r->loaded, row, text, r->folder, base, &expected);
    if (err == ERR_INVALID) {
        buf_json_text(&shown, (struct text){text, strnlen(text, 80)});
        err = err_explain(r->why, err, "%s: %s: %s is not right; right would be %s", from, key,
                          buf_cstr(&shown), buf_cstr(&expected));
    } else if (err != ERR_OK) {
        err = settings_node_out_of_memory(r);
    } else {
        err = remember(r, row, key, from, base);
    }
    buf_free(&expected);
    buf_free(&shown);
    return err;
}

/* The environment, else the file, else what is inherited, else the default. */
static enum err read_scalar(const struct settings_reading *r, const struct place *place,
                            const struct settings_row *row, const char *key,
                            const yaml_node_t *node)
{
    const char *name, *value;
    enum err err = settings_from_environment(row, &name, &value, r->why);
    if (err != ERR_OK)
        return err;
    char from[512];
    bool written = node && !settings_node_is_nothing(node);
    if (written && settings_node_strange(node))
        return settings_node_refuse_row(r, node, key, settings_node_strange(node), row);
    if (name)
        snprintf(from, sizeof from, "environment variable %s", name);
    if (name && row->kind != SETTINGS_TOKEN)
        return store(r, row, key, value, from, place->base);
    if (!name && written)
        snprintf(from, sizeof from, "%.400s:%u", r->path, settings_node_line(node));
    if (written)
        return store(r, row, key, settings_node_scalar(node), from, place->base);
    if (!name)
        snprintf(from, sizeof from, "%s", place->inherit ? "broker" : "default");
    if (place->inherit) {
        char *inherited;
        memcpy(&inherited, (const char *)place->inherit + row->offset, sizeof inherited);
        return store(r, row, key, inherited, from, place->base);
    }
    if (!row->preset)
        return err_explain(r->why, ERR_INVALID, "%s:%u: %s: is missing", r->path, place->line, key);
    return store(r, row, key, row->preset, from, place->base);
}

static enum err read_section(const struct settings_reading *r, const struct place *place);

static struct place place_below(const struct settings_row *row, const char *key, yaml_node_t *node,
                                char *base)
{
    struct place below = {.section = row->section, .base = base};
    below.node = node && !settings_node_is_nothing(node) ? node : NULL;
    below.line = node ? settings_node_line(node) : 0;
    snprintf(below.prefix, sizeof below.prefix, "%s", key);
    return below;
}

static enum err read_own_broker(const struct settings_reading *r, const struct place *place,
                                const struct settings_row *row, const char *key, yaml_node_t *node)
{
    if (!node || settings_node_is_nothing(node))
        return ERR_OK;
    struct settings_broker *broker = settings_own_zeroed(r->loaded, sizeof *broker);
    if (!broker)
        return settings_node_out_of_memory(r);
    struct place below = place_below(row, key, node, (char *)broker);
    below.inherit = &r->loaded->settings.broker;
    enum err err = read_section(r, &below);
    if (err == ERR_OK)
        memcpy(place->base + row->offset, &broker, sizeof broker);
    return err;
}

/* The count of a list stands right behind its pointer. */
static void set_list(char *at, const void *list, size_t count)
{
    unsigned short_count = (unsigned)count;
    memcpy(at, &list, sizeof list);
    memcpy(at + sizeof list, &short_count, sizeof short_count);
}

/* What stands behind the key of a pair: the items of a list where the row takes lists, else the one
 * node. */
static size_t values_of(const struct settings_row *row, yaml_node_t *value,
                        const yaml_node_item_t **ret_items)
{
    bool list = row->lists && value && value->type == YAML_SEQUENCE_NODE;
    *ret_items = list ? value->data.sequence.items.start : NULL;
    return list ? (size_t)(value->data.sequence.items.top - *ret_items) : 1;
}

/* Reads one pair of the mapping into `tags`, and gives how many that made. */
static enum err read_pair(const struct settings_reading *r, struct place *below,
                          const struct settings_row *row, const yaml_node_pair_t *pair,
                          struct settings_tag *tags, size_t *ret_count)
{
    const yaml_node_t *name = settings_node_at(r, pair->key);
    yaml_node_t *value = settings_node_at(r, pair->value);
    const yaml_node_item_t *items;
    char tag_key[KEY_MAX];
    join_key(tag_key, below->prefix, settings_node_scalar(name));
    if (!*settings_node_scalar(name))
        return settings_node_refuse(r, name, below->prefix, "a tag without a name",
                                    "like { site: home }");
    size_t count = values_of(row, value, &items);
    for (size_t i = 0; i < count; i++) {
        tags[i].key = settings_own_text(r->loaded, settings_node_scalar(name));
        if (!tags[i].key)
            return settings_node_out_of_memory(r);
        below->base = (char *)&tags[i];
        enum err err = read_scalar(r, below, row->values ? row->values : &settings_tag_row, tag_key,
                                   items ? settings_node_at(r, items[i]) : value);
        if (err != ERR_OK)
            return err;
    }
    *ret_count = count;
    return ERR_OK;
}

static enum err read_tags(const struct settings_reading *r, const struct place *place,
                          const struct settings_row *row, const char *key, yaml_node_t *node)
{
    if (!node || settings_node_is_nothing(node))
        return ERR_OK;
    if (node->type != YAML_MAPPING_NODE)
        return settings_node_refuse(r, node, key, "is no mapping", "like { site: home }");
    struct place below = place_below(row, key, node, NULL);
    enum err err = check_keys(r, &below);
    if (err != ERR_OK)
        return err;
    const yaml_node_item_t *items;
    size_t count = 0, most = row->max ? row->max : TAGS_MAX;
    const yaml_node_pair_t *pair = node->data.mapping.pairs.start,
                           *end = node->data.mapping.pairs.top;
    for (const yaml_node_pair_t *p = pair; p < end && count <= most; p++)
        count += values_of(row, settings_node_at(r, p->value), &items);
    if (count > most) {
        char expected[32];
        snprintf(expected, sizeof expected, "at most %zu", most);
        return settings_node_refuse(r, node, key, "too many entries", expected);
    }
    struct settings_tag *tags = settings_own_zeroed(r->loaded, (count + 1) * sizeof *tags);
    if (!tags)
        return settings_node_out_of_memory(r);
    for (size_t at = 0, made = 0; pair < end; pair++, at += made) {
        err = read_pair(r, &below, row, pair, &tags[at], &made);
        if (err != ERR_OK)
            return err;
    }
    set_list(place->base + row->offset, tags, count);
    return ERR_OK;
}

/* One text may stand for a list of one. */
static enum err read_texts(const struct settings_reading *r, const struct place *place,
                           const struct settings_row *row, const char *key, yaml_node_t *node)
{
    if (!node || settings_node_is_nothing(node))
        return ERR_OK;
    bool list = node->type == YAML_SEQUENCE_NODE;
    const yaml_node_item_t *items = list ? node->data.sequence.items.start : NULL;
    size_t count = list ? (size_t)(node->data.sequence.items.top - items) : 1;
    if (count > LIST_MAX)
        return settings_node_refuse(r, node, key, "too many entries", "at most 1000");
    char **texts = settings_own_zeroed(r->loaded, count * sizeof *texts);
    if (!texts)
        return settings_node_out_of_memory(r);
    for (size_t i = 0; i < count; i++) {
        char name[KEY_MAX];
        snprintf(name, sizeof name, "%.100s[%zu]", key, i);
        yaml_node_t *item = list ? settings_node_at(r, items[i]) : node;
        struct place at = place_below(row, name, item, (char *)&texts[i]);
        enum err err = read_scalar(r, &at, row->values, name, item);
        if (err != ERR_OK)
            return err;
    }
    set_list(place->base + row->offset, texts, count);
    return ERR_OK;
}

static enum err complete_entry(const struct settings_reading *r, const struct place *entry)
{
    struct buf wrong = {0};
    const char *name =
        entry->section->complete ? entry->section->complete(entry->base, &wrong) : NULL;
    enum err err = ERR_OK;
    if (name) {
        char key[KEY_MAX];
        const yaml_node_pair_t *pair = settings_node_pair(r, entry->node, name, NULL);
        unsigned line = pair ? settings_node_line(settings_node_at(r, pair->value)) : entry->line;
        join_key(key, entry->prefix, name);
        err =
            err_explain(r->why, ERR_INVALID, "%s:%u: %s: %s", r->path, line, key, buf_cstr(&wrong));
    }
    buf_free(&wrong);
    return err;
}

static const char *text_at(const char *entry, const struct settings_row *row)
{
    const char *text;
    memcpy(&text, entry + row->offset, sizeof text);
    return text;
}

/* No entry of the list, which begins at `first`, has the name of one before it. */
static enum err check_unique(const struct settings_reading *r, const struct place *entry,
                             const char *first)
{
    const struct settings_section *section = entry->section;
    const struct settings_row *row = section->unique ? find_row(section, section->unique) : NULL;
    for (const char *other = first; row && other < entry->base; other += section->size) {
        if (strcmp(text_at(other, row), text_at(entry->base, row)) != 0)
            continue;
        char key[KEY_MAX], found[128];
        const yaml_node_pair_t *pair = settings_node_pair(r, entry->node, row->name, NULL);
        join_key(key, entry->prefix, row->name);
        snprintf(found, sizeof found, "\"%.64s\" stands in entry [%zu] already",
                 text_at(other, row), (size_t)(other - first) / section->size);
        return settings_node_refuse(r, settings_node_at(r, pair->value), key, found, "another one");
    }
    return ERR_OK;
}

static enum err read_list(const struct settings_reading *r, const struct place *place,
                          const struct settings_row *row, const char *key, yaml_node_t *node)
{
    if (!node || settings_node_is_nothing(node))
        return ERR_OK;
    if (node->type != YAML_SEQUENCE_NODE)
        return settings_node_refuse_row(r, node, key, "is no list", row);
    const yaml_node_item_t *items = node->data.sequence.items.start;
    size_t count = (size_t)(node->data.sequence.items.top - items);
    if (count > LIST_MAX)
        return settings_node_refuse(r, node, key, "too many entries", "at most 1000");
    char *entries = settings_own_zeroed(r->loaded, count * row->section->size);
    if (!entries)
        return settings_node_out_of_memory(r);
    for (size_t i = 0; i < count; i++) {
        char name[KEY_MAX];
        snprintf(name, sizeof name, "%.100s[%zu]", key, i);
        struct place entry =
            place_below(row, name, settings_node_at(r, items[i]), entries + i * row->section->size);
        enum err err = read_section(r, &entry);
        if (err == ERR_OK)
            err = complete_entry(r, &entry);
        if (err == ERR_OK)
            err = check_unique(r, &entry, entries);
        if (err != ERR_OK)
            return err;
    }
    set_list(place->base + row->offset, entries, count);
    return ERR_OK;
}

static enum err read_row(const struct settings_reading *r, const struct place *place,
                         const struct settings_row *row)
{
    const yaml_node_pair_t *pair =
        place->node ? settings_node_pair(r, place->node, row->name, NULL) : NULL;
    yaml_node_t *node = pair ? settings_node_at(r, pair->value) : NULL;
    char key[KEY_MAX];
    join_key(key, place->prefix, row->name);
    if (row->kind == SETTINGS_BROKER)
        return read_own_broker(r, place, row, key, node);
    if (row->kind == SETTINGS_TAGS)
        return read_tags(r, place, row, key, node);
    if (row->kind == SETTINGS_TEXTS)
        return read_texts(r, place, row, key, node);
    if (row->kind == SETTINGS_LIST)
        return read_list(r, place, row, key, node);
    if (row->kind != SETTINGS_SECTION)
        return read_scalar(r, place, row, key, node);
    struct place below = place_below(row, key, node, place->base + row->offset);
    return read_section(r, &below);
}

/* The table is five levels deep, and so is this. */
static enum err read_section(const struct settings_reading *r, const struct place *place)
{
    if (place->node && place->node->type != YAML_MAPPING_NODE)
        return settings_node_refuse(r, place->node, *place->prefix ? place->prefix : "the file",
                                    "is no mapping", "lines of `key: value`");
    enum err err = place->node ? check_keys(r, place) : ERR_OK;
    for (size_t i = 0; i < place->section->count && err == ERR_OK; i++)
        err = read_row(r, place, &place->section->rows[i]);
    return err;
}

static enum err read_document(struct settings_reading *r, yaml_parser_t *parser)
{
    yaml_document_t behind;
    struct place root = {.section = &settings_root,
                         .node = yaml_document_get_root_node(r->document),
                         .base = (char *)&r->loaded->settings,
                         .line = 1};
    if (root.node && settings_node_is_nothing(root.node))
        root.node = NULL;
    enum err err = read_section(r, &root);
    if (err != ERR_OK || !root.node)
        return err;
    if (!yaml_parser_load(parser, &behind))
        return err_explain(r->why, ERR_INVALID, "%s:%zu: not YAML: %s", r->path,
                           parser->problem_mark.line + 1,
                           parser->problem ? parser->problem : "it cannot be read");
    bool more = yaml_document_get_root_node(&behind) != NULL;
    yaml_document_delete(&behind);
    return more ? err_explain(r->why, ERR_INVALID,
                              "%s: a second document begins behind '---'; right would be one",
                              r->path)
                : ERR_OK;
}

enum err settings_parse(struct settings_loaded *loaded, const char *path, const char *folder,
                        struct text yaml, struct err_reason *why)
{
    yaml_parser_t parser;
    yaml_document_t document;
    struct settings_reading r = {loaded, path, folder, &document, why};
    if (!yaml_parser_initialize(&parser))
        return settings_node_out_of_memory(&r);
    yaml_parser_set_input_string(&parser, (const unsigned char *)yaml.at, yaml.len);
    enum err err;
    if (yaml_parser_load(&parser, &document)) {
        err = read_document(&r, &parser);
        yaml_document_delete(&document);
    } else {
        err = err_explain(why, ERR_INVALID, "%s:%zu: not YAML: %s%s%s", path,
                          parser.problem_mark.line + 1,
                          parser.problem ? parser.problem : "it cannot be read",
                          parser.context ? ", " : "", parser.context ? parser.context : "");
    }
    yaml_parser_delete(&parser);
    return err;
}
