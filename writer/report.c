#include "writer/report.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "schemas/status_pace.h"
#include "schemas/topics.h"

struct report {
    struct report_options o;
    struct presence *presence;
    struct buf topic, payload;
    char status_topic[512], marker_topic[512], metrics_topic[512], live_topic[512],
        probe_topic[512];
    struct status_pace pace;
    atomic_uint connections; /* how many times presence became clear */
};

static struct status status_now(const struct report *report, enum status_state state,
                                const char *reason)
{
    return status_make(REPORT_SERVICE, report->o.instance, state, reason,
                       clock_real_ns(&report->o.clock));
}

static void changed(void *context, enum presence_state state, const char *other)
{
    struct report *report = context;
    (void)other;
    if (state == PRESENCE_CLEAR)
        atomic_fetch_add(&report->connections, 1);
    report->o.wake(report->o.context);
}

static void lost(void *context, const char *why)
{
    struct report *report = context;
    log_event(report->o.log, LOG_WARNING, "broker_lost", "handle=report reason=\"%s\"", why);
}

static void wake(void *context)
{
    struct report *report = context;
    report->o.wake(report->o.context);
}

static void make_topics(struct report *report)
{
    const char *root = report->o.settings->topic_root;
    struct buf b = {0};
    snprintf(report->status_topic, sizeof report->status_topic, "%s",
             topic_status(&b, root, REPORT_SERVICE));
    buf_reset(&b);
    snprintf(report->marker_topic, sizeof report->marker_topic, "%s",
             topic_marker(&b, root, REPORT_SERVICE));
    buf_reset(&b);
    snprintf(report->metrics_topic, sizeof report->metrics_topic, "%s",
             topic_metrics(&b, root, REPORT_SERVICE));
    buf_reset(&b);
    snprintf(report->live_topic, sizeof report->live_topic, "%s",
             topic_live(&b, root, REPORT_SERVICE));
    snprintf(report->probe_topic, sizeof report->probe_topic, "%.500s/probe", report->marker_topic);
    buf_free(&b);
}

static enum err open_presence(struct report *report, struct err_reason *why)
{
    const struct settings *settings = report->o.settings;
    const struct status offline = status_now(report, STATUS_OFFLINE, "the connection broke");
    struct buf will = {0};
    char client_id[256];
    snprintf(client_id, sizeof client_id, "%.200s-report", settings->writer.client_id);
    status_encode(&offline, &will);
    struct presence_options presence = {
        .bus = bus_options_from(settings_writer_broker(settings)),
        .status_topic = report->status_topic,
        .probe_topic = report->probe_topic,
        .instance = report->o.instance,
        .will_payload = buf_cstr(&will),
        .context = report,
        .read_status = status_read,
        .changed = changed,
        .lost = lost,
    };
    presence.bus.client_id = client_id;
    presence.bus.retry_floor_ms = 100;
    presence.bus.retry_cap_ms = 2500; /* as the intake's */
    presence.bus.clock = report->o.clock;
    presence.bus.context = report;
    presence.bus.wake = wake;
    enum err e = presence_open(&presence, &report->presence, why);
    buf_free(&will);
    return e;
}

enum err report_open(const struct report_options *options, struct report **ret_report,
                     struct err_reason *why)
{
    struct report *report = calloc(1, sizeof *report);
    if (!report)
        return ERR_NOMEM;
    report->o = *options;
    make_topics(report);
    enum err e = open_presence(report, why);
    if (e != ERR_OK) {
        free(report);
        return e;
    }
    *ret_report = report;
    return ERR_OK;
}

uint32_t report_turn(struct report *report)
{
    return presence_turn(report->presence);
}

enum presence_state report_presence(struct report *report, char ret_other[64])
{
    return presence_look(report->presence, ret_other, 64);
}

uint32_t report_stir(struct report *report)
{
    presence_stir(report->presence);
    return PRESENCE_STIR_MS;
}

static bool publish(struct report *report, const char *topic, struct text payload,
                    struct bus_publish how)
{
    return bus_client_publish(presence_client(report->presence), topic, payload, how) == ERR_OK;
}

bool report_connected(const struct report *report)
{
    return presence_state(report->presence) == PRESENCE_CLEAR;
}

unsigned report_connections(const struct report *report)
{
    return atomic_load(&report->connections);
}

void report_status(struct report *report, enum status_state state, const char *reason)
{
    struct status status = status_now(report, state, reason);
    if (!report_connected(report) ||
        !status_pace_take(&report->pace, &status, report_connections(report)))
        return;
    buf_reset(&report->payload);
    status_encode(&status, &report->payload);
    if (!publish(report, report->status_topic, buf_view(&report->payload),
                 (struct bus_publish){.qos = 1, .retained = true}))
        status_pace_failed(&report->pace);
}

bool report_marker(struct report *report, const char *payload)
{
    return report_connected(report) &&
           publish(report, report->marker_topic, text_of(payload), (struct bus_publish){.qos = 1});
}

bool report_metrics(struct report *report, struct text payload)
{
    return report_connected(report) &&
           publish(report, report->metrics_topic, payload,
                   (struct bus_publish){
                       .qos = 1, .retained = true, .content_type = TEXT("application/json")});
}

bool report_live(struct report *report, struct text payload)
{
    return report_connected(report) &&
           publish(
               report, report->live_topic, payload,
               (struct bus_publish){.retained = true, .content_type = TEXT("application/json")});
}

bool report_rejected(struct report *report, const struct rejected *rejected)
{
    if (!report_connected(report))
        return false;
    char reason[64];
    snprintf(reason, sizeof reason, "%.*s", TEXT_ARGS(rejected->reason));
    buf_reset(&report->payload);
    buf_reset(&report->topic);
    rejected_encode(rejected, &report->payload);
    const char *topic = topic_rejected(&report->topic, report->o.settings->topic_root, reason);
    return publish(report, topic, buf_view(&report->payload),
                   (struct bus_publish){.content_type = TEXT("application/json")});
}

void report_close(struct report *report, uint32_t timeout_ms)
{
    if (!report)
        return;
    report_status(report, STATUS_OFFLINE, "stopped");
    presence_close(report->presence, timeout_ms);
    buf_free(&report->topic);
    buf_free(&report->payload);
    free(report);
}
