/* hearthline-load: publishes numbered messages as fast as the broker takes them,
 * or at a rate, and counts what the broker acknowledged. A message is a pure
 * function of its number, so nothing is kept for sending it again. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "options.h"
#include "reading.h"
#include "report.h"
#include "wire.h"

enum {
    IDS = 65536,
    OUT_ENOUGH_BYTES = 256 * 1024, /* no more is made while this much waits for the socket */
};

struct options {
    const char *host, *port, *client_id, *topic, *payload; /* payload NULL: the default */
    uint64_t count, start, topics, qos;
    uint64_t readings, window; /* 0: not asked for */
    double rate, patience_s;
    bool own_times, retain, reconnect, json;
};

/* One packet id: which message is under way with it. */
struct slot {
    uint64_t number;
    bool waiting;
    uint16_t connection; /* the connection that it was last sent on */
};

struct load {
    struct options o;
    struct wire wire;
    struct bytes topic, payload;
    struct slot slots[IDS];
    uint16_t next_id;    /* for the next new message */
    uint16_t again_id;   /* the next that may have to be sent again after a reconnection, */
    unsigned again_left; /* and how many ids are still to be looked at */
    uint64_t made;       /* messages sent at least once */
    uint64_t acknowledged, refused, resent, reconnects;
    unsigned under_way; /* sent on this connection and not acknowledged */
    uint16_t connection;
    bool ended; /* QoS 0: PINGRESP behind the last message */
    bool ping_sent;
    double begun_s, first_real_s, last_s, progress_s;
    int64_t base_ns; /* own times count up from here */
};

static const char summary[] =
    "Publishes numbered MQTT 5 messages and counts what the broker acknowledged.";
static const char footer[] = "Exit status: 0 all acknowledged, 1 not all, 2 wrong usage.";

static void read_options(struct options *o, int argc, char **argv)
{
    const struct option_row rows[] = {
        {"host", "HOST", OPTION_TEXT, &o->host, 0, 0, "broker's host (127.0.0.1)"},
        {"port", "PORT", OPTION_TEXT, &o->port, 0, 0, "broker's port (1883)"},
        {"client-id", "ID", OPTION_TEXT, &o->client_id, 0, 0, "(hearthline-load-<pid>)"},
        {"count", "N", OPTION_COUNT, &o->count, 1, UINT32_MAX, "how many messages (100000)"},
        {"rate", "R", OPTION_NUMBER, &o->rate, 0, 0,
         "messages a second; 0: as fast as the broker takes them (0)"},
        {"qos", "0|1", OPTION_COUNT, &o->qos, 0, 1,
         "QoS (1); at 0 a message counts as acknowledged when the broker\n"
         "has read it, which a PINGREQ behind the last one tells"},
        {"topic", "TEMPLATE", OPTION_TEXT, &o->topic, 0, 0,
         "%d is the number modulo --topics (hearthline/readings/dev-%d)"},
        {"topics", "N", OPTION_COUNT, &o->topics, 1, UINT32_MAX, "how many topics (1000)"},
        {"payload", "TEMPLATE", OPTION_TEXT, &o->payload, 0, 0,
         "%d is the running number; default: a reading of 120 bytes,\n"
         "{\"device\":\"dev-7\",\"temperature\":21.5,...,\"seq\":123}"},
        {"readings", "K", OPTION_COUNT, &o->readings, 1, 1000,
         "instead: a msgpack array of K readings a message, seq K*n to K*n+K-1"},
        {"own-times", NULL, OPTION_FLAG, &o->own_times, 0, 0,
         "each of these readings has a time of its own"},
        {"start", "N", OPTION_COUNT, &o->start, 0, INT64_MAX / 1000000, "first number (0)"},
        {"retain", NULL, OPTION_FLAG, &o->retain, 0, 0, "publish retained"},
        {"window", "N", OPTION_COUNT, &o->window, 1, UINT16_MAX,
         "at most N unacknowledged at once (the broker's Receive Maximum)"},
        {"reconnect", NULL, OPTION_FLAG, &o->reconnect, 0, 0,
         "survive the end of a connection: what is unacknowledged is sent\n"
         "again with DUP (QoS 1 only)"},
        {"patience-s", "S", OPTION_NUMBER, &o->patience_s, 0, 0,
         "give up after S seconds without progress (60)"},
        {"json-report", NULL, OPTION_FLAG, &o->json, 0, 0, "report as one JSON object"},
    };
    const struct option_table table = {"hearthline-load", summary, footer, rows,
                                       sizeof(rows) / sizeof(rows[0])};
    options_read(&table, argc, argv);
    if (o->reconnect && o->qos == 0) {
        fprintf(stderr, "hearthline-load: --reconnect needs --qos 1: at QoS 0 nobody knows what "
                        "was lost\n");
        exit(2);
    }
}

