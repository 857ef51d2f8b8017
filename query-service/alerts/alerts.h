/* All alerts: what stands, what changes, what is said. Does no I/O: changes go to a sink, the time
 * is given. Owned by the loop.
 *
 * An alert is (service, rule, subject). Each round its rule's verdict on it is given:
 *   FIRING   the condition holds (beyond `threshold`)
 *   CLEAR    it does not hold, and the value is beyond `clear` too
 *   BETWEEN  neither: what stands stays (hysteresis), and what has not fired yet does not
 *   UNKNOWN  the data is missing: what stands stays, and nothing begins
 * It fires when FIRING has held for `for_s` in one piece (UNKNOWN does not end that piece, and does
 * not lengthen it; nor does a pause of more than ALERTS_PAUSE_S between two rounds), is resolved
 * at CLEAR, and keeps its acknowledgement until then. A change of level while firing is a change.
 * Each change is said once: the retained alert, alerts/active and one event. Value and words follow
 * each round in what is asked of here; the retained alert has those of its last change. What was
 * resolved is kept, retained, for ALERTS_RESOLVED_KEPT_S and then emptied; so is what no rule or
 * subject gives a verdict on any more (alerts_rule_asked), without an event: nobody has seen it
 * end.
 *
 * After a restart what the broker retained is put back with alerts_restore before the first round,
 * in any order; nothing is said for it. */
#ifndef ALERTS_ALERTS_H
#define ALERTS_ALERTS_H

#include "schemas/alert.h"

/* Of those that stand, wait for their `for_s` or were resolved. When there are so many the one that
 * was resolved first makes room; when all stand new ones are not begun (ERR_FULL). */
#define ALERTS_MAX             4096
#define ALERTS_SILENCES        64
#define ALERTS_RESOLVED_KEPT_S 86400
#define ALERTS_PAUSE_S         60

enum verdict { VERDICT_UNKNOWN, VERDICT_CLEAR, VERDICT_BETWEEN, VERDICT_FIRING };

struct finding {
    const char *service, *rule, *subject; /* cut to what struct alert holds */
    enum verdict verdict;
    enum alert_level level; /* of FIRING */
    enum alert_level keeps; /* one that stands at this level does not come down to `level` yet: the
                               hysteresis of rules with two levels; ALERT_NO_LEVEL where unused */
    const char *message;    /* of FIRING */
    struct fields_number value, threshold;
    int64_t
        since_ns; /* since when the condition holds, where that is known; 0: since it is found */
    uint32_t for_s;
};

/* Called from within the functions below; must not call back into them but for the walks. */
struct alerts_sink {
    void *context;
    /* The alert's retained topic; NULL `alert` empties it. */
    void (*retain)(void *context, const char *service, const char *rule, const char *subject,
                   const struct alert *alert);
    void (*event)(void *context, const struct alert *alert); /* a change, once */
    void (*active)(void *context);   /* the list of what stands changed; once a round */
    void (*silences)(void *context); /* the list of silences changed */
};

struct alerts;
struct alerts *alerts_new(struct alerts_sink sink); /* NULL when out of memory */
void alerts_free(struct alerts *alerts);

/* Before the first round; nothing is said. Of two for one alert the newer holds. ERR_INVALID: no
 * state, no rule or no service. ERR_FULL, ERR_NOMEM. */
enum err alerts_restore(struct alerts *alerts, const struct alert *alert) ERR_MUST_CHECK;
/* alerts_restore_silences reads what alerts_encode_silences wrote. One that is over is taken too:
 * the next round ends it. ERR_INVALID, and nothing is taken; ERR_FULL. */
enum err alerts_restore_silences(struct alerts *alerts, struct value root,
                                 struct err_reason *why) ERR_MUST_CHECK;

/* A round: begin, one alerts_find for each rule and subject, alerts_rule_asked for each rule, end.
 * What was not found in a round is gone when its rule was not asked (it was removed), and also when
 * it was, and has not been found for `gone_after_s`: 0 when what is not found does not exist any
 * more, ALERTS_NEVER_GONE while the rule's data is missing. Until then it is as UNKNOWN.
 * ERR_FULL: too many alerts. ERR_NOMEM. */
#define ALERTS_NEVER_GONE (-1)
void alerts_round_begin(struct alerts *alerts, int64_t now_ns);
enum err alerts_find(struct alerts *alerts, const struct finding *finding) ERR_MUST_CHECK;
void alerts_rule_asked(struct alerts *alerts, const char *rule, int64_t gone_after_s);
void alerts_round_end(struct alerts *alerts);

/* alerts_acknowledge: of all that match (empty texts match all) and stand. ERR_NOT_FOUND: none
 * does; `ret_count` how many. Acknowledging again changes by and why, retained, and says no event.
 */
enum err alerts_acknowledge(struct alerts *alerts, struct text service, struct text rule,
                            struct text subject, struct text by, struct text why_text,
                            int64_t now_ns, unsigned *ret_count,
                            struct err_reason *why) ERR_MUST_CHECK;

/* alerts_silence adds one or takes the place of the one with the same match; `until_ns` at or
 * before now removes it (ERR_NOT_FOUND when there is none). A silenced alert changes state and is
 * retained with `silenced`, but no event is said of it; when the silence ends while it fires, one
 * event is said (none for one that is acknowledged: somebody knows). ERR_FULL. */
enum err alerts_silence(struct alerts *alerts, const struct silence *silence, int64_t now_ns,
                        struct err_reason *why) ERR_MUST_CHECK;

/* Walks: in the order critical, error, warning, info, then the newest change first. Only what
 * stands (firing and acknowledged) when `standing`; the resolved ones behind them else. False
 * behind the last. The alerts live until the next round's end. */
bool alerts_at(const struct alerts *alerts, bool standing, unsigned i,
               const struct alert **ret_alert);
bool alerts_silence_at(const struct alerts *alerts, unsigned i, const struct silence **ret_silence);

/* alerts_match tells whether an alert is of this service, rule and subject; empty texts match all.
 */
bool alerts_match(const struct alert *alert, struct text service, struct text rule,
                  struct text subject);

/* alerts_encode_active appends
 * {"schema":1,"timestamp","count","firing","acknowledged","alerts":[...]}, what is retained on
 * alerts/active; alerts_encode_silences {"schema":1,"silences":[...]}, what is retained on
 * alerts/silenced; alerts_write_silences the array alone. */
void alerts_encode_active(const struct alerts *alerts, int64_t now_ns, struct buf *out);
void alerts_encode_silences(const struct alerts *alerts, struct buf *out);
void alerts_write_silences(const struct alerts *alerts, struct buf *out);

#endif
