#include "base/zone.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/zone_rule.h"

#define FOLDER         "/usr/share/zoneinfo/"
#define FILE_MAX_BYTES (64 * 1024)
#define HEADER_BYTES   44
#define OFFSET_MAX_S   (26 * 3600)
#define DAY_S          86400

struct change {
    int64_t at_s;     /* UTC */
    int32_t offset_s; /* from then on */
};

struct zone {
    int32_t first_offset_s; /* before the first change */
    bool ruled;
    struct zone_rule rule; /* behind the last change */
    size_t count;
    struct change changes[];
};

/* One of the two blocks of a file: how many there are of everything, and where it begins. */
struct block {
    uint32_t utc_flags, standard_flags, leaps, times, types, letters;
    const unsigned char *data;
    size_t bytes;
};

static int64_t big_endian(const unsigned char *at, unsigned bytes)
{
    uint64_t value = at[0] & 0x80 ? UINT64_MAX : 0;
    for (unsigned i = 0; i < bytes; i++)
        value = value << 8 | at[i];
    return (int64_t)value;
}

/* False when the block does not lie within the file. */
static bool read_block(struct text file, size_t from, unsigned time_bytes, struct block *ret_block)
{
    const unsigned char *at = (const unsigned char *)file.at + from;
    if (file.len < from || file.len - from < HEADER_BYTES || memcmp(at, "TZif", 4) != 0)
        return false;
    uint32_t counts[6];
    for (unsigned i = 0; i < 6; i++) {
        int64_t count = big_endian(at + 20 + 4 * (size_t)i, 4);
        if (count < 0 || count > FILE_MAX_BYTES)
            return false;
        counts[i] = (uint32_t)count;
    }
    struct block block = {counts[0], counts[1], counts[2],         counts[3],
                          counts[4], counts[5], at + HEADER_BYTES, 0};
    block.bytes = (size_t)block.times * (time_bytes + 1) + (size_t)block.types * 6 + block.letters +
                  (size_t)block.leaps * (time_bytes + 4) + block.standard_flags + block.utc_flags;
    if (block.types == 0 || block.bytes > file.len - from - HEADER_BYTES)
        return false;
    *ret_block = block;
    return true;
}

static bool read_offset(const struct block *block, unsigned type, int32_t *ret_offset_s)
{
    const unsigned char *types = block->data + (size_t)block->times * 9;
    if (type >= block->types)
        return false;
    int64_t offset = big_endian(types + (size_t)type * 6, 4);
    *ret_offset_s = (int32_t)offset;
    return offset > -OFFSET_MAX_S && offset < OFFSET_MAX_S;
}

static bool read_changes(const struct block *block, struct zone *zone)
{
    const unsigned char *type = block->data + (size_t)block->times * 8;
    for (size_t i = 0; i < block->times; i++) {
        struct change *change = &zone->changes[i];
        change->at_s = big_endian(block->data + i * 8, 8);
        if (!read_offset(block, type[i], &change->offset_s) ||
            (i > 0 && change->at_s <= zone->changes[i - 1].at_s))
            return false;
    }
    zone->count = block->times;
    return read_offset(block, 0, &zone->first_offset_s);
}

/* A newline, the rule or nothing, a newline. */
static bool read_footer(struct text file, const struct block *block, struct zone *zone)
{
    const char *at = (const char *)block->data + block->bytes;
    const char *file_end = file.at + file.len;
    if (at == file_end || *at != '\n')
        return false;
    at++;
    const char *end = at == file_end ? NULL : memchr(at, '\n', (size_t)(file_end - at));
    if (!end)
        return false;
    zone->ruled = end > at;
    return !zone->ruled || zone_rule_parse((struct text){at, (size_t)(end - at)}, &zone->rule);
}

enum err zone_parse(struct text file, struct zone **ret_zone, struct err_reason *why)
{
    struct block old, block;
    if (!read_block(file, 0, 4, &old) || file.at[4] < '2' ||
        !read_block(file, HEADER_BYTES + old.bytes, 8, &block))
        return err_explain(why, ERR_INVALID, "no time zone file of version 2 or later");
    struct zone *zone = calloc(1, sizeof *zone + block.times * sizeof zone->changes[0]);
    if (!zone)
        return err_explain(why, ERR_NOMEM, "no memory for a time zone");
    if (!read_changes(&block, zone) || !read_footer(file, &block, zone)) {
        zone_close(zone);
        return err_explain(why, ERR_INVALID, "the time zone file is damaged");
    }
    *ret_zone = zone;
    return ERR_OK;
}