static void make_message(struct load *l, uint64_t number)
{
    const struct options *o = &l->o;
    uint64_t device = number % o->topics;
    l->topic.len = l->payload.len = 0;
    bytes_template(&l->topic, o->topic, device);
    if (o->readings > 0) {
        uint64_t first = number * o->readings;
        int64_t time_ns = o->own_times ? l->base_ns + (int64_t)first * 1000000 : 0;
        reading_msgpack(&l->payload, first, (unsigned)o->readings, time_ns);
    } else if (o->payload) {
        bytes_template(&l->payload, o->payload, number);
    } else {
        reading_json(&l->payload, number, device);
    }
}

static void send_message(struct load *l, uint64_t number, uint16_t packet_id, bool dup)
{
    make_message(l, number);
    struct wire_publish p = {.topic = &l->topic,
                             .payload = &l->payload,
                             .qos = (uint8_t)l->o.qos,
                             .retain = l->o.retain,
                             .dup = dup,
                             .packet_id = packet_id};
    wire_publish(&l->wire, &p);
}

static unsigned window(const struct load *l)
{
    unsigned most = l->wire.receive_maximum;
    return l->o.window > 0 && l->o.window < most ? (unsigned)l->o.window : most;
}

static bool may_send(const struct load *l)
{
    return wire_waiting(&l->wire) < OUT_ENOUGH_BYTES && (l->o.qos == 0 || l->under_way < window(l));
}

static uint16_t id_after(uint16_t id)
{
    return id == UINT16_MAX ? 1 : (uint16_t)(id + 1);
}

/* What an earlier connection left unacknowledged goes first, in its old order. */
static void send_again(struct load *l)
{
    while (l->again_left > 0 && may_send(l)) {
        struct slot *slot = &l->slots[l->again_id];
        if (slot->waiting && slot->connection != l->connection) {
            send_message(l, slot->number, l->again_id, true);
            slot->connection = l->connection;
            l->under_way++;
            l->resent++;
        }
        l->again_id = id_after(l->again_id);
        l->again_left--;
    }
}

static double due_s(const struct load *l, uint64_t index)
{
    return l->o.rate > 0 ? l->begun_s + (double)index / l->o.rate : 0;
}

static void send_new(struct load *l)
{
    double now = report_monotonic_s();
    while (l->made < l->o.count && may_send(l) && due_s(l, l->made) <= now) {
        uint64_t number = l->o.start + l->made;
        if (l->made == 0)
            l->first_real_s = report_real_s();
        if (l->o.qos > 0) {
            struct slot *slot = &l->slots[l->next_id];
            if (slot->waiting)
                return;
            *slot = (struct slot){number, true, l->connection};
            l->under_way++;
        }
        send_message(l, number, l->next_id, false);
        if (l->o.qos > 0)
            l->next_id = id_after(l->next_id);
        l->made++;
        l->progress_s = now;
    }
    if (l->o.qos == 0 && l->made == l->o.count && !l->ping_sent) {
        wire_pingreq(&l->wire);
        l->ping_sent = true;
    }
}

static void take_puback(struct load *l, const struct wire_packet *p)
{
    uint16_t id = wire_packet_id(p);
    struct slot *slot = &l->slots[id];
    if (id == 0 || !slot->waiting)
        return;
    slot->waiting = false;
    l->under_way--;
    if (p->len >= 3 && p->body[2] >= 0x80)
        l->refused++;
    else
        l->acknowledged++;
}

