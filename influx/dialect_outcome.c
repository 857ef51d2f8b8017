#include "influx/dialect.h"

#include <cjson/cJSON.h>
#include <stdio.h>

#include "influx/line.h"

/* 3.x names no more bad lines than this in one reply. */
#define NAMED_MAX 100

#define ANY_STATUS 0
enum { V1 = 1 << DIALECT_1, V2 = 1 << DIALECT_2, V3 = 1 << DIALECT_3, ALL = V1 | V2 | V3 };

/* The first row that fits decides. `begins` is how the server's words begin, "" for all. */
static const struct {
    unsigned dialects;
    long status;
    const char *begins;
    enum outcome outcome;
} rules[] = {
    {ALL, 204, "", OUTCOME_STORED},
    /* Mistakes of the configuration that come as if the lines were bad. */
    {V1, ANY_STATUS, "database not found", OUTCOME_FAULT},
    {V1, ANY_STATUS, "retention policy not found", OUTCOME_FAULT}, /* comes as 500 */
    {V1, 400, "database is required", OUTCOME_FAULT},
    {V2, 400, "missing db", OUTCOME_FAULT},
    {V3, 400, "db name", OUTCOME_FAULT},
    {V3, 400, "invalid character in database", OUTCOME_FAULT},
    {V3, 400, "Authorization header was malformed", OUTCOME_FAULT},
    {ALL, 401, "", OUTCOME_FAULT},
    {ALL, 403, "", OUTCOME_FAULT},
    {ALL, 404, "", OUTCOME_FAULT},
    /* Some line is bad, or all are too much. */
    {ALL, 400, "", OUTCOME_SPLIT},
    {ALL, 413, "", OUTCOME_SPLIT},
    {ALL, 422, "", OUTCOME_SPLIT},
    {ALL, 500, "partial write", OUTCOME_SPLIT},
    {ALL, 500, "failure writing points to database: partial write", OUTCOME_SPLIT},
    {ALL, 500, "unable to parse", OUTCOME_SPLIT},
    /* The server is busy, full or not there. */
    {ALL, 408, "", OUTCOME_RETRY},
    {ALL, 429, "", OUTCOME_RETRY},
    {ALL, 500, "timeout", OUTCOME_RETRY},
    {ALL, 500, "unexpected error writing points to database: timeout", OUTCOME_RETRY},
    {ALL, 500, "engine: cache-max-memory-size exceeded", OUTCOME_RETRY},
    {ALL, 502, "", OUTCOME_RETRY},
    {ALL, 503, "", OUTCOME_RETRY},
    {ALL, 504, "", OUTCOME_RETRY},
};

static const char *const names[] = {
    [OUTCOME_STORED] = "stored",
    [OUTCOME_RETRY] = "retry",
    [OUTCOME_RETRY_BOUNDED] = "retry_bounded",
    [OUTCOME_FAULT] = "fault",
    [OUTCOME_SPLIT] = "split",
    [OUTCOME_REJECTED] = "rejected",
};

const char *dialect_outcome_name(enum outcome outcome)
{
    return names[outcome];
}

/* Copies text as one line of UTF-8, cut at a character's start. */
static void write_words(char *to, size_t size, struct text words)
{
    size_t used = 0;
    while (words.len > 0) {
        size_t len = text_utf8_sequence(words);
        if (used + (len ? len : 1) >= size)
            break;
        unsigned char c = (unsigned char)words.at[0];
        if (len <= 1)
            to[used++] = len == 0 ? '?' : c < 0x20 || c == 0x7f ? ' ' : (char)c;
        else
            memcpy(to + used, words.at, len);
        used += len > 1 ? len : 0;
        len = len ? len : 1;
        words = (struct text){words.at + len, words.len - len};
    }
    to[used] = '\0';
}

/* What the server says: `error` of 1.x and 3.x, `message` of 2.x, or the body where it is text. */
static struct text words_of(const struct http_reply *reply, const cJSON *body)
{
    const char *words = cJSON_GetStringValue(cJSON_GetObjectItem(body, "error"));
    if (!words)
        words = cJSON_GetStringValue(cJSON_GetObjectItem(body, "message"));
    if (words)
        return text_of(words);
    return reply->status == 0 ? text_of(reply->error) : text_trim(reply->body);
}

static enum outcome by_rules(enum dialect dialect, const struct http_reply *reply,
                             struct text words)
{
    if (reply->status == 0)
        return OUTCOME_RETRY;
    unsigned mask = dialect == DIALECT_UNKNOWN ? ALL : 1u << dialect;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if ((rules[i].dialects & mask) &&
            (rules[i].status == ANY_STATUS || rules[i].status == reply->status) &&
            text_starts(words, text_of(rules[i].begins)))
            return rules[i].outcome;
    if (reply->status >= 500)
        return OUTCOME_RETRY_BOUNDED;
    /* InfluxDB says 204. An empty 2xx may be a relative of it; a 200 with a page is somebody else,
     * and so is a redirection. */
    bool empty = reply->body.len == 0;
    return reply->status >= 200 && reply->status < 300 && empty ? OUTCOME_STORED : OUTCOME_FAULT;
}

