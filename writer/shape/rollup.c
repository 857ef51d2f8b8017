#include "writer/shape/rollup.h"

#include <stdlib.h>

#include "base/clock.h"
#include "writer/shape/pack.h"
#include "writer/shape/window.h"

#define NAME_SIZE 64

/* What came in during one window, by source. */
struct tally {
    const char *measurement;
    struct window window;
    struct rollup_figures figures[ROLLUP_SOURCES];
};

struct rollup {
    unsigned count;
    uint64_t steps_back;
    char names[ROLLUP_SOURCES][NAME_SIZE];
    struct tally tallies[2]; /* the one of the shorter windows first */
};

struct rollup *rollup_new(void)
{
    struct rollup *rollup = calloc(1, sizeof *rollup);
    if (!rollup)
        return NULL;
    rollup->tallies[0] = (struct tally){.measurement = "ingest_rollup",
                                        .window = {10 * CLOCK_NS_PER_S, WINDOW_NONE}};
    rollup->tallies[1] = (struct tally){.measurement = "ingest_rollup_5m",
                                        .window = {300 * CLOCK_NS_PER_S, WINDOW_NONE}};
    return rollup;
}

void rollup_free(struct rollup *rollup)
{
    free(rollup);
}

unsigned rollup_slot(struct rollup *rollup, struct text source)
{
    if (source.len >= NAME_SIZE)
        source.len = NAME_SIZE - 1;
    for (unsigned i = 0; i < rollup->count; i++)
        if (text_equal(text_of(rollup->names[i]), source))
            return i;
    if (rollup->count == ROLLUP_SOURCES - 1)
        source = TEXT("other");
    else if (rollup->count == ROLLUP_SOURCES)
        return ROLLUP_SOURCES - 1;
    memcpy(rollup->names[rollup->count], source.at, source.len);
    rollup->names[rollup->count][source.len] = '\0';
    return rollup->count++;
}

static bool figures_empty(const struct rollup_figures *f)
{
    return f->events == 0 && f->points == 0 && f->rejected == 0 && f->bytes == 0;
}

static void tally_emit(const struct rollup *rollup, const struct tally *tally, unsigned slot,
                       const struct rollup_sink *sink)
{
    const struct rollup_figures *f = &tally->figures[slot];
    struct point point;
    point_clear(&point);
    point.measurement = text_of(tally->measurement);
    point.timed = true;
    point.time_ns = tally->window.start_ns + (int64_t)rollup->steps_back;
    enum err e = point_tag(&point, TEXT("source"), text_of(rollup->names[slot]));
    e = e ? e : point_integer(&point, TEXT("events"), (int64_t)f->events);
    e = e ? e : point_integer(&point, TEXT("points"), (int64_t)f->points);
    e = e ? e : point_integer(&point, TEXT("rejected"), (int64_t)f->rejected);
    e = e ? e : point_integer(&point, TEXT("bytes"), (int64_t)f->bytes);
    if (e == ERR_OK)
        sink->point(sink->context, &point);
}

static void tally_close(const struct rollup *rollup, struct tally *tally,
                        const struct rollup_sink *sink)
{
    for (unsigned i = 0; i < rollup->count; i++)
        if (!figures_empty(&tally->figures[i]))
            tally_emit(rollup, tally, i, sink);
    memset(tally->figures, 0, sizeof tally->figures);
}

void rollup_advance(struct rollup *rollup, int64_t arrival_ns, const struct rollup_sink *sink)
{
    const struct window *shortest = &rollup->tallies[0].window;
    if (window_holds(shortest, arrival_ns))
        return; /* nearly always */
    bool back = arrival_ns < shortest->start_ns;
    for (size_t i = 0; i < 2; i++) {
        struct tally *tally = &rollup->tallies[i];
        int64_t start = window_start(&tally->window, arrival_ns);
        if (tally->window.start_ns == start && !back)
            continue;
        if (tally->window.start_ns != WINDOW_NONE)
            tally_close(rollup, tally, sink);
        tally->window.start_ns = start;
    }
    if (back)
        rollup->steps_back++;
}

void rollup_count(struct rollup *rollup, unsigned slot, struct rollup_figures figures)
{
    for (size_t i = 0; i < 2; i++) {
        struct rollup_figures *f = &rollup->tallies[i].figures[slot];
        f->events += figures.events;
        f->points += figures.points;
        f->rejected += figures.rejected;
        f->bytes += figures.bytes;
    }
}

void rollup_save(const struct rollup *rollup, struct buf *out)
{
    pack_number(out, rollup->count);
    pack_number(out, rollup->steps_back);
    for (unsigned i = 0; i < rollup->count; i++)
        pack_text(out, text_of(rollup->names[i]));
    for (size_t w = 0; w < 2; w++) {
        window_save(&rollup->tallies[w].window, out);
        for (unsigned i = 0; i < rollup->count; i++) {
            const struct rollup_figures *f = &rollup->tallies[w].figures[i];
            pack_number(out, f->events);
            pack_number(out, f->points);
            pack_number(out, f->rejected);
            pack_number(out, f->bytes);
        }
    }
}

static bool tally_load(struct tally *tally, unsigned count, struct text *rest)
{
    if (!window_load(&tally->window, rest))
        return false;
    for (unsigned i = 0; i < count; i++) {
        struct rollup_figures *f = &tally->figures[i];
        if (!pack_take_number(rest, &f->events) || !pack_take_number(rest, &f->points) ||
            !pack_take_number(rest, &f->rejected) || !pack_take_number(rest, &f->bytes))
            return false;
    }
    return true;
}

bool rollup_load(struct rollup *rollup, struct text *rest)
{
    uint64_t count;
    if (!pack_take_number(rest, &count) || count > ROLLUP_SOURCES ||
        !pack_take_number(rest, &rollup->steps_back) || rollup->steps_back > WINDOW_STEPS_BACK_MAX)
        return false;
    rollup->count = 0;
    for (uint64_t i = 0; i < count; i++) {
        struct text name;
        if (!pack_take_text(rest, &name) || name.len >= NAME_SIZE)
            return false;
        memcpy(rollup->names[i], name.at, name.len);
        rollup->names[i][name.len] = '\0';
    }
    rollup->count = (unsigned)count;
    return tally_load(&rollup->tallies[0], rollup->count, rest) &&
           tally_load(&rollup->tallies[1], rollup->count, rest);
}
