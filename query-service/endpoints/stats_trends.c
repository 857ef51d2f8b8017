/* stats/trends: events and errors by window. */
#include "base/clock.h"
#include "base/span.h"
#include "query-service/endpoints/figures_json.h"
#include "query-service/endpoints/table.h"

static void write_figures(const struct question *question, const struct figures *figures,
                          struct buf *out)
{
    char window[SPAN_TEXT_BYTES];
    (void)question;
    span_format(figures->period.window_ns / CLOCK_NS_PER_S, window);
    figures_json_shared(figures, FIGURES_JSON_TRENDS, NULL, out);
    figures_json_text("window", window, out);
    figures_json_name("trends", out);
    figures_json_trends(figures, out);
}

const struct endpoint endpoint_stats_trends = {
    .name = "stats/trends",
    .help = "events and errors by window; the window follows from the period where none is given",
    .request = &request_stats_trends,
    .schema = "answer_stats_trends",
    .period = "1h",
    .ttl_s = 60,
    .write_figures = write_figures,
};
