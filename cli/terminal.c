#include "cli/terminal.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* ECMA-48 and xterm's private modes: 1049 alternate screen, 25 cursor, 7 wrapping. */
static const char open_codes[] = "\033[?1049h\033[?25l\033[?7l\033[H\033[2J";
static const char close_codes[] = "\033[0m\033[?7h\033[?25h\033[?1049l";

bool terminal_can_draw(void)
{
    const char *kind = getenv("TERM");
    return isatty(STDOUT_FILENO) && kind && *kind && strcmp(kind, "dumb") != 0;
}

bool terminal_can_paint(void)
{
    const char *no = getenv("NO_COLOR");
    return terminal_can_draw() && (!no || !*no);
}

bool terminal_write(struct text t)
{
    return text_write(STDOUT_FILENO, t);
}

void terminal_open(struct terminal *terminal)
{
    *terminal = (struct terminal){.drawn = true};
    if (tcgetattr(STDIN_FILENO, &terminal->before) == 0) {
        struct termios raw = terminal->before;
        raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
        raw.c_iflag &= ~(tcflag_t)IXON;
        raw.c_cc[VSUSP] = _POSIX_VDISABLE;
        terminal->keys = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
    }
    (void)terminal_write(text_of(open_codes));
}

void terminal_close(struct terminal *terminal)
{
    if (terminal->drawn)
        (void)terminal_write(text_of(close_codes));
    if (terminal->keys)
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &terminal->before);
    *terminal = (struct terminal){.drawn = false};
}

void terminal_size(unsigned *ret_columns, unsigned *ret_rows)
{
    struct winsize size = {0};
    bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
    *ret_columns = known && size.ws_col > 0 ? size.ws_col : 80;
    *ret_rows = known && size.ws_row > 0 ? size.ws_row : 24;
}

bool terminal_pressed(const struct terminal *terminal, char key)
{
    struct pollfd keys = {.fd = STDIN_FILENO, .events = POLLIN};
    char pressed[64];
    bool found = false;
    while (terminal->keys && poll(&keys, 1, 0) > 0) {
        ssize_t n = read(STDIN_FILENO, pressed, sizeof pressed);
        if (n <= 0)
            break;
        found = found || memchr(pressed, key, (size_t)n) != NULL;
    }
    return found;
}
