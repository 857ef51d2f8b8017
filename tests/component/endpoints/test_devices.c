/* devices and devices/latest against a real InfluxDB. */
#include "ask.h"

#define T 1711843200LL /* 2024-03-31 00:00 UTC */

static struct store store;

static int open_store(void **state)
{
    (void)state;
    store_open(&store);
    store.now_ns = (T + 3600) * CLOCK_NS_PER_S;
    store_write(&store, "device_metrics,device_id=b,source=s temperature=20 1711843200000000000\n"
                        "device_metrics,device_id=b,source=s temperature=21 1711843800000000000\n"
                        "device_metrics,device_id=b,source=s humidity=40 1711844400500000000\n"
                        "device_metrics,source=s temperature=1 1711844400500000000\n"
                        "device_metrics,device_id=old temperature=9 1700000000000000000\n"
                        "device_metrics,device_id=soon temperature=9 1711850000000000000\n"
                        "home_assistant_events,domain=light,entity_id=light.hall "
                        "state=\"on\",value=1 1711843300000000000\n"
                        "energy,device_id=b power_watts=7.5 1711843200000000000\n"
                        "phm,device_id=a,metric=wear value=3 1711843201000000000\n"
                        "vm_metrics,vm_id=vm1,host=h up=true,cpus=4i 1711843202000000000\n");
    return 0;
}

static int close_store(void **state)
{
    (void)state;
    store_close(&store);
    return 0;
}

static void expect(const char *endpoint, const char *request, const char *due)
{
    char *answer = ask(&store, endpoint, text_of(request));
    if (strcmp(answer, due) != 0)
        fail_msg("%s %s\n gave %s\n due was %s", endpoint, request, answer, due);
    free(answer);
}

#define BY_DEVICE "\"tag\":\"device_id\","
#define BY_ENTITY "\"tag\":\"entity_id\","
#define BY_VM     "\"tag\":\"vm_id\","
#define NO_HABIT  "\"interval_s\":null,\"longest_interval_s\":null,\"stale\":null}"
#define END(count, truncated, period, from)                                                        \
    "],\"count\":" count ",\"truncated\":" truncated                                               \
    ",\"source\":\"influxdb\",\"period\":\"" period "\",\"from\":\"" from                          \
    "\",\"to\":\"2024-03-31T01:00:00Z\"}"

static void test_devices(void **state)
{
    (void)state;
    expect("devices", "{}",
           "{\"devices\":["
           "{\"device\":\"a\",\"measurement\":\"phm\"," BY_DEVICE
           "\"last_seen\":\"2024-03-31T00:00:01Z\","
           "\"age_s\":3599," NO_HABIT
           ",{\"device\":\"b\",\"measurement\":\"device_metrics\"," BY_DEVICE
           "\"last_seen\":\"2024-03-31T00:20:00.500Z\",\"age_s\":2399.5," NO_HABIT
           ",{\"device\":\"b\",\"measurement\":\"energy\"," BY_DEVICE
           "\"last_seen\":\"2024-03-31T00:00:00Z\","
           "\"age_s\":3600," NO_HABIT
           ",{\"device\":\"light.hall\",\"measurement\":\"home_assistant_events\"," BY_ENTITY
           "\"last_seen\":\"2024-03-31T00:01:40Z\",\"age_s\":3500," NO_HABIT
           ",{\"device\":\"vm1\",\"measurement\":\"vm_metrics\"," BY_VM
           "\"last_seen\":\"2024-03-31T00:00:02Z\",\"age_s\":3598," NO_HABIT END(
               "5", "false", "7d", "2024-03-24T01:00:00Z"));
    expect("devices", "{\"device\":\"a\",\"period\":\"1h\"}",
           "{\"devices\":[{\"device\":\"a\",\"measurement\":\"phm\"," BY_DEVICE
           "\"last_seen\":\"2024-03-31T00:00:01Z\",\"age_s\":3599," NO_HABIT END(
               "1", "false", "1h", "2024-03-31T00:00:00Z"));
    expect("devices", "{\"limit\":1,\"period\":\"1h\"}",
           "{\"devices\":[{\"device\":\"a\",\"measurement\":\"phm\"," BY_DEVICE
           "\"last_seen\":\"2024-03-31T00:00:01Z\",\"age_s\":3599," NO_HABIT END(
               "5", "true", "1h", "2024-03-31T00:00:00Z"));
    /* Without a habit nobody is silent for too long. */
    expect("devices", "{\"stale\":true,\"period\":\"1h\"}",
           "{\"devices\":[" END("0", "false", "1h", "2024-03-31T00:00:00Z"));
    expect("devices", "{\"device\":\"nobody\",\"period\":\"1h\"}",
           "{\"devices\":[" END("0", "false", "1h", "2024-03-31T00:00:00Z"));
}

