/* What of the configuration says what messages become: sources and tags, with the subscriptions
 * that follow from them. It is one thing because it is replaced as one thing on a running writer.
 */
#ifndef WRITER_MAPPING_H
#define WRITER_MAPPING_H

#include "base/log.h"
#include "base/settings.h"
#include "writer/subscription_plan.h"

struct mapping {
    struct settings *settings; /* owned; NULL: they belong to somebody else */
    struct settings_destination
        *destinations; /* owned: those that run, with the new measurements */
    struct sources *sources;
    struct subscription_plan plan;
};

/* mapping_make opens sources and plan for `settings`, which it borrows. Errors as sources_open and
 * subscription_plan_make say. */
enum err mapping_make(const struct settings *settings, struct mapping *ret_mapping,
                      struct err_reason *why) ERR_MUST_CHECK;

/* mapping_read reads the configuration at `path` again, for a writer that runs with `running`.
 * Destinations stay those of `running`; which measurements they list is part of the mapping, and so
 * is what a source says. Other keys than those of the mapping take effect at the next start only:
 * they are appended to ret_later, separated by blanks, and the subscriptions are kept beside the
 * journal that is in use. Errors as settings_read and mapping_make say; nothing has changed then.
 */
enum err mapping_read(const char *path, const struct settings *running, struct mapping *ret_mapping,
                      struct buf *ret_later, struct err_reason *why) ERR_MUST_CHECK;

/* mapping_tell logs which of the configuration's sources claim the same topics, and who gets them.
 */
void mapping_tell(const struct settings *settings, struct log *log);

void mapping_close(struct mapping *mapping);

#endif
