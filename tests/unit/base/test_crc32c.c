/* CRC-32C against the vectors of RFC 3720 B.4 and a bit by bit reckoning. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/crc32c.h"

static uint32_t bit_by_bit(uint32_t crc, const unsigned char *bytes, size_t len)
{
    crc = ~crc;
    for (size_t i = 0; i < len; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (crc & 1 ? 0x82F63B78u : 0);
    }
    return ~crc;
}

static void gives_the_known_values(void **state)
{
    (void)state;
    unsigned char bytes[32];
    assert_int_equal(crc32c(0, "123456789", 9), 0xE3069283);
    assert_int_equal(crc32c(0, NULL, 0), 0);
    memset(bytes, 0, sizeof bytes);
    assert_int_equal(crc32c(0, bytes, 32), 0x8A9136AA);
    memset(bytes, 0xFF, sizeof bytes);
    assert_int_equal(crc32c(0, bytes, 32), 0x62A8AB43);
    for (size_t i = 0; i < 32; i++)
        bytes[i] = (unsigned char)i;
    assert_int_equal(crc32c(0, bytes, 32), 0x46DD794E);
}

/* Every byte value, length and alignment, in one piece and in two. */
static void agrees_with_the_definition(void **state)
{
    (void)state;
    unsigned char bytes[300];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 7 + (i >> 8));
    for (size_t start = 0; start < 9; start++) {
        for (size_t len = 0; start + len <= sizeof bytes; len++) {
            uint32_t right = bit_by_bit(5, bytes + start, len);
            assert_int_equal(crc32c(5, bytes + start, len), right);
            assert_int_equal(crc32c_portable(5, bytes + start, len), right);
            size_t half = len / 3;
            assert_int_equal(
                crc32c(crc32c(5, bytes + start, half), bytes + start + half, len - half), right);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_known_values),
        cmocka_unit_test(agrees_with_the_definition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
