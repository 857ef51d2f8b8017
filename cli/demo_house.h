/* The demo house: some sixty devices and entities that speak the dialects of real ones, over days
 * that pass as fast as one likes. Pure: what it says is a function of the options, and nothing is
 * sent here.
 *
 * Two spans follow each other. First the history: what the devices that send times of their own
 * recorded in the `ago_ns` before the present, all due at once, as after an outage. Then life:
 * all devices, from the present on, `speed` times as fast as real time. A time in a payload never
 * lies in the future: before the present it is the simulated moment, after it the real one at which
 * the message is due.
 *
 * The awkward things of a real house are in it, each once a day: a sensor that becomes unavailable,
 * a restart of Home Assistant after which every retained state is sent again, a field that changes
 * its type, a payload that is no JSON, a misspelt topic, a burst of DEMO_HOUSE_BURST messages in
 * one second; and always a device whose name has a comma, a space and an umlaut. */
#ifndef CLI_DEMO_HOUSE_H
#define CLI_DEMO_HOUSE_H

#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

#define DEMO_HOUSE_BURST 1500

struct demo_house_options {
    uint64_t seed;
    const char *topic_root; /* borrowed; "hearthline" */
    int64_t present_ns;     /* real time since 1970 at which life begins */
    int64_t ago_ns;         /* of history before it; 0 for none */
    int64_t span_ns;        /* simulated time to live through; INT64_MAX: without end */
    double speed;           /* simulated seconds in a real one, over 0 */
    int utc_offset_s;       /* the house's local time is UTC plus this */
};

struct demo_message {
    int64_t at_ns; /* the simulated moment; ascending */
    int64_t
        due_ns; /* the real time at which to publish it; ascending, present_ns for the history */
    struct text topic, payload, content_type; /* valid until the next call */
    uint8_t qos;
    bool retained;
};

struct demo_house;

/* demo_house_open builds the house. ERR_INVALID: an option out of range, said in `why`. */
enum err demo_house_open(const struct demo_house_options *options, struct demo_house **ret_house,
                         struct err_reason *why) ERR_MUST_CHECK;
void demo_house_close(struct demo_house *house); /* NULL accepted */

/* demo_house_next gives the next message; ERR_CLOSED when the span is over. */
enum err demo_house_next(struct demo_house *house, struct demo_message *ret_message) ERR_MUST_CHECK;

/* How many devices and entities live in it. */
size_t demo_house_devices(void);

#endif
