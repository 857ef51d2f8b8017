#include "writer/decoders/device.h"

#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "writer/decoders/finish.h"
#include "writer/decoders/payload.h"
#include "writer/decoders/refuse.h"

enum err device_prepare(const struct settings_source *source, void **ret_prepared,
                        struct err_reason *why)
{
    struct device_source *prepared = calloc(1, sizeof *prepared);
    struct err_reason words = {""};
    if (!prepared)
        return err_explain(why, ERR_NOMEM, "no memory for a source");
    if (!levels_device_of(source->filter, &prepared->place)) {
        device_release(prepared);
        return err_explain(why, ERR_INVALID,
                           "filter \"%.128s\" leaves no level open for the device's name; write "
                           "+device_id in its place",
                           source->filter);
    }
    bool zoned = source->timezone && *source->timezone;
    enum err err = zoned ? zone_open(source->timezone, &prepared->zone, &words) : ERR_OK;
    if (err != ERR_OK) {
        device_release(prepared);
        return err_explain(why, err, "timezone: %s", words.text);
    }
    *ret_prepared = prepared;
    return ERR_OK;
}

void device_release(void *prepared)
{
    struct device_source *source = prepared;
    if (source)
        zone_close(source->zone);
    free(source);
}

enum reject device_begin(const struct decode_input *input, const char *dialect,
                         struct decode_scratch *scratch, struct device *ret_device,
                         struct err_reason *why)
{
    const struct device_source *source = input->prepared;
    struct text id, rest = levels_behind(input->topic, source->place.before);
    point_clear(&scratch->point);
    buf_reset(&scratch->names);
    if (!levels_cut_first(&rest, &id) || id.len == 0)
        return refuse(why, REJECT_BAD_NAME, "the topic's level for the device is empty (filter %s)",
                      input->source->filter);
    *ret_device = (struct device){id, rest};
    enum reject reason = finish_tag(&scratch->point, TEXT("source"), text_of(dialect), why);
    return reason == REJECT_NONE ? finish_tag(&scratch->point, TEXT("device_id"), id, why) : reason;
}

enum decode_verdict device_end(const struct decode_input *input, struct decode_scratch *scratch,
                               const struct decode_sink *sink, enum reject reason,
                               enum reject *ret_reason, struct err_reason *why)
{
    if (reason == REJECT_NONE && scratch->point.field_count == 0) {
        refuse(why, REJECT_NONE, "the device gives no value: there is nothing to store");
        return DECODE_IGNORED;
    }
    if (reason == REJECT_NONE)
        reason = finish_point(input, DEVICE_MEASUREMENT, &scratch->point, why);
    return finish_single(sink, &scratch->point, reason, ret_reason);
}

enum reject device_plain(const struct decode_input *input, struct decode_scratch *scratch,
                         struct text field, struct err_reason *why)
{
    struct payload_plain plain;
    enum err err = ERR_OK;
    enum reject reason = refuse_name("a field", field, why);
    if (reason == REJECT_NONE)
        reason = payload_plain(input, scratch, &plain, why);
    if (reason == REJECT_NO_FIELDS)
        return REJECT_NONE;
    if (reason != REJECT_NONE)
        return reason;
    if (plain.kind == PAYLOAD_NUMBER)
        err = point_number(&scratch->point, field, plain.number);
    else if (plain.kind == PAYLOAD_SWITCH)
        err = point_bool(&scratch->point, field, plain.truth);
    else if (plain.kind == PAYLOAD_WORD)
        err = point_text(&scratch->point, field, plain.word);
    return err == ERR_OK ? REJECT_NONE
                         : refuse(why, REJECT_TOO_MANY, "more than %d fields", POINT_MAX_FIELDS);
}

enum reject device_time(struct value seconds, struct point *point, struct err_reason *why)
{
    enum value_kind kind = value_kind(seconds);
    if (kind == VALUE_NULL)
        return REJECT_NONE;
    double number = value_number(seconds), whole;
    if ((kind != VALUE_INTEGER && kind != VALUE_NUMBER) || isnan(number))
        return refuse(why, REJECT_BAD_TIME, "the time is %s; seconds since 1970 were due",
                      value_kind_name(kind));
    if (number < (double)DEVICE_CLOCK_MIN_S)
        return REJECT_NONE;
    if (number >= (double)(INT64_MAX / CLOCK_NS_PER_S))
        return refuse(why, REJECT_BAD_TIME, "the time %g s is after the year 2262", number);
    /* A double of today's seconds is exact to a quarter of a microsecond: rounded to microseconds
     * it is what was written. */
    double fraction = modf(number, &whole);
    point->time_ns = (int64_t)whole * CLOCK_NS_PER_S + llround(fraction * 1e6) * 1000;
    point->timed = true;
    return REJECT_NONE;
}