/* Letters, digits and _ + - / without dots: nothing that leads out of the folder. */
static bool is_name(const char *name)
{
    size_t len = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/");
    return len > 0 && len < ZONE_NAME_BYTES && name[len] == '\0' && name[0] != '/';
}

static enum err open_file(const char *name, struct zone **ret_zone, struct err_reason *why)
{
    char path[sizeof FOLDER + ZONE_NAME_BYTES];
    snprintf(path, sizeof path, FOLDER "%s", name);
    char *bytes = malloc(FILE_MAX_BYTES);
    if (!bytes)
        return err_explain(why, ERR_NOMEM, "no memory for a time zone");
    FILE *file = fopen(path, "re");
    size_t len = file ? fread(bytes, 1, FILE_MAX_BYTES, file) : 0;
    enum err err;
    struct err_reason inner = {""};
    if (len == 0) /* a folder ("Europe") opens, and gives nothing to read */
        err = err_explain(why, ERR_NOT_FOUND,
                          "\"%s\" is no time zone that this machine knows (%s); right would be "
                          "one like Europe/Berlin",
                          name, path);
    else if ((err = zone_parse((struct text){bytes, len}, ret_zone, &inner)) != ERR_OK)
        err = err_explain(why, err, "%s: %s", path, inner.text);
    if (file)
        fclose(file);
    free(bytes);
    return err;
}

enum err zone_open(const char *name, struct zone **ret_zone, struct err_reason *why)
{
    if (strcmp(name, "UTC") == 0) {
        *ret_zone = calloc(1, sizeof **ret_zone);
        return *ret_zone ? ERR_OK : err_explain(why, ERR_NOMEM, "no memory for a time zone");
    }
    if (!is_name(name))
        return err_explain(why, ERR_INVALID,
                           "\"%.64s\" is no name of a time zone; right would be one like "
                           "Europe/Berlin",
                           name);
    return open_file(name, ret_zone, why);
}

void zone_close(struct zone *zone)
{
    free(zone);
}

static int32_t offset_until(const struct zone *zone, int64_t utc_s, int64_t *ret_until_s)
{
    size_t low = 0, high = zone->count; /* the changes before `low` are not later than utc_s */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (zone->changes[middle].at_s <= utc_s)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == zone->count && zone->ruled)
        return zone_rule_offset_s(&zone->rule, utc_s, ret_until_s);
    *ret_until_s = low < zone->count ? zone->changes[low].at_s : INT64_MAX;
    return low == 0 ? zone->first_offset_s : zone->changes[low - 1].offset_s;
}

int32_t zone_offset_s(const struct zone *zone, int64_t utc_s, int64_t *ret_until_s)
{
    int64_t until_s;
    int32_t offset_s = offset_until(zone, utc_s, &until_s);
    if (ret_until_s)
        *ret_until_s = until_s;
    return offset_s;
}

int64_t zone_utc_s(const struct zone *zone, int64_t local_s, int64_t near_s)
{
    int32_t before = zone_offset_s(zone, local_s - DAY_S, NULL);
    int32_t after = zone_offset_s(zone, local_s + DAY_S, NULL);
    int64_t first = local_s - before, second = local_s - after;
    if (before == after || zone_offset_s(zone, second, NULL) != after)
        return first;
    if (zone_offset_s(zone, first, NULL) != before)
        return second;
    return llabs(first - near_s) <= llabs(second - near_s) ? first : second;
}

int64_t zone_day(const struct zone *zone, int64_t utc_s)
{
    int64_t local_s = utc_s + zone_offset_s(zone, utc_s, NULL);
    return local_s / DAY_S - (local_s % DAY_S < 0);
}

int64_t zone_day_start(const struct zone *zone, int64_t day)
{
    /* The first second at which the local day is `day` or later: walk the stretches of equal offset
     * from before any zone can have begun it. */
    for (int64_t at = (day - 2) * DAY_S, until;; at = until) {
        int64_t begins = day * DAY_S - zone_offset_s(zone, at, &until);
        if (begins < until)
            return begins > at ? begins : at;
    }
}
