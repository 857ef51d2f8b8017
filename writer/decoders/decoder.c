#include "writer/decoders/decoder.h"

#include "writer/decoders/event.h"
#include "writer/decoders/homeassistant_eventstream.h"
#include "writer/decoders/homeassistant_statestream.h"
#include "writer/decoders/line.h"
#include "writer/decoders/names.h"
#include "writer/decoders/reading.h"
#include "writer/decoders/service_metrics.h"
#include "writer/decoders/value.h"

static const struct decoder *const decoders[] = {
    &reading_decoder,
    &event_decoder,
    &service_metrics_decoder,
    &line_decoder,
    &value_decoder,
    &homeassistant_statestream_decoder,
    &homeassistant_eventstream_decoder,
};

#define DECODER_COUNT (sizeof decoders / sizeof decoders[0])

static const struct {
    const char *id, *words;
} rejects[REJECT_COUNT] = {
#define X(name, id, words) {id, words},
    REJECT_LIST(X)
#undef X
};

const char *reject_id(enum reject reason)
{
    return (unsigned)reason < REJECT_COUNT ? rejects[reason].id : "none";
}

const char *reject_words(enum reject reason)
{
    return (unsigned)reason < REJECT_COUNT ? rejects[reason].words : "";
}

bool reject_find(struct text id, enum reject *ret_reason)
{
    for (unsigned i = 0; i < REJECT_COUNT; i++) {
        if (!text_equal(id, text_of(rejects[i].id)))
            continue;
        *ret_reason = (enum reject)i;
        return true;
    }
    return false;
}

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

const struct decoder *decoder_find(struct text name)
{
    for (size_t i = 0; i < DECODER_COUNT; i++) {
        if (text_equal(name, text_of(decoders[i]->name)))
            return decoders[i];
    }
    return NULL;
}

const struct decoder *decoder_at(size_t index)
{
    return index < DECODER_COUNT ? decoders[index] : NULL;
}
