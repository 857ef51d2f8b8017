#include "query-service/endpoints/figures_json.h"

#include <math.h>

#include "base/clock.h"

#define DECIMALS_MAX 9

/* What is not quite nothing, or not quite all, does not become that by rounding. */
static bool says_too_much(double number, double rounded)
{
    return rounded != number && (rounded == 0 || rounded == 100);
}

void figures_json_number(struct fields_number number, unsigned decimals, struct buf *out)
{
    double rounded;
    do {
        double scale = pow(10, decimals);
        rounded = round(number.value * scale) / scale;
    } while (says_too_much(number.value, rounded) && decimals++ < DECIMALS_MAX);
    if (!isfinite(rounded))
        rounded = number.value; /* too large to have decimals */
    if (number.present && isfinite(rounded))
        buf_number(out, rounded + 0.0); /* no -0 */
    else
        buf_string(out, "null");
}

void figures_json_name(const char *name, struct buf *out)
{
    char last = out->len ? out->data[out->len - 1] : '{';
    if (last != '{' && last != '[')
        buf_char(out, ',');
    buf_json_text(out, text_of(name));
    buf_char(out, ':');
}

void figures_json_member(const char *name, struct fields_number number, unsigned decimals,
                         struct buf *out)
{
    figures_json_name(name, out);
    figures_json_number(number, decimals, out);
}

void figures_json_time(const char *name, int64_t time_ns, struct buf *out)
{
    char time[CLOCK_RFC3339_SIZE];
    figures_json_name(name, out);
    if (time_ns == 0) {
        buf_string(out, "null");
        return;
    }
    clock_format_rfc3339(time_ns, time);
    buf_printf(out, "\"%s\"", time);
}

void figures_json_text(const char *name, const char *text, struct buf *out)
{
    figures_json_name(name, out);
    buf_json_text(out, text_of(text));
}

/* --- what all share ------------------------------------------------------------ */

void figures_json_period(const struct period *period, struct buf *out)
{
    figures_json_text("period", period->name, out);
    figures_json_time("from", period->from_ns, out);
    figures_json_time("to", period->to_ns, out);
}

static void write_missing(const struct figures_missing *missing, struct buf *out)
{
    if (out->len && out->data[out->len - 1] != '[')
        buf_char(out, ',');
    buf_char(out, '{');
    figures_json_text("figure", missing->figure, out);
    figures_json_text("reason", missing->reason, out);
    buf_char(out, '}');
}

/* Where a figure stands; what is of no part, as the source, concerns all. */
static unsigned part_of(const char *figure)
{
    static const struct {
        const char *head;
        unsigned part;
    } parts[] = {{"metrics.services", FIGURES_JSON_SERVICES},
                 {"metrics.", FIGURES_JSON_TOTALS},
                 {"trends", FIGURES_JSON_TRENDS}};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (text_starts(text_of(figure), text_of(parts[i].head)))
            return parts[i].part;
    return FIGURES_JSON_ALL;
}

void figures_json_reach(const struct figures *figures, unsigned shows,
                        const struct figures_missing *also, struct buf *out)
{
    figures_json_member("age_s", figures->age_s, FIGURES_JSON_MS, out);
    figures_json_member("covers_s", fields_number(figures->covers_s), FIGURES_JSON_MS, out);
    figures_json_name("missing", out);
    buf_char(out, '[');
    for (unsigned i = 0; i < figures->missing_count; i++)
        if (part_of(figures->missing[i].figure) == FIGURES_JSON_ALL ||
            (part_of(figures->missing[i].figure) & shows) != 0)
            write_missing(&figures->missing[i], out);
    if (also)
        write_missing(also, out);
    buf_char(out, ']');
}

void figures_json_shared(const struct figures *figures, unsigned shows,
                         const struct figures_missing *also, struct buf *out)
{
    figures_json_period(&figures->period, out);
    figures_json_text("source", figures_source_name(figures->source), out);
    figures_json_reach(figures, shows, also, out);
}

/* --- the figures --------------------------------------------------------------- */

void figures_json_service(const struct figures_service *service, struct buf *out)
{
    buf_char(out, '{');
    figures_json_member("events_processed", figures_total(service->whole, service->sums.events),
                        FIGURES_JSON_COUNT, out);
    figures_json_member("processing_time_ms", tally_processing_ms(&service->sums), FIGURES_JSON_MS,
                        out);
    figures_json_member("success_rate", tally_success_percent(&service->sums), FIGURES_JSON_RATE,
                        out);
    figures_json_time("last_update", service->last_update_ns, out);
    figures_json_name("state", out);
    if (service->state == STATUS_UNSAID)
        buf_string(out, "null");
    else
        buf_json_text(out, text_of(status_words[service->state]));
    buf_char(out, '}');
}

void figures_json_metrics(const struct figures *figures, struct buf *out)
{
    const struct tally *sums = &figures->sums;
    bool whole = figures->sums_whole;
    buf_char(out, '{');
    figures_json_member("total_events", figures_total_events(figures), FIGURES_JSON_COUNT, out);
    figures_json_member("events_per_minute", figures_events_per_minute(figures), FIGURES_JSON_RATE,
                        out);
    figures_json_member("total_writes", figures_total(whole, sums->write_attempts),
                        FIGURES_JSON_COUNT, out);
    figures_json_member("write_errors", figures_total(whole, sums->write_errors),
                        FIGURES_JSON_COUNT, out);
    figures_json_member("error_rate_percent", tally_error_percent(sums), FIGURES_JSON_RATE, out);
    figures_json_name("services", out);
    buf_char(out, '{');
    for (unsigned i = 0; i < figures->services_count; i++) {
        figures_json_name(figures->services[i].name, out);
        figures_json_service(&figures->services[i], out);
    }
    buf_string(out, "}}");
}

void figures_json_trends(const struct figures *figures, struct buf *out)
{
    buf_char(out, '[');
    for (unsigned i = 0; i < figures->windows_count; i++) {
        const struct figures_window *window = &figures->windows[i];
        buf_string(out, i ? ",{" : "{");
        figures_json_time("time", window->time_ns, out);
        figures_json_member("count", window->count, FIGURES_JSON_COUNT, out);
        figures_json_member("errors", window->errors, FIGURES_JSON_COUNT, out);
        buf_char(out, '}');
    }
    buf_char(out, ']');
}
