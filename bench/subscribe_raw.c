/* bench-subscribe-raw: takes messages from a bare socket, counts and forgets
 * them. What a broker can hand to one subscriber at most is what this takes. */
#include <stdio.h>
#include <unistd.h>

#include "subscribe.h"
#include "tally.h"
#include "wire.h"

static void take_packets(struct wire *w, struct tally *t)
{
    struct wire_packet p;
    while (wire_next(w, &p)) {
        if (p.type != WIRE_PUBLISH)
            continue;
        tally_message(t, p.len);
        if ((p.flags >> 1 & 3) == 1)
            wire_puback(w, wire_packet_id(&p));
    }
}

static bool subscribe(struct wire *w, const struct subscribe_options *o)
{
    struct wire_packet p;
    wire_subscribe(w, o->topic, (uint8_t)o->qos);
    while (wire_write(w)) {
        wire_wait(w, 1);
        if (!wire_read(w))
            return false;
        if (wire_next(w, &p))
            return p.type == WIRE_SUBACK;
    }
    return false;
}

int main(int argc, char **argv)
{
    struct subscribe_options o;
    subscribe_read_options(&o, argc, argv);
    struct wire w = {.descriptor = -1};
    struct tally t = {0};
    struct wire_connect c = {o.host, o.port, o.client_id, false, UINT16_MAX};
    bool up = wire_open(&w, &c) && subscribe(&w, &o);
    if (up)
        subscribe_say_ready();
    while (up && !tally_complete(&t, &o)) {
        wire_wait(&w, 0.2);
        up = wire_read(&w);
        if (up)
            take_packets(&w, &t);
        up = up && wire_write(&w);
    }
    if (!up)
        fprintf(stderr, "%s: %s\n", argv[0], w.why);
    wire_close(&w, up);
    wire_free(&w);
    tally_report(&t, &o);
    return up && tally_whole(&t, &o) ? 0 : 1;
}
