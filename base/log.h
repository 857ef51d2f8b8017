/* One line an event on a descriptor: `level=info event=broker_connected host=...`.
 * Control characters in the values are shown as \xNN, so a value cannot forge a
 * line. An event that repeats is written when it first comes and then at most
 * once in five minutes, with `repeated=N` for those in between: one cause, few
 * lines, however long it lasts. Only main and the loops log; a failure is logged
 * once, where it is handled. Safe to call from any thread. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

#include "base/clock.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

struct log;

/* log_open gives a log that writes lines up to `level` to `descriptor` (borrowed),
 * NULL when out of memory. log_close writes what is still folded. */
struct log *log_open(int descriptor, enum log_level level, struct clock clock);
void log_close(struct log *log); /* NULL accepted */

/* log_event writes one line: `event` is a stable name from a literal, the rest
 * is `key=value ...`. Repeats of the same event (by name and `level`) are folded. `log`
 * may be NULL: nothing is written. */
void log_event(struct log *log, enum log_level level, const char *event, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* log_change is log_event without folding, for what happens once a change of
 * state: start, connect, fault, recovery, stop. A line is cut at 4 KiB. */
void log_change(struct log *log, enum log_level level, const char *event, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* log_level_from reads error, warning, info or debug; false for any other word. */
bool log_level_from(const char *word, enum log_level *ret_level);

#endif
