#include "influx/dialect.h"

#include <cjson/cJSON.h>

/* What differs between the versions, a row each. A credential's scheme is followed by a space. */
static const struct {
    const char *name, *write_path, *precision, *token_scheme;
} table[] = {
    [DIALECT_UNKNOWN] = {"unknown", "", "", ""},
    /* Without a precision 1.x takes ns; some spellings of others are stored as ns in silence. */
    [DIALECT_1] = {"1.x", "/write?db=", "", "Bearer "},
    [DIALECT_2] = {"2.x", "/api/v2/write?bucket=", "&precision=ns", "Token "},
    /* Without a precision 3.x guesses by the size of the number. */
    [DIALECT_3] = {"3.x", "/api/v3/write_lp?db=", "&precision=nanosecond&accept_partial=true",
                   "Bearer "},
};

const char *dialect_name(enum dialect dialect)
{
    return table[dialect].name;
}

/* By the first digit of "1.6.7~rc0", "v2.7.12", "3.2.0". */
static enum dialect from_version(struct text version)
{
    if (version.len > 0 && version.at[0] == 'v')
        version = (struct text){version.at + 1, version.len - 1};
    if (version.len < 2 || version.at[1] != '.')
        return DIALECT_UNKNOWN;
    switch (version.at[0]) {
    case '1':
        return DIALECT_1;
    case '2':
        return DIALECT_2;
    case '3':
        return DIALECT_3;
    default:
        return DIALECT_UNKNOWN;
    }
}

enum dialect dialect_from_ping(const struct http_reply *reply)
{
    if (reply->status == 0)
        return DIALECT_UNKNOWN;
    enum dialect dialect = from_version(reply->server_version);
    if (dialect != DIALECT_UNKNOWN)
        return dialect;
    if (reply->body.len == 0)
        return reply->status == 401 ? DIALECT_3 : DIALECT_UNKNOWN;
    cJSON *body = cJSON_ParseWithLength(reply->body.at, reply->body.len);
    const char *version = cJSON_GetStringValue(cJSON_GetObjectItem(body, "version"));
    if (reply->status == 200 && version)
        dialect = from_version(text_of(version));
    else if (reply->status == 401 && cJSON_GetObjectItem(body, "error"))
        dialect = DIALECT_3;
    cJSON_Delete(body);
    return dialect;
}

/* Percent-encodes all but the unreserved characters of RFC 3986. */
static void write_encoded(struct text text, struct buf *out)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (letter || (c >= '0' && c <= '9') || (c != 0 && strchr("-._~", c)))
            buf_char(out, (char)c);
        else
            buf_append(out, (char[]){'%', digits[c >> 4], digits[c & 15]}, 3);
    }
}

void dialect_url_name(const char *name, struct buf *out)
{
    write_encoded(text_of(name), out);
}

/* The address without the slash that a person may have put at its end. */
void dialect_url(const struct dialect_target *target, const char *path, struct buf *out)
{
    struct text url = text_of(target->url);
    while (url.len > 0 && url.at[url.len - 1] == '/')
        url.len--;
    buf_text(out, url);
    buf_string(out, path);
}

/* A retention policy of 1.x; elsewhere it is the bucket's or the database's own matter. */
static void write_policy(enum dialect dialect, const struct dialect_target *target, struct buf *out)
{
    if (dialect != DIALECT_1 || !target->retention_policy || !*target->retention_policy)
        return;
    buf_string(out, "&rp=");
    write_encoded(text_of(target->retention_policy), out);
}

void dialect_write_url(enum dialect dialect, const struct dialect_target *target, struct buf *out)
{
    dialect_url(target, table[dialect].write_path, out);
    dialect_url_name(target->database, out);
    buf_string(out, table[dialect].precision);
    write_policy(dialect, target, out);
    if (dialect == DIALECT_2 && target->org && *target->org) {
        buf_string(out, "&org=");
        dialect_url_name(target->org, out);
    }
}

void dialect_query_url(enum dialect dialect, const struct dialect_target *target, struct buf *out)
{
    (void)dialect; /* InfluxQL by form POST is the one way that all of them have */
    dialect_url(target, "/query", out);
}

void dialect_query_form(enum dialect dialect, const struct dialect_target *target,
                        struct text statement, struct buf *out)
{
    struct text database = text_of(target->database);
    const char *slash = dialect == DIALECT_2 ? strchr(target->database, '/') : NULL;
    if (slash)
        database.len = (size_t)(slash - target->database);
    buf_string(out, "db=");
    write_encoded(database, out);
    if (slash) {
        buf_string(out, "&rp=");
        write_encoded(text_of(slash + 1), out);
    }
    write_policy(dialect, target, out);
    buf_string(out, "&epoch=ms&q=");
    write_encoded(statement, out);
}

/* Base64 of RFC 4648, section 4. */
static void write_base64(struct buf *out, struct text bytes)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t have = bytes.len - i < 3 ? bytes.len - i : 3;
        unsigned char three[3] = {0};
        memcpy(three, bytes.at + i, have);
        unsigned bits = (unsigned)three[0] << 16 | (unsigned)three[1] << 8 | three[2];
        char four[4] = {alphabet[bits >> 18], alphabet[bits >> 12 & 63],
                        have > 1 ? alphabet[bits >> 6 & 63] : '=',
                        have > 2 ? alphabet[bits & 63] : '='};
        buf_append(out, four, sizeof four);
    }
}

static void write_basic(struct buf *out, const char *username, const char *password)
{
    struct buf pair = {0};
    buf_string(&pair, username);
    buf_char(&pair, ':');
    buf_string(&pair, password);
    buf_string(out, "Basic ");
    write_base64(out, buf_view(&pair));
    out->failed = out->failed || pair.failed;
    if (pair.data)
        explicit_bzero(pair.data, pair.len);
    buf_free(&pair);
}

void dialect_authorization(enum dialect dialect, const struct dialect_credentials *credentials,
                           struct buf *out)
{
    bool login = *credentials->username || *credentials->password, token = *credentials->token;
    if (dialect == DIALECT_UNKNOWN || (!login && !token))
        return;
    if (login && (dialect == DIALECT_1 || !token)) {
        write_basic(out, credentials->username, credentials->password);
        return;
    }
    buf_string(out, table[dialect].token_scheme);
    buf_string(out, credentials->token);
}
