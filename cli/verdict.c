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

static void take_line(void *context, struct text line, unsigned destination)
{
    struct verdict *v = context;
    if (verdict_is_rollup(line))
        return;
    buf_text(&v->lines, line);
    buf_char(&v->destinations, (char)destination);
}

static void take_reject(void *context, const struct fold_reject *reject)
{
    struct verdict *v = context;
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

static void take_ignored(void *context, const struct journal_record *record, const char *why)
{
    struct verdict *v = context;
    (void)record;
    buf_string(&v->ignored, why);
}

static void take_field(void *context, const struct journal_record *record, const char *words)
{
    struct verdict *v = context;
    (void)record;
    buf_append(&v->fields, words, strlen(words) + 1);
}

struct fold_sink verdict_sink(struct verdict *verdict)
{
    return (struct fold_sink){.context = verdict,
                              .line = take_line,
                              .reject = take_reject,
                              .ignored = take_ignored,
                              .field = take_field};
}

void verdict_reset(struct verdict *v)
{
    buf_reset(&v->destinations);
    buf_reset(&v->lines);
    buf_reset(&v->refused);
    buf_reset(&v->ignored);
    buf_reset(&v->fields);
}

void verdict_free(struct verdict *v)
{
    buf_free(&v->destinations);
    buf_free(&v->lines);
    buf_free(&v->refused);
    buf_free(&v->ignored);
    buf_free(&v->fields);
}

static void print_row(int indent, const char *what, struct text t)
{
    printf("%*s%-9s ", indent, "", what);
    say_visible(stdout, t, SIZE_MAX);
    putchar('\n');
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
    for (size_t at = 0; at < v->fields.len; at += strlen(v->fields.data + at) + 1)
        print_row(indent, "type", text_of(v->fields.data + at));
    for (size_t at = 0; at < v->refused.len; at += strlen(v->refused.data + at) + 1) {
        struct text words = text_of(v->refused.data + at);
        words.len =
            words.len < WORDS_SHOWN + ELEMENT_SHOWN ? words.len : WORDS_SHOWN + ELEMENT_SHOWN;
        print_row(indent, "rejected", words);
    }
    if (v->ignored.len > 0)
        print_row(indent, "ignored", buf_view(&v->ignored));
    if (v->lines.len + v->refused.len + v->ignored.len == 0)
        print_row(indent, "nothing", TEXT("the message holds no point"));
}
