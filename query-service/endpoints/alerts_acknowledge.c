/* alerts/acknowledge: somebody knows of alerts that fire. */
#include "query-service/endpoints/table.h"

static void write_alerts(const struct question *question, struct buf *out)
{
    const struct request *request = question->request;
    const struct alert *alert;
    bool first = true;
    for (unsigned i = 0; alerts_at(question->world->alerts, true, i, &alert); i++) {
        if (!alerts_match(alert, request->service, request->rule, request->subject))
            continue;
        if (!first)
            buf_char(out, ',');
        first = false;
        alert_encode(alert, out);
    }
}

static enum err answer(const struct question *question, const struct gather_results *const *results,
                       unsigned stages, struct buf *out, struct err_reason *why)
{
    const struct request *r = question->request;
    unsigned count;
    (void)results, (void)stages;
    enum err err = alerts_acknowledge(question->world->alerts, r->service, r->rule, r->subject,
                                      r->by, r->why, question->now_ns, &count, why);
    if (err != ERR_OK)
        return err;
    buf_printf(out, "\"acknowledged\":%u,\"alerts\":[", count);
    write_alerts(question, out);
    buf_char(out, ']');
    return ERR_OK;
}

const struct endpoint endpoint_alerts_acknowledge = {
    .name = "alerts/acknowledge",
    .help = "says that somebody knows of alerts that fire: of a service, a rule, a subject, or all",
    .request = &request_alerts_acknowledge,
    .schema = "answer_alerts_acknowledge",
    .answer = answer,
};
