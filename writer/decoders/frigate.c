#include "writer/decoders/frigate.h"

#include "writer/decoders/available.h"
#include "writer/decoders/device.h"
#include "writer/decoders/finish.h"
#include "writer/decoders/frigate_event.h"
#include "writer/decoders/frigate_stats.h"
#include "writer/decoders/levels.h"
#include "writer/decoders/names.h"
#include "writer/decoders/payload.h"
#include "writer/decoders/refuse.h"

/* JPEG, PNG and WebP, of which "WEBP" stands behind four bytes of length. */
static bool is_picture(struct text payload)
{
    static const struct text starts[] = {{"\xff\xd8\xff", 3}, {"\x89PNG\r\n\x1a\n", 8}};
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        if (text_starts(payload, starts[i]))
            return true;
    }
    return payload.len >= 12 && text_starts(payload, TEXT("RIFF")) &&
           memcmp(payload.at + 8, "WEBP", 4) == 0;
}

/* By the last level of the topic. */
static const char *ignored_by_topic(struct text below)
{
    static const struct {
        const char *last, *words;
    } rules[] = {
        {"snapshot", "a picture"},  {"thumbnail", "a picture"},
        {"set", "a command"},       {"suspend", "a command"},
        {"ptz", "a command"},       {"restart", "a command"},
        {"onConnect", "a command"}, {"camera_activity", "what the topics of a camera say, again"},
    };
    struct text last;
    if (!levels_cut_last(&below, &last))
        return NULL;
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (text_equal(last, text_of(rules[i].last)))
            return rules[i].words;
    }
    return NULL;
}

/* Frigate itself goes by the last level of its prefix; without one by the product's name. */
static struct text own_device(struct text topic, struct text below)
{
    size_t prefix = topic.len - below.len;
    struct text before = {topic.at, prefix > 0 ? prefix - 1 : 0}, last;
    return levels_cut_last(&before, &last) && last.len > 0 ? last : TEXT(FRIGATE_NAME);
}

static enum reject add_device(struct text device, struct point *point, struct err_reason *why)
{
    enum reject reason = finish_tag(point, TEXT("device_id"), device, why);
    return reason == REJECT_NONE ? finish_tag(point, TEXT("source"), TEXT(FRIGATE_NAME), why)
                                 : reason;
}

/* States that are OFF at one time and a word at another. */
static bool stays_text(struct text field)
{
    return text_equal(field, TEXT("birdseye_mode.state")) ||
           text_equal(field, TEXT("review_status")) || text_starts(field, TEXT("status.")) ||
           text_starts(field, TEXT("classification."));
}

static enum reject add_value(const struct decode_input *input, struct decode_scratch *scratch,
                             struct text field, struct err_reason *why)
{
    struct text word = text_trim(input->payload);
    enum reject reason = refuse_name("the topic's end", field, why);
    if (reason != REJECT_NONE || !stays_text(field))
        return reason == REJECT_NONE ? device_plain(input, scratch, field, why) : reason;
    if (!text_utf8_valid(word))
        return refuse(why, REJECT_NOT_UTF8, "the payload is no text");
    if (point_text(&scratch->point, field, word) != ERR_OK)
        return refuse(why, REJECT_TOO_MANY, "more than %d fields", POINT_MAX_FIELDS);
    return REJECT_NONE;
}

static enum reject field_name(struct text levels, struct decode_scratch *scratch,
                              struct text *ret_field, struct err_reason *why)
{
    struct text field = {NULL, 0}, level;
    while (levels_cut_first(&levels, &level)) {
        if (!names_join(&scratch->names, field, '.', level, &field))
            return refuse(why, REJECT_BAD_NAME, "the levels of the topic are too long");
    }
    *ret_field = field;
    return REJECT_NONE;
}

/* <camera or zone>/<levels>, or available. */
static enum reject add_state(const struct decode_input *input, struct decode_scratch *scratch,
                             struct text below, struct err_reason *why)
{
    struct text device = own_device(input->topic, below), rest = below, field = {NULL, 0};
    bool available = text_equal(below, TEXT("available"));
    if (!available && !text_starts(below, TEXT("notifications/")))
        (void)levels_cut_first(&rest, &device);
    if (device.len == 0)
        return refuse(why, REJECT_BAD_NAME, "the topic's level for the camera is empty");
    enum reject reason = add_device(device, &scratch->point, why);
    if (reason == REJECT_NONE && available)
        return available_field(&scratch->point, input->payload, why);
    if (reason == REJECT_NONE)
        reason = field_name(rest, scratch, &field, why);
    return reason == REJECT_NONE ? add_value(input, scratch, field, why) : reason;
}

static enum decode_verdict ignore(struct err_reason *why, const char *words)
{
    (void)refuse(why, REJECT_NONE, "%s", words);
    return DECODE_IGNORED;
}

static enum decode_verdict decode_event(const struct decode_input *input,
                                        struct decode_scratch *scratch,
                                        const struct decode_sink *sink, bool review,
                                        enum reject *ret_reason, struct err_reason *why)
{
    enum reject reason = frigate_event(input, scratch, review, why);
    return finish_single(sink, &scratch->point, reason, ret_reason);
}

static enum decode_verdict decode(const struct decode_input *input, struct decode_scratch *scratch,
                                  const struct decode_sink *sink, enum reject *ret_reason,
                                  struct err_reason *why)
{
    const struct device_source *source = input->prepared;
    struct text below = levels_behind(input->topic, source->place.before);
    const char *ignored = ignored_by_topic(below);
    point_clear(&scratch->point);
    buf_reset(&scratch->names);
    if (ignored)
        return ignore(why, ignored);
    if (is_picture(input->payload))
        return ignore(why, "a picture");
    if (input->payload.len == 0)
        return ignore(why, "an empty message: a retained one was cleared");
    bool review = text_equal(below, TEXT("reviews"));
    if (review || text_equal(below, TEXT("events")))
        return decode_event(input, scratch, sink, review, ret_reason, why);
    if (text_equal(below, TEXT("stats")))
        return frigate_stats(input, scratch, sink, own_device(input->topic, below), ret_reason,
                             why);
    bool levels = below.len > 0 && memchr(below.at, '/', below.len);
    if (!levels && !text_equal(below, TEXT("available")))
        return ignore(why, "neither a state of a camera, an event nor statistics");
    enum reject reason = add_state(input, scratch, below, why);
    return device_end(input, scratch, sink, reason, ret_reason, why);
}

const struct decoder frigate_decoder = {
    .name = "frigate",
    .help = "Frigate: counts and states of cameras and zones, events, reviews, statistics",
    .retained_default = SETTINGS_RULE_OWN_TIME,
    .late_default = SETTINGS_RULE_STORE,
    .prepare = device_prepare,
    .release = device_release,
    .decode = decode,
};
