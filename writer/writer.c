#include "writer/writer.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/notify.h"
#include "base/program.h"
#include "base/signals.h"
#include "writer/reload.h"
#include "writer/writer_parts.h"

#define JOURNAL_MS      20
#define STOP_DELIVER_MS 3000
#define LIVE_IDLE_MS    1000
#define LIVE_LOOK_MS    250
#define YOUNG_MS        30000 /* of two that start at the same moment one yields within this time */

void writer_take_figures(struct writer *w, struct figures *ret)
{
    delivery_figures(w->delivery, &ret->delivery);
    journal_figures(w->journal, &ret->journal);
    intake_figures(w->intake, &ret->intake);
    ret->rejects_lost = rejects_lost(w->rejects);
    ret->series_refused_s = flood_quiet_s(&w->flood, clock_monotonic_ms(&w->clock));
    ret->series_refused_source = w->flood.refused_source;
    ret->state = w->state;
    ret->reason = w->reason;
    ret->broker_up = ret->intake.up;
    ret->influxdb_enabled = w->settings->influxdb.enabled;
    ret->now_ns = clock_real_ns(&w->clock);
    ret->started_ns = w->started_ns;
}

/* --- chores ----------------------------------------------------------------- */

static void append_tick(struct writer *w)
{
    struct journal_record record = {.type = JOURNAL_TICK};
    if (journal_append(w->journal, &record) == JOURNAL_NO_ROOM)
        log_event(w->log, LOG_ERROR, "journal_no_room", "record=tick");
}

static void state_decide(struct writer *w)
{
    struct intake_figures intake;
    intake_figures(w->intake, &intake);
    w->state = STATUS_ONLINE;
    w->reason[0] = '\0';
    if (w->held_for_other) {
        w->state = STATUS_HOLDING;
        snprintf(w->reason, sizeof w->reason, "another instance is online: %s", w->other);
    } else if (intake.full) {
        w->state = STATUS_HOLDING;
        snprintf(w->reason, sizeof w->reason, "the journal is full (writer.journal.max_bytes)");
    } else if (!intake.up) {
        w->state = STATUS_HOLDING;
        snprintf(w->reason, sizeof w->reason, "the intake is not connected and subscribed");
    } else if (!w->settings->influxdb.enabled) {
        snprintf(w->reason, sizeof w->reason, "journal only: influxdb.enabled is false");
    }
    report_status(w->report, w->state, w->reason);
}

/* Another instance: before the first connection of the intake it ends the start, later it holds the
 * intake. */
static void presence_check(struct writer *w)
{
    enum presence_state presence = report_presence(w->report, w->other);
    bool young = clock_monotonic_ms(&w->clock) - w->started_ms < YOUNG_MS;
    if (presence == PRESENCE_CLEAR) {
        w->cleared = true;
        if (w->held_for_other) {
            w->held_for_other = false;
            log_change(w->log, LOG_INFO, "instance_alone", "note=\"the other instance is gone\"");
            intake_resume(w->intake);
        }
        return;
    }
    if (presence != PRESENCE_OTHER || w->held_for_other)
        return;
    if (!w->cleared || (young && strcmp(journal_id(w->journal), w->other) > 0)) {
        log_change(
            w->log, LOG_ERROR, "instance_other",
            "other=%s client_id=\"%s\" note=\"another writer is online under this name; stop it, "
            "or give this one its own topic_root and writer.client_id\"",
            w->other, w->settings->writer.client_id);
        w->stopping = true;
        w->exit_code = PROGRAM_EXIT_INSTANCE;
        return;
    }
    w->held_for_other = true;
    log_change(w->log, LOG_ERROR, "instance_other", "other=%s note=\"the intake is held\"",
               w->other);
    intake_hold(w->intake);
}

static void marker_send(struct writer *w)
{
    char payload[96];
    if (intake_marker_due(w->intake, payload) && report_marker(w->report, payload))
        intake_marker_sent(w->intake);
}

static void journal_care(struct writer *w, int64_t now_ms)
{
    struct err_reason why = {""};
    if (now_ms < w->journal_due_ms)
        return;
    w->journal_due_ms = now_ms + JOURNAL_MS;
    enum err e = journal_turn(w->journal, &why);
    if (e != ERR_OK && !w->disk_full)
        log_change(w->log, LOG_ERROR, "journal_disk_full", "reason=\"%s\"", why.text);
    else if (e == ERR_OK && w->disk_full)
        log_change(w->log, LOG_INFO, "journal_disk_room_again", "path=\"%s\"",
                   w->settings->writer.journal.path);
    w->disk_full = e != ERR_OK;
    struct journal_figures figures;
    journal_figures(w->journal, &figures);
    if (figures.in_reserve && w->settings->writer.journal.when_full == SETTINGS_DROP_OLDEST)
        delivery_drop_oldest(w->delivery);
}

static void balance_check(struct writer *w, const struct figures *now)
{
    const struct ledger *l = &now->delivery.ledger;
    bool balanced = l->difference == 0 && l->points_difference == 0;
    if (!balanced && !w->imbalance_said)
        log_change(w->log, LOG_ERROR, "ledger_out_of_balance",
                   "messages=%" PRId64 " points=%" PRId64, l->difference, l->points_difference);
    w->imbalance_said = !balanced;
}

