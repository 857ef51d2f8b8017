#include "schemas/alert.h"

#include <math.h>

const char *const alert_state_words[] = {"", "firing", "acknowledged", "resolved", NULL};
const char *const alert_level_words[] = {"", "info", "warning", "error", "critical", NULL};

#define MEMBER(member) FIELDS_MEMBER(struct alert, member)

static const struct fields_row rows[] = {
    {"schema", FIELDS_SCHEMA, .required = true, .max = 1, .help = "version of this message"},
    {"service", FIELDS_TEXT, .required = true, MEMBER(service), .min = 1,
     .help = "the service it is about; system for what is of no one service"},
    {"rule", FIELDS_TEXT, .required = true, MEMBER(rule), .min = 1,
     .help = "the rule that says so, such as error_rate"},
    {"subject", FIELDS_TEXT, .required = true, MEMBER(subject),
     .help = "the device; empty where the rule has but one subject"},
    {"state", FIELDS_WORD, .required = true, MEMBER(state), .words = alert_state_words,
     .help = "firing; acknowledged: it fires and somebody knows; resolved: it is over"},
    {"level", FIELDS_WORD, .required = true, MEMBER(level), .words = alert_level_words,
     .help = "how bad it is"},
    {"message", FIELDS_TEXT, .required = true, MEMBER(message), .help = "what it is, for a person"},
    {"timestamp", FIELDS_TIME, .required = true, MEMBER(time_ns),
     .help = "the last change of state or level"},
    {"since", FIELDS_TIME_OR_NONE, MEMBER(since_ns),
     .help = "since when the condition holds; of a resolved one, since when it held"},
    {"value", FIELDS_NUMBER, .nullable = true, MEMBER(value), .min = -INFINITY,
     .help = "what was measured; null where the rule measures nothing"},
    {"threshold", FIELDS_NUMBER, .nullable = true, MEMBER(threshold), .min = -INFINITY,
     .help = "what the value is held against"},
    {"silenced", FIELDS_BOOL, MEMBER(silenced), .help = "a silence holds for it: no event is said"},
    {"by", FIELDS_TEXT, MEMBER(by), .help = "who acknowledged it"},
    {"why", FIELDS_TEXT, MEMBER(why), .help = "what was said to that"},
};

const struct fields_table alert_table = {
    .name = "alert",
    .help = "An alert as it stands: retained, in the list of what fires, and once as an event at "
            "each change.",
    FIELDS_ROWS(rows),
    .size = sizeof(struct alert),
};

void alert_encode(const struct alert *alert, struct buf *out)
{
    fields_encode(&alert_table, alert, out);
}

enum err alert_decode(struct value root, struct alert *ret_alert, struct err_reason *why)
{
    return fields_decode(&alert_table, root, ret_alert, why);
}
