#include "base/settings_check.h"

#include <string.h>

#include "base/text.h"
#include "base/value.h"

static bool is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

/* "HOST:PORT" behind a scheme or alone; the port may be left out where `port_needed` is false. */
static bool is_host_and_port(const char *text, bool port_needed)
{
    const char *end = text;
    if (*text == '[') {
        end = strchr(text, ']');
        if (!end || end == text + 1)
            return false;
        end++;
    } else {
        end += strcspn(text, ":/@?# ");
        if (end == text)
            return false;
    }
    if (*end == '\0')
        return !port_needed;
    long long port;
    return *end == ':' && text_integer(text_of(end + 1), &port) && port >= 0 && port <= 65535 &&
           !is_one_of(end[1], "+-");
}

static bool is_url(const char *text, const char *const *schemes)
{
    for (; *schemes; schemes++) {
        size_t len = strlen(*schemes);
        if (strncmp(text, *schemes, len) != 0)
            continue;
        char host[256];
        size_t host_len = strcspn(text + len, "/");
        if (host_len >= sizeof host)
            return false;
        memcpy(host, text + len, host_len);
        host[host_len] = '\0';
        return is_host_and_port(host, false) && !strpbrk(text + len + host_len, "?# @");
    }
    return false;
}

const char *settings_check_broker_url(const char *text)
{
    static const char *const schemes[] = {"mqtt://", "mqtts://", NULL};
    return is_url(text, schemes) ? NULL
                                 : "mqtt://HOST:PORT or mqtts://HOST:PORT (the user's name and "
                                   "password stand in username and password_file)";
}

const char *settings_check_influxdb_url(const char *text)
{
    static const char *const schemes[] = {"http://", "https://", NULL};
    return is_url(text, schemes) ? NULL
                                 : "http://HOST:PORT or https://HOST:PORT (credentials stand in "
                                   "token_file, or username and password_file)";
}

const char *settings_check_address(const char *text)
{
    return *text == '\0' || is_host_and_port(text, true) ? NULL : "HOST:PORT, or \"\" for none";
}

/* One to be published to, below a root or as one. */
static bool is_topic(const char *text)
{
    size_t len = strlen(text);
    return len > 0 && !strpbrk(text, "#+") && *text != '/' && *text != '$' &&
           text[len - 1] != '/' && !strstr(text, "//");
}

const char *settings_check_topic_root(const char *text)
{
    return strlen(text) <= 200 && is_topic(text)
               ? NULL
               : "a topic of 1 to 200 bytes without wildcards, '$' or '/' at its ends";
}

const char *settings_check_name(const char *text)
{
    size_t len = strlen(text);
    return len > 0 && len <= 200 ? NULL : "a name of 1 to 200 bytes";
}

const char *settings_check_not_empty(const char *text)
{
    return *text ? NULL : "a text that is not empty";
}

const char *settings_check_retention(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    bool ever = strcmp(text, "0") == 0;
    bool span = digits > 0 && digits < 7 && text[0] != '0' && is_one_of(text[digits], "hdw") &&
                text[digits + 1] == '\0';
    return ever || span ? NULL : "0 for ever, or a number with h, d or w, like 365d";
}

static bool is_word_of(const char *text, const char *also, size_t max_len)
{
    size_t len = 0;
    for (; text[len]; len++) {
        char c = text[len];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!plain && !is_one_of(c, also))
            return false;
    }
    return len > 0 && len <= max_len;
}

/* Whether there is such a zone is found out when it is needed. */
const char *settings_check_timezone(const char *text)
{
    bool right = !*text || (is_word_of(text, "_+-/", 64) && *text != '/');
    return right ? NULL : "the name of a time zone, like Europe/Berlin or UTC, or empty";
}

const char *settings_check_tag(const char *text)
{
    return strlen(text) <= 200 ? NULL : "the name of a tag, or \"\" for none";
}

/* Alerts are told apart by their rules' names: those that the query service brings are taken. */
const char *settings_check_rule_name(const char *text)
{
    static const char *const built_in[] = {"error_rate",   "success_rate",  "processing_time",
                                           "offline",      "influxdb_away", "journal_lag",
                                           "ledger",       "series_cap",    "destination_parked",
                                           "device_silent"};
    bool right = is_word_of(text, "_-", 63);
    for (size_t i = 0; i < sizeof built_in / sizeof *built_in; i++)
        right = right && strcmp(text, built_in[i]) != 0;
    return right ? NULL
                 : "a name of 1 to 63 letters, digits, '_' and '-', other than the built-in "
                   "error_rate, success_rate, processing_time, offline, influxdb_away, "
                   "journal_lag, ledger, series_cap, destination_parked and device_silent";
}

/* It names a folder too. */
const char *settings_check_destination_name(const char *text)
{
    return is_word_of(text, "_-", 63)
               ? NULL
               : "a name of 1 to 63 letters, digits, '_' and '-', like energy";
}

/* What the query service reads is where it reads. */
const char *settings_check_routed(const char *text)
{
    static const char *const ours[] = {"service_metrics", "service_metrics_5m", "ingest_rollup",
                                       "ingest_rollup_5m"};
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        if (strcmp(text, ours[i]) == 0)
            return "a measurement other than Hearthline's own figures (service_metrics, "
                   "ingest_rollup and their sums over 5 min), which stay in influxdb.database";
    return *text ? NULL : "a text that is not empty";
}

const char *settings_check_endpoint(const char *text)
{
    bool right = is_word_of(text, "-/", 64) && is_topic(text);
    return right ? NULL : "the name of an endpoint, like stats or stats/services";
}

const char *settings_check_request(const char *text)
{
    struct value_document *document = value_document_new();
    struct value root;
    bool right = document &&
                 value_parse(document, VALUE_JSON, text_of(text), &root, NULL) == ERR_OK &&
                 value_kind(root) == VALUE_MAP;
    value_document_free(document);
    return right ? NULL : "a JSON object in quotes, like '{\"period\":\"24h\"}'";
}

/* An answer on one of these would be taken for a message of another kind, by a service or by
 * whoever asked for something else. */
const char *settings_check_standing_topic(const char *text)
{
    static const char below[] = "standing/";
    bool right = strlen(text) <= 200 && is_topic(text) &&
                 strncmp(text, below, sizeof below - 1) == 0 && text[sizeof below - 1] != '\0';
    return right ? NULL
                 : "a topic below the root that begins with standing/, like standing/day, of at "
                   "most 200 bytes and without wildcards";
}
