/* For the tests of decoders: what becomes of one message, as text. Each point is its line; a
 * refused element "rejected <reason>: <element>"; a whole message "rejected <reason>" or "ignored".
 * The sources are those that docs/sources.md shows. */
#ifndef TESTS_DECODE_LINES_H
#define TESTS_DECODE_LINES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "influx/line.h"
#include "writer/decoders/source.h"

static struct settings_tag decode_lines_tags[] = {{(char *)"floor", (char *)"ground"}};
static struct settings_tag decode_lines_fields[] = {{(char *)"temperature", (char *)"outdoor.t"},
                                                    {(char *)"rain", (char *)"rain[0].mm"},
                                                    {(char *)"battery", (char *)"bat?"}};
static struct settings_tag decode_lines_tag_paths[] = {{(char *)"sensor", (char *)"id"},
                                                       {(char *)"site", (char *)"$.site"}};
static char *decode_lines_named[] = {(char *)"friendly_name"};
static char *decode_lines_ignored[] = {(char *)"icon"};
static char *decode_lines_excluded[] = {(char *)"*.uptime_*"};
static struct settings_source decode_lines_sources[] = {
    {.decoder = (char *)"homeassistant_eventstream",
     .filter = (char *)"homeassistant/changes",
     .layout = SETTINGS_LAYOUT_HOMEASSISTANT,
     .default_measurement = (char *)"units",
     .tags_attributes = decode_lines_named,
     .tags_attributes_count = 1,
     .ignore_attributes = decode_lines_ignored,
     .ignore_attributes_count = 1,
     .exclude = {.globs = decode_lines_excluded, .globs_count = 1}},
    {.decoder = (char *)"homeassistant_eventstream", .filter = (char *)"homeassistant/events"},
    {.decoder = (char *)"homeassistant_statestream", .filter = (char *)"homeassistant/#"},
    {.decoder = (char *)"value", .filter = (char *)"sensor/+room/+metric"},
    {.decoder = (char *)"value",
     .filter = (char *)"meters/#",
     .name = (char *)"meter",
     .measurement = (char *)"meter",
     .tags = decode_lines_tags,
     .tags_count = 1},
    {.decoder = (char *)"reading", .filter = (char *)"weather/+device_id"},
    {.decoder = (char *)"reading", .filter = (char *)"gateway"},
    {.decoder = (char *)"event", .filter = (char *)"doors/+source"},
    {.decoder = (char *)"event", .filter = (char *)"bells", .name = (char *)"doorbell"},
    {.decoder = (char *)"service_metrics", .filter = (char *)"jobs"},
    {.decoder = (char *)"line", .filter = (char *)"telegraf/#"},
    {.decoder = (char *)"json",
     .filter = (char *)"weather_station/+device_id",
     .fields = decode_lines_fields,
     .fields_count = 3,
     .time_path = (char *)"when",
     .time_format = SETTINGS_TIME_ISO_LOCAL,
     .timezone = (char *)"Europe/Berlin",
     .numbers_in_text = true},
    {.decoder = (char *)"json",
     .filter = (char *)"hub/+gateway",
     .elements = (char *)"sensors",
     .tag_paths = decode_lines_tag_paths,
     .tag_paths_count = 2,
     .time_path = (char *)"$.ts"},
    {.decoder = (char *)"json", .filter = (char *)"inverter/+device_id"},
    {.decoder = (char *)"zigbee2mqtt", .filter = (char *)"zigbee2mqtt/#"},
    {.decoder = (char *)"esphome", .filter = (char *)"esphome/+device_id/#"},
    {.decoder = (char *)"tasmota", .filter = (char *)"tele/+device_id/+"},
    {.decoder = (char *)"tasmota", .filter = (char *)"stat/+device_id/+"},
    {.decoder = (char *)"shelly1", .filter = (char *)"shellies/+device_id/#"},
    {.decoder = (char *)"shelly2", .filter = (char *)"shelly/+device_id/#"},
    {.decoder = (char *)"theengs", .filter = (char *)"home/#"},
    {.decoder = (char *)"frigate", .filter = (char *)"frigate/#"},
};

#define DECODE_LINES_SETTINGS                                                                      \
    {                                                                                              \
        .topic_root = (char *)"hearthline", .writer.sources = decode_lines_sources,                \
        .writer.sources_count = sizeof decode_lines_sources / sizeof decode_lines_sources[0]       \
    }

struct decode_lines {
    struct decode_scratch scratch;
    struct settings settings;
    struct sources *sources;
    struct buf out;
    unsigned points, rejects;
    unsigned last_place; /* of the last point */
    unsigned last_free;  /* of the last reject */
    bool last_timed;
    int64_t arrival_ns;      /* of the next message */
    struct err_reason words; /* of the last refusal, element or message, or of what was ignored */
};

