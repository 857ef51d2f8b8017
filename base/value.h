/* One read-only view of a JSON or a msgpack message; nothing past it asks which
 * of the two it was.
 *
 * JSON is RFC 8259, UTF-8, at most 512 levels deep; of a key that stands twice in an
 * object the first counts. Numbers written without fraction and exponent are
 * exact 64-bit integers where they fit 53 bits; larger ones are what a double
 * makes of them. msgpack is one object of the current specification; declared
 * counts are held against the bytes that are left before anything is
 * allocated, because msgpack-c would map gigabytes for a five-byte lie; nesting
 * is at most 32 levels; the timestamp extension (-1) is a time, other
 * extensions are refused. Bytes behind the one value (other than white space in
 * JSON) are an error in both. */
#ifndef BASE_VALUE_H
#define BASE_VALUE_H

#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

enum value_kind {
    VALUE_NULL,
    VALUE_BOOL,
    VALUE_INTEGER, /* fits int64_t exactly */
    VALUE_NUMBER,  /* any other number, also msgpack's NaN and infinities */
    VALUE_TEXT,    /* well-formed UTF-8, may hold NUL */
    VALUE_BYTES,   /* msgpack bin */
    VALUE_TIME,    /* msgpack timestamp */
    VALUE_ARRAY,
    VALUE_MAP,
};

enum value_encoding { VALUE_JSON, VALUE_MSGPACK };

/* A value is two words, passed by value; it lives as long as its document holds
 * what it was parsed from. */
struct value {
    const void *node;
    enum value_encoding encoding;
};

/* A document owns the memory of one parsed message and is used again for the
 * next. Not for two threads at once. */
struct value_document;
struct value_document *value_document_new(void);
void value_document_free(struct value_document *document);

/* value_encoding_of tells the encoding by MQTT 5's Content Type
 * ("application/json", "application/msgpack", "application/x-msgpack",
 * "application/vnd.msgpack"; parameters behind ';' do not matter) or, where that
 * is empty or another, by the first byte: a fixmap, map16/32, fixarray, array16/32 or any
 * byte from 0x80 on is msgpack, everything else JSON. */
enum value_encoding value_encoding_of(struct text content_type, struct text payload);

/* value_parse reads the payload, which it borrows as long as values of it are
 * used. Values of the message before become invalid, also when it fails.
 * ERR_INVALID: not the encoding it should be; `why` says what and at which byte. */
enum err value_parse(struct value_document *document, enum value_encoding encoding,
                     struct text payload, struct value *ret_root,
                     struct err_reason *why) ERR_MUST_CHECK;

enum value_kind value_kind(struct value v);
const char *value_kind_name(enum value_kind kind); /* "a number", "text", "an object" ... */

/* The readers give what the value holds when its kind fits, else a zero value. */
bool value_bool(struct value v);
int64_t value_integer(struct value v); /* VALUE_INTEGER */
double value_number(struct value v);   /* VALUE_INTEGER or VALUE_NUMBER */
struct text value_text(struct value v); /* VALUE_TEXT or VALUE_BYTES */
int64_t value_time_ns(struct value v); /* VALUE_TIME; saturates at the ends of int64_t */

/* value_count is the number of elements of an array or pairs of a map. */
size_t value_count(struct value v);

/* value_get finds a key of a map; false when v is no map or has no such key. */
bool value_get(struct value v, struct text key, struct value *ret_value);

/* Walking an array or a map, in order, at a constant cost an element:
 *   struct value_walk walk = value_walk(v);
 *   while (value_next(&walk, &key, &element)) ...
 * In an array, key is empty. Map keys that are not text are skipped in msgpack. */
struct value_walk {
    struct value of;
    const void *at;
    size_t left;
};
struct value_walk value_walk(struct value v);
bool value_next(struct value_walk *walk, struct text *ret_key, struct value *ret_value);

#endif
