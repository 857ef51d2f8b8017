/* What every decoder is: a pure function from a record to points. No I/O, no clock, no allocation
 * that outlives the call. One file a dialect; decoder.c holds the table of all. What each takes,
 * with examples, is in docs/sources.md. */
#ifndef WRITER_DECODERS_DECODER_H
#define WRITER_DECODERS_DECODER_H

#include "base/settings.h"
#include "influx/point.h"
#include "writer/decoders/decode_scratch.h"
#include "writer/decoders/reject.h"
#include "writer/decoders/units.h"

/* Changes whenever a decoder makes other points than before from the same message; part of
 * sources_hash. */
#define DECODER_VERSION 5

/* Limits of one message. Names are measurements and keys of tags and fields; tag values may be
 * longer. Elements without a time of their own are so many because arrival times are at least so
 * many nanoseconds apart. */
#define DECODE_NAME_MAX_BYTES 255
#define DECODE_TAG_MAX_BYTES  1024
#define DECODE_MAX_UNTIMED    1024

/* What a decoder reads: a record without what concerns only the journal. All borrowed. */
struct decode_input {
    struct text topic, payload, content_type;
    int64_t arrival_ns;                   /* only to choose between two readings of one time */
    const char *topic_root;               /* "hearthline" */
    const struct settings_source *source; /* filter, measurement, tags; NULL for our own topics */
    const void *prepared;                 /* what the decoder's `prepare` made; else NULL */
    const struct units *units;            /* of the source; NULL: nothing is converted */
    const struct settings_tag *tags; /* for every point, after the message's and the source's */
    unsigned tags_count;
};

/* What a message says of an entity besides a point: when its state was changed, its unit. For the
 * rules that need memory. */
struct decode_fact {
    struct text subject; /* "light.kitchen" */
    struct text name;    /* "last_updated", "unit_of_measurement"; homeassistant_entity.h has all */
    struct text value;
};

/* Where points go. Points and texts are valid during the call only. */
struct decode_sink {
    void *context;
    /* A point; `timed` tells whether it has its own time. For one without, `place` is what to add
     * to the arrival time in ns, below DECODE_MAX_UNTIMED. For a point with its own time it is the
     * element's index in the message: what to add, when it is below DECODE_MAX_UNTIMED, where a
     * rule gives it the arrival time after all. */
    void (*point)(void *context, const struct point *point, unsigned place);
    /* One element of several could not be decoded; the others go on. Its place stays free, for when
     * a corrected mapping stores it; in a message of more than DECODE_MAX_UNTIMED elements it is
     * that or more. `element` is what it was: a line as it came, an array's element as JSON. */
    void (*reject)(void *context, enum reject reason, const char *words, unsigned place,
                   struct text element);
    void (*fact)(void *context, const struct decode_fact *fact); /* NULL: facts are of no use */
};

enum decode_verdict {
    DECODED,         /* zero or more elements went to the sink */
    DECODE_IGNORED,  /* by a rule that `why` names: not for storing */
    DECODE_REJECTED, /* the whole message; `reason` and `why` say why */
};

struct decoder {
    const char *name;
    const char *help;                    /* one line for --help and the docs */
    enum settings_rule retained_default; /* never SETTINGS_RULE_DEFAULT */
    enum settings_rule late_default;
    bool homeassistant;        /* its points are of Home Assistant's entities */
    bool homeassistant_layout; /* its sources may say `layout: homeassistant` */
    /* What the settings of one source become, once, when the sources are opened: paths parsed,
     * zones read. NULL for a decoder that needs nothing of the kind. Each decode gets it as
     * input->prepared and only reads it; `release` frees it. It may borrow from `source`.
     * ERR_INVALID: `why` names the source's key, the place in it and what would be right. */
    enum err (*prepare)(const struct settings_source *source, void **ret_prepared,
                        struct err_reason *why);
    void (*release)(void *prepared);
    enum decode_verdict (*decode)(const struct decode_input *input, struct decode_scratch *scratch,
                                  const struct decode_sink *sink, enum reject *ret_reason,
                                  struct err_reason *why);
};

/* decoder_find finds by name, NULL when there is none; decoder_at walks the table until NULL. */
const struct decoder *decoder_find(struct text name);
const struct decoder *decoder_at(size_t index);

#endif
