#include "cli/verdict.h"

#include <stdio.h>

#include "cli/say.h"
#include "influx/line.h"
#include "schemas/topics.h"

enum { ELEMENT_SHOWN = 120, WORDS_SHOWN = 400 };

bool verdict_is_rollup(struct text line)
{
    return text_starts(line, TEXT("ingest_rollup,")) ||
           text_starts(line, TEXT("ingest_rollup_5m,")) ||
           text_starts(line, TEXT("service_metrics_5m,"));
}

static bool wants(void *context, const struct source *source, int64_t arrival_ns)
{
    struct verdicts *all = context;
    (void)source;
    all->now = all->of(all->context, arrival_ns);
    return all->now != NULL;
}

static struct verdict *now(void *context)
{
    return ((struct verdicts *)context)->now;
}

static void take_line(void *context, struct text line, unsigned destination)
{
    if (verdict_is_rollup(line))
        return;
    struct verdict *v = now(context);
    buf_text(&v->lines, line);
    buf_char(&v->destinations, (char)destination);
}

static void take_reject(void *context, const struct fold_reject *reject)
{
    struct verdict *v = now(context);
    const char *words = reject->words ? reject->words : reject_words(reject->reason);
    buf_printf(&v->refused, "%s: %s", reject_id(reject->reason), words);
    if (reject->reason == REJECT_UNKNOWN_TOPIC) {
        buf_string(&v->refused, "; the nearest that has one is ");
        topic_nearest(v->topic_root, reject->record->topic, &v->refused);
    }
    if (reject->element.len > 0) {
        size_t len = reject->element.len < ELEMENT_SHOWN ? reject->element.len : ELEMENT_SHOWN;
        buf_printf(&v->refused, ", in ");
        buf_append(&v->refused, reject->element.at, len);
    }
    buf_char(&v->refused, '\0');
}

static void add(struct buf *list, struct text words)
{
    buf_text(list, words);
    buf_char(list, '\0');
}

static bool has(const struct buf *list, const char *words)
{
    for (size_t at = 0; at < list->len; at += strlen(list->data + at) + 1)
        if (strcmp(list->data + at, words) == 0)
            return true;
    return false;
}

/* A reason that many points have is said once. */
static void take_ignored(void *context, const struct journal_record *record, const char *why)
{
    struct verdict *v = now(context);
    (void)record;
    if (!has(&v->ignored, why))
        add(&v->ignored, text_of(why));
}

static void take_field(void *context, const struct journal_record *record, const char *words)
{
    (void)record;
    add(&now(context)->fields, text_of(words));
}

static void take_note(void *context, enum fold_note note, struct text words)
{
    static const char *const rows[] = {
        [FOLD_NOTE_FACT] = "fact", [FOLD_NOTE_WAITS] = "waits", [FOLD_NOTE_TIME] = "time"};
    struct verdict *v = now(context);
    v->waits = v->waits || note == FOLD_NOTE_WAITS;
    if (words.len > WORDS_SHOWN)
        words.len = WORDS_SHOWN;
    const char *end = memchr(words.at, '\0', words.len);
    words.len = end ? (size_t)(end - words.at) : words.len;
    add(&v->notes, text_of(rows[note]));
    add(&v->notes, words);
}

struct fold_sink verdict_sink(struct verdicts *verdicts)
{
    return (struct fold_sink){.context = verdicts,
                              .wants = wants,
                              .line = take_line,
                              .reject = take_reject,
                              .ignored = take_ignored,
                              .field = take_field,
                              .note = take_note};
}

void verdict_free(struct verdict *v)
{
    buf_free(&v->destinations);
    buf_free(&v->lines);
    buf_free(&v->refused);
    buf_free(&v->ignored);
    buf_free(&v->fields);
    buf_free(&v->notes);
}

static void print_row(int indent, const char *what, struct text t)
{
    printf("%*s%-9s ", indent, "", what);
    say_visible(stdout, t, SIZE_MAX);
    putchar('\n');
}

static void print_rows(int indent, const char *what, const struct buf *list)
{
    for (size_t at = 0; at < list->len; at += strlen(list->data + at) + 1)
        print_row(indent, what, text_of(list->data + at));
}

/* That it waited is of no interest any more when it has come to something. */
static void print_notes(const struct verdict *v, int indent)
{
    bool settled = v->lines.len + v->refused.len + v->ignored.len > 0;
    const char *words;
    for (size_t at = 0; at < v->notes.len;
         at = (size_t)(words - v->notes.data) + strlen(words) + 1) {
        const char *row = v->notes.data + at;
        words = row + strlen(row) + 1;
        if (!settled || strcmp(row, "waits") != 0)
            print_row(indent, row, text_of(words));
    }
}

/* Of the line before; those of the default destination go without one. */
static void print_destination(const struct verdict *v, int indent, unsigned destination)
{
    const struct settings_destination *to =
        v->settings ? &v->settings->influxdb.destinations[destination - 1] : NULL;
    if (!to)
        return;
    printf("%*s%-9s %s, database %s", indent, "", "to", to->name, to->database);
    printf(*to->retention_policy ? ", retention policy %s\n" : "%s\n", to->retention_policy);
}

void verdict_print(const struct verdict *v, int indent)
{
    struct text rest = buf_view(&v->lines), line;
    for (size_t i = 0; line_next(&rest, &line); i++) {
        print_row(indent, "line", line);
        if (i < v->destinations.len && v->destinations.data[i] != (char)ROUTE_DEFAULT)
            print_destination(v, indent, (unsigned char)v->destinations.data[i]);
    }
    print_rows(indent, "type", &v->fields);
    for (size_t at = 0; at < v->refused.len; at += strlen(v->refused.data + at) + 1) {
        struct text words = text_of(v->refused.data + at);
        words.len =
            words.len < WORDS_SHOWN + ELEMENT_SHOWN ? words.len : WORDS_SHOWN + ELEMENT_SHOWN;
        print_row(indent, "rejected", words);
    }
    print_rows(indent, "ignored", &v->ignored);
    print_notes(v, indent);
    if (v->lines.len + v->refused.len + v->ignored.len + v->notes.len == 0)
        print_row(indent, "nothing", TEXT("the message holds no point"));
}
