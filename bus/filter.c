#include "bus/filter.h"

#include <string.h>

#define FILTER_MAX_BYTES 65535

/* Takes the next level off `rest`; false when there is none. A rest that stands at NULL is used up,
 * one of length 0 is an empty level. */
static bool take_level(struct text *rest, struct text *ret_level)
{
    if (!rest->at)
        return false;
    const char *slash = rest->len ? memchr(rest->at, '/', rest->len) : NULL;
    size_t len = slash ? (size_t)(slash - rest->at) : rest->len;
    *ret_level = (struct text){rest->at, len};
    *rest = slash ? (struct text){slash + 1, rest->len - len - 1} : (struct text){NULL, 0};
    return true;
}

/* A text of length 0 may stand at NULL, which would read as "used up". */
static struct text levels_of(struct text t)
{
    return t.at ? t : (struct text){"", 0};
}

static bool is_rest(struct text level)
{
    return level.len == 1 && level.at[0] == '#';
}

static bool is_one(struct text level)
{
    return level.len > 0 && level.at[0] == '+';
}

static bool begins_with_wildcard(struct text filter)
{
    return filter.len > 0 && (filter.at[0] == '+' || filter.at[0] == '#');
}

static bool is_system(struct text topic)
{
    return topic.len > 0 && topic.at[0] == '$';
}

static bool name_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* A '+' level's name is kept in `names`, to find the one that stands twice. */
static enum err check_plus(struct text level, struct text *names, size_t *count,
                           struct err_reason *why)
{
    struct text name = {level.at + 1, level.len - 1};
    if (name.len == 0)
        return ERR_OK;
    for (size_t i = 0; i < name.len; i++)
        if (!name_character(name.at[i]))
            return err_explain(
                why, ERR_INVALID,
                "'%.*s': a '+' stands alone in its level, or before a name of letters, "
                "digits and '_'",
                TEXT_ARGS(level));
    for (size_t i = 0; i < *count; i++)
        if (text_equal(names[i], name))
            return err_explain(why, ERR_INVALID, "the name '%.*s' stands twice in the filter",
                               TEXT_ARGS(name));
    if (*count == FILTER_MAX_CAPTURES)
        return err_explain(why, ERR_INVALID, "more than %d named levels", FILTER_MAX_CAPTURES);
    names[(*count)++] = name;
    return ERR_OK;
}

static enum err check_level(struct text level, bool last, struct text *names, size_t *count,
                            struct err_reason *why)
{
    if (is_one(level))
        return check_plus(level, names, count, why);
    if (is_rest(level) && !last)
        return err_explain(why, ERR_INVALID, "'#' is not the last level");
    if (level.len == 0 || is_rest(level))
        return ERR_OK;
    if (memchr(level.at, '#', level.len) || memchr(level.at, '+', level.len))
        return err_explain(why, ERR_INVALID, "'%.*s': a wildcard fills its level alone",
                           TEXT_ARGS(level));
    return ERR_OK;
}

enum err filter_check(struct text filter, struct err_reason *why)
{
    struct text names[FILTER_MAX_CAPTURES];
    struct text level;
    size_t count = 0;
    if (filter.len == 0)
        return err_explain(why, ERR_INVALID, "the filter is empty");
    if (filter.len > FILTER_MAX_BYTES)
        return err_explain(why, ERR_INVALID, "the filter has %zu bytes, at most %d are allowed",
                           filter.len, FILTER_MAX_BYTES);
    if (memchr(filter.at, '\0', filter.len) || !text_utf8_valid(filter))
        return err_explain(why, ERR_INVALID, "the filter is not UTF-8 text without NUL");
    for (struct text rest = filter; take_level(&rest, &level);) {
        enum err err = check_level(level, !rest.at, names, &count, why);
        if (err)
            return err;
    }
    return ERR_OK;
}

void filter_plain(struct text filter, char *ret_plain)
{
    struct text rest = levels_of(filter);
    struct text level;
    while (take_level(&rest, &level)) {
        size_t len = is_one(level) ? 1 : level.len;
        if (len)
            memcpy(ret_plain, level.at, len);
        ret_plain += len;
        if (rest.at)
            *ret_plain++ = '/';
    }
    *ret_plain = '\0';
}

bool filter_match(struct text filter, struct text topic, struct filter_captures *ret_captures)
{
    struct filter_captures captures;
    struct text filter_rest = levels_of(filter), topic_rest = levels_of(topic);
    struct text wanted, level;
    captures.count = 0;
    if (is_system(topic) && begins_with_wildcard(filter))
        return false;
    while (take_level(&filter_rest, &wanted)) {
        if (is_rest(wanted))
            goto matched; /* also the level above it */
        if (!take_level(&topic_rest, &level))
            return false;
        if (is_one(wanted)) {
            if (wanted.len > 1 && captures.count < FILTER_MAX_CAPTURES)
                captures.at[captures.count++] =
                    (struct filter_capture){{wanted.at + 1, wanted.len - 1}, level};
        } else if (!text_equal(wanted, level)) {
            return false;
        }
    }
    if (topic_rest.at)
        return false;
matched:
    if (ret_captures) {
        ret_captures->count = captures.count;
        for (size_t i = 0; i < captures.count; i++)
            ret_captures->at[i] = captures.at[i];
    }
    return true;
}

bool filter_subsumes(struct text wide, struct text narrow)
{
    struct text wide_rest = levels_of(wide), narrow_rest = levels_of(narrow);
    struct text w, n;
    if (is_system(narrow) && begins_with_wildcard(wide))
        return false;
    if (is_rest(narrow)) { /* every topic has a first level, so "+/#" is all of them too */
        if (take_level(&wide_rest, &w) && is_one(w))
            return take_level(&wide_rest, &w) && is_rest(w);
        return is_rest(w);
    }
    while (take_level(&wide_rest, &w)) {
        if (is_rest(w))
            return true;
        if (!take_level(&narrow_rest, &n) || is_rest(n))
            return false;
        if (!is_one(w) && (is_one(n) || !text_equal(w, n)))
            return false;
    }
    return !narrow_rest.at;
}

/* Of filters that are alike up to here: whether what is left of one matches what the other ends
 * with. "a/#" matches "a" too. */
static bool matches_nothing_more(struct text rest)
{
    struct text level;
    return !take_level(&rest, &level) || is_rest(level);
}

bool filter_overlaps(struct text one, struct text other)
{
    struct text a_rest = levels_of(one), b_rest = levels_of(other);
    struct text a, b;
    if ((is_system(one) && begins_with_wildcard(other)) ||
        (is_system(other) && begins_with_wildcard(one)))
        return false;
    while (a_rest.at && b_rest.at) {
        take_level(&a_rest, &a);
        take_level(&b_rest, &b);
        if (is_rest(a) || is_rest(b))
            return true;
        if (!is_one(a) && !is_one(b) && !text_equal(a, b))
            return false;
    }
    return matches_nothing_more(a_rest) && matches_nothing_more(b_rest);
}
