#include "query-service/reload.h"

#include "base/reload_answer.h"
#include "query-service/alerts/own.h"
#include "query-service/standing.h"

static bool refuse(struct reload *reload, const char *words, struct buf *out)
{
    log_change(reload->log, LOG_ERROR, "reload_refused",
               "reason=\"%s\" note=\"all stays as it is\"", words);
    reload_answer_refused(words, out);
    return false;
}

static enum err read_file(struct reload *reload, const struct endpoint_world *world,
                          struct settings **ret_settings, struct err_reason *why)
{
    struct settings *fresh = NULL;
    enum err e = settings_read(reload->path, &fresh, why);
    if (e == ERR_OK && strcmp(fresh->topic_root, reload->running->topic_root) != 0)
        e = err_explain(
            why, ERR_INVALID,
            "topic_root cannot change on a running service: stop it and start it again");
    if (e == ERR_OK) {
        struct endpoint_world with_fresh = *world;
        with_fresh.settings = fresh;
        e = standing_check(&with_fresh, why);
    }
    if (e == ERR_OK)
        e = own_check(&fresh->query.alerts, why);
    if (e == ERR_OK)
        *ret_settings = fresh;
    else
        settings_free(fresh);
    return e;
}

bool reload_read(struct reload *reload, const struct endpoint_world *world, struct buf *out)
{
    static const char *const ours[] = {"stats.",
                                       "writer.",
                                       "query.alerts.",
                                       "query.standing",
                                       "query.cache_ttl_s",
                                       "query.requests_max",
                                       "tags",
                                       NULL};
    struct err_reason why = {""};
    struct settings *fresh = NULL;
    struct buf later = {0};
    if (reload->next || reload->retired)
        return refuse(reload, "another reload is not done yet", out);
    enum err e = read_file(reload, world, &fresh, &why);
    if (e != ERR_OK)
        return refuse(reload, why.text[0] ? why.text : err_text(e), out);
    settings_changed(reload->running, fresh, ours, &later);
    reload->next = fresh;
    log_change(reload->log, LOG_INFO, "reload", "needs_restart=\"%s\"", buf_cstr(&later));
    reload_answer_taken(buf_view(&later), out);
    buf_free(&later);
    return true;
}

void reload_take(struct reload *reload)
{
    reload->retired = reload->now;
    reload->now = reload->next;
    reload->next = NULL;
}

void reload_retire(struct reload *reload)
{
    settings_free(reload->retired);
    reload->retired = NULL;
}

void reload_free(struct reload *reload)
{
    settings_free(reload->next);
    settings_free(reload->now);
    reload_retire(reload);
}
