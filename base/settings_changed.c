#include "base/settings.h"

#include <string.h>

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

/* '*' in the beginning stands for a number. */
static bool begins_like(struct text key, const char *beginning)
{
    size_t at = 0;
    for (; *beginning; beginning++) {
        if (*beginning != '*') {
            if (at == key.len || key.at[at] != *beginning)
                return false;
            at++;
        }
        while (*beginning == '*' && at < key.len && key.at[at] >= '0' && key.at[at] <= '9')
            at++;
    }
    return true;
}

static bool is_excepted(struct text key, const char *const *except)
{
    for (; *except; except++)
        if (begins_like(key, *except))
            return true;
    return false;
}

static bool holds(struct text effective, struct text setting)
{
    struct text line;
    while (next_line(&effective, &line))
        if (text_equal(setting_of(line), setting))
            return true;
    return false;
}

void settings_changed(const struct settings *running, const struct settings *fresh,
                      const char *const *except, struct buf *ret_keys)
{
    struct buf before = {0}, after = {0};
    settings_effective(running, &before);
    settings_effective(fresh, &after);
    struct text rest = buf_view(&after), line;
    while (next_line(&rest, &line)) {
        struct text key = key_of(line);
        if (is_excepted(key, except) || holds(buf_view(&before), setting_of(line)))
            continue;
        if (ret_keys->len > 0)
            buf_char(ret_keys, ' ');
        buf_text(ret_keys, key);
    }
    buf_free(&before);
    buf_free(&after);
}
