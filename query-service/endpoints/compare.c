#include "query-service/endpoints/compare.h"

#include <math.h>
#include <stdio.h>

#include "query-service/endpoints/figures_json.h"

static void write_source(const struct figures *figures, struct buf *out)
{
    figures_json_name(figures_source_name(figures->source), out);
    buf_char(out, '{');
    figures_json_name("metrics", out);
    figures_json_metrics(figures, out);
    figures_json_reach(figures, FIGURES_JSON_TOTALS | FIGURES_JSON_SERVICES, NULL, out);
    buf_char(out, '}');
}

static void write_difference(const char *figure, struct fields_number stored,
                             struct fields_number live, unsigned decimals, struct buf *out)
{
    bool both = stored.present && live.present;
    double difference = live.value - stored.value;
    double percent = difference == 0 ? 0 : 100 * difference / stored.value;
    if (out->len && out->data[out->len - 1] != '[')
        buf_char(out, ',');
    buf_char(out, '{');
    figures_json_text("figure", figure, out);
    figures_json_member("influxdb", stored, decimals, out);
    figures_json_member("services", live, decimals, out);
    figures_json_member("difference", (struct fields_number){difference, both}, decimals, out);
    figures_json_member("percent", (struct fields_number){percent, both && isfinite(percent)},
                        FIGURES_JSON_RATE, out);
    buf_char(out, '}');
}

static const struct figures_service *find(const struct figures *figures, const char *name)
{
    static const struct figures_service none;
    for (unsigned i = 0; i < figures->services_count; i++)
        if (strcmp(figures->services[i].name, name) == 0)
            return &figures->services[i];
    return &none;
}

static void write_service(const char *name, const struct figures *stored,
                          const struct figures *live, struct buf *out)
{
    const struct figures_service *a = find(stored, name), *b = find(live, name);
    const struct {
        const char *figure;
        struct fields_number stored, live;
        unsigned decimals;
    } rows[] = {
        {"events_processed", figures_total(a->whole, a->sums.events),
         figures_total(b->whole, b->sums.events), FIGURES_JSON_COUNT},
        {"processing_time_ms", tally_processing_ms(&a->sums), tally_processing_ms(&b->sums),
         FIGURES_JSON_MS},
        {"success_rate", tally_success_percent(&a->sums), tally_success_percent(&b->sums),
         FIGURES_JSON_RATE},
    };
    char figure[128];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(figure, sizeof figure, "services.%s.%s", name, rows[i].figure);
        write_difference(figure, rows[i].stored, rows[i].live, rows[i].decimals, out);
    }
}

static void write_totals(const struct figures *stored, const struct figures *live, struct buf *out)
{
    const struct tally *a = &stored->sums, *b = &live->sums;
    write_difference("total_events", figures_total_events(stored), figures_total_events(live),
                     FIGURES_JSON_COUNT, out);
    write_difference("events_per_minute", figures_events_per_minute(stored),
                     figures_events_per_minute(live), FIGURES_JSON_RATE, out);
    write_difference("total_writes", figures_total(stored->sums_whole, a->write_attempts),
                     figures_total(live->sums_whole, b->write_attempts), FIGURES_JSON_COUNT, out);
    write_difference("write_errors", figures_total(stored->sums_whole, a->write_errors),
                     figures_total(live->sums_whole, b->write_errors), FIGURES_JSON_COUNT, out);
    write_difference("error_rate_percent", tally_error_percent(a), tally_error_percent(b),
                     FIGURES_JSON_RATE, out);
}

void compare_write(const struct question *question, const struct figures *stored,
                   const struct figures *live, struct buf *out)
{
    figures_json_period(&question->period, out);
    figures_json_name("sources", out);
    buf_char(out, '{');
    write_source(stored, out);
    write_source(live, out);
    buf_char(out, '}');
    figures_json_name("differences", out);
    buf_char(out, '[');
    write_totals(stored, live, out);
    for (unsigned i = 0; i < stored->services_count; i++)
        write_service(stored->services[i].name, stored, live, out);
    for (unsigned i = 0; i < live->services_count; i++)
        if (find(stored, live->services[i].name)->name[0] == '\0')
            write_service(live->services[i].name, stored, live, out);
    buf_char(out, ']');
}
