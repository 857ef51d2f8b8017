/* A growable run of bytes with fast number printing. Out of memory ends the
 * program: these are tools, not services. A zeroed struct is empty. */
#ifndef BENCH_BYTES_H
#define BENCH_BYTES_H

#include <stddef.h>
#include <stdint.h>

struct bytes {
    char *at; /* owned; not terminated */
    size_t len, capacity;
};

void bytes_put(struct bytes *b, const void *data, size_t len);
void bytes_string(struct bytes *b, const char *terminated);
void bytes_byte(struct bytes *b, unsigned byte);
void bytes_unsigned(struct bytes *b, uint64_t number);

/* bytes_tenths writes 215 as 21.5 and 210 as 21, the shortest form. */
void bytes_tenths(struct bytes *b, unsigned tenths);

/* bytes_big_endian writes the lowest `size` bytes of `number`, highest first. */
void bytes_big_endian(struct bytes *b, uint64_t number, unsigned size);

/* bytes_template writes `pattern` with every %d in it replaced by `number`. */
void bytes_template(struct bytes *b, const char *pattern, uint64_t number);

void bytes_free(struct bytes *b);

#endif
