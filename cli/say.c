#include "cli/say.h"

int say_failed(const char *command, enum err err, const struct err_reason *why)
{
    fflush(stdout);
    fprintf(stderr, "hearthline %s: %s\n", command,
            why && why->text[0] ? why->text : err_text(err));
    return 1;
}

void say_append_visible(struct buf *out, struct text t, size_t max)
{
    size_t shown = 0;
    while (t.len > 0 && shown < max) {
        size_t sequence = text_utf8_sequence(t);
        unsigned char first = (unsigned char)t.at[0];
        bool plain = sequence > 0 && first >= 0x20 && first != 0x7f &&
                     !(first == 0xc2 && (unsigned char)t.at[1] < 0xa0);
        if (sequence == 0)
            sequence = 1;
        if (plain)
            buf_append(out, t.at, sequence);
        for (size_t i = 0; i < sequence && !plain; i++)
            buf_printf(out, "\\x%02x", (unsigned char)t.at[i]);
        t.at += sequence;
        t.len -= sequence;
        shown += sequence;
    }
    if (t.len > 0)
        buf_string(out, "...");
}

void say_visible(FILE *to, struct text t, size_t max)
{
    struct buf visible = {0};
    say_append_visible(&visible, t, max);
    if (visible.len > 0)
        fwrite(visible.data, 1, visible.len, to);
    buf_free(&visible);
}

void say_bytes(uint64_t bytes, char ret_text[SAY_BYTES_SIZE])
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    size_t unit = 0;
    double amount = (double)bytes;
    for (; amount >= 1024 && unit + 1 < sizeof units / sizeof *units; unit++)
        amount /= 1024;
    snprintf(ret_text, SAY_BYTES_SIZE, "%.*f %s", unit ? 1 : 0, amount, units[unit]);
}
