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
        listener_mute(s->listener);
    }
}

static void presence_check(struct service *s)
{
    enum presence_state presence = speaker_presence(s->speaker, s->other);
    if (presence == PRESENCE_OTHER)
        other_instance(s);
    if (presence != PRESENCE_CLEAR)
        return;
    s->cleared = true;
    s->muted = false;
    listener_listen(s->listener);
}

/* Requests are taken when what stood before is known again and InfluxDB was asked once: nobody
 * shall get a poorer answer only because we have just started. */
static void readiness_check(struct service *s)
{
    if (!listener_settled(s->listener))
        return;
    if (!s->world.store.asked && s->settings->influxdb.enabled)
        return;
    rounds_begin(s->rounds);
    listener_take_requests(s->listener);
}

static void broker_check(struct service *s)
{
    bool up = service_connected(s);
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
            s->settings->topic_root, SPEAKER_SERVICE);
    s->world.broker_up = up;
    s->world.broker_latency_ms = listener_latency_ms(s->listener);
}

/* What found no room since it was told last; it is told from now on. */
static uint64_t lost_since(uint64_t *told, uint64_t now)
{
    uint64_t lost = now - *told;
    *told = now;
    return lost;
}

static void lost_check(struct service *s)
{
    uint64_t requests = lost_since(&s->requests_lost, listener_lost_requests(s->listener));
    uint64_t rejects = lost_since(&s->rejects_lost, listener_lost_rejects(s->listener));
    query_metrics_lost(s->query_metrics, requests, rejects);
    if (requests > 0)
        log_event(s->log, LOG_WARNING, "requests_lost",
                  "since_start=%" PRIu64 " note=\"too many at once even to say busy\"",
                  s->requests_lost);
    if (rejects > 0)
        log_event(s->log, LOG_WARNING, "rejects_passed_over",
                  "since_start=%" PRIu64 " note=\"too many at once for the endpoint rejects; the "
                  "writer's file has them\"",
                  s->rejects_lost);
}

/* Online is who answers: before its requests are subscribed to, an asker would wait in vain. */
static void state_say(struct service *s)
{
    const char *reason = "";
    if (!s->world.broker_up) {
        speaker_status(s->speaker, STATUS_HOLDING, "requests are not taken yet");
        return;
    }
    if (listener_refused(s->listener) > 0)
        reason = "the broker refuses subscriptions; the log names them";
    else if (!s->settings->influxdb.enabled)
        reason = "influxdb.enabled is false: answers come from the services";
    else if (!s->world.store.connected)
        reason = "InfluxDB is away: answers come from the services";
    speaker_status(s->speaker, STATUS_ONLINE, reason);
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
    listener_bound(s->listener, fresh->query.requests_max);
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
    if (clock_due(&s->metrics_due_ms, now_ms, SERVICE_METRICS_MS))
        service_publish_metrics(s);
    if (clock_due(&s->watchdog_due_ms, now_ms, s->watchdog_ms))
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

static uint32_t bus_turn(struct service *s)
{
    uint32_t wait_ms = speaker_turn(s->speaker);
    return clock_sooner_ms(wait_ms, listener_turn(s->listener));
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
    uint32_t wait_ms = bus_turn(s);
    chores(s);
    if (s->settings->influxdb.enabled)
        wait_ms = clock_sooner_ms(wait_ms, store_turn(s->store));
    wait_ms = clock_sooner_ms(wait_ms, rounds_turn(s->rounds));
    if (service_connected(s))
        wait_ms = clock_sooner_ms(wait_ms, standing_turn(s->standing));
    wait_ms = clock_sooner_ms(wait_ms, answerer_turn(s->answerer));
    wait_ms = clock_sooner_ms(wait_ms, service_live_turn(s));
    wait_for_work(s, wait_ms);
}

/* What is on its way here when the listener is taken down arrives for some ms more. */
static void hear_out(struct service *s)
{
    int64_t now_ms = clock_monotonic_ms(&s->clock), end_ms = now_ms + STOP_HEAR_MS;
    listener_mute(s->listener);
    for (; now_ms < end_ms; now_ms = clock_monotonic_ms(&s->clock))
        wait_for_work(s, clock_sooner_ms(bus_turn(s), (uint32_t)(end_ms - now_ms)));
    while (bus_turn(s) == 0)
        ;
}

/* What was asked is answered, for at most STOP_ANSWER_MS; what comes now is told. */
static void wind_down(struct service *s)
{
    notify_send("STOPPING=1");
    answerer_stop(s->answerer);
    int64_t began_ms = clock_monotonic_ms(&s->clock);
    do {
        uint32_t wait_ms = clock_sooner_ms(bus_turn(s), answerer_turn(s->answerer));
        if (answerer_pending(s->answerer) == 0)
            break;
        wait_for_work(s, clock_sooner_ms(wait_ms, 100));
    } while (clock_monotonic_ms(&s->clock) - began_ms < STOP_ANSWER_MS);
    answerer_dismiss(s->answerer);
    hear_out(s);
    service_publish_metrics(s); /* of what was answered since the last ones */
    live_pace_hasten(&s->pace);
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