static inline struct decode_lines *decode_lines_open(const struct settings *settings)
{
    struct decode_lines *lines = calloc(1, sizeof *lines);
    assert_non_null(lines);
    lines->settings = *settings;
    assert_int_equal(decode_scratch_open(&lines->scratch), ERR_OK);
    assert_int_equal(sources_open(&lines->settings, &lines->sources, NULL), ERR_OK);
    return lines;
}

static inline void decode_lines_close(struct decode_lines *lines)
{
    sources_close(lines->sources);
    decode_scratch_close(&lines->scratch);
    buf_free(&lines->out);
    free(lines);
}

static inline void decode_lines_point(void *context, const struct point *point, unsigned place)
{
    struct decode_lines *lines = context;
    unsigned cleaned = 0;
    assert_int_equal(line_encode(point, &lines->out, &cleaned, NULL), ERR_OK);
    assert_true(point->timed || place < DECODE_MAX_UNTIMED);
    lines->points++;
    lines->last_place = place;
    lines->last_timed = point->timed;
}

static inline void decode_lines_reject(void *context, enum reject reason, const char *words,
                                       unsigned place, struct text element)
{
    struct decode_lines *lines = context;
    lines->last_free = place;
    buf_printf(&lines->out, "rejected %s: ", reject_id(reason));
    buf_text(&lines->out, element);
    buf_char(&lines->out, '\n');
    lines->rejects++;
    snprintf(lines->words.text, sizeof lines->words.text, "%s", words);
}

static inline void decode_lines_fact(void *context, const struct decode_fact *fact)
{
    struct decode_lines *lines = context;
    buf_printf(&lines->out, "fact %.*s %.*s %.*s\n", TEXT_ARGS(fact->subject),
               TEXT_ARGS(fact->name), TEXT_ARGS(fact->value));
}

/* Decodes one message and gives what became of it, valid until the next. */
static inline const char *decode_lines_of(struct decode_lines *lines, struct text topic,
                                          struct text content_type, struct text payload)
{
    struct decode_sink sink = {lines, decode_lines_point, decode_lines_reject, decode_lines_fact};
    enum reject reason = REJECT_NONE;
    bool known = true;
    buf_reset(&lines->out);
    lines->words.text[0] = '\0';
    lines->points = lines->rejects = 0;
    const struct source *source = sources_find(lines->sources, topic, &known);
    if (!source)
        return known ? "no source" : "rejected unknown_topic\n";
    struct source_message message = {topic, payload, content_type, lines->arrival_ns};
    enum decode_verdict verdict = sources_decode(lines->sources, source, &message, &lines->scratch,
                                                 &sink, &reason, &lines->words);
    if (verdict == DECODE_REJECTED) {
        assert_int_not_equal(reason, REJECT_NONE);
        assert_int_equal(lines->points + lines->rejects, 0);
        buf_printf(&lines->out, "rejected %s\n", reject_id(reason));
    } else if (verdict == DECODE_IGNORED) {
        assert_int_equal(lines->points + lines->rejects, 0);
        buf_string(&lines->out, "ignored\n");
    }
    if (verdict != DECODED || lines->rejects)
        assert_true(strlen(lines->words.text) > 5); /* a person is told why */
    return buf_cstr(&lines->out);
}

/* A table of messages and what becomes of them. */
struct decode_lines_case {
    const char *topic;
    const char *payload;
    const char *expected;
    const char *words; /* a part of the words that a person gets; NULL: not looked at */
};

static inline void decode_lines_check(const struct decode_lines_case *cases, size_t count)
{
    struct settings settings = DECODE_LINES_SETTINGS;
    struct decode_lines *lines = decode_lines_open(&settings);
    for (size_t i = 0; i < count; i++) {
        const char *got =
            decode_lines_of(lines, text_of(cases[i].topic), TEXT(""), text_of(cases[i].payload));
        if (strcmp(got, cases[i].expected) != 0)
            fail_msg("%s %s\n gave     %s (%s)\n expected %s", cases[i].topic, cases[i].payload,
                     got, lines->words.text, cases[i].expected);
        if (cases[i].words && !strstr(lines->words.text, cases[i].words))
            fail_msg("%s %s\n says     %s\n expected %s", cases[i].topic, cases[i].payload,
                     lines->words.text, cases[i].words);
    }
    decode_lines_close(lines);
}
#define DECODE_LINES_CHECK(cases) decode_lines_check(cases, sizeof(cases) / sizeof((cases)[0]))

/* A topic of so many levels below `top` is refused. */
static inline void decode_lines_check_deep(const char *top, int levels)
{
    struct settings settings = DECODE_LINES_SETTINGS;
    struct decode_lines *lines = decode_lines_open(&settings);
    struct buf topic = {0};
    buf_string(&topic, top);
    for (int i = 0; i < levels; i++)
        buf_string(&topic, "/x");
    assert_string_equal(decode_lines_of(lines, buf_view(&topic), TEXT(""), TEXT("1")),
                        "rejected bad_name\n");
    buf_free(&topic);
    decode_lines_close(lines);
}

#endif
