#include "schemas/topics.h"

#include "base/crc32c.h"
#include "base/spelling.h"

/* The forms below the root. <word> stands for one level that is not empty, "<word...>" for all
 * that is left, "..." for anything or nothing. */
static const struct form {
    enum topic_kind kind;
    bool input;
    const char *pattern;
} forms[] = {
    {TOPIC_READING, true, "readings/<device>"},
    {TOPIC_READING_VALUE, true, "readings/<device>/<metric>"},
    {TOPIC_EVENT, true, "events/<source>"},
    {TOPIC_LINE, true, "line"},
    {TOPIC_STATUS, false, "services/<service>/status"},
    {TOPIC_METRICS, true, "services/<service>/metrics"},
    {TOPIC_LIVE, false, "services/<service>/live"},
    {TOPIC_MARKER, false, "services/<service>/marker/..."},
    {TOPIC_REQUEST, false, "request/<endpoint...>"},
    {TOPIC_RESPONSE, false, "response/..."},
    {TOPIC_ALERTS_ACTIVE, false, "alerts/active"},
    {TOPIC_ALERTS_EVENT, false, "alerts/event"},
    {TOPIC_ALERTS_SILENCED, false, "alerts/silenced"},
    {TOPIC_ALERT, false, "alerts/<service>/<rule>/<subject>"},
    {TOPIC_STANDING, false, "standing/..."},
    {TOPIC_REJECTED, false, "rejected/<reason>"},
};
#define FORM_COUNT (sizeof(forms) / sizeof(forms[0]))
#define NAMES_MAX  3 /* of one form */

/* One level after the other of a topic or a pattern. */
struct levels {
    struct text rest;
    bool done;
};

static bool levels_next(struct levels *levels, struct text *ret_level)
{
    if (levels->done)
        return false;
    const char *slash = levels->rest.len ? memchr(levels->rest.at, '/', levels->rest.len) : NULL;
    size_t len = slash ? (size_t)(slash - levels->rest.at) : levels->rest.len;
    *ret_level = (struct text){levels->rest.at, len};
    levels->done = !slash;
    if (slash)
        levels->rest = (struct text){slash + 1, levels->rest.len - len - 1};
    return true;
}

static bool is_placeholder(struct text level)
{
    return level.len > 0 && level.at[0] == '<';
}

static bool takes_rest(struct text level)
{
    return level.len >= 3 && memcmp(level.at + level.len - 3, "...", 3) == 0;
}

static bool takes_all_left(struct text level)
{
    return level.len > 4 && is_placeholder(level) &&
           memcmp(level.at + level.len - 4, "...>", 4) == 0;
}

/* What is left of a topic from `level` on, as one text. */
static struct text rest_from(struct text level, struct text whole)
{
    return (struct text){level.at, (size_t)(whole.at + whole.len - level.at)};
}

static bool form_match(const struct form *form, struct text below, struct topic *ret_topic)
{
    struct levels pattern = {text_of(form->pattern), false}, levels = {below, false};
    struct text want, got, names[NAMES_MAX] = {{0}};
    unsigned named = 0;
    while (levels_next(&pattern, &want)) {
        if (takes_rest(want))
            break;
        if (!levels_next(&levels, &got))
            return false;
        if (!is_placeholder(want)) {
            if (!text_equal(want, got))
                return false;
            continue;
        }
        bool all = takes_all_left(want);
        if (all)
            got = rest_from(got, below);
        if (got.len == 0 || named == NAMES_MAX)
            return false;
        names[named++] = got;
        if (all)
            levels.done = true;
    }
    if (!takes_rest(want) && !levels.done)
        return false;
    *ret_topic = (struct topic){
        .kind = form->kind, .name = names[0], .metric = names[1], .subject = names[2]};
    return true;
}

/* Whether the topic is the root or below it; gives what is behind the root's slash. */
static bool below_root(const char *root, struct text topic, struct text *ret_below)
{
    struct text start = text_of(root);
    if (!text_starts(topic, start))
        return false;
    if (topic.len == start.len) {
        *ret_below = (struct text){topic.at + start.len, 0};
        return true;
    }
    if (topic.at[start.len] != '/')
        return false;
    *ret_below = (struct text){topic.at + start.len + 1, topic.len - start.len - 1};
    return true;
}

struct topic topic_parse(const char *root, struct text topic)
{
    struct text below;
    if (!below_root(root, topic, &below))
        return (struct topic){.kind = TOPIC_FOREIGN};
    struct topic found;
    for (size_t i = 0; i < FORM_COUNT; i++)
        if (form_match(&forms[i], below, &found))
            return found;
    return (struct topic){.kind = TOPIC_UNKNOWN};
}

bool topic_is_input(enum topic_kind kind)
{
    for (size_t i = 0; i < FORM_COUNT; i++)
        if (forms[i].kind == kind)
            return forms[i].input;
    return kind == TOPIC_FOREIGN || kind == TOPIC_UNKNOWN;
}

#define COST_MISSING 4
#define COST_EXTRA   3

