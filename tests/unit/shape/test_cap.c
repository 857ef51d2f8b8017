/* Series beyond the bound are refused, those before it go on, also after a restart and under
 * another bound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "writer/shape/cap.h"
#include "writer/shape/series_set.h"

#include "stage_fixture.h"

struct world {
    struct settings settings;
    struct settings_source list[2];
    struct sources *sources;
    struct stage_run run;
    char words[256]; /* of the last refusal */
};

static struct world w;

static const struct source *source_of(size_t i)
{
    return source_at(w.sources, sources_count(w.sources) - 2 + i);
}

static int begin(void **state)
{
    (void)state;
    w = (struct world){.settings = {.topic_root = (char *)"hearthline"}};
    w.list[0] = (struct settings_source){.decoder = (char *)"value",
                                         .filter = (char *)"a/#",
                                         .name = (char *)"attic",
                                         .max_series = 3};
    w.list[1] = (struct settings_source){.decoder = (char *)"value", .filter = (char *)"b/#"};
    w.settings.writer.sources = w.list;
    w.settings.writer.sources_count = 2;
    if (sources_open(&w.settings, &w.sources, NULL) != ERR_OK)
        return -1;
    w.run = (struct stage_run){.stage = &cap_stage, .state = cap_stage.open(w.sources)};
    return w.run.state ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    stage_run_end(&w.run);
    sources_close(w.sources);
    return 0;
}

static void assert_passes(size_t source, const char *line)
{
    buf_reset(&w.run.lines);
    buf_reset(&w.run.refused);
    stage_run_feed(&w.run, source_of(source), line, 5, false);
    assert_string_equal(buf_cstr(&w.run.refused), "");
    assert_true(w.run.lines.len > 0);
}

static void assert_refused(size_t source, const char *line)
{
    buf_reset(&w.run.lines);
    buf_reset(&w.run.refused);
    stage_run_feed(&w.run, source_of(source), line, 5, false);
    assert_string_equal(buf_cstr(&w.run.refused), "too_many_series\n");
    assert_string_equal(buf_cstr(&w.run.lines), "");
}

static void what_is_told_of_entities_is_no_series_of_the_source(void **state)
{
    (void)state;
    const struct stage_next next = stage_run_next(&w.run);
    for (int i = 0; i < 5; i++) {
        char line[64];
        snprintf(line, sizeof line, "entities,entity_id=e%d v=1", i);
        struct buf scratch = {0};
        assert_int_equal(line_parse(text_of(line), &scratch, &w.run.point, NULL), ERR_OK);
        struct shaped shaped = {.point = &w.run.point,
                                .source = source_of(0),
                                .uncapped = true,
                                .series = shaped_series(&w.run.point)};
        cap_stage.take(w.run.state, &shaped, &next);
        buf_free(&scratch);
    }
    assert_string_equal(buf_cstr(&w.run.refused), "");
    assert_passes(0, "m,d=1 v=1");
}

static void fill(void)
{
    assert_passes(0, "m,d=1 v=1");
    assert_passes(0, "m,d=2 v=1");
    assert_passes(0, "m,d=1,e=1 v=1");
    assert_refused(0, "m,d=3 v=1");
    assert_passes(1, "m,d=4 v=1"); /* not counted */
    assert_int_equal(cap_series(w.run.state), 3);
}

static void known_series_go_on_and_new_ones_are_refused(void **state)
{
    (void)state;
    fill();
    assert_passes(0, "m,d=1 v=2");
    assert_passes(0, "m,e=1,d=1 w=2"); /* tags in another order, another field */
    assert_refused(0, "n,d=1 v=1");
    assert_refused(0, "m v=1");
}

static void sources_are_counted_apart_and_0_is_no_bound(void **state)
{
    char line[64];
    (void)state;
    fill();
    for (unsigned i = 0; i < 1000; i++) {
        snprintf(line, sizeof line, "m,d=%u v=1", i);
        assert_passes(1, line);
    }
    stage_run_feed(&w.run, NULL, "m,d=77 v=1", 5, false); /* of a source that is gone */
    assert_string_equal(buf_cstr(&w.run.refused), "");
}

static void a_restart_forgets_none(void **state)
{
    (void)state;
    fill();
    assert_true(stage_run_restart(&w.run, w.sources));
    assert_passes(0, "m,d=2 v=1");
    assert_refused(0, "m,d=3 v=1");
    assert_false(cap_stage.load(w.run.state, TEXT("cut")));
}

static void another_bound(void **state)
{
    (void)state;
    fill();
    struct buf saved = {0};
    cap_stage.save(w.run.state, &saved);
    for (unsigned most = 1; most <= 4; most += 3) {
        end(NULL);
        begin(NULL);
        sources_close(w.sources);
        w.list[0].max_series = most;
        assert_int_equal(sources_open(&w.settings, &w.sources, NULL), ERR_OK);
        cap_stage.close(w.run.state);
        w.run.state = cap_stage.open(w.sources);
        assert_true(cap_stage.load(w.run.state, buf_view(&saved)));
        assert_passes(0, "m,d=1,e=1 v=1");
        if (most == 4)
            assert_passes(0, "m,d=3 v=1");
        assert_refused(0, "m,d=4 v=1");
    }
    buf_free(&saved);
}

static void take_words(void *context, const struct shaped *shaped, enum reject reason,
                       const char *words)
{
    struct world *world = context;
    (void)shaped;
    assert_int_equal(reason, REJECT_TOO_MANY_SERIES);
    snprintf(world->words, sizeof world->words, "%s", words);
}

static void the_words_name_source_and_bound(void **state)
{
    (void)state;
    fill();
    const struct stage_next next = {.context = &w, .refuse = take_words};
    struct shaped shaped = {.point = &w.run.point, .source = source_of(0), .series = 12345};
    cap_stage.take(w.run.state, &shaped, &next);
    assert_non_null(strstr(w.words, "\"attic\""));
    assert_non_null(strstr(w.words, "3 series"));
}

static void a_set_holds_what_was_added_and_nothing_else(void **state)
{
    struct series_set set = {0}, again = {0};
    struct buf saved = {0};
    (void)state;
    assert_false(series_set_has(&set, 0));
    for (uint64_t i = 0; i < 100000; i += 2)
        assert_true(series_set_add(&set, i) && series_set_add(&set, i));
    assert_int_equal(set.count, 50000);
    series_set_save(&set, &saved);
    struct text rest = buf_view(&saved);
    assert_true(series_set_load(&again, &rest));
    assert_int_equal(rest.len, 0);
    for (uint64_t i = 2; i < 100000; i++)
        assert_int_equal(series_set_has(&again, i), i % 2 == 0);
    rest = (struct text){saved.data, saved.len - 1};
    series_set_free(&again);
    assert_false(series_set_load(&again, &rest));
    series_set_free(&again);
    series_set_free(&set);
    buf_free(&saved);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_told_of_entities_is_no_series_of_the_source, begin,
                                        end),
        cmocka_unit_test_setup_teardown(known_series_go_on_and_new_ones_are_refused, begin, end),
        cmocka_unit_test_setup_teardown(sources_are_counted_apart_and_0_is_no_bound, begin, end),
        cmocka_unit_test_setup_teardown(a_restart_forgets_none, begin, end),
        cmocka_unit_test_setup_teardown(another_bound, begin, end),
        cmocka_unit_test_setup_teardown(the_words_name_source_and_bound, begin, end),
        cmocka_unit_test(a_set_holds_what_was_added_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
