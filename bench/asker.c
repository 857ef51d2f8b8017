#include "asker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

enum { PATIENCE_S = 10 };

static bool await_suback(struct asker *a)
{
    double until = report_monotonic_s() + PATIENCE_S;
    struct wire_packet packet;
    while (report_monotonic_s() < until) {
        if (!wire_write(&a->wire) || !wire_read(&a->wire))
            return false;
        if (wire_next(&a->wire, &packet) && packet.type == WIRE_SUBACK)
            return true;
        wire_wait(&a->wire, 1);
    }
    snprintf(a->wire.why, sizeof a->wire.why, "no SUBACK within %d s", PATIENCE_S);
    return false;
}

bool asker_open(struct asker *a, const char *host, const char *port, const char *id)
{
    const struct wire_connect c = {
        .host = host, .port = port, .client_id = id, .receive_maximum = UINT16_MAX};
    snprintf(a->response_topic, sizeof a->response_topic, "hearthline/response/%s", id);
    a->wire.descriptor = -1;
    if (!wire_open(&a->wire, &c))
        return false;
    wire_subscribe(&a->wire, a->response_topic, 0);
    return await_suback(a);
}

bool asker_ask(struct asker *a, const struct asker_request *request)
{
    char correlation[24];
    snprintf(correlation, sizeof correlation, "%llu", (unsigned long long)request->number);
    wire_publish(&a->wire, &(struct wire_publish){.topic = request->topic,
                                                  .payload = request->payload,
                                                  .response_topic = a->response_topic,
                                                  .correlation = correlation,
                                                  .expiry_s = request->expiry_s});
    return wire_write(&a->wire);
}

static enum answer_kind kind_of(struct part payload)
{
    static const struct {
        const char *text;
        enum answer_kind kind;
    } errors[] = {
        {"\"error\":{\"code\":\"busy\"", ANSWER_BUSY},
        {"\"error\":{\"code\":\"bad_request\"", ANSWER_BAD_REQUEST},
        {"\"error\":{\"code\":\"timeout\"", ANSWER_TIMEOUT},
        {"\"error\":{\"code\"", ANSWER_OTHER_ERROR},
    };
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
        if (part_has(payload, errors[i].text))
            return errors[i].kind;
    return ANSWER_OK;
}

bool asker_read(struct asker *a)
{
    return wire_read(&a->wire);
}

bool asker_next(struct asker *a, struct answer *ret_answer)
{
    struct wire_packet packet;
    struct message message;
    char number[24];
    while (wire_next(&a->wire, &packet)) {
        if (!message_read(&packet, &message) || message.correlation.len >= sizeof number)
            continue;
        memcpy(number, message.correlation.at, message.correlation.len);
        number[message.correlation.len] = '\0';
        *ret_answer =
            (struct answer){.number = strtoull(number, NULL, 10),
                            .kind = kind_of(message.payload),
                            .cached = part_has(message.payload, "\"cached\":true"),
                            .fallback = part_has(message.payload, "\"services-fallback\""),
                            .bytes = message.payload.len};
        return true;
    }
    return false;
}

void asker_close(struct asker *a)
{
    wire_close(&a->wire, true);
    wire_free(&a->wire);
}
