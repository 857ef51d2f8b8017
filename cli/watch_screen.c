#include "cli/watch_screen.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "cli/pen.h"
#include "cli/say.h"
#include "cli/watch_services.h"
#include "cli/watch_words.h"

enum { LABEL_COLUMNS = 10, LINE_SIZE = 256 };

static void label(struct pen *p, const char *text)
{
    pen_cell(p, PEN_BOLD, text, LABEL_COLUMNS - 2);
}

/* --- the head --------------------------------------------------------------------- */

static void show_head(struct pen *p, const struct watch_house *house, const struct watch_frame *f)
{
    char time[CLOCK_RFC3339_SIZE], age[MOMENT_SPAN_SIZE];
    clock_format_rfc3339(f->now_ns / CLOCK_NS_PER_S * CLOCK_NS_PER_S, time);
    pen_put(p, PEN_BOLD, "Hearthline");
    pen_put(p, PEN_NONE, "  ");
    pen_put(p, PEN_NONE, time);
    pen_put(p, PEN_NONE, "  ");
    pen_put(p, PEN_NONE, f->broker);
    pen_end_line(p);
    if (f->connected)
        return;
    bool tried = house->heard_ns || (f->broker_error && f->broker_error[0]);
    pen_put(p, tried ? PEN_BAD : PEN_DIM, tried ? "The broker is away" : "Connecting to it");
    if (house->heard_ns) {
        watch_words_age(house->heard_ns, f->now_ns, age);
        pen_put(p, PEN_BAD, "; all this was heard up to ");
        pen_put(p, PEN_BAD, age);
        pen_put(p, PEN_BAD, " ago");
    } else if (tried) {
        pen_put(p, PEN_BAD, "; nothing was heard yet");
    }
    if (f->broker_error && f->broker_error[0]) {
        pen_put(p, PEN_NONE, ": ");
        pen_put(p, PEN_NONE, f->broker_error);
    }
    pen_end_line(p);
}

/* --- rates, journal and ledger ---------------------------------------------------- */

static bool keeps_ledger(const struct watch_service *s)
{
    return s->has_metrics && s->metrics.received.present;
}

/* Only what is fresh is summed; without such a service there is no rate, and no 0 either. */
static void show_rates(struct pen *p, const struct watch_house *house, int64_t now_ns)
{
    struct fields_number messages = {0, false}, points = {0, false};
    char text[WATCH_WORDS_SIZE];
    for (size_t i = 0; i < house->service_count; i++) {
        const struct watch_service *s = &house->services[i];
        if (!keeps_ledger(s) || watch_house_is_stale(s, now_ns))
            continue;
        struct fields_number m =
            watch_words_rate(s->metrics.events_processed, s->metrics.interval_s);
        struct fields_number l = watch_words_rate(s->metrics.lines_written, s->metrics.interval_s);
        messages = m.present ? fields_number(messages.value + m.value) : messages;
        points = l.present ? fields_number(points.value + l.value) : points;
    }
    label(p, "Rates");
    watch_words_figure(messages, 1, "", text);
    pen_put(p, PEN_NONE, text);
    pen_put(p, PEN_NONE, " messages/s, ");
    watch_words_figure(points, 1, "", text);
    pen_put(p, PEN_NONE, text);
    pen_put(p, PEN_NONE, " points/s");
    pen_end_line(p);
}

/* One side of the ledger's two: what began, and what it became. */
struct side {
    const char *what;
    struct fields_unsigned began, pending, rejected, dropped, others[3];
};

static void show_balance(struct pen *p, const struct side *s)
{
    const struct fields_unsigned ends[] = {s->pending,   s->rejected,  s->dropped,
                                           s->others[0], s->others[1], s->others[2]};
    char text[LINE_SIZE];
    uint64_t sum = 0;
    bool complete = s->began.present;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        complete = complete && ends[i].present;
        sum += ends[i].value;
    }
    pen_put(p, PEN_NONE, s->what);
    if (!complete) {
        pen_put(p, PEN_DIM, " are not told in full");
    } else if (sum == s->began.value) {
        pen_put(p, PEN_GOOD, " balance");
    } else {
        snprintf(text, sizeof text, " differ by %" PRId64, (int64_t)(s->began.value - sum));
        pen_put(p, PEN_BAD, text);
    }
    snprintf(text, sizeof text,
             ": %" PRIu64 ", of them %" PRIu64 " pending, %" PRIu64 " rejected, %" PRIu64
             " dropped",
             s->began.value, s->pending.value, s->rejected.value, s->dropped.value);
    if (complete)
        pen_put(p, PEN_NONE, text);
    pen_end_line(p);
}