static void test_latest(void **state)
{
    (void)state;
    expect("devices/latest", "{\"device\":\"b\",\"period\":\"1h\"}",
           "{\"devices\":["
           "{\"device\":\"b\",\"measurement\":\"device_metrics\"," BY_DEVICE
           "\"last_seen\":\"2024-03-31T00:20:00.500Z\","
           "\"values\":{\"humidity\":40,\"temperature\":21}},"
           "{\"device\":\"b\",\"measurement\":\"energy\"," BY_DEVICE
           "\"last_seen\":\"2024-03-31T00:00:00Z\","
           "\"values\":{\"power_watts\":7.5}}" END("2", "false", "1h", "2024-03-31T00:00:00Z"));
    expect("devices/latest", "{\"device\":\"light.hall\",\"period\":\"1h\"}",
           "{\"devices\":[{\"device\":\"light.hall\",\"measurement\":\"home_assistant_"
           "events\"," BY_ENTITY
           "\"last_seen\":\"2024-03-31T00:01:40Z\",\"values\":{\"state\":\"on\",\"value\":1}}" END(
               "1", "false", "1h", "2024-03-31T00:00:00Z"));
    expect("devices/latest", "{\"device\":\"vm1\",\"period\":\"1h\"}",
           "{\"devices\":[{\"device\":\"vm1\",\"measurement\":\"vm_metrics\"," BY_VM
           "\"last_seen\":\"2024-03-31T00:00:02Z\",\"values\":{\"cpus\":4,\"up\":true}}" END(
               "1", "false", "1h", "2024-03-31T00:00:00Z"));
}

/* Two devices that spoke each minute of a day; one of them has been silent for an hour. */
static void write_day(void)
{
    struct buf lines = {0};
    for (int64_t t = T - 86400; t <= T + 3600; t += 10)
        buf_printf(&lines, "service_metrics,service=writer received=1i %lld000000000\n",
                   (long long)t);
    for (int64_t t = T - 86400; t < T + 3600; t += 60) {
        buf_printf(&lines, "device_metrics,device_id=fine temperature=1 %lld000000000\n",
                   (long long)t);
        if (t < T)
            buf_printf(&lines, "device_metrics,device_id=mute temperature=1 %lld000000000\n",
                       (long long)t);
    }
    store_write(&store, buf_cstr(&lines));
    buf_free(&lines);
}

/* A round learns at most an hour of the day. */
static void learn(struct habit *habit)
{
    for (unsigned round = 0; round < 40; round++) {
        struct gather_plan plan = {0};
        struct gather_results results = {0};
        struct err_reason why = {""};
        habit_plan(habit, store.now_ns, &plan);
        if (ask_stage(&store, &plan, &results, &why) != ERR_OK)
            fail_msg("%s", why.text);
        habit_learn(habit, &results, 0);
        ask_stage_free(&results);
        gather_plan_free(&plan);
    }
}

/* The day before the start is learned in windows of 5 min, so that no interval is shorter. */
static void test_habits(void **state)
{
    (void)state;
    write_day();
    store.habit = habit_new();
    learn(store.habit);
    expect("devices", "{\"stale\":true,\"period\":\"24h\"}",
           "{\"devices\":[{\"device\":\"mute\",\"measurement\":\"device_metrics\"," BY_DEVICE
           "\"last_seen\":\"2024-03-30T23:59:00Z\",\"age_s\":3660,\"interval_s\":300,"
           "\"longest_interval_s\":300,\"stale\":true}" END("1", "false", "24h",
                                                            "2024-03-30T01:00:00Z"));
    expect("devices", "{\"device\":\"fine\",\"period\":\"24h\"}",
           "{\"devices\":[{\"device\":\"fine\",\"measurement\":\"device_metrics\"," BY_DEVICE
           "\"last_seen\":\"2024-03-31T00:59:00Z\",\"age_s\":60,\"interval_s\":300,"
           "\"longest_interval_s\":300,\"stale\":false}" END("1", "false", "24h",
                                                             "2024-03-30T01:00:00Z"));
    habit_free(store.habit);
    store.habit = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_devices),
        cmocka_unit_test(test_latest),
        cmocka_unit_test(test_habits),
    };
    return cmocka_run_group_tests(tests, open_store, close_store);
}
