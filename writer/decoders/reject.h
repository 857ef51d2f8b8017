/* The reasons for which something is not stored. */
#ifndef WRITER_DECODERS_REJECT_H
#define WRITER_DECODERS_REJECT_H

#include "base/text.h"

/* Why something was not stored: stable identifiers, used in topics, files, metrics and docs. */
#define REJECT_LIST(X)                                                                             \
    X(NONE, "none", "")                                                                            \
    X(NOT_UTF8, "not_utf8", "the bytes are not UTF-8 text")                                        \
    X(NOT_JSON, "not_json", "JSON was due and this is none")                                       \
    X(NOT_MSGPACK, "not_msgpack", "msgpack was due and this is none")                              \
    X(NOT_LINE, "not_line", "this is no line protocol")                                            \
    X(WRONG_SHAPE, "wrong_shape",                                                                  \
      "the message lacks what its kind needs or has it of another type")                           \
    X(NO_FIELDS, "no_fields", "nothing in it can be stored")                                       \
    X(BAD_VALUE, "bad_value", "a value is out of range or not of a type that can be stored")       \
    X(BAD_TIME, "bad_time", "the time cannot be read or is out of range")                          \
    X(BAD_NAME, "bad_name", "a name is empty or too long")                                         \
    X(TOO_MANY, "too_many", "more fields, tags or elements than a message may have")               \
    X(TOO_MANY_SERIES, "too_many_series", "its source has as many series as it may have")          \
    X(TOO_LARGE, "too_large", "larger than the journal takes")                                     \
    X(EMPTY, "empty", "the payload is empty")                                                      \
    X(UNKNOWN_TOPIC, "unknown_topic", "no topic of ours has this form")                            \
    X(FIELD_TYPE, "field_type", "the field has another type, and the value does not fit it")       \
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

#endif
