#include "writer/writer.h"

#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/metrics_http.h"
#include "base/notify.h"
#include "writer/figures.h"
#include "writer/rejection.h"
#include "writer/rejects.h"
#include "writer/report.h"

#define TICK_MS         10000
#define METRICS_MS      10000
#define JOURNAL_MS      20
#define STOP_DELIVER_MS 3000
#define YOUNG_MS        30000 /* of two that start at the same moment one yields within this time */

struct writer {
    const struct settings *settings;
    struct log *log;
    struct clock clock;
    struct journal *journal;
    struct sources *sources;
    struct http *http;
    struct metrics *metrics;
    struct figures_metrics *figures_metrics;
    struct metrics_http *metrics_server;
    struct delivery *delivery;
    struct rejects *rejects;
    struct report *report;
    struct intake *intake;
    struct subscription_plan subscriptions;
    int signals;
    /* The loop. */
    bool stopping, cleared, held_for_other, disk_full;
    int exit_code;
    enum status_state state;
    char reason[256];
    char other[64];
    int64_t started_ns, started_ms;
    int64_t tick_due_ms, metrics_due_ms, journal_due_ms, watchdog_due_ms;
    uint32_t watchdog_ms;
    bool imbalance_said;
    struct figures before;
    struct buf scratch;
    struct rejection rejection;
};

/* --- what the rooms call back ----------------------------------------------- */

static void wake(void *context)
{
    struct writer *w = context;
    http_wake(w->http);
}

static void rejected(void *context, const struct fold_reject *reject, struct text line)
{
    struct writer *w = context;
    struct rejected message;
    rejection_make(&w->rejection, w->settings->topic_root, reject, line, &message);
    rejects_add(w->rejects, &message);
    (void)report_rejected(w->report, &message); /* the file has it when the broker is away */
    log_event(w->log, LOG_WARNING, "rejected", "reason=%.*s topic=\"%.*s\" words=\"%.*s\"",
              TEXT_ARGS(message.reason), (int)(message.topic.len > 200 ? 200 : message.topic.len),
              message.topic.at ? message.topic.at : "", TEXT_ARGS(message.words));
}

static void settle(void *context)
{
    struct writer *w = context;
    rejects_flush(w->rejects);
}

static void take_figures(struct writer *w, struct figures *ret)
{
    delivery_figures(w->delivery, &ret->delivery);
    journal_figures(w->journal, &ret->journal);
    intake_figures(w->intake, &ret->intake);
    ret->state = w->state;
    ret->reason = w->reason;
    ret->broker_up = ret->intake.up;
    ret->influxdb_enabled = w->settings->influxdb.enabled;
    ret->now_ns = clock_real_ns(&w->clock);
    ret->started_ns = w->started_ns;
}

static void write_metrics(void *context, struct buf *out)
{
    struct writer *w = context;
    struct figures now;
    take_figures(w, &now);
    figures_metrics_set(w->figures_metrics, &now);
    metrics_write(w->metrics, out);
}

static bool write_health(void *context, struct buf *out)
{
    struct writer *w = context;
    struct figures now;
    take_figures(w, &now);
    return figures_health(&now, out);
}

/* --- the loop's chores ------------------------------------------------------ */

static void append_generation(struct writer *w)
{
    char hash[17];
    snprintf(hash, sizeof hash, "%016" PRIx64, sources_hash(w->sources));
    struct journal_record record = {.type = JOURNAL_GENERATION, .payload = text_of(hash)};
    if (journal_append(w->journal, &record) == JOURNAL_NO_ROOM)
        log_event(w->log, LOG_ERROR, "journal_no_room", "record=generation");
}

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
        w->exit_code = WRITER_EXIT_INSTANCE;
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
    take_figures(w, &now);
    balance_check(w, &now);
    struct store_latency latency = delivery_take_latency(w->delivery);
    figures_message(&w->before, &now, &latency, journal_id(w->journal), &message);
    w->before = now;
    buf_reset(&w->scratch);
    service_metrics_encode(&message, &w->scratch);
    (void)report_metrics(w->report, buf_view(&w->scratch)); /* the next one comes in 10 s */
}

