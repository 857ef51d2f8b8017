#include "writer/shape/alias.h"

#include <stdio.h>
#include <stdlib.h>

#include "writer/decoders/homeassistant_entity.h"
#include "writer/shape/pack.h"
#include "writer/shape/recent.h"

enum {
    NAME_BYTES = DECODE_NAME_MAX_BYTES + 1,
    SERIES_BYTES = NAME_BYTES + 16,
    SERIES_OF_A_NAME = 99, /* more entities of one name, one after the other, share the last */
};

/* What is called `name` goes on in the series of `series`, which is another name. */
struct alias {
    char name[NAME_BYTES];
    char series[SERIES_BYTES];
    bool gone; /* it was removed: whoever comes may have its series */
};

struct aliases {
    struct recent *ruled, *learned; /* of struct alias, by hash of the name */
    char series[SERIES_BYTES];      /* of a fact that is changed */
};

static uint64_t key_of(struct text name)
{
    return shaped_field(4, name);
}

static bool fits(struct text name)
{
    return name.len > 0 && name.len < NAME_BYTES && !memchr(name.at, '\0', name.len);
}

static void copy(char *to, struct text from)
{
    memcpy(to, from.at, from.len);
    to[from.len] = '\0';
}

/* In most houses there are none, and each message would pay for the look. */
static bool is_empty(const struct aliases *aliases)
{
    return recent_count(aliases->ruled) + recent_count(aliases->learned) == 0;
}

static const struct alias *find(const struct aliases *aliases, struct text name)
{
    if (is_empty(aliases))
        return NULL;
    uint64_t key = key_of(name);
    const struct alias *alias = recent_find(aliases->ruled, key);
    return alias ? alias : recent_find(aliases->learned, key);
}

static struct text series_of(const struct aliases *aliases, struct text name)
{
    const struct alias *alias = find(aliases, name);
    return alias ? text_of(alias->series) : name;
}

/* --- the configuration's --------------------------------------------------------- */

/* Where the chain that ends with a name begins; the next name where it is a ring. */
static const char *beginning(const struct recent *direct, const struct alias *end)
{
    const struct alias *at = end, *before;
    while ((before = recent_find(direct, key_of(text_of(at->series))))) {
        if (before == end)
            return end->series;
        at = before;
    }
    return at->series;
}

static void add_rule(struct recent *to, const char *name, const char *series)
{
    struct alias *alias = recent_touch(to, key_of(text_of(name)));
    copy(alias->name, text_of(name));
    copy(alias->series, text_of(series));
}

/* A ring is of whole names, and no name has two rules (sources_open): a chain ends. */
static bool take_rules(struct aliases *aliases, const struct sources *sources)
{
    unsigned count;
    const struct settings_tag *rules = sources_aliases(sources, &count);
    struct recent *direct = recent_new(count + 1, sizeof(struct alias));
    aliases->ruled = recent_new(count + 1, sizeof(struct alias));
    bool good = direct && aliases->ruled;
    uint64_t key;
    for (unsigned i = 0; good && i < count; i++)
        add_rule(direct, rules[i].value, rules[i].key);
    for (const struct alias *at = good ? recent_oldest(direct, &key) : NULL; at;
         at = recent_newer(direct, at, &key))
        add_rule(aliases->ruled, at->name, beginning(direct, at));
    recent_free(direct);
    return good;
}

static void alias_close(void *state)
{
    struct aliases *aliases = state;
    if (!aliases)
        return;
    recent_free(aliases->ruled);
    recent_free(aliases->learned);
    free(aliases);
}

static void *alias_open(const struct sources *sources)
{
    struct aliases *aliases = calloc(1, sizeof *aliases);
    if (!aliases)
        return NULL;
    aliases->learned = recent_new(ALIAS_NAMES, sizeof(struct alias));
    if (aliases->learned && take_rules(aliases, sources))
        return aliases;
    alias_close(aliases);
    return NULL;
}

/* --- what the house says ----------------------------------------------------------- */

/* Whose series it is besides the one called `name`; NULL when it is free. */
static struct alias *keeper(const struct recent *among, struct text series, struct text name)
{
    uint64_t key;
    struct alias *at = recent_oldest(among, &key);
    while (at && (!text_equal(text_of(at->series), series) || text_equal(text_of(at->name), name)))
        at = recent_newer(among, at, &key);
    return at;
}

/* Nobody is called so any more, and the series goes on under another name: what the broker still
 * remembers under this one is of the time before. */
static bool is_left_behind(const struct aliases *aliases, struct text name)
{
    if (find(aliases, name))
        return false;
    const struct alias *learned = keeper(aliases->learned, name, name);
    return (learned && !learned->gone) || keeper(aliases->ruled, name, name);
}

/* The series that what is called `name` begins or goes on with: one that nobody else keeps. */
static void claim(struct aliases *aliases, struct text name, char ret_series[SERIES_BYTES])
{
    const struct alias *known = find(aliases, name);
    copy(ret_series, known ? text_of(known->series) : name);
    for (unsigned n = 2; !known && n <= SERIES_OF_A_NAME; n++) {
        struct alias *other = keeper(aliases->learned, text_of(ret_series), name);
        if (other && other->gone) {
            recent_remove(aliases->learned, key_of(text_of(other->name)));
            other = NULL;
        }
        if (!other)
            return;
        snprintf(ret_series, SERIES_BYTES, "%.*s#%u", (int)name.len, name.at, n);
    }
}

