/* What is stored of retained, late, repeated and flapping values: each story is told once as it is,
 * and once with a restart after every step, and must end the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "writer/shape/change.h"
#include "writer/shape/last.h"

#include "stage_fixture.h"

#define S(seconds) ((int64_t)(seconds)*1000000000 + 1000000000000000)

enum how { LIVE, RETAINED, LATE, KEPT, TICK, RELOAD };

/* A message at a second, and what is handed on then: lines whose times are seconds. */
struct step {
    int64_t at;
    enum how how;
    const char *line;
    const char *becomes;
};

struct story {
    const char *name;
    struct settings_source rules;
    struct step steps[24];
};

/* The messages are of the series `m`; a `@` stands before a time of their own in seconds. */
static const struct story stories[] = {
    {"no rule: all is stored",
     {.retained = SETTINGS_RULE_STORE},
     {{1, LIVE, "m v=1", "m v=1 1\n"},
      {2, LIVE, "m v=1", "m v=1 2\n"},
      {3, RETAINED, "m v=1", "m v=1 3\n"}}},

    {"retained: the first is noted, equal ones are left out, others are stored",
     {.retained = SETTINGS_RULE_IF_CHANGED},
     {{1, RETAINED, "m v=1", ""},
      {2, RETAINED, "m v=1", ""},
      {3, LIVE, "m v=1", "m v=1 3\n"},
      {4, RETAINED, "m v=1", ""},
      {5, RETAINED, "m v=2", "m v=2 5\n"},
      {6, RETAINED, "m v=2", ""},
      {7, LIVE, "m v=2", "m v=2 7\n"},
      {8, LATE, "m v=2", "m v=2 8\n"}}},

    {"retained: what was only noted and is then another is stored",
     {.retained = SETTINGS_RULE_IF_CHANGED},
     {{1, RETAINED, "m v=1", ""}, {2, RETAINED, "m v=2", "m v=2 2\n"}}},

    {"retained with a time of its own is stored at it",
     {.retained = SETTINGS_RULE_IF_CHANGED},
     {{5, RETAINED, "m v=1 @2", "m v=1 2\n"}, {6, RETAINED, "m v=1 @2", "m v=1 2\n"}}},

    {"retained: one field of several differs, and the point is stored whole",
     {.retained = SETTINGS_RULE_IF_CHANGED},
     {{1, LIVE, "m a=1,b=1", "m a=1,b=1 1\n"},
      {2, RETAINED, "m a=1,b=1", ""},
      {3, RETAINED, "m a=1", ""},
      {4, RETAINED, "m a=1,b=1,c=1", ""},
      {5, RETAINED, "m a=1,b=2,c=1", "m a=1,b=2,c=1 5\n"}}},

    {"retained: a number and a word are one state",
     {.retained = SETTINGS_RULE_IF_CHANGED},
     {{1, LIVE, "m value=21", "m value=21 1\n"},
      {2, LIVE, "m state=\"unavailable\"", "m state=\"unavailable\" 2\n"},
      {3, RETAINED, "m state=\"unavailable\"", ""},
      {4, RETAINED, "m value=21", "m value=21 4\n"},
      {5, RETAINED, "m value=21", ""}}},

    {"late by the same rule",
     {.retained = SETTINGS_RULE_STORE, .late = SETTINGS_RULE_IF_CHANGED},
     {{1, LIVE, "m v=1", "m v=1 1\n"},
      {2, LATE, "m v=1", ""},
      {3, LATE, "m v=2", "m v=2 3\n"},
      {4, RETAINED, "m v=2", "m v=2 4\n"}}},

    {"on_change: repeats are left out, by field",
     {.repeat = SETTINGS_REPEAT_ON_CHANGE},
     {{1, LIVE, "m a=1,b=1", "m a=1,b=1 1\n"},
      {2, LIVE, "m a=1,b=1", ""},
      {3, LIVE, "m b=1", ""},
      {4, LIVE, "m a=1,b=2", "m a=1,b=2 4\n"},
      {5, LIVE, "m a=1,b=2", ""},
      {6, LIVE, "m a=1,c=2", "m a=1,c=2 6\n"},
      {7, LIVE, "m,d=x a=1", "m,d=x a=1 7\n"},
      {8, LIVE, "m a=true", "m a=true 8\n"},
      {9, LIVE, "m a=1", "m a=1 9\n"}}},

    {"on_change: what was only noted is not stored, and is at once",
     {.retained = SETTINGS_RULE_IF_CHANGED, .repeat = SETTINGS_REPEAT_ON_CHANGE},
     {{1, RETAINED, "m v=1", ""}, {2, LIVE, "m v=1", "m v=1 2\n"}, {3, LIVE, "m v=1", ""}}},

    {"on_change: gaps and what follows them are changes",
     {.repeat = SETTINGS_REPEAT_ON_CHANGE},
     {{1, LIVE, "m value=21", "m value=21 1\n"},
      {2, LIVE, "m state=\"unknown\"", "m state=\"unknown\" 2\n"},
      {3, LIVE, "m state=\"unknown\"", ""},
      {4, LIVE, "m value=21", "m value=21 4\n"},
      {5, LIVE, "m state=\"unknown\"", "m state=\"unknown\" 5\n"},
      {6, LIVE, "m state=\"on\",value=1", "m state=\"on\",value=1 6\n"},
      {7, LIVE, "m state=\"on\",value=1", ""}}},

    {"on_change: after a device was away every value is new",
     {.repeat = SETTINGS_REPEAT_ON_CHANGE},
     {{1, LIVE, "m t=21", "m t=21 1\n"},
      {2, LIVE, "m available=true", "m available=true 2\n"},
      {3, LIVE, "m t=21", ""},
      {4, LIVE, "m available=false", "m available=false 4\n"},
      {5, LIVE, "m available=false", ""},
      {6, LIVE, "m available=true", "m available=true 6\n"},
      {7, LIVE, "m t=21", "m t=21 7\n"},
      {8, LIVE, "m t=21", ""},
      {9, LIVE, "m available=true", ""}}},

    {"heartbeat: an unchanged value again after 10 s",
     {.repeat = SETTINGS_REPEAT_ON_CHANGE, .heartbeat_s = 10},
     {{1, LIVE, "m v=1", "m v=1 1\n"},
      {10, LIVE, "m v=1", ""},
      {11, LIVE, "m v=1", "m v=1 11\n"},
      {12, LIVE, "m v=1", ""},
      {5, LIVE, "m v=1", "m v=1 5\n"}, /* the clock was set back */
      {6, LIVE, "m v=1", ""}}},

    {"on_change: what is older tells of another time",
     {.repeat = SETTINGS_REPEAT_ON_CHANGE},
     {{10, LIVE, "m v=1 @10", "m v=1 10\n"},
      {11, LATE, "m v=1 @5", "m v=1 5\n"},
      {12, LATE, "m v=2 @6", "m v=2 6\n"},
      {13, LIVE, "m v=1 @13", ""},
      {14, LIVE, "m v=1 @99", ""}, /* a wrong clock */
      {15, LIVE, "m v=2 @99", "m v=2 99\n"},
      {16, LIVE, "m v=1 @16", "m v=1 16\n"},
      {17, LIVE, "m v=1 @17", ""}}},

    {"min_interval: the last of a window always gets through, with its own time",
     {.min_interval_s = 5},
     {{0, LIVE, "m v=0", "m v=0 0\n"},
      {1, LIVE, "m v=1", ""},
      {2, LIVE, "m v=2", ""},
      {3, LIVE, "m,d=x v=3", "m,d=x v=3 3\n"},
      {4, TICK, NULL, ""},
      {5, TICK, NULL, "m v=2 2\n"},
      {7, LIVE, "m v=7", ""},
      {10, LIVE, "m v=10", "m v=7 7\n"},
      {15, TICK, NULL, "m v=10 10\n"},
      {20, TICK, NULL, ""},
      {21, LIVE, "m v=21", "m v=21 21\n"},
      {22, LIVE, "m v=22", ""},
      {90, LIVE, "m v=90", "m v=22 22\nm v=90 90\n"}}},

    {"min_interval: fields of their own wait on their own",
     {.min_interval_s = 5},
     {{0, LIVE, "m a=0", "m a=0 0\n"},
      {1, LIVE, "m b=1", "m b=1 1\n"},
      {2, LIVE, "m a=2", ""},
      {3, LIVE, "m b=3", ""},
      {4, LIVE, "m b=4,a=4", "m b=4,a=4 4\n"},
      {30, TICK, NULL, "m a=2 2\nm b=3 3\n"}}},

    {"min_interval: a gap has its place in the window of the state",
     {.min_interval_s = 5},
     {{0, LIVE, "m value=0", "m value=0 0\n"},
      {1, LIVE, "m state=\"unavailable\"", ""},
      {6, TICK, NULL, "m state=\"unavailable\" 1\n"},
      {7, LIVE, "m value=7", ""},
      {8, LIVE, "m state=\"unavailable\"", ""},
      {20, TICK, NULL, "m state=\"unavailable\" 8\n"}}},

    {"min_interval: what brings another time does not wait",
     {.min_interval_s = 5},
     {{100, LATE, "m v=1 @1", "m v=1 1\n"},
      {100, LATE, "m v=2 @2", "m v=2 2\n"},
      {101, LIVE, "m v=3 @100", "m v=3 100\n"},
      {102, LIVE, "m v=4 @101", ""},
      {103, LATE, "m v=5 @3", "m v=5 3\n"},
      {110, TICK, NULL, "m v=4 101\n"}}},

    {"min_interval: the clock is set back, and nothing waits for it",
     {.min_interval_s = 5},
     {{100, LIVE, "m v=1", "m v=1 100\n"},
      {101, LIVE, "m v=2", ""},
      {50, LIVE, "m v=3", "m v=2 101\nm v=3 50\n"},
      {51, LIVE, "m v=4", ""},
      {55, TICK, NULL, "m v=4 51\n"}}},

    {"min_interval and on_change: what is left out opens no window, a flap ends as it began",
     {.repeat = SETTINGS_REPEAT_ON_CHANGE, .min_interval_s = 5},
     {{0, LIVE, "m v=0", "m v=0 0\n"},
      {10, LIVE, "m v=0", ""},
      {11, LIVE, "m v=1", "m v=1 11\n"},
      {12, LIVE, "m v=0", ""},
      {13, LIVE, "m v=1", ""},
      {16, TICK, NULL, ""},
      {17, LIVE, "m v=0", "m v=0 17\n"},
      {18, LIVE, "m v=1", ""},
      {30, TICK, NULL, "m v=1 18\n"}}},

    {"min_interval and if_changed: what waits is known",
     {.retained = SETTINGS_RULE_IF_CHANGED, .min_interval_s = 5},
     {{0, LIVE, "m v=0", "m v=0 0\n"},
      {1, LIVE, "m v=1", ""},
      {2, RETAINED, "m v=1", ""},
      {6, TICK, NULL, "m v=1 1\n"},
      {20, RETAINED, "m v=1", ""}}},

    {"min_interval: a point that another stage kept comes when its window is over",
     {.min_interval_s = 5},
     {{0, LIVE, "m v=0", "m v=0 0\n"},
      {3, LIVE, "m v=3", ""},
      {6, TICK, NULL, "m v=3 3\n"},
      {4, KEPT, "m v=4", ""},
      {3, KEPT, "n v=3", "n v=3 3\n"},
      {10, TICK, NULL, "m v=4 4\n"},
      {10, LIVE, "n v=10", ""}, /* its window began when it came */
      {11, TICK, NULL, "n v=10 10\n"}}},

    {"a reload that takes the interval away lets out what waits",
     {.min_interval_s = 5},
     {{0, LIVE, "m v=0", "m v=0 0\n"},
      {1, LIVE, "m v=1", ""},
      {2, RELOAD, NULL, ""},
      {2, TICK, NULL, "m v=1 1\n"},
      {3, LIVE, "m v=3", "m v=3 3\n"},
      {4, LIVE, "m v=4", "m v=4 4\n"}}},
};

