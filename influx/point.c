#include "influx/point.h"

void point_clear(struct point *p)
{
    p->measurement = (struct text){NULL, 0};
    p->time_ns = 0;
    p->timed = false;
    p->tag_count = 0;
    p->field_count = 0;
}

enum err point_tag(struct point *p, struct text key, struct text value)
{
    if (key.len == 0 || value.len == 0)
        return ERR_OK;
    for (unsigned i = 0; i < p->tag_count; i++)
        if (text_equal(p->tags[i].key, key))
            return ERR_OK;
    if (p->tag_count == POINT_MAX_TAGS)
        return ERR_TOO_LARGE;
    p->tags[p->tag_count++] = (struct point_tag){.key = key, .value = value};
    return ERR_OK;
}

/* The field of that key, or a new one at the end; NULL when there is no room. */
static struct point_field *field_at(struct point *p, struct text key)
{
    for (unsigned i = 0; i < p->field_count; i++)
        if (text_equal(p->fields[i].key, key))
            return &p->fields[i];
    return p->field_count == POINT_MAX_FIELDS ? NULL : &p->fields[p->field_count++];
}

static enum err field_put(struct point *p, struct point_field field)
{
    struct point_field *place = field_at(p, field.key);
    if (!place)
        return ERR_TOO_LARGE;
    *place = field;
    return ERR_OK;
}

enum err point_number(struct point *p, struct text key, double number)
{
    return field_put(p, (struct point_field){.key = key, .type = FIELD_NUMBER, .number = number});
}

enum err point_integer(struct point *p, struct text key, int64_t integer)
{
    return field_put(p,
                     (struct point_field){.key = key, .type = FIELD_INTEGER, .integer = integer});
}

enum err point_bool(struct point *p, struct text key, bool truth)
{
    return field_put(p, (struct point_field){.key = key, .type = FIELD_BOOL, .truth = truth});
}

enum err point_text(struct point *p, struct text key, struct text text)
{
    return field_put(p, (struct point_field){.key = key, .type = FIELD_TEXT, .text = text});
}
