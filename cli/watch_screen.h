/* What `hearthline watch` shows, as bytes: a pure function of what is known and of the frame it is
 * to fit into. */
#ifndef CLI_WATCH_SCREEN_H
#define CLI_WATCH_SCREEN_H

#include "base/buf.h"
#include "cli/watch_house.h"

struct watch_frame {
    int64_t now_ns;
    const char *broker;       /* its URL */
    bool connected;           /* to it */
    const char *broker_error; /* why not, "" when that is not known */
    unsigned columns, rows;   /* what is beyond is cut; 0: no limit */
    bool drawn;               /* over what the terminal shows, from its upper left corner;
                                 else lines, each ended */
    bool painted;             /* with colours */
    const char *hint;         /* last line where there is room; "" for none */
};

/* watch_screen appends it. Control characters and broken UTF-8 in strangers' texts become \xNN; a
 * character counts as one column, so a terminal must not wrap where one takes two. */
void watch_screen(const struct watch_house *house, const struct watch_frame *frame,
                  struct buf *out);

#endif
