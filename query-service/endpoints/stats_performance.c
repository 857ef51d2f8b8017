/* stats/performance: how well the services do, and what there is to recommend. */
#include <stdio.h>

#include "query-service/endpoints/figures_json.h"
#include "query-service/endpoints/table.h"

static struct fields_number per_second(const struct figures *figures, bool whole,
                                       struct fields_number events)
{
    double span_s = figures_span_s(figures, whole);
    if (!events.present || !(span_s > 0))
        return (struct fields_number){0};
    return fields_number(events.value / span_s);
}

static void write_performance(const struct figures *figures, const struct tally *sums, bool whole,
                              struct buf *out)
{
    buf_char(out, '{');
    figures_json_member("total_requests", figures_total(whole, sums->events), FIGURES_JSON_COUNT,
                        out);
    figures_json_member("total_errors", figures_total(whole, sums->write_errors),
                        FIGURES_JSON_COUNT, out);
    figures_json_member("average_response_time", tally_processing_ms(sums), FIGURES_JSON_MS, out);
    figures_json_member("success_rate", tally_success_percent(sums), FIGURES_JSON_RATE, out);
    figures_json_member("throughput", per_second(figures, whole, sums->events), FIGURES_JSON_RATE,
                        out);
    buf_char(out, '}');
}

/* Strict comparisons, as in the alerts. A house that is quiet is no fault: its capacity is told for
 * information. */
static const struct advice {
    const char *type, *level;
    bool low_is_bad;
    double limit;
    unsigned decimals;
    const char *before, *behind, *recommendation;
} advices[] = {
    {"performance", "warning", false, 1000, FIGURES_JSON_MS, "processing takes ", " ms",
     "look at write_latency_mean_ms in stats/metrics: either InfluxDB answers slowly, or the "
     "journal is catching up"},
    {"reliability", "warning", true, 95, FIGURES_JSON_RATE, "success rate is ", " %",
     "look at InfluxDB's log and at health: writes are tried again, and nothing is lost while the "
     "journal has room"},
    {"capacity", "info", true, 10, FIGURES_JSON_RATE, "throughput is ", " a second",
     "nothing to do when the house is quiet; when more was due, look at the writer's sources and "
     "at its rejected messages"},
};

static void write_advice(const struct advice *advice, const char *service,
                         struct fields_number value, struct buf *out)
{
    struct buf message = {0};
    if (!value.present ||
        !(advice->low_is_bad ? value.value < advice->limit : value.value > advice->limit))
        return;
    buf_string(&message, advice->before);
    figures_json_number(value, advice->decimals, &message);
    buf_string(&message, advice->behind);
    if (out->len && out->data[out->len - 1] != '[')
        buf_char(out, ',');
    buf_char(out, '{');
    figures_json_text("service", service, out);
    figures_json_text("type", advice->type, out);
    figures_json_text("level", advice->level, out);
    figures_json_text("message", buf_cstr(&message), out);
    figures_json_text("recommendation", advice->recommendation, out);
    buf_char(out, '}');
    buf_free(&message);
}

static void write_figures(const struct question *question, const struct figures *figures,
                          struct buf *out)
{
    (void)question;
    figures_json_shared(figures, FIGURES_JSON_TOTALS | FIGURES_JSON_SERVICES, NULL, out);
    figures_json_name("overall", out);
    write_performance(figures, &figures->sums, figures->sums_whole, out);
    figures_json_name("services", out);
    buf_char(out, '{');
    for (unsigned i = 0; i < figures->services_count; i++) {
        const struct figures_service *service = &figures->services[i];
        figures_json_name(service->name, out);
        write_performance(figures, &service->sums, service->whole, out);
    }
    buf_char(out, '}');
    figures_json_name("recommendations", out);
    buf_char(out, '[');
    for (unsigned i = 0; i < figures->services_count; i++) {
        const struct figures_service *service = &figures->services[i];
        const struct fields_number values[] = {
            tally_processing_ms(&service->sums), tally_success_percent(&service->sums),
            per_second(figures, service->whole, service->sums.events)};
        for (size_t k = 0; k < sizeof advices / sizeof advices[0]; k++)
            write_advice(&advices[k], service->name, values[k], out);
    }
    buf_char(out, ']');
}

const struct endpoint endpoint_stats_performance = {
    .name = "stats/performance",
    .help = "how well the services do, and what there is to recommend",
    .request = &request_stats_performance,
    .schema = "answer_stats_performance",
    .period = "1h",
    .ttl_s = 60,
    .write_figures = write_figures,
};
