#include "writer/shape/types.h"

#include <math.h>
#include <stdlib.h>

#include "writer/decoders/names.h"
#include "writer/decoders/refuse.h"
#include "writer/shape/cast.h"
#include "writer/shape/type_table.h"
#include "writer/shape/types_record.h"

#define TOLD 0x80u /* in a saved entry, beside the type */

struct types {
    struct type_table *table;
    struct buf names; /* of the point at hand */
};

/* One point on its way through. */
struct walk {
    struct types *types;
    struct shaped *shaped;
    const struct stage_next *next;
    const struct settings_source *settings; /* NULL: no rules but the defaults */
    uint64_t measurement;
    struct err_reason why; /* of the last value that did not fit */
};

static void types_close(void *state)
{
    struct types *types = state;
    if (!types)
        return;
    type_table_free(types->table);
    buf_free(&types->names);
    free(types);
}

static void *types_open(const struct sources *sources)
{
    struct types *types = calloc(1, sizeof *types);
    (void)sources;
    if (!types)
        return NULL;
    types->table = type_table_new();
    if (types->table && names_open(&types->names))
        return types;
    types_close(types);
    return NULL;
}

/* --- what a field's type is ----------------------------------------------------- */

static enum field_type first_type(const struct walk *w, const struct point_field *field)
{
    enum field_type type = field->type;
    for (unsigned i = 0; w->settings && i < w->settings->field_types_count; i++) {
        const struct settings_tag *rule = &w->settings->field_types[i];
        if (text_equal(field->key, text_of(rule->key)))
            (void)cast_type_of(text_of(rule->value), &type);
    }
    return type;
}

/* The field's entry, made at its first value; NULL when there is no room, or the encoder leaves the
 * field out anyway. */
static struct type_entry *entry_of(struct walk *w, const struct point_field *field)
{
    if (field->key.len == 0 || (field->type == FIELD_NUMBER && !isfinite(field->number)))
        return NULL;
    uint64_t id = field_id(w->measurement, field->key);
    struct type_entry *entry = type_table_find(w->types->table, id);
    return entry ? entry : type_table_add(w->types->table, id, (uint8_t)first_type(w, field));
}

/* --- a value of another type ------------------------------------------------------ */

static bool is_number(enum field_type type)
{
    return type == FIELD_NUMBER || type == FIELD_INTEGER;
}

static enum settings_type_conflict rule_of(const struct walk *w)
{
    return w->settings ? w->settings->type_conflict : SETTINGS_CONFLICT_CAST;
}

static bool cast(struct walk *w, struct point_field *field, enum field_type to)
{
    enum settings_type_conflict rule = rule_of(w);
    bool allowed = rule == SETTINGS_CONFLICT_CAST || rule == SETTINGS_CONFLICT_CAST_BOOLEAN ||
                   (is_number(field->type) && is_number(to));
    return allowed &&
           cast_exact(field, to, rule == SETTINGS_CONFLICT_CAST_BOOLEAN, &w->types->names, field);
}

static bool has_field(const struct point *point, struct text key)
{
    for (unsigned i = 0; i < point->field_count; i++)
        if (text_equal(point->fields[i].key, key))
            return true;
    return false;
}

/* Puts the value under `<field>_str`; else says why it cannot. */
static const char *add_suffix(struct walk *w, struct point_field *field)
{
    struct point_field moved;
    struct text key;
    if (!names_join(&w->types->names, field->key, '_', TEXT("str"), &key) ||
        !cast_exact(field, FIELD_TEXT, false, &w->types->names, &moved))
        return "left out, as the point has too many and too long names";
    if (has_field(w->shaped->point, key))
        return "left out, as the point has such a field with _str behind its name already";
    moved.key = key;
    const struct type_entry *entry = entry_of(w, &moved);
    if (entry && entry->type != FIELD_TEXT)
        return "left out, as the field with _str behind its name is no text";
    *field = moved;
    return NULL;
}

static void explain(struct walk *w, const struct point_field *was, enum field_type type,
                    const char *became)
{
    static const char *const names[] = {"a number", "a whole number", "a boolean", "a text"};
    (void)refuse(&w->why, REJECT_FIELD_TYPE,
                 "the field \"%.*s\" of \"%.*s\" is %s, and %s does not fit: it is %s",
                 REFUSE_ARGS(was->key), REFUSE_ARGS(w->shaped->point->measurement), names[type],
                 names[was->type], became);
}

