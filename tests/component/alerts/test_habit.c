#include "store.h"

#include "query-service/alerts/habit.h"

static struct findings found;

/* Field names of strangers: the last ones would end a statement. */
static const char *const fields[] = {"temperature", "a\\ b", "quote\"", "'; DROP MEASUREMENT x --",
                                     "x\") FROM y --"};

static void write_field(struct buf *lines, const char *name)
{
    for (; *name; name++) {
        if (*name == ' ' && name[-1] != '\\')
            buf_char(lines, '\\');
        buf_char(lines, *name);
    }
}

/* Devices that write each 30 s one of the fields in turn; the second falls silent half an hour
 * before now, and of the third there is nothing but one row. */
static void write_house(const char *measurement, const char *tag)
{
    struct buf lines = {0};
    for (int64_t i = 0; i < 300; i++) {
        int64_t at_ns = NOW - (300 - i) * 30 * S;
        for (int device = 0; device < 3; device++) {
            if ((device == 1 && i >= 240) || (device == 2 && i != 150))
                continue;
            buf_printf(&lines, "%s,%s=%s-%d ", measurement, tag, tag, device);
            write_field(&lines, fields[i % 5]);
            buf_printf(&lines, "=%s %lld\n", i % 5 == 4 ? "\"text\"" : "1", (long long)at_ns);
        }
    }
    store_write(&store, buf_cstr(&lines));
    buf_free(&lines);
}

static void write_reports(int64_t from_ns, int64_t to_ns)
{
    struct buf lines = {0};
    for (int64_t at_ns = from_ns; at_ns < to_ns; at_ns += 10 * S)
        buf_printf(&lines, "service_metrics,service=writer received=1,events_processed=2 %lld\n",
                   (long long)at_ns);
    store_write(&store, buf_cstr(&lines));
    buf_free(&lines);
}

static unsigned round_at(struct habit *habit, int64_t now_ns)
{
    struct gather_plan plan = {0};
    habit_plan(habit, now_ns, &plan);
    unsigned asked = plan.count;
    struct gather_results *results = store_ask(&store, &plan);
    assert_int_equal(results->outcome, ERR_OK);
    habit_learn(habit, results, 0);
    gather_results_free(results);
    return asked;
}

static struct habit *learned(int64_t now_ns)
{
    struct habit *habit = habit_new();
    for (int i = 0; i < 120; i++)
        if (round_at(habit, now_ns) == 1)
            break; /* nothing is due but the newest report */
    return habit;
}

static void of_each_measurement(void **state)
{
    static const struct {
        const char *measurement, *tag;
    } sources[] = {{"device_metrics", "device_id"},
                   {"home_assistant_events", "entity_id"},
                   {"vm_metrics", "vm_id"}};
    (void)state;
    for (size_t i = 0; i < 3; i++)
        write_house(sources[i].measurement, sources[i].tag);
    write_reports(NOW - 86400 * S, NOW);
    struct habit *habit = learned(NOW);
    struct rules_sink sink = findings_sink(&found);
    habit_find(habit, NOW, &sink);
    assert_int_equal(findings_gone_after_s(&found, "device_silent"), HABIT_FORGOTTEN);
    assert_int_equal(found.count, 6); /* energy and phm do not exist, which is no failure */
    for (size_t i = 0; i < 3; i++) {
        char name[64];
        struct habit_device known;
        snprintf(name, sizeof name, "%s-0", sources[i].tag);
        assert_int_equal(findings_of(&found, "device_silent", NULL, name)->finding.verdict,
                         VERDICT_CLEAR);
        snprintf(name, sizeof name, "%s-1", sources[i].tag);
        const struct found *silent = findings_of(&found, "device_silent", NULL, name);
        assert_int_equal(silent->finding.verdict, VERDICT_FIRING);
        assert_in_range(silent->finding.value.value, 1770, 1830);
        assert_true(
            habit_device(habit, text_of(sources[i].measurement), text_of(name), NOW, &known));
        assert_true(known.learned && known.silent);
        assert_in_range((NOW - known.last_seen_ns) / S, 1800, 1830);
        snprintf(name, sizeof name, "%s-2", sources[i].tag);
        assert_null(findings_of(&found, "device_silent", NULL, name));
        assert_true(
            habit_device(habit, text_of(sources[i].measurement), text_of(name), NOW, &known));
        assert_false(known.learned);
    }
    habit_free(habit);
}

static void a_store_without_a_writer_says_nothing(void **state)
{
    (void)state;
    struct habit *habit = learned(NOW + 2 * 86400 * S);
    struct rules_sink sink = findings_sink(&found);
    habit_find(habit, NOW + 2 * 86400 * S, &sink);
    assert_int_equal(found.count, 0);
    assert_int_equal(findings_gone_after_s(&found, "device_silent"), ALERTS_NEVER_GONE);
    habit_free(habit);
}

/* Beyond 32 fields there are several statements, and a device is heard in any of them. */
static void many_fields(void **state)
{
    (void)state;
    const int64_t now_ns = NOW + 10 * 86400 * S;
    struct buf lines = {0};
    for (int64_t i = 0; i < 240; i++)
        buf_printf(&lines, "phm,device_id=many f%03d=1 %lld\n", (int)(i * 7 % 100),
                   (long long)(now_ns - (240 - i) * 15 * S));
    store_write(&store, buf_cstr(&lines));
    buf_free(&lines);
    write_reports(now_ns - 7200 * S, now_ns);
    struct habit *habit = learned(now_ns);
    struct habit_device known;
    assert_true(habit_device(habit, TEXT("phm"), TEXT("many"), now_ns, &known));
    assert_true(known.learned && !known.silent);
    assert_true(known.longest_interval_s <= 60);
    habit_free(habit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_each_measurement),
        cmocka_unit_test(a_store_without_a_writer_says_nothing),
        cmocka_unit_test(many_fields),
    };
    return cmocka_run_group_tests(tests, store_begin, store_end);
}
