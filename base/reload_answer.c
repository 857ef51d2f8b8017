#include "base/reload_answer.h"

#include <string.h>

void reload_answer_taken(struct text needs_restart, struct buf *out)
{
    if (!out)
        return;
    buf_string(out, "{\"reload\":\"ok\",\"needs_restart\":[");
    struct text rest = needs_restart;
    for (bool first = true; rest.len > 0; first = false) {
        const char *blank = memchr(rest.at, ' ', rest.len);
        size_t len = blank ? (size_t)(blank - rest.at) : rest.len;
        if (!first)
            buf_char(out, ',');
        buf_json_text(out, (struct text){rest.at, len});
        len += blank ? 1 : 0;
        rest = (struct text){rest.at + len, rest.len - len};
    }
    buf_string(out, "]}\n");
}

void reload_answer_refused(const char *words, struct buf *out)
{
    if (!out)
        return;
    buf_string(out, "{\"reload\":\"refused\",\"reason\":");
    buf_json_text(out, text_of(words));
    buf_string(out, "}\n");
}
