/* The key that was probably meant. */
#include "base/settings_table.h"
#include "base/spelling.h"

void settings_suggest(const struct settings_section *section, const char *name, struct buf *out)
{
    const char *nearest = NULL;
    unsigned least = 3; /* farther away it would be a guess */
    for (size_t i = 0; i < section->count; i++) {
        const char *known = section->rows[i].name;
        bool cut_short = strlen(name) > 2 && strncmp(known, name, strlen(name)) == 0;
        unsigned d = cut_short ? 0 : spelling_distance(text_of(name), text_of(known));
        if (d < least) {
            least = d;
            nearest = known;
        }
    }
    if (nearest) {
        buf_printf(out, "%s", nearest);
        return;
    }
    buf_string(out, "one of");
    for (size_t i = 0; i < section->count; i++)
        buf_printf(out, "%s %s", i ? "," : "", section->rows[i].name);
}
