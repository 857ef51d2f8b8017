#include "writer/mapping.h"

#include <stdio.h>

static enum err make(const struct settings *settings, const char *journal_path,
                     struct mapping *ret_mapping, struct err_reason *why)
{
    char path[4096];
    struct mapping made = {0};
    snprintf(path, sizeof path, "%s/subscriptions", journal_path);
    enum err e = sources_open(settings, &made.sources, why);
    if (e == ERR_OK)
        e = subscription_plan_make(path, settings->topic_root, made.sources, &made.plan, why);
    if (e != ERR_OK) {
        sources_close(made.sources);
        return e;
    }
    *ret_mapping = made;
    return ERR_OK;
}

enum err mapping_make(const struct settings *settings, struct mapping *ret_mapping,
                      struct err_reason *why)
{
    return make(settings, settings->writer.journal.path, ret_mapping, why);
}

static bool next_line(struct text *rest, struct text *ret_line)
{
    if (rest->len == 0)
        return false;
    const char *end = memchr(rest->at, '\n', rest->len);
    size_t len = end ? (size_t)(end - rest->at) : rest->len;
    *ret_line = (struct text){rest->at, len};
    size_t used = len + (end ? 1 : 0);
    *rest = (struct text){rest->at + used, rest->len - used};
    return true;
}

/* "key: value  # where from" without where it is from. */
static struct text setting_of(struct text line)
{
    for (size_t i = line.len; i > 2; i--)
        if (memcmp(line.at + i - 3, "  #", 3) == 0)
            return (struct text){line.at, i - 3};
    return line;
}

static struct text key_of(struct text line)
{
    const char *colon = line.len ? memchr(line.at, ':', line.len) : NULL;
    return (struct text){line.at, colon ? (size_t)(colon - line.at) : line.len};
}

static bool is_of_mapping(struct text key)
{
    return text_starts(key, TEXT("writer.sources")) || text_starts(key, TEXT("tags")) ||
           text_equal(key, TEXT("writer.max_series"));
}

static bool holds(struct text effective, struct text setting)
{
    struct text line;
    while (next_line(&effective, &line))
        if (text_equal(setting_of(line), setting))
            return true;
    return false;
}

/* The keys whose value in `fresh` is not what runs. */
static void compare(const struct settings *running, const struct settings *fresh, struct buf *out)
{
    struct buf before = {0}, after = {0};
    settings_effective(running, &before);
    settings_effective(fresh, &after);
    struct text rest = buf_view(&after), line;
    while (next_line(&rest, &line)) {
        struct text key = key_of(line);
        if (is_of_mapping(key) || holds(buf_view(&before), setting_of(line)))
            continue;
        if (out->len > 0)
            buf_char(out, ' ');
        buf_text(out, key);
    }
    buf_free(&before);
    buf_free(&after);
}

enum err mapping_read(const char *path, const struct settings *running, struct mapping *ret_mapping,
                      struct buf *ret_later, struct err_reason *why)
{
    struct settings *fresh = NULL;
    enum err e = settings_read(path, &fresh, why);
    if (e == ERR_OK && strcmp(fresh->topic_root, running->topic_root) != 0)
        e = err_explain(why, ERR_INVALID,
                        "topic_root cannot change on a running writer: stop it and start it again");
    if (e == ERR_OK)
        e = make(fresh, running->writer.journal.path, ret_mapping, why);
    if (e != ERR_OK) {
        settings_free(fresh);
        return e;
    }
    compare(running, fresh, ret_later);
    ret_mapping->settings = fresh;
    return ERR_OK;
}

void mapping_close(struct mapping *mapping)
{
    subscription_plan_free(&mapping->plan);
    sources_close(mapping->sources);
    settings_free(mapping->settings);
    *mapping = (struct mapping){0};
}
