#include <inttypes.h>
#include <stdio.h>

#include "base/notify.h"
#include "base/program.h"
#include "base/signals.h"
#include "query-service/service_parts.h"

#define YOUNG_MS       30000 /* of two that start at the same moment one yields within this time */
#define DEAF_MS        15000 /* not to hear oneself for so long is worth a line */
#define STOP_ANSWER_MS 3000
#define STOP_HEAR_MS   50

static void other_instance(struct service *s)
{
    bool young = clock_monotonic_ms(&s->clock) - s->started_ms < YOUNG_MS;
    if (!s->cleared || (young && strcmp(s->instance.name, s->other) > 0)) {
        log_change(s->log, LOG_ERROR, "instance_other",
                   "other=%s client_id=\"%s\" note=\"another query service is online under this "
                   "name; stop it, or give this one its own topic_root and query.client_id\"",
                   s->other, s->settings->query.client_id);
        s->stopping = true;
        s->exit_code = PROGRAM_EXIT_INSTANCE;
    } else if (!s->muted) {
        s->muted = true;
        log_change(s->log, LOG_ERROR, "instance_other", "other=%s note=\"no requests are taken\"",
                   s->other);
        wire_mute(s->wire);
    }
}

static void presence_check(struct service *s)
{
    enum presence_state presence = wire_presence(s->wire, s->other);
    if (presence == PRESENCE_OTHER)
        other_instance(s);
    if (presence != PRESENCE_CLEAR)
        return;
    s->cleared = true;
    s->muted = false;
    wire_listen(s->wire);
}

/* Requests are taken when what stood before is known again and InfluxDB was asked once: nobody
 * shall get a poorer answer only because we have just started. */
static void readiness_check(struct service *s)
{
    if (!wire_settled(s->wire))
        return;
    if (!s->world.store.asked && s->settings->influxdb.enabled)
        return;
    rounds_begin(s->rounds);
    wire_take_requests(s->wire);
}

static void broker_check(struct service *s)
{
    bool up = wire_connected(s->wire);
    int64_t now_ms = clock_monotonic_ms(&s->clock);
    if (up && !s->world.broker_up)
        log_change(s->log, LOG_INFO, "broker_connected", "note=\"requests are taken\"");
    if (up || s->muted)
        s->deaf_since_ms = now_ms;
    if (now_ms - s->deaf_since_ms > DEAF_MS)
        log_event(
            s->log, LOG_WARNING, "requests_not_taken",
            "note=\"no message to ourselves comes back: the broker is away, or does not let us "
            "write and read %s/services/%s/#\"",
            s->settings->topic_root, WIRE_SERVICE);
    s->world.broker_up = up;
    s->world.broker_latency_ms = wire_latency_ms(s->wire);
}

static void lost_check(struct service *s)
{
    uint64_t lost = wire_lost_requests(s->wire);
    if (lost == s->lost)
        return;
    query_metrics_lost(s->query_metrics, lost - s->lost);
    s->lost = lost;
    log_event(s->log, LOG_WARNING, "requests_lost",
              "since_start=%" PRIu64 " note=\"too many at once even to say busy\"", lost);
}

/* Online is who answers: before its requests are subscribed to, an asker would wait in vain. */
static void state_say(struct service *s)
{
    const char *reason = "";
    if (!s->world.broker_up) {
        wire_status(s->wire, STATUS_HOLDING, "requests are not taken yet");
        return;
    }
    if (wire_refused(s->wire) > 0)
        reason = "the broker refuses subscriptions; the log names them";
    else if (!s->settings->influxdb.enabled)
        reason = "influxdb.enabled is false: answers come from the services";
    else if (!s->world.store.connected)
        reason = "InfluxDB is away: answers come from the services";
    wire_status(s->wire, STATUS_ONLINE, reason);
}

static bool due(int64_t *due_ms, int64_t now_ms, int64_t interval_ms)
{
    if (interval_ms == 0 || now_ms < *due_ms)
        return false;
    *due_ms = now_ms + interval_ms;
    return true;
}

/* What was read again is put in place between two rounds; what it takes the place of is freed when
 * no question is under way that points into it. */
