#include "writer/reload.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/reload_answer.h"

static void tell_refused(struct writer *w, const char *words, struct buf *out)
{
    log_change(w->log, LOG_ERROR, "reload_refused", "reason=\"%s\" note=\"all stays as it is\"",
               words);
    reload_answer_refused(words, out);
}

static void tell_taken(struct writer *w, struct buf *later, struct buf *out)
{
    log_change(w->log, LOG_INFO, "reload", "sources=%zu needs_restart=\"%s\"",
               sources_count(w->next.sources), buf_cstr(later));
    reload_answer_taken(buf_view(later), out);
}

bool reload_begin(struct writer *w, struct buf *out)
{
    struct err_reason why = {""};
    struct buf later = {0};
    if (w->reloading) {
        tell_refused(w, "another reload is not done yet: it waits for InfluxDB", out);
        return false;
    }
    enum err e = mapping_read(w->path, w->settings, &w->next, &later, &why);
    if (e == ERR_OK) {
        e = intake_subscribe(w->intake, &w->next.plan);
        if (e != ERR_OK)
            mapping_close(&w->next);
    }
    if (e == ERR_OK) {
        mapping_tell(w->next.settings, w->log);
        tell_taken(w, &later, out);
        delivery_stop(w->delivery);
        w->reloading = true;
    } else {
        tell_refused(w, why.text[0] ? why.text : err_text(e), out);
    }
    buf_free(&later);
    return e == ERR_OK;
}

void reload_turn(struct writer *w)
{
    if (!w->reloading || w->stopping || !delivery_idle(w->delivery))
        return;
    enum err e = delivery_use(w->delivery, w->next.sources);
    if (e != ERR_OK) { /* no memory: the old ones go on, and it is tried again */
        log_event(w->log, LOG_ERROR, "reload_waits", "reason=\"%s\"", err_text(e));
        return;
    }
    mapping_close(&w->mapping);
    w->mapping = w->next;
    w->next = (struct mapping){0};
    w->reloading = false;
    writer_append_generation(w);
    log_change(w->log, LOG_INFO, "reloaded", "mapping=%016" PRIx64,
               sources_hash(w->mapping.sources));
}
