/* What InfluxDB says of the types of its fields, into the journal: as records JOURNAL_TYPES, so
 * that the fold depends on records alone (writer/shape/types.h takes them from there). A record
 * says only what the fold does not know yet.
 *
 * InfluxDB 1.x and 2.x fix a type per shard (a week by default), so a field may have several: it
 * then counts as float, integer, text or boolean, the first of these that it has, which is what
 * InfluxDB itself reads, unless the fold knows it as another of them. What the present shard really
 * has is learned when a point is refused. */
#ifndef WRITER_SERVER_TYPES_H
#define WRITER_SERVER_TYPES_H

#include "base/log.h"
#include "influx/table.h"
#include "writer/shape/types.h"

#define SERVER_TYPES_STATEMENT "SHOW FIELD KEYS"

struct server_types {
    struct journal *journal; /* borrowed */
    struct log *log;         /* borrowed */
    struct buf said;         /* the payloads of records that the fold has not come to */
    uint64_t said_until;     /* the number of the last of them */
    struct point point;
    struct buf scratch;
};

/* server_types_listed takes the answer to SERVER_TYPES_STATEMENT; `known` is the fold's memory.
 * With `all_delivered`, when nothing that the fold has seen is still on its way, fields that
 * InfluxDB does not have are forgotten: their measurement was dropped, or all their points have
 * expired. */
void server_types_listed(struct server_types *st, const struct table *table,
                         const struct types *known, bool all_delivered);

/* server_types_refused takes the words with which InfluxDB refused a line. A conflict of types
 * teaches the type that the field has there, unless the point's time is more than a day from
 * `arrival_ns`: that is another shard than those that points of now go to. */
void server_types_refused(struct server_types *st, struct text line, const char *words,
                          int64_t arrival_ns, const struct types *known);

/* server_types_folded: the fold has seen all records before this number. */
void server_types_folded(struct server_types *st, uint64_t number);

void server_types_free(struct server_types *st);

/* server_types_conflict reads from the words which field of the line has which type; false when
 * they speak of something else. Only what stands in the line itself is believed. */
bool server_types_conflict(const struct point *point, const char *words, struct text *ret_key,
                           enum field_type *ret_type);

#endif
