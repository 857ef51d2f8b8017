#include "writer/decoders/own_kind.h"

#include "writer/decoders/finish.h"
#include "writer/decoders/refuse.h"
#include "writer/decoders/tag_value.h"

const struct own_kind own_kind_readings[] = {
    {.name = "energy",
     .measurement = "energy",
     .device = "device_id",
     .fields = {{"power_watts", FIELD_NUMBER, false}, {"energy_kwh", FIELD_NUMBER, false}},
     .any_field = true},
    {.name = "phm",
     .measurement = "phm",
     .device = "device_id",
     .tags = {"metric"},
     .needed_tag = "metric",
     .fields = {{"value", FIELD_NUMBER, true}}},
    {.name = "vm", .measurement = "vm_metrics", .device = "vm_id", .tags = {"vm_id", "host"}},
    {0},
};

const struct own_kind own_kind_events[] = {
    {.name = "memory_dump",
     .measurement = "memory_dumps",
     .device = "vm_id",
     .tags = {"vm_id", "status"},
     .needed_tag = "status",
     .fields = {{"size_bytes", FIELD_NUMBER, false},
                {"duration_ms", FIELD_NUMBER, false},
                {"path", FIELD_TEXT, false}}},
    {0},
};

const struct own_kind *own_kind_find(const struct own_kind *kinds, struct text name)
{
    for (; kinds->name; kinds++) {
        if (text_equal(name, text_of(kinds->name)))
            return kinds;
    }
    return NULL;
}

enum reject own_kind_tags(const struct own_kind *kind, struct value map,
                          struct decode_scratch *scratch, struct err_reason *why)
{
    for (size_t i = 0; kind->tags[i]; i++) {
        struct text key = text_of(kind->tags[i]), text;
        struct value v;
        if (!value_get(map, key, &v))
            continue;
        enum reject reason = tag_value(v, key, scratch, &text, why);
        if (reason == REJECT_NONE)
            reason = finish_tag(&scratch->point, key, text, why);
        if (reason != REJECT_NONE)
            return reason;
    }
    return REJECT_NONE;
}

static const struct point_field *find_field(const struct point *point, const char *name)
{
    for (unsigned i = 0; i < point->field_count; i++) {
        if (text_equal(point->fields[i].key, text_of(name)))
            return &point->fields[i];
    }
    return NULL;
}

static enum reject check_fields(const struct own_kind *kind, const struct point *point,
                                struct err_reason *why)
{
    unsigned found = 0;
    for (const struct own_kind_field *due = kind->fields; due->name; due++) {
        const struct point_field *field = find_field(point, due->name);
        const char *type = due->type == FIELD_NUMBER ? "a number" : "text";
        found += field != NULL;
        if (!field && due->needed)
            return refuse(why, REJECT_WRONG_SHAPE, "the kind \"%s\" needs the field \"%s\" as %s",
                          kind->name, due->name, type);
        if (field && field->type != due->type)
            return refuse(why, REJECT_WRONG_SHAPE, "the field \"%s\" of the kind \"%s\" is not %s",
                          due->name, kind->name, type);
    }
    if (kind->any_field && found == 0)
        return refuse(why, REJECT_WRONG_SHAPE,
                      "the kind \"%s\" needs the field \"%s\" or \"%s\" as a number", kind->name,
                      kind->fields[0].name, kind->fields[1].name);
    return REJECT_NONE;
}

enum reject own_kind_check(const struct own_kind *kind, const struct point *point,
                           struct err_reason *why)
{
    if (!finish_has_tag(point, text_of(kind->device)))
        return refuse(why, REJECT_WRONG_SHAPE,
                      "the kind \"%s\" needs \"%s\": give it, or \"device\", in the message",
                      kind->name, kind->device);
    if (kind->needed_tag && !finish_has_tag(point, text_of(kind->needed_tag)))
        return refuse(why, REJECT_WRONG_SHAPE,
                      "the kind \"%s\" needs \"%s\": give it in the message or in its \"tags\"",
                      kind->name, kind->needed_tag);
    return check_fields(kind, point, why);
}
