#include "writer/intake.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "schemas/topics.h"

#define MARKER_AGAIN_MS 10000 /* one that is not back by then was perhaps lost */
/* All packet ids: a stock broker drops what is beyond it and 1,000. */
#define RECEIVE_MAXIMUM 65535
/* A gap in the row of packet ids counts behind so many messages, because another broker's ids need
 * not be in a row; not behind RECEIVE_MAXIMUM, because one that expired while it waited does not
 * come. */
#define GAP_BEHIND_MIN 32768
/* Ids of a gap and behind it at most; its first one comes again after 65,535. */
#define GAP_MAX 4096

struct intake {
    struct intake_options o;
    struct bus_client *client;
    bool hold_when_full;
    /* Written by paho's thread, read by the loop. */
    atomic_uint_fast64_t connections;
    atomic_uint_fast64_t broker_dropped;
    atomic_bool marker_due;
    atomic_bool subscribed; /* on this connection */
    atomic_bool full;
    atomic_bool again; /* to be connected again, because the broker keeps messages back */
    /* Paho's thread only. */
    bool live;
    bool broker_heard; /* a figure of what it dropped */
    /* On this connection, until it is live: */
    uint32_t waited;  /* messages so far */
    uint16_t last_id; /* packet id of the last one of QoS 1, 0 before the first */
    uint32_t gap;     /* ids that are missing in their row, and those behind */
    bool left;        /* connect_again was called */
    /* The loop's only. */
    bool held;               /* by intake_hold */
    uint64_t marker_carried; /* the connection whose marker was sent last, and when */
    int64_t marker_sent_ms;
};

static void append_internal(struct intake *intake, enum journal_type type)
{
    struct journal_record record = {.type = type};
    if (journal_append(intake->o.journal, &record) == JOURNAL_NO_ROOM)
        log_event(intake->o.log, LOG_ERROR, "journal_no_room", "record=%d", (int)type);
}

static void marker_payload(const struct intake *intake, char ret_payload[96])
{
    snprintf(ret_payload, 96, "%.64s:%" PRIu64, intake->o.instance,
             (uint64_t)atomic_load(&intake->connections));
}

static void connect_again(struct intake *intake)
{
    if (intake->left)
        return;
    intake->left = true;
    atomic_store(&intake->again, true);
    log_event(intake->o.log, LOG_INFO, "connects_again",
              "waited=%" PRIu32 " note=\"the broker may have kept messages back, which it sends at "
              "the next connection\"",
              intake->waited);
}

/* How many are missing between the last packet id and this one. */
static uint32_t missing_before(const struct intake *intake, uint16_t packet_id)
{
    uint32_t expected = intake->last_id % UINT16_MAX + 1u;
    return (packet_id + UINT16_MAX - expected) % UINT16_MAX;
}

/* Where more waits for a session than Receive Maximum, mosquitto 2.0.11 keeps back a message of QoS
 * 1 for each of QoS 0 that waits behind: it takes the former out of its queue in a state in which
 * it is sent at the next connection only, and a PUBACK of the same packet id, which comes round
 * after 65,535 more, throws it away unsent (docs/mqtt.md). Their ids are missing in the row; the
 * next connection is made before they come again. */
static void count_waiting(struct intake *intake, const struct bus_message *message)
{
    if (intake->live)
        return;
    intake->waited++;
    if (message->qos == 0)
        return;
    bool is_first = intake->last_id == 0;
    uint32_t missing = is_first ? 0 : missing_before(intake, message->packet_id);
    intake->last_id = message->packet_id;
    bool is_gap = (is_first || missing > 0) && intake->waited >= GAP_BEHIND_MIN;
    if (intake->gap > 0 || is_gap)
        intake->gap += missing + 1;
    if (intake->gap >= GAP_MAX)
        connect_again(intake);
}

static void marker_arrived(struct intake *intake, struct text payload)
{
    char expected[96];
    marker_payload(intake, expected);
    if (intake->live || !text_equal(payload, text_of(expected)))
        return; /* of an earlier connection, or of another writer */
    intake->live = true;
    atomic_store(&intake->marker_due, false);
    append_internal(intake, JOURNAL_MARKER);
    if (intake->gap > 0)
        connect_again(intake);
}