/* False when the value is refused. */
static bool fit(struct walk *w, struct point_field *field, struct type_entry *entry)
{
    const struct point_field was = *field;
    enum field_type type = (enum field_type)entry->type;
    if (cast(w, field, type))
        return true;
    const char *trouble = "left out, by the rule of its source";
    if (rule_of(w) != SETTINGS_CONFLICT_REJECT)
        trouble = add_suffix(w, field);
    bool last = trouble && w->shaped->point->field_count == 1; /* is told as the point's refusal */
    if (!entry->told || last)
        explain(w, &was, type, trouble ? trouble : "stored as text, with _str behind its name");
    if (!last)
        w->next->field(w->next->context, w->shaped, trouble != NULL,
                       entry->told ? NULL : w->why.text);
    entry->told = true;
    return !trouble;
}

/* To behind the end, where a refusal of the whole point finds it again. */
static void drop_field(struct point *point, unsigned at)
{
    const struct point_field dropped = point->fields[at];
    point->field_count--;
    memmove(&point->fields[at], &point->fields[at + 1],
            (point->field_count - at) * sizeof point->fields[0]);
    point->fields[point->field_count] = dropped;
}

static void types_take(void *state, struct shaped *shaped, const struct stage_next *next)
{
    struct types *types = state;
    struct point *point = shaped->point;
    struct walk w = {.types = types,
                     .shaped = shaped,
                     .next = next,
                     .settings = shaped->source ? shaped->source->settings : NULL,
                     .measurement = field_id_measurement(point->measurement)};
    uint16_t count = point->field_count;
    buf_reset(&types->names);
    for (unsigned i = 0; i < point->field_count;) {
        struct type_entry *entry = entry_of(&w, &point->fields[i]);
        if (!entry || entry->type == point->fields[i].type || fit(&w, &point->fields[i], entry)) {
            i++;
            continue;
        }
        drop_field(point, i);
    }
    if (count > 0 && point->field_count == 0) {
        point->field_count = count;
        next->refuse(next->context, shaped, REJECT_FIELD_TYPE, w.why.text);
    } else {
        next->point(next->context, shaped);
    }
}

/* --- what the server says ----------------------------------------------------------- */

static void types_heard(void *state, const struct journal_record *record)
{
    struct types *types = state;
    struct text rest = record->payload;
    uint64_t field;
    uint8_t type;
    if (record->type != JOURNAL_TYPES)
        return;
    while (types_record_next(&rest, &field, &type)) {
        const struct type_entry *entry = type_table_find(types->table, field);
        if (type == TYPES_RECORD_FORGOTTEN)
            type_table_remove(types->table, field);
        else if (type <= FIELD_TEXT && (!entry || entry->type != type))
            (void)type_table_add(types->table, field, type);
    }
}

/* --- saved and loaded ------------------------------------------------------------------ */

static void types_save(const void *state, struct buf *out)
{
    const struct types *types = state;
    const struct type_entry *entry;
    for (size_t at = 0; (entry = type_table_next(types->table, &at));)
        types_record_add(out, entry->field, (uint8_t)(entry->type | (entry->told ? TOLD : 0)));
}

static bool types_load(void *state, struct text saved)
{
    struct types *types = state;
    uint64_t field;
    uint8_t type;
    while (types_record_next(&saved, &field, &type)) {
        if ((type & ~TOLD) > FIELD_TEXT)
            return false;
        struct type_entry *entry = type_table_add(types->table, field, type & (uint8_t)~TOLD);
        if (!entry)
            return false;
        entry->told = type & TOLD;
    }
    return saved.len == 0;
}

const struct stage types_stage = {
    .name = "types",
    .open = types_open,
    .close = types_close,
    .take = types_take,
    .save = types_save,
    .load = types_load,
    .heard = types_heard,
};

/* --- questions ---------------------------------------------------------------------------- */

bool types_find(const struct types *types, uint64_t field, enum field_type *ret_type)
{
    const struct type_entry *entry = type_table_find(types->table, field);
    if (entry)
        *ret_type = (enum field_type)entry->type;
    return entry != NULL;
}

bool types_next(const struct types *types, size_t *at, uint64_t *ret_field)
{
    const struct type_entry *entry = type_table_next(types->table, at);
    if (entry)
        *ret_field = entry->field;
    return entry != NULL;
}

size_t types_count(const struct types *types)
{
    return type_table_count(types->table);
}

void types_untell(struct types *types)
{
    struct type_entry *entry;
    for (size_t at = 0; (entry = type_table_next(types->table, &at));)
        entry->told = false;
}
