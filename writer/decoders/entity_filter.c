#include "writer/decoders/entity_filter.h"

bool entity_filter_glob(const char *pattern, struct text t)
{
    const char *star = NULL;
    size_t at = 0, retry = 0;
    while (at < t.len) {
        if (*pattern == '*') { /* first for nothing; then for one more, each time the rest fails */
            star = ++pattern;
            retry = at;
        } else if (*pattern && (*pattern == '?' || *pattern == t.at[at])) {
            pattern++;
            at++;
        } else if (star) {
            pattern = star;
            at = ++retry;
        } else {
            return false;
        }
    }
    return pattern[strspn(pattern, "*")] == '\0';
}

bool entity_filter_lists(char *const *texts, unsigned count, struct text t)
{
    for (unsigned i = 0; i < count; i++)
        if (text_equal(text_of(texts[i]), t))
            return true;
    return false;
}

static bool lists_glob(const struct settings_entities *list, struct text entity_id)
{
    for (unsigned i = 0; i < list->globs_count; i++)
        if (entity_filter_glob(list->globs[i], entity_id))
            return true;
    return false;
}

int entity_filter_rank(const char *key, struct text domain, struct text entity_id)
{
    struct text whole = text_of(key);
    if (text_equal(whole, entity_id))
        return 3;
    if (strpbrk(key, "*?"))
        return entity_filter_glob(key, entity_id) ? 2 : 0;
    return text_equal(whole, domain) ? 1 : 0;
}

static enum err check_glob(const char *key, const char *glob, struct err_reason *why)
{
    if (!strchr(glob, '['))
        return ERR_OK;
    return err_explain(why, ERR_INVALID,
                       "%s: \"%.64s\": sets of characters in [] are not known; right would be `*` "
                       "for any characters and `?` for one",
                       key, glob);
}

static enum err check_globs(const char *key, const struct settings_entities *list,
                            struct err_reason *why)
{
    enum err err = ERR_OK;
    for (unsigned i = 0; err == ERR_OK && i < list->globs_count; i++)
        err = check_glob(key, list->globs[i], why);
    return err;
}

enum err entity_filter_open(const struct settings_source *source, struct entity_filter *ret_filter,
                            struct err_reason *why)
{
    enum err err = check_globs("include_entity_globs", &source->include, why);
    if (err == ERR_OK)
        err = check_globs("exclude_entity_globs", &source->exclude, why);
    for (unsigned i = 0; err == ERR_OK && i < source->override_measurements_count; i++)
        err = check_glob("override_measurements", source->override_measurements[i].key, why);
    for (unsigned i = 0; err == ERR_OK && i < source->ignore_attributes_of_count; i++)
        err = check_glob("ignore_attributes_of", source->ignore_attributes_of[i].key, why);
    if (err == ERR_OK)
        *ret_filter = (struct entity_filter){&source->include, &source->exclude};
    return err;
}

bool entity_filter_takes(const struct entity_filter *filter, struct text domain,
                         struct text entity_id)
{
    const struct settings_entities *in = filter->include, *ex = filter->exclude;
    bool included = entity_filter_lists(in->entities, in->entities_count, entity_id);
    bool excluded = entity_filter_lists(ex->entities, ex->entities_count, entity_id);
    if (in->domains_count + in->globs_count > 0)
        return included ||
               (!excluded && (lists_glob(in, entity_id) ||
                              (entity_filter_lists(in->domains, in->domains_count, domain) &&
                               !lists_glob(ex, entity_id))));
    if (ex->domains_count + ex->globs_count == 0 && in->entities_count > 0)
        return included;
    if (entity_filter_lists(ex->domains, ex->domains_count, domain) || lists_glob(ex, entity_id))
        return included;
    return !excluded;
}
