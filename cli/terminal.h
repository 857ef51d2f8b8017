/* The person's terminal while a command draws over it again and again: the alternate screen, keys
 * without echo, and all as it was afterwards. */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include <stdbool.h>
#include <termios.h>

#include "base/text.h"

struct terminal {
    bool drawn; /* the alternate screen is shown */
    bool keys;  /* the settings of standard input were changed, `before` has them */
    struct termios before;
};

/* terminal_can_draw: standard output is a terminal, and TERM does not say "dumb" or nothing.
 * terminal_can_paint: it is, and NO_COLOR is not set (no-color.org). */
bool terminal_can_draw(void);
bool terminal_can_paint(void);

/* terminal_open shows the alternate screen without cursor and without wrapping. Where standard
 * input is a terminal, keys come at once and are not echoed, and Ctrl-S and Ctrl-Z are keys like
 * any other: a screen that is held up could not be put back. terminal_close puts all back; also for
 * one that is zeroed or closed. */
void terminal_open(struct terminal *terminal);
void terminal_close(struct terminal *terminal);

/* terminal_size gives what standard output has; 80 by 24 where that is not known. */
void terminal_size(unsigned *ret_columns, unsigned *ret_rows);

/* terminal_write writes all of it to standard output; false when that is gone. */
bool terminal_write(struct text t);

/* terminal_pressed tells whether `key` was among those pressed since it was asked last. */
bool terminal_pressed(const struct terminal *terminal, char key);

#endif
