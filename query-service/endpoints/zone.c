#include "query-service/endpoints/zone.h"

#include <stdio.h>
#include <stdlib.h>

#include "query-service/endpoints/zone_rule.h"

#define ZONE_FOLDER     "/usr/share/zoneinfo/"
#define ZONE_MAX_BYTES  262144
#define ZONE_NAME_BYTES 64

enum { DAY_S = 86400, HEADER_BYTES = 44 };

struct change {
    int64_t at_s;
    int32_t offset_s;
};

struct zone {
    int32_t before_s; /* the offset before the first change */
    struct zone_rule rule;
    bool has_rule; /* it holds from the last change on */
    size_t count;
    struct change changes[];
};

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Numbers of the file are big-endian; what is read was measured before. */
static int64_t read_be(const char *at, unsigned bytes)
{
    uint64_t n = bytes == 4 && ((unsigned char)at[0] & 0x80) ? UINT64_MAX : 0;
    for (unsigned i = 0; i < bytes; i++)
        n = n << 8 | (unsigned char)at[i];
    return (int64_t)n;
}

/* The counts of a header, in the order in which they stand (RFC 8536, section 3.1). */
struct block {
    uint32_t isut, isstd, leap, time, type, chars;
    size_t bytes; /* of the data behind the header */
};

static bool read_header(struct text content, size_t at, unsigned time_bytes, struct block *ret)
{
    uint32_t n[6];
    if (content.len < at + HEADER_BYTES || memcmp(content.at + at, "TZif", 4) != 0 ||
        content.at[at + 4] < '2')
        return false;
    for (unsigned i = 0; i < 6; i++) {
        n[i] = (uint32_t)read_be(content.at + at + 20 + 4 * i, 4);
        if (n[i] > ZONE_MAX_BYTES)
            return false;
    }
    *ret = (struct block){n[0], n[1], n[2], n[3], n[4], n[5], 0};
    ret->bytes = (size_t)ret->time * (time_bytes + 1) + (size_t)ret->type * 6 + ret->chars +
                 (size_t)ret->leap * (time_bytes + 4) + ret->isstd + ret->isut;
    return ret->type > 0 && content.len - at - HEADER_BYTES >= ret->bytes;
}

/* The data of the second block: times, the type of each, types of 6 bytes. */
static bool read_changes(const char *data, const struct block *block, struct zone *zone)
{
    const char *kinds = data + 8 * (size_t)block->time, *types = kinds + block->time;
    zone->before_s = (int32_t)read_be(types, 4);
    for (uint32_t i = 0; i < block->time; i++) {
        unsigned type = (unsigned char)kinds[i];
        if (type >= block->type)
            return false;
        zone->changes[i] = (struct change){read_be(data + 8 * (size_t)i, 8),
                                           (int32_t)read_be(types + 6 * type, 4)};
        if (i > 0 && zone->changes[i].at_s <= zone->changes[i - 1].at_s)
            return false;
    }
    for (uint32_t i = 0; i < block->type; i++)
        if (llabs(read_be(types + 6 * (size_t)i, 4)) > 26 * 3600)
            return false;
    zone->count = block->time;
    return true;
}

/* The footer is a rule between two newlines, or nothing between them. */
static bool read_footer(struct text footer, struct zone *zone)
{
    if (footer.len < 2 || footer.at[0] != '\n')
        return false;
    const char *end = memchr(footer.at + 1, '\n', footer.len - 1);
    if (!end)
        return false;
    struct text rule = {footer.at + 1, (size_t)(end - footer.at) - 1};
    zone->has_rule = rule.len > 0;
    return rule.len == 0 || zone_rule_parse(rule, &zone->rule);
}

