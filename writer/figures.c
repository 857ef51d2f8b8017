#include "writer/figures.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static double figures_lag_s(const struct figures *f)
{
    if (f->journal.oldest_undelivered_ns == 0 || f->journal.oldest_undelivered_ns > f->now_ns)
        return 0;
    return (double)(f->now_ns - f->journal.oldest_undelivered_ns) / 1e9;
}

/* One row a metric: name, help, whether it only grows, and where its value is. */
#define FIGURES(X)                                                                                 \
    X(received, counter, "hearthline_messages_received_total",                                     \
      "Messages received from the broker", f->delivery.ledger.received)                            \
    X(decoded, counter, "hearthline_messages_decoded_total", "Messages decoded to points",         \
      f->delivery.ledger.decoded)                                                                  \
    X(repeated, counter, "hearthline_messages_repeated_total",                                     \
      "Messages that the broker sent again and that were kept already",                            \
      f->delivery.ledger.repeated)                                                                 \
    X(ignored, counter, "hearthline_messages_ignored_total", "Messages left out by a rule",        \
      f->delivery.ledger.ignored)                                                                  \
    X(dropped, counter, "hearthline_messages_dropped_total",                                       \
      "Messages given up undelivered because the journal was full", f->delivery.ledger.dropped)    \
    X(pending, gauge, "hearthline_messages_pending", "Messages journaled and not decoded yet",     \
      f->delivery.ledger.pending)                                                                  \
    X(made, counter, "hearthline_points_made_total", "Points made of messages",                    \
      f->delivery.ledger.points_made)                                                              \
    X(stored, counter, "hearthline_points_stored_total", "Points that InfluxDB has taken",         \
      f->delivery.ledger.points_stored)                                                            \
    X(merged, counter, "hearthline_points_merged_total", "Points merged by a rule",                \
      f->delivery.ledger.points_merged)                                                            \
    X(points_dropped, counter, "hearthline_points_dropped_total", "Points given up undelivered",   \
      f->delivery.ledger.points_dropped)                                                           \
    X(points_pending, gauge, "hearthline_points_pending", "Points on their way to InfluxDB",       \
      f->delivery.ledger.points_pending)                                                           \
    X(parked, gauge, "hearthline_points_parked",                                                   \
      "Points on their way that wait on disk for a destination that cannot take them",             \
      f->delivery.parked)                                                                          \
    X(parked_bytes, gauge, "hearthline_parked_bytes", "Bytes of the files in which they wait",     \
      f->delivery.parked_bytes)                                                                    \
    X(cleaned, counter, "hearthline_names_cleaned_total",                                          \
      "Names and values changed because line protocol cannot say them",                            \
      f->delivery.counts.cleaned)                                                                  \
    X(fields_renamed, counter, "hearthline_fields_renamed_total",                                  \
      "Values stored under another name because their field has another type",                     \
      f->delivery.counts.fields_renamed)                                                           \
    X(fields_refused, counter, "hearthline_fields_refused_total",                                  \
      "Values left out of stored points because their field has another type",                     \
      f->delivery.counts.fields_refused)                                                           \
    X(times_replaced, counter, "hearthline_times_replaced_total",                                  \
      "Stored points whose own time could not be and was replaced by the arrival's",               \
      f->delivery.counts.times_replaced)                                                           \
    X(field_types, gauge, "hearthline_field_types", "Fields whose type is known",                  \
      f->delivery.field_types)                                                                     \
    X(series, gauge, "hearthline_series", "Series that are counted, of sources with a bound",      \
      f->delivery.series)                                                                          \
    X(not_rolled_up, counter, "hearthline_service_metrics_not_rolled_up_total",                    \
      "Stored metrics messages of services for which service_metrics_5m has no room",              \
      f->delivery.counts.not_rolled_up)                                                            \
    X(rejects_lost, counter, "hearthline_rejects_lost_total",                                      \
      "Rejections that the file of rejects could not keep", f->rejects_lost)                       \
    X(difference, gauge, "hearthline_ledger_difference",                                           \
      "Messages that the ledger misses, 0 by right", f->delivery.ledger.difference)                \
    X(points_difference, gauge, "hearthline_ledger_points_difference",                             \
      "Points that the ledger misses, 0 by right", f->delivery.ledger.points_difference)           \
    X(attempts, counter, "hearthline_write_attempts_total", "Write requests to InfluxDB",          \
      f->delivery.store.attempts)                                                                  \
    X(errors, counter, "hearthline_write_errors_total",                                            \
      "Requests that InfluxDB did not answer as it should", f->delivery.store.errors)              \
    X(next, gauge, "hearthline_journal_next_record", "Number of the next record of the journal",   \
      f->journal.next_number)                                                                      \
    X(cursor, gauge, "hearthline_journal_cursor_record",                                           \
      "Number of the first record that is not delivered",                                          \
      (f->delivery.cursor_number ? f->delivery.cursor_number : 1))                                 \
    X(bytes, gauge, "hearthline_journal_undelivered_bytes", "Bytes of the journal not delivered",  \
      f->journal.undelivered_bytes)                                                                \
    X(max_bytes, gauge, "hearthline_journal_max_bytes", "Bound of the journal",                    \
      f->journal.max_bytes)                                                                        \
    X(history, gauge, "hearthline_journal_history_bytes", "Delivered bytes kept for replay",       \
      f->journal.history_bytes)                                                                    \
    X(damaged, counter, "hearthline_journal_damaged_records_total",                                \
      "Records that could not be read back", f->delivery.counts.damaged)                           \
    X(lag, gauge, "hearthline_journal_lag_seconds", "Age of the oldest undelivered record",        \
      figures_lag_s(f))                                                                            \
    X(up, gauge, "hearthline_influxdb_up", "Whether InfluxDB answered the last request",           \
      f->delivery.store.up)                                                                        \
    X(broker, gauge, "hearthline_broker_up", "Whether the intake is connected", f->broker_up)      \
    X(holding, gauge, "hearthline_holding", "Whether no messages are taken in",                    \
      (f->state == STATUS_HOLDING))                                                                \
    X(connections, counter, "hearthline_broker_connections_total", "Connections to the broker",    \
      f->intake.connections)                                                                       \
    X(broker_dropped, gauge, "hearthline_broker_dropped_messages",                                 \
      "Messages that the broker says it threw away, for any client", f->intake.broker_dropped)