struct world {
    struct settings settings;
    struct settings_source list[1];
    struct sources *sources;
    struct stage_run run;
};

static void open_sources(struct world *w)
{
    struct err_reason why = {""};
    if (sources_open(&w->settings, &w->sources, &why) != ERR_OK)
        fail_msg("%s", why.text);
}

static void open_world(struct world *w, const struct settings_source *rules)
{
    *w = (struct world){.settings = {.topic_root = (char *)"hearthline"}, .list = {*rules}};
    w->list[0].decoder = (char *)"value";
    w->list[0].filter = (char *)"a/#";
    w->settings.writer.sources = w->list;
    w->settings.writer.sources_count = 1;
    open_sources(w);
    w->run = (struct stage_run){.stage = &change_stage, .state = change_stage.open(w->sources)};
    assert_non_null(w->run.state);
}

static void close_world(struct world *w)
{
    stage_run_end(&w->run);
    sources_close(w->sources);
}

/* The source's rules as in a new configuration without them. */
static void reload(struct world *w)
{
    struct buf saved = {0};
    change_stage.save(w->run.state, &saved);
    change_stage.close(w->run.state);
    sources_close(w->sources);
    w->list[0].min_interval_s = 0;
    w->list[0].repeat = SETTINGS_REPEAT_STORE;
    open_sources(w);
    w->run.state = change_stage.open(w->sources);
    assert_true(change_stage.load(w->run.state, buf_view(&saved)));
    buf_free(&saved);
}

