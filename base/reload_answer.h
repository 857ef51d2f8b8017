/* What a service answers when it was asked to read its configuration again:
 * {"reload":"ok","needs_restart":["key",...]} or {"reload":"refused","reason":"..."}, on one line.
 * `out` NULL: nobody asked for an answer. */
#ifndef BASE_RELOAD_ANSWER_H
#define BASE_RELOAD_ANSWER_H

#include "base/buf.h"

/* `needs_restart` are the keys that changed and wait for the next start, parted by blanks
 * (settings_changed). */
void reload_answer_taken(struct text needs_restart, struct buf *out);
void reload_answer_refused(const char *words, struct buf *out);

#endif
