#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/notify.h"
#include "base/program.h"
#include "base/signals.h"
#include "influx/server.h"
#include "writer/reload.h"
#include "writer/writer.h"
#include "writer/writer_parts.h"

/* The list of all fields and their types is some 50 bytes a field. */
#define REPLY_MAX_BYTES (8u * 1024 * 1024)

/* --- what the rooms call ---------------------------------------------------- */

static void wake(void *context)
{
    struct writer *w = context;
    http_wake(w->http);
}

static void rejected(void *context, const struct fold_reject *reject, struct text line)
{
    struct writer *w = context;
    struct rejected message;
    if (flood_begins(&w->flood, reject))
        log_change(w->log, LOG_WARNING, "too_many_series",
                   "source=\"%s\" max_series=%u note=\"points of further series are rejected and "
                   "counted, at most %d a minute are shown; those of known series go on\"",
                   reject->source->name, reject->source->max_series, FLOOD_SHOWN);
    if (!flood_shows(&w->flood, reject, clock_monotonic_ms(&w->clock)))
        return;
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

static void write_metrics(void *context, struct buf *out)
{
    struct writer *w = context;
    struct figures now;
    writer_take_figures(w, &now);
    figures_metrics_set(w->figures_metrics, &now);
    metrics_write(w->metrics, out);
}

static bool write_health(void *context, struct buf *out)
{
    struct writer *w = context;
    struct figures now;
    writer_take_figures(w, &now);
    return figures_health(&now, out);
}

static bool reload(void *context, struct buf *out)
{
    return reload_begin(context, out);
}

/* --- opening and closing ---------------------------------------------------- */

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
    struct http_options options = server_http_options(&w->settings->influxdb);
    options.reply_max_bytes = REPLY_MAX_BYTES;
    options.connections = 4;
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
    struct metrics_http_source source = {w, write_metrics, write_health, reload};
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
        .sources = w->mapping.sources,
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
    struct intake_options options = {
        .settings = w->settings,
        .journal = w->journal,
        .subscriptions = &w->mapping.plan,
        .log = w->log,
        .clock = w->clock,
        .instance = journal_id(w->journal),
        .context = w,
        .wake = wake,
    };
    return intake_open(&options, &w->intake, why);
}

void writer_append_generation(struct writer *w)
{
    char hash[17];
    snprintf(hash, sizeof hash, "%016" PRIx64, sources_hash(w->mapping.sources));
    struct journal_record record = {.type = JOURNAL_GENERATION, .payload = text_of(hash)};
    if (journal_append(w->journal, &record) == JOURNAL_NO_ROOM)
        log_event(w->log, LOG_ERROR, "journal_no_room", "record=generation");
}

enum err writer_open(const struct settings *settings, const char *path, struct log *log,
                     struct clock clock, const char *die_at, struct writer **ret_writer,
                     int *ret_exit, struct err_reason *why)
{
    struct writer *w = calloc(1, sizeof *w);
    if (!w)
        return ERR_NOMEM;
    w->settings = settings;
    w->path = path;
    w->log = log;
    w->clock = clock;
    w->signals = -1;
    w->started_ns = clock_real_ns(&clock);
    w->started_ms = clock_monotonic_ms(&clock);
    w->tick_due_ms = w->started_ms + WRITER_TICK_MS;
    w->metrics_due_ms = w->started_ms + WRITER_METRICS_MS;
    w->watchdog_ms = notify_watchdog_ms();
    *ret_exit = PROGRAM_EXIT_CONFIG;
    enum err e = signals_open(&w->signals, why);
    e = e ? e : open_http(w, why);
    e = e ? e : open_journal(w, why);
    if (e == ERR_BUSY)
        *ret_exit = PROGRAM_EXIT_INSTANCE;
    e = e ? e : mapping_make(settings, &w->mapping, why);
    e = e ? e : open_metrics(w, why);
    e = e ? e : open_rejects(w, why);
    e = e ? e : open_delivery(w, die_at, why);
    e = e ? e : open_report(w, why);
    e = e ? e : open_intake(w, why);
    if (e != ERR_OK) {
        writer_close(w);
        return e;
    }
    mapping_tell(settings, log);
    writer_append_generation(w);
    writer_take_figures(w, &w->before);
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
    mapping_close(&w->next);
    mapping_close(&w->mapping);
    if (w->signals >= 0)
        close(w->signals);
    live_pace_free(&w->live);
    buf_free(&w->scratch);
    rejection_free(&w->rejection);
    flood_free(&w->flood);
    free(w);
}
