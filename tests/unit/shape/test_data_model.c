/* Runs the examples of docs/data-model.md through a fold of their own each: topic and payload, and
 * behind "=>" the lines, without their times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "writer/shape/fold.h"

#define PAGE HEARTHLINE_SOURCE_DIR "/docs/data-model.md"

static void take_line(void *context, struct text line, unsigned destination)
{
    (void)destination;
    const char *time = memrchr(line.at, ' ', line.len);
    buf_append(context, line.at, (size_t)(time - line.at));
    buf_char(context, '\n');
}

static void take_reject(void *context, const struct fold_reject *reject)
{
    buf_printf(context, "rejected %s\n", reject_id(reject->reason));
}

/* Cuts the text before `mark` off `rest`, the mark itself going too. */
static bool cut(struct text *rest, const char *mark, struct text *ret_before)
{
    const char *at = memmem(rest->at, rest->len, mark, strlen(mark));
    if (!at)
        return false;
    *ret_before = (struct text){rest->at, (size_t)(at - rest->at)};
    size_t used = ret_before->len + strlen(mark);
    *rest = (struct text){rest->at + used, rest->len - used};
    return true;
}

static void run_example(const struct sources *sources, struct text block)
{
    struct fold *fold = NULL;
    struct buf got = {0};
    struct journal_record record = {.type = JOURNAL_MESSAGE, .arrival_ns = 1792000000000000000};
    struct fold_sink sink = {.context = &got, .line = take_line, .reject = take_reject};
    assert_true(cut(&block, "\n", &record.topic));
    assert_true(cut(&block, "\n=>\n", &record.payload));
    assert_int_equal(fold_open(sources, &fold), ERR_OK);
    fold_record(fold, &record, &sink);
    if (!text_equal(buf_view(&got), block))
        fail_msg("%.*s gave\n%.*sdue was\n%.*s", TEXT_ARGS(record.payload),
                 TEXT_ARGS(buf_view(&got)), TEXT_ARGS(block));
    fold_close(fold);
    buf_free(&got);
}

static void every_example_holds(void **state)
{
    struct settings_source changes = {.decoder = (char *)"homeassistant_eventstream",
                                      .filter = (char *)"homeassistant/events"};
    struct settings settings = {.topic_root = (char *)"hearthline",
                                .writer = {.sources = &changes, .sources_count = 1}};
    struct sources *sources = NULL;
    struct buf page = {0};
    char piece[4096];
    unsigned run = 0;
    FILE *file = fopen(PAGE, "rb");
    (void)state;
    assert_non_null(file);
    for (size_t got; (got = fread(piece, 1, sizeof piece, file)) > 0;)
        buf_append(&page, piece, got);
    fclose(file);
    assert_int_equal(sources_open(&settings, &sources, NULL), ERR_OK);
    struct text rest = buf_view(&page), before, language, block;
    while (cut(&rest, "\n```", &before)) {
        assert_true(cut(&rest, "\n", &language));
        assert_true(cut(&rest, "```\n", &block));
        if (!memmem(block.at, block.len, "\n=>\n", 4))
            continue;
        run_example(sources, block);
        run++;
    }
    assert_true(run > 0);
    sources_close(sources);
    buf_free(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_example_holds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