/* What the broker dropped since we heard of it last: nothing is known from a retained figure that
 * is the first one, and a smaller one is of a broker that was started again. mosquitto forgets a
 * retained figure that did not change for 60 s, so the first one may be of a drop just now. */
static void broker_figure_arrived(struct intake *intake, const struct bus_message *message)
{
    long long figure;
    if (!text_integer(message->payload, &figure) || figure < 0)
        return;
    uint64_t dropped = (uint64_t)figure, before = atomic_exchange(&intake->broker_dropped, dropped);
    bool is_first = !intake->broker_heard;
    intake->broker_heard = true;
    uint64_t more = dropped < before ? dropped : dropped - before;
    if (more > 0 && !(is_first && message->retained))
        log_event(intake->o.log, LOG_WARNING, "broker_dropped_messages",
                  "more=%" PRIu64 " note=\"the broker threw messages away, for some client; see "
                  "max_queued_messages in mosquitto.conf\"",
                  more);
}

/* Whether the message is for the journal; the rest is our own traffic. */
static bool is_input(struct intake *intake, const struct bus_message *message)
{
    if (message->topic.len > 0 && message->topic.at[0] == '$') {
        broker_figure_arrived(intake, message);
        return false;
    }
    struct topic topic = topic_parse(intake->o.settings->topic_root, message->topic);
    if (topic.kind == TOPIC_MARKER)
        marker_arrived(intake, message->payload);
    return topic_is_input(topic.kind);
}

/* Returning would acknowledge what is not kept. */
static _Noreturn void end_without_room(struct intake *intake)
{
    log_change(intake->o.log, LOG_ERROR, "journal_no_room",
               "exit=%d note=\"the last message was not acknowledged and will come again\"",
               INTAKE_EXIT_NO_ROOM);
    _exit(INTAKE_EXIT_NO_ROOM);
}

static enum bus_keep arrived(void *context, const struct bus_message *message)
{
    struct intake *intake = context;
    count_waiting(intake, message);
    if (!is_input(intake, message))
        return atomic_load(&intake->again) ? BUS_KEPT_LAST : BUS_KEPT;
    struct journal_record record = {
        .type = JOURNAL_MESSAGE,
        .flags = (uint8_t)((message->retained ? JOURNAL_RETAINED : 0) |
                           (message->dup ? JOURNAL_DUP : 0) | (intake->live ? 0 : JOURNAL_LATE)),
        .qos = message->qos,
        .packet_id = message->packet_id,
        .subscription_id = message->subscription_id,
        .topic = message->topic,
        .payload = message->payload,
        .content_type = message->content_type,
        .response_topic = message->response_topic,
        .correlation = message->correlation,
    };
    bool repeated = false;
    enum journal_appended appended = journal_append_message(intake->o.journal, &record, &repeated);
    if (appended == JOURNAL_NO_ROOM)
        end_without_room(intake);
    bool full = appended == JOURNAL_IN_RESERVE;
    if (full && !atomic_exchange(&intake->full, true))
        intake->o.wake(intake->o.context);
    bool hold = (full && intake->hold_when_full) || atomic_load(&intake->again);
    return hold ? BUS_KEPT_LAST : BUS_KEPT;
}

static void connected(void *context, bool session_present)
{
    struct intake *intake = context;
    intake->live = false;
    intake->waited = intake->gap = intake->last_id = 0;
    intake->left = false;
    atomic_store(&intake->subscribed, false);
    atomic_fetch_add(&intake->connections, 1);
    log_change(intake->o.log, LOG_INFO, "broker_connected", "session_present=%s",
               session_present ? "true" : "false");
    if (journal_connack(intake->o.journal, session_present) != JOURNAL_APPENDED) {
        atomic_store(&intake->full, true);
        if (intake->hold_when_full)
            bus_client_hold(intake->client);
    }
    intake->o.wake(intake->o.context);
}

static void subscribed(void *context)
{
    struct intake *intake = context;
    atomic_store(&intake->subscribed, true);
    atomic_store(&intake->marker_due, true);
    intake->o.wake(intake->o.context);
}

static void lost(void *context, const char *why)
{
    struct intake *intake = context;
    atomic_store(&intake->marker_due, false);
    log_event(intake->o.log, LOG_WARNING, "broker_lost", "handle=intake reason=\"%s\"", why);
}

