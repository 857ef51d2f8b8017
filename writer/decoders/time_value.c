#include "writer/decoders/time_value.h"

#include <math.h>

#include "base/clock.h"
#include "schemas/message_time.h"
#include "writer/decoders/iso_time.h"
#include "writer/decoders/refuse.h"

#define NS_PER_US 1000

/* 0: text, or by the magnitude. In the order of the enum. */
static const int64_t units_ns[] = {0, 0, 0, CLOCK_NS_PER_S, CLOCK_NS_PER_MS, NS_PER_US, 1};

enum err time_value_open(const struct settings_source *source, struct time_value *ret_how,
                         struct err_reason *why)
{
    struct time_value how = {.format = source->time_format};
    struct err_reason words = {""};
    bool zoned = source->timezone && *source->timezone;
    if (!zoned && how.format == SETTINGS_TIME_ISO_LOCAL)
        return err_explain(why, ERR_INVALID,
                           "timezone: is empty, and time_format iso_local has no zone of its own; "
                           "right would be one like Europe/Berlin, or UTC");
    enum err err = zoned ? zone_open(source->timezone, &how.zone, &words) : ERR_OK;
    if (err != ERR_OK)
        return err_explain(why, err, "timezone: %s", words.text);
    *ret_how = how;
    return ERR_OK;
}

void time_value_close(struct time_value *how)
{
    zone_close(how->zone);
    how->zone = NULL;
}

static enum reject read_text(struct text text, const struct time_value *how, int64_t arrival_ns,
                             struct point *point, struct err_reason *why)
{
    const struct zone *zone = how->format == SETTINGS_TIME_RFC3339 ? NULL : how->zone;
    enum reject reason = iso_time_read(text, zone, arrival_ns, point, why);
    if (reason == REJECT_NONE && !point->timed)
        return refuse(
            why, REJECT_BAD_TIME,
            "\"%.*s\" lacks a zone: the message, or `timezone` of the source, must say it",
            REFUSE_ARGS(text));
    return reason;
}

static int64_t unit_by_magnitude(double number)
{
    double size = fabs(number);
    if (size < 1e11)
        return CLOCK_NS_PER_S;
    if (size < 1e14)
        return CLOCK_NS_PER_MS;
    return size < 1e17 ? NS_PER_US : 1;
}

static enum reject read_epoch(struct value v, int64_t unit_ns, struct point *point,
                              struct err_reason *why)
{
    if (message_time_epoch(v, unit_ns, &point->time_ns, why) != ERR_OK)
        return REJECT_BAD_TIME;
    point->timed = true;
    return REJECT_NONE;
}

/* The ends of what 64 bits hold stand for all behind them (base/value.h). */
static enum reject read_timestamp(struct value v, struct point *point, struct err_reason *why)
{
    point->time_ns = value_time_ns(v);
    point->timed = point->time_ns != INT64_MAX && point->time_ns != INT64_MIN;
    if (!point->timed)
        return refuse(why, REJECT_BAD_TIME, "the time is outside of the years 1677 to 2262");
    return REJECT_NONE;
}

enum reject time_value_read(struct value v, const struct time_value *how, int64_t arrival_ns,
                            struct point *point, struct err_reason *why)
{
    enum value_kind kind = value_kind(v);
    double number = value_number(v);
    bool numeric = kind == VALUE_INTEGER || kind == VALUE_NUMBER;
    if (kind == VALUE_TIME)
        return read_timestamp(v, point, why);
    if (units_ns[how->format] > 0)
        return read_epoch(v, units_ns[how->format], point, why);
    if (how->format == SETTINGS_TIME_AUTO &&
        (numeric || (kind == VALUE_TEXT && text_number(value_text(v), &number))))
        return read_epoch(v, unit_by_magnitude(number), point, why);
    if (kind != VALUE_TEXT)
        return refuse(why, REJECT_BAD_TIME, "the time is %s, and text was due",
                      value_kind_name(kind));
    return read_text(value_text(v), how, arrival_ns, point, why);
}
