#include "base/settings_node.h"

unsigned settings_node_line(const yaml_node_t *node)
{
    return (unsigned)node->start_mark.line + 1;
}

yaml_node_t *settings_node_at(const struct settings_reading *r, int index)
{
    return yaml_document_get_node(r->document, index);
}

const char *settings_node_scalar(const yaml_node_t *node)
{
    return (const char *)node->data.scalar.value;
}

bool settings_node_is_nothing(const yaml_node_t *node)
{
    if (node->type != YAML_SCALAR_NODE || node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return false;
    const char *text = settings_node_scalar(node);
    return !*text || strcmp(text, "~") == 0 || strcmp(text, "null") == 0;
}

enum err settings_node_out_of_memory(const struct settings_reading *r)
{
    return err_explain(r->why, ERR_NOMEM, "%s: out of memory", r->path);
}

enum err settings_node_refuse(const struct settings_reading *r, const yaml_node_t *node,
                              const char *key, const char *found, const char *expected)
{
    return err_explain(r->why, ERR_INVALID, "%s:%u: %s: %s; right would be %s", r->path,
                       settings_node_line(node), key, found, expected);
}

enum err settings_node_refuse_row(const struct settings_reading *r, const yaml_node_t *node,
                                  const char *key, const char *found,
                                  const struct settings_row *row)
{
    struct buf expected = {0};
    if (settings_expected_by_check(row))
        buf_string(&expected, settings_expected_by_check(row));
    else
        settings_expected(row, &expected);
    enum err err = settings_node_refuse(r, node, key, found, buf_cstr(&expected));
    buf_free(&expected);
    return err;
}

const char *settings_node_strange(const yaml_node_t *node)
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
    if (strlen(settings_node_scalar(node)) != node->data.scalar.length)
        return "holds a NUL";
    return NULL;
}

const yaml_node_pair_t *settings_node_pair(const struct settings_reading *r,
                                           const yaml_node_t *mapping, const char *name,
                                           const yaml_node_pair_t *behind)
{
    const yaml_node_pair_t *pair = behind ? behind + 1 : mapping->data.mapping.pairs.start;
    for (; pair < mapping->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = settings_node_at(r, pair->key);
        if (key->type == YAML_SCALAR_NODE && strcmp(settings_node_scalar(key), name) == 0)
            return pair;
    }
    return NULL;
}