struct figures_metrics {
#define X(field, kind, name, help, value) struct metric *field;
    FIGURES(X)
#undef X
    struct metric *rejected[REJECT_COUNT];
    struct metric *points_rejected[REJECT_COUNT];
};

struct figures_metrics *figures_metrics_new(struct metrics *metrics)
{
    struct figures_metrics *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
#define X(field, kind, name, help, value)                                                          \
    m->field = metrics_##kind(metrics, name, help, METRICS_NO_LABELS);
    FIGURES(X)
#undef X
    for (size_t i = REJECT_NONE + 1; i < REJECT_COUNT; i++) {
        const char *reason = reject_id((enum reject)i);
        m->rejected[i] =
            metrics_counter(metrics, "hearthline_messages_rejected_total",
                            "Messages that could not be stored", METRICS_LABELS("reason", reason));
    }
    for (size_t i = REJECT_NONE + 1; i < REJECT_COUNT; i++) {
        const char *reason = reject_id((enum reject)i);
        m->points_rejected[i] =
            metrics_counter(metrics, "hearthline_points_rejected_total",
                            "Points that could not be stored", METRICS_LABELS("reason", reason));
    }
    return m;
}

void figures_metrics_free(struct figures_metrics *m)
{
    free(m);
}

static uint64_t points_refused(const struct delivery_figures *d, enum reject reason)
{
    uint64_t by_server = d->ledger.points_rejected;
    if (reason != REJECT_SERVER)
        return d->counts.points_refused[reason];
    for (size_t i = 0; i < REJECT_COUNT; i++)
        by_server -= d->counts.points_refused[i];
    return by_server;
}

void figures_metrics_set(struct figures_metrics *m, const struct figures *f)
{
#define X(field, kind, name, help, value) metric_set(m->field, (double)(value));
    FIGURES(X)
#undef X
    for (size_t i = REJECT_NONE + 1; i < REJECT_COUNT; i++) {
        metric_set(m->rejected[i], (double)f->delivery.counts.rejected[i]);
        metric_set(m->points_rejected[i], (double)points_refused(&f->delivery, (enum reject)i));
    }
}

