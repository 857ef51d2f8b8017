/* CRC-32C (Castagnoli polynomial, RFC 3720 appendix B.4), with the instruction of an
 * x86-64 processor that has it (SSE 4.2, asked at run time) and a table elsewhere. */
#ifndef BASE_CRC32C_H
#define BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* crc32c continues from `seed`: 0 for a first run, or the result over the bytes
 * before. */
uint32_t crc32c(uint32_t seed, const void *bytes, size_t len);

/* crc32c_portable gives the same by the table alone. */
uint32_t crc32c_portable(uint32_t seed, const void *bytes, size_t len);

#endif
