#include "base/value_path.h"

/* What is being parsed: the path as a whole and what is left of it. */
struct reading {
    struct text whole, rest;
    struct value_path *path;
    struct err_reason *why;
};

static enum err refuse(const struct reading *r, const char *due)
{
    size_t byte = r->whole.len - r->rest.len + 1;
    return err_explain(r->why, ERR_INVALID, "%s at byte %zu", due, byte);
}

static void skip(struct reading *r, size_t bytes)
{
    r->rest = (struct text){r->rest.at + bytes, r->rest.len - bytes};
}

static bool next_is(const struct reading *r, char c)
{
    return r->rest.len > 0 && r->rest.at[0] == c;
}

static enum err add(struct reading *r, struct value_step step)
{
    if (r->path->count == VALUE_PATH_MAX_STEPS)
        return refuse(r, "at most 16 steps, and one more begins");
    r->path->steps[r->path->count++] = step;
    r->path->each += step.kind == VALUE_STEP_EACH;
    return ERR_OK;
}

static enum err read_key(struct reading *r)
{
    size_t len = 0;
    while (len < r->rest.len && !strchr(".[]?$\"", r->rest.at[len]))
        len++;
    if (len == 0)
        return refuse(r, "a key");
    struct text key = {r->rest.at, len};
    enum err err = add(r, (struct value_step){.kind = VALUE_STEP_KEY, .key = key});
    skip(r, len);
    return err;
}

static enum err read_quoted(struct reading *r)
{
    skip(r, 1);
    const char *end = r->rest.len ? memchr(r->rest.at, '"', r->rest.len) : NULL;
    if (!end)
        return refuse(r, "a key that ends with a quote");
    struct text key = {r->rest.at, (size_t)(end - r->rest.at)};
    enum err err = add(r, (struct value_step){.kind = VALUE_STEP_KEY, .key = key});
    skip(r, key.len + 1);
    return err;
}

static enum err read_index(struct reading *r)
{
    size_t len = 0;
    long long index;
    while (len < r->rest.len && r->rest.at[len] >= '0' && r->rest.at[len] <= '9')
        len++;
    if (!text_integer((struct text){r->rest.at, len}, &index))
        return refuse(r, "an index like [0], [*] for each, or a key in quotes like [\"a.b\"]");
    if (index > VALUE_PATH_MAX_INDEX)
        return refuse(r, "an index of at most 999999");
    enum err err = add(r, (struct value_step){.kind = VALUE_STEP_INDEX, .index = (unsigned)index});
    skip(r, len);
    return err;
}

static enum err read_bracket(struct reading *r)
{
    enum err err;
    skip(r, 1);
    if (next_is(r, '*')) {
        err = add(r, (struct value_step){.kind = VALUE_STEP_EACH});
        skip(r, 1);
    } else {
        err = next_is(r, '"') ? read_quoted(r) : read_index(r);
    }
    if (err != ERR_OK)
        return err;
    if (!next_is(r, ']'))
        return refuse(r, "a ]");
    skip(r, 1);
    return ERR_OK;
}

/* The first step may be a key without a dot before it; behind $ a dot stands before a key too. */
static enum err read_step(struct reading *r)
{
    if (next_is(r, '['))
        return read_bracket(r);
    if (r->path->count == 0 && !r->path->from_root)
        return read_key(r);
    if (!next_is(r, '.'))
        return refuse(r, "a dot, a [ or the end");
    skip(r, 1);
    return read_key(r);
}

enum err value_path_parse(struct text text, struct value_path *ret_path, struct err_reason *why)
{
    struct value_path path = {.text = text};
    struct reading r = {text, text, &path, why};
    enum err err = ERR_OK;
    if (next_is(&r, '$')) {
        path.from_root = true;
        skip(&r, 1);
    } else if (text.len == 0) {
        return refuse(&r, "a key, like sensors[0].temperature");
    }
    while (err == ERR_OK && r.rest.len > 0 && !(r.rest.len == 1 && next_is(&r, '?')))
        err = read_step(&r);
    if (err != ERR_OK)
        return err;
    path.optional = r.rest.len > 0;
    if (path.optional && path.count == 0 && !path.from_root)
        return refuse(&r, "a key");
    *ret_path = path;
    return ERR_OK;
}

static bool element_at(struct value array, unsigned index, struct value *ret_value)
{
    struct text key;
    struct value_walk walk = value_walk(array);
    if (value_kind(array) != VALUE_ARRAY || index >= value_count(array))
        return false;
    while (value_next(&walk, &key, ret_value)) {
        if (index-- == 0)
            return true;
    }
    return false;
}

/* One step that is not [*]. */
static bool take_step(const struct value_step *step, struct value *v)
{
    struct value next;
    bool there = step->kind == VALUE_STEP_KEY ? value_get(*v, step->key, &next)
                                              : element_at(*v, step->index, &next);
    if (there)
        *v = next;
    return there;
}

bool value_path_find(const struct value_path *path, struct value root, struct value part,
                     struct value *ret_value)
{
    struct value v = path->from_root ? root : part;
    for (unsigned i = 0; i < path->count; i++) {
        if (path->steps[i].kind == VALUE_STEP_EACH || !take_step(&path->steps[i], &v))
            return false;
    }
    *ret_value = v;
    return true;
}

struct value_path_walk value_path_walk(const struct value_path *path, struct value root,
                                       struct value part)
{
    return (struct value_path_walk){.path = path, .from = path->from_root ? root : part};
}

/* Goes on from `v` at `step`: true at the path's end. At a [*] the array is opened, and false. */
static bool descend(struct value_path_walk *walk, unsigned step, struct value v,
                    struct value *ret_value)
{
    const struct value_path *path = walk->path;
    for (; step < path->count; step++) {
        if (path->steps[step].kind != VALUE_STEP_EACH) {
            if (!take_step(&path->steps[step], &v))
                return false;
            continue;
        }
        if (value_kind(v) != VALUE_ARRAY)
            return false;
        walk->array[walk->depth] = value_walk(v);
        walk->step[walk->depth] = step + 1;
        walk->index[walk->depth] = UINT32_MAX; /* the first element makes it 0 */
        walk->depth++;
        return false;
    }
    *ret_value = v;
    return true;
}

bool value_path_next(struct value_path_walk *walk, struct value *ret_value)
{
    struct text key;
    struct value v;
    if (!walk->begun) {
        walk->begun = true;
        if (descend(walk, 0, walk->from, ret_value))
            return true;
    }
    while (walk->depth > 0) {
        unsigned top = walk->depth - 1;
        if (!value_next(&walk->array[top], &key, &v)) {
            walk->depth--;
            continue;
        }
        walk->index[top]++;
        if (descend(walk, walk->step[top], v, ret_value))
            return true;
    }
    return false;
}
