/* rejects: the messages that were rejected lately, the newest first, as the service heard them. */
#include "query-service/endpoints/figures_json.h"
#include "query-service/endpoints/rejects_heard.h"
#include "query-service/endpoints/table.h"

#define LIMIT_DEFAULT 50

static enum err answer(const struct question *question, const struct gather_results *const *results,
                       unsigned stages, struct buf *out, struct err_reason *why)
{
    const struct request *request = question->request;
    uint64_t limit = request->limit.present ? request->limit.value : LIMIT_DEFAULT;
    struct text json, reason;
    unsigned count = 0;
    (void)results, (void)stages, (void)why;
    buf_string(out, "\"rejects\":[");
    for (unsigned i = 0; count < limit; i++) {
        if (!rejects_heard_at(question->world->rejects, i, &json, &reason))
            break;
        if (request->reason.len > 0 && !text_equal(request->reason, reason))
            continue;
        if (count++ > 0)
            buf_char(out, ',');
        buf_text(out, json);
    }
    buf_printf(out, "],\"count\":%u", count);
    figures_json_time("heard_since", question->world->started_ns, out);
    return ERR_OK;
}

const struct endpoint endpoint_rejects = {
    .name = "rejects",
    .help = "the messages that were rejected lately, the newest first, each with its reason and "
            "its original",
    .request = &request_rejects,
    .schema = "answer_rejects",
    .answer = answer,
};
