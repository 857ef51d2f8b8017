#include "writer/decoders/source.h"

#include <stdlib.h>

#include "bus/filter.h"
#include "schemas/topics.h"
#include "writer/decoders/homeassistant_entity.h"
#include "writer/decoders/nearest.h"
#include "writer/decoders/source_claim.h"

/* Our own topics, and which decoder each kind of them belongs to. The filters are below the root.
 */
static const struct own_source {
    const char *name;
    const char *below;
} own_sources[] = {
    {"reading", "/readings/#"},
    {"event", "/events/#"},
    {"service_metrics", "/services/+/metrics"},
    {"line", "/line"},
};

#define OWN_COUNT (sizeof own_sources / sizeof own_sources[0])

enum { OWN_READING, OWN_EVENT, OWN_METRICS, OWN_LINE };

struct sources {
    const struct settings *settings; /* borrowed */
    size_t count;
    struct routes *routes;
    struct source *at; /* ours, then the configured ones in their order */
    struct buf own_filter[OWN_COUNT];
};

static enum settings_rule rule_or(enum settings_rule rule, enum settings_rule otherwise)
{
    return rule == SETTINGS_RULE_DEFAULT ? otherwise : rule;
}

static bool said(const char *text)
{
    return text && *text;
}

static enum err open_own(struct sources *sources, size_t i)
{
    struct buf *filter = &sources->own_filter[i];
    const struct decoder *decoder = decoder_find(text_of(own_sources[i].name));
    buf_string(filter, sources->settings->topic_root);
    buf_string(filter, own_sources[i].below);
    const char *terminated = buf_cstr(filter);
    if (filter->failed)
        return ERR_NOMEM;
    sources->at[i] = (struct source){.name = own_sources[i].name,
                                     .decoder = decoder,
                                     .filter = terminated,
                                     .retained = decoder->retained_default,
                                     .late = decoder->late_default,
                                     .max_series = sources->settings->writer.max_series,
                                     .index = (unsigned)i};
    return ERR_OK;
}

/* A filter that names our root as its beginning would take our own topics a second time. */
static bool below_root(const char *root, const char *filter)
{
    size_t len = strlen(root);
    return strncmp(filter, root, len) == 0 && (filter[len] == '\0' || filter[len] == '/');
}

/* "$SYS/...", which is the broker's own, and "$share/...", whose messages come without it. */
static bool never_comes(const char *filter)
{
    return filter[0] == '$';
}

static enum err check_filter(const char *root, const struct settings_source *source, unsigned i,
                             struct err_reason *why)
{
    struct err_reason words = {""};
    if (!said(source->filter))
        return err_explain(why, ERR_INVALID, "writer.sources[%u]: no filter; the topics to take",
                           i);
    if (filter_check(text_of(source->filter), &words) != ERR_OK)
        return err_explain(why, ERR_INVALID, "writer.sources[%u].filter \"%.128s\": %s", i,
                           source->filter, words.text);
    if (below_root(root, source->filter))
        return err_explain(why, ERR_INVALID,
                           "writer.sources[%u].filter \"%.128s\" is below topic_root \"%s\", whose "
                           "topics are taken already; choose topics outside of it",
                           i, source->filter, root);
    if (never_comes(source->filter))
        return err_explain(
            why, ERR_INVALID,
            "writer.sources[%u].filter \"%.128s\" can never match: topics that begin "
            "with '$' are the broker's own and are not stored, and a shared "
            "subscription ($share) would lose what another one takes; choose "
            "topics without '$'",
            i, source->filter);
    return ERR_OK;
}

static enum err prepare(struct source *source, unsigned i, struct err_reason *why)
{
    struct err_reason words = {""};
    enum err err = units_open(source->settings, &source->units, &words);
    if (err == ERR_OK && source->decoder->prepare)
        err = source->decoder->prepare(source->settings, &source->prepared, &words);
    if (err != ERR_OK)
        return err_explain(why, err, "writer.sources[%u].%s", i, words.text);
    return ERR_OK;
}

