#include "query-service/asker.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/msgpack.h"
#include "bus/rpc_address.h"
#include "schemas/topics.h"

/* What the payload says, as far as it is text; anything else is for the decoder to refuse. */
static struct text said(struct value root, const char *key)
{
    struct value found;
    if (value_kind(root) == VALUE_MAP && value_get(root, text_of(key), &found) &&
        value_kind(found) == VALUE_TEXT)
        return value_text(found);
    return (struct text){NULL, 0};
}

static int64_t deadline_of(const struct rpc_request *request)
{
    int64_t span_ms = request->expiry_s ? (int64_t)request->expiry_s * 1000 : ASKER_DEADLINE_MS;
    return request->arrived_ms +
           (span_ms < ASKER_DEADLINE_MAX_MS ? span_ms : ASKER_DEADLINE_MAX_MS);
}

static const char *put(char **at, struct text text)
{
    char *start = *at;
    if (text.len)
        memcpy(start, text.at, text.len);
    start[text.len] = '\0';
    *at += text.len + 1;
    return start;
}

static struct asker *asker_new(struct text topic, struct text correlation, struct text transaction)
{
    size_t size = sizeof(struct asker) + topic.len + correlation.len + transaction.len + 3;
    struct asker *asker = malloc(size);
    if (!asker)
        return NULL;
    *asker = (struct asker){.size = size};
    char *at = asker->bytes;
    asker->topic = put(&at, topic);
    asker->correlation = (struct text){put(&at, correlation), correlation.len};
    asker->transaction = (struct text){put(&at, transaction), transaction.len};
    return asker;
}

enum err asker_make(const char *topic_root, const struct rpc_request *request, struct value root,
                    struct asker **ret_asker, struct err_reason *why)
{
    struct text transaction = said(root, "transaction"), topic = request->response_topic;
    struct buf made = {0};
    if (topic.len == 0)
        topic = said(root, "reply_to");
    bool named = topic.len > 0;
    if (!named) {
        struct text endpoint = topic_parse(topic_root, request->topic).name;
        buf_text(&made, endpoint);
        buf_char(&made, '\0');
        struct buf whole = {0};
        if (!made.failed)
            topic_response(&whole, topic_root, made.data);
        buf_free(&made);
        made = whole;
        topic = buf_view(&made);
    }
    enum err e = rpc_address_check(topic_root, topic, why);
    if (e == ERR_OK) {
        /* Both are refused then: job_read, answerer. */
        struct text correlation = request->correlation;
        if (transaction.len > ASKER_TRANSACTION_BYTES)
            transaction.len = 0;
        if (correlation.len > ASKER_CORRELATION_BYTES)
            correlation.len = 0;
        struct asker *asker = asker_new(topic, correlation, transaction);
        if (asker) {
            asker->encoding = value_encoding_of(request->content_type, request->payload);
            asker->named_topic = named;
            asker->arrived_ms = request->arrived_ms;
            asker->deadline_ms = deadline_of(request);
            *ret_asker = asker;
        }
        e = asker ? ERR_OK : ERR_NOMEM;
    }
    buf_free(&made);
    return e;
}

enum err asker_make_standing(const char *topic, int64_t now_ms, struct asker **ret_asker)
{
    struct text none = {NULL, 0};
    struct asker *asker = asker_new(text_of(topic), none, none);
    if (!asker)
        return ERR_NOMEM;
    asker->standing = true;
    asker->arrived_ms = now_ms;
    asker->deadline_ms = now_ms + ASKER_DEADLINE_MS;
    *ret_asker = asker;
    return ERR_OK;
}

static void begin(const struct asker *asker, int64_t time_ns, struct buf *out)
{
    char time[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(time_ns - time_ns % CLOCK_NS_PER_MS, time);
    buf_printf(out, "{\"schema\":1,\"timestamp\":\"%s\"", time);
    if (asker->transaction.len) {
        buf_string(out, ",\"transaction\":");
        buf_json_text(out, asker->transaction);
    }
}

/* What was made as JSON goes out as msgpack when it was asked so. */
static enum err finish(const struct asker *asker, struct buf *out)
{
    if (out->failed)
        return ERR_NOMEM;
    if (asker->encoding == VALUE_JSON)
        return ERR_OK;
    struct value root;
    struct value_document *document = value_document_new();
    enum err e =
        document ? value_parse(document, VALUE_JSON, buf_view(out), &root, NULL) : ERR_NOMEM;
    if (e == ERR_OK) {
        struct buf packed = {0};
        msgpack_write(root, &packed);
        value_document_free(document);
        buf_free(out);
        *out = packed;
        return out->failed ? ERR_NOMEM : ERR_OK;
    }
    value_document_free(document);
    return e;
}

enum err asker_answer(const struct asker *asker, const struct asker_envelope *envelope,
                      struct text members, struct buf *out)
{
    begin(asker, envelope->made_ns, out);
    buf_printf(out, ",\"cached\":%s,\"cache_age_s\":", envelope->cached ? "true" : "false");
    buf_number(out, envelope->cache_age_s);
    if (members.len)
        buf_char(out, ',');
    buf_text(out, members);
    buf_char(out, '}');
    return finish(asker, out);
}

enum err asker_error(const struct asker *asker, int64_t now_ns, const char *code,
                     const char *message, struct buf *out)
{
    begin(asker, now_ns, out);
    buf_printf(out, ",\"error\":{\"code\":\"%s\",\"message\":", code);
    buf_json_text(out, text_of(message));
    buf_string(out, "}}");
    return finish(asker, out);
}
