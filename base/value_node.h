/* How a parsed message lies in memory: shared by value.c, which reads it, and
 * value_json.c and value_msgpack.c, which write it. Nobody else includes this.
 *
 * The nodes stand in one array in the order of the payload. Behind a container follow its
 * elements, in a map alternating key and value; `span` leads from a node to
 * the one behind it and all it contains. */
#ifndef BASE_VALUE_NODE_H
#define BASE_VALUE_NODE_H

#include "base/buf.h"
#include "base/value.h"

struct value_node {
    union {
        bool truth;
        int64_t integer;
        double number;
        int64_t time_ns;
        struct text text; /* into the payload, or into the document's unescaped text */
        size_t count;     /* elements or pairs */
    };
    enum value_kind kind;
    uint32_t span; /* nodes from this one to its next sibling, at least 1 */
};

struct value_document {
    struct value_node *nodes;
    size_t count, capacity;
    struct buf unescaped; /* reserved once a message, so that texts may point into it */
};

/* value_node_add appends a node of one element; ERR_NOMEM. */
enum err value_node_add(struct value_document *document, struct value_node node) ERR_MUST_CHECK;

/* value_node_close ends the container at `index`, whose last element was just added. */
void value_node_close(struct value_document *document, size_t index);

enum err value_json_read(struct value_document *document, struct text payload,
                         struct err_reason *why) ERR_MUST_CHECK;
enum err value_msgpack_read(struct value_document *document, struct text payload,
                            struct err_reason *why) ERR_MUST_CHECK;

#endif
