#include "query-service/alerts/habit.h"

#include <stdlib.h>

#include "base/clock.h"
#include "query-service/alerts/habit_parts.h"

#define FINE_S      10
#define STRETCH_S   60    /* the least that is worth asking */
#define HISTORY_S   86400 /* that is learned at the start */
#define ROWS_MAX    60000 /* that one stretch may bring */
#define FIELDS_EACH 32    /* of one statement */
#define FIELDS_MAX  256   /* of a measurement; what is beyond is not looked at */

struct habit *habit_new(void)
{
    return calloc(1, sizeof(struct habit));
}

void habit_free(struct habit *habit)
{
    if (!habit)
        return;
    index_free(&habit->devices);
    for (unsigned i = 0; i < HABIT_SOURCES; i++)
        buf_free(&habit->fields[i].names);
    free(habit);
}

/* --- asking ---------------------------------------------------------------------- */

static int64_t floor_to(int64_t time_ns, uint32_t window_s)
{
    return time_ns - time_ns % (window_s * CLOCK_NS_PER_S);
}

static unsigned windows_at_most(const struct habit *habit)
{
    size_t devices = habit->devices.count;
    size_t windows = devices > 0 ? ROWS_MAX / devices : 3; /* nobody knows yet how many */
    return windows > HABIT_WINDOWS ? HABIT_WINDOWS : windows < 1 ? 1 : (unsigned)windows;
}

/* What comes next: up to the writer's last report, in the shortest windows that reach there. */
static struct habit_stretch next_stretch(struct habit *habit)
{
    static const uint32_t lengths_s[] = {FINE_S, 60, 300};
    int64_t to_ns = floor_to(habit->newest_ns, FINE_S),
            oldest_ns = to_ns - HISTORY_S * CLOCK_NS_PER_S;
    struct habit_stretch next = {0};
    unsigned windows = windows_at_most(habit);
    if (habit->newest_ns == 0)
        return next;
    if (habit->learned_ns == 0) {
        int64_t first_ns = floor_to(habit->oldest_ns, FINE_S);
        habit->learned_ns = habit->report_ns = first_ns > oldest_ns ? first_ns : oldest_ns;
    }
    if (habit->learned_ns < oldest_ns)
        habit->learned_ns = oldest_ns;
    if (to_ns - habit->learned_ns < STRETCH_S * CLOCK_NS_PER_S)
        return next;
    for (size_t i = 0; i < sizeof lengths_s / sizeof lengths_s[0]; i++) {
        next.window_s = lengths_s[i];
        next.from_ns = habit->learned_ns;
        next.to_ns = floor_to(next.from_ns, lengths_s[i]) + windows * lengths_s[i] * CLOCK_NS_PER_S;
        if (next.to_ns >= to_ns)
            break;
    }
    if (next.to_ns > to_ns)
        next.to_ns = to_ns;
    return next;
}

static void add_heard(const struct habit *habit, unsigned source, struct gather_plan *plan)
{
    const struct habit_fields *fields = &habit->fields[source];
    const char *name = fields->names.data;
    for (unsigned done = 0; done < fields->count;) {
        unsigned count = fields->count - done < FIELDS_EACH ? fields->count - done : FIELDS_EACH;
        habit_write_heard(&habit_sources[source], name, count, &habit->stretch, gather_add(plan));
        for (unsigned i = 0; i < count; i++)
            name += strlen(name) + 1;
        done += count;
    }
}

/* A clock that was set back by much: what was learned lies ahead, and all begins anew. */
static void begin_anew(struct habit *habit)
{
    index_free(&habit->devices);
    habit->newest_ns = habit->oldest_ns = habit->learned_ns = habit->report_ns = habit->away_ns =
        habit->wait_ns = 0;
    habit->caught_up = false;
}