/* Feeds a line whose own time, if any, is in seconds behind a @. */
static void feed(struct world *w, const struct step *step)
{
    const struct source *source =
        source_at(w->sources, sources_count(w->sources) - 1); /* behind our own */
    struct buf scratch = {0}, line = {0};
    const char *own = strstr(step->line, " @");
    buf_append(&line, step->line, own ? (size_t)(own - step->line) : strlen(step->line));
    if (own)
        buf_printf(&line, " %lld", (long long)S(atoi(own + 2)));
    assert_int_equal(line_parse(buf_view(&line), &scratch, &w->run.point, NULL), ERR_OK);
    struct shaped shaped = {.point = &w->run.point,
                            .source = source,
                            .arrival_ns = S(step->at),
                            .own_time = own != NULL,
                            .retained = step->how == RETAINED,
                            .late = step->how == LATE,
                            .series = shaped_series(&w->run.point)};
    if (!own)
        w->run.point.time_ns = S(step->at);
    w->run.point.timed = true;
    const struct stage_next next = stage_run_next(&w->run);
    change_stage.take(w->run.state, &shaped, &next);
    buf_free(&scratch);
    buf_free(&line);
}

/* Lines with their times in seconds. */
static void in_seconds(struct buf *lines, struct buf *out)
{
    struct text rest = buf_view(lines), line;
    struct buf scratch = {0};
    struct point point;
    while (line_next(&rest, &line)) {
        const char *blank = memrchr(line.at, ' ', line.len);
        assert_int_equal(line_parse(line, &scratch, &point, NULL), ERR_OK);
        buf_append(out, line.at, (size_t)(blank - line.at));
        buf_printf(out, " %lld\n", (long long)((point.time_ns - S(0)) / 1000000000));
    }
    buf_free(&scratch);
}