static void wake(void *context)
{
    struct intake *intake = context;
    intake->o.wake(intake->o.context);
}

enum err intake_subscribe(struct intake *intake, const struct subscription_plan *plan)
{
    enum err e = bus_client_subscribe(intake->client, plan->list, plan->count);
    for (size_t i = 0; e == ERR_OK && i < plan->gone_count; i++)
        e = bus_client_unsubscribe(intake->client, plan->gone[i]);
    return e;
}

enum err intake_open(const struct intake_options *options, struct intake **ret_intake,
                     struct err_reason *why)
{
    const struct settings *settings = options->settings;
    struct intake *intake = calloc(1, sizeof *intake);
    if (!intake)
        return ERR_NOMEM;
    intake->o = *options;
    intake->hold_when_full = settings->writer.journal.when_full == SETTINGS_HOLD;
    struct bus_options bus = bus_options_from(settings_writer_broker(settings));
    bus.client_id = settings->writer.client_id;
    bus.keep_session = true;
    bus.receive_maximum = RECEIVE_MAXIMUM;
    bus.retry_floor_ms = 100;
    bus.retry_cap_ms = INTAKE_RETRY_CAP_MS;
    bus.clock = options->clock;
    bus.context = intake;
    bus.arrived = arrived;
    bus.connected = connected;
    bus.subscribed = subscribed;
    bus.lost = lost;
    bus.wake = wake;
    enum err e = bus_client_open(&bus, &intake->client, why);
    if (e == ERR_OK)
        e = intake_subscribe(intake, options->subscriptions);
    if (e != ERR_OK) {
        intake_close(intake, 0);
        return e;
    }
    *ret_intake = intake;
    return ERR_OK;
}

static bool is_held(const struct intake *intake)
{
    return bus_client_state(intake->client) == BUS_HELD;
}

/* What wants the intake held says so before it holds it, so a reason is over only when it is held,
 * and where there is none it may go on. */
static void go_on(struct intake *intake)
{
    if (is_held(intake) && !intake->held && !atomic_load(&intake->full) &&
        !atomic_load(&intake->again))
        bus_client_resume(intake->client);
}

uint32_t intake_turn(struct intake *intake)
{
    struct journal_figures figures;
    bool full = atomic_load(&intake->full); /* before the figures: they must not be older */
    journal_figures(intake->o.journal, &figures);
    if (full && !figures.in_reserve && (is_held(intake) || !intake->hold_when_full)) {
        atomic_store(&intake->full, false);
        log_event(intake->o.log, LOG_INFO, "journal_room_again", "undelivered_bytes=%" PRIu64,
                  figures.undelivered_bytes);
    }
    if (is_held(intake))
        atomic_store(&intake->again, false);
    go_on(intake);
    return bus_client_turn(intake->client);
}

bool intake_connecting(const struct intake *intake)
{
    return bus_client_state(intake->client) == BUS_CONNECTING;
}

void intake_hold(struct intake *intake)
{
    intake->held = true;
    bus_client_hold(intake->client);
}

void intake_resume(struct intake *intake)
{
    intake->held = false;
    go_on(intake);
}

bool intake_marker_due(const struct intake *intake, char ret_payload[96])
{
    int64_t since_ms = clock_monotonic_ms(&intake->o.clock) - intake->marker_sent_ms;
    if (!atomic_load(&intake->marker_due) ||
        (intake->marker_carried == atomic_load(&intake->connections) && since_ms < MARKER_AGAIN_MS))
        return false;
    marker_payload(intake, ret_payload);
    return true;
}

void intake_marker_sent(struct intake *intake)
{
    intake->marker_carried = atomic_load(&intake->connections);
    intake->marker_sent_ms = clock_monotonic_ms(&intake->o.clock);
}

void intake_figures(const struct intake *intake, struct intake_figures *ret_figures)
{
    *ret_figures = (struct intake_figures){
        .up = bus_client_state(intake->client) == BUS_UP && atomic_load(&intake->subscribed),
        .connections = atomic_load(&intake->connections),
        .broker_dropped = atomic_load(&intake->broker_dropped),
        .full = atomic_load(&intake->full),
    };
}

void intake_close(struct intake *intake, uint32_t timeout_ms)
{
    if (!intake)
        return;
    bus_client_close(intake->client, timeout_ms);
    free(intake);
}