static unsigned form_distance(const struct form *form, struct text below)
{
    struct levels pattern = {text_of(form->pattern), false}, levels = {below, false};
    struct text want, got;
    unsigned cost = 0;
    while (levels_next(&pattern, &want)) {
        if (takes_rest(want) || takes_all_left(want))
            return cost + (takes_all_left(want) && levels.done ? COST_MISSING : 0);
        if (!levels_next(&levels, &got))
            cost += COST_MISSING;
        else if (is_placeholder(want))
            cost += got.len == 0 ? COST_MISSING : 0;
        else
            cost += spelling_distance(want, got);
    }
    while (levels_next(&levels, &got))
        cost += COST_EXTRA;
    return cost;
}

void topic_nearest(const char *root, struct text topic, struct buf *ret_form)
{
    struct text below = topic;
    (void)below_root(root, topic, &below);
    const struct form *nearest = &forms[0];
    unsigned least = form_distance(nearest, below);
    for (size_t i = 1; i < FORM_COUNT; i++) {
        unsigned distance = form_distance(&forms[i], below);
        if (distance < least) {
            least = distance;
            nearest = &forms[i];
        }
    }
    buf_string(ret_form, root);
    buf_char(ret_form, '/');
    buf_string(ret_form, nearest->pattern);
}

static void append_level(struct buf *b, const char *level)
{
    for (; *level; level++)
        buf_char(b, strchr("/+#", *level) ? '_' : *level);
}

static const char *build(struct buf *b, const char *root, const char *before, const char *level,
                         const char *after)
{
    buf_string(b, root);
    buf_string(b, before);
    append_level(b, level);
    buf_string(b, after);
    return buf_cstr(b);
}

const char *topic_status(struct buf *b, const char *root, const char *service)
{
    return build(b, root, "/services/", service, "/status");
}

const char *topic_metrics(struct buf *b, const char *root, const char *service)
{
    return build(b, root, "/services/", service, "/metrics");
}

const char *topic_live(struct buf *b, const char *root, const char *service)
{
    return build(b, root, "/services/", service, "/live");
}

const char *topic_marker(struct buf *b, const char *root, const char *service)
{
    return build(b, root, "/services/", service, "/marker");
}

const char *topic_rejected(struct buf *b, const char *root, const char *reason)
{
    return build(b, root, "/rejected/", reason, "");
}

/* Several levels as they are. */
static const char *build_path(struct buf *b, const char *root, const char *before, const char *path)
{
    buf_string(b, root);
    buf_string(b, before);
    for (; *path; path++)
        buf_char(b, *path == '+' || *path == '#' ? '_' : *path);
    return buf_cstr(b);
}

const char *topic_request(struct buf *b, const char *root, const char *endpoint)
{
    return build_path(b, root, "/request/", endpoint);
}

const char *topic_response(struct buf *b, const char *root, const char *endpoint)
{
    return build_path(b, root, "/response/", endpoint);
}

const char *topic_alerts_active(struct buf *b, const char *root)
{
    return build_path(b, root, "/alerts/", "active");
}

const char *topic_alerts_event(struct buf *b, const char *root)
{
    return build_path(b, root, "/alerts/", "event");
}

const char *topic_alerts_silenced(struct buf *b, const char *root)
{
    return build_path(b, root, "/alerts/", "silenced");
}

#define MARK_LEN 9 /* '-' and the digits of append_mark */

static void append_mark(struct buf *b, struct text level)
{
    buf_printf(b, "-%08x", (unsigned)crc32c(0, level.at, level.len));
}

static bool looks_marked(struct text level)
{
    struct text digits = {level.at + level.len - (MARK_LEN - 1), MARK_LEN - 1};
    return level.len >= MARK_LEN && digits.at[-1] == '-' &&
           strspn(digits.at, "0123456789abcdef") == digits.len;
}

/* The length of the sequence at the beginning of `rest` that may stand in a topic; 0 when it may
 * not. C2 80 to C2 9F are the upper control characters. */
static size_t harmless_sequence(struct text rest)
{
    unsigned char first = (unsigned char)rest.at[0];
    if (first < 0x20 || first == 0x7f || strchr("/+#", first))
        return 0;
    size_t len = text_utf8_sequence(rest);
    return first == 0xc2 && len == 2 && (unsigned char)rest.at[1] < 0xa0 ? 0 : len;
}

static void append_alert_level(struct buf *b, const char *terminated)
{
    struct text level = text_of(terminated);
    /* A level "-" would be taken for an empty one. */
    bool changed = looks_marked(level) || text_equal(level, TEXT("-"));
    buf_char(b, '/');
    size_t start = b->len;
    if (level.len == 0)
        buf_char(b, '-');
    for (size_t i = 0, len; i < level.len; i += len) {
        struct text rest = {level.at + i, level.len - i};
        size_t whole = harmless_sequence(rest);
        len = whole ? whole : 1;
        changed |= !whole;
        if (b->len - start > TOPIC_ALERT_LEVEL_MAX - len) {
            changed = true;
            break;
        }
        buf_text(b, whole ? (struct text){rest.at, len} : TEXT("_"));
    }
    if (changed)
        append_mark(b, level);
}

const char *topic_alert(struct buf *b, const char *root, const char *service, const char *rule,
                        const char *subject)
{
    buf_string(b, root);
    buf_string(b, "/alerts");
    append_alert_level(b, service);
    append_alert_level(b, rule);
    append_alert_level(b, subject);
    return buf_cstr(b);
}
