/* All alerts: what stands, what changes, what is said. Does no I/O: changes go to a sink, the time
 * is given. Owned by the loop.
 *
 * An alert is (service, rule, subject). Each round its rule's verdict on it is given:
 *   FIRING   the condition holds (beyond `threshold`)
 *   CLEAR    it does not hold, and the value is beyond `clear` too
 *   BETWEEN  neither: what stands stays (hysteresis)
 *   UNKNOWN  the data is missing: what stands stays, and nothing begins
 * It fires when FIRING has held for `for_s` in one piece (UNKNOWN does not end that piece, and does
 * not lengthen it), is resolved at CLEAR, and keeps its acknowledgement until then. A change of
 * level while firing is a change. Each change is said once: the retained alert, alerts/active and
 * one event. What was resolved is kept, retained, for ALERTS_RESOLVED_KEPT_S and then emptied; also
 * what no rule or subject gives a verdict on any more (alerts_round_end tells which rules were
 * asked).
 *
 * After a restart what the broker retained is put back with alerts_restore before the first round;
 * nothing is said for it. */
#ifndef ALERTS_ALERTS_H
#define ALERTS_ALERTS_H

#include "schemas/alert.h"

#define ALERTS_MAX             4096 /* beyond it new ones are not begun, and the log says so */
#define ALERTS_SILENCES        64
#define ALERTS_RESOLVED_KEPT_S 86400

enum verdict { VERDICT_UNKNOWN, VERDICT_CLEAR, VERDICT_BETWEEN, VERDICT_FIRING };

struct finding {
    const char *service, *rule, *subject;
    enum verdict verdict;
    enum alert_level level;
    const char *message; /* of FIRING */
    struct fields_number value, threshold;
    uint32_t for_s;
};

struct alerts_sink {
    void *context;
    /* The alert's retained topic; NULL `alert` empties it. */
    void (*retain)(void *context, const char *service, const char *rule, const char *subject,
                   const struct alert *alert);
    void (*event)(void *context, const struct alert *alert); /* a change, once */
    void (*active)(void *context);                           /* the list of what stands changed */
    void (*silences)(void *context);                         /* the list of silences changed */
};

struct alerts;
struct alerts *alerts_new(struct alerts_sink sink); /* NULL when out of memory */
void alerts_free(struct alerts *alerts);

/* Before the first round; nothing is said. ERR_FULL. */
enum err alerts_restore(struct alerts *alerts, const struct alert *alert) ERR_MUST_CHECK;
enum err alerts_restore_silence(struct alerts *alerts,
                                const struct silence *silence) ERR_MUST_CHECK;

/* A round: begin, one alerts_find for each rule and subject, end. What was not found in a round
 * and whose rule (by service-independent name) is not among `rules` (ended by NULL) is gone: its
 * rule was removed. What was not found although its rule is among them is gone when the rule said
 * all its subjects
 * (`complete` of alerts_rule_asked), else its data is missing. ERR_FULL: too many alerts. */
void alerts_round_begin(struct alerts *alerts, int64_t now_ns);
enum err alerts_find(struct alerts *alerts, const struct finding *finding) ERR_MUST_CHECK;
/* The rule was asked in this round; `complete`: subjects that were not found do not exist any more.
 */
void alerts_rule_asked(struct alerts *alerts, const char *rule, bool complete);
void alerts_round_end(struct alerts *alerts);

/* alerts_acknowledge: of all that match (empty texts match all) and fire. ERR_NOT_FOUND: none does;
 * `ret_count` how many. Acknowledging again changes by and why and says nothing. */
enum err alerts_acknowledge(struct alerts *alerts, struct text service, struct text rule,
                            struct text subject, struct text by, struct text why_text,
                            int64_t now_ns, unsigned *ret_count,
                            struct err_reason *why) ERR_MUST_CHECK;

/* alerts_silence adds one or takes the place of the one with the same match; `until_ns` at or
 * before now removes it (ERR_NOT_FOUND when there is none). A silenced alert changes state and is
 * retained with `silenced`, but no event is said of it; when the silence ends while it fires, one
 * event is said. ERR_FULL. */
enum err alerts_silence(struct alerts *alerts, const struct silence *silence, int64_t now_ns,
                        struct err_reason *why) ERR_MUST_CHECK;

/* Walks: in the order critical, error, warning, info, then the newest change first. Only what
 * stands (firing and acknowledged) when `standing`; the resolved ones behind them else. False
 * behind the last. */
bool alerts_at(const struct alerts *alerts, bool standing, unsigned i,
               const struct alert **ret_alert);
bool alerts_silence_at(const struct alerts *alerts, unsigned i, const struct silence **ret_silence);

/* alerts_encode_active appends
 * {"schema":1,"timestamp","count","firing","acknowledged","alerts":[...]}. */
void alerts_encode_active(const struct alerts *alerts, int64_t now_ns, struct buf *out);
void alerts_encode_silences(const struct alerts *alerts, struct buf *out);

#endif