static unsigned count_lines(struct buf *lines)
{
    unsigned count = 0;
    for (const char *at = buf_cstr(lines); *at; at++)
        count += *at == '\n';
    return count;
}

static void tell(const struct story *story, bool restarts)
{
    struct world w;
    struct buf got = {0};
    unsigned fed = 0;
    open_world(&w, &story->rules);
    for (const struct step *step = story->steps; step->becomes; step++) {
        if (step->how == RELOAD)
            reload(&w);
        else if (step->how != KEPT)
            stage_run_advance(&w.run, S(step->at));
        if (step->line) {
            feed(&w, step);
            fed++;
        }
        buf_reset(&got);
        in_seconds(&w.run.lines, &got);
        if (strcmp(buf_cstr(&got), step->becomes) != 0)
            fail_msg("%s%s: at %lld s \"%s\" became\n%s, not\n%s", story->name,
                     restarts ? ", with restarts" : "", (long long)step->at,
                     step->line ? step->line : "", buf_cstr(&got), step->becomes);
        fed -= count_lines(&got);
        buf_reset(&w.run.lines);
        if (restarts)
            assert_true(stage_run_restart(&w.run, w.sources));
    }
    /* What was not handed on was left out, each once. */
    stage_run_advance(&w.run, S(100000));
    fed -= count_lines(&w.run.left_out);
    assert_int_equal(fed, 0);
    assert_string_equal(buf_cstr(&w.run.refused), "");
    buf_free(&got);
    close_world(&w);
}

