/* stats: the figures of a period, totals, services, trends and alerts. */
#include "query-service/endpoints/figures_alerts.h"
#include "query-service/endpoints/figures_json.h"
#include "query-service/endpoints/table.h"

static void write_figures(const struct question *question, const struct figures *figures,
                          struct buf *out)
{
    struct figures_alerts *alerts = figures_alerts_make(question, figures);
    figures_json_shared(figures, FIGURES_JSON_ALL, NULL, out);
    figures_json_name("metrics", out);
    figures_json_metrics(figures, out);
    figures_json_name("trends", out);
    figures_json_trends(figures, out);
    figures_json_name("alerts", out);
    figures_alerts_write(alerts, TEXT(""), TEXT(""), out);
    figures_alerts_free(alerts);
}

const struct endpoint endpoint_stats = {
    .name = "stats",
    .help = "the figures of a period: totals, each service, trends, and the alerts that stand",
    .request = &request_stats,
    .schema = "answer_stats",
    .period = "1h",
    .ttl_s = 60,
    .compares = true,
    .write_figures = write_figures,
};
