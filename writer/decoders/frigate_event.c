#include "writer/decoders/frigate_event.h"

#include "writer/decoders/device.h"
#include "writer/decoders/event.h"
#include "writer/decoders/finish.h"
#include "writer/decoders/flatten.h"
#include "writer/decoders/names.h"
#include "writer/decoders/own.h"
#include "writer/decoders/payload.h"
#include "writer/decoders/refuse.h"

/* Tags, times that are the point's, and where pictures lie. */
static bool no_field(struct text key)
{
    static const char *const keys[] = {"camera",     "label",     "severity", "frame_time",
                                       "thumb_path", "thumbnail", "snapshot", "snapshot_time",
                                       "sub_label",  "data",      "path_data"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (text_equal(key, text_of(keys[i])))
            return true;
    }
    return false;
}

static enum reject add_text(struct point *point, const char *key, struct text text,
                            struct err_reason *why)
{
    if (point_text(point, text_of(key), text) != ERR_OK)
        return refuse(why, REJECT_TOO_MANY, "more than %d fields", POINT_MAX_FIELDS);
    return REJECT_NONE;
}

/* An array of words as one text, "yard,driveway"; an empty one adds nothing. */
static enum reject add_words(struct value map, const char *key, struct decode_scratch *scratch,
                             struct err_reason *why)
{
    struct value list, v;
    struct text words = {NULL, 0}, none;
    if (!value_get(map, text_of(key), &list) || value_kind(list) != VALUE_ARRAY)
        return REJECT_NONE;
    struct value_walk walk = value_walk(list);
    while (value_next(&walk, &none, &v)) {
        if (value_kind(v) == VALUE_TEXT && value_text(v).len > 0 &&
            !names_join(&scratch->names, words, ',', value_text(v), &words))
            return refuse(why, REJECT_TOO_MANY, "too many words in \"%s\"", key);
    }
    return words.len > 0 ? add_text(&scratch->point, key, words, why) : REJECT_NONE;
}

/* A word, or in newer versions [word, score]. */
static enum reject add_sub_label(struct value after, struct point *point, struct err_reason *why)
{
    struct value v, first;
    struct text none;
    if (!value_get(after, TEXT("sub_label"), &v))
        return REJECT_NONE;
    struct value_walk walk = value_walk(v);
    if (value_kind(v) == VALUE_ARRAY && value_next(&walk, &none, &first))
        v = first;
    return value_kind(v) == VALUE_TEXT ? add_text(point, "sub_label", value_text(v), why)
                                       : REJECT_NONE;
}

static enum reject add_tag(struct value after, const char *key, struct point *point,
                           struct err_reason *why)
{
    struct text text;
    enum reject reason = own_text(after, key, &text, why);
    return reason == REJECT_NONE ? finish_tag(point, text_of(key), text, why) : reason;
}

static enum reject add_tags(struct value after, struct text type, bool review,
                            struct decode_scratch *scratch, struct err_reason *why)
{
    struct point *point = &scratch->point;
    struct text kind = type;
    enum reject reason = REJECT_NONE;
    if (review && !names_join(&scratch->names, TEXT("review"), '_', type, &kind))
        reason = refuse(why, REJECT_BAD_NAME, "\"type\" is too long");
    if (reason == REJECT_NONE)
        reason = finish_tag(point, TEXT("kind"), kind, why);
    if (reason == REJECT_NONE)
        reason = finish_tag(point, TEXT("source"), TEXT(FRIGATE_NAME), why);
    if (reason == REJECT_NONE)
        reason = add_tag(after, "camera", point, why);
    return reason == REJECT_NONE ? add_tag(after, review ? "severity" : "label", point, why)
                                 : reason;
}

/* The end has its own time; else the frame's; a review has no frame, and begins when it is new. */
static enum reject add_time(struct value after, struct text type, bool review, struct point *point,
                            struct err_reason *why)
{
    struct value v;
    bool end = text_equal(type, TEXT("end")), begin = review && text_equal(type, TEXT("new"));
    if ((end && value_get(after, TEXT("end_time"), &v) && value_kind(v) != VALUE_NULL) ||
        (begin && value_get(after, TEXT("start_time"), &v)) ||
        value_get(after, TEXT("frame_time"), &v))
        return device_time(v, point, why);
    return REJECT_NONE;
}

static enum reject add_fields(struct value after, bool review, struct decode_scratch *scratch,
                              struct err_reason *why)
{
    static const struct flatten how = {.strict = true, .texts = true, .skip = no_field};
    struct value of_review;
    enum reject reason = flatten_map(after, &how, scratch, why);
    if (reason == REJECT_NONE)
        reason = add_sub_label(after, &scratch->point, why);
    if (reason == REJECT_NONE)
        reason = add_words(after, "current_zones", scratch, why);
    if (reason == REJECT_NONE)
        reason = add_words(after, "entered_zones", scratch, why);
    if (reason != REJECT_NONE || !review || !value_get(after, TEXT("data"), &of_review))
        return reason;
    static const char *const lists[] = {"objects", "sub_labels", "zones", "audio"};
    for (size_t i = 0; reason == REJECT_NONE && i < sizeof lists / sizeof lists[0]; i++)
        reason = add_words(of_review, lists[i], scratch, why);
    return reason;
}

enum reject frigate_event(const struct decode_input *input, struct decode_scratch *scratch,
                          bool review, struct err_reason *why)
{
    struct value message, after;
    struct text type;
    enum reject reason = payload_parse(input, scratch, &message, why);
    if (reason != REJECT_NONE)
        return reason;
    reason = own_text(message, "type", &type, why);
    if (reason != REJECT_NONE)
        return reason;
    if (type.len == 0 || !value_get(message, TEXT("after"), &after) ||
        value_kind(after) != VALUE_MAP)
        return refuse(why, REJECT_WRONG_SHAPE, "an event has \"type\" as text and \"after\"");
    reason = add_tags(after, type, review, scratch, why);
    if (reason == REJECT_NONE)
        reason = add_time(after, type, review, &scratch->point, why);
    if (reason == REJECT_NONE)
        reason = add_fields(after, review, scratch, why);
    return reason == REJECT_NONE ? finish_point(input, EVENT_MEASUREMENT, &scratch->point, why)
                                 : reason;
}
