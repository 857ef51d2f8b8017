#include "writer/shape/held.h"

#include "writer/shape/pack.h"

enum {
    HELD_OWN_TIME = 1,
    HELD_RETAINED = 2,
    HELD_LATE = 4,
    HELD_NEEDS_TIME = 8,
    HELD_TIME_REPLACED = 16,
};

static void pack_field(const struct point_field *field, struct buf *out)
{
    uint64_t bits = 0;
    pack_text(out, field->key);
    pack_number(out, field->type);
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
        pack_text(out, field->text);
        return;
    }
    pack_number(out, bits);
}

void held_pack(const struct shaped *shaped, struct buf *out)
{
    const struct point *point = shaped->point;
    pack_text(out, shaped->source ? text_of(shaped->source->filter) : (struct text){NULL, 0});
    pack_number(out, (uint64_t)shaped->arrival_ns);
    pack_number(out, (shaped->own_time ? HELD_OWN_TIME : 0u) |
                         (shaped->retained ? HELD_RETAINED : 0u) | (shaped->late ? HELD_LATE : 0u) |
                         (shaped->needs_time ? HELD_NEEDS_TIME : 0u) |
                         (shaped->time_replaced ? HELD_TIME_REPLACED : 0u));
    pack_text(out, point->measurement);
    pack_number(out, (uint64_t)point->time_ns);
    pack_number(out, point->tag_count);
    for (unsigned i = 0; i < point->tag_count; i++) {
        pack_text(out, point->tags[i].key);
        pack_text(out, point->tags[i].value);
    }
    pack_number(out, point->field_count);
    for (unsigned i = 0; i < point->field_count; i++)
        pack_field(&point->fields[i], out);
}

static bool take_field(struct text *rest, struct point *point)
{
    struct text key, words;
    uint64_t type, bits;
    double number;
    if (!pack_take_text(rest, &key) || !pack_take_number(rest, &type) || type > FIELD_TEXT)
        return false;
    if (type == FIELD_TEXT)
        return pack_take_text(rest, &words) && point_text(point, key, words) == ERR_OK;
    if (!pack_take_number(rest, &bits))
        return false;
    memcpy(&number, &bits, sizeof number);
    if (type == FIELD_NUMBER)
        return point_number(point, key, number) == ERR_OK;
    if (type == FIELD_INTEGER)
        return point_integer(point, key, (int64_t)bits) == ERR_OK;
    return point_bool(point, key, bits != 0) == ERR_OK;
}

static bool take_point(struct text *rest, struct point *point)
{
    uint64_t time, tags, fields;
    struct text key, value;
    point_clear(point);
    if (!pack_take_text(rest, &point->measurement) || !pack_take_number(rest, &time) ||
        !pack_take_number(rest, &tags) || tags > POINT_MAX_TAGS)
        return false;
    point->time_ns = (int64_t)time;
    point->timed = true;
    for (; tags > 0; tags--)
        if (!pack_take_text(rest, &key) || !pack_take_text(rest, &value) ||
            point_tag(point, key, value) != ERR_OK)
            return false;
    if (!pack_take_number(rest, &fields) || fields > POINT_MAX_FIELDS)
        return false;
    for (; fields > 0; fields--)
        if (!take_field(rest, point))
            return false;
    return true;
}

bool held_take(struct text *rest, const struct sources *sources, struct point *point,
               struct shaped *ret_shaped)
{
    struct text filter;
    uint64_t arrival, how;
    if (!pack_take_text(rest, &filter) || !pack_take_number(rest, &arrival) ||
        !pack_take_number(rest, &how) || !take_point(rest, point))
        return false;
    *ret_shaped = (struct shaped){.point = point,
                                  .source = sources_of_filter(sources, filter),
                                  .arrival_ns = (int64_t)arrival,
                                  .own_time = how & HELD_OWN_TIME,
                                  .retained = how & HELD_RETAINED,
                                  .late = how & HELD_LATE,
                                  .needs_time = how & HELD_NEEDS_TIME,
                                  .time_replaced = how & HELD_TIME_REPLACED,
                                  .series = shaped_series(point)};
    return true;
}
