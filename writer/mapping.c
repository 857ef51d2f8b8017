#include "writer/mapping.h"

#include <stdio.h>

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

enum err mapping_read(const char *path, const struct settings *running, struct mapping *ret_mapping,
                      struct buf *ret_later, struct err_reason *why)
{
    struct settings *fresh = NULL;
    enum err e = settings_read(path, &fresh, why);
    if (e == ERR_OK && strcmp(fresh->topic_root, running->topic_root) != 0)
        e = err_explain(why, ERR_INVALID,
                        "topic_root cannot change on a running writer: stop it and start it again");
    if (e == ERR_OK)
        e = make(fresh, running->writer.journal.path, ret_mapping, why);
    if (e != ERR_OK) {
        settings_free(fresh);
        return e;
    }
    static const char *const ours[] = {"writer.sources", "writer.aliases", "tags", NULL};
    settings_changed(running, fresh, ours, ret_later);
    ret_mapping->settings = fresh;
    return ERR_OK;
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
    *mapping = (struct mapping){0};
}
