/* Any bytes as the records of a segment, in memory: what claims to be a record is read only where
 * its header CRC is right and it lies within the limit, nothing outside is touched, and a search
 * gives what reading would take.
 *
 * The first byte chooses: 1 the header CRCs are made right along the chain of lengths that the
 * input claims, 2 the body CRCs too, 4 the limit is cut; the second is where reading begins, in
 * steps of 8. */
#include <stdio.h>
#include <stdlib.h>

#include "base/crc32c.h"
#include "writer/journal/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SEGMENT UINT64_C(0x1122334455667788)

static void check(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

static size_t body_size(const struct record_header *h)
{
    return (size_t)h->topic_len + h->payload_len + h->content_type_len + h->response_topic_len +
           h->correlation_len;
}

static void fix(char *bytes, size_t limit, uint32_t seed, bool bodies)
{
    for (size_t at = 0; at + sizeof(struct record_header) <= limit;) {
        struct record_header h;
        memcpy(&h, bytes + at, sizeof h);
        const size_t whole = record_size_of(&h), left = limit - at;
        const uint32_t place = (uint32_t)at;
        if (bodies && whole <= left)
            h.body_crc = crc32c(0, bytes + at + sizeof h, body_size(&h));
        h.header_crc = crc32c(crc32c(seed, &place, 4), (char *)&h + 4, sizeof h - 4);
        memcpy(bytes + at, &h, sizeof h);
        at += whole <= left ? whole : RECORD_ALIGN;
    }
}

static unsigned sum(struct text t)
{
    unsigned total = 0;
    for (size_t i = 0; i < t.len; i++)
        total += (unsigned char)t.at[i];
    return total;
}

/* Reads all of it, within the bytes, and writes it again: the same bytes come out. */
static void check_record(const char *bytes, size_t limit, size_t at, uint32_t seed,
                         const struct record_header *h)
{
    static char again[1 << 16];
    const char *body = bytes + at + sizeof *h;
    struct journal_record r;
    check(at + record_size_of(h) <= limit, "a sound header keeps its record within the limit");
    check(record_size_of(h) % RECORD_ALIGN == 0, "records are aligned");
    record_view(body, h, &r);
    volatile unsigned read = sum(r.topic) + sum(r.payload) + sum(r.content_type) +
                             sum(r.response_topic) + sum(r.correlation);
    (void)read;
    check(r.topic.len + r.payload.len + r.content_type.len + r.response_topic.len +
                  r.correlation.len ==
              body_size(h),
          "the texts are the body");
    if (!record_body_sound(body, h) || at + record_size_of(h) > sizeof again)
        return;
    struct record_header back;
    check(record_size(&r) == record_size_of(h), "sizes agree");
    record_write(again, at + record_size_of(h), at, seed, &r, record_content_crc(&r));
    check(record_header_at(again, sizeof again, at, seed, &back), "what is written can be read");
    check(record_body_sound(again + at + sizeof back, &back), "and its body");
    check(memcmp(again + at + sizeof back, body, body_size(h)) == 0, "which is the same");
    check(back.number == r.number && back.arrival_ns == r.arrival_ns, "as are the numbers");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    const unsigned choice = data[0];
    const size_t begin = (size_t)data[1] * RECORD_ALIGN;
    const uint32_t seed = record_seed(SEGMENT);
    size_t len = size - 2;
    char *bytes = malloc(len ? len : 1); /* so that the sanitizer sees both ends */
    if (!bytes)
        return 0;
    memcpy(bytes, data + 2, len);
    if (choice & 1)
        fix(bytes, len, seed, choice & 2);
    const size_t limit = choice & 4 ? len / 2 : len;
    struct record_header h, found;
    for (size_t at = 0; at + sizeof h <= limit; at += RECORD_ALIGN)
        if (record_header_at(bytes, limit, at, seed, &h))
            check_record(bytes, limit, at, seed, &h);
    const size_t place = record_find(bytes, limit, begin, seed, 1, &found);
    check(place == 0 || place >= begin, "a search goes forwards");
    if (place > 0) {
        check(record_header_at(bytes, limit, place, seed, &h), "what is found is sound");
        check(memcmp(&h, &found, sizeof h) == 0 && found.number >= 1, "and the one asked for");
    }
    for (size_t at = begin; at > 0 && at + sizeof h <= limit && at < (place ? place : limit);
         at += RECORD_ALIGN)
        check(!record_header_at(bytes, limit, at, seed, &h), "none is passed over");
    free(bytes);
    return 0;
}
