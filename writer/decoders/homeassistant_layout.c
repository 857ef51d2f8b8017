#include "writer/decoders/homeassistant_layout.h"

#include <math.h>
#include <stdlib.h>

#include "writer/decoders/entity_filter.h"
#include "writer/decoders/finish.h"
#include "writer/decoders/homeassistant_entity.h"
#include "writer/decoders/names.h"
#include "writer/decoders/python.h"
#include "writer/decoders/refuse.h"

struct layout {
    const struct settings_source *source;
    struct entity_filter filter;
};

/* One state on its way to a point. */
struct making {
    const struct layout *layout;
    struct decode_scratch *scratch;
    struct text domain, object, entity_id;
    struct value attributes;
    bool without_unit, without_class; /* the measurement says it already */
};

enum err homeassistant_layout_open(const struct settings_source *source, void **ret_layout,
                                   struct err_reason *why)
{
    if (source->layout != SETTINGS_LAYOUT_HOMEASSISTANT)
        return ERR_OK;
    struct layout *layout = calloc(1, sizeof *layout);
    if (!layout)
        return err_explain(why, ERR_NOMEM, "layout: no memory");
    layout->source = source;
    enum err err = entity_filter_open(source, &layout->filter, why);
    if (err != ERR_OK) {
        free(layout);
        return err;
    }
    *ret_layout = layout;
    return ERR_OK;
}

void homeassistant_layout_close(void *layout)
{
    free(layout);
}

/* The words of state_as_number (core: helpers/state.py), as they are written. `unknown` is among
 * them there, but never comes so far. */
static bool word_number(struct text state, double *ret_number)
{
    static const char *const words[2][6] = {
        {"off", "unlocked", "below_horizon", "closed", "not_home", NULL},
        {"on", "locked", "above_horizon", "open", "home", NULL}};
    for (int truth = 0; truth < 2; truth++) {
        for (size_t i = 0; words[truth][i]; i++) {
            if (text_equal(state, text_of(words[truth][i]))) {
                *ret_number = truth;
                return true;
            }
        }
    }
    return false;
}

static bool has_field(const struct point *point, struct text key)
{
    for (unsigned i = 0; i < point->field_count; i++)
        if (text_equal(point->fields[i].key, key))
            return true;
    return false;
}

static enum reject too_many(struct err_reason *why)
{
    return refuse(why, REJECT_TOO_MANY, "more than %d fields, or more text than they may have",
                  POINT_MAX_FIELDS);
}

static enum reject add_state(struct point *point, struct text state, struct err_reason *why)
{
    double number = 0;
    enum err err = ERR_OK;
    enum python_number kind = python_float(state, &number);
    bool valued = kind == PYTHON_FINITE;
    if (kind == PYTHON_NO_NUMBER) {
        err = point_text(point, TEXT("state"), state);
        valued = word_number(state, &number);
    }
    if (err == ERR_OK && valued)
        err = point_number(point, TEXT("value"), number);
    return err == ERR_OK ? REJECT_NONE : too_many(why);
}

/* The number that stands in a text: all its digits and its one dot, where there is a dot between
 * two digits and no other, or no dot and two digits next to each other. (The integration's
 * expressions RE_DIGIT_TAIL and RE_DECIMAL in its const.py.) */
static bool number_inside(struct text t, double *ret_number)
{
    char digits[TEXT_NUMBER_MAX];
    size_t count = 0, dots = 0;
    bool side_by_side = false, around_dot = false, fits = true;
    for (size_t i = 0; i < t.len; i++) {
        bool digit = t.at[i] >= '0' && t.at[i] <= '9';
        bool before = i > 0 && t.at[i - 1] >= '0' && t.at[i - 1] <= '9';
        bool behind = i + 1 < t.len && t.at[i + 1] >= '0' && t.at[i + 1] <= '9';
        side_by_side = side_by_side || (digit && before);
        around_dot = around_dot || (t.at[i] == '.' && before && behind);
        dots += t.at[i] == '.';
        if (!digit && t.at[i] != '.')
            continue;
        fits = fits && count < sizeof digits;
        if (fits)
            digits[count++] = t.at[i];
    }
    bool found = dots == 0 ? side_by_side : dots == 1 && around_dot;
    return found && fits && text_number((struct text){digits, count}, ret_number);
}

