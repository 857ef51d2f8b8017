/* What the fuzz targets of the decoders share. An input is the topic, a newline, the Content Type,
 * a newline and the payload. Whatever it is: the decoder ends, refuses with a reason and words,
 * never gives more than DECODE_MAX_UNTIMED points without a time, and each point that can be
 * encoded is exactly one line that reads back. */
#ifndef TESTS_DECODER_FUZZ_H
#define TESTS_DECODER_FUZZ_H

#include <stdint.h>
#include <stdlib.h>

#include "influx/line.h"
#include "writer/decoders/decoder.h"

struct decoder_fuzz {
    struct decode_scratch scratch;
    struct buf line, names;
    struct point point;
    unsigned places, outcomes;
};

static inline void decoder_fuzz_require(bool holds)
{
    if (!holds)
        abort();
}

/* No two elements without a time of their own, or that were refused, have one place. */
static inline void decoder_fuzz_place(struct decoder_fuzz *fuzz, unsigned place)
{
    decoder_fuzz_require(place >= fuzz->places);
    fuzz->places = place + 1;
}

static inline void decoder_fuzz_point(void *context, const struct point *point, unsigned place)
{
    struct decoder_fuzz *fuzz = context;
    unsigned cleaned = 0;
    fuzz->outcomes++;
    decoder_fuzz_require(point->timed || place < DECODE_MAX_UNTIMED);
    if (!point->timed)
        decoder_fuzz_place(fuzz, place);
    buf_reset(&fuzz->line);
    if (line_encode(point, &fuzz->line, &cleaned, NULL) != ERR_OK)
        return; /* names beyond what a line may hold */
    struct text rest = buf_view(&fuzz->line), line, more;
    decoder_fuzz_require(line_next(&rest, &line));
    decoder_fuzz_require(!line_next(&rest, &more));
    buf_reset(&fuzz->names);
    decoder_fuzz_require(line_parse(line, &fuzz->names, &fuzz->point, NULL) == ERR_OK);
    decoder_fuzz_require(fuzz->point.timed == point->timed);
}

static inline void decoder_fuzz_reject(void *context, enum reject reason, const char *words,
                                       unsigned place, struct text element)
{
    struct decoder_fuzz *fuzz = context;
    fuzz->outcomes++;
    if (place < DECODE_MAX_UNTIMED)
        decoder_fuzz_place(fuzz, place);
    decoder_fuzz_require(reason > REJECT_NONE && reason < REJECT_COUNT && *words);
    decoder_fuzz_require(element.len == 0 || element.at);
}

static inline void decoder_fuzz_fact(void *context, const struct decode_fact *fact)
{
    struct decoder_fuzz *fuzz = context;
    fuzz->outcomes++;
    decoder_fuzz_require(fact->subject.len > 0 && fact->name.len > 0 && fact->value.len > 0);
    decoder_fuzz_require(text_utf8_valid(fact->value));
}

static inline struct text decoder_fuzz_line(struct text *rest)
{
    const char *end = rest->len ? memchr(rest->at, '\n', rest->len) : NULL;
    struct text line = {rest->at, end ? (size_t)(end - rest->at) : rest->len};
    size_t used = line.len + (end ? 1 : 0);
    *rest = (struct text){rest->at + used, rest->len - used};
    return line;
}

/* Runs the input through the decoder of a source; NULL for our own topics. */
static inline int decoder_fuzz_source(const char *decoder, const struct settings_source *source,
                                      const uint8_t *data, size_t size)
{
    static struct decoder_fuzz fuzz; /* the scratch is used again, as the writer does */
    struct settings_tag tags[] = {{(char *)"site", (char *)"home"}};
    const struct decoder *run = decoder_find(text_of(decoder));
    void *prepared = NULL;
    struct text rest = {size ? (const char *)data : "", size};
    if (!fuzz.scratch.document)
        decoder_fuzz_require(decode_scratch_open(&fuzz.scratch) == ERR_OK);
    if (source && run->prepare)
        decoder_fuzz_require(run->prepare(source, &prepared, NULL) == ERR_OK);
    struct decode_input input = {.topic_root = "hearthline",
                                 .source = source,
                                 .prepared = prepared,
                                 .tags = tags,
                                 .tags_count = 1};
    input.topic = decoder_fuzz_line(&rest);
    input.content_type = decoder_fuzz_line(&rest);
    input.payload = rest;
    struct decode_sink sink = {&fuzz, decoder_fuzz_point, decoder_fuzz_reject, decoder_fuzz_fact};
    enum reject reason = REJECT_NONE;
    struct err_reason why = {""};
    fuzz.places = fuzz.outcomes = 0;
    enum decode_verdict verdict = run->decode(&input, &fuzz.scratch, &sink, &reason, &why);
    if (prepared)
        run->release(prepared);
    decoder_fuzz_require((verdict == DECODED) == (fuzz.outcomes > 0));
    decoder_fuzz_require((verdict == DECODE_REJECTED) == (reason != REJECT_NONE));
    decoder_fuzz_require(verdict == DECODED || why.text[0]);
    decoder_fuzz_require(!strchr(why.text, '\n'));
    return 0;
}

/* The same, where only the filter of the source is said. */
static inline int decoder_fuzz_run(const char *decoder, const char *filter, const uint8_t *data,
                                   size_t size)
{
    struct settings_source source = {.filter = (char *)(uintptr_t)filter};
    return decoder_fuzz_source(decoder, filter ? &source : NULL, data, size);
}

#endif
