#include "writer/decoders/decode_scratch.h"

#include "writer/decoders/names.h"

enum err decode_scratch_open(struct decode_scratch *scratch)
{
    struct value_document *document = value_document_new();
    struct buf names = {0};
    if (!document || !names_open(&names)) {
        value_document_free(document);
        buf_free(&names);
        return ERR_NOMEM;
    }
    scratch->document = document;
    scratch->names = names;
    point_clear(&scratch->point);
    return ERR_OK;
}

void decode_scratch_close(struct decode_scratch *scratch)
{
    value_document_free(scratch->document);
    scratch->document = NULL;
    buf_free(&scratch->names);
}