/* What float() makes of a value; *ret_text is str() of what is no number. */
static enum python_number attribute_number(struct value v, struct buf *names, double *ret_number,
                                           struct text *ret_text, bool *ret_written)
{
    *ret_written = true;
    switch (value_kind(v)) {
    case VALUE_BOOL:
        *ret_number = value_bool(v);
        return PYTHON_FINITE;
    case VALUE_INTEGER:
    case VALUE_NUMBER:
        *ret_number = value_number(v);
        return isfinite(*ret_number) ? PYTHON_FINITE : PYTHON_NOT_FINITE;
    default:
        *ret_written = python_text(v, names, ret_text);
        return value_kind(v) == VALUE_TEXT ? python_float(*ret_text, ret_number) : PYTHON_NO_NUMBER;
    }
}

static enum reject add_attribute(struct making *m, struct text key, struct value v,
                                 struct err_reason *why)
{
    struct point *point = &m->scratch->point;
    struct buf *names = &m->scratch->names;
    double number = 0;
    struct text text = {NULL, 0}, text_key;
    bool written;
    enum python_number kind = attribute_number(v, names, &number, &text, &written);
    if (!written || kind == PYTHON_NOT_FINITE)
        return REJECT_NONE;
    if (has_field(point, key) && !names_join(names, key, '_', TEXT(""), &key))
        return too_many(why);
    enum err err = ERR_OK;
    bool numeric = kind == PYTHON_FINITE;
    if (!numeric) {
        if (!names_join(names, key, '_', TEXT("str"), &text_key))
            return too_many(why);
        err = point_text(point, text_key, text);
        numeric = number_inside(text, &number);
    }
    if (err == ERR_OK && numeric)
        err = point_number(point, key, number);
    return err == ERR_OK ? REJECT_NONE : too_many(why);
}

/* What `ignore_attributes_of` has for the entity: that of the most particular key, of patterns the
 * last one that matches; NULL for none. */
static const char *key_of_ignored(const struct making *m)
{
    const struct settings_source *source = m->layout->source;
    const char *found = NULL;
    int best = 1;
    for (unsigned i = 0; i < source->ignore_attributes_of_count; i++) {
        const char *key = source->ignore_attributes_of[i].key;
        int rank = entity_filter_rank(key, m->domain, m->entity_id);
        if (rank >= best) {
            best = rank;
            found = key;
        }
    }
    return found;
}

static bool is_ignored(const struct making *m, const char *key_of_entity, struct text attribute)
{
    const struct settings_source *source = m->layout->source;
    if (entity_filter_lists(source->ignore_attributes, source->ignore_attributes_count, attribute))
        return true;
    for (unsigned i = 0; key_of_entity && i < source->ignore_attributes_of_count; i++)
        if (strcmp(source->ignore_attributes_of[i].key, key_of_entity) == 0 &&
            text_equal(text_of(source->ignore_attributes_of[i].value), attribute))
            return true;
    return false;
}

static enum reject add_attributes(struct making *m, struct err_reason *why)
{
    const struct settings_source *source = m->layout->source;
    const char *of_entity = key_of_ignored(m);
    struct value_walk walk = value_walk(m->attributes);
    enum reject reason = REJECT_NONE;
    struct text key;
    struct value v;
    while (reason == REJECT_NONE && value_next(&walk, &key, &v)) {
        bool fits = key.len > 0 && key.len + strlen("__str") <= DECODE_NAME_MAX_BYTES;
        if (fits &&
            !entity_filter_lists(source->tags_attributes, source->tags_attributes_count, key) &&
            !is_ignored(m, of_entity, key) &&
            !(m->without_unit && text_equal(key, TEXT("unit_of_measurement"))) &&
            !(m->without_class && text_equal(key, TEXT("device_class"))))
            reason = add_attribute(m, key, v, why);
    }
    return reason;
}

/* An attribute as Python writes it; empty where there is none or it is None. */
static struct text attribute_text(struct making *m, const char *name)
{
    struct value v;
    struct text text;
    if (!value_get(m->attributes, text_of(name), &v) || value_kind(v) == VALUE_NULL ||
        !python_text(v, &m->scratch->names, &text))
        return (struct text){NULL, 0};
    return text;
}

/* <domain>__<device class>, or the domain alone. */
static bool class_measurement(struct making *m, struct text *ret_measurement)
{
    struct value v;
    struct text class, begun;
    *ret_measurement = m->domain;
    if (!value_get(m->attributes, TEXT("device_class"), &v) || value_kind(v) == VALUE_NULL)
        return true;
    m->without_class = true;
    class = attribute_text(m, "device_class");
    return names_join(&m->scratch->names, m->domain, '_', TEXT(""), &begun) &&
           names_join(&m->scratch->names, begun, '_', class, ret_measurement);
}

