/* The key that was probably meant. */
#include "base/settings_table.h"

/* Levenshtein's distance, for names of a sane length. */
static unsigned distance(const char *a, const char *b)
{
    enum { LONGEST = 40 };
    size_t len_a = strlen(a), len_b = strlen(b);
    if (len_a > LONGEST || len_b > LONGEST)
        return LONGEST;
    unsigned row[LONGEST + 1];
    for (size_t j = 0; j <= len_b; j++)
        row[j] = (unsigned)j;
    for (size_t i = 1; i <= len_a; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= len_b; j++) {
            unsigned best = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[len_b];
}

void settings_suggest(const struct settings_section *section, const char *name, struct buf *out)
{
    const char *nearest = NULL;
    unsigned least = 3; /* farther away it would be a guess */
    for (size_t i = 0; i < section->count; i++) {
        const char *known = section->rows[i].name;
        bool cut_short = strlen(name) > 2 && strncmp(known, name, strlen(name)) == 0;
        unsigned d = cut_short ? 0 : distance(name, known);
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
