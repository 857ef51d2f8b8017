#include "query-service/endpoints/rejects_heard.h"

#include <stdlib.h>

/* One piece of memory: the JSON and then the reason. */
struct kept {
    size_t json_bytes, reason_bytes;
    char bytes[];
};

/* A ring: the newest stands before `next`. */
struct rejects_heard {
    struct kept *kept[REJECTS_HEARD_MAX];
    unsigned next, count;
    size_t bytes;
    struct buf json;
};

struct rejects_heard *rejects_heard_new(void)
{
    return calloc(1, sizeof(struct rejects_heard));
}

/* `back` places behind the newest. */
static unsigned place(const struct rejects_heard *heard, unsigned back)
{
    return (heard->next + REJECTS_HEARD_MAX - 1 - back) % REJECTS_HEARD_MAX;
}

static void drop_oldest(struct rejects_heard *heard)
{
    struct kept **oldest = &heard->kept[place(heard, heard->count - 1)];
    heard->bytes -= (*oldest)->json_bytes;
    free(*oldest);
    *oldest = NULL;
    heard->count--;
}

void rejects_heard_free(struct rejects_heard *heard)
{
    if (!heard)
        return;
    while (heard->count > 0)
        drop_oldest(heard);
    buf_free(&heard->json);
    free(heard);
}

static enum err keep(struct rejects_heard *heard, struct text json, struct text reason)
{
    if (json.len > REJECTS_HEARD_BYTES)
        return ERR_TOO_LARGE;
    struct kept *fresh = malloc(sizeof *fresh + json.len + reason.len);
    if (!fresh)
        return ERR_NOMEM;
    fresh->json_bytes = json.len;
    fresh->reason_bytes = reason.len;
    memcpy(fresh->bytes, json.at, json.len);
    memcpy(fresh->bytes + json.len, reason.at, reason.len);
    while (heard->count == REJECTS_HEARD_MAX || heard->bytes + json.len > REJECTS_HEARD_BYTES)
        drop_oldest(heard);
    heard->kept[heard->next] = fresh;
    heard->next = (heard->next + 1) % REJECTS_HEARD_MAX;
    heard->count++;
    heard->bytes += json.len;
    return ERR_OK;
}

enum err rejects_heard_add(struct rejects_heard *heard, struct value root, struct err_reason *why)
{
    struct rejected message;
    enum err e = rejected_decode(root, &message, why);
    if (e != ERR_OK)
        return e;
    buf_reset(&heard->json);
    rejected_encode(&message, &heard->json);
    if (heard->json.failed)
        return ERR_NOMEM;
    e = keep(heard, buf_view(&heard->json), message.reason);
    return e == ERR_TOO_LARGE ? err_explain(why, e, "more than %u bytes", REJECTS_HEARD_BYTES) : e;
}

bool rejects_heard_at(const struct rejects_heard *heard, unsigned i, struct text *ret_json,
                      struct text *ret_reason)
{
    if (i >= heard->count)
        return false;
    const struct kept *kept = heard->kept[place(heard, i)];
    *ret_json = (struct text){kept->bytes, kept->json_bytes};
    *ret_reason = (struct text){kept->bytes + kept->json_bytes, kept->reason_bytes};
    return true;
}
