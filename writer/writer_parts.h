/* What the writer's files share, and nobody else: writer.c is the loop and its chores,
 * writer_open.c opens the rooms, takes their calls, and closes them. */
#ifndef WRITER_WRITER_PARTS_H
#define WRITER_WRITER_PARTS_H

#include "base/metrics_http.h"
#include "schemas/live_pace.h"
#include "writer/figures.h"
#include "writer/flood.h"
#include "writer/mapping.h"
#include "writer/rejection.h"
#include "writer/rejects.h"
#include "writer/report.h"

#define WRITER_TICK_MS    10000
#define WRITER_METRICS_MS 10000

struct writer {
    const struct settings *settings;
    struct log *log;
    struct clock clock;
    struct journal *journal;
    struct http *http;
    struct metrics *metrics;
    struct figures_metrics *figures_metrics;
    struct metrics_http *metrics_server;
    struct delivery *delivery;
    struct rejects *rejects;
    struct report *report;
    struct intake *intake;
    struct mapping mapping, next; /* next: while `reloading` */
    bool reloading;
    const char *path; /* of the configuration, borrowed */
    int signals;
    /* The loop. */
    bool stopping, cleared, held_for_other, disk_full;
    int exit_code;
    enum status_state state;
    char reason[256];
    char other[64];
    int64_t started_ns, started_ms;
    int64_t tick_due_ms, metrics_due_ms, journal_due_ms, watchdog_due_ms;
    uint32_t watchdog_ms;
    bool imbalance_said;
    struct figures before;
    struct live_pace live;
    struct buf scratch;
    struct rejection rejection;
    struct flood flood;
};

/* writer_take_figures is for when all rooms are open. */
void writer_take_figures(struct writer *w, struct figures *ret_figures);

/* writer_append_generation notes in the journal that another mapping holds from here on. */
void writer_append_generation(struct writer *w);

#endif