/* The label, and whose it is where there are several. */
static void label_of(struct pen *p, const char *text, const char *service)
{
    label(p, text);
    if (service) {
        pen_put(p, PEN_NONE, service);
        pen_put(p, PEN_NONE, ": ");
    }
}

static void show_journal(struct pen *p, const struct service_metrics *m, const char *service)
{
    char bytes[SAY_BYTES_SIZE] = "-", most[SAY_BYTES_SIZE] = "-", age[MOMENT_SPAN_SIZE] = "-";
    char text[LINE_SIZE];
    if (m->journal_bytes.present)
        say_bytes(m->journal_bytes.value, bytes);
    if (m->journal_max_bytes.present)
        say_bytes(m->journal_max_bytes.value, most);
    if (m->journal_oldest_s.present)
        watch_words_seconds(m->journal_oldest_s.value, age);
    label_of(p, "Journal", service);
    snprintf(text, sizeof text, "%s of %s wait, the oldest for %s", bytes, most, age);
    pen_put(p, PEN_NONE, text);
    pen_end_line(p);
}

static void show_ledger(struct pen *p, const struct service_metrics *m, const char *service)
{
    const struct side messages = {.what = "messages",
                                  .began = m->received,
                                  .pending = m->pending,
                                  .rejected = m->rejected,
                                  .dropped = m->dropped,
                                  .others = {m->decoded, m->repeated, m->ignored}};
    const struct side points = {.what = "points",
                                .began = m->points_made,
                                .pending = m->points_pending,
                                .rejected = m->points_rejected,
                                .dropped = m->points_dropped,
                                .others = {m->points_stored, m->points_merged, {0, true}}};
    label_of(p, "Ledger", service);
    show_balance(p, &messages);
    label_of(p, "", service);
    show_balance(p, &points);
}

static unsigned ledger_count(const struct watch_house *house)
{
    unsigned count = 0;
    for (size_t i = 0; i < house->service_count; i++)
        count += keeps_ledger(&house->services[i]);
    return count;
}

static void show_writers(struct pen *p, const struct watch_house *house, int64_t now_ns)
{
    bool several = ledger_count(house) > 1;
    show_rates(p, house, now_ns);
    for (size_t i = 0; i < house->service_count; i++) {
        const struct watch_service *s = &house->services[i];
        if (!keeps_ledger(s))
            continue;
        show_journal(p, &s->metrics, several ? s->name : NULL);
        show_ledger(p, &s->metrics, several ? s->name : NULL);
    }
}

/* --- the answer to stats, and the alerts ------------------------------------------ */

static void show_failure(struct pen *p, const struct watch_stats *s)
{
    label(p, "Stats");
    pen_put(p, PEN_BAD, "no answer");
    pen_put(p, PEN_NONE, ": ");
    pen_put(p, PEN_NONE, s->failure);
    pen_end_line(p);
}

static void show_answer(struct pen *p, const struct watch_stats *s, int64_t now_ns)
{
    char text[LINE_SIZE], events[WATCH_WORDS_SIZE], rate[WATCH_WORDS_SIZE],
        errors[WATCH_WORDS_SIZE];
    char answered[MOMENT_SPAN_SIZE], newest[MOMENT_SPAN_SIZE];
    double since_s = (double)watch_words_age_ns(s->answered_ns, now_ns) / 1e9;
    bool stored = strcmp(s->source, "influxdb") == 0;
    label(p, s->failure[0] ? "" : "Stats");
    pen_put(p, stored ? PEN_GOOD : PEN_DOUBTFUL, s->source);
    if (s->age_s.present) {
        watch_words_seconds(s->age_s.value + since_s, newest);
        snprintf(text, sizeof text, ", %s old", newest);
        pen_put(p, PEN_NONE, text);
    }
    watch_words_seconds(since_s, answered);
    snprintf(text, sizeof text, ", told %s ago; ", answered);
    pen_put(p, PEN_NONE, text);
    pen_put(p, PEN_NONE, s->period);
    watch_words_figure(s->total_events, 0, "", events);
    watch_words_figure(s->events_per_minute, 1, "", rate);
    watch_words_figure(s->error_rate_percent, 2, " %", errors);
    snprintf(text, sizeof text, ": %s events, %s/min, errors %s", events, rate, errors);
    pen_put(p, PEN_NONE, text);
    pen_end_line(p);
}

static void show_stats(struct pen *p, const struct watch_stats *s, int64_t now_ns)
{
    if (s->failure[0])
        show_failure(p, s);
    if (s->answered_ns) {
        show_answer(p, s, now_ns);
    } else if (!s->failure[0]) {
        label(p, "Stats");
        pen_put(p, PEN_DIM, "not asked yet");
        pen_end_line(p);
    }
}

