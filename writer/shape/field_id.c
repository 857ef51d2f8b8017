#include "writer/shape/field_id.h"

#define FNV_BASIS UINT64_C(14695981039346656037)
#define FNV_PRIME UINT64_C(1099511628211)

static uint64_t hash_byte(uint64_t hash, unsigned char byte)
{
    return (hash ^ byte) * FNV_PRIME;
}

static uint64_t hash_bytes(uint64_t hash, struct text bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        hash = hash_byte(hash, (unsigned char)bytes.at[i]);
    return hash;
}

/* One character as the encoder writes it. */
static unsigned char cleaned(unsigned char c)
{
    if (c == '\\')
        return '/';
    return c < 0x20 || c == 0x7f ? '_' : c;
}

static uint64_t hash_name(uint64_t hash, struct text name)
{
    while (name.len > 0) {
        unsigned char c = (unsigned char)name.at[0];
        size_t len = c < 0x80 ? 1 : text_utf8_sequence(name);
        if (c < 0x80)
            hash = hash_byte(hash, cleaned(c));
        else
            hash = hash_bytes(hash, len ? (struct text){name.at, len} : TEXT("\xEF\xBF\xBD"));
        len = len ? len : 1;
        name = (struct text){name.at + len, name.len - len};
    }
    return hash;
}

uint64_t field_id_measurement(struct text measurement)
{
    uint64_t hash = FNV_BASIS;
    if (measurement.len > 0 && measurement.at[0] == '#') {
        hash = hash_byte(hash, '_');
        measurement = (struct text){measurement.at + 1, measurement.len - 1};
    }
    return hash_byte(hash_name(hash, measurement), 0xff); /* no name has this byte */
}

uint64_t field_id(uint64_t measurement, struct text key)
{
    uint64_t hash = hash_name(measurement, key);
    return text_equal(key, TEXT("time")) ? hash_byte(hash, '_') : hash;
}
