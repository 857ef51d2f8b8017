/* stats/services: the figures of each service, with its alerts. */
#include "query-service/endpoints/figures_alerts.h"
#include "query-service/endpoints/figures_json.h"
#include "query-service/endpoints/table.h"

static void write_figures(const struct question *question, const struct figures *figures,
                          struct buf *out)
{
    struct figures_alerts *alerts = figures_alerts_make(question, figures);
    figures_json_shared(figures, FIGURES_JSON_SERVICES, NULL, out);
    figures_json_name("services", out);
    buf_char(out, '{');
    for (unsigned i = 0; i < figures->services_count; i++) {
        const struct figures_service *service = &figures->services[i];
        figures_json_name(service->name, out);
        buf_char(out, '{');
        figures_json_name("metrics", out);
        figures_json_service(service, out);
        figures_json_name("alerts", out);
        figures_alerts_write(alerts, text_of(service->name), TEXT(""), out);
        buf_char(out, '}');
    }
    buf_char(out, '}');
    figures_alerts_free(alerts);
}

const struct endpoint endpoint_stats_services = {
    .name = "stats/services",
    .help = "the figures of each service, with its alerts",
    .request = &request_stats_services,
    .schema = "answer_stats_services",
    .period = "1h",
    .ttl_s = 60,
    .write_figures = write_figures,
};
