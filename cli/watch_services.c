#include "cli/watch_services.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/watch_words.h"

static const struct column {
    const char *title;
    unsigned columns;
} columns[] = {{"STATE", 7},   {"EVENTS/S", 8},    {"PROCESSED", 11},
               {"SUCCESS", 8}, {"PROCESSING", 10}, {"LAST SEEN", 9}};
#define COLUMN_COUNT (sizeof columns / sizeof *columns)

static const enum pen_paint state_paints[] = {PEN_DIM, PEN_GOOD, PEN_DOUBTFUL, PEN_BAD};

/* As wide as the longest, as far as the figures leave room. */
static unsigned name_columns(const struct watch_house *house, unsigned frame_columns)
{
    unsigned figures = 0, widest = sizeof "SERVICE" - 1;
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        figures += columns[i].columns + 2;
    for (size_t i = 0; i < house->service_count; i++) {
        unsigned width = pen_width(house->services[i].name);
        widest = width > widest ? width : widest;
    }
    unsigned room = frame_columns > figures + 7 ? frame_columns - figures : 7;
    return frame_columns == 0 || widest < room ? widest : room;
}

static enum pen_paint paint_of_success(struct fields_number success)
{
    if (!success.present || success.value >= 95)
        return PEN_NONE;
    return success.value < 90 ? PEN_BAD : PEN_DOUBTFUL;
}

static void show_service(struct pen *p, const struct watch_service *s, unsigned name_width,
                         int64_t now_ns)
{
    static const struct service_metrics nothing = {.service = ""};
    const struct service_metrics *m = s->has_metrics ? &s->metrics : &nothing;
    bool stale = watch_house_is_stale(s, now_ns);
    char text[WATCH_WORDS_SIZE], age[MOMENT_SPAN_SIZE] = "-";
    pen_cell(p, PEN_NONE, s->name, name_width);
    pen_cell(p, state_paints[s->state], s->has_status ? status_words[s->state] : "unknown",
             columns[0].columns);
    watch_words_figure(stale ? (struct fields_number){0, false}
                             : watch_words_rate(m->events_processed, m->interval_s),
                       1, "", text);
    pen_figure(p, PEN_NONE, text, columns[1].columns);
    snprintf(text, sizeof text, m->events_total.present ? "%" PRIu64 : "-", m->events_total.value);
    pen_figure(p, PEN_NONE, text, columns[2].columns);
    watch_words_figure(m->success_rate, 1, " %", text);
    pen_figure(p, paint_of_success(m->success_rate), text, columns[3].columns);
    watch_words_figure(m->processing_time_ms, 0, " ms", text);
    bool slow = m->processing_time_ms.present && m->processing_time_ms.value > 1000;
    pen_figure(p, slow ? PEN_DOUBTFUL : PEN_NONE, text, columns[4].columns);
    if (s->seen_ns)
        watch_words_age(s->seen_ns, now_ns, age);
    pen_figure(p, stale ? PEN_BAD : PEN_NONE, age, columns[5].columns);
    pen_end_line(p);
}

static void show_reason(struct pen *p, const struct watch_service *s)
{
    pen_put(p, PEN_NONE, "  ");
    pen_put(p, PEN_NONE, s->name);
    pen_put(p, PEN_NONE, " is ");
    pen_put(p, state_paints[s->state], status_words[s->state]);
    pen_put(p, PEN_NONE, ": ");
    pen_put(p, PEN_NONE, s->reason);
    pen_end_line(p);
}

void watch_services_show(struct pen *p, const struct watch_house *house, size_t most,
                         int64_t now_ns)
{
    unsigned name_width = name_columns(house, p->columns);
    size_t shown = house->service_count < most ? house->service_count : most;
    pen_cell(p, PEN_BOLD, "SERVICE", name_width);
    pen_cell(p, PEN_BOLD, columns[0].title, columns[0].columns);
    for (size_t i = 1; i < COLUMN_COUNT; i++)
        pen_figure(p, PEN_BOLD, columns[i].title, columns[i].columns);
    pen_end_line(p);
    for (size_t i = 0; i < shown; i++)
        show_service(p, &house->services[i], name_width, now_ns);
    pen_more(p, house->service_count - shown, house->more_services);
    for (size_t i = 0; i < shown; i++)
        if (house->services[i].reason[0])
            show_reason(p, &house->services[i]);
    if (house->service_count == 0) {
        pen_put(p, PEN_DIM, "  no service has said anything");
        pen_end_line(p);
    }
}
