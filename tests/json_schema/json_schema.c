#include "json_schema.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "schemas/message_time.h"

enum { DEEPEST = 64, FILES = 32 };

/* One check: the files read so far, and where in the message it is. */
struct check {
    struct {
        char name[64];
        cJSON *root;
    } files[FILES];
    char path[512];
    unsigned depth;
    struct json_schema_reason *why;
};

static bool fail(struct check *check, const char *words, const cJSON *here, const cJSON *due)
{
    char *is = here ? cJSON_PrintUnformatted(here) : NULL;
    char *says = due ? cJSON_PrintUnformatted(due) : NULL;
    snprintf(check->why->text, sizeof check->why->text, "%s: %.200s is here, %s %.300s",
             check->path[0] ? check->path : "the message", is ? is : "nothing", words,
             says ? says : "");
    cJSON_free(is);
    cJSON_free(says);
    return false;
}

static cJSON *read_schema(const char *name)
{
    char path[512], piece[4096];
    struct buf content = {0};
    snprintf(path, sizeof path, "%s/schemas/%s", HEARTHLINE_SOURCE_DIR, name);
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    for (size_t got; (got = fread(piece, 1, sizeof piece, file)) > 0;)
        buf_append(&content, piece, got);
    fclose(file);
    cJSON *root = cJSON_ParseWithLength(content.data, content.len);
    buf_free(&content);
    return root;
}

/* The index of a file, read when it is new; FILES when there is none such. */
static size_t file_of(struct check *check, const char *name)
{
    size_t i = 0;
    while (i < FILES && check->files[i].root && strcmp(check->files[i].name, name) != 0)
        i++;
    if (i < FILES && !check->files[i].root) {
        snprintf(check->files[i].name, sizeof check->files[i].name, "%s", name);
        check->files[i].root = read_schema(name);
    }
    return i < FILES && check->files[i].root ? i : FILES;
}

static bool holds(struct check *check, size_t file, const cJSON *schema, const cJSON *here);

static bool holds_reference(struct check *check, size_t file, const cJSON *reference,
                            const cJSON *here)
{
    char name[64];
    const char *at = strchr(reference->valuestring, '#');
    size_t len = at ? (size_t)(at - reference->valuestring) : strlen(reference->valuestring);
    snprintf(name, sizeof name, "%.*s", (int)len, reference->valuestring);
    size_t target = len > 0 ? file_of(check, name) : file;
    const cJSON *schema = target < FILES ? check->files[target].root : NULL;
    for (at = at && at[1] == '/' ? at + 2 : ""; schema && *at; at += at[0] == '/') {
        size_t part = strcspn(at, "/");
        snprintf(name, sizeof name, "%.*s", (int)part, at);
        schema = cJSON_GetObjectItemCaseSensitive(schema, name);
        at += part;
    }
    if (!schema)
        return fail(check, "and there is no such schema:", here, reference);
    return holds(check, target, schema, here);
}

static bool is_type(const cJSON *here, const char *type)
{
    const struct {
        const char *type;
        bool is;
    } types[] = {
        {"null", cJSON_IsNull(here)},
        {"boolean", cJSON_IsBool(here)},
        {"number", cJSON_IsNumber(here)},
        {"string", cJSON_IsString(here)},
        {"array", cJSON_IsArray(here)},
        {"object", cJSON_IsObject(here)},
        {"integer", cJSON_IsNumber(here) && floor(here->valuedouble) >= here->valuedouble},
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp(type, types[i].type) == 0)
            return types[i].is;
    return false;
}

static bool holds_type(const cJSON *due, const cJSON *here)
{
    if (cJSON_IsString(due))
        return is_type(here, due->valuestring);
    for (const cJSON *type = due->child; type; type = type->next)
        if (is_type(here, type->valuestring))
            return true;
    return false;
}

static bool holds_enum(const cJSON *due, const cJSON *here)
{
    for (const cJSON *one = due->child; one; one = one->next)
        if (cJSON_Compare(one, here, true))
            return true;
    return false;
}

static bool holds_const(const cJSON *due, const cJSON *here)
{
    return cJSON_Compare(due, here, true);
}

