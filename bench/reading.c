#include "reading.h"

#include <string.h>

struct figure {
    const char *name;
    unsigned base, spread; /* in tenths */
};

static const struct figure figures[] = {
    {"temperature", 180, 97},
    {"humidity", 400, 211},
};

#define FIGURE_COUNT (sizeof(figures) / sizeof(figures[0]))

static unsigned figure_tenths(const struct figure *f, uint64_t number)
{
    return f->base + (unsigned)(number % f->spread);
}

void reading_json(struct bytes *out, uint64_t number, uint64_t device)
{
    size_t start = out->len;
    bytes_string(out, "{\"device\":\"dev-");
    bytes_unsigned(out, device);
    bytes_byte(out, '"');
    for (size_t i = 0; i < FIGURE_COUNT; i++) {
        bytes_string(out, ",\"");
        bytes_string(out, figures[i].name);
        bytes_string(out, "\":");
        bytes_tenths(out, figure_tenths(&figures[i], number));
    }
    bytes_string(out, ",\"seq\":");
    bytes_unsigned(out, number);
    while (out->len - start < READING_JSON_BYTES - 1)
        bytes_byte(out, ' ');
    bytes_byte(out, '}');
}

static void msgpack_key(struct bytes *out, const char *key)
{
    bytes_byte(out, 0xa0 | (unsigned)strlen(key)); /* fixstr */
    bytes_string(out, key);
}

static void msgpack_double(struct bytes *out, double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof(bits));
    bytes_byte(out, 0xcb);
    bytes_big_endian(out, bits, 8);
}

/* Timestamp 64 of the msgpack specification: 30 bits of ns, 34 bits of s. */
static void msgpack_time(struct bytes *out, int64_t time_ns)
{
    uint64_t seconds = (uint64_t)(time_ns / 1000000000);
    uint64_t rest = (uint64_t)(time_ns % 1000000000);
    bytes_byte(out, 0xd7);
    bytes_byte(out, 0xff);
    bytes_big_endian(out, rest << 34 | seconds, 8);
}

void reading_msgpack(struct bytes *out, uint64_t first, unsigned count, int64_t time_ns)
{
    bytes_byte(out, 0xdc);
    bytes_big_endian(out, count, 2);
    for (uint64_t number = first; number < first + count; number++) {
        bytes_byte(out, 0x80 | (unsigned)(FIGURE_COUNT + 1 + (time_ns != 0)));
        if (time_ns != 0) {
            msgpack_key(out, "time");
            msgpack_time(out, time_ns + (int64_t)(number - first) * 1000000);
        }
        for (size_t i = 0; i < FIGURE_COUNT; i++) {
            msgpack_key(out, figures[i].name);
            msgpack_double(out, figure_tenths(&figures[i], number) / 10.0);
        }
        msgpack_key(out, "seq");
        bytes_byte(out, 0xcf);
        bytes_big_endian(out, number, 8);
    }
}

void reading_line(struct bytes *out, uint64_t number, const char *device, int64_t time_ns)
{
    bytes_string(out, "device_metrics,device_id=");
    bytes_string(out, device);
    for (size_t i = 0; i < FIGURE_COUNT; i++) {
        bytes_byte(out, i == 0 ? ' ' : ',');
        bytes_string(out, figures[i].name);
        bytes_byte(out, '=');
        bytes_tenths(out, figure_tenths(&figures[i], number));
    }
    bytes_string(out, ",seq=");
    bytes_unsigned(out, number);
    bytes_byte(out, ' ');
    bytes_unsigned(out, (uint64_t)time_ns);
    bytes_byte(out, '\n');
}
