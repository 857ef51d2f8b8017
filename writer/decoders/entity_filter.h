/* Which of Home Assistant's entities a source includes and excludes, by the rules that Home
 * Assistant has for its own integrations (core: helpers/entityfilter.py). */
#ifndef WRITER_DECODERS_ENTITY_FILTER_H
#define WRITER_DECODERS_ENTITY_FILTER_H

#include "base/err.h"
#include "base/settings.h"
#include "base/text.h"

/* Borrows the settings' texts. */
struct entity_filter {
    const struct settings_entities *include, *exclude;
};

/* entity_filter_open holds the source's patterns, those of override_measurements and
 * ignore_attributes_of too, against what is known. ERR_INVALID: `why` names the key and what would
 * be right. */
enum err entity_filter_open(const struct settings_source *source, struct entity_filter *ret_filter,
                            struct err_reason *why) ERR_MUST_CHECK;

/* entity_filter_takes tells whether an entity is to be stored. `domain` is what stands before the
 * first dot of its id.
 *   Included domains or patterns: an included entity is taken, else an excluded one not; else one
 * of an included pattern is, and one of an included domain unless it is of an excluded pattern.
 *   Else, excluded domains or patterns, or nothing included at all: an entity of an excluded domain
 *   or pattern is taken only where it is included itself, any other unless it is excluded itself.
 *   Else: included entities only. */
bool entity_filter_takes(const struct entity_filter *filter, struct text domain,
                         struct text entity_id);

/* entity_filter_glob matches a whole text against a pattern: `*` stands for any characters, `?` for
 * one. */
bool entity_filter_glob(const char *pattern, struct text t);

/* entity_filter_rank tells how closely a key names an entity: 0 not at all, 1 as its domain, 2 as a
 * pattern, 3 by its whole id. */
int entity_filter_rank(const char *key, struct text domain, struct text entity_id);

/* entity_filter_lists tells whether a text is one of several. */
bool entity_filter_lists(char *const *texts, unsigned count, struct text t);

#endif
