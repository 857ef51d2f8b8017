/* A TCP relay on a free loopback port, on a thread of its own, between a client and a server: it
 * shows what the client sent first, counts its attempts, and breaks the connection in the ways that
 * a network does. */
#ifndef HARNESS_RELAY_H
#define HARNESS_RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct harness_relay;

enum harness_relay_mode {
    HARNESS_RELAY_PASS,   /* both ways */
    HARNESS_RELAY_DEAF,   /* what the client sends is read and thrown away, the other way passes */
    HARNESS_RELAY_REFUSE, /* a new connection is counted and closed at once */
    HARNESS_RELAY_SILENT, /* nothing passes, nothing ends: a cable pulled out somewhere */
};

struct harness_relay *harness_relay_open(uint16_t server_port); /* NULL on failure */
uint16_t harness_relay_port(const struct harness_relay *relay);

/* harness_relay_set changes the mode, for the bytes and connections that come from now on. */
void harness_relay_set(struct harness_relay *relay, enum harness_relay_mode mode);

/* harness_relay_cut resets all connections. */
void harness_relay_cut(struct harness_relay *relay);

/* How many connections came in so far, and when (harness_now_ms) the one with that index did. */
size_t harness_relay_count(struct harness_relay *relay);
int64_t harness_relay_at_ms(struct harness_relay *relay, size_t index);

/* harness_relay_first gives what the client of connection `index` sent first (at most 512 bytes are
 * kept); the number of bytes, 0 when there were none yet. */
size_t harness_relay_first(struct harness_relay *relay, size_t index, uint8_t *ret_bytes,
                           size_t size);

void harness_relay_close(struct harness_relay *relay); /* NULL accepted */

#endif