static bool due(int64_t *due_ms, int64_t now_ms, int64_t interval_ms)
{
    if (interval_ms == 0 || now_ms < *due_ms)
        return false;
    *due_ms = now_ms + interval_ms;
    return true;
}

static void chores(struct writer *w)
{
    int64_t now_ms = clock_monotonic_ms(&w->clock);
    presence_check(w);
    state_decide(w);
    marker_send(w);
    journal_care(w, now_ms);
    rejects_flush(w->rejects);
    if (due(&w->tick_due_ms, now_ms, TICK_MS))
        append_tick(w);
    if (due(&w->metrics_due_ms, now_ms, METRICS_MS))
        metrics_publish(w);
    if (due(&w->watchdog_due_ms, now_ms, w->watchdog_ms))
        notify_send("WATCHDOG=1");
}

static void signals_read(struct writer *w)
{
    struct signalfd_siginfo info;
    while (read(w->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGHUP)
            continue;
        if (!w->stopping)
            log_change(w->log, LOG_INFO, "stop", "signal=%s",
                       info.ssi_signo == SIGTERM ? "SIGTERM" : "SIGINT");
        w->stopping = true;
    }
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
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
        wait_ms = least(wait_ms, intake_turn(w->intake));
    wait_ms = least(wait_ms, delivery_turn(w->delivery));
    struct journal_figures figures;
    journal_figures(w->journal, &figures);
    wait_for_work(w, least(wait_ms, figures.disk_full ? 250 : 1000));
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
        wait_for_work(w, least(wait_ms, 100));
    }
    rejects_flush(w->rejects);
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

/* --- opening and closing ---------------------------------------------------- */

static enum err open_signals(struct writer *w, struct err_reason *why)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return err_explain_errno(why, ERR_IO, "signals");
    w->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    return w->signals < 0 ? err_explain_errno(why, ERR_IO, "signals") : ERR_OK;
}

static enum err open_journal(struct writer *w, struct err_reason *why)
{
    const struct settings_journal *s = &w->settings->writer.journal;
    struct journal_options options = {
        .path = s->path,
        .max_bytes = s->max_bytes,
        .max_age_s = s->max_age_s,
        .sync = s->durability == SETTINGS_DURABILITY_POWER,
        .clock = w->clock,
    };
    enum err e = journal_open(&options, &w->journal, why);
    if (e != ERR_OK)
        return e;
    struct journal_figures figures;
    journal_figures(w->journal, &figures);
    log_change(w->log, LOG_INFO, "journal_open",
               "path=\"%s\" id=%s durability=%s next_record=%" PRIu64 " undelivered_bytes=%" PRIu64
               " torn_bytes=%" PRIu64,
               s->path, journal_id(w->journal), options.sync ? "power" : "process",
               figures.next_number, figures.undelivered_bytes, figures.torn_bytes);
    journal_set_wake(w->journal, wake, w);
    return ERR_OK;
}

static enum err open_http(struct writer *w, struct err_reason *why)
{
    const struct settings_influxdb *s = &w->settings->influxdb;
    struct http_options options = {
        .ca_file = s->ca_file,
        .cert_file = s->cert_file,
        .key_file = s->key_file,
        .connect_timeout_ms = s->timeout_ms,
        .reply_max_bytes = 256 * 1024,
        .connections = 4,
    };
    return http_open(&options, &w->http, why);
}

static enum err open_metrics(struct writer *w, struct err_reason *why)
{
    w->metrics = metrics_new();
    w->figures_metrics = w->metrics ? figures_metrics_new(w->metrics) : NULL;
    if (!w->figures_metrics)
        return ERR_NOMEM;
    if (w->settings->writer.metrics_address[0] == '\0')
        return ERR_OK;
    struct metrics_http_source source = {w, write_metrics, write_health};
    return metrics_http_open(w->settings->writer.metrics_address, source, &w->metrics_server, why);
}

