#include "writer/decoders/payload.h"

#include <math.h>
#include <strings.h>

#include "writer/decoders/refuse.h"

enum reject payload_parse(const struct decode_input *input, struct decode_scratch *scratch,
                          struct value *ret_root, struct err_reason *why)
{
    if (input->payload.len == 0)
        return refuse(why, REJECT_EMPTY, "the payload is empty; a JSON or msgpack message was due");
    enum value_encoding encoding = value_encoding_of(input->content_type, input->payload);
    enum err err = value_parse(scratch->document, encoding, input->payload, ret_root, why);
    if (err == ERR_OK) {
        scratch->message = *ret_root;
        return REJECT_NONE;
    }
    if (err != ERR_INVALID) /* the memory that its elements need is not there */
        return REJECT_TOO_LARGE;
    if (encoding == VALUE_MSGPACK)
        return REJECT_NOT_MSGPACK;
    return text_utf8_valid(input->payload) ? REJECT_NOT_JSON : REJECT_NOT_UTF8;
}

static bool is_word(struct text t, const char *word)
{
    return t.len == strlen(word) && strncasecmp(t.at, word, t.len) == 0;
}

static struct text without_sign(struct text t)
{
    if (t.len > 0 && (t.at[0] == '-' || t.at[0] == '+'))
        return (struct text){t.at + 1, t.len - 1};
    return t;
}

static size_t digits(struct text t, size_t from)
{
    size_t at = from;
    while (at < t.len && t.at[at] >= '0' && t.at[at] <= '9')
        at++;
    return at - from;
}

/* Has the text a number's form? What has it and text_number did not read is out of range. */
static bool numeric_form(struct text signed_text)
{
    struct text t = without_sign(signed_text);
    size_t whole = digits(t, 0), fraction = 0;
    size_t at = whole;
    if (at < t.len && t.at[at] == '.') {
        fraction = digits(t, at + 1);
        at += 1 + fraction;
    }
    if (whole + fraction == 0)
        return false;
    if (at == t.len)
        return true;
    if (t.at[at] != 'e' && t.at[at] != 'E')
        return false;
    at++;
    if (at < t.len && (t.at[at] == '-' || t.at[at] == '+'))
        at++;
    size_t exponent = digits(t, at);
    return exponent > 0 && at + exponent == t.len;
}

bool payload_switch(struct text word, bool *ret_truth)
{
    static const struct {
        const char *word;
        bool truth;
    } switches[] = {{"on", true}, {"off", false}, {"true", true}, {"false", false}};
    for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++) {
        if (!is_word(word, switches[i].word))
            continue;
        *ret_truth = switches[i].truth;
        return true;
    }
    return false;
}

static enum reject plain_word(struct text word, struct payload_plain *ret_plain,
                              struct err_reason *why)
{
    struct payload_plain plain = {.kind = PAYLOAD_WORD, .word = word};
    struct text bare = without_sign(word);
    if (word.len == 0)
        return refuse(why, REJECT_EMPTY, "the payload is empty; a number or a word was due");
    if (text_number(word, &plain.number))
        plain.kind = PAYLOAD_NUMBER;
    else if (numeric_form(word))
        return refuse(why, REJECT_BAD_VALUE, "the number %.*s is out of range", REFUSE_ARGS(word));
    else if (payload_switch(word, &plain.truth))
        plain.kind = PAYLOAD_SWITCH;
    else if (is_word(bare, "nan"))
        plain.kind = PAYLOAD_NAN;
    else if (is_word(bare, "inf") || is_word(bare, "infinity"))
        return refuse(why, REJECT_BAD_VALUE, "\"%.*s\" is no finite number", REFUSE_ARGS(word));
    else if (!text_utf8_valid(word))
        return refuse(why, REJECT_NOT_UTF8,
                      "the payload is not UTF-8 text (%zu bytes); a number or a word was due",
                      word.len);
    *ret_plain = plain;
    return REJECT_NONE;
}

static enum reject plain_value(struct value v, struct payload_plain *ret_plain,
                               struct err_reason *why)
{
    enum value_kind kind = value_kind(v);
    double number;
    switch (kind) {
    case VALUE_TEXT:
        return plain_word(text_trim(value_text(v)), ret_plain, why);
    case VALUE_BOOL:
        return plain_word(value_bool(v) ? TEXT("true") : TEXT("false"), ret_plain, why);
    case VALUE_NULL:
        return refuse(why, REJECT_NO_FIELDS, "the payload is null: there is nothing to store");
    case VALUE_INTEGER:
    case VALUE_NUMBER:
        number = value_number(v);
        if (isinf(number))
            return refuse(why, REJECT_BAD_VALUE, "the number is infinite or out of range");
        *ret_plain = (struct payload_plain){.kind = isnan(number) ? PAYLOAD_NAN : PAYLOAD_NUMBER,
                                            .number = number,
                                            .word = TEXT("nan")};
        return REJECT_NONE;
    default:
        return refuse(why, REJECT_WRONG_SHAPE,
                      "the payload is %s; here one plain number or word is due",
                      value_kind_name(kind));
    }
}

enum reject payload_plain(const struct decode_input *input, struct decode_scratch *scratch,
                          struct payload_plain *ret_plain, struct err_reason *why)
{
    struct text t = text_trim(input->payload);
    struct value v;
    /* The first byte of a word may be any of UTF-8, so it says nothing: only the Content Type makes
     * it msgpack. */
    if (value_encoding_of(input->content_type, TEXT("0")) == VALUE_MSGPACK) {
        enum reject reason = payload_parse(input, scratch, &v, why);
        return reason == REJECT_NONE ? plain_value(v, ret_plain, why) : reason;
    }
    if (t.len > 0 && (t.at[0] == '{' || t.at[0] == '['))
        return refuse(why, REJECT_WRONG_SHAPE,
                      "the payload begins like a JSON %s; here one plain number or word is due",
                      t.at[0] == '{' ? "object" : "array");
    if (text_equal(t, TEXT("null")))
        return refuse(why, REJECT_NO_FIELDS, "the payload is null: there is nothing to store");
    if (t.len > 1 && t.at[0] == '"' &&
        value_parse(scratch->document, VALUE_JSON, t, &v, NULL) == ERR_OK)
        return plain_value(v, ret_plain, why);
    return plain_word(t, ret_plain, why);
}