/* What `override_measurements` has for the entity: the most particular, of equals the last; else
 * `override_measurement`. */
static struct text overridden(const struct making *m)
{
    const struct settings_source *source = m->layout->source;
    struct text found = text_of(source->override_measurement);
    int best = 1;
    for (unsigned i = 0; i < source->override_measurements_count; i++) {
        const struct settings_tag *pair = &source->override_measurements[i];
        int rank = entity_filter_rank(pair->key, m->domain, m->entity_id);
        if (rank >= best) {
            best = rank;
            found = text_of(pair->value);
        }
    }
    return found;
}

static enum reject choose_measurement(struct making *m, struct err_reason *why)
{
    const struct settings_source *source = m->layout->source;
    struct text *measurement = &m->scratch->point.measurement;
    *measurement = overridden(m);
    if (measurement->len > 0)
        return REJECT_NONE;
    switch (source->measurement_attr) {
    case SETTINGS_MEASUREMENT_ENTITY:
        *measurement = m->entity_id;
        break;
    case SETTINGS_MEASUREMENT_CLASS:
        if (!class_measurement(m, measurement))
            return too_many(why);
        break;
    case SETTINGS_MEASUREMENT_UNIT:
        *measurement = attribute_text(m, "unit_of_measurement");
        m->without_unit = measurement->len > 0;
        break;
    }
    if (measurement->len == 0)
        *measurement = text_of(source->default_measurement);
    if (measurement->len == 0)
        *measurement = m->entity_id;
    return REJECT_NONE;
}

/* Of a key that comes twice the first counts: in the order of who wins. */
static enum reject add_tags(struct making *m, struct err_reason *why)
{
    const struct settings_source *source = m->layout->source;
    struct point *point = &m->scratch->point;
    enum reject reason = REJECT_NONE;
    for (unsigned i = 0; reason == REJECT_NONE && i < source->tags_count; i++)
        reason =
            finish_tag(point, text_of(source->tags[i].key), text_of(source->tags[i].value), why);
    for (unsigned i = 0; reason == REJECT_NONE && i < source->tags_attributes_count; i++)
        reason = finish_tag(point, text_of(source->tags_attributes[i]),
                            attribute_text(m, source->tags_attributes[i]), why);
    if (reason == REJECT_NONE)
        reason = finish_tag(point, TEXT("domain"), m->domain, why);
    if (reason == REJECT_NONE)
        reason = finish_tag(point, TEXT("entity_id"), m->object, why);
    return reason;
}

/* Which rule leaves a state out; NULL for none. */
static const char *left_out(const struct making *m, struct text state)
{
    if (state.len == 0)
        return "the state is empty";
    if (text_equal(state, TEXT("unknown")) || text_equal(state, TEXT("unavailable")))
        return "the state is unknown or unavailable";
    if (!entity_filter_takes(&m->layout->filter, m->domain, m->entity_id))
        return "the entity is not included, or excluded";
    return NULL;
}

enum reject homeassistant_layout_point(const struct decode_input *input, struct text entity_id,
                                       struct text state, struct value attributes,
                                       struct decode_scratch *scratch, struct err_reason *why)
{
    struct making m = {.layout = input->prepared,
                       .scratch = scratch,
                       .entity_id = entity_id,
                       .attributes = attributes};
    if (value_kind(attributes) != VALUE_MAP)
        m.attributes = (struct value){NULL};
    enum reject reason = homeassistant_entity_split(entity_id, &m.domain, &m.object, why);
    if (reason != REJECT_NONE)
        return reason;
    const char *rule = left_out(&m, state);
    if (rule)
        return refuse(why, REJECT_NONE, "%s", rule);
    reason = choose_measurement(&m, why);
    if (reason == REJECT_NONE)
        reason = add_tags(&m, why);
    if (reason == REJECT_NONE)
        reason = add_state(&scratch->point, state, why);
    if (reason == REJECT_NONE)
        reason = add_attributes(&m, why);
    if (reason == REJECT_NONE && scratch->point.field_count == 0)
        return refuse(why, REJECT_NONE,
                      "the state is no finite number, and no attribute is stored");
    return reason == REJECT_NONE ? finish_point(input, NULL, &scratch->point, why) : reason;
}