static void the_stories(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof stories / sizeof *stories; i++)
        tell(&stories[i], false);
}

static void the_stories_with_a_restart_after_every_step(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof stories / sizeof *stories; i++)
        tell(&stories[i], true);
}

static void what_was_not_seen_for_the_longest_time_is_forgotten_first(void **state)
{
    struct world w;
    const struct settings_source rules = {.repeat = SETTINGS_REPEAT_ON_CHANGE};
    char line[64];
    (void)state;
    open_world(&w, &rules);
    for (unsigned i = 0; i < LAST_FIELDS; i++) {
        snprintf(line, sizeof line, "m,d=%u v=1", i);
        feed(&w, &(struct step){i, LIVE, line, NULL});
    }
    feed(&w, &(struct step){LAST_FIELDS, LIVE, "m,d=0 v=1", NULL}); /* seen: d=1 is the oldest */
    feed(&w, &(struct step){LAST_FIELDS, LIVE, "m,d=new v=1", NULL});
    buf_reset(&w.run.lines);
    assert_true(stage_run_restart(&w.run, w.sources));
    feed(&w, &(struct step){LAST_FIELDS, LIVE, "m,d=0 v=1", NULL});
    feed(&w, &(struct step){LAST_FIELDS, LIVE, "m,d=2 v=1", NULL});
    assert_int_equal(w.run.lines.len, 0);
    feed(&w, &(struct step){LAST_FIELDS, LIVE, "m,d=1 v=1", NULL});
    assert_non_null(strstr(buf_cstr(&w.run.lines), "m,d=1 v=1 "));
    close_world(&w);
}

static void a_state_that_cannot_be_read_is_refused(void **state)
{
    struct world w;
    const struct settings_source rules = {.repeat = SETTINGS_REPEAT_ON_CHANGE, .min_interval_s = 5};
    struct buf saved = {0};
    (void)state;
    open_world(&w, &rules);
    feed(&w, &(struct step){1, LIVE, "m v=1", NULL});
    feed(&w, &(struct step){2, LIVE, "m v=2", NULL});
    change_stage.save(w.run.state, &saved);
    size_t good = 0;
    for (size_t len = 0; len < saved.len; len++) {
        void *fresh = change_stage.open(w.sources);
        good += change_stage.load(fresh, (struct text){saved.data, len});
        change_stage.close(fresh);
    }
    assert_int_equal(good, 1); /* where the intervals begin: none is good too */
    buf_free(&saved);
    close_world(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_stories),
        cmocka_unit_test(the_stories_with_a_restart_after_every_step),
        cmocka_unit_test(what_was_not_seen_for_the_longest_time_is_forgotten_first),
        cmocka_unit_test(a_state_that_cannot_be_read_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
