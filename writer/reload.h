/* Reads sources and tags again on a running writer (SIGHUP, or POST /-/reload at the metrics
 * address). A configuration that is wrong is refused whole. A right one changes the subscriptions
 * by difference, on the connection as it is; reading the journal rests until what was read is
 * stored, then the new sources take over, their memory continuing where the old ones' stood.
 * Messages that arrive meanwhile are journaled and become what the new sources say. */
#ifndef WRITER_RELOAD_H
#define WRITER_RELOAD_H

#include "writer/writer_parts.h"

/* reload_begin reads the file. False when it is refused; the words go to the log and, as JSON, to
 * `out` (NULL for nobody; base/reload_answer.h). */
bool reload_begin(struct writer *w, struct buf *out);

/* reload_turn puts the new sources in place when the time has come. */
void reload_turn(struct writer *w);

#endif
