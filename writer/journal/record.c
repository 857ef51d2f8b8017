#include "writer/journal/record.h"

#include "base/crc32c.h"

_Static_assert(sizeof(struct record_header) == 48, "the header has no padding");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the files are little endian");

#define TEXT_MAX 65535u

static size_t bounded(struct text t)
{
    return t.len < TEXT_MAX ? t.len : TEXT_MAX;
}

static uint64_t aligned(uint64_t size)
{
    return (size + RECORD_ALIGN - 1) & ~(uint64_t)(RECORD_ALIGN - 1);
}

uint32_t record_seed(uint64_t segment_id)
{
    return crc32c(0, &segment_id, sizeof segment_id);
}

uint64_t record_size(const struct journal_record *record)
{
    return aligned(sizeof(struct record_header) + bounded(record->topic) +
                   (uint64_t)record->payload.len + bounded(record->content_type) +
                   bounded(record->response_topic) + bounded(record->correlation));
}

static size_t body_size(const struct record_header *h)
{
    return (size_t)h->topic_len + h->payload_len + h->content_type_len + h->response_topic_len +
           h->correlation_len;
}

size_t record_size_of(const struct record_header *header)
{
    return aligned(sizeof *header + body_size(header));
}

uint32_t record_content_crc(const struct journal_record *record)
{
    uint32_t crc = crc32c(0, record->topic.at, bounded(record->topic));
    return crc32c(crc, record->payload.at, record->payload.len);
}

static uint32_t header_crc(const struct record_header *header, size_t offset, uint32_t seed)
{
    uint32_t place = (uint32_t)offset;
    size_t skipped = sizeof header->header_crc;
    return crc32c(crc32c(seed, &place, sizeof place), (const char *)header + skipped,
                  sizeof *header - skipped);
}

static char *copy(char *to, struct text t, size_t len)
{
    if (len > 0)
        memcpy(to, t.at, len);
    return to + len;
}

void record_write(char *base, size_t limit, size_t offset, uint32_t seed,
                  const struct journal_record *record, uint32_t content_crc)
{
    struct record_header h = {
        .number = record->number,
        .arrival_ns = record->arrival_ns,
        .payload_len = (uint32_t)record->payload.len,
        .subscription_id = record->subscription_id,
        .topic_len = (uint16_t)bounded(record->topic),
        .content_type_len = (uint16_t)bounded(record->content_type),
        .response_topic_len = (uint16_t)bounded(record->response_topic),
        .correlation_len = (uint16_t)bounded(record->correlation),
        .packet_id = record->packet_id,
        .type = (uint8_t)record->type,
        .flags = record->flags,
        .qos = record->qos,
    };
    char *at = base + offset;
    size_t end = offset + record_size_of(&h);
    char *content_end = copy(at + sizeof h, record->topic, h.topic_len);
    content_end = copy(content_end, record->payload, h.payload_len);
    char *body_end = copy(content_end, record->content_type, h.content_type_len);
    body_end = copy(body_end, record->response_topic, h.response_topic_len);
    body_end = copy(body_end, record->correlation, h.correlation_len);
    h.body_crc = crc32c(content_crc, content_end, (size_t)(body_end - content_end));
    h.header_crc = header_crc(&h, offset, seed);

    size_t behind = limit - end < RECORD_ALIGN ? limit - end : RECORD_ALIGN;
    memset(body_end, 0, (size_t)(base + end - body_end) + behind);
    memcpy(at + sizeof h.header_crc, (const char *)&h + sizeof h.header_crc,
           sizeof h - sizeof h.header_crc);
    __atomic_store_n((uint32_t *)(void *)at, h.header_crc, __ATOMIC_RELEASE);
}

bool record_header_at(const char *base, size_t limit, size_t offset, uint32_t seed,
                      struct record_header *ret_header)
{
    struct record_header h;
    if (limit < sizeof h || offset > limit - sizeof h || offset % RECORD_ALIGN != 0)
        return false;
    /* A copy, because another process may write there; the CRC first, because it is written last.
     */
    h.header_crc =
        __atomic_load_n((const uint32_t *)(const void *)(base + offset), __ATOMIC_ACQUIRE);
    memcpy((char *)&h + sizeof h.header_crc, base + offset + sizeof h.header_crc,
           sizeof h - sizeof h.header_crc);
    if (h.number == 0 || h.number >= RECORD_NUMBER_MAX || h.type == 0 ||
        record_size_of(&h) > limit - offset || h.header_crc != header_crc(&h, offset, seed))
        return false;
    *ret_header = h;
    return true;
}

size_t record_find(const char *base, size_t limit, size_t offset, uint32_t seed, uint64_t number,
                   struct record_header *ret_header)
{
    const size_t field = offsetof(struct record_header, number);
    for (size_t at = (size_t)aligned(offset); at + sizeof *ret_header <= limit;
         at += RECORD_ALIGN) {
        uint64_t here;
        memcpy(&here, base + at + field, sizeof here);
        if (here >= number && here < RECORD_NUMBER_MAX && /* most places need no CRC */
            record_header_at(base, limit, at, seed, ret_header))
            return at;
    }
    return 0;
}

bool record_body_sound(const char *body, const struct record_header *header)
{
    return crc32c(0, body, body_size(header)) == header->body_crc;
}

static struct text take(const char **at, size_t len)
{
    struct text t = {*at, len};
    *at += len;
    return t;
}

void record_view(const char *body, const struct record_header *header,
                 struct journal_record *ret_record)
{
    *ret_record = (struct journal_record){
        .number = header->number,
        .arrival_ns = header->arrival_ns,
        .type = (enum journal_type)header->type,
        .flags = header->flags,
        .qos = header->qos,
        .packet_id = header->packet_id,
        .subscription_id = header->subscription_id,
        .topic = take(&body, header->topic_len),
        .payload = take(&body, header->payload_len),
        .content_type = take(&body, header->content_type_len),
        .response_topic = take(&body, header->response_topic_len),
        .correlation = take(&body, header->correlation_len),
    };
}
