/* What decoders of devices have in common that say in the topic which device speaks: where it
 * stands, the tags that follow from it, the value and the time that a device gives, and how its
 * point ends. */
#ifndef WRITER_DECODERS_DEVICE_H
#define WRITER_DECODERS_DEVICE_H

#include "base/zone.h"
#include "writer/decoders/decoder.h"
#include "writer/decoders/levels.h"

#define DEVICE_MEASUREMENT "device_metrics"

/* Before this (2016-01-01) the clock of a device tells the time since it was switched on: it was
 * not set yet. Tasmota's own bound (START_VALID_TIME, docs/Commands.md `Time`). */
#define DEVICE_CLOCK_MIN_S INT64_C(1451602800)

/* What the settings of a source become; a decoder's `prepared`. */
struct device_source {
    struct levels_device place;
    struct zone *zone; /* owned; the source's `timezone`, NULL without one */
};

/* device_prepare and device_release are a decoder's `prepare` and `release`. ERR_INVALID: the
 * filter leaves no level open for the device, or there is no such zone; further errors of
 * zone_open. */
enum err device_prepare(const struct settings_source *source, void **ret_prepared,
                        struct err_reason *why) ERR_MUST_CHECK;
void device_release(void *prepared);

/* A message that is being decoded; borrowed from the input. */
struct device {
    struct text id;
    struct text rest; /* the levels of the topic behind it; empty for none */
};

/* device_begin empties scratch->point and scratch->names and adds the tags `source` = dialect and
 * device_id: the level that the source's filter captures as +device_id, else its first open one.
 * input->prepared is device_prepare's. BAD_NAME when the level is empty or too long. */
enum reject device_begin(const struct decode_input *input, const char *dialect,
                         struct decode_scratch *scratch, struct device *ret_device,
                         struct err_reason *why);

/* device_end finishes the point under DEVICE_MEASUREMENT and gives it to the sink, or refuses the
 * message for `reason`. A point without a field is DECODE_IGNORED: a device may have nothing to
 * say. */
enum decode_verdict device_end(const struct decode_input *input, struct decode_scratch *scratch,
                               const struct decode_sink *sink, enum reject reason,
                               enum reject *ret_reason, struct err_reason *why);

/* device_plain adds the payload, one plain value, as a field: a number, a boolean for the words on,
 * off, true and false, else text. null and nan add nothing. Refusals as payload_plain, TOO_MANY. */
enum reject device_plain(const struct decode_input *input, struct decode_scratch *scratch,
                         struct text field, struct err_reason *why);

/* device_time takes UTC seconds, a number with or without a fraction, as the point's own time. null
 * and what is before DEVICE_CLOCK_MIN_S leave the point without one: the device has no clock, or
 * not yet. BAD_TIME for anything else. */
enum reject device_time(struct value seconds, struct point *point, struct err_reason *why);

#endif
