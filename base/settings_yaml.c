/* The YAML document, held against the table of all keys. libyaml keeps the line of each
 * node, so that every refusal can name it. */
#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

#include "base/settings_table.h"

enum {
    KEY_MAX = 128,
    LIST_MAX = 1000,
    TAGS_MAX = 32,
};

struct reading {
    struct settings_loaded *loaded;
    const char *path;
    const char *folder;
    yaml_document_t *document;
    struct err_reason *why;
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

static unsigned line_of(const yaml_node_t *node)
{
    return (unsigned)node->start_mark.line + 1;
}

static yaml_node_t *node_at(const struct reading *r, int index)
{
    return yaml_document_get_node(r->document, index);
}

static const char *scalar(const yaml_node_t *node)
{
    return (const char *)node->data.scalar.value;
}

/* `key:` with nothing behind it, or with null. */
static bool is_nothing(const yaml_node_t *node)
{
    if (node->type != YAML_SCALAR_NODE || node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return false;
    const char *text = scalar(node);
    return !*text || strcmp(text, "~") == 0 || strcmp(text, "null") == 0;
}

static enum err out_of_memory(const struct reading *r)
{
    return err_explain(r->why, ERR_NOMEM, "%s: out of memory", r->path);
}

/* "file:line: key: found; expected". */
static enum err refuse(const struct reading *r, const yaml_node_t *node, const char *key,
                       const char *found, const char *expected)
{
    return err_explain(r->why, ERR_INVALID, "%s:%u: %s: %s; right would be %s", r->path,
                       line_of(node), key, found, expected);
}

static enum err refuse_row(const struct reading *r, const yaml_node_t *node, const char *key,
                           const char *found, const struct settings_row *row)
{
    struct buf expected = {0};
    settings_expected(row, &expected);
    enum err err = refuse(r, node, key, found, buf_cstr(&expected));
    buf_free(&expected);
    return err;
}

/* What is no plain text: another kind of node, a tag of somebody else's, a NUL. */
static const char *strange_scalar(const yaml_node_t *node)
{
    if (node->type == YAML_MAPPING_NODE)
        return "is a mapping";
    if (node->type != YAML_SCALAR_NODE)
        return "is a list";
    const char *tag = (const char *)node->tag;
    if (tag && strcmp(tag, "!secret") == 0)
        return "!secret is Home Assistant's; here a secret stands in a file of its own, named by "
               "a key that ends in _file";
    if (tag && tag[0] == '!')
        return "has a YAML tag, which means nothing here";
    if (strlen(scalar(node)) != node->data.scalar.length)
        return "holds a NUL";
    return NULL;
}

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

/* The first pair of `name`, or the first behind the pair `behind`; NULL for none. */
static const yaml_node_pair_t *find_pair(const struct reading *r, const yaml_node_t *mapping,
                                         const char *name, const yaml_node_pair_t *behind)
{
    const yaml_node_pair_t *pair = behind ? behind + 1 : mapping->data.mapping.pairs.start;
    for (; pair < mapping->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = node_at(r, pair->key);
        if (key->type == YAML_SCALAR_NODE && strcmp(scalar(key), name) == 0)
            return pair;
    }
    return NULL;
}

/* Every key is known, plain and there once. */
static enum err check_keys(const struct reading *r, const struct place *place)
{
    const yaml_node_t *mapping = place->node;
    for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
         pair < mapping->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = node_at(r, pair->key);
        if (strange_scalar(key))
            return refuse(r, key, *place->prefix ? place->prefix : "the file",
                          "a key is no plain word", "key: value");
        char name[KEY_MAX];
        join_key(name, place->prefix, scalar(key));
        if (place->section && !find_row(place->section, scalar(key))) {
            struct buf nearest = {0};
            settings_suggest(place->section, scalar(key), &nearest);
            enum err err = refuse(r, key, name, "there is no such key", buf_cstr(&nearest));
            buf_free(&nearest);
            return err;
        }
        const yaml_node_pair_t *again = find_pair(r, mapping, scalar(key), pair);
        if (again)
            return refuse(r, node_at(r, again->key), name, "stands a second time",
                          "one of the two");
    }
    return ERR_OK;
}

static enum err remember(const struct reading *r, const struct settings_row *row, const char *key,
                         const char *from, const void *base)
{
    struct settings_loaded *loaded = r->loaded;
    if (loaded->origins_count == loaded->origins_capacity) {
        size_t capacity = loaded->origins_capacity ? loaded->origins_capacity * 2 : 64;
        struct settings_origin *origins =
            realloc(loaded->origins, capacity * sizeof *loaded->origins);
        if (!origins)
            return out_of_memory(r);
        loaded->origins = origins;
        loaded->origins_capacity = capacity;
    }
    struct settings_origin *origin = &loaded->origins[loaded->origins_count];
    origin->key = settings_own_text(loaded, key);
    origin->from = settings_own_text(loaded, from);
    origin->row = row;
    origin->at = (const char *)base + row->offset;
    if (!origin->key || !origin->from)
        return out_of_memory(r);
    loaded->origins_count++;
    return ERR_OK;
}

/* Stores `text` and remembers where it is from; `from` also begins the reason. */
static enum err store(const struct reading *r, const struct settings_row *row, const char *key,
                      const char *text, const char *from, void *base)
{
    struct buf expected = {0}, shown = {0};
    enum err err = settings_store(r->loaded, row, text, r->folder, base, &expected);
    if (err == ERR_INVALID) {
        buf_json_text(&shown, (struct text){text, strnlen(text, 80)});
        err = err_explain(r->why, err, "%s: %s: %s is not right; right would be %s", from, key,
                          buf_cstr(&shown), buf_cstr(&expected));
    } else if (err != ERR_OK) {
        err = out_of_memory(r);
    } else {
        err = remember(r, row, key, from, base);
    }
    buf_free(&expected);
    buf_free(&shown);
    return err;
}

/* The environment, else the file, else what is inherited, else the default. */
static enum err read_scalar(const struct reading *r, const struct place *place,
                            const struct settings_row *row, const char *key,
                            const yaml_node_t *node)
{
    const char *name, *value;
    enum err err = settings_from_environment(row, &name, &value, r->why);
    if (err != ERR_OK)
        return err;
    char from[512];
    bool written = node && !is_nothing(node);
    if (written && strange_scalar(node))
        return refuse_row(r, node, key, strange_scalar(node), row);
    if (name)
        snprintf(from, sizeof from, "environment variable %s", name);
    if (name && row->kind != SETTINGS_TOKEN)
        return store(r, row, key, value, from, place->base);
    if (!name && written)
        snprintf(from, sizeof from, "%.400s:%u", r->path, line_of(node));
    if (written)
        return store(r, row, key, scalar(node), from, place->base);
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

static enum err read_section(const struct reading *r, const struct place *place);

static struct place place_below(const struct settings_row *row, const char *key, yaml_node_t *node,
                                char *base)
{
    struct place below = {.section = row->section, .base = base};
    below.node = node && !is_nothing(node) ? node : NULL;
    below.line = node ? line_of(node) : 0;
    snprintf(below.prefix, sizeof below.prefix, "%s", key);
    return below;
}

static enum err read_own_broker(const struct reading *r, const struct place *place,
                                const struct settings_row *row, const char *key, yaml_node_t *node)
{
    if (!node || is_nothing(node))
        return ERR_OK;
    struct settings_broker *broker = settings_own_zeroed(r->loaded, sizeof *broker);
    if (!broker)
        return out_of_memory(r);
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

static enum err read_tags(const struct reading *r, const struct place *place,
                          const struct settings_row *row, const char *key, yaml_node_t *node)
{
    if (!node || is_nothing(node))
        return ERR_OK;
    if (node->type != YAML_MAPPING_NODE)
        return refuse(r, node, key, "is no mapping", "like { site: home }");
    struct place below = place_below(row, key, node, NULL);
    enum err err = check_keys(r, &below);
    if (err != ERR_OK)
        return err;
    const yaml_node_pair_t *pairs = node->data.mapping.pairs.start;
    size_t count = (size_t)(node->data.mapping.pairs.top - pairs);
    if (count > TAGS_MAX)
        return refuse(r, node, key, "too many tags", "at most 32");
    struct settings_tag *tags = settings_own_zeroed(r->loaded, count * sizeof *tags);
    if (!tags)
        return out_of_memory(r);
    for (size_t i = 0; i < count; i++) {
        const yaml_node_t *name = node_at(r, pairs[i].key);
        below.base = (char *)&tags[i];
        char tag_key[KEY_MAX];
        join_key(tag_key, key, scalar(name));
        tags[i].key = settings_own_text(r->loaded, scalar(name));
        if (!tags[i].key)
            return out_of_memory(r);
        if (!*scalar(name))
            return refuse(r, name, key, "a tag without a name", "like { site: home }");
        err = read_scalar(r, &below, &settings_tag_row, tag_key, node_at(r, pairs[i].value));
        if (err != ERR_OK)
            return err;
    }
    set_list(place->base + row->offset, tags, count);
    return ERR_OK;
}

static enum err read_sources(const struct reading *r, const struct place *place,
                             const struct settings_row *row, const char *key, yaml_node_t *node)
{
    if (!node || is_nothing(node))
        return ERR_OK;
    if (node->type != YAML_SEQUENCE_NODE)
        return refuse_row(r, node, key, "is no list", row);
    const yaml_node_item_t *items = node->data.sequence.items.start;
    size_t count = (size_t)(node->data.sequence.items.top - items);
    if (count > LIST_MAX)
        return refuse(r, node, key, "too many entries", "at most 1000");
    struct settings_source *sources = settings_own_zeroed(r->loaded, count * sizeof *sources);
    if (!sources)
        return out_of_memory(r);
    for (size_t i = 0; i < count; i++) {
        char entry[KEY_MAX];
        snprintf(entry, sizeof entry, "%.100s[%zu]", key, i);
        struct place below = place_below(row, entry, node_at(r, items[i]), (char *)&sources[i]);
        enum err err = read_section(r, &below);
        if (err != ERR_OK)
            return err;
        if (!*sources[i].name)
            sources[i].name = sources[i].decoder;
    }
    set_list(place->base + row->offset, sources, count);
    return ERR_OK;
}

static enum err read_row(const struct reading *r, const struct place *place,
                         const struct settings_row *row)
{
    const yaml_node_pair_t *pair = place->node ? find_pair(r, place->node, row->name, NULL) : NULL;
    yaml_node_t *node = pair ? node_at(r, pair->value) : NULL;
    char key[KEY_MAX];
    join_key(key, place->prefix, row->name);
    if (row->kind == SETTINGS_BROKER)
        return read_own_broker(r, place, row, key, node);
    if (row->kind == SETTINGS_TAGS)
        return read_tags(r, place, row, key, node);
    if (row->kind == SETTINGS_SOURCES)
        return read_sources(r, place, row, key, node);
    if (row->kind != SETTINGS_SECTION)
        return read_scalar(r, place, row, key, node);
    struct place below = place_below(row, key, node, place->base + row->offset);
    return read_section(r, &below);
}

/* The table is four levels deep, and so is this. */
static enum err read_section(const struct reading *r, const struct place *place)
{
    if (place->node && place->node->type != YAML_MAPPING_NODE)
        return refuse(r, place->node, *place->prefix ? place->prefix : "the file", "is no mapping",
                      "lines of `key: value`");
    enum err err = place->node ? check_keys(r, place) : ERR_OK;
    for (size_t i = 0; i < place->section->count && err == ERR_OK; i++)
        err = read_row(r, place, &place->section->rows[i]);
    return err;
}

static enum err read_document(struct reading *r, yaml_parser_t *parser)
{
    yaml_document_t behind;
    struct place root = {.section = &settings_root,
                         .node = yaml_document_get_root_node(r->document),
                         .base = (char *)&r->loaded->settings,
                         .line = 1};
    if (root.node && is_nothing(root.node))
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
    struct reading r = {loaded, path, folder, &document, why};
    if (!yaml_parser_initialize(&parser))
        return out_of_memory(&r);
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