static void reasons(struct fields_count *at, size_t size, const struct figures *now, bool points)
{
    size_t used = 0;
    for (size_t i = REJECT_NONE + 1; i < REJECT_COUNT && used < size; i++) {
        uint64_t count = points ? points_refused(&now->delivery, (enum reject)i)
                                : now->delivery.counts.rejected[i];
        if (count == 0)
            continue;
        snprintf(at[used].name, sizeof at[used].name, "%s", reject_id((enum reject)i));
        at[used++].count = count;
    }
}

static void message_ledger(const struct ledger *l, struct service_metrics *m)
{
    m->received = fields_unsigned(l->received);
    m->decoded = fields_unsigned(l->decoded);
    m->repeated = fields_unsigned(l->repeated);
    m->ignored = fields_unsigned(l->ignored);
    m->rejected = fields_unsigned(l->rejected);
    m->dropped = fields_unsigned(l->dropped);
    m->pending = fields_unsigned(l->pending);
    m->points_made = fields_unsigned(l->points_made);
    m->points_stored = fields_unsigned(l->points_stored);
    m->points_merged = fields_unsigned(l->points_merged);
    m->points_rejected = fields_unsigned(l->points_rejected);
    m->points_dropped = fields_unsigned(l->points_dropped);
    m->points_pending = fields_unsigned(l->points_pending);
    const struct {
        const char *reason;
        uint64_t points;
    } dropped[] = {
        {"journal_full", l->points_dropped - l->points_parked_full - l->points_parked_lost},
        {"parked_full", l->points_parked_full},
        {"parked_lost", l->points_parked_lost},
    };
    struct fields_count *to = m->points_dropped_by_reason;
    for (size_t i = 0; i < sizeof dropped / sizeof *dropped; i++) {
        if (dropped[i].points == 0)
            continue;
        snprintf(to->name, sizeof to->name, "%s", dropped[i].reason);
        (to++)->count = dropped[i].points;
    }
}

void figures_message(const struct figures *before, const struct figures *now,
                     const struct store_latency *latency, const char *instance,
                     struct service_metrics *ret)
{
    const struct delivery_figures *a = &before->delivery, *b = &now->delivery;
    uint64_t done = b->messages_done - a->messages_done;
    uint64_t attempts = b->store.attempts - a->store.attempts;
    uint64_t errors = b->store.errors - a->store.errors;
    *ret = (struct service_metrics){.time_ns = now->now_ns, .state = now->state};
    snprintf(ret->service, sizeof ret->service, "writer");
    snprintf(ret->instance, sizeof ret->instance, "%s", instance);
    ret->interval_s = fields_number((double)(now->now_ns - before->now_ns) / 1e9);
    ret->uptime_s = fields_number((double)(now->now_ns - now->started_ns) / 1e9);
    ret->events_processed = fields_unsigned(done);
    ret->events_total = fields_unsigned(b->ledger.received);
    ret->write_attempts = fields_unsigned(attempts);
    ret->write_errors = fields_unsigned(errors);
    ret->lines_written = fields_unsigned(b->lines_done - a->lines_done);
    if (done > 0)
        ret->processing_time_ms =
            fields_number((b->processing_sum_s - a->processing_sum_s) * 1000.0 / (double)done);
    if (attempts > 0)
        ret->success_rate = fields_number(
            100.0 * (double)(attempts > errors ? attempts - errors : 0) / (double)attempts);
    for (size_t i = 0; i < SERVICE_METRICS_BOUNDS; i++)
        ret->write_latency_le_ms[i] = fields_unsigned(latency->at_most[i]);
    if (latency->count > 0) {
        ret->write_latency_mean_ms = fields_number(latency->sum_ms / (double)latency->count);
        ret->write_latency_max_ms = fields_number(latency->max_ms);
    }
    message_ledger(&b->ledger, ret);
    ret->points_parked = fields_unsigned(b->parked);
    ret->rejects_lost = fields_unsigned(now->rejects_lost);
    ret->times_replaced = fields_unsigned(now->delivery.counts.times_replaced);
    ret->series = fields_unsigned(b->series);
    if (now->series_refused_s >= 0) {
        ret->series_refused_s = fields_number(now->series_refused_s);
        snprintf(ret->series_refused_source, sizeof ret->series_refused_source, "%s",
                 now->series_refused_source);
    }
    reasons(ret->rejected_by_reason, SERVICE_METRICS_REASONS, now, false);
    reasons(ret->points_rejected_by_reason, SERVICE_METRICS_REASONS, now, true);
    ret->journal_bytes = fields_unsigned(now->journal.undelivered_bytes);
    ret->journal_max_bytes = fields_unsigned(now->journal.max_bytes);
    ret->journal_oldest_s = fields_number(figures_lag_s(now));
}

