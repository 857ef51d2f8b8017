#include "query-service/speaker.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "schemas/status_pace.h"
#include "schemas/topics.h"

#define TOPIC_SIZE 512

struct speaker {
    struct speaker_options o;
    struct presence *presence;
    char status_topic[TOPIC_SIZE], probe_topic[TOPIC_SIZE];
    struct buf payload;
    struct status_pace pace;
    atomic_uint connections; /* how many times presence became clear */
};

static struct status status_now(const struct speaker *speaker, enum status_state state,
                                const char *reason)
{
    return status_make(SPEAKER_SERVICE, speaker->o.instance, state, reason,
                       clock_real_ns(&speaker->o.clock));
}

/* --- paho's threads --------------------------------------------------------- */

static void changed(void *context, enum presence_state state, const char *other)
{
    struct speaker *speaker = context;
    (void)other;
    if (state == PRESENCE_CLEAR)
        atomic_fetch_add(&speaker->connections, 1);
    speaker->o.wake(speaker->o.context);
}

/* The connection's end, or what the broker refuses while it stays up. */
static void lost(void *context, const char *why)
{
    struct speaker *speaker = context;
    bool up = bus_client_state(presence_client(speaker->presence)) == BUS_UP;
    log_event(speaker->o.log, LOG_WARNING, up ? "broker_refused" : "broker_lost",
              "handle=speaker reason=\"%s\"", why);
}

static void wake(void *context)
{
    struct speaker *speaker = context;
    speaker->o.wake(speaker->o.context);
}

/* --- the loop --------------------------------------------------------------- */

uint32_t speaker_turn(struct speaker *speaker)
{
    return presence_turn(speaker->presence);
}

enum presence_state speaker_presence(struct speaker *speaker, char ret_other[64])
{
    return presence_look(speaker->presence, ret_other, 64);
}

uint32_t speaker_stir(struct speaker *speaker)
{
    presence_stir(speaker->presence);
    return PRESENCE_STIR_MS;
}

bool speaker_speaks(const struct speaker *speaker)
{
    return presence_state(speaker->presence) == PRESENCE_CLEAR;
}

unsigned speaker_connections(const struct speaker *speaker)
{
    return atomic_load(&speaker->connections);
}

bool speaker_publish(struct speaker *speaker, const char *topic, struct text payload,
                     struct bus_publish how)
{
    if (how.content_type.len == 0)
        how.content_type = TEXT("application/json");
    return speaker_speaks(speaker) &&
           bus_client_publish(presence_client(speaker->presence), topic, payload, how) == ERR_OK;
}

void speaker_status(struct speaker *speaker, enum status_state state, const char *reason)
{
    struct status status = status_now(speaker, state, reason);
    if (!speaker_speaks(speaker) ||
        !status_pace_take(&speaker->pace, &status, speaker_connections(speaker)))
        return;
    buf_reset(&speaker->payload);
    status_encode(&status, &speaker->payload);
    if (!speaker_publish(speaker, speaker->status_topic, buf_view(&speaker->payload),
                         (struct bus_publish){.qos = 1, .retained = true}))
        status_pace_failed(&speaker->pace);
}

/* --- opening and closing ---------------------------------------------------- */

static void make_topics(struct speaker *speaker)
{
    const char *root = speaker->o.settings->topic_root;
    struct buf b = {0};
    snprintf(speaker->status_topic, TOPIC_SIZE, "%s", topic_status(&b, root, SPEAKER_SERVICE));
    buf_reset(&b);
    snprintf(speaker->probe_topic, TOPIC_SIZE, "%.450s/probe",
             topic_marker(&b, root, SPEAKER_SERVICE));
    buf_free(&b);
}

static enum err open_presence(struct speaker *speaker, struct err_reason *why)
{
    const struct status offline = status_now(speaker, STATUS_OFFLINE, "the connection broke");
    struct buf will = {0};
    char client_id[256];
    snprintf(client_id, sizeof client_id, "%.200s-speaker", speaker->o.settings->query.client_id);
    status_encode(&offline, &will);
    struct presence_options options = {
        .bus = bus_options_from(settings_query_broker(speaker->o.settings)),
        .status_topic = speaker->status_topic,
        .probe_topic = speaker->probe_topic,
        .instance = speaker->o.instance,
        .will_payload = buf_cstr(&will),
        .context = speaker,
        .read_status = status_read,
        .changed = changed,
        .lost = lost,
    };
    options.bus.client_id = client_id;
    options.bus.receive_maximum = 65535;
    options.bus.no_delay = true;
    options.bus.retry_floor_ms = 100;
    options.bus.retry_cap_ms = 2500; /* as the listener's */
    options.bus.clock = speaker->o.clock;
    options.bus.context = speaker;
    options.bus.wake = wake;
    enum err e = presence_open(&options, &speaker->presence, why);
    buf_free(&will);
    return e;
}

enum err speaker_open(const struct speaker_options *options, struct speaker **ret_speaker,
                      struct err_reason *why)
{
    struct speaker *speaker = calloc(1, sizeof *speaker);
    if (!speaker)
        return ERR_NOMEM;
    speaker->o = *options;
    make_topics(speaker);
    enum err e = open_presence(speaker, why);
    if (e != ERR_OK) {
        free(speaker);
        return e;
    }
    *ret_speaker = speaker;
    return ERR_OK;
}

void speaker_close(struct speaker *speaker, uint32_t timeout_ms)
{
    if (!speaker)
        return;
    speaker_status(speaker, STATUS_OFFLINE, "stopped");
    presence_close(speaker->presence, timeout_ms);
    buf_free(&speaker->payload);
    free(speaker);
}
