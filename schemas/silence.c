#include "schemas/alert.h"

#define MEMBER(member) FIELDS_MEMBER(struct silence, member)

static const struct fields_row rows[] = {
    {"schema", FIELDS_SCHEMA, .required = true, .max = 1, .help = "version of this message"},
    {"service", FIELDS_TEXT, MEMBER(service), .help = "only alerts of this service"},
    {"rule", FIELDS_TEXT, MEMBER(rule), .help = "only alerts of this rule"},
    {"subject", FIELDS_TEXT, MEMBER(subject), .help = "only alerts of this subject"},
    {"until", FIELDS_TIME, .required = true, MEMBER(until_ns), .help = "when it ends"},
    {"by", FIELDS_TEXT, MEMBER(by), .help = "who silenced them"},
    {"why", FIELDS_TEXT, MEMBER(why), .help = "what was said to that"},
};

const struct fields_table silence_table = {
    .name = "silence",
    .help = "Alerts that match are not said while it lasts; what is left out matches all.",
    FIELDS_ROWS(rows),
    .size = sizeof(struct silence),
};

void silence_encode(const struct silence *silence, struct buf *out)
{
    fields_encode(&silence_table, silence, out);
}

enum err silence_decode(struct value root, struct silence *ret_silence, struct err_reason *why)
{
    return fields_decode(&silence_table, root, ret_silence, why);
}