static enum err open_rejects(struct writer *w, struct err_reason *why)
{
    const struct settings_writer *s = &w->settings->writer;
    char path[4096];
    if (s->rejects_path && s->rejects_path[0])
        snprintf(path, sizeof path, "%s", s->rejects_path);
    else
        snprintf(path, sizeof path, "%s/rejected.jsonl", s->journal.path);
    return rejects_open(path, s->rejects_max_bytes, &w->rejects, why);
}

static enum err open_delivery(struct writer *w, const char *die_at, struct err_reason *why)
{
    struct delivery_options options = {
        .settings = w->settings,
        .sources = w->sources,
        .journal = w->journal,
        .http = w->http,
        .log = w->log,
        .metrics = w->metrics,
        .clock = w->clock,
        .context = w,
        .rejected = rejected,
        .settle = settle,
        .die_at = die_at,
    };
    return delivery_open(&options, &w->delivery, why);
}

static enum err open_report(struct writer *w, struct err_reason *why)
{
    struct report_options options = {
        .settings = w->settings,
        .instance = journal_id(w->journal),
        .log = w->log,
        .clock = w->clock,
        .context = w,
        .wake = wake,
    };
    return report_open(&options, &w->report, why);
}

static enum err open_intake(struct writer *w, struct err_reason *why)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/subscriptions", w->settings->writer.journal.path);
    enum err e =
        subscription_plan_make(path, w->settings->topic_root, w->sources, &w->subscriptions, why);
    if (e != ERR_OK)
        return e;
    struct intake_options options = {
        .settings = w->settings,
        .journal = w->journal,
        .subscriptions = &w->subscriptions,
        .log = w->log,
        .clock = w->clock,
        .instance = journal_id(w->journal),
        .context = w,
        .wake = wake,
    };
    return intake_open(&options, &w->intake, why);
}

enum err writer_open(const struct settings *settings, struct log *log, struct clock clock,
                     const char *die_at, struct writer **ret_writer, int *ret_exit,
                     struct err_reason *why)
{
    struct writer *w = calloc(1, sizeof *w);
    if (!w)
        return ERR_NOMEM;
    w->settings = settings;
    w->log = log;
    w->clock = clock;
    w->signals = -1;
    w->started_ns = clock_real_ns(&clock);
    w->started_ms = clock_monotonic_ms(&clock);
    w->tick_due_ms = w->started_ms + TICK_MS;
    w->metrics_due_ms = w->started_ms + METRICS_MS;
    w->watchdog_ms = notify_watchdog_ms();
    *ret_exit = WRITER_EXIT_CONFIG;
    enum err e = sources_open(settings, &w->sources, why);
    e = e ? e : open_signals(w, why);
    e = e ? e : open_http(w, why);
    e = e ? e : open_journal(w, why);
    if (e == ERR_BUSY)
        *ret_exit = WRITER_EXIT_INSTANCE;
    e = e ? e : open_metrics(w, why);
    e = e ? e : open_rejects(w, why);
    e = e ? e : open_delivery(w, die_at, why);
    e = e ? e : open_report(w, why);
    e = e ? e : open_intake(w, why);
    if (e != ERR_OK) {
        writer_close(w);
        return e;
    }
    append_generation(w);
    take_figures(w, &w->before);
    *ret_writer = w;
    return ERR_OK;
}

void writer_close(struct writer *w)
{
    if (!w)
        return;
    intake_close(w->intake, 200);
    if (w->http)
        http_cancel_all(w->http);
    delivery_close(w->delivery);
    report_close(w->report, 500);
    rejects_close(w->rejects);
    metrics_http_close(w->metrics_server);
    figures_metrics_free(w->figures_metrics);
    metrics_free(w->metrics);
    http_close(w->http);
    if (w->journal)
        journal_close(w->journal);
    subscription_plan_free(&w->subscriptions);
    sources_close(w->sources);
    if (w->signals >= 0)
        close(w->signals);
    buf_free(&w->scratch);
    rejection_free(&w->rejection);
    free(w);
}
