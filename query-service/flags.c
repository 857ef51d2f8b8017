#include "query-service/flags.h"

struct flags flags_make(const char *path, const struct settings *settings)
{
    struct flags flags = {.now = settings->stats, .path = path};
    if (stat(path, &flags.seen) != 0)
        flags.seen = (struct stat){0};
    return flags;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

void flags_take(struct flags *flags, const struct settings_stats *stats, struct log *log)
{
    bool changed = stats->use_influxdb != flags->now.use_influxdb ||
                   stats->rollout_percent != flags->now.rollout_percent;
    flags->now = *stats;
    if (changed)
        log_change(log, LOG_INFO, "flags_changed", "use_influxdb=%s rollout_percent=%u",
                   stats->use_influxdb ? "true" : "false", stats->rollout_percent);
}

static void read_again(struct flags *flags, struct log *log)
{
    struct settings *settings = NULL;
    struct err_reason why = {""};
    enum err e = settings_read(flags->path, &settings, &why);
    if (e != ERR_OK) {
        log_change(log, LOG_WARNING, "flags_not_read",
                   "reason=\"%s\" note=\"they stay as they are\"",
                   why.text[0] ? why.text : err_text(e));
        return;
    }
    flags_take(flags, &settings->stats, log);
    settings_free(settings);
}

uint32_t flags_look(struct flags *flags, int64_t now_ms, struct log *log)
{
    struct stat found;
    if (now_ms < flags->due_ms)
        return (uint32_t)(flags->due_ms - now_ms);
    flags->due_ms = now_ms + FLAGS_EVERY_MS;
    if (stat(flags->path, &found) == 0 && !same_file(&found, &flags->seen)) {
        flags->seen = found;
        read_again(flags, log);
    }
    return FLAGS_EVERY_MS;
}
