/* For tests of one stage: feeds points, and collects what it hands on as lines. */
#ifndef TESTS_STAGE_FIXTURE_H
#define TESTS_STAGE_FIXTURE_H

#include "influx/line.h"
#include "writer/shape/stage.h"

struct stage_run {
    const struct stage *stage;
    void *state;
    struct point point;
    struct buf lines;    /* of what was handed on */
    struct buf left_out; /* "why\n" of each */
    struct buf refused;  /* "reason\n" of each */
    struct buf fields; /* "renamed\n" or "refused\n" of each field, with ": words" the first time */
};

static inline void stage_run_point(void *context, struct shaped *shaped)
{
    struct stage_run *run = context;
    unsigned cleaned;
    if (line_encode(shaped->point, &run->lines, &cleaned, NULL) != ERR_OK)
        buf_string(&run->lines, "(no line)\n");
}

static inline void stage_run_left_out(void *context, const struct shaped *shaped, const char *why)
{
    struct stage_run *run = context;
    (void)shaped;
    buf_printf(&run->left_out, "%s\n", why);
}

static inline void stage_run_refuse(void *context, const struct shaped *shaped, enum reject reason,
                                    const char *words)
{
    struct stage_run *run = context;
    (void)shaped, (void)words;
    buf_printf(&run->refused, "%s\n", reject_id(reason));
}

static inline void stage_run_field(void *context, const struct shaped *shaped, bool refused,
                                   const char *words)
{
    struct stage_run *run = context;
    (void)shaped;
    buf_printf(&run->fields, "%s%s%s\n", refused ? "refused" : "renamed", words ? ": " : "",
               words ? words : "");
}

static inline struct stage_next stage_run_next(struct stage_run *run)
{
    return (struct stage_next){run, stage_run_point, stage_run_left_out, stage_run_refuse,
                               stage_run_field};
}

/* Feeds one line of line protocol; one with a time has it as its own. */
static inline void stage_run_feed(struct stage_run *run, const struct source *source,
                                  const char *line, int64_t arrival_ns, bool retained)
{
    struct buf scratch = {0};
    const struct stage_next next = stage_run_next(run);
    if (line_parse(text_of(line), &scratch, &run->point, NULL) == ERR_OK) {
        struct shaped shaped = {.point = &run->point,
                                .source = source,
                                .arrival_ns = arrival_ns,
                                .own_time = run->point.timed,
                                .retained = retained,
                                .series = shaped_series(&run->point)};
        if (!run->point.timed)
            run->point.time_ns = arrival_ns;
        run->point.timed = true;
        run->stage->take(run->state, &shaped, &next);
    }
    buf_free(&scratch);
}

static inline void stage_run_advance(struct stage_run *run, int64_t arrival_ns)
{
    const struct stage_next next = stage_run_next(run);
    if (run->stage->advance)
        run->stage->advance(run->state, arrival_ns, &next);
}

/* Saves the state and goes on with one that was loaded from it; false when it cannot be read. */
static inline bool stage_run_restart(struct stage_run *run, const struct sources *sources)
{
    struct buf saved = {0};
    run->stage->save(run->state, &saved);
    run->stage->close(run->state);
    run->state = run->stage->open(sources);
    bool good = run->state && run->stage->load(run->state, buf_view(&saved));
    buf_free(&saved);
    return good;
}

static inline void stage_run_end(struct stage_run *run)
{
    run->stage->close(run->state);
    buf_free(&run->lines);
    buf_free(&run->left_out);
    buf_free(&run->refused);
    buf_free(&run->fields);
}

#endif