/* The layout needs a state together with its attributes, the unit among them: a filter that takes
 * states alone will not do. */
static enum err check_layout(const struct settings_source *source, const struct decoder *decoder,
                             unsigned i, struct err_reason *why)
{
    const char *last = strrchr(source->filter, '/');
    if (source->layout != SETTINGS_LAYOUT_HOMEASSISTANT)
        return ERR_OK;
    if (!decoder->homeassistant_layout)
        return err_explain(why, ERR_INVALID,
                           "writer.sources[%u].layout: homeassistant is of the decoders "
                           "homeassistant_eventstream and homeassistant_statestream; with the "
                           "decoder %s right would be hearthline",
                           i, decoder->name);
    if (last && strcmp(last, "/state") == 0)
        return err_explain(
            why, ERR_INVALID,
            "writer.sources[%u].layout: homeassistant needs each state's attributes, "
            "the unit among them, and the filter \"%.128s\" takes none; right would "
            "be one that ends with # or +",
            i, source->filter);
    return ERR_OK;
}

static enum err check_alias(const struct settings_writer *writer, unsigned i,
                            struct err_reason *why)
{
    const struct settings_tag *alias = &writer->aliases[i];
    struct text domain[2], object;
    if (homeassistant_entity_split(text_of(alias->key), &domain[0], &object, NULL) ||
        homeassistant_entity_split(text_of(alias->value), &domain[1], &object, NULL) ||
        !text_equal(domain[0], domain[1]) || strlen(alias->key) > DECODE_NAME_MAX_BYTES ||
        strlen(alias->value) > DECODE_NAME_MAX_BYTES)
        return err_explain(why, ERR_INVALID,
                           "writer.aliases.%.64s: \"%.64s\"; right would be two ids of entities of "
                           "one domain, the old one and the new one, like light.hall: light.porch",
                           alias->key, alias->value);
    for (unsigned j = 0; j < i; j++)
        if (strcmp(writer->aliases[j].key, alias->key) == 0 ||
            strcmp(writer->aliases[j].value, alias->value) == 0)
            return err_explain(why, ERR_INVALID,
                               "writer.aliases.%.64s: \"%.64s\" and \"%.64s: %.64s\" name one "
                               "entity twice; of each series and each name there is one",
                               alias->key, alias->value, writer->aliases[j].key,
                               writer->aliases[j].value);
    return ERR_OK;
}

static enum err open_configured(struct sources *sources, unsigned i, struct err_reason *why)
{
    const struct settings_source *source = &sources->settings->writer.sources[i];
    struct text name = text_of(source->decoder);
    const struct decoder *decoder = decoder_find(name);
    if (!decoder)
        return err_explain(why, ERR_INVALID,
                           "writer.sources[%u].decoder: there is no \"%.64s\"; the nearest is "
                           "\"%s\"",
                           i, name.len ? name.at : "", nearest_decoder(name)->name);
    enum err err = check_filter(sources->settings->topic_root, source, i, why);
    if (err == ERR_OK)
        err = source_claim_check(sources->settings->writer.sources, i, why);
    if (err == ERR_OK)
        err = check_layout(source, decoder, i, why);
    if (err != ERR_OK)
        return err;
    size_t index = OWN_COUNT + i;
    sources->at[index] =
        (struct source){.name = said(source->name) ? source->name : decoder->name,
                        .decoder = decoder,
                        .settings = source,
                        .filter = source->filter,
                        .retained = rule_or(source->retained, decoder->retained_default),
                        .late = rule_or(source->late, decoder->late_default),
                        .max_series = source->max_series,
                        .index = (unsigned)index};
    if (said(source->destination)) {
        sources->at[index].destination = routes_named(sources->routes, source->destination);
        if (sources->at[index].destination == ROUTE_DEFAULT)
            return err_explain(why, ERR_INVALID,
                               "writer.sources[%u].destination: there is no \"%.64s\" in "
                               "influxdb.destinations (one that is new is known after a restart)",
                               i, source->destination);
    }
    return prepare(&sources->at[index], i, why);
}

