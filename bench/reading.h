/* The readings of the benchmarks: one climate sensor's figures, a pure function of
 * the running number, in each of the forms that they travel in. The JSON form is
 * the 120-byte message of docs/benchmarks.md. */
#ifndef BENCH_READING_H
#define BENCH_READING_H

#include "bytes.h"

#define READING_JSON_BYTES 120

/* reading_json appends {"device":"dev-7","temperature":21.5,"humidity":48.2,"seq":123}, filled up
 * with white space to READING_JSON_BYTES while the numbers leave room for it. */
void reading_json(struct bytes *out, uint64_t number, uint64_t device);

/* reading_msgpack appends an array of `count` maps with the numbers `first`...; with
 * `time_ns` not 0 each has "time" as a msgpack timestamp (extension -1), reading
 * `first` at time_ns and each further one a millisecond later. */
void reading_msgpack(struct bytes *out, uint64_t first, unsigned count, int64_t time_ns);

/* reading_line appends what the writer makes of one reading: a line of
 * device_metrics at time_ns. */
void reading_line(struct bytes *out, uint64_t number, const char *device, int64_t time_ns);

#endif
