/* MQTT 5 on a bare socket, as little of it as a load program needs: packets are
 * appended to an output buffer, written as the socket takes them, and cut off an
 * input buffer as they arrive. No threads, no timers, no keep-alive.
 *
 * Rules are those of MQTT Version 5.0 (OASIS, 7 March 2019), chapter 3. */
#ifndef BENCH_WIRE_H
#define BENCH_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes.h"

enum wire_type {
    WIRE_CONNACK = 2,
    WIRE_PUBLISH = 3,
    WIRE_PUBACK = 4,
    WIRE_SUBACK = 9,
    WIRE_PINGRESP = 13,
    WIRE_DISCONNECT = 14,
};

struct wire {
    int descriptor; /* -1: not connected */
    struct bytes out, in;
    size_t out_done, in_done; /* how much of each was written or read already */
    bool session_present;     /* from CONNACK */
    uint16_t receive_maximum; /* from CONNACK; 65535 when absent */
    char why[200];            /* what went wrong, after a function returned false */
};

struct wire_connect {
    const char *host, *port, *client_id;
    bool keep_session;        /* Clean Start 0 and a session of an hour */
    uint16_t receive_maximum; /* ours */
};

struct wire_packet {
    unsigned type; /* enum wire_type */
    unsigned flags;
    const uint8_t *body; /* valid until the next wire_read */
    size_t len;
};

/* wire_open connects, sends CONNECT and waits for CONNACK, 10 s at most. Buffers
 * of an earlier connection are emptied and used again. */
bool wire_open(struct wire *w, const struct wire_connect *c);

/* wire_close sends DISCONNECT (which also ends the session) when `polite`. */
void wire_close(struct wire *w, bool polite);
void wire_free(struct wire *w);

/* Each appends one packet to the output buffer. packet_id is not used at QoS 0. */
struct wire_publish {
    const struct bytes *topic, *payload;
    uint8_t qos;
    bool retain, dup;
    uint16_t packet_id;
    const char *response_topic, *correlation; /* NULL for none */
    uint32_t expiry_s;                        /* 0 for none */
};
void wire_publish(struct wire *w, const struct wire_publish *p);
void wire_puback(struct wire *w, uint16_t packet_id);
void wire_subscribe(struct wire *w, const char *filter, uint8_t qos);
void wire_pingreq(struct wire *w);

/* wire_waiting is how many bytes are not written yet. */
size_t wire_waiting(const struct wire *w);

/* wire_write writes what the socket takes now; wire_read takes what is there.
 * False when the connection is gone. */
bool wire_write(struct wire *w);
bool wire_read(struct wire *w);

/* wire_wait waits until there is something to read, or to write if something waits
 * in the output buffer, or seconds have passed. */
void wire_wait(const struct wire *w, double seconds);

/* wire_next cuts the next whole packet off; false when there is none. */
bool wire_next(struct wire *w, struct wire_packet *ret_packet);

/* wire_publish_id gives the packet id of a PUBLISH at QoS 1, or of a PUBACK; 0 when
 * the packet is too short. */
uint16_t wire_packet_id(const struct wire_packet *p);

#endif
