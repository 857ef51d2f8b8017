#include "message.h"

#include <string.h>

enum { CORRELATION = 0x09 };

/* Cuts `len` bytes off the front. */
static bool cut(struct part *rest, size_t len, struct part *ret_part)
{
    if (rest->len < len)
        return false;
    *ret_part = (struct part){rest->at, len};
    rest->at += len;
    rest->len -= len;
    return true;
}

static bool cut_number(struct part *rest, unsigned size, size_t *ret_number)
{
    struct part part;
    if (!cut(rest, size, &part))
        return false;
    *ret_number = 0;
    for (unsigned i = 0; i < size; i++)
        *ret_number = *ret_number << 8 | (uint8_t)part.at[i];
    return true;
}

static bool cut_string(struct part *rest, struct part *ret_part)
{
    size_t len;
    return cut_number(rest, 2, &len) && cut(rest, len, ret_part);
}

/* A Variable Byte Integer (section 1.5.5). */
static bool cut_length(struct part *rest, size_t *ret_length)
{
    size_t byte;
    *ret_length = 0;
    for (unsigned i = 0; i < 4 && cut_number(rest, 1, &byte); i++) {
        *ret_length |= (byte & 0x7f) << (7 * i);
        if (!(byte & 0x80))
            return true;
    }
    return false;
}

/* One property of a PUBLISH (section 3.3.2.3); false for one that it must not have. */
static bool cut_property(struct part *rest, struct message *message)
{
    struct part value;
    size_t id, number;
    if (!cut_number(rest, 1, &id))
        return false;
    switch (id) {
    case 0x01: /* Payload Format Indicator */
        return cut(rest, 1, &value);
    case 0x02: /* Message Expiry Interval */
        return cut(rest, 4, &value);
    case 0x03: /* Content Type */
    case 0x08: /* Response Topic */
        return cut_string(rest, &value);
    case CORRELATION:
        return cut_string(rest, &message->correlation);
    case 0x0b: /* Subscription Identifier */
        return cut_length(rest, &number);
    case 0x23: /* Topic Alias */
        return cut(rest, 2, &value);
    case 0x26: /* User Property */
        return cut_string(rest, &value) && cut_string(rest, &value);
    default:
        return false;
    }
}

bool message_read(const struct wire_packet *packet, struct message *ret_message)
{
    struct message message = {0};
    struct part rest = {(const char *)packet->body, packet->len}, properties, id;
    size_t length;
    if (packet->type != WIRE_PUBLISH || !cut_string(&rest, &message.topic))
        return false;
    if ((packet->flags & 0x06) && !cut(&rest, 2, &id)) /* QoS 1 and 2 have a packet id */
        return false;
    if (!cut_length(&rest, &length) || !cut(&rest, length, &properties))
        return false;
    while (properties.len > 0)
        if (!cut_property(&properties, &message))
            return false;
    message.payload = rest;
    *ret_message = message;
    return true;
}

bool part_has(struct part part, const char *text)
{
    return part.len > 0 && memmem(part.at, part.len, text, strlen(text)) != NULL;
}