void habit_plan(struct habit *habit, int64_t now_ns, struct gather_plan *plan)
{
    unsigned before = plan->count;
    if (habit->learned_ns > now_ns + HABIT_SILENT_S * CLOCK_NS_PER_S)
        begin_anew(habit);
    habit->asked_ns = now_ns;
    habit->stretch = (struct habit_stretch){0};
    if (now_ns >= habit->wait_ns)
        habit->stretch = next_stretch(habit);
    habit->asked_fields = habit->learned_ns == 0 || habit->stretch.window_s > 0;
    habit_write_newest(now_ns, gather_add(plan));
    if (habit->newest_ns == 0)
        habit_write_oldest(now_ns, gather_add(plan));
    for (unsigned i = 0; habit->asked_fields && i < HABIT_SOURCES; i++)
        habit_write_fields(&habit_sources[i], gather_add(plan));
    if (habit->stretch.window_s > 0) {
        habit_write_reports(&habit->stretch, gather_add(plan));
        for (unsigned i = 0; i < HABIT_SOURCES; i++)
            add_heard(habit, i, plan);
    }
    habit->asked = plan->count - before;
}

/* --- learning -------------------------------------------------------------------- */

struct habit_entry *habit_entry_of(const struct habit *habit, unsigned source, struct text name)
{
    char key[1 + HABIT_NAME_MAX];
    if (name.len > HABIT_NAME_MAX)
        return NULL;
    key[0] = (char)source;
    if (name.len)
        memcpy(key + 1, name.at, name.len);
    return (struct habit_entry *)index_find(&habit->devices, (struct text){key, 1 + name.len});
}

static struct habit_entry *device_add(struct habit *habit, unsigned source, struct text name)
{
    char key[1 + HABIT_NAME_MAX];
    struct habit_entry *device = habit_entry_of(habit, source, name);
    if (device || name.len == 0 || name.len > HABIT_NAME_MAX ||
        habit->devices.count >= HABIT_DEVICES)
        return device;
    key[0] = (char)source;
    memcpy(key + 1, name.at, name.len);
    device = calloc(1, sizeof *device);
    if (device && index_add(&habit->devices, (struct text){key, 1 + name.len}, &device->at)) {
        free(device);
        return NULL;
    }
    return device;
}

static void take_fields(struct habit_fields *fields, const struct table *table)
{
    int column = table_column(table, 0, TEXT("fieldKey"));
    buf_reset(&fields->names);
    fields->count = 0;
    for (size_t row = 0; row < table_rows(table, 0) && fields->count < FIELDS_MAX; row++) {
        struct text name = value_text(table_at(table, 0, row, column));
        if (name.len == 0 || memchr(name.at, '\0', name.len))
            continue;
        buf_text(&fields->names, name);
        buf_char(&fields->names, '\0');
        fields->count++;
    }
    if (fields->names.failed)
        fields->count = 0;
}

static void mark_heard(struct habit *habit, unsigned source, const struct table *table)
{
    struct text tag = text_of(habit_sources[source].tag);
    int64_t base_ms = floor_to(habit->stretch.from_ns, habit->stretch.window_s) / CLOCK_NS_PER_MS;
    int64_t window_ms = habit->stretch.window_s * 1000LL;
    for (size_t series = 0; series < table_series_count(table); series++) {
        struct habit_entry *device = device_add(habit, source, table_tag(table, series, tag));
        for (size_t row = 0; device && row < table_rows(table, series); row++) {
            int64_t window = (table_time_ms(table, series, row) - base_ms) / window_ms;
            if (window >= 0 && window < HABIT_WINDOWS)
                device->heard |= (uint16_t)(1u << window);
        }
    }
}

/* When the writer had come back last, as of the end of each window. */
struct absences {
    int64_t away_ns[HABIT_WINDOWS];
};

static struct absences take_reports(struct habit *habit, const struct table *table)
{
    const struct habit_stretch *stretch = &habit->stretch;
    int64_t base_ns = floor_to(stretch->from_ns, stretch->window_s);
    int64_t window_ns = stretch->window_s * CLOCK_NS_PER_S;
    struct absences absences;
    size_t row = 0, rows = table_rows(table, 0);
    for (unsigned i = 0; i < HABIT_WINDOWS; i++) {
        for (; row < rows; row++) {
            int64_t report_ns = table_time_ms(table, 0, row) * CLOCK_NS_PER_MS;
            if (report_ns >= base_ns + (i + 1) * window_ns)
                break;
            if (report_ns - habit->report_ns > (HABIT_AWAY_S + FINE_S) * CLOCK_NS_PER_S)
                habit->away_ns = report_ns;
            habit->report_ns = report_ns;
        }
        absences.away_ns[i] = habit->away_ns;
    }
    return absences;
}