static void metrics_publish(struct writer *w)
{
    struct figures now;
    struct service_metrics message;
    writer_take_figures(w, &now);
    balance_check(w, &now);
    struct store_latency latency = delivery_take_latency(w->delivery);
    figures_message(&w->before, &now, &latency, journal_id(w->journal), &message);
    w->before = now;
    buf_reset(&w->scratch);
    service_metrics_encode(&message, &w->scratch);
    (void)report_metrics(w->report, buf_view(&w->scratch)); /* the next one comes in 10 s */
}

/* Says how the writer stands, if that has changed; returns in how many ms it looks again. While
 * InfluxDB does not answer, no append wakes the loop (delivery_may_sleep). */
static uint32_t live_turn(struct writer *w)
{
    int64_t now_ms = clock_monotonic_ms(&w->clock);
    uint32_t wait_ms = live_pace_wait_ms(&w->live, now_ms);
    struct figures now;
    struct live_message message;
    if (wait_ms > 0)
        return wait_ms;
    if (!report_connected(w->report))
        return LIVE_IDLE_MS;
    writer_take_figures(w, &now);
    wait_ms = now.delivery.store.up ? LIVE_IDLE_MS : LIVE_LOOK_MS;
    figures_live(&now, journal_id(w->journal), &message);
    if (!live_pace_take(&w->live, &message, report_connections(w->report), now_ms))
        return wait_ms;
    buf_reset(&w->scratch);
    live_message_encode(&message, &w->scratch);
    if (!report_live(w->report, buf_view(&w->scratch)))
        live_pace_failed(&w->live);
    return LIVE_PACE_MS;
}

static void chores(struct writer *w)
{
    int64_t now_ms = clock_monotonic_ms(&w->clock);
    presence_check(w);
    state_decide(w);
    marker_send(w);
    journal_care(w, now_ms);
    reload_turn(w);
    rejects_flush(w->rejects);
    if (clock_due(&w->tick_due_ms, now_ms, WRITER_TICK_MS))
        append_tick(w);
    if (clock_due(&w->metrics_due_ms, now_ms, WRITER_METRICS_MS))
        metrics_publish(w);
    if (clock_due(&w->watchdog_due_ms, now_ms, w->watchdog_ms))
        notify_send("WATCHDOG=1");
}

/* --- the loop --------------------------------------------------------------- */

static void signals_read(struct writer *w)
{
    struct signals came = signals_take(w->signals);
    if (came.reload)
        reload_begin(w, NULL);
    if (came.stop && !w->stopping)
        log_change(w->log, LOG_INFO, "stop", "signal=%s", came.stop);
    w->stopping |= came.stop != NULL;
}

static void wait_for_work(struct writer *w, uint32_t wait_ms)
{
    int descriptors[2] = {w->signals,
                          w->metrics_server ? metrics_http_descriptor(w->metrics_server) : 0};
    if (wait_ms > 0 && !delivery_may_sleep(w->delivery))
        wait_ms = 0;
    http_wait(w->http, descriptors, w->metrics_server ? 2 : 1, wait_ms);
    signals_read(w);
    if (w->metrics_server)
        metrics_http_run(w->metrics_server);
}

static void turn(struct writer *w)
{
    uint32_t wait_ms = report_turn(w->report);
    chores(w);
    if (w->cleared && !w->stopping)
        wait_ms = clock_sooner_ms(wait_ms, intake_turn(w->intake));
    if (intake_connecting(w->intake))
        wait_ms = clock_sooner_ms(wait_ms, report_stir(w->report));
    wait_ms = clock_sooner_ms(wait_ms, delivery_turn(w->delivery));
    wait_ms = clock_sooner_ms(
        wait_ms, live_turn(w)); /* behind the delivery, which tells ticks from messages */
    struct journal_figures figures;
    journal_figures(w->journal, &figures);
    wait_for_work(w, clock_sooner_ms(wait_ms, figures.disk_full ? 250 : 1000));
}

/* Intake down, what is decoded out, for at most STOP_DELIVER_MS. */
static void wind_down(struct writer *w)
{
    notify_send("STOPPING=1");
    intake_hold(w->intake);
    delivery_stop(w->delivery);
    int64_t end_ms = clock_monotonic_ms(&w->clock) + STOP_DELIVER_MS;
    while (!delivery_idle(w->delivery) && clock_monotonic_ms(&w->clock) < end_ms) {
        uint32_t wait_ms = delivery_turn(w->delivery);
        wait_for_work(w, clock_sooner_ms(wait_ms, 100));
    }
    rejects_flush(w->rejects);
    metrics_publish(w); /* of what was done since the last ones; the broker keeps them for us */
    live_pace_hasten(&w->live);
    (void)live_turn(w);
    log_change(w->log, LOG_INFO, "stopped", "delivered_all_decoded=%s after_ms=%" PRId64,
               delivery_idle(w->delivery) ? "true" : "false",
               clock_monotonic_ms(&w->clock) - (end_ms - STOP_DELIVER_MS));
}

int writer_run(struct writer *w)
{
    notify_send("READY=1");
    while (!w->stopping)
        turn(w);
    wind_down(w);
    return w->exit_code;
}
