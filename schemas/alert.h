/* An alert as it stands: the retained topic of each (alerts/<service>/<rule>/<subject>), the list
 * in alerts/active, and the event that is said once at each change (alerts/event). */
#ifndef SCHEMAS_ALERT_H
#define SCHEMAS_ALERT_H

#include "schemas/fields.h"

enum alert_state { ALERT_UNSAID, ALERT_FIRING, ALERT_ACKNOWLEDGED, ALERT_RESOLVED };
enum alert_level { ALERT_NO_LEVEL, ALERT_INFO, ALERT_WARNING, ALERT_ERROR, ALERT_CRITICAL };
extern const char *const alert_state_words[]; /* ended by NULL, "" first */
extern const char *const alert_level_words[];

struct alert {
    char service[64];  /* "system" for what is of no one service */
    char rule[64];     /* "error_rate" */
    char subject[256]; /* the device; "" where the rule has but one */
    enum alert_state state;
    enum alert_level level;
    char message[256];
    int64_t time_ns;  /* "timestamp": of the last change of state or level */
    int64_t since_ns; /* since when the condition holds; of a resolved one, held */
    struct fields_number value, threshold; /* value null where there is none */
    bool silenced;
    char by[64], why[256]; /* of the acknowledgement */
};

extern const struct fields_table alert_table;
void alert_encode(const struct alert *alert, struct buf *out);
enum err alert_decode(struct value root, struct alert *ret_alert,
                      struct err_reason *why) ERR_MUST_CHECK;

/* A silence: alerts that match are not said while it lasts. Empty texts match all. */
struct silence {
    char service[64], rule[64], subject[256];
    int64_t until_ns;
    char by[64], why[256];
};
extern const struct fields_table silence_table;
void silence_encode(const struct silence *silence, struct buf *out);
enum err silence_decode(struct value root, struct silence *ret_silence,
                        struct err_reason *why) ERR_MUST_CHECK;

#endif
