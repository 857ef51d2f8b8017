/* The one table of all keys (settings_table.c, settings_table_destination.c, and
 * settings_table_query.c for the query service), and what reading the configuration is made of:
 * shared by the settings_*.c files. Nobody else includes this. */
#ifndef BASE_SETTINGS_TABLE_H
#define BASE_SETTINGS_TABLE_H

#include "base/settings.h"

enum settings_kind {
    SETTINGS_TEXT,    /* char * */
    SETTINGS_PATH,    /* char *, made absolute; "" stays "" */
    SETTINGS_TOKEN,   /* a path too; its variables hold the secret itself */
    SETTINGS_PLACE,   /* char *, a path into a message (value_path.h); "" where the default is */
    SETTINGS_WORD,    /* an enum, by the position in `words` */
    SETTINGS_FLAG,    /* bool */
    SETTINGS_NUMBER,  /* uint32_t or uint64_t, by `width` */
    SETTINGS_BYTES,   /* the same, with a unit: 16 MiB */
    SETTINGS_SPAN,    /* uint32_t of seconds, written like 15m; 0s where `min` is 0 */
    SETTINGS_DECIMAL, /* double; NaN where the default is empty, until the entry is complete */
    SETTINGS_SECTION, /* a mapping of the rows of `section`, at `offset` */
    SETTINGS_BROKER,  /* struct settings_broker *, what is missing taken from the common one */
    /* struct settings_tag *, followed by its unsigned count; their values as `values` says, at most
     * `max` of them where that is not 0; where `lists`, a value may be a list of texts, which gives
     * a pair for each. */
    SETTINGS_TAGS,
    /* char **, followed by its unsigned count: a list of texts, or a single one, as `values` says.
     */
    SETTINGS_TEXTS,
    SETTINGS_LIST, /* a pointer to entries of `section`, followed by their unsigned count */
};

enum { SETTINGS_NAMES_MAX = 5 };

struct settings_row {
    const char *name; /* in its section */
    enum settings_kind kind;
    size_t offset, width;
    const char *preset;       /* the default as one would write it; NULL: the key must be there */
    uint64_t min, max;        /* of numbers, sizes and spans */
    const char *const *words; /* ends with NULL; all that is allowed */
    const char *(*check)(const char *text); /* NULL, or what would be right */
    const struct settings_section *section;
    const struct settings_row *values;           /* of the pairs or texts; NULL: settings_tag_row */
    bool lists;                                  /* of pairs */
    const char *environment[SETTINGS_NAMES_MAX]; /* ends with NULL; these win over the file */
    const char *help;
};

struct settings_section {
    const struct settings_row *rows;
    size_t count;
    const char *help;
    /* Of a list's entry: */
    size_t size;         /* of its struct */
    const char *example; /* an entry as one would write it */
    const char *unique;  /* the text no two entries share, or NULL */
    /* Fills in what follows from other keys, and holds the keys against each other: NULL when they
     * are right together, else the wrong one's name, ret_wrong saying what is wrong with it and
     * what would be right. May be NULL. */
    const char *(*complete)(void *entry, struct buf *ret_wrong);
};

/* For the tables: where a row's member is, and a section that is no list. */
#define MEMBER(type, member)                                                                       \
    .offset = offsetof(struct type, member), .width = sizeof(((struct type *)0)->member)
#define SECTION(rows_, help_)                                                                      \
    {                                                                                              \
        .rows = (rows_), .count = sizeof(rows_) / sizeof *(rows_), .help = (help_)                 \
    }

extern const struct settings_section settings_root;
extern const struct settings_section settings_source_section;
extern const struct settings_section settings_destination_section;
extern const struct settings_section settings_broker_section;
extern const struct settings_section settings_stats_section;
extern const struct settings_section settings_query_section;
extern const struct settings_row settings_tag_row; /* the value of any tag */

/* Where one value is from, for settings_effective. */
struct settings_origin {
    char *key;
    char *from;
    const struct settings_row *row;
    const void *at; /* the value */
};

/* What settings_read makes: the settings and the memory that belongs to them. */
struct settings_loaded {
    struct settings settings; /* the first member: settings_free finds the rest */
    struct settings_origin *origins;
    size_t origins_count, origins_capacity;
    void **owned;
    size_t owned_count, owned_capacity;
};

/* settings_own_... allocate what is freed with the settings; NULL when out of memory. */
void *settings_own_zeroed(struct settings_loaded *loaded, size_t size);
char *settings_own_text(struct settings_loaded *loaded, const char *text);

/* settings_store reads `text` into the member of `row` at `base`; relative paths from
 * `folder`. ERR_INVALID: *ret_expected says what would be right. */
enum err settings_store(struct settings_loaded *loaded, const struct settings_row *row,
                        const char *text, const char *folder, void *base,
                        struct buf *ret_expected) ERR_MUST_CHECK;

/* settings_expected appends what a row takes: "a whole number from 1 to 50000". */
void settings_expected(const struct settings_row *row, struct buf *out);

/* settings_expected_by_check gives what the row's check takes; NULL when it has none. */
const char *settings_expected_by_check(const struct settings_row *row);

/* settings_suggest appends the key of the section that is nearest to `name`, or all of them. */
void settings_suggest(const struct settings_section *section, const char *name, struct buf *out);

/* settings_from_environment finds the value that the row's variables give: NULL when none
 * is set (an empty one is not set). ERR_INVALID with both names when two differ. */
enum err settings_from_environment(const struct settings_row *row, const char **ret_name,
                                   const char **ret_value, struct err_reason *why) ERR_MUST_CHECK;

/* settings_parse reads the YAML text into `loaded`; `path` is for the reasons. */
enum err settings_parse(struct settings_loaded *loaded, const char *path, const char *folder,
                        struct text yaml, struct err_reason *why) ERR_MUST_CHECK;

#endif
