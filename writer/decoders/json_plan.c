#include "writer/decoders/json_plan.h"

#include <stdio.h>
#include <stdlib.h>

#include "writer/decoders/refuse.h"

static enum err parse_path(const char *key, const char *path, bool many,
                           struct value_path *ret_path, struct err_reason *why)
{
    struct err_reason words = {""};
    struct value_path parsed;
    enum err err = value_path_parse(text_of(path), &parsed, &words);
    if (err != ERR_OK)
        return err_explain(why, err, "%s: \"%.128s\": %s", key, path, words.text);
    if (parsed.each > 0 && !many)
        return err_explain(
            why, ERR_INVALID,
            "%s: \"%.128s\" names many values with [*]; right would be one, like [0]", key, path);
    *ret_path = parsed;
    return ERR_OK;
}

static enum err parse_named(const char *key, const struct settings_tag *pairs, unsigned count,
                            bool many, struct json_named **ret_named, struct err_reason *why)
{
    struct json_named *named = calloc(count ? count : 1, sizeof *named);
    enum err err = named ? ERR_OK : err_explain(why, ERR_NOMEM, "%s: no memory for paths", key);
    for (unsigned i = 0; err == ERR_OK && i < count; i++) {
        char full[96];
        snprintf(full, sizeof full, "%s.%.64s", key, pairs[i].key);
        named[i].name = text_of(pairs[i].key);
        struct err_reason words = {""};
        if (refuse_name("this", named[i].name, &words) != REJECT_NONE)
            err = err_explain(why, ERR_INVALID, "%s: %s", full, words.text);
        else
            err = parse_path(full, pairs[i].value, many, &named[i].path, why);
    }
    if (err != ERR_OK) {
        free(named);
        return err;
    }
    *ret_named = named;
    return ERR_OK;
}

static bool said(const char *text)
{
    return text && *text;
}

static enum err parse_paths(const struct settings_source *source, struct json_plan *plan,
                            struct err_reason *why)
{
    enum err err =
        parse_named("fields", source->fields, source->fields_count, true, &plan->fields, why);
    if (err != ERR_OK)
        return err;
    plan->fields_count = source->fields_count;
    err = parse_named("tag_paths", source->tag_paths, source->tag_paths_count, false, &plan->tags,
                      why);
    if (err != ERR_OK)
        return err;
    plan->tags_count = source->tag_paths_count;
    plan->timed = said(source->time_path);
    plan->parted = said(source->elements);
    if (plan->timed)
        err = parse_path("time_path", source->time_path, false, &plan->time, why);
    if (err == ERR_OK && plan->parted)
        err = parse_path("elements", source->elements, true, &plan->elements, why);
    return err;
}

/* Appends the name that flattening gives to what the path names. */
static void flattened_name(const struct value_path *path, struct buf *out)
{
    for (unsigned i = 0; i < path->count; i++) {
        if (i > 0)
            buf_char(out, '.');
        if (path->steps[i].kind == VALUE_STEP_KEY)
            buf_text(out, path->steps[i].key);
        else
            buf_integer(out, path->steps[i].index);
    }
    buf_char(out, '\0');
}

/* Paths from the whole message name nothing in an element. */
static enum err list_except(struct json_plan *plan, struct err_reason *why)
{
    size_t room = plan->tags_count + 1;
    plan->except = calloc(room, sizeof *plan->except);
    for (unsigned i = 0; i < plan->tags_count; i++)
        flattened_name(&plan->tags[i].path, &plan->names);
    if (plan->timed)
        flattened_name(&plan->time, &plan->names);
    if (!plan->except || plan->names.failed)
        return err_explain(why, ERR_NOMEM, "fields: no memory for paths");
    const char *end = plan->names.data + plan->names.len;
    for (const char *at = plan->names.data; at < end; at += strlen(at) + 1)
        plan->except[plan->except_count++] = text_of(at);
    return ERR_OK;
}

enum err json_plan_make(const struct settings_source *source, void **ret_plan,
                        struct err_reason *why)
{
    struct json_plan *plan = calloc(1, sizeof *plan);
    if (!plan)
        return err_explain(why, ERR_NOMEM, "fields: no memory for paths");
    enum err err = parse_paths(source, plan, why);
    if (err == ERR_OK)
        err = time_value_open(source, &plan->time_how, why);
    if (err == ERR_OK)
        err = list_except(plan, why);
    if (err != ERR_OK) {
        json_plan_free(plan);
        return err;
    }
    plan->numbers_in_text = source->numbers_in_text;
    plan->fields_optional = plan->fields_count > 0;
    for (unsigned i = 0; i < plan->fields_count; i++)
        plan->fields_optional = plan->fields_optional && plan->fields[i].path.optional;
    *ret_plan = plan;
    return ERR_OK;
}

void json_plan_free(void *made)
{
    struct json_plan *plan = made;
    if (!plan)
        return;
    time_value_close(&plan->time_how);
    buf_free(&plan->names);
    free(plan->except);
    free(plan->fields);
    free(plan->tags);
    free(plan);
}