static const enum pen_paint level_paints[] = {PEN_DIM, PEN_NONE, PEN_DOUBTFUL, PEN_BAD, PEN_BAD};

static void show_alert(struct pen *p, const struct alert *a, int64_t now_ns)
{
    char age[MOMENT_SPAN_SIZE], name[sizeof a->service + sizeof a->rule + sizeof a->subject + 2];
    watch_words_age(a->since_ns ? a->since_ns : a->time_ns, now_ns, age);
    snprintf(name, sizeof name, "%s/%s%s%s", a->service, a->rule, a->subject[0] ? "/" : "",
             a->subject);
    pen_put(p, PEN_NONE, "  ");
    pen_cell(p, level_paints[a->level], alert_level_words[a->level], 8);
    pen_figure(p, PEN_NONE, age, 9);
    pen_cell(p, PEN_NONE, name, p->columns ? 26 : 0);
    if (a->state == ALERT_ACKNOWLEDGED)
        pen_put(p, PEN_DIM, "(acknowledged) ");
    if (a->silenced)
        pen_put(p, PEN_DIM, "(silenced) ");
    pen_put(p, PEN_NONE, a->message);
    pen_end_line(p);
}

static void show_alerts(struct pen *p, const struct watch_alerts *alerts, size_t most,
                        int64_t now_ns)
{
    char text[LINE_SIZE];
    size_t shown = alerts->listed < most ? alerts->listed : most;
    label(p, "Alerts");
    if (!alerts->known) {
        pen_put(p, PEN_DIM, "not known: no query service has said which stand");
    } else if (alerts->count == 0) {
        pen_put(p, PEN_GOOD, "none");
    } else {
        snprintf(text, sizeof text, "%" PRIu64 " firing, %" PRIu64 " acknowledged", alerts->firing,
                 alerts->acknowledged);
        pen_put(p, alerts->firing ? PEN_BAD : PEN_DOUBTFUL, text);
    }
    pen_end_line(p);
    for (size_t i = 0; i < shown; i++)
        show_alert(p, &alerts->list[i], now_ns);
    pen_more(p, alerts->count > shown ? (size_t)alerts->count - shown : 0, false);
}

/* --- the whole -------------------------------------------------------------------- */

/* How many services and alerts are shown, of so many rows. Eleven lines stand in any case: the
 * head, titles, rates, stats, the alerts' label, the hint, three empty ones, and one each that says
 * how many more there are. A quarter is the services' in any case, and the rest cut. */
static void share_rows(const struct watch_house *house, const struct watch_frame *frame,
                       size_t *ret_services, size_t *ret_alerts)
{
    size_t services = house->service_count, alerts = house->alerts.listed, reasons = 0;
    for (size_t i = 0; i < services; i++)
        reasons += house->services[i].reason[0] != '\0';
    size_t fixed = 11 + reasons + 3 * (size_t)ledger_count(house);
    fixed += frame->connected ? 0 : 1;
    fixed += house->stats.failure[0] && house->stats.answered_ns ? 1 : 0;
    size_t left = frame->rows > fixed ? frame->rows - fixed : 0;
    if (frame->rows == 0 || services + alerts <= left)
        left = services + alerts;
    size_t half = left / 2, least = frame->rows / 4;
    size_t share = alerts <= left - half ? left - alerts : half;
    share = share > least ? share : least;
    *ret_services = services < share ? services : share;
    left = left > *ret_services ? left - *ret_services : 0;
    *ret_alerts = left < alerts ? left : alerts;
}

void watch_screen(const struct watch_house *house, const struct watch_frame *frame, struct buf *out)
{
    struct pen p = {.out = out,
                    .columns = frame->columns,
                    .rows = frame->rows,
                    .drawn = frame->drawn,
                    .painted = frame->painted};
    size_t services, alerts;
    share_rows(house, frame, &services, &alerts);
    pen_begin(&p);
    show_head(&p, house, frame);
    pen_end_line(&p);
    watch_services_show(&p, house, services, frame->now_ns);
    pen_end_line(&p);
    show_writers(&p, house, frame->now_ns);
    show_stats(&p, &house->stats, frame->now_ns);
    show_alerts(&p, &house->alerts, alerts, frame->now_ns);
    if (frame->hint && frame->hint[0]) {
        pen_end_line(&p);
        pen_put(&p, PEN_DIM, frame->hint);
        pen_end_line(&p);
    }
    pen_end(&p);
}
