/* The table codec: a message of ours is a plain struct, and one table says for each of its
 * fields the name on the bus, the type, where it lies in the struct, what it may hold and what it
 * means. Encoding, decoding, the words of an error and the documentation all come from that table;
 * a test holds it against the message's JSON Schema.
 *
 * A zeroed struct says nothing: an empty text, word 0, a false bool, a number whose `present`
 * is false and a list of counts or texts whose first name is empty are absent. Numbers carry their
 * presence beside them because 0 is a measurement. A time and an integer as text have no
 * absence: their rows are required, while rows of bools, numbers, counts, texts under names and
 * times or none never are. A table has at most 64 rows. */
#ifndef SCHEMAS_FIELDS_H
#define SCHEMAS_FIELDS_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/value.h"

enum fields_type {
    FIELDS_SCHEMA,       /* no member: the version `max`, always written and checked */
    FIELDS_TEXT,         /* char[size], terminated; at most size - 1 bytes of UTF-8 without NUL */
    FIELDS_BORROWED,     /* struct text; decoded, it points into the document */
    FIELDS_WORD,         /* an enum; its text is words[value], words[0] is "" */
    FIELDS_BOOL,         /* bool */
    FIELDS_UNSIGNED,     /* struct fields_unsigned; a JSON integer */
    FIELDS_NUMBER,       /* struct fields_number; what is not finite is absent */
    FIELDS_TIME,         /* int64_t, ns since 1970 UTC; RFC 3339 text */
    FIELDS_INTEGER_TEXT, /* int64_t; decimal text, exact where a JSON number would not be */
    FIELDS_COUNTS,       /* struct fields_count[size / sizeof one]; an object of name to integer */
    FIELDS_TEXTS,        /* struct fields_text[size / sizeof one]; an object of name to text,
                            decoded in the order of the names */
    FIELDS_TIME_OR_NONE, /* int64_t, as FIELDS_TIME; 0 is absent */
};

struct fields_unsigned {
    uint64_t value;
    bool present;
};

struct fields_number {
    double value;
    bool present;
};

/* One of several counts under their names, such as rejected messages by reason. */
#define FIELDS_COUNT_NAME_SIZE 32
struct fields_count {
    char name[FIELDS_COUNT_NAME_SIZE]; /* "" ends the list before its array does */
    uint64_t count;
};

/* One of several texts under their names, such as tags; borrowed. An empty name ends the list. */
struct fields_text {
    struct text name, value;
};

struct fields_row {
    const char *name;
    enum fields_type type;
    bool required; /* always written; its absence is an error */
    bool nullable; /* written as null when absent: asked, and there is no figure */
    size_t offset; /* in the struct */
    size_t size;   /* of the member */
    /* Numbers: smallest value, never below 0 for FIELDS_UNSIGNED, -INFINITY for none; texts, also
     * those of FIELDS_TEXTS: fewest bytes. */
    double min;
    bool above_min; /* numbers: min itself is too small */
    /* Numbers: largest value; FIELDS_BORROWED and FIELDS_TEXTS: most bytes of a text; 0 for no
     * limit. FIELDS_SCHEMA: the version. */
    double max;
    /* Ended by NULL, words[0] is "". FIELDS_WORD: its texts; FIELDS_BORROWED: the texts it may be,
     * FIELDS_TEXTS: the names it may have, NULL for any. */
    const char *const *words;
    const char *help; /* a phrase; also the description in the JSON Schema */
};

struct fields_table {
    const char *name; /* of the message, and of its file: "status" */
    const char *help;
    const struct fields_row *rows;
    size_t count;
    size_t size; /* of the struct */
};

/* For the tables: where a member lies and how large it is. */
#define FIELDS_MEMBER(type, member)                                                                \
    .offset = offsetof(type, member), .size = sizeof(((type *)NULL)->member)
#define FIELDS_ROWS(array) .rows = (array), .count = sizeof(array) / sizeof((array)[0])

/* fields_encode appends the message as one JSON object, in the order of the table. */
void fields_encode(const struct fields_table *table, const void *message, struct buf *out);

/* fields_decode fills the struct from an object, JSON or msgpack; keys that are not in the
 * table do not matter, null counts as absent. ERR_INVALID: `why` names the field and what would
 * be right. ERR_UNSUPPORTED: the message is of another schema version. ERR_NOMEM. */
enum err fields_decode(const struct fields_table *table, struct value root, void *ret_message,
                       struct err_reason *why) ERR_MUST_CHECK;

/* fields_decode_strict does the same for a question: a key that the table does not know, or that
 * stands there twice, is ERR_INVALID with the key and the nearest known one named. A zeroed value,
 * which is what an empty payload has, reads as an object without keys. */
enum err fields_decode_strict(const struct fields_table *table, struct value root,
                              void *ret_message, struct err_reason *why) ERR_MUST_CHECK;

/* fields_schema appends the table as a JSON Schema (draft 2020-12) on one line, additional
 * properties refused when `strict`. */
void fields_schema(const struct fields_table *table, bool strict, struct buf *out);

/* fields_help appends the table in Markdown, a line a field. */
void fields_help(const struct fields_table *table, struct buf *out);

/* fields_copy fills a text member of `size` bytes and cuts at the start of a UTF-8 character. */
void fields_copy(char *to, size_t size, struct text from);

static inline struct fields_unsigned fields_unsigned(uint64_t value)
{
    return (struct fields_unsigned){value, true};
}

static inline struct fields_number fields_number(double value)
{
    return (struct fields_number){value, true};
}

#endif
