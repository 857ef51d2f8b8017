#include "writer/shape/shaped.h"

#define FNV_BASIS UINT64_C(14695981039346656037)
#define FNV_PRIME UINT64_C(1099511628211)

static uint64_t hash_text(uint64_t h, struct text text)
{
    for (size_t i = 0; i < text.len; i++)
        h = (h ^ (unsigned char)text.at[i]) * FNV_PRIME;
    return (h ^ 0xff) * FNV_PRIME; /* a byte that no text has: "a" "bc" is not "ab" "c" */
}

uint64_t shaped_series(const struct point *point)
{
    uint64_t tags = 0;
    /* Sums do not depend on the order. */
    for (unsigned i = 0; i < point->tag_count; i++)
        tags += hash_text(hash_text(FNV_BASIS, point->tags[i].key), point->tags[i].value);
    uint64_t h = hash_text(FNV_BASIS, point->measurement);
    for (int shift = 0; shift < 64; shift += 8)
        h = (h ^ (tags >> shift & 0xff)) * FNV_PRIME;
    return h;
}

uint64_t shaped_field(uint64_t series, struct text key)
{
    return hash_text(series, key);
}

uint64_t shaped_value(const struct point_field *field)
{
    uint64_t bits = 0;
    switch (field->type) {
    case FIELD_NUMBER:
        memcpy(&bits, &field->number, sizeof bits);
        break;
    case FIELD_INTEGER:
        bits = (uint64_t)field->integer;
        break;
    case FIELD_BOOL:
        bits = field->truth;
        break;
    case FIELD_TEXT:
        bits = shaped_field(1, field->text);
        break;
    }
    return shaped_field(bits, (struct text){(const char[]){(char)('a' + field->type)}, 1});
}
