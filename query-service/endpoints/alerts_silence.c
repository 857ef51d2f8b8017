/* alerts/silence: alerts that match are not said for a time. */
#include "base/span.h"
#include "query-service/endpoints/table.h"

#define LONGEST_S (366 * 86400LL)

static enum err until_of(const struct question *question, int64_t *ret_until_ns,
                         struct err_reason *why)
{
    const struct request *r = question->request;
    int64_t until_ns = r->end_ns, for_s;
    if (r->end_ns && r->duration.len)
        return err_explain(why, ERR_INVALID, "until and for exclude each other");
    if (!r->end_ns && !r->duration.len)
        return err_explain(why, ERR_INVALID,
                           "how long is missing: \"for\": \"2h\", or \"until\" "
                           "with a time such as 2026-11-20T18:00:00Z");
    if (r->duration.len) {
        struct err_reason span = {{0}};
        if (span_parse(r->duration, &for_s, &span) != ERR_OK)
            return err_explain(why, ERR_INVALID, "for: %s", span.text);
        if (for_s > LONGEST_S)
            return err_explain(why, ERR_INVALID, "for: at most 366d");
        until_ns = question->now_ns + for_s * CLOCK_NS_PER_S;
    }
    if (until_ns <= question->now_ns)
        return err_explain(why, ERR_INVALID,
                           "until lies in the past; to end a silence say "
                           "\"remove\": true");
    if (until_ns - question->now_ns > LONGEST_S * CLOCK_NS_PER_S)
        return err_explain(why, ERR_INVALID, "until lies more than 366 days ahead");
    *ret_until_ns = until_ns;
    return ERR_OK;
}

static enum err match_of(const struct request *request, struct silence *silence,
                         struct err_reason *why)
{
    const struct {
        const char *name;
        char *to;
        size_t size;
    } parts[] = {{"service", silence->service, sizeof silence->service},
                 {"rule", silence->rule, sizeof silence->rule},
                 {"subject", silence->subject, sizeof silence->subject}};
    const size_t matches = sizeof request->match / sizeof request->match[0];
    for (size_t i = 0; i < matches && request->match[i].name.len; i++) {
        struct text value = request->match[i].value;
        for (size_t p = 0; p < sizeof parts / sizeof parts[0]; p++) {
            if (!text_equal(request->match[i].name, text_of(parts[p].name)))
                continue;
            if (value.len >= parts[p].size)
                return err_explain(why, ERR_INVALID, "match.%s: at most %zu bytes", parts[p].name,
                                   parts[p].size - 1);
            fields_copy(parts[p].to, parts[p].size, value);
        }
    }
    return ERR_OK;
}

static enum err silence_of(const struct question *question, struct silence *ret_silence,
                           struct err_reason *why)
{
    const struct request *r = question->request;
    *ret_silence = (struct silence){.until_ns = 0};
    fields_copy(ret_silence->by, sizeof ret_silence->by, r->by);
    fields_copy(ret_silence->why, sizeof ret_silence->why, r->why);
    enum err err = match_of(r, ret_silence, why);
    return err != ERR_OK || r->remove ? err : until_of(question, &ret_silence->until_ns, why);
}

static enum err check(const struct question *question, struct err_reason *why)
{
    struct silence silence;
    return silence_of(question, &silence, why);
}

static enum err answer(const struct question *question, const struct gather_results *const *results,
                       unsigned stages, struct buf *out, struct err_reason *why)
{
    struct silence silence;
    (void)results, (void)stages;
    enum err err = silence_of(question, &silence, why);
    if (err == ERR_OK)
        err = alerts_silence(question->world->alerts, &silence, question->now_ns, why);
    if (err != ERR_OK)
        return err;
    buf_string(out, "\"silences\":");
    alerts_write_silences(question->world->alerts, out);
    return ERR_OK;
}

const struct endpoint endpoint_alerts_silence = {
    .name = "alerts/silence",
    .help = "keeps alerts that match from being said for a time, or takes such a silence away",
    .request = &request_alerts_silence,
    .schema = "answer_alerts_silence",
    .check = check,
    .answer = answer,
};
