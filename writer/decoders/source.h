/* Which decoder a message belongs to: our own topics first, then the configured sources, in the
 * order of the file; the first whose filter matches the topic takes it. */
#ifndef WRITER_DECODERS_SOURCE_H
#define WRITER_DECODERS_SOURCE_H

#include "writer/decoders/decoder.h"
#include "writer/decoders/route.h"

struct sources;

/* A source as it is used: from the configuration or one of ours. */
struct source {
    const char *name;
    const struct decoder *decoder;
    const struct settings_source *settings; /* NULL for our own topics */
    void *prepared;                         /* what the decoder made of them; NULL for nothing */
    struct units *units;                    /* of its `convert`; NULL for none */
    const char *filter;                     /* as configured, or ours */
    enum settings_rule retained, late;      /* resolved: never DEFAULT */
    uint32_t max_series;                    /* 0: without a bound */
    unsigned destination;                   /* of all its points; ROUTE_DEFAULT: by measurement */
    unsigned index;                         /* 0.. in the table of all sources */
};

/* source_rule is the rule for a message that came so; for a live one it is STORE. */
enum settings_rule source_rule(const struct source *source, bool retained, bool late);

/* source_rule_takes_arrival tells whether a message without a time of its own is stored at its
 * arrival time. */
bool source_rule_takes_arrival(enum settings_rule rule);

/* A message as it came; all borrowed. */
struct source_message {
    struct text topic, payload, content_type;
    int64_t arrival_ns;
};

/* sources_open checks the configuration's sources: decoder known (the nearest name is suggested),
 * filter well-formed and such that it can match: not below our own root, no topic of the broker's
 * own, no shared subscription, and not all within the filter of a source before it; destination
 * known; and has each decoder prepare what it needs of them. Its aliases too: see sources_aliases.
 * Borrows `settings`. */
enum err sources_open(const struct settings *settings, struct sources **ret_sources,
                      struct err_reason *why) ERR_MUST_CHECK;
void sources_close(struct sources *sources);

size_t sources_count(const struct sources *sources);
const struct source *source_at(const struct sources *sources, size_t index);

/* sources_of_filter finds a source by its filter, which no two share in use: the first takes the
 * message. NULL: it is not configured any more. */
const struct source *sources_of_filter(const struct sources *sources, struct text filter);

/* sources_aliases are the entities that were renamed: each as it is stored and what it is called
 * now, both of the form domain.object_id, of one domain, and neither in two of them. */
const struct settings_tag *sources_aliases(const struct sources *sources, unsigned *ret_count);

/* sources_area gives the configured area of an entity, as it is stored; NULL for none. */
const char *sources_area(const struct sources *sources, struct text entity);

/* sources_find gives the source of a topic. NULL: none takes it; *ret_known then tells whether the
 * topic is one of ours that is not for storing (true: ignore) or unknown below our root (false:
 * unknown_topic). A topic outside of the root that no filter matches is NULL and true. */
const struct source *sources_find(const struct sources *sources, struct text topic,
                                  bool *ret_known);

/* sources_destination tells where a point goes (route.h); `source` may be NULL. */
unsigned sources_destination(const struct sources *sources, const struct source *source,
                             struct text measurement);

/* sources_decode runs the source's decoder on a message. */
enum decode_verdict sources_decode(const struct sources *sources, const struct source *source,
                                   const struct source_message *message,
                                   struct decode_scratch *scratch, const struct decode_sink *sink,
                                   enum reject *ret_reason, struct err_reason *why);

/* sources_decode_by runs another decoder with the source's settings, on a message that a rule made
 * of several; both go by the same `prepare`. */
enum decode_verdict sources_decode_by(const struct sources *sources, const struct source *source,
                                      const struct decoder *decoder,
                                      const struct source_message *message,
                                      struct decode_scratch *scratch,
                                      const struct decode_sink *sink, enum reject *ret_reason,
                                      struct err_reason *why);

/* sources_hash changes with anything that changes what a record becomes: sources, aliases,
 * tags, the decoders' version. */
uint64_t sources_hash(const struct sources *sources);

#endif