enum err zone_read(struct text content, struct zone **ret_zone, struct err_reason *why)
{
    struct block first, block;
    if (!read_header(content, 0, 4, &first) ||
        !read_header(content, HEADER_BYTES + first.bytes, 8, &block))
        return err_explain(why, ERR_CORRUPT, "no zone file of RFC 8536");
    struct zone *zone = calloc(1, sizeof *zone + block.time * sizeof zone->changes[0]);
    if (!zone)
        return ERR_NOMEM;
    size_t data = 2 * (size_t)HEADER_BYTES + first.bytes;
    struct text footer = {content.at + data + block.bytes, content.len - data - block.bytes};
    if (!read_changes(content.at + data, &block, zone) || !read_footer(footer, zone)) {
        zone_free(zone);
        return err_explain(why, ERR_CORRUPT, "damaged zone file");
    }
    *ret_zone = zone;
    return ERR_OK;
}

void zone_free(struct zone *zone)
{
    free(zone);
}

static bool name_fits(struct text name)
{
    static const char known[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_+-";
    for (size_t i = 0; i < name.len; i++)
        if (!memchr(known, name.at[i], sizeof known - 1))
            return false;
    return name.len < ZONE_NAME_BYTES && name.at[0] != '/';
}

static enum err unknown(struct text name, struct err_reason *why)
{
    int shown = name.len < ZONE_NAME_BYTES ? (int)name.len : ZONE_NAME_BYTES;
    return err_explain(why, ERR_INVALID,
                       "time_zone: there is no time zone \"%.*s\" on this machine; right is a name "
                       "such as Europe/Berlin or UTC",
                       shown, name.at);
}

static enum err read_file(const char *path, struct text name, struct zone **ret_zone,
                          struct err_reason *why)
{
    FILE *file = fopen(path, "rb");
    char *content = malloc(ZONE_MAX_BYTES);
    enum err e = ERR_NOMEM;
    if (!file) {
        e = unknown(name, why);
    } else if (content) {
        size_t len = fread(content, 1, ZONE_MAX_BYTES, file);
        /* a folder ("Europe") opens, and gives nothing to read */
        e = len == 0 ? unknown(name, why) : zone_read((struct text){content, len}, ret_zone, why);
    }
    if (file)
        fclose(file);
    free(content);
    return e;
}

enum err zone_open(struct text name, struct zone **ret_zone, struct err_reason *why)
{
    char path[sizeof ZONE_FOLDER + ZONE_NAME_BYTES];
    if (name.len == 0 || text_equal(name, TEXT("UTC"))) {
        struct zone *utc = calloc(1, sizeof *utc);
        if (utc)
            *ret_zone = utc;
        return utc ? ERR_OK : ERR_NOMEM;
    }
    if (!name_fits(name))
        return unknown(name, why);
    snprintf(path, sizeof path, "%s%.*s", ZONE_FOLDER, TEXT_ARGS(name));
    return read_file(path, name, ret_zone, why);
}

int32_t zone_offset(const struct zone *zone, int64_t utc_s, int64_t *ret_until_s)
{
    size_t low = 0, high = zone->count; /* changes below low are past, from high on to come */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (zone->changes[middle].at_s <= utc_s)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == zone->count && zone->has_rule)
        return zone_rule_offset(&zone->rule, utc_s, ret_until_s);
    *ret_until_s = low < zone->count ? zone->changes[low].at_s : INT64_MAX;
    return low > 0 ? zone->changes[low - 1].offset_s : zone->before_s;
}

int64_t zone_day(const struct zone *zone, int64_t utc_s)
{
    int64_t until_s;
    return floor_div(utc_s + zone_offset(zone, utc_s, &until_s), DAY_S);
}

int64_t zone_day_start(const struct zone *zone, int64_t day)
{
    /* The first second at which the local day is `day` or later: walk the stretches of equal offset
     * from before any zone can have begun it. */
    for (int64_t at = (day - 2) * DAY_S, until;; at = until) {
        int64_t begins = day * DAY_S - zone_offset(zone, at, &until);
        if (begins < until)
            return begins > at ? begins : at;
    }
}