enum err sources_open(const struct settings *settings, struct sources **ret_sources,
                      struct err_reason *why)
{
    enum err err = ERR_OK;
    size_t count = OWN_COUNT + settings->writer.sources_count;
    struct sources *sources = calloc(1, sizeof *sources);
    if (sources)
        sources->at = calloc(count, sizeof *sources->at);
    if (!sources || !sources->at) {
        sources_close(sources);
        return err_explain(why, ERR_NOMEM, "no memory for %zu sources", count);
    }
    sources->settings = settings;
    sources->count = count;
    err = routes_open(settings, &sources->routes, why);
    for (size_t i = 0; err == ERR_OK && i < OWN_COUNT; i++)
        err = open_own(sources, i);
    for (unsigned i = 0; err == ERR_OK && i < settings->writer.sources_count; i++)
        err = open_configured(sources, i, why);
    for (unsigned i = 0; err == ERR_OK && i < settings->writer.aliases_count; i++)
        err = check_alias(&settings->writer, i, why);
    if (err != ERR_OK) {
        sources_close(sources);
        return err;
    }
    *ret_sources = sources;
    return ERR_OK;
}

void sources_close(struct sources *sources)
{
    if (!sources)
        return;
    for (size_t i = 0; i < OWN_COUNT; i++)
        buf_free(&sources->own_filter[i]);
    for (size_t i = 0; sources->at && i < sources->count; i++) {
        units_close(sources->at[i].units);
        if (sources->at[i].prepared)
            sources->at[i].decoder->release(sources->at[i].prepared);
    }
    routes_close(sources->routes);
    free(sources->at);
    free(sources);
}

enum settings_rule source_rule(const struct source *source, bool retained, bool late)
{
    if (retained)
        return source->retained;
    return late ? source->late : SETTINGS_RULE_STORE;
}

bool source_rule_takes_arrival(enum settings_rule rule)
{
    return rule == SETTINGS_RULE_STORE || rule == SETTINGS_RULE_IF_CHANGED;
}

size_t sources_count(const struct sources *sources)
{
    return sources->count;
}

const struct source *source_at(const struct sources *sources, size_t index)
{
    return index < sources->count ? &sources->at[index] : NULL;
}

const struct settings_tag *sources_aliases(const struct sources *sources, unsigned *ret_count)
{
    *ret_count = sources->settings->writer.aliases_count;
    return sources->settings->writer.aliases;
}

const char *sources_area(const struct sources *sources, struct text entity)
{
    const struct settings_writer *writer = &sources->settings->writer;
    for (unsigned i = 0; i < writer->areas_count; i++)
        if (text_equal(entity, text_of(writer->areas[i].key)))
            return writer->areas[i].value;
    return NULL;
}

static const struct source *find_configured(const struct sources *sources, struct text topic)
{
    for (size_t i = OWN_COUNT; i < sources->count; i++) {
        if (filter_match(text_of(sources->at[i].filter), topic, NULL))
            return &sources->at[i];
    }
    return NULL;
}

const struct source *sources_find(const struct sources *sources, struct text topic, bool *ret_known)
{
    enum topic_kind kind = topic_parse(sources->settings->topic_root, topic).kind;
    *ret_known = kind != TOPIC_UNKNOWN;
    switch (kind) {
    case TOPIC_FOREIGN:
        return find_configured(sources, topic);
    case TOPIC_READING:
    case TOPIC_READING_VALUE:
        return &sources->at[OWN_READING];
    case TOPIC_EVENT:
        return &sources->at[OWN_EVENT];
    case TOPIC_METRICS:
        return &sources->at[OWN_METRICS];
    case TOPIC_LINE:
        return &sources->at[OWN_LINE];
    default:
        return NULL;
    }
}

const struct source *sources_of_filter(const struct sources *sources, struct text filter)
{
    for (size_t i = 0; i < sources->count; i++)
        if (text_equal(filter, text_of(sources->at[i].filter)))
            return &sources->at[i];
    return NULL;
}

