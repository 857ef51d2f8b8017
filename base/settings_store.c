/* One value of the configuration: from text into the struct. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/settings_table.h"
#include "base/span.h"
#include "base/value_path.h"

/* Remembers what is to be freed with the settings. */
static void *own(struct settings_loaded *loaded, void *memory)
{
    if (!memory)
        return NULL;
    if (loaded->owned_count == loaded->owned_capacity) {
        size_t capacity = loaded->owned_capacity ? loaded->owned_capacity * 2 : 128;
        void **owned = realloc(loaded->owned, capacity * sizeof *owned);
        if (!owned) {
            free(memory);
            return NULL;
        }
        loaded->owned = owned;
        loaded->owned_capacity = capacity;
    }
    loaded->owned[loaded->owned_count++] = memory;
    return memory;
}

void *settings_own_zeroed(struct settings_loaded *loaded, size_t size)
{
    return own(loaded, calloc(1, size ? size : 1));
}

char *settings_own_text(struct settings_loaded *loaded, const char *text)
{
    return own(loaded, strdup(text));
}

static void expect_words(const struct settings_row *row, struct buf *out)
{
    for (size_t i = 0; row->words[i]; i++) {
        if (i > 0)
            buf_string(out, row->words[i + 1] ? ", " : " or ");
        /* A bare sign means something else in YAML. */
        bool sign = strpbrk(row->words[i], "<>") != NULL;
        buf_printf(out, sign ? "\"%s\"" : "%s", row->words[i]);
    }
}

static void expect_bytes(uint64_t bytes, struct buf *out)
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    size_t unit = 0;
    for (; unit < 4 && bytes > 0 && bytes % 1024 == 0; unit++)
        bytes /= 1024;
    buf_printf(out, "%llu %s", (unsigned long long)bytes, units[unit]);
}

static void expect_span(const struct settings_row *row, struct buf *out)
{
    char least[SPAN_TEXT_BYTES], most[SPAN_TEXT_BYTES];
    span_format((int64_t)row->min, least);
    span_format((int64_t)row->max, most);
    buf_printf(out, "a time from %s to %s, like 90s, 15m or 24h", least, most);
}

void settings_expected(const struct settings_row *row, struct buf *out)
{
    if (row->words) {
        expect_words(row, out);
        return;
    }
    switch (row->kind) {
    case SETTINGS_NUMBER:
        buf_printf(out, "a whole number from %llu to %llu", (unsigned long long)row->min,
                   (unsigned long long)row->max);
        return;
    case SETTINGS_BYTES:
        buf_string(out, "a size from ");
        expect_bytes(row->min, out);
        buf_string(out, " to ");
        expect_bytes(row->max, out);
        buf_string(out, ", like 1000000 or 16 MiB");
        return;
    case SETTINGS_SPAN:
        expect_span(row, out);
        return;
    case SETTINGS_DECIMAL:
        buf_string(out, "a number, like 30 or -2.5");
        return;
    case SETTINGS_FLAG:
        buf_string(out, "true or false");
        return;
    case SETTINGS_SECTION:
    case SETTINGS_BROKER:
    case SETTINGS_TAGS:
        buf_string(out, "a mapping of keys and values");
        return;
    case SETTINGS_TEXTS:
        buf_string(out, "a text or a list of texts");
        return;
    case SETTINGS_LIST:
        buf_printf(out, "a list, each entry like %s", row->section->example);
        return;
    case SETTINGS_PATH:
    case SETTINGS_TOKEN:
        buf_string(out, "the path of a file or folder");
        return;
    case SETTINGS_PLACE:
        buf_string(out, "a path into the message, like sensors[0].temperature");
        return;
    case SETTINGS_TEXT:
    case SETTINGS_WORD:
        buf_string(out, "a text on one line");
        return;
    }
}

/* A check says what would be right when it is shown what is not. */
const char *settings_expected_by_check(const struct settings_row *row)
{
    if (!row->check)
        return NULL;
    const char *right = row->check("");
    return right ? right : row->check("\n");
}

