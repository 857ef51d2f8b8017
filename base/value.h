/* One read-only view of a JSON or a msgpack message; nothing past it asks which
 * of the two it was.
 *
 * JSON is exactly RFC 8259, UTF-8 (a byte order mark before it is passed over), at most
 * VALUE_JSON_LEVELS levels deep; of a key that stands twice in an object value_get
 * finds the first, a walk shows both. Numbers written without fraction and exponent are
 * exact integers where they fit int64_t; all others are what a double makes of them: one that is
 * too large for it, or is written with more than TEXT_NUMBER_MAX bytes, reads as infinite. msgpack
 * is one object of the current specification, its text well-formed UTF-8, at most
 * VALUE_MSGPACK_LEVELS levels deep; the timestamp extension
 * (-1) is a time, other extensions are refused. Bytes behind the one value (other than
 * white space in JSON) are an error in both.
 *
 * Both are read by one pass over the payload into one flat list of nodes, which is kept for the
 * next message: no allocation once it is large enough, 24 bytes an element, and
 * a count that a msgpack header declares is held against the bytes that are left before
 * it is believed. cJSON and msgpack-c are not used for reading: cJSON loses
 * how a number was written and what stands behind a NUL, takes what the RFC refuses,
 * and would need a full check before it; msgpack-c maps gigabytes for a five-byte lie. The
 * tests hold this reader against both of them. */
#ifndef BASE_VALUE_H
#define BASE_VALUE_H

#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

enum value_kind {
    VALUE_NULL,
    VALUE_BOOL,
    VALUE_INTEGER, /* fits int64_t exactly */
    VALUE_NUMBER,  /* any other number, also infinities, and msgpack's NaN */
    VALUE_TEXT,    /* well-formed UTF-8, may hold NUL */
    VALUE_BYTES,   /* msgpack bin */
    VALUE_TIME,    /* msgpack timestamp */
    VALUE_ARRAY,
    VALUE_MAP,
};

enum value_encoding { VALUE_JSON, VALUE_MSGPACK };

#define VALUE_JSON_LEVELS    512
#define VALUE_MSGPACK_LEVELS 32

/* A value is one word, passed by value; it lives as long as its document holds
 * what it was parsed from. A zeroed one reads as null. */
struct value {
    const struct value_node *node;
};

/* A document owns the memory of one parsed message and is used again for the
 * next. Not for two threads at once. NULL when out of memory. */
struct value_document;
struct value_document *value_document_new(void);
void value_document_free(struct value_document *document); /* NULL accepted */

/* value_encoding_of tells the encoding by MQTT 5's Content Type
 * ("application/json", "application/msgpack", "application/x-msgpack",
 * "application/vnd.msgpack"; case and parameters behind ';' do not matter) or, where that
 * is empty or another, by the first byte: from 0x80 on, where all of msgpack's maps and
 * arrays begin, it is msgpack (but for a UTF-8 byte order mark), else JSON. */
enum value_encoding value_encoding_of(struct text content_type, struct text payload);

/* value_parse reads the payload, which it borrows as long as values of it are
 * used. Values of the message before become invalid, also when it fails.
 * ERR_INVALID: not the encoding it should be; `why` says what and at which byte,
 * counted from 0. ERR_TOO_LARGE: over 256 MiB, which MQTT cannot carry. ERR_NOMEM. */
enum err value_parse(struct value_document *document, enum value_encoding encoding,
                     struct text payload, struct value *ret_root,
                     struct err_reason *why) ERR_MUST_CHECK;

enum value_kind value_kind(struct value v);
const char *value_kind_name(enum value_kind kind); /* "a number", "text", "an object" ... */

/* The readers give what the value holds when its kind fits, else a zero value. */
bool value_bool(struct value v);
int64_t value_integer(struct value v);  /* VALUE_INTEGER */
double value_number(struct value v);    /* VALUE_INTEGER or VALUE_NUMBER */
struct text value_text(struct value v); /* VALUE_TEXT or VALUE_BYTES */
int64_t value_time_ns(struct value v);  /* VALUE_TIME; saturates at the ends of int64_t */

/* value_count is the number of elements of an array or pairs of a map, those of
 * msgpack whose key is not text included. */
size_t value_count(struct value v);

/* value_get finds a key of a map; false when v is no map or has no such key. */
bool value_get(struct value v, struct text key, struct value *ret_value);

/* Walking an array or a map, in order, at a constant cost an element:
 *   struct value_walk walk = value_walk(v);
 *   while (value_next(&walk, &key, &element)) ...
 * In an array, key is empty. Map keys that are not text are skipped in msgpack. */
struct value_walk {
    const struct value_node *at;
    size_t left;
    bool of_map;
};
struct value_walk value_walk(struct value v);
bool value_next(struct value_walk *walk, struct text *ret_key, struct value *ret_value);

#endif
