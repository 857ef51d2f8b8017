#include "cli/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

enum { BAR_WIDTH = 24, TERMINAL_MS = 200, LINE_MS = 10000 };

static int64_t now_ms(void)
{
    struct clock clock = clock_system();
    return clock_monotonic_ms(&clock);
}

struct progress progress_begin(const char *what, uint64_t total)
{
    return (struct progress){
        .what = what, .total = total, .terminal = isatty(STDERR_FILENO), .shown_ms = now_ms()};
}

void progress_show(struct progress *p, uint64_t done)
{
    int64_t now = now_ms();
    if (now - p->shown_ms < (p->terminal ? TERMINAL_MS : LINE_MS))
        return;
    p->shown_ms = now;
    if (done > p->total)
        done = p->total;
    double share = p->total ? (double)done / (double)p->total : 1;
    if (p->terminal) {
        char bar[BAR_WIDTH + 1];
        memset(bar, '-', BAR_WIDTH);
        memset(bar, '#', (size_t)(share * BAR_WIDTH));
        bar[BAR_WIDTH] = '\0';
        fprintf(stderr, "\r\033[K[%s] ", bar);
        p->shown = true;
    }
    fprintf(stderr, "%3d %%  %" PRIu64 " of %" PRIu64 " %s%s", (int)(share * 100), done, p->total,
            p->what, p->terminal ? "" : "\n");
    fflush(stderr);
}

void progress_end(struct progress *p)
{
    if (p->shown)
        fputs("\r\033[K", stderr);
    p->shown = false;
}
