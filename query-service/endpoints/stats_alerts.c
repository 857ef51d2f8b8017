/* stats/alerts: the alerts, the worst first. Never from the cache. */
#include "query-service/endpoints/figures_alerts.h"
#include "query-service/endpoints/figures_json.h"
#include "query-service/endpoints/table.h"

static void write_figures(const struct question *question, const struct figures *figures,
                          struct buf *out)
{
    struct figures_alerts *alerts = figures_alerts_make(question, figures);
    figures_json_shared(figures, 0, NULL, out);
    figures_json_name("alerts", out);
    unsigned count =
        figures_alerts_write(alerts, question->request->service, question->request->level, out);
    figures_json_member("count", fields_number(count), FIGURES_JSON_COUNT, out);
    figures_alerts_free(alerts);
}

const struct endpoint endpoint_stats_alerts = {
    .name = "stats/alerts",
    .help = "the alerts, the worst first, then the newest change",
    .request = &request_stats_alerts,
    .schema = "answer_stats_alerts",
    .period = "5m",
    .ttl_s = 0,
    .write_figures = write_figures,
};
