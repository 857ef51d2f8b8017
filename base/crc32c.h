/* CRC-32C (Castagnoli polynomial, RFC 3720 appendix B.4), with the processor's
 * instruction where it has one. */
#ifndef BASE_CRC32C_H
#define BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* crc32c continues from `seed`: 0 for a first run, or the result over the bytes
 * before. */
uint32_t crc32c(uint32_t seed, const void *bytes, size_t len);

#endif
