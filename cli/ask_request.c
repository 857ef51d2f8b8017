#include "cli/ask_request.h"

#include <stdio.h>

#include "schemas/request.h"

struct pair {
    struct text object, key, value; /* object empty for a key of the request itself */
};

static struct pair pair_of(const char *word)
{
    const char *equals = strchr(word, '=');
    struct text key = {word, (size_t)(equals - word)};
    const char *dot = memchr(key.at, '.', key.len);
    struct pair pair = {.key = key, .value = text_of(equals + 1)};
    if (dot && dot > word) {
        pair.object = (struct text){word, (size_t)(dot - word)};
        pair.key = (struct text){dot + 1, (size_t)(equals - dot - 1)};
    }
    return pair;
}

static const struct fields_row *row_of(const char *endpoint, struct text key)
{
    char name[64];
    snprintf(name, sizeof name, "request_%s", endpoint);
    for (char *slash = name; (slash = strchr(slash, '/'));)
        *slash = '_';
    for (size_t t = 0; request_tables[t]; t++)
        for (size_t i = 0; i < request_tables[t]->count; i++)
            if (strcmp(request_tables[t]->name, name) == 0 &&
                text_equal(text_of(request_tables[t]->rows[i].name), key))
                return &request_tables[t]->rows[i];
    return NULL;
}

static bool is_text(enum fields_type type)
{
    return type != FIELDS_BOOL && type != FIELDS_UNSIGNED && type != FIELDS_NUMBER;
}

/* As JSON writes numbers: text_number also takes "+1", ".5", "5." and "007". */
static bool is_json_number(struct text t)
{
    double number;
    size_t sign = t.len > 0 && t.at[0] == '-';
    bool digit = t.len > sign && t.at[sign] >= '0' && t.at[sign] <= '9';
    bool zeros =
        t.len > sign + 1 && t.at[sign] == '0' && t.at[sign + 1] >= '0' && t.at[sign + 1] <= '9';
    const char *point = t.len > 0 ? memchr(t.at, '.', t.len) : NULL;
    bool open = point && (point + 1 == t.at + t.len || point[1] < '0' || point[1] > '9');
    return digit && !zeros && !open && text_number(t, &number);
}

static void write_value(const char *endpoint, const struct pair *pair, struct buf *out)
{
    struct text name = pair->object.len > 0 ? pair->object : pair->key;
    const struct fields_row *row = row_of(endpoint, name);
    struct text value = pair->value;
    bool looks = text_equal(value, TEXT("true")) || text_equal(value, TEXT("false")) ||
                 is_json_number(value);
    if (looks && !(row && is_text(row->type)))
        buf_text(out, value);
    else
        buf_json_text(out, value);
}

static void write_object(const char *endpoint, const char *const *words, size_t count,
                         struct text object, struct buf *out)
{
    char before = '{';
    buf_json_text(out, object);
    buf_char(out, ':');
    for (size_t i = 0; i < count; i++) {
        struct pair pair = pair_of(words[i]);
        if (!text_equal(pair.object, object))
            continue;
        buf_char(out, before);
        buf_json_text(out, pair.key);
        buf_char(out, ':');
        write_value(endpoint, &pair, out);
        before = ',';
    }
    buf_char(out, '}');
}

static bool is_first_of(const char *const *words, size_t index, struct text object)
{
    for (size_t i = 0; i < index; i++)
        if (text_equal(pair_of(words[i]).object, object))
            return false;
    return true;
}

enum err ask_request(const char *endpoint, const char *const *words, size_t count, struct buf *out,
                     struct err_reason *why)
{
    char before = '{';
    for (size_t i = 0; i < count; i++) {
        if (!strchr(words[i], '=') || words[i][0] == '=')
            return err_explain(why, ERR_INVALID, "\"%.64s\" is no KEY=VALUE", words[i]);
        if (!text_utf8_valid(text_of(words[i])))
            return err_explain(why, ERR_INVALID, "\"%.64s\" is not UTF-8", words[i]);
    }
    for (size_t i = 0; i < count; i++) {
        struct pair pair = pair_of(words[i]);
        bool inner = pair.object.len > 0;
        if (inner && !is_first_of(words, i, pair.object))
            continue; /* written with the first */
        buf_char(out, before);
        before = ',';
        if (inner) {
            write_object(endpoint, words, count, pair.object, out);
            continue;
        }
        buf_json_text(out, pair.key);
        buf_char(out, ':');
        write_value(endpoint, &pair, out);
    }
    buf_string(out, count > 0 ? "}" : "{}");
    return out->failed ? ERR_NOMEM : ERR_OK;
}

void ask_request_json(const char *key, struct text json, struct buf *out)
{
    buf_char(out, out->len > 0 ? ',' : '{');
    buf_json_text(out, text_of(key));
    buf_char(out, ':');
    buf_text(out, json);
}

void ask_request_text(const char *key, struct text value, struct buf *out)
{
    if (!value.at)
        return;
    ask_request_json(key, (struct text){0}, out);
    buf_json_text(out, value);
}

void ask_request_end(struct buf *out)
{
    buf_string(out, out->len > 0 ? "}" : "{}");
}