static void take_packets(struct load *l)
{
    struct wire_packet p;
    while (wire_next(&l->wire, &p)) {
        if (p.type == WIRE_PUBACK)
            take_puback(l, &p);
        else if (p.type == WIRE_PINGRESP)
            l->ended = true;
        else
            continue;
        l->last_s = l->progress_s = report_monotonic_s();
    }
    if (l->o.qos == 0 && l->ended)
        l->acknowledged = l->made;
}

static bool all_done(const struct load *l)
{
    if (l->o.qos == 0)
        return l->ended;
    return l->made == l->o.count && l->acknowledged + l->refused == l->made;
}

static bool out_of_patience(const struct load *l)
{
    double silence = l->o.rate > 0 ? 1 / l->o.rate : 0;
    return report_stopped() || report_monotonic_s() - l->progress_s > l->o.patience_s + silence;
}

static bool connect_once(struct load *l)
{
    struct wire_connect c = {l->o.host, l->o.port, l->o.client_id, l->o.reconnect, UINT16_MAX};
    if (!wire_open(&l->wire, &c))
        return false;
    l->connection++;
    l->under_way = 0;
    l->ping_sent = false;
    l->again_id = l->next_id; /* ids go round: the oldest comes first */
    l->again_left = l->made > 0 ? IDS - 1 : 0;
    return true;
}

static bool connect_again(struct load *l)
{
    while (!out_of_patience(l)) {
        if (connect_once(l)) {
            l->reconnects++;
            return true;
        }
        usleep(100 * 1000);
    }
    return false;
}

static double wait_s(const struct load *l)
{
    if (l->made == l->o.count || !may_send(l))
        return 0.5;
    double left = due_s(l, l->made) - report_monotonic_s();
    return left < 0.5 ? left : 0.5;
}

static void run(struct load *l)
{
    while (!all_done(l) && !out_of_patience(l)) {
        send_again(l);
        send_new(l);
        bool up = wire_write(&l->wire);
        if (up) {
            wire_wait(&l->wire, wait_s(l));
            up = wire_read(&l->wire);
        }
        if (up)
            take_packets(l);
        else if (!l->o.reconnect || !connect_again(l))
            return;
    }
}

static void report(const struct load *l)
{
    struct report r = {.json = l->o.json};
    double seconds = l->last_s > l->begun_s ? l->last_s - l->begun_s : 0;
    report_count(&r, "sent", l->made);
    report_count(&r, "acknowledged", l->acknowledged);
    report_count(&r, "refused", l->refused);
    report_count(&r, "resent", l->resent);
    report_count(&r, "reconnects", l->reconnects);
    report_number(&r, "first_publish_s", l->first_real_s);
    report_number(&r, "seconds", seconds);
    report_number(&r, "rate_per_s", report_rate(l->acknowledged, seconds));
    report_number(&r, "cpu_s", report_cpu_s());
    report_end(&r);
}

int main(int argc, char **argv)
{
    static struct load l;
    char id[40];
    snprintf(id, sizeof(id), "hearthline-load-%d", (int)getpid());
    l.o = (struct options){.host = "127.0.0.1",
                           .port = "1883",
                           .client_id = id,
                           .topic = "hearthline/readings/dev-%d",
                           .count = 100000,
                           .topics = 1000,
                           .patience_s = 60,
                           .qos = 1};
    read_options(&l.o, argc, argv);
    report_signals();
    l.next_id = 1;
    l.progress_s = report_monotonic_s();
    if (!connect_once(&l)) {
        fprintf(stderr, "hearthline-load: %s\n", l.wire.why);
        return 1;
    }
    l.base_ns = (int64_t)(report_real_s() * 1e3) * 1000000;
    l.begun_s = l.last_s = l.progress_s = report_monotonic_s();
    run(&l);
    bool all = l.acknowledged == l.o.count;
    if (!all && l.wire.why[0] != '\0')
        fprintf(stderr, "hearthline-load: %s\n", l.wire.why);
    wire_close(&l.wire, all);
    report(&l);
    wire_free(&l.wire);
    bytes_free(&l.topic);
    bytes_free(&l.payload);
    return all ? 0 : 1;
}
