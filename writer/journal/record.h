/* One record as it lies in a segment: a header of 48 bytes, then the body (topic, payload, content
 * type, response topic, correlation, without separators), then zeros up to the next multiple of 8.
 *
 * The header's CRC is seeded with the segment's random id and the record's offset, so bytes of
 * another segment, or of the segment that lay in the same file before, are never taken for a
 * record. The body's CRC begins with topic and payload: up to there it is the content CRC that
 * repeats.h goes by.
 *
 * Pure functions over memory, of any content: nothing outside [base, base + limit) is touched. */
#ifndef WRITER_JOURNAL_RECORD_H
#define WRITER_JOURNAL_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "writer/journal/journal.h"

#define RECORD_ALIGN 8u
#define RECORD_NUMBER_MAX                                                                          \
    (UINT64_C(1) << 48) /* 890 years at 10,000 a second; text never reads as less */

/* As on disk, little endian. A record begins with header_crc, which is written last. */
struct record_header {
    uint32_t header_crc; /* of the offset and of what follows in the header */
    uint32_t body_crc;
    uint64_t number;
    int64_t arrival_ns;
    uint32_t payload_len;
    uint32_t subscription_id;
    uint16_t topic_len;
    uint16_t content_type_len;
    uint16_t response_topic_len;
    uint16_t correlation_len;
    uint16_t packet_id;
    uint8_t type;
    uint8_t flags;
    uint8_t qos;
    uint8_t zero[3];
};

/* record_seed gives what the header CRCs of a segment begin with. */
uint32_t record_seed(uint64_t segment_id);

/* record_size is what the record takes in a segment: header, body, padding. Every text but the
 * payload counts with at most 65,535 bytes, which is MQTT's bound (MQTT 5.0, 1.5.4 and 1.5.6). */
uint64_t record_size(const struct journal_record *record);
size_t record_size_of(const struct record_header *header);

/* record_content_crc is the CRC-32C of topic and payload. */
uint32_t record_content_crc(const struct journal_record *record);

/* record_write puts the record at base + offset, the header last, so that a process killed in
 * between leaves nothing that looks whole. Where there is room up to `limit` the 8 bytes behind it
 * are zeroed first: the end of the log is recognisable even in a file that was used before. The
 * caller has checked that record_size fits. */
void record_write(char *base, size_t limit, size_t offset, uint32_t seed,
                  const struct journal_record *record, uint32_t content_crc);

/* record_header_at reads and checks the header at `offset`: false when the CRC is wrong or the
 * record would reach past `limit`. */
bool record_header_at(const char *base, size_t limit, size_t offset, uint32_t seed,
                      struct record_header *ret_header);

/* record_find gives the first offset from `offset` on, in steps of 8, that has a sound header with
 * `number` or a later one; 0 when there is none below `limit`. */
size_t record_find(const char *base, size_t limit, size_t offset, uint32_t seed, uint64_t number,
                   struct record_header *ret_header);

/* record_body_sound checks the body that begins at `body`. */
bool record_body_sound(const char *body, const struct record_header *header);

/* record_view gives the record; its texts point into `body`. */
void record_view(const char *body, const struct record_header *header,
                 struct journal_record *ret_record);

#endif
