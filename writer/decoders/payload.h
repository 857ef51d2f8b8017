/* Reading a payload: as a structured message or as one plain value. */
#ifndef WRITER_DECODERS_PAYLOAD_H
#define WRITER_DECODERS_PAYLOAD_H

#include "writer/decoders/decoder.h"

/* payload_parse reads JSON or msgpack (value_encoding_of decides) into scratch->document.
 * REJECT_EMPTY, NOT_UTF8 (of JSON), NOT_JSON or NOT_MSGPACK, with the byte where it went wrong;
 * TOO_LARGE for memory. A JSON number that no double can hold is the reader's NOT_JSON. */
enum reject payload_parse(const struct decode_input *input, struct decode_scratch *scratch,
                          struct value *ret_root, struct err_reason *why);

enum payload_kind {
    PAYLOAD_NUMBER,
    PAYLOAD_SWITCH, /* true, false, on, off in any case of letters */
    PAYLOAD_NAN,    /* "nan": a sensor that has no value now */
    PAYLOAD_WORD,   /* any other text */
};

struct payload_plain {
    enum payload_kind kind;
    double number;    /* PAYLOAD_NUMBER, finite */
    bool truth;       /* PAYLOAD_SWITCH */
    struct text word; /* the text as it came, without white space and quotes around it */
};

/* payload_plain reads one bare number, boolean or word, white space around it left out; text in
 * JSON's quotes is taken without them; with a Content Type of msgpack, one msgpack scalar.
 * REJECT_EMPTY, NOT_UTF8, NOT_MSGPACK; WRONG_SHAPE for an object or array; NO_FIELDS for null;
 * BAD_VALUE for infinities and numbers out of range. */
enum reject payload_plain(const struct decode_input *input, struct decode_scratch *scratch,
                          struct payload_plain *ret_plain, struct err_reason *why);

/* payload_switch reads true, false, on and off in any case of letters. */
bool payload_switch(struct text word, bool *ret_truth);

#endif
