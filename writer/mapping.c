#include "writer/mapping.h"

#include <stdio.h>
#include <stdlib.h>

#include "writer/decoders/source_claim.h"

static enum err make(const struct settings *settings, const char *journal_path,
                     struct mapping *ret_mapping, struct err_reason *why)
{
    char path[4096];
    struct mapping made = {0};
    snprintf(path, sizeof path, "%s/subscriptions", journal_path);
    enum err e = sources_open(settings, &made.sources, why);
    if (e == ERR_OK)
        e = subscription_plan_make(path, settings->topic_root, made.sources, &made.plan, why);
    if (e != ERR_OK) {
        settings_say_where(settings, why);
        sources_close(made.sources);
        return e;
    }
    *ret_mapping = made;
    return ERR_OK;
}

enum err mapping_make(const struct settings *settings, struct mapping *ret_mapping,
                      struct err_reason *why)
{
    return make(settings, settings->writer.journal.path, ret_mapping, why);
}

static const struct settings_destination *named(const struct settings *settings, const char *name)
{
    for (unsigned i = 0; i < settings->influxdb.destinations_count; i++)
        if (strcmp(settings->influxdb.destinations[i].name, name) == 0)
            return &settings->influxdb.destinations[i];
    return NULL;
}

/* Stores and parking are opened at the start only: `fresh` gets the destinations that run, with the
 * measurements that it lists for them. */
static enum err keep_destinations(const struct settings *running, struct settings *fresh,
                                  struct settings_destination **ret_destinations)
{
    unsigned count = running->influxdb.destinations_count;
    struct settings_destination *kept = calloc(count + 1u, sizeof *kept);
    if (!kept)
        return ERR_NOMEM;
    for (unsigned i = 0; i < count; i++) {
        const struct settings_destination *was = &running->influxdb.destinations[i];
        const struct settings_destination *is = named(fresh, was->name);
        kept[i] = *was;
        kept[i].measurements = is ? is->measurements : NULL;
        kept[i].measurements_count = is ? is->measurements_count : 0;
    }
    fresh->influxdb.destinations = kept;
    fresh->influxdb.destinations_count = count;
    *ret_destinations = kept;
    return ERR_OK;
}

/* The keys of `fresh` tell of all but an entry that is gone. What is not the writer's is left to
 * whom it concerns. */
static void tell_later(const struct settings *running, const struct settings *fresh,
                       struct buf *ret_later)
{
    static const char *const known[] = {"writer.sources",
                                        "writer.aliases",
                                        "writer.areas",
                                        "writer.max_series",
                                        "tags",
                                        "influxdb.destinations[*].measurements",
                                        "query",
                                        "stats",
                                        NULL};
    settings_changed(running, fresh, known, ret_later);
    if (fresh->influxdb.destinations_count < running->influxdb.destinations_count)
        buf_string(ret_later, ret_later->len ? " influxdb.destinations" : "influxdb.destinations");
}

enum err mapping_read(const char *path, const struct settings *running, struct mapping *ret_mapping,
                      struct buf *ret_later, struct err_reason *why)
{
    struct settings *fresh = NULL;
    struct settings_destination *destinations = NULL;
    struct buf later = {0};
    enum err e = settings_read(path, &fresh, why);
    if (e == ERR_OK && strcmp(fresh->topic_root, running->topic_root) != 0)
        e = err_explain(why, ERR_INVALID,
                        "topic_root cannot change on a running writer: stop it and start it again");
    if (e == ERR_OK) {
        tell_later(running, fresh, &later);
        e = keep_destinations(running, fresh, &destinations);
    }
    if (e == ERR_OK)
        e = make(fresh, running->writer.journal.path, ret_mapping, why);
    if (e == ERR_OK) {
        buf_text(ret_later, buf_view(&later));
        ret_mapping->settings = fresh;
        ret_mapping->destinations = destinations;
    } else {
        settings_free(fresh);
        free(destinations);
    }
    buf_free(&later);
    return e;
}

void mapping_tell(const struct settings *settings, struct log *log)
{
    struct err_reason words = {""};
    for (unsigned i = 0; i < settings->writer.sources_count; i++) {
        enum source_claim claim = source_claim(settings->writer.sources, i, &words);
        if (claim != SOURCE_CLAIM_ALONE)
            log_change(log, claim == SOURCE_CLAIM_ACROSS ? LOG_WARNING : LOG_INFO,
                       "sources_overlap", "words=\"%s\"", words.text);
    }
}

void mapping_close(struct mapping *mapping)
{
    subscription_plan_free(&mapping->plan);
    sources_close(mapping->sources);
    settings_free(mapping->settings);
    free(mapping->destinations);
    *mapping = (struct mapping){0};
}
