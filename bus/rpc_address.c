#include "bus/rpc_address.h"

#define BELOW "/response/"

/* The topic without ROOT/response/; false when it does not begin so. */
static bool below_response(const char *root, struct text topic, struct text *ret_below)
{
    const struct text starts[] = {text_of(root), TEXT(BELOW)};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        if (!text_starts(topic, starts[i]))
            return false;
        topic = (struct text){topic.at + starts[i].len, topic.len - starts[i].len};
    }
    *ret_below = topic;
    return true;
}

static bool only_slashes(struct text t)
{
    size_t i = 0;
    while (i < t.len && t.at[i] == '/')
        i++;
    return i == t.len;
}

/* Expects UTF-8, in which C2 80 to C2 9F are the upper control characters. */
static bool is_control(struct text rest)
{
    unsigned char first = (unsigned char)rest.at[0];
    return first < 0x20 || first == 0x7f ||
           (first == 0xc2 && rest.len > 1 && (unsigned char)rest.at[1] < 0xa0);
}

static enum err check_characters(struct text topic, struct err_reason *why)
{
    for (size_t i = 0; i < topic.len; i++) {
        if (topic.at[i] == '+' || topic.at[i] == '#')
            return err_explain(why, ERR_INVALID,
                               "the response topic holds the wildcard '%c' at byte %zu; it should "
                               "name one topic",
                               topic.at[i], i);
        if (is_control((struct text){topic.at + i, topic.len - i}))
            return err_explain(why, ERR_INVALID,
                               "the response topic holds a control character at byte %zu", i);
    }
    return ERR_OK;
}

enum err rpc_address_check(const char *root, struct text topic, struct err_reason *why)
{
    struct text below;
    if (topic.len > RPC_ADDRESS_MAX_BYTES)
        return err_explain(why, ERR_INVALID,
                           "the response topic has %zu bytes; it should have at most %d", topic.len,
                           RPC_ADDRESS_MAX_BYTES);
    if (!text_utf8_valid(topic))
        return err_explain(why, ERR_INVALID, "the response topic is not UTF-8");
    if (!below_response(root, topic, &below) || only_slashes(below))
        return err_explain(why, ERR_INVALID,
                           "the response topic should lie below '%s" BELOW "', such as '%s" BELOW
                           "me'",
                           root, root);
    return check_characters(topic, why);
}

const char *rpc_address_make(struct buf *b, const char *root, const char *name)
{
    buf_string(b, root);
    buf_string(b, BELOW);
    buf_string(b, name);
    return buf_cstr(b);
}
