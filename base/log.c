#include "base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    LINE_MAX_BYTES = 4096,
    FOLD_SLOTS = 64,
    FOLD_MS = 5 * 60 * 1000,
};

static const char *const level_words[] = {"error", "warning", "info", "debug"};

/* One event that was written and may repeat. */
struct fold {
    const char *event; /* a literal; NULL: free */
    enum log_level level;
    int64_t written_ms;
    uint64_t repeated; /* since written_ms */
};

struct log {
    int descriptor;
    enum log_level level;
    struct clock clock;
    pthread_mutex_t lock; /* over folds */
    struct fold folds[FOLD_SLOTS];
};

struct line {
    char text[LINE_MAX_BYTES];
    size_t len;
};

/* Leaves room for an escape and the newline. */
static void line_put(struct line *line, const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (line->len + 6 > sizeof line->text)
            return;
        if (*c < 0x20 || *c == 0x7F)
            line->len += (size_t)snprintf(line->text + line->len, 5, "\\x%02X", *c);
        else
            line->text[line->len++] = (char)*c;
    }
}

static void line_begin(struct line *line, enum log_level level, const char *event)
{
    line->len = 0;
    line_put(line, "level=");
    line_put(line, level_words[level]);
    line_put(line, " event=");
    line_put(line, event);
}

static void line_repeated(struct line *line, uint64_t repeated)
{
    char text[40];
    snprintf(text, sizeof text, " repeated=%llu", (unsigned long long)repeated);
    line_put(line, text);
}

/* One write a line, so that lines of several threads do not mix. A log that cannot
 * be written is nobody's reason to stop. */
static void line_write(const struct log *log, struct line *line)
{
    line->text[line->len++] = '\n';
    ssize_t written = write(log->descriptor, line->text, line->len);
    (void)written;
}

struct log *log_open(int descriptor, enum log_level level, struct clock clock)
{
    struct log *log = calloc(1, sizeof *log);
    if (!log)
        return NULL;
    log->descriptor = descriptor;
    log->level = level;
    log->clock = clock;
    pthread_mutex_init(&log->lock, NULL);
    return log;
}

/* What was folded and would otherwise be forgotten. */
static void write_rest(const struct log *log, const struct fold *fold)
{
    if (!fold->event || fold->repeated == 0)
        return;
    struct line line;
    line_begin(&line, fold->level, fold->event);
    line_repeated(&line, fold->repeated);
    line_write(log, &line);
}

void log_close(struct log *log)
{
    if (!log)
        return;
    for (size_t i = 0; i < FOLD_SLOTS; i++)
        write_rest(log, &log->folds[i]);
    pthread_mutex_destroy(&log->lock);
    free(log);
}

/* The event's own slot, or the one that gives way to it: a free one or the oldest. */
static struct fold *find_fold(struct log *log, enum log_level level, const char *event)
{
    struct fold *oldest = &log->folds[0];
    for (size_t i = 0; i < FOLD_SLOTS; i++) {
        struct fold *fold = &log->folds[i];
        if (!fold->event)
            return fold;
        if (fold->level == level && strcmp(fold->event, event) == 0)
            return fold;
        if (fold->written_ms < oldest->written_ms)
            oldest = fold;
    }
    write_rest(log, oldest);
    *oldest = (struct fold){0};
    return oldest;
}

/* Tells whether the event is to be written now, and what it stands for. */
static bool pass_fold(struct log *log, enum log_level level, const char *event,
                      uint64_t *ret_repeated)
{
    int64_t now_ms = clock_monotonic_ms(&log->clock);
    pthread_mutex_lock(&log->lock);
    struct fold *fold = find_fold(log, level, event);
    bool pass = !fold->event || now_ms - fold->written_ms >= FOLD_MS;
    if (pass) {
        *ret_repeated = fold->repeated;
        *fold = (struct fold){.event = event, .level = level, .written_ms = now_ms};
    } else {
        fold->repeated++;
    }
    pthread_mutex_unlock(&log->lock);
    return pass;
}

static void write_event(const struct log *log, enum log_level level, const char *event,
                        uint64_t repeated, const char *format, va_list args)
    __attribute__((format(printf, 5, 0)));

static void write_event(const struct log *log, enum log_level level, const char *event,
                        uint64_t repeated, const char *format, va_list args)
{
    char values[LINE_MAX_BYTES];
    vsnprintf(values, sizeof values, format, args);
    struct line line;
    line_begin(&line, level, event);
    if (repeated > 0)
        line_repeated(&line, repeated);
    if (values[0])
        line_put(&line, " ");
    line_put(&line, values);
    line_write(log, &line);
}

void log_event(struct log *log, enum log_level level, const char *event, const char *format, ...)
{
    uint64_t repeated = 0;
    if (!log || level > log->level || !pass_fold(log, level, event, &repeated))
        return;
    va_list args;
    va_start(args, format);
    write_event(log, level, event, repeated, format, args);
    va_end(args);
}

void log_change(struct log *log, enum log_level level, const char *event, const char *format, ...)
{
    if (!log || level > log->level)
        return;
    va_list args;
    va_start(args, format);
    write_event(log, level, event, 0, format, args);
    va_end(args);
}

bool log_level_from(const char *word, enum log_level *ret_level)
{
    for (size_t i = 0; i < sizeof level_words / sizeof *level_words; i++) {
        if (strcmp(word, level_words[i]) == 0) {
            *ret_level = (enum log_level)i;
            return true;
        }
    }
    return false;
}
