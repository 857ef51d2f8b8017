/* Paths: the first line is one, the rest a message. What is parsed ends, finds only what is there,
 * and names itself. */
#include <stdlib.h>

#include "base/value_path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct value_document *document;
    const char *start = size ? (const char *)data : "";
    const char *newline = size ? memchr(start, '\n', size) : NULL;
    struct text text = {start, newline ? (size_t)(newline - start) : size};
    struct text message = newline ? (struct text){newline + 1, size - text.len - 1} : TEXT("{}");
    struct value_path path;
    struct err_reason why = {""};
    struct value root, v;
    if (!document)
        require((document = value_document_new()) != NULL);
    if (value_path_parse(text, &path, &why) != ERR_OK) {
        require(strstr(why.text, "at byte ") != NULL);
        return 0;
    }
    require(path.count <= VALUE_PATH_MAX_STEPS && path.each <= path.count);
    if (value_parse(document, VALUE_JSON, message, &root, NULL) != ERR_OK)
        return 0;
    size_t found = 0;
    struct value_path_walk walk = value_path_walk(&path, root, root);
    while (value_path_next(&walk, &v))
        found++;
    require(path.each > 0 || found == (value_path_find(&path, root, root, &v) ? 1u : 0u));
    return 0;
}