unsigned sources_destination(const struct sources *sources, const struct source *source,
                             struct text measurement)
{
    if (source && source->destination != ROUTE_DEFAULT)
        return source->destination;
    return routes_of_measurement(sources->routes, measurement);
}

enum decode_verdict sources_decode(const struct sources *sources, const struct source *source,
                                   const struct source_message *message,
                                   struct decode_scratch *scratch, const struct decode_sink *sink,
                                   enum reject *ret_reason, struct err_reason *why)
{
    return sources_decode_by(sources, source, source->decoder, message, scratch, sink, ret_reason,
                             why);
}

enum decode_verdict sources_decode_by(const struct sources *sources, const struct source *source,
                                      const struct decoder *decoder,
                                      const struct source_message *message,
                                      struct decode_scratch *scratch,
                                      const struct decode_sink *sink, enum reject *ret_reason,
                                      struct err_reason *why)
{
    const struct settings *settings = sources->settings;
    struct decode_input input = {
        .topic = message->topic,
        .payload = message->payload,
        .content_type = message->content_type,
        .arrival_ns = message->arrival_ns,
        .topic_root = settings->topic_root,
        .source = source->settings,
        .prepared = source->prepared,
        .units = source->units,
        .tags = settings->tags,
        .tags_count = settings->tags_count,
    };
    return decoder->decode(&input, scratch, sink, ret_reason, why);
}

/* FNV-1a over 64 bits: each text with a NUL behind it, so that no two lists of texts run into each
 * other. */
static uint64_t hash_text(uint64_t hash, const char *text)
{
    const unsigned char *at = (const unsigned char *)(text ? text : "");
    do {
        hash = (hash ^ *at) * 0x100000001b3u;
    } while (*at++);
    return hash;
}

static uint64_t hash_number(uint64_t hash, uint64_t number)
{
    for (unsigned shift = 0; shift < 64; shift += 8)
        hash = (hash ^ ((number >> shift) & 0xff)) * 0x100000001b3u;
    return hash;
}

static uint64_t hash_tags(uint64_t hash, const struct settings_tag *tags, unsigned count)
{
    hash = hash_number(hash, count);
    for (unsigned i = 0; i < count; i++)
        hash = hash_text(hash_text(hash, tags[i].key), tags[i].value);
    return hash;
}

/* All keys of a source count, so that no further one is forgotten here. */
static uint64_t hash_source(uint64_t hash, const struct source *source)
{
    struct buf text = {0};
    hash = hash_text(hash, source->name);
    hash = hash_text(hash, source->decoder->name);
    hash = hash_text(hash, source->filter);
    hash = hash_number(hash, source->retained);
    hash = hash_number(hash, source->late);
    hash = hash_number(hash, source->max_series);
    if (source->settings)
        settings_source_text(source->settings, &text);
    hash = hash_text(hash, buf_cstr(&text));
    buf_free(&text);
    return hash;
}

static uint64_t hash_destination(uint64_t hash, const struct settings_destination *destination)
{
    hash = hash_text(hash, destination->name);
    for (unsigned i = 0; i < destination->measurements_count; i++)
        hash = hash_text(hash, destination->measurements[i]);
    return hash_number(hash, destination->measurements_count);
}

uint64_t sources_hash(const struct sources *sources)
{
    uint64_t hash = hash_number(0xcbf29ce484222325u, DECODER_VERSION);
    hash = hash_text(hash, sources->settings->topic_root);
    hash = hash_tags(hash, sources->settings->tags, sources->settings->tags_count);
    hash =
        hash_tags(hash, sources->settings->writer.aliases, sources->settings->writer.aliases_count);
    hash = hash_tags(hash, sources->settings->writer.areas, sources->settings->writer.areas_count);
    for (unsigned i = 0; i < sources->settings->influxdb.destinations_count; i++)
        hash = hash_destination(hash, &sources->settings->influxdb.destinations[i]);
    for (size_t i = 0; i < sources->count; i++)
        hash = hash_source(hash, &sources->at[i]);
    return hash;
}