static enum live_influxdb live_influxdb(const struct figures *f)
{
    if (!f->influxdb_enabled)
        return LIVE_INFLUXDB_OFF;
    if (f->delivery.store.up)
        return LIVE_INFLUXDB_ANSWERING;
    if (f->delivery.store.trouble_since_ns == 0)
        return LIVE_INFLUXDB_UNSAID;
    return f->delivery.store.fault ? LIVE_INFLUXDB_FAULT : LIVE_INFLUXDB_AWAY;
}

void figures_live(const struct figures *now, const char *instance, struct live_message *ret)
{
    const struct ledger *l = &now->delivery.ledger;
    const struct store_figures *store = &now->delivery.store;
    int64_t difference = l->difference != 0 ? l->difference : l->points_difference;
    *ret = (struct live_message){
        .time_ns = now->now_ns,
        .state = now->state,
        .events_total = fields_unsigned(l->received),
        .pending = fields_unsigned(l->pending),
        .points_stored = fields_unsigned(l->points_stored),
        .rejected = fields_unsigned(l->rejected),
        .dropped = fields_unsigned(l->dropped),
        .ledger_difference = fields_number((double)difference),
        .journal_bytes = fields_unsigned(now->journal.undelivered_bytes),
        .journal_max_bytes = fields_unsigned(now->journal.max_bytes),
        .journal_oldest_s = fields_number(figures_lag_s(now)),
        .write_attempts_total = fields_unsigned(store->attempts),
        .write_errors_total = fields_unsigned(store->errors),
        .last_write_ms = {store->last_write_ms, store->last_write_ms >= 0},
        .influxdb = live_influxdb(now),
    };
    fields_copy(ret->service, sizeof ret->service, TEXT("writer"));
    fields_copy(ret->instance, sizeof ret->instance, text_of(instance));
    fields_copy(ret->influxdb_reason, sizeof ret->influxdb_reason, text_of(store->trouble));
}

bool figures_health(const struct figures *f, struct buf *out)
{
    bool influxdb_well = !f->influxdb_enabled || f->delivery.store.up;
    bool balanced = f->delivery.ledger.difference == 0 && f->delivery.ledger.points_difference == 0;
    bool destinations_well = !f->delivery.destination_trouble[0] && f->delivery.parked == 0;
    bool well = f->broker_up && influxdb_well && destinations_well && balanced &&
                f->state != STATUS_HOLDING;
    buf_printf(out, "{\"status\":\"%s\",\"state\":\"%s\",\"reason\":", well ? "ok" : "degraded",
               status_words[f->state]);
    buf_json_text(out, text_of(f->reason));
    buf_printf(out, ",\"broker\":\"%s\",\"influxdb\":\"%s\",\"influxdb_version\":",
               f->broker_up ? "up" : "down",
               !f->influxdb_enabled   ? "disabled"
               : f->delivery.store.up ? "up"
                                      : "down");
    buf_json_text(out, text_of(f->delivery.server_version));
    buf_string(out, ",\"influxdb_reason\":");
    buf_json_text(out, text_of(f->delivery.store.trouble));
    buf_string(out, ",\"destination_reason\":");
    buf_json_text(out, text_of(f->delivery.destination_trouble));
    buf_printf(out,
               ",\"parked_points\":%" PRIu64 ",\"pending_messages\":%" PRIu64
               ",\"pending_points\":%" PRIu64 ",\"points_of_too_many_series\":%" PRIu64
               ",\"ledger_difference\":%" PRId64 ",\"ledger_points_difference\":%" PRId64 "}\n",
               f->delivery.parked, f->delivery.ledger.pending, f->delivery.ledger.points_pending,
               f->delivery.counts.points_refused[REJECT_TOO_MANY_SERIES],
               f->delivery.ledger.difference, f->delivery.ledger.points_difference);
    return well;
}
