#include "schemas/topics.h"

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
    {TOPIC_MARKER, false, "services/<service>/marker/..."},
    {TOPIC_REQUEST, false, "request/<endpoint...>"},
    {TOPIC_RESPONSE, false, "response/..."},
    {TOPIC_ALERT, false, "alerts/..."},
    {TOPIC_REJECTED, false, "rejected/<reason>"},
};
#define FORM_COUNT (sizeof(forms) / sizeof(forms[0]))

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
    struct text want, got, names[2] = {{0}};
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
        if (got.len == 0 || named == 2)
            return false;
        names[named++] = got;
        if (all)
            levels.done = true;
    }
    if (!takes_rest(want) && !levels.done)
        return false;
    *ret_topic = (struct topic){form->kind, names[0], names[1]};
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

const char *topic_marker(struct buf *b, const char *root, const char *service)
{
    return build(b, root, "/services/", service, "/marker");
}

const char *topic_rejected(struct buf *b, const char *root, const char *reason)
{
    return build(b, root, "/rejected/", reason, "");
}