/* A number and, for sizes, a unit behind it with or without a space. */
static bool read_whole(const char *text, bool sized, uint64_t *ret_number)
{
    static const struct {
        const char *name;
        unsigned shift;
    } units[] = {{"", 0}, {"B", 0}, {"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"TiB", 40}};
    size_t digits = strspn(text, "0123456789");
    long long number;
    if (!text_integer((struct text){text, digits}, &number))
        return false;
    const char *unit = text + digits;
    if (sized)
        unit += strspn(unit, " ");
    for (size_t i = 0; i < (sized ? sizeof units / sizeof *units : 1); i++) {
        if (strcmp(unit, units[i].name) != 0)
            continue;
        if ((uint64_t)number > UINT64_MAX >> units[i].shift)
            return false;
        *ret_number = (uint64_t)number << units[i].shift;
        return true;
    }
    return false;
}

/* The words of YAML 1.1, which Home Assistant's people know, and the digits of the environment. */
static bool read_flag(const char *text, bool *ret_flag)
{
    static const char *const words[2][4] = {{"false", "no", "off", "0"},
                                            {"true", "yes", "on", "1"}};
    for (size_t i = 0; i < 8; i++) {
        if (strcasecmp(text, words[i / 4][i % 4]) == 0) {
            *ret_flag = i / 4 == 1;
            return true;
        }
    }
    return false;
}

static int find_word(const struct settings_row *row, const char *text)
{
    for (int i = 0; row->words[i]; i++)
        if (strcmp(row->words[i], text) == 0)
            return i;
    return -1;
}

static bool is_one_line(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7F)
            return false;
    return true;
}

static enum err store_text(struct settings_loaded *loaded, const struct settings_row *row,
                           const char *text, const char *folder, char **at)
{
    bool relative = row->kind != SETTINGS_TEXT && row->kind != SETTINGS_PLACE && text[0] != '/' &&
                    text[0] != '\0';
    char *kept;
    if (relative) {
        char *joined = NULL;
        if (asprintf(&joined, "%s/%s", strcmp(folder, "/") == 0 ? "" : folder, text) < 0)
            return ERR_NOMEM;
        kept = own(loaded, joined);
    } else {
        kept = settings_own_text(loaded, text);
    }
    if (!kept)
        return ERR_NOMEM;
    *at = kept;
    return ERR_OK;
}

static bool store_number(const struct settings_row *row, const char *text, void *at)
{
    uint64_t number;
    if (!read_whole(text, row->kind == SETTINGS_BYTES, &number) || number < row->min ||
        number > row->max)
        return false;
    if (row->width == sizeof(uint32_t))
        *(uint32_t *)at = (uint32_t)number;
    else
        *(uint64_t *)at = number;
    return true;
}

/* span_parse knows no zero; here it may stand, with a unit or without. */
static bool store_span(const struct settings_row *row, const char *text, uint32_t *at)
{
    int64_t seconds = 0;
    size_t zeros = strspn(text, "0");
    bool nothing = zeros > 0 && text[zeros + strspn(text + zeros, "smhdw")] == '\0' &&
                   strlen(text) <= zeros + 1;
    if (!nothing && span_parse(text_of(text), &seconds, NULL) != ERR_OK)
        return false;
    if ((uint64_t)seconds < row->min || (uint64_t)seconds > row->max)
        return false;
    *at = (uint32_t)seconds;
    return true;
}

static bool store_decimal(const struct settings_row *row, const char *text, double *at)
{
    bool unset = !*text && row->preset && !*row->preset;
    *at = NAN;
    return unset || text_number(text_of(text), at);
}

/* Empty only where that is the default. */
static bool is_place(const struct settings_row *row, const char *text, struct buf *ret_expected)
{
    struct value_path path;
    struct err_reason due = {""};
    if ((!*text && row->preset) || value_path_parse(text_of(text), &path, &due) == ERR_OK)
        return true;
    buf_string(ret_expected, due.text);
    return false;
}

enum err settings_store(struct settings_loaded *loaded, const struct settings_row *row,
                        const char *text, const char *folder, void *base, struct buf *ret_expected)
{
    void *at = (char *)base + row->offset;
    bool right = is_one_line(text) && strlen(text) <= 4096;
    int word = row->words && right ? find_word(row, text) : 0;
    if (row->check && right && row->check(text)) {
        buf_string(ret_expected, row->check(text));
        return ERR_INVALID;
    }
    if (row->kind == SETTINGS_PLACE && right && !is_place(row, text, ret_expected))
        return ERR_INVALID;
    right = right && word >= 0;
    switch (row->kind) {
    case SETTINGS_NUMBER:
    case SETTINGS_BYTES:
        right = right && store_number(row, text, at);
        break;
    case SETTINGS_SPAN:
        right = right && store_span(row, text, at);
        break;
    case SETTINGS_DECIMAL:
        right = right && store_decimal(row, text, at);
        break;
    case SETTINGS_FLAG:
        right = right && read_flag(text, at);
        break;
    case SETTINGS_WORD:
        if (right)
            *(int *)at = word; /* the enums of settings.h are ints */
        break;
    default:
        if (right)
            return store_text(loaded, row, text, folder, at);
    }
    if (!right)
        settings_expected(row, ret_expected);
    return right ? ERR_OK : ERR_INVALID;
}

enum err settings_from_environment(const struct settings_row *row, const char **ret_name,
                                   const char **ret_value, struct err_reason *why)
{
    const char *name = NULL, *value = NULL;
    for (size_t i = 0; i < SETTINGS_NAMES_MAX && row->environment[i]; i++) {
        const char *other = getenv(row->environment[i]);
        if (!other || !*other)
            continue;
        if (value && strcmp(value, other) != 0)
            return err_explain(why, ERR_INVALID,
                               "the environment variables %s and %s disagree about influxdb.%s; "
                               "set one of them, or both to the same",
                               name, row->environment[i], row->name);
        if (!value) {
            name = row->environment[i];
            value = other;
        }
    }
    *ret_name = name;
    *ret_value = value;
    return ERR_OK;
}
