/* What every decoder is: a pure function from a record to points. No I/O, no clock, no allocation that outlives the
 * call. One file a dialect; decoder.c holds the table of all. What each takes, with examples, is in docs/decoders.md. */
#ifndef WRITER_DECODERS_DECODER_H
#define WRITER_DECODERS_DECODER_H

#include "base/settings.h"
#include "base/value.h"
#include "influx/point.h"

/* Changes whenever a decoder makes other points than before from the same message; part of sources_hash. */
#define DECODER_VERSION 1

/* Limits of one message. Names are measurements and keys of tags and fields; tag values may be longer. */
#define DECODE_NAME_MAX_BYTES 255
#define DECODE_TAG_MAX_BYTES  1024
#define DECODE_MAX_UNTIMED    1024 /* elements without a time of their own: arrival times are so many ns apart */

/* Why something was not stored: stable identifiers, used in topics, files, metrics and docs. */
#define REJECT_LIST(X)                                                                             \
    X(NONE, "none", "")                                                                            \
    X(NOT_UTF8, "not_utf8", "the bytes are not UTF-8 text")                                        \
    X(NOT_JSON, "not_json", "JSON was due and this is none")                                       \
    X(NOT_MSGPACK, "not_msgpack", "msgpack was due and this is none")                              \
    X(NOT_LINE, "not_line", "this is no line protocol")                                            \
    X(WRONG_SHAPE, "wrong_shape", "the message lacks what its kind needs or has it of another type") \
    X(NO_FIELDS, "no_fields", "nothing in it can be stored")                                       \
    X(BAD_VALUE, "bad_value", "a value is out of range or not of a type that can be stored")       \
    X(BAD_TIME, "bad_time", "the time cannot be read or is out of range")                          \
    X(BAD_NAME, "bad_name", "a name is empty or too long")                                         \
    X(TOO_MANY, "too_many", "more fields, tags or elements than a message may have")               \
    X(TOO_LARGE, "too_large", "larger than the journal takes")                                     \
    X(EMPTY, "empty", "the payload is empty")                                                      \
    X(UNKNOWN_TOPIC, "unknown_topic", "no topic of ours has this form")                            \
    X(SERVER, "server", "InfluxDB refused the line")

enum reject {
#define X(name, id, words) REJECT_##name,
    REJECT_LIST(X)
#undef X
    REJECT_COUNT
};
const char *reject_id(enum reject reason);    /* "not_json" */
const char *reject_words(enum reject reason); /* for a person */
bool reject_find(struct text id, enum reject *ret_reason);

/* What a decoder reads: a record without what concerns only the journal. All borrowed. */
struct decode_input {
    struct text topic, payload, content_type;
    const char *topic_root;               /* "hearthline" */
    const struct settings_source *source; /* filter, measurement, tags; NULL for our own topics */
    const struct settings_tag *tags;      /* put on every point, after the message's own and the source's */
    unsigned tags_count;
};

/* Where points go. Points and texts are valid during the call only. */
struct decode_sink {
    void *context;
    /* A point; `timed` tells whether it has its own time. `element` is 0 for the first point without one, 1 for the
     * next, always below DECODE_MAX_UNTIMED: what to add to the arrival time in ns. For a point with its own time it is
     * the element's index in the message. */
    void (*point)(void *context, const struct point *point, unsigned element);
    /* One element of several could not be decoded; the others go on. `element` is what it was: a line as it came, an
     * array's element as JSON. */
    void (*reject)(void *context, enum reject reason, const char *words, struct text element);
};

enum decode_verdict {
    DECODED,        /* zero or more elements went to the sink */
    DECODE_IGNORED, /* by a rule that `why` names: not for storing */
    DECODE_REJECTED, /* the whole message; `reason` and `why` say why */
};

/* Memory that a decoder uses again and again; made once by whoever decodes. 200 KiB and more: not for the stack. */
struct decode_scratch {
    struct value_document *document;
    struct buf names;    /* for unescaped or joined names; see names.h */
    struct point point;
};
enum err decode_scratch_open(struct decode_scratch *scratch) ERR_MUST_CHECK;
void decode_scratch_close(struct decode_scratch *scratch);

struct decoder {
    const char *name;
    const char *help;                     /* one line for --help and the docs */
    enum settings_rule retained_default;  /* never SETTINGS_RULE_DEFAULT */
    enum settings_rule late_default;
    enum decode_verdict (*decode)(const struct decode_input *input, struct decode_scratch *scratch,
                                  const struct decode_sink *sink, enum reject *ret_reason,
                                  struct err_reason *why);
};

/* decoder_find finds by name, NULL when there is none; decoder_at walks the table until NULL. */
const struct decoder *decoder_find(struct text name);
const struct decoder *decoder_at(size_t index);

#endif
