#include "writer/shape/cap.h"

#include <stdio.h>
#include <stdlib.h>

#include "writer/shape/pack.h"
#include "writer/shape/series_set.h"

struct capped {
    struct series_set series;
    char words[256]; /* of a refusal */
};

struct cap {
    const struct sources *sources;
    struct capped *of; /* each source */
    size_t count;
};

static void forget(struct cap *cap)
{
    for (size_t i = 0; cap->of && i < cap->count; i++)
        series_set_free(&cap->of[i].series);
}

static void cap_close(void *state)
{
    struct cap *cap = state;
    if (!cap)
        return;
    forget(cap);
    free(cap->of);
    free(cap);
}

static void make_words(const struct source *source, struct capped *capped)
{
    snprintf(
        capped->words, sizeof capped->words,
        "the source \"%.64s\" has %u series already, which is its max_series; those go on, new "
        "ones are refused",
        source->name, source->max_series);
}

static void *cap_open(const struct sources *sources)
{
    struct cap *cap = calloc(1, sizeof *cap);
    if (!cap)
        return NULL;
    cap->sources = sources;
    cap->count = sources_count(sources);
    cap->of = calloc(cap->count + 1, sizeof *cap->of);
    if (!cap->of) {
        cap_close(cap);
        return NULL;
    }
    for (size_t i = 0; i < cap->count; i++)
        make_words(source_at(sources, i), &cap->of[i]);
    return cap;
}

static bool admits(struct capped *capped, const struct shaped *shaped)
{
    uint32_t most = shaped->source->max_series;
    return most == 0 || series_set_has(&capped->series, shaped->series) ||
           (capped->series.count < most && series_set_add(&capped->series, shaped->series));
}

static void cap_take(void *state, struct shaped *shaped, const struct stage_next *next)
{
    struct cap *cap = state;
    struct capped *capped = shaped->source ? &cap->of[shaped->source->index] : NULL;
    if (!capped || shaped->uncapped || shaped->needs_time || admits(capped, shaped))
        next->point(next->context, shaped);
    else
        next->refuse(next->context, shaped, REJECT_TOO_MANY_SERIES, capped->words);
}

uint64_t cap_series(const struct cap *cap)
{
    uint64_t count = 0;
    for (size_t i = 0; i < cap->count; i++)
        count += cap->of[i].series.count;
    return count;
}

static void cap_save(const void *state, struct buf *out)
{
    const struct cap *cap = state;
    for (size_t i = 0; i < cap->count; i++) {
        if (cap->of[i].series.count == 0)
            continue;
        pack_text(out, text_of(source_at(cap->sources, i)->filter));
        series_set_save(&cap->of[i].series, out);
    }
}

static struct series_set *set_named(struct cap *cap, struct text filter)
{
    for (size_t i = 0; i < cap->count; i++)
        if (text_equal(filter, text_of(source_at(cap->sources, i)->filter)))
            return &cap->of[i].series;
    return NULL;
}

static bool cap_load(void *state, struct text saved)
{
    struct text filter;
    forget(state);
    while (saved.len > 0) {
        struct series_set unneeded = {0}; /* of a source that is gone */
        if (!pack_take_text(&saved, &filter))
            return false;
        struct series_set *set = set_named(state, filter);
        bool good = series_set_load(set ? set : &unneeded, &saved);
        series_set_free(&unneeded);
        if (!good)
            return false;
    }
    return true;
}

const struct stage cap_stage = {
    .name = "cap",
    .open = cap_open,
    .close = cap_close,
    .take = cap_take,
    .save = cap_save,
    .load = cap_load,
};