static void reload_turn(struct service *s)
{
    struct standing *standing = NULL;
    if (s->reload.retired && answerer_idle(s->answerer))
        reload_retire(&s->reload);
    if (!s->reload.next || s->reload.retired || !rounds_idle(s->rounds))
        return;
    const struct settings *before = s->world.settings, *fresh = s->reload.next;
    s->world.settings = fresh;
    if (standing_open(&s->world, s->answerer, &standing, NULL) != ERR_OK ||
        rounds_begin_anew(s->rounds) != ERR_OK) {
        standing_close(standing);
        s->world.settings = before; /* no memory: it is tried again */
        return;
    }
    standing_close(s->standing);
    s->standing = standing;
    reload_take(&s->reload);
    flags_take(&s->flags, &fresh->stats, s->log);
    wire_bound(s->wire, fresh->query.requests_max);
    log_change(s->log, LOG_INFO, "reloaded", "rules=%u standing=%u",
               fresh->query.alerts.rules_count, fresh->query.standing_count);
}

static void chores(struct service *s)
{
    int64_t now_ms = clock_monotonic_ms(&s->clock);
    presence_check(s);
    readiness_check(s);
    broker_check(s);
    lost_check(s);
    if (!s->stopping)
        state_say(s);
    flags_look(&s->flags, now_ms, s->log);
    reload_turn(s);
    s->world.store.enabled = s->flags.now.use_influxdb && s->settings->influxdb.enabled;
    if (due(&s->metrics_due_ms, now_ms, SERVICE_METRICS_MS))
        service_publish_metrics(s);
    if (due(&s->watchdog_due_ms, now_ms, s->watchdog_ms))
        notify_send("WATCHDOG=1");
    (void)slack_turn(&s->slack, answerer_pending(s->answerer), now_ms);
}

static void signals_read(struct service *s)
{
    struct signals came = signals_take(s->signals);
    if (came.reload)
        reload_read(&s->reload, &s->world, NULL);
    if (came.stop && !s->stopping)
        log_change(s->log, LOG_INFO, "stop", "signal=%s", came.stop);
    s->stopping |= came.stop != NULL;
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static void wait_for_work(struct service *s, uint32_t wait_ms)
{
    int descriptors[2] = {s->signals,
                          s->metrics_server ? metrics_http_descriptor(s->metrics_server) : 0};
    http_wait(s->http, descriptors, s->metrics_server ? 2 : 1, wait_ms);
    signals_read(s);
    if (s->metrics_server)
        metrics_http_run(s->metrics_server);
}

static void turn(struct service *s)
{
    uint32_t wait_ms = least(1000, wire_turn(s->wire));
    chores(s);
    if (s->settings->influxdb.enabled)
        wait_ms = least(wait_ms, store_turn(s->store));
    wait_ms = least(wait_ms, rounds_turn(s->rounds));
    if (wire_connected(s->wire))
        wait_ms = least(wait_ms, standing_turn(s->standing));
    wait_ms = least(wait_ms, answerer_turn(s->answerer));
    wait_ms = least(wait_ms, service_live_turn(s));
    wait_for_work(s, wait_ms);
}

/* What is on its way here when the listener is taken down arrives for some ms more. */
static void hear_out(struct service *s)
{
    int64_t now_ms = clock_monotonic_ms(&s->clock), end_ms = now_ms + STOP_HEAR_MS;
    wire_mute(s->wire);
    for (; now_ms < end_ms; now_ms = clock_monotonic_ms(&s->clock))
        wait_for_work(s, least(wire_turn(s->wire), (uint32_t)(end_ms - now_ms)));
    while (wire_turn(s->wire) == 0)
        ;
}

/* What was asked is answered, for at most STOP_ANSWER_MS; what comes now is told. */
static void wind_down(struct service *s)
{
    notify_send("STOPPING=1");
    answerer_stop(s->answerer);
    int64_t began_ms = clock_monotonic_ms(&s->clock);
    do {
        uint32_t wait_ms = least(wire_turn(s->wire), answerer_turn(s->answerer));
        if (answerer_pending(s->answerer) == 0)
            break;
        wait_for_work(s, least(wait_ms, 100));
    } while (clock_monotonic_ms(&s->clock) - began_ms < STOP_ANSWER_MS);
    answerer_dismiss(s->answerer);
    hear_out(s);
    service_publish_metrics(s); /* of what was answered since the last ones */
    s->pace.due_ms = 0;
    (void)service_live_turn(s);
    log_change(s->log, LOG_INFO, "stopped", "after_ms=%" PRId64,
               clock_monotonic_ms(&s->clock) - began_ms);
}

int service_run(struct service *s)
{
    notify_send("READY=1");
    while (!s->stopping)
        turn(s);
    wind_down(s);
    return s->exit_code;
}