/* Walks the lines that were sent. */
struct walk {
    struct text rest, line;
    size_t passed;
};

static bool walk_to(struct walk *walk, size_t line_number)
{
    while (walk->passed < line_number) {
        if (!line_next(&walk->rest, &walk->line))
            return false;
        walk->passed++;
    }
    return walk->passed == line_number && line_number > 0;
}

/* Reads one entry of 3.x's list. False when it does not name a line that was sent. */
static bool read_entry(const cJSON *entry, struct walk *walk, struct dialect_bad *ret_bad)
{
    const cJSON *number = cJSON_GetObjectItem(entry, "line_number");
    const char *line = cJSON_GetStringValue(cJSON_GetObjectItem(entry, "original_line"));
    const char *words = cJSON_GetStringValue(cJSON_GetObjectItem(entry, "error_message"));
    if (!cJSON_IsNumber(number) || !line || number->valuedouble < 1 ||
        number->valuedouble > UINT32_MAX)
        return false;
    size_t line_number = (size_t)number->valuedouble;
    if (!walk_to(walk, line_number) || !text_equal(walk->line, text_of(line)))
        return false;
    ret_bad->line = (uint32_t)(line_number - 1);
    write_words(ret_bad->words, sizeof ret_bad->words, text_of(words ? words : ""));
    return true;
}

/* Reads the list of bad lines of 3.x's partial write. False when it does not name them all. */
static bool read_bad_lines(const cJSON *body, struct text sent, struct dialect_bad *ret_bad,
                           size_t bad_max, size_t *ret_count)
{
    const cJSON *list = cJSON_GetObjectItem(body, "data"), *entry;
    const char *error = cJSON_GetStringValue(cJSON_GetObjectItem(body, "error"));
    int length = cJSON_GetArraySize(list);
    if (!error || !text_starts(text_of(error), TEXT("partial write")) || !cJSON_IsArray(list) ||
        length == 0 || length >= NAMED_MAX || (size_t)length > bad_max)
        return false;
    struct walk walk = {.rest = sent};
    size_t count = 0;
    cJSON_ArrayForEach(entry, list)
    {
        if (!read_entry(entry, &walk, &ret_bad[count]))
            return false;
        bool again = count > 0 && ret_bad[count].line == ret_bad[count - 1].line;
        count += !again;
    }
    *ret_count = count;
    return true;
}

/* Where a reply has no words of its own, its status has to do. */
static void write_words_of(const struct http_reply *reply, struct text words, bool failed,
                           char ret_words[DIALECT_WORDS_SIZE])
{
    write_words(ret_words, DIALECT_WORDS_SIZE, words);
    if (!*ret_words && failed)
        snprintf(ret_words, DIALECT_WORDS_SIZE, "HTTP status %ld without words", reply->status);
}

static cJSON *parse_body(const struct http_reply *reply)
{
    bool here = reply->status != 0 && reply->body.len > 0;
    return here ? cJSON_ParseWithLength(reply->body.at, reply->body.len) : NULL;
}

void dialect_words(const struct http_reply *reply, char ret_words[DIALECT_WORDS_SIZE])
{
    cJSON *body = parse_body(reply);
    write_words_of(reply, words_of(reply, body), true, ret_words);
    cJSON_Delete(body);
}

enum outcome dialect_outcome(enum dialect dialect, const struct http_reply *reply, struct text sent,
                             size_t line_count, char ret_words[DIALECT_WORDS_SIZE],
                             struct dialect_bad *ret_bad, size_t bad_max, size_t *ret_bad_count)
{
    cJSON *body = parse_body(reply);
    struct text words = words_of(reply, body);
    enum outcome outcome = by_rules(dialect, reply, words);
    write_words_of(reply, words, outcome != OUTCOME_STORED, ret_words);
    *ret_bad_count = 0;
    if (outcome == OUTCOME_SPLIT && reply->status == 400 && dialect == DIALECT_3 &&
        read_bad_lines(body, sent, ret_bad, bad_max, ret_bad_count)) {
        outcome = OUTCOME_REJECTED;
    } else if (outcome == OUTCOME_SPLIT && line_count == 1 && bad_max > 0) {
        outcome = OUTCOME_REJECTED;
        ret_bad[0].line = 0;
        write_words(ret_bad[0].words, sizeof ret_bad[0].words, text_of(ret_words));
        *ret_bad_count = 1;
    }
    cJSON_Delete(body);
    return outcome;
}
