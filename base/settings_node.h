/* One node of the YAML document: what it holds, and how it is refused. Shared by settings_node.c
 * and settings_yaml.c. Nobody else includes this. */
#ifndef BASE_SETTINGS_NODE_H
#define BASE_SETTINGS_NODE_H

#include <yaml.h>

#include "base/settings_table.h"

/* What one reading of a configuration goes by; it owns nothing. */
struct settings_reading {
    struct settings_loaded *loaded;
    const char *path;
    const char *folder;
    yaml_document_t *document;
    struct err_reason *why;
};

yaml_node_t *settings_node_at(const struct settings_reading *r, int index);
unsigned settings_node_line(const yaml_node_t *node); /* counted from 1 */
const char *settings_node_scalar(const yaml_node_t *node);

/* settings_node_is_nothing: `key:` with nothing behind it, or with null. */
bool settings_node_is_nothing(const yaml_node_t *node);

/* settings_node_strange says what keeps the node from being plain text: another kind of node, a
 * tag of somebody else's, a NUL. NULL when nothing does. */
const char *settings_node_strange(const yaml_node_t *node);

/* settings_node_pair gives the first pair of `name` in a mapping, or the first behind the pair
 * `behind`; NULL for none. */
const yaml_node_pair_t *settings_node_pair(const struct settings_reading *r,
                                           const yaml_node_t *mapping, const char *name,
                                           const yaml_node_pair_t *behind);

/* settings_node_refuse gives ERR_INVALID with "file:line: key: found; right would be expected";
 * settings_node_refuse_row takes what would be right from the row. */
enum err settings_node_refuse(const struct settings_reading *r, const yaml_node_t *node,
                              const char *key, const char *found, const char *expected);
enum err settings_node_refuse_row(const struct settings_reading *r, const yaml_node_t *node,
                                  const char *key, const char *found,
                                  const struct settings_row *row);
enum err settings_node_out_of_memory(const struct settings_reading *r);

#endif