struct learning {
    const struct habit *habit;
    struct absences absences;
};

static bool learn_device(void *context, struct index_entry *at)
{
    const struct learning *learning = context;
    const struct habit_stretch *stretch = &learning->habit->stretch;
    struct habit_entry *device = (struct habit_entry *)at;
    int64_t base_ns = floor_to(stretch->from_ns, stretch->window_s);
    int64_t window_ns = stretch->window_s * CLOCK_NS_PER_S;
    for (unsigned i = 0; i < HABIT_WINDOWS && device->heard; i++) {
        int64_t start_ns = base_ns + i * window_ns, end_ns = start_ns + window_ns;
        if (!(device->heard & 1u << i))
            continue;
        habit_pace_heard(&device->pace, start_ns > stretch->from_ns ? start_ns : stretch->from_ns,
                         end_ns < stretch->to_ns ? end_ns : stretch->to_ns, stretch->window_s,
                         learning->absences.away_ns[i] <= device->pace.last_ns,
                         learning->habit->caught_up);
    }
    device->heard = 0;
    return stretch->to_ns - device->pace.last_ns < HABIT_FORGOTTEN * CLOCK_NS_PER_S;
}

static void learn_stretch(struct habit *habit, const struct gather_result *results)
{
    struct learning learning = {habit, take_reports(habit, results[0].table)};
    const struct gather_result *at = results + 1;
    for (unsigned i = 0; i < HABIT_SOURCES; i++)
        for (unsigned done = 0; done < habit->fields[i].count; done += FIELDS_EACH)
            mark_heard(habit, i, at++->table);
    index_keep(&habit->devices, learn_device, &learning);
    habit->learned_ns = habit->stretch.to_ns;
    habit->caught_up |= habit->newest_ns - habit->learned_ns < 2 * STRETCH_S * CLOCK_NS_PER_S;
}

static bool all_answered(const struct habit *habit, const struct gather_results *results,
                         unsigned first)
{
    if (habit->asked == 0 || first + habit->asked > results->count)
        return false;
    for (unsigned i = first; i < first + habit->asked; i++)
        if (results->at[i].outcome != ERR_OK || table_partial(results->at[i].table))
            return false;
    return true;
}

void habit_learn(struct habit *habit, const struct gather_results *results, unsigned first)
{
    bool store_answers = first < results->count && results->at[first].outcome == ERR_OK;
    if (!all_answered(habit, results, first) && !store_answers) {
        habit->asked = 0;
        return;
    }
    if (!all_answered(habit, results, first)) {
        /* What is too much for the store must not be asked each round. */
        habit->failures += habit->failures < 4;
        habit->wait_ns = habit->asked_ns + (STRETCH_S << habit->failures) * CLOCK_NS_PER_S;
        habit->asked = 0;
        return;
    }
    const struct gather_result *at = results->at + first;
    int64_t newest_ns = table_time_ms(at->table, 0, 0) * CLOCK_NS_PER_MS;
    at++;
    if (habit->newest_ns == 0)
        habit->oldest_ns = table_time_ms(at++->table, 0, 0) * CLOCK_NS_PER_MS;
    if (habit->stretch.window_s > 0)
        learn_stretch(habit, at + HABIT_SOURCES);
    for (unsigned i = 0; habit->asked_fields && i < HABIT_SOURCES; i++)
        take_fields(&habit->fields[i], at[i].table);
    if (newest_ns > habit->newest_ns)
        habit->newest_ns = newest_ns;
    if (habit->stretch.window_s > 0)
        habit->failures = 0;
    habit->asked = 0;
}
