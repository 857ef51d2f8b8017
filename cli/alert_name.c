#include "cli/alert_name.h"

#include <stdlib.h>

#include "cli/ask_request.h"

static void write_part(const char *key, struct text part, struct buf *request)
{
    if (part.len > 0 && !text_equal(part, TEXT("*")))
        ask_request_text(key, part, request);
}

enum err alert_name_write(const char *name, struct buf *request, struct err_reason *why)
{
    size_t start = request->len;
    struct text service = {NULL, 0}, rule = text_of(name), subject = {NULL, 0};
    const char *slash = strchr(name, '/');
    if (!text_utf8_valid(rule))
        return err_explain(why, ERR_INVALID, "\"%.64s\" is not UTF-8", name);
    if (slash) {
        service = (struct text){name, (size_t)(slash - name)};
        rule = text_of(slash + 1);
        slash = strchr(slash + 1, '/');
    }
    if (slash) {
        rule.len = (size_t)(slash - rule.at);
        subject = text_of(slash + 1);
    }
    write_part("service", service, request);
    write_part("rule", rule, request);
    write_part("subject", subject, request);
    if (request->len == start)
        return err_explain(why, ERR_INVALID,
                           "\"%.64s\" names no alert; right would be SERVICE/RULE/SUBJECT as "
                           "hearthline alerts prints it, or RULE, or SERVICE/RULE",
                           name);
    return ERR_OK;
}

struct text alert_name_by(const char *by)
{
    return text_of(by ? by : getenv("USER"));
}

void alert_name_end(const char *by, const char *reason, struct buf *request)
{
    ask_request_text("by", alert_name_by(by), request);
    ask_request_text("why", text_of(reason), request);
    ask_request_end(request);
}
