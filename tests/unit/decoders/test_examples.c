/* Runs the examples of docs/sources.md and compares byte by byte. */
#include "decode_lines.h"

#define PAGE HEARTHLINE_SOURCE_DIR "/docs/sources.md"

static void read_page(struct buf *page)
{
    FILE *file = fopen(PAGE, "rb");
    assert_non_null(file);
    char piece[4096];
    for (size_t got; (got = fread(piece, 1, sizeof piece, file)) > 0;)
        buf_append(page, piece, got);
    fclose(file);
    assert_non_null(buf_cstr(page));
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

static void run_example(struct decode_lines *lines, struct text block, unsigned *seen)
{
    struct text topic, payload;
    bool known;
    assert_true(cut(&block, "\n", &topic));
    assert_true(cut(&block, "\n=>\n", &payload));
    struct text got = text_of(decode_lines_of(lines, topic, TEXT(""), payload));
    if (!text_equal(got, block))
        fail_msg("%.*s\n gave     %.*s expected %.*s", TEXT_ARGS(topic), TEXT_ARGS(got),
                 TEXT_ARGS(block));
    const struct source *source = sources_find(lines->sources, topic, &known);
    assert_non_null(source);
    for (unsigned i = 0; decoder_at(i); i++) {
        if (decoder_at(i) == source->decoder)
            seen[i]++;
    }
}

static void every_example_holds_and_every_decoder_has_some(void **state)
{
    (void)state;
    struct settings settings = DECODE_LINES_SETTINGS;
    struct decode_lines *lines = decode_lines_open(&settings);
    struct buf page = {0};
    unsigned seen[64] = {0};
    read_page(&page);
    struct text rest = buf_view(&page), before, language, block;
    while (cut(&rest, "\n```", &before)) {
        assert_true(cut(&rest, "\n", &language));
        assert_true(cut(&rest, "```\n", &block));
        if (memmem(block.at, block.len, "\n=>\n", 4))
            run_example(lines, block, seen);
    }
    for (unsigned i = 0; decoder_at(i); i++) {
        if (seen[i] == 0)
            fail_msg("no example of %s in docs/sources.md", decoder_at(i)->name);
    }
    buf_free(&page);
    decode_lines_close(lines);
}

static void every_reason_stands_on_the_page_with_its_words(void **state)
{
    (void)state;
    struct buf page = {0};
    read_page(&page);
    for (unsigned i = REJECT_NONE + 1; i < REJECT_COUNT; i++) {
        struct buf row = {0};
        buf_printf(&row, "\n| `%s` | %s |\n", reject_id((enum reject)i),
                   reject_words((enum reject)i));
        if (!strstr(buf_cstr(&page), buf_cstr(&row)))
            fail_msg("not in docs/sources.md: %s", buf_cstr(&row));
        buf_free(&row);
    }
    buf_free(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_example_holds_and_every_decoder_has_some),
        cmocka_unit_test(every_reason_stands_on_the_page_with_its_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
