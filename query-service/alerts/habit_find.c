#include "base/clock.h"
#include "query-service/alerts/habit_parts.h"
#include "query-service/alerts/words.h"

static bool is_fresh(const struct habit *habit, int64_t now_ns)
{
    return habit->caught_up && now_ns - habit->learned_ns <= HABIT_FRESH_S * CLOCK_NS_PER_S;
}

static double quiet_s(const struct habit *habit, const struct habit_entry *device)
{
    int64_t from_ns = device->pace.last_ns > habit->away_ns ? device->pace.last_ns : habit->away_ns;
    return from_ns < habit->learned_ns ? (double)(habit->learned_ns - from_ns) / 1e9 : 0;
}

static bool is_silent(const struct habit *habit, const struct habit_entry *device)
{
    return quiet_s(habit, device) > habit_pace_limit_s(&device->pace);
}

static struct text name_of(const struct habit_entry *device)
{
    return (struct text){device->at.key + 1, device->at.key_len - 1};
}

/* A device in several measurements: the one heard last that has a habit speaks for all; it is
 * silent when it is in each. NULL where none has a habit. */
static const struct habit_entry *speaker(const struct habit *habit, struct text name,
                                         bool *ret_silent)
{
    const struct habit_entry *last = NULL;
    bool silent = true;
    for (unsigned i = 0; i < HABIT_SOURCES; i++) {
        const struct habit_entry *one = habit_entry_of(habit, i, name);
        if (!one)
            continue;
        bool learned = habit_pace_learned(&one->pace);
        silent &= learned ? is_silent(habit, one) : quiet_s(habit, one) > HABIT_SILENT_S;
        if (learned && (!last || one->pace.last_ns > last->pace.last_ns))
            last = one;
    }
    *ret_silent = silent;
    return last;
}

struct finding_devices {
    const struct habit *habit;
    const struct rules_sink *sink;
};

static void find_device(void *context, struct index_entry *at)
{
    const struct finding_devices *f = context;
    const struct habit_entry *device = (const struct habit_entry *)at;
    struct text name = name_of(device);
    struct buf words = {0};
    bool silent;
    if (speaker(f->habit, name, &silent) != device)
        return;
    double seconds = quiet_s(f->habit, device);
    struct finding finding = {
        .service = "system",
        .rule = "device_silent",
        .subject = name.at,
        .verdict = silent ? VERDICT_FIRING : VERDICT_CLEAR,
        .level = ALERT_WARNING,
        .value = fields_number(seconds),
        .threshold = fields_number(habit_pace_limit_s(&device->pace)),
        .since_ns = device->pace.last_ns,
    };
    if (silent) {
        buf_printf(&words, "Device %s is silent for ", name.at);
        words_span(seconds, &words);
        buf_string(&words, "; its longest pause was ");
        words_span(device->pace.longest_s > 0 ? device->pace.longest_s : device->pace.mean_s,
                   &words);
    }
    finding.message = buf_cstr(&words);
    f->sink->find(f->sink->context, &finding);
    buf_free(&words);
}

void habit_find(const struct habit *habit, int64_t now_ns, const struct rules_sink *sink)
{
    struct finding_devices f = {habit, sink};
    bool fresh = is_fresh(habit, now_ns);
    if (fresh)
        index_each(&habit->devices, find_device, &f);
    sink->asked(sink->context, "device_silent", fresh ? HABIT_FORGOTTEN : ALERTS_NEVER_GONE);
}

bool habit_device(const struct habit *habit, struct text measurement, struct text device,
                  int64_t now_ns, struct habit_device *ret_device)
{
    unsigned source = 0;
    while (source < HABIT_SOURCES &&
           !text_equal(measurement, text_of(habit_sources[source].measurement)))
        source++;
    const struct habit_entry *known =
        source < HABIT_SOURCES ? habit_entry_of(habit, source, device) : NULL;
    if (!known)
        return false;
    bool learned = habit_pace_learned(&known->pace);
    *ret_device = (struct habit_device){
        .last_seen_ns = known->pace.last_ns,
        .mean_interval_s = learned ? known->pace.mean_s : 0,
        .longest_interval_s = learned ? known->pace.longest_s : 0,
        .learned = learned,
        .silent = learned && is_fresh(habit, now_ns) && is_silent(habit, known),
    };
    return true;
}
