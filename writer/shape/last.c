#include "writer/shape/last.h"

#include <stdlib.h>

#include "writer/shape/pack.h"
#include "writer/shape/recent.h"

struct told {
    uint64_t value;
    int64_t time_ns;
    uint64_t stored; /* number of the storing; 0: seen only */
};

struct last {
    struct recent *fields;
    uint64_t stored; /* points so far */
};

/* The key of what is no field: when the series was last away. A field's key is text. */
static uint64_t away_key(uint64_t series)
{
    return shaped_field(series, TEXT("\xff"
                                     "away"));
}

struct last *last_new(void)
{
    struct last *last = calloc(1, sizeof *last);
    if (!last)
        return NULL;
    last->fields = recent_new(LAST_FIELDS, sizeof(struct told));
    if (!last->fields) {
        free(last);
        return NULL;
    }
    return last;
}

void last_free(struct last *last)
{
    if (!last)
        return;
    recent_free(last->fields);
    free(last);
}

static void add(struct last_digest *digest, uint64_t key, uint64_t value)
{
    digest->at[digest->count].key = key;
    digest->at[digest->count++].value = value;
    digest->form += key;
    digest->whole += shaped_field(
        value, (struct text){(const char *)&key, sizeof key}); /* a sum: in any order the same */
}

void last_digest(const struct shaped *shaped, struct last_digest *ret)
{
    const struct point *point = shaped->point;
    bool has_word = false;
    uint64_t word = 0;
    ret->series = shaped->series;
    ret->form = ret->whole = 0;
    ret->count = 0;
    ret->away = false;
    for (unsigned i = 0; i < point->field_count; i++) {
        const struct point_field *field = &point->fields[i];
        uint64_t value = shaped_value(field);
        if (text_equal(field->key, TEXT("value")) || text_equal(field->key, TEXT("state"))) {
            word += shaped_field(value, field->key);
            has_word = true;
            continue;
        }
        ret->away = ret->away || (field->type == FIELD_BOOL && !field->truth &&
                                  text_equal(field->key, TEXT("available")));
        add(ret, shaped_field(shaped->series, field->key), value);
    }
    if (has_word)
        add(ret, shaped_field(shaped->series, TEXT("state")), word);
}

struct last_verdict last_compare(struct last *last, const struct last_digest *digest)
{
    struct last_verdict verdict = {false, true, INT64_MIN, INT64_MIN};
    const struct told *away = recent_find(last->fields, away_key(digest->series));
    for (unsigned i = 0; i < digest->count; i++) {
        const struct told *told = recent_find(last->fields, digest->at[i].key);
        if (told)
            recent_touch(last->fields, digest->at[i].key);
        bool equal = told && told->value == digest->at[i].value;
        bool stored = told && told->stored != 0;
        verdict.differs = verdict.differs || (told && !equal);
        verdict.unchanged =
            verdict.unchanged && equal && stored && (!away || told->stored >= away->stored);
        if (!stored)
            continue;
        if (verdict.earliest_ns == INT64_MIN || told->time_ns < verdict.earliest_ns)
            verdict.earliest_ns = told->time_ns;
        if (told->time_ns > verdict.latest_ns)
            verdict.latest_ns = told->time_ns;
    }
    return verdict;
}

void last_note(struct last *last, const struct last_digest *digest)
{
    for (unsigned i = 0; i < digest->count; i++)
        if (!recent_find(last->fields, digest->at[i].key))
            *(struct told *)recent_touch(last->fields, digest->at[i].key) =
                (struct told){.value = digest->at[i].value};
}

void last_store(struct last *last, const struct last_digest *digest, int64_t time_ns)
{
    last->stored++;
    if (digest->away)
        *(struct told *)recent_touch(last->fields, away_key(digest->series)) =
            (struct told){0, time_ns, last->stored};
    for (unsigned i = 0; i < digest->count; i++)
        *(struct told *)recent_touch(last->fields, digest->at[i].key) =
            (struct told){digest->at[i].value, time_ns, last->stored};
}

void last_save(const struct last *last, struct buf *out)
{
    uint64_t key;
    pack_number(out, last->stored);
    pack_number(out, recent_count(last->fields));
    for (const struct told *told = recent_oldest(last->fields, &key); told;
         told = recent_newer(last->fields, told, &key)) {
        pack_number(out, key);
        pack_number(out, told->value);
        pack_number(out, (uint64_t)told->time_ns);
        pack_number(out, told->stored);
    }
}

bool last_load(struct last *last, struct text *rest)
{
    uint64_t count, key, value, time, stored;
    if (!pack_take_number(rest, &last->stored) || !pack_take_number(rest, &count))
        return false;
    for (; count > 0; count--) {
        if (!pack_take_number(rest, &key) || !pack_take_number(rest, &value) ||
            !pack_take_number(rest, &time) || !pack_take_number(rest, &stored))
            return false;
        *(struct told *)recent_touch(last->fields, key) =
            (struct told){value, (int64_t)time, stored};
    }
    return true;
}
