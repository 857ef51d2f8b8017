#include "schemas/rejected.h"

#include "schemas/base64.h"

#define MEMBER(member) FIELDS_MEMBER(struct rejected, member)

static const struct fields_row rows[] = {
    {"schema", FIELDS_SCHEMA, .required = true, .max = 1, .help = "version of this message"},
    {"reason", FIELDS_BORROWED, .required = true, MEMBER(reason), .min = 1,
     .help = "why, as an identifier; also the last level of the topic"},
    {"words", FIELDS_BORROWED, .required = true, MEMBER(words),
     .help = "why, for a person: what was wrong and what would be right"},
    {"topic", FIELDS_BORROWED, .required = true, MEMBER(topic), .min = 1,
     .help = "topic of the original"},
    {"content_type", FIELDS_BORROWED, MEMBER(content_type), .help = "MQTT 5's, of the original"},
    {"source", FIELDS_BORROWED, MEMBER(source), .help = "the source that took the message"},
    {"time", FIELDS_TIME, .required = true, MEMBER(time_ns), .help = "when the original arrived"},
    {"arrival_ns", FIELDS_INTEGER_TEXT, .required = true, MEMBER(time_ns),
     .help = "the same in nanoseconds since 1970; names the record in the journal"},
    {"payload", FIELDS_BORROWED, MEMBER(payload), .help = "the original, when it is UTF-8"},
    {"payload_base64", FIELDS_BORROWED, MEMBER(payload_base64),
     .help = "the original in base64, when it is not UTF-8"},
    {"payload_bytes", FIELDS_UNSIGNED, MEMBER(payload_bytes),
     .help = "length of the whole original"},
    {"cut", FIELDS_BOOL, MEMBER(cut),
     .help = "true when only the first 64 KiB of the original are here"},
    {"element", FIELDS_UNSIGNED, MEMBER(element), .max = UINT32_MAX,
     .help = "the original is an element of an array or one of many lines (here as JSON or line "
             "protocol); without a time of its own it belongs so many nanoseconds after the "
             "arrival"},
    {"line", FIELDS_BORROWED, MEMBER(line),
     .help = "the line of line protocol that InfluxDB refused"},
    {"retained", FIELDS_BOOL, MEMBER(retained),
     .help = "true when the original was a retained message"},
    {"late", FIELDS_BOOL, MEMBER(late),
     .help = "true when the original had waited at the broker while the writer was away"},
    {"qos", FIELDS_UNSIGNED, MEMBER(qos), .max = 2, .help = "QoS of the original"},
};

const struct fields_table rejected_table = {
    .name = "rejected",
    .help = "What could not be stored, why, and the original.",
    FIELDS_ROWS(rows),
    .size = sizeof(struct rejected),
};

/* The start of the bytes that is kept; a character is not cut in two. */
static struct text kept_start(struct text bytes, bool *cut)
{
    if (bytes.len <= REJECTED_ORIGINAL_MAX)
        return bytes;
    *cut = true;
    size_t len = REJECTED_ORIGINAL_MAX;
    while (len > REJECTED_ORIGINAL_MAX - 3 && ((unsigned char)bytes.at[len] & 0xC0) == 0x80)
        len--;
    return (struct text){bytes.at, len};
}

void rejected_set_payload(struct rejected *message, struct text bytes, struct buf *base64)
{
    struct text kept = kept_start(bytes, &message->cut);
    message->payload_bytes = fields_unsigned(bytes.len);
    if (text_utf8_valid(kept)) {
        message->payload = kept;
        return;
    }
    buf_reset(base64);
    base64_encode(kept, base64);
    message->payload_base64 = buf_view(base64);
}

void rejected_set_line(struct rejected *message, struct text line)
{
    message->line = kept_start(line, &message->cut);
}

enum err rejected_get_payload(const struct rejected *message, struct buf *out)
{
    if (message->payload_base64.len)
        return base64_decode(message->payload_base64, out);
    buf_text(out, message->payload);
    return ERR_OK;
}

void rejected_encode(const struct rejected *message, struct buf *out)
{
    fields_encode(&rejected_table, message, out);
}

enum err rejected_decode(struct value root, struct rejected *ret_message, struct err_reason *why)
{
    return fields_decode(&rejected_table, root, ret_message, why);
}
