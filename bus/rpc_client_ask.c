#include <inttypes.h>
#include <stdio.h>

#include "bus/rpc_client_parts.h"

/* A service that ends answers first and says offline then, perhaps on another connection, so that
 * the answer may be the later one by a moment. */
#define GRACE_MS 50

void rpc_answer_free(struct rpc_answer *answer)
{
    buf_free(&answer->payload);
    buf_free(&answer->content_type);
}

/* Turns the client until `over` says that the wait is over, and how; ERR_TIMEOUT, without words, at
 * end_ms. */
static enum err wait_for(struct rpc_client *c,
                         bool (*over)(struct rpc_client *c, enum err *ret_outcome,
                                      struct err_reason *why),
                         int64_t end_ms, struct err_reason *why)
{
    enum err outcome;
    for (;;) {
        uint32_t wants_ms = rpc_client_turn(c);
        if (over(c, &outcome, why))
            return outcome;
        if (rpc_client_stopped(c))
            return err_explain(why, ERR_CLOSED, "stopped while waiting");
        if (rpc_client_now_ms() >= end_ms)
            return ERR_TIMEOUT;
        rpc_client_pause(c, wants_ms, end_ms);
    }
}

static enum err explain_last_error(struct rpc_client *c, enum err err, const char *what,
                                   struct err_reason *why)
{
    struct err_reason last;
    bus_client_last_error(c->bus, &last);
    return err_explain(why, err, "%s%s%s", what, last.text[0] ? ": " : "", last.text);
}

static bool is_subscribed(struct rpc_client *c, enum err *ret_outcome, struct err_reason *why)
{
    if (!atomic_load(&c->subscribed))
        return false;
    *ret_outcome = bus_client_refused(c->bus) == 0
                       ? ERR_OK
                       : explain_last_error(c, ERR_REFUSED, "no answer could be heard", why);
    return true;
}

static bool same_connection(struct rpc_client *c)
{
    return atomic_load(&c->subscribed) && atomic_load(&c->connection) == c->pending.connection;
}

static bool is_answered(struct rpc_client *c, enum err *ret_outcome, struct err_reason *why)
{
    const struct rpc_pending *p = &c->pending;
    bool past_grace = p->gone && rpc_client_now_ms() >= p->gone_ms + GRACE_MS;
    if (p->answer)
        *ret_outcome = p->answer->overflow
                           ? err_explain(why, ERR_TOO_LARGE, "the answer is too large to be taken")
                           : ERR_OK;
    else if (!same_connection(c))
        *ret_outcome =
            explain_last_error(c, ERR_CLOSED, "the connection broke before the answer came", why);
    else if (past_grace)
        *ret_outcome = err_explain(why, ERR_CLOSED, "the service went offline before it answered");
    else if (c->service == RPC_SERVICE_OFFLINE && !p->gone)
        *ret_outcome = err_explain(why, ERR_REFUSED, "the service is offline");
    else if (atomic_load(&c->refused))
        *ret_outcome = explain_last_error(c, ERR_REFUSED, "the question was not taken", why);
    else
        return false;
    return true;
}

/* Not waited for: paho 1.3.12 does not say what a PUBACK said ("No matching subscribers"), and a
 * refusal is told to `lost`. */
static enum err send(struct rpc_client *c, const struct rpc_question *question, int64_t end_ms,
                     struct err_reason *why)
{
    int64_t left_ms = end_ms - rpc_client_now_ms();
    struct bus_publish how = {.qos = 1,
                              .expiry_s = left_ms > 0 ? (uint32_t)((left_ms + 999) / 1000) : 1,
                              .content_type = question->content_type,
                              .response_topic = text_of(c->response_topic),
                              .correlation = text_of(c->pending.correlation)};
    atomic_store(&c->refused, false);
    c->pending.connection = atomic_load(&c->connection);
    enum err err = bus_client_publish(c->bus, question->topic, question->payload, how);
    return err ? err_explain(why, err, "the question to '%s' cannot be sent: %s", question->topic,
                             err_text(err))
               : ERR_OK;
}

static enum err explain_silence(const struct rpc_client *c, uint32_t timeout_ms,
                                struct err_reason *why)
{
    if (!c->status_topic)
        return err_explain(why, ERR_TIMEOUT, "no answer came within %" PRIu32 " ms", timeout_ms);
    if (c->service == RPC_SERVICE_ONLINE)
        return err_explain(why, ERR_TIMEOUT,
                           "no answer came within %" PRIu32 " ms from the service, which is online",
                           timeout_ms);
    return err_explain(why, ERR_TIMEOUT,
                       "no answer came within %" PRIu32
                       " ms, and no service has said on '%s' that it is online",
                       timeout_ms, c->status_topic);
}

/* With the question pending; leaves its answer there. */
static enum err ask(struct rpc_client *c, const struct rpc_question *question, int64_t end_ms,
                    struct err_reason *why)
{
    enum err err = wait_for(c, is_subscribed, end_ms, why);
    if (err == ERR_TIMEOUT)
        return explain_last_error(c, err, "no connection to the broker in time", why);
    if (err)
        return err;
    if (c->service == RPC_SERVICE_OFFLINE)
        return err_explain(why, ERR_REFUSED, "the service is offline");
    err = send(c, question, end_ms, why);
    if (err)
        return err;
    err = wait_for(c, is_answered, end_ms, why);
    return err == ERR_TIMEOUT ? explain_silence(c, question->timeout_ms, why) : err;
}

static enum err copy_answer(const struct rpc_request *message, struct rpc_answer *ret_answer,
                            struct err_reason *why)
{
    buf_reset(&ret_answer->payload);
    buf_reset(&ret_answer->content_type);
    buf_text(&ret_answer->payload, message->payload);
    buf_text(&ret_answer->content_type, message->content_type);
    return ret_answer->payload.failed || ret_answer->content_type.failed
               ? err_explain(why, ERR_NOMEM, "no memory for an answer of %zu bytes",
                             message->payload.len)
               : ERR_OK;
}

enum err rpc_client_ask(struct rpc_client *c, const struct rpc_question *question,
                        struct rpc_answer *ret_answer, struct err_reason *why)
{
    int64_t end_ms = rpc_client_now_ms() + question->timeout_ms;
    snprintf(c->pending.correlation, sizeof c->pending.correlation, "%016" PRIx64,
             c->next_correlation++);
    enum err err = ask(c, question, end_ms, why);
    if (err == ERR_OK)
        err = copy_answer(c->pending.answer, ret_answer, why);
    rpc_request_free(c->pending.answer);
    c->pending = (struct rpc_pending){.answer = NULL};
    return err;
}
