/* What an arrived PUBLISH says (MQTT 5.0, section 3.3): where it begins and ends in the
 * packet, nothing is copied. */
#ifndef BENCH_MESSAGE_H
#define BENCH_MESSAGE_H

#include "wire.h"

struct part {
    const char *at; /* not terminated; valid as long as the packet */
    size_t len;
};

struct message {
    struct part topic, correlation, payload; /* correlation empty when absent */
};

/* message_read is false for what is no whole PUBLISH. */
bool message_read(const struct wire_packet *packet, struct message *ret_message);

/* part_has tells whether the text stands anywhere in it. */
bool part_has(struct part part, const char *text);

#endif
