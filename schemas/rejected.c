#include "schemas/rejected.h"

#define MEMBER(member) FIELDS_MEMBER(struct rejected, member)

static const struct fields_row rows[] = {
    {"schema", FIELDS_SCHEMA, .required = true, .max = 1, .help = "version of this message"},
    {"reason", FIELDS_BORROWED, .required = true, MEMBER(reason),
     .help = "identifier of the cause"},
    {"words", FIELDS_BORROWED, .required = true, MEMBER(words),
     .help = "what was wrong and what would be right"},
    {"topic", FIELDS_BORROWED, .required = true, MEMBER(topic),
     .help = "where the message came in"},
    {"source", FIELDS_BORROWED, MEMBER(source), .help = "name of the source that took the message"},
    {"time", FIELDS_TIME, .required = true, MEMBER(time_ns), .help = "when the message arrived"},
    {"payload", FIELDS_BORROWED, MEMBER(payload), .help = "the original, when it is UTF-8"},
    {"payload_base64", FIELDS_BORROWED, MEMBER(payload_base64),
     .help = "the original, when it is not UTF-8"},
    {"payload_bytes", FIELDS_UNSIGNED, MEMBER(payload_bytes),
     .help = "length of the whole original"},
    {"cut", FIELDS_BOOL, MEMBER(cut), .help = "only the start of the original is here"},
    {"line", FIELDS_BORROWED, MEMBER(line), .help = "the line that InfluxDB refused"},
    {"retained", FIELDS_BOOL, MEMBER(retained),
     .help = "the message came from the broker's memory"},
    {"qos", FIELDS_UNSIGNED, MEMBER(qos), .max = 2, .help = "QoS with which the message came"},
};

const struct fields_table rejected_table = {
    .name = "rejected",
    .help = "A message, or a part of one, that could not be stored.",
    FIELDS_ROWS(rows),
    .size = sizeof(struct rejected),
};

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* RFC 4648 section 4, with padding. */
static void base64_append(struct buf *out, struct text bytes)
{
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t left = bytes.len - i;
        unsigned group = (unsigned)(unsigned char)bytes.at[i] << 16;
        if (left > 1)
            group |= (unsigned)(unsigned char)bytes.at[i + 1] << 8;
        if (left > 2)
            group |= (unsigned)(unsigned char)bytes.at[i + 2];
        buf_char(out, alphabet[group >> 18 & 63]);
        buf_char(out, alphabet[group >> 12 & 63]);
        buf_char(out, left > 1 ? alphabet[group >> 6 & 63] : '=');
        buf_char(out, left > 2 ? alphabet[group & 63] : '=');
    }
}

static bool base64_read(struct text t, struct buf *out)
{
    if (t.len % 4 != 0)
        return false;
    for (size_t i = 0; i < t.len; i += 4) {
        unsigned group = 0, pad = 0;
        for (size_t j = 0; j < 4; j++) {
            char c = t.at[i + j];
            const char *place = c ? strchr(alphabet, c) : NULL;
            if (c == '=' && i + 4 == t.len && j >= 2)
                pad++;
            else if (!place || pad > 0)
                return false;
            group = group << 6 | (pad > 0 ? 0 : (unsigned)(place - alphabet));
        }
        unsigned char bytes[3] = {(unsigned char)(group >> 16), (unsigned char)(group >> 8),
                                  (unsigned char)group};
        buf_append(out, bytes, 3 - pad);
    }
    return true;
}

void rejected_set_payload(struct rejected *message, struct text bytes, struct buf *base64)
{
    message->payload_bytes = fields_unsigned(bytes.len);
    message->payload = message->payload_base64 = (struct text){NULL, 0};
    message->cut = bytes.len > REJECTED_ORIGINAL_MAX;
    struct text kept = bytes;
    if (message->cut) {
        kept.len = REJECTED_ORIGINAL_MAX;
        while (kept.len > REJECTED_ORIGINAL_MAX - 4 &&
               ((unsigned char)bytes.at[kept.len] & 0xC0) == 0x80)
            kept.len--;
    }
    if (text_utf8_valid(kept)) {
        message->payload = kept;
        return;
    }
    kept.len = message->cut ? REJECTED_ORIGINAL_MAX : bytes.len;
    buf_reset(base64);
    base64_append(base64, kept);
    message->payload_base64 = buf_view(base64);
}

void rejected_set_line(struct rejected *message, struct text line)
{
    message->line = line;
    if (line.len > REJECTED_ORIGINAL_MAX)
        message->line.len = REJECTED_ORIGINAL_MAX;
}

enum err rejected_get_payload(const struct rejected *message, struct buf *out)
{
    if (message->payload_base64.len > 0)
        return base64_read(message->payload_base64, out) ? ERR_OK : ERR_INVALID;
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