static bool holds_minimum(const cJSON *due, const cJSON *here)
{
    return !cJSON_IsNumber(here) || here->valuedouble >= due->valuedouble;
}

static bool holds_above(const cJSON *due, const cJSON *here)
{
    return !cJSON_IsNumber(here) || here->valuedouble > due->valuedouble;
}

static bool holds_maximum(const cJSON *due, const cJSON *here)
{
    return !cJSON_IsNumber(here) || here->valuedouble <= due->valuedouble;
}

static size_t characters(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

static bool holds_min_length(const cJSON *due, const cJSON *here)
{
    return !cJSON_IsString(here) || characters(here->valuestring) >= (size_t)due->valuedouble;
}

static bool holds_max_length(const cJSON *due, const cJSON *here)
{
    return !cJSON_IsString(here) || characters(here->valuestring) <= (size_t)due->valuedouble;
}

static bool holds_min_items(const cJSON *due, const cJSON *here)
{
    return !cJSON_IsArray(here) || cJSON_GetArraySize(here) >= (int)due->valuedouble;
}

static bool holds_max_properties(const cJSON *due, const cJSON *here)
{
    return !cJSON_IsObject(here) || cJSON_GetArraySize(here) <= (int)due->valuedouble;
}

static bool holds_required(const cJSON *due, const cJSON *here)
{
    if (!cJSON_IsObject(here))
        return true;
    for (const cJSON *name = due->child; name; name = name->next)
        if (!cJSON_GetObjectItemCaseSensitive(here, name->valuestring))
            return false;
    return true;
}

/* Of formats and patterns those that our files have: a time, and decimal digits. */
static bool holds_format(const cJSON *due, const cJSON *here)
{
    int64_t time_ns;
    return strcmp(due->valuestring, "date-time") == 0 &&
           (!cJSON_IsString(here) ||
            message_time_rfc3339(text_of(here->valuestring), &time_ns, NULL) == ERR_OK);
}

static bool holds_pattern(const cJSON *due, const cJSON *here)
{
    const char *digits = cJSON_IsString(here) ? here->valuestring : "0";
    digits += *digits == '-';
    return strcmp(due->valuestring, "^-?[0-9]+$") == 0 && *digits &&
           digits[strspn(digits, "0123456789")] == '\0';
}

static bool holds_anything(const cJSON *due, const cJSON *here)
{
    (void)due, (void)here;
    return true;
}

/* Steps into a member or an element; `name` NULL: the index. */
static bool holds_inside(struct check *check, size_t file, const cJSON *schema, const cJSON *here,
                         const char *name, int index)
{
    size_t len = strlen(check->path);
    if (name)
        snprintf(check->path + len, sizeof check->path - len, "%s%s", len ? "." : "", name);
    else
        snprintf(check->path + len, sizeof check->path - len, "[%d]", index);
    bool good = holds(check, file, schema, here);
    check->path[len] = '\0';
    return good;
}

static bool holds_members(struct check *check, size_t file, const cJSON *schema, const cJSON *here)
{
    const cJSON *properties = cJSON_GetObjectItemCaseSensitive(schema, "properties");
    const cJSON *more = cJSON_GetObjectItemCaseSensitive(schema, "additionalProperties");
    const cJSON *names = cJSON_GetObjectItemCaseSensitive(schema, "propertyNames");
    for (const cJSON *member = here->child; member; member = member->next) {
        const cJSON *due = cJSON_GetObjectItemCaseSensitive(properties, member->string);
        cJSON *name = names ? cJSON_CreateString(member->string) : NULL;
        bool good = !names || holds(check, file, names, name);
        cJSON_Delete(name);
        if (good && (due || more))
            good = holds_inside(check, file, due ? due : more, member, member->string, 0);
        if (!good)
            return false;
    }
    return true;
}

static bool holds_elements(struct check *check, size_t file, const cJSON *schema, const cJSON *here)
{
    const cJSON *due = cJSON_GetObjectItemCaseSensitive(schema, "prefixItems");
    const cJSON *rest = cJSON_GetObjectItemCaseSensitive(schema, "items");
    int index = 0;
    due = due ? due->child : NULL;
    for (const cJSON *element = here->child; element; element = element->next) {
        const cJSON *of_element = due ? due : rest;
        if (of_element && !holds_inside(check, file, of_element, element, NULL, index++))
            return false;
        due = due ? due->next : NULL;
    }
    return true;
}

static bool holds_any_of(struct check *check, size_t file, const cJSON *any, const cJSON *here)
{
    for (const cJSON *one = any->child; one; one = one->next)
        if (holds(check, file, one, here))
            return true;
    return false;
}

/* The keywords that look at the value alone; the others lead further in and are done below. */
static const struct {
    const char *name;
    bool (*holds)(const cJSON *due, const cJSON *here);
} keywords[] = {
    {"type", holds_type},
    {"enum", holds_enum},
    {"const", holds_const},
    {"minimum", holds_minimum},
    {"exclusiveMinimum", holds_above},
    {"maximum", holds_maximum},
    {"minLength", holds_min_length},
    {"maxLength", holds_max_length},
    {"minItems", holds_min_items},
    {"maxProperties", holds_max_properties},
    {"required", holds_required},
    {"format", holds_format},
    {"pattern", holds_pattern},
    {"properties", holds_anything},
    {"additionalProperties", holds_anything},
    {"propertyNames", holds_anything},
    {"prefixItems", holds_anything},
    {"items", holds_anything},
    {"anyOf", holds_anything},
    {"$ref", holds_anything},
    {"$defs", holds_anything},
    {"$schema", holds_anything},
    {"title", holds_anything},
    {"description", holds_anything},
    {"default", holds_anything},
    {"examples", holds_anything},
};

static bool holds_keywords(struct check *check, const cJSON *schema, const cJSON *here)
{
    for (const cJSON *keyword = schema->child; keyword; keyword = keyword->next) {
        size_t i = 0;
        while (i < sizeof keywords / sizeof keywords[0] &&
               strcmp(keyword->string, keywords[i].name) != 0)
            i++;
        if (i == sizeof keywords / sizeof keywords[0])
            return fail(check, "and this keyword is not known:", here, schema);
        if (!keywords[i].holds(keyword, here))
            return fail(check, keywords[i].name, here, keyword);
    }
    return true;
}

static bool holds(struct check *check, size_t file, const cJSON *schema, const cJSON *here)
{
    if (cJSON_IsBool(schema))
        return cJSON_IsTrue(schema) || fail(check, "and is not known there", here, NULL);
    if (check->depth == DEEPEST)
        return fail(check, "and it is too deep", here, NULL);
    check->depth++;
    const cJSON *reference = cJSON_GetObjectItemCaseSensitive(schema, "$ref");
    const cJSON *any = cJSON_GetObjectItemCaseSensitive(schema, "anyOf");
    bool good = holds_keywords(check, schema, here) &&
                (!reference || holds_reference(check, file, reference, here)) &&
                (!any || holds_any_of(check, file, any, here)) &&
                (!cJSON_IsObject(here) || holds_members(check, file, schema, here)) &&
                (!cJSON_IsArray(here) || holds_elements(check, file, schema, here));
    check->depth--;
    return good;
}

bool json_schema_holds(const char *name, struct text json, struct json_schema_reason *ret_why)
{
    struct check check = {.why = ret_why};
    const char *end = NULL;
    char file_name[64];
    cJSON *here = cJSON_ParseWithLengthOpts(json.at, json.len, &end, false);
    bool good = here && text_trim((struct text){end, json.len - (size_t)(end - json.at)}).len == 0;
    snprintf(file_name, sizeof file_name, "%s.schema.json", name);
    size_t file = file_of(&check, file_name);
    if (!good)
        fail(&check, "and one JSON value is due", NULL, NULL);
    else if (file == FILES)
        good = fail(&check, "and there is no schema of this name", here, NULL);
    else
        good = holds(&check, file, check.files[file].root, here);
    cJSON_Delete(here);
    for (size_t i = 0; i < FILES; i++)
        cJSON_Delete(check.files[i].root);
    return good;
}
