#include "writer/rejection.h"

#include "schemas/topics.h"

static void set_original(struct rejected *message, const struct fold_reject *reject,
                         struct buf *base64)
{
    struct text payload = reject->record->payload;
    uint64_t length = 0;
    if (reject->element.len > 0) {
        rejected_set_payload(message, reject->element, base64);
        message->element = fields_unsigned(reject->place);
        return;
    }
    message->content_type = reject->record->content_type;
    if (!(reject->record->flags & JOURNAL_CUT) || payload.len < JOURNAL_CUT_HEAD) {
        rejected_set_payload(message, payload, base64);
        return;
    }
    for (size_t i = 0; i < sizeof length; i++)
        length |= (uint64_t)(unsigned char)payload.at[i] << (8 * i);
    payload = (struct text){payload.at + JOURNAL_CUT_HEAD, payload.len - JOURNAL_CUT_HEAD};
    rejected_set_payload(message, payload, base64);
    message->payload_bytes = fields_unsigned(length);
    message->cut = true;
}

static struct text words_of(struct rejection *memory, const char *topic_root,
                            const struct fold_reject *reject)
{
    const char *words = reject->words ? reject->words : reject_words(reject->reason);
    buf_reset(&memory->words);
    buf_string(&memory->words, words);
    if (reject->reason == REJECT_UNKNOWN_TOPIC) {
        buf_string(&memory->words, "; the nearest that has one is ");
        topic_nearest(topic_root, reject->record->topic, &memory->words);
    }
    return buf_view(&memory->words);
}

void rejection_make(struct rejection *memory, const char *topic_root,
                    const struct fold_reject *reject, struct text line,
                    struct rejected *ret_message)
{
    const struct journal_record *record = reject->record;
    *ret_message = (struct rejected){
        .reason = text_of(reject_id(reject->reason)),
        .words = words_of(memory, topic_root, reject),
        .topic = record->topic,
        .source = text_of(reject->source ? reject->source->name : ""),
        .time_ns = record->arrival_ns,
        .retained = (record->flags & JOURNAL_RETAINED) != 0,
        .late = (record->flags & JOURNAL_LATE) != 0,
        .qos = fields_unsigned(record->qos),
    };
    set_original(ret_message, reject, &memory->base64);
    if (line.len > 0)
        rejected_set_line(ret_message, line);
}

void rejection_free(struct rejection *memory)
{
    buf_free(&memory->words);
    buf_free(&memory->base64);
}
