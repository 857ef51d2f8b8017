/* The part of `hearthline watch` that lists the services. */
#ifndef CLI_WATCH_SERVICES_H
#define CLI_WATCH_SERVICES_H

#include "cli/pen.h"
#include "cli/watch_house.h"

/* watch_services_show writes a table of the first `most` of them, how many there are besides, and
 * the reasons that those shown give for their state. */
void watch_services_show(struct pen *pen, const struct watch_house *house, size_t most,
                         int64_t now_ns);

#endif