/* False when there is no room for one more. */
static bool keep(struct aliases *aliases, struct text name, struct text series)
{
    recent_remove(aliases->learned, key_of(name));
    if (text_equal(name, series))
        return true;
    if (recent_count(aliases->learned) == ALIAS_NAMES)
        return false;
    struct alias *alias = recent_touch(aliases->learned, key_of(name));
    copy(alias->name, name);
    copy(alias->series, series);
    return true;
}

static bool concerns(const struct source *source)
{
    return source && source->settings && source->decoder->homeassistant &&
           source->settings->layout == SETTINGS_LAYOUT_HEARTHLINE;
}

/* From here on the fact says what the entity is called now. */
static void tell_name(struct aliases *aliases, struct stage_fact *fact, struct text name)
{
    if (concerns(fact->source))
        fact->fact = (struct decode_fact){text_of(aliases->series),
                                          TEXT(HOMEASSISTANT_FACT_CURRENT_ID), name};
}

static void renamed(struct aliases *aliases, struct stage_fact *fact)
{
    struct text old = fact->fact.subject, name = fact->fact.value;
    if (!fits(old) || !fits(name) || text_equal(old, name))
        return;
    claim(aliases, old, aliases->series);
    recent_remove(aliases->learned, key_of(old));
    if (keep(aliases, name, text_of(aliases->series)))
        tell_name(aliases, fact, name);
}

static void created(struct aliases *aliases, struct stage_fact *fact)
{
    struct text name = fact->fact.subject;
    if (!fits(name))
        return;
    claim(aliases, name, aliases->series);
    struct alias *known = recent_find(aliases->learned, key_of(name));
    if (known)
        known->gone = false;
    else if (!text_equal(name, text_of(aliases->series)) &&
             keep(aliases, name, text_of(aliases->series)))
        tell_name(aliases, fact, name);
}

static void removed(struct aliases *aliases, struct stage_fact *fact)
{
    struct alias *known = recent_find(aliases->learned, key_of(fact->fact.subject));
    if (known)
        known->gone = true;
}

static const struct {
    const char *fact;
    void (*take)(struct aliases *aliases, struct stage_fact *fact);
} registry[] = {
    {HOMEASSISTANT_FACT_RENAMED, renamed},
    {HOMEASSISTANT_FACT_CREATED, created},
    {HOMEASSISTANT_FACT_REMOVED, removed},
};

/* --- the walk ------------------------------------------------------------------------ */

static void alias_take(void *state, struct shaped *shaped, const struct stage_next *next)
{
    const struct aliases *aliases = state;
    struct point *point = shaped->point;
    bool none = is_empty(aliases);
    for (unsigned i = 0; !none && i < point->tag_count && concerns(shaped->source); i++) {
        if (!text_equal(point->tags[i].key, TEXT("entity_id")))
            continue;
        if (shaped->retained && is_left_behind(aliases, point->tags[i].value)) {
            next->left_out(next->context, shaped,
                           "retained under a name that its entity does not have any more");
            return;
        }
        point->tags[i].value = series_of(aliases, point->tags[i].value);
        shaped->series = shaped_series(point);
    }
    next->point(next->context, shaped);
}

static void alias_learn(void *state, struct stage_fact *fact, const struct stage_next *next)
{
    struct aliases *aliases = state;
    (void)next;
    for (size_t i = 0; i < sizeof registry / sizeof registry[0]; i++) {
        if (!text_equal(fact->fact.name, text_of(registry[i].fact)))
            continue;
        if (!fact->retained) /* else it is of some time ago, and may have been undone */
            registry[i].take(aliases, fact);
        return;
    }
    if (!concerns(fact->source))
        return;
    const struct alias *alias = find(aliases, fact->fact.subject);
    if (!alias && fact->retained && is_left_behind(aliases, fact->fact.subject))
        fact->fact.name = TEXT(""); /* of no use to the stages behind */
    if (!alias)
        return;
    fact->called = fact->fact.subject;
    fact->fact.subject = text_of(alias->series);
}

static void alias_save(const void *state, struct buf *out)
{
    const struct aliases *aliases = state;
    uint64_t key;
    for (const struct alias *at = recent_oldest(aliases->learned, &key); at;
         at = recent_newer(aliases->learned, at, &key)) {
        pack_text(out, text_of(at->name));
        pack_text(out, text_of(at->series));
        pack_number(out, at->gone);
    }
}

static bool alias_load(void *state, struct text saved)
{
    struct aliases *aliases = state;
    struct text name, series;
    uint64_t gone;
    while (saved.len > 0) {
        if (!pack_take_text(&saved, &name) || !pack_take_text(&saved, &series) ||
            !pack_take_number(&saved, &gone) || !fits(name) || series.len == 0 ||
            series.len >= SERIES_BYTES || memchr(series.at, '\0', series.len) ||
            text_equal(name, series) || !keep(aliases, name, series))
            return false;
        struct alias *alias = recent_find(aliases->learned, key_of(name));
        alias->gone = gone != 0;
    }
    return true;
}

const struct stage alias_stage = {
    .name = "alias",
    .open = alias_open,
    .close = alias_close,
    .take = alias_take,
    .learn = alias_learn,
    .save = alias_save,
    .load = alias_load,
};
