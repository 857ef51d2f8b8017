/* The demo house is a function of its options; what a day of it must hold is written here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/value.h"
#include "cli/demo_house.h"

#define DAY_NS  (86400 * CLOCK_NS_PER_S)
#define PRESENT (1795262400 * CLOCK_NS_PER_S) /* 2026-11-21T12:00:00Z */

static const struct demo_house_options a_day = {.seed = 1,
                                                .topic_root = "hearthline",
                                                .present_ns = PRESENT,
                                                .ago_ns = DAY_NS,
                                                .span_ns = DAY_NS,
                                                .speed = 60,
                                                .utc_offset_s = 3600};

static struct demo_house *open_house(const struct demo_house_options *options)
{
    struct demo_house *house = NULL;
    struct err_reason why = {""};
    assert_int_equal(demo_house_open(options, &house, &why), ERR_OK);
    return house;
}

static bool next(struct demo_house *house, struct demo_message *ret_message)
{
    enum err err = demo_house_next(house, ret_message);
    assert_true(err == ERR_OK || err == ERR_CLOSED);
    return err == ERR_OK;
}

static bool is(struct text t, const char *words)
{
    return text_equal(t, text_of(words));
}

static bool holds(struct text t, const char *words)
{
    return memmem(t.at, t.len, words, strlen(words)) != NULL;
}

static uint64_t fold(uint64_t sum, struct text t)
{
    for (size_t i = 0; i < t.len; i++)
        sum = (sum ^ (uint8_t)t.at[i]) * 0x100000001b3u;
    return sum;
}

static uint64_t sum_of_house(const struct demo_house_options *options, int64_t *ret_count)
{
    struct demo_house *house = open_house(options);
    struct demo_message m;
    uint64_t sum = 0xcbf29ce484222325u;
    int64_t count = 0;
    while (next(house, &m)) {
        sum = fold(fold(sum, m.topic), m.payload) + (uint64_t)m.due_ns + m.qos + m.retained;
        count++;
    }
    demo_house_close(house);
    *ret_count = count;
    return sum;
}

static void test_same_seed_same_house(void **state)
{
    (void)state;
    struct demo_house_options other = a_day;
    other.seed = 2;
    int64_t count, again, different;
    uint64_t sum = sum_of_house(&a_day, &count);
    assert_true(sum == sum_of_house(&a_day, &again));
    assert_int_equal(count, again);
    assert_false(sum == sum_of_house(&other, &different));
    /* A house of a few messages a second in real time: what a person would believe. */
    assert_in_range(count, 40000, 150000);
}

static void test_sixty_devices(void **state)
{
    (void)state;
    assert_in_range(demo_house_devices(), 55, 70);
}

static void test_history_then_life(void **state)
{
    (void)state;
    struct demo_house *house = open_house(&a_day);
    struct demo_message m;
    int64_t last_at = PRESENT - DAY_NS, last_due = PRESENT, history = 0;
    while (next(house, &m)) {
        assert_true(m.at_ns >= last_at && m.due_ns >= last_due);
        last_at = m.at_ns;
        last_due = m.due_ns;
        if (m.at_ns < PRESENT) {
            history++;
            assert_int_equal(m.due_ns, PRESENT);
            assert_false(text_starts(m.topic, TEXT("homeassistant/")));
            assert_true(holds(m.payload, "time") || is(m.topic, "hearthline/line"));
        } else {
            assert_true(llabs(m.due_ns - PRESENT - (m.at_ns - PRESENT) / 60) < 1000);
        }
    }
    assert_true(history > 5000);
    assert_true(last_at > PRESENT + DAY_NS - 60 * CLOCK_NS_PER_S && last_at < PRESENT + DAY_NS);
    demo_house_close(house);
}

/* Everything that a day must hold: topic, what the payload holds, how it is sent, how often. */
static const struct wanted {
    const char *topic, *holds;
    int qos;
    bool retained;
    int least, most;
} wanted[] = {
    {"homeassistant/sensor/kitchen_temperature/state", ".", 1, true, 50, 2000},
    {"homeassistant/sensor/kitchen_temperature/last_updated", "+00:00", 1, true, 50, 2000},
    {"homeassistant/sensor/kitchen_temperature/unit_of_measurement", "\"°C\"", 1, true, 2, 2},
    {"homeassistant/sensor/kitchen_temperature/friendly_name", "\"Kitchen", 1, true, 2, 2},
    {"homeassistant/binary_sensor/front_door/state", "on", 1, true, 1, 100},
    {"homeassistant/binary_sensor/front_door/state", "off", 1, true, 1, 100},
    {"homeassistant/sun/sun/state", "below_horizon", 1, true, 1, 4},
    {"homeassistant/events", "\"old_state\":null", 0, false, 5, 20},
    {"homeassistant/events", "\"state\":\"not_home\"", 0, false, 2, 30},
    {"homeassistant/events", "call_service", 0, false, 2, 200},
    {"hearthline/readings/kitchen-01", "\"temperature\":", 1, false, 1000, 2000},
    {"hearthline/readings/living-room-air", "{\"air\":{\"co2\":", 1, false, 1000, 2000},
    {"hearthline/readings/main-meter", "\"kind\":\"energy\"", 1, false, 2800, 2900},
    {"hearthline/readings/fridge-01", "\"metric\":\"vibration_mm_s\"", 1, false, 1400, 1500},
    {"hearthline/readings/nas", "\"vm_id\":\"vm-2\"", 1, false, 2800, 2900},
    {"hearthline/readings/heat-pump", "\xa4time\xd7\xff", 1, false, 570, 580},
    {"hearthline/line", "host=workbench\\ pi cpu_percent=", 1, false, 2800, 2900},
    {"hearthline/readings/greenhouse/soil_moisture", "", 1, false, 700, 740},
    {"hearthline/readings/mailbox/flap", "open", 1, false, 1, 100},
    {"sensor/terrace/wind", "", 0, false, 5000, 6000},
    {"hearthline/events/doorbell", "\"kind\":\"ring\"", 1, false, 1, 60},
    {"hearthline/events/hypervisor", "\"kind\":\"memory_dump\"", 1, false, 1, 1},
    {"hearthline/events/nas", "\"kind\":\"job\"", 1, false, 1, 1},
    /* the awkward parts */
    {"homeassistant/sensor/cellar_humidity/state", "unavailable", 1, true, 1, 1},
    {"homeassistant/status", "offline", 1, true, 1, 1},
    {"homeassistant/status", "online", 1, true, 1, 1},
    {"hearthline/readings/Büro, oben", "\"humidity\":", 1, false, 1000, 2000},
    {"hearthline/readings/cellar-01", "\"temperature\":\"warm\"", 1, false, 1, 1},
    {"hearthline/readings/shed-01", "temp=21.5;hum=48", 1, false, 1, 1},
    {"hearthline/reading/kitchen-01", "{", 1, false, 1, 1},
    {"hearthline/readings/zigbee-gateway", "\"burst_seq\":", 1, false, 1500, 1500},
};
enum { WANTED = sizeof(wanted) / sizeof(wanted[0]) };

static void test_a_day_holds_everything(void **state)
{
    (void)state;
    struct demo_house *house = open_house(&a_day);
    struct demo_message m;
    int found[WANTED] = {0};
    while (next(house, &m)) {
        for (size_t i = 0; i < WANTED; i++) {
            if (!is(m.topic, wanted[i].topic) || !holds(m.payload, wanted[i].holds))
                continue;
            found[i]++;
            assert_int_equal(m.qos, wanted[i].qos);
            assert_int_equal(m.retained, wanted[i].retained);
        }
    }
    demo_house_close(house);
    for (size_t i = 0; i < WANTED; i++)
        if (found[i] < wanted[i].least || found[i] > wanted[i].most)
            fail_msg("%s with %s came %d times", wanted[i].topic, wanted[i].holds, found[i]);
}

static void test_burst_is_one_second_at_any_speed(void **state)
{
    (void)state;
    static const double speeds[] = {1, 60, 5000};
    for (size_t i = 0; i < sizeof(speeds) / sizeof(speeds[0]); i++) {
        struct demo_house_options options = a_day;
        options.speed = speeds[i];
        struct demo_house *house = open_house(&options);
        struct demo_message m;
        int count = 0;
        int64_t first = 0, last = 0;
        while (next(house, &m)) {
            if (!holds(m.payload, "\"burst_seq\":"))
                continue;
            first = count++ == 0 ? m.due_ns : first;
            last = m.due_ns;
        }
        demo_house_close(house);
        assert_int_equal(count, DEMO_HOUSE_BURST);
        assert_true(last - first <= CLOCK_NS_PER_S);
        assert_true(last - first > CLOCK_NS_PER_S / 2);
    }
}

/* A restart sends every state again within two seconds, changed or not. */
static void test_restart_sends_every_state_again(void **state)
{
    (void)state;
    struct demo_house *house = open_house(&a_day);
    struct demo_message m;
    int64_t restart = 0;
    int names = 0;
    while (next(house, &m)) {
        if (is(m.topic, "homeassistant/status"))
            restart = m.due_ns;
        if (restart && m.due_ns <= restart + 2 * CLOCK_NS_PER_S)
            names += holds(m.topic, "/friendly_name");
    }
    demo_house_close(house);
    assert_in_range(names, 25, 40);
}

/* Reads the "time" of one reading, or its line's; 0 when it has none. */
static int64_t own_time(struct text topic, struct value v, struct text payload)
{
    struct value time;
    if (is(topic, "hearthline/line")) {
        const char *space = memrchr(payload.at, ' ', payload.len);
        return strtoll(space + 1, NULL, 10);
    }
    if (!value_get(v, TEXT("time"), &time))
        return 0;
    if (value_kind(time) == VALUE_TIME)
        return value_time_ns(time);
    char text[64];
    struct tm t = {0};
    snprintf(text, sizeof(text), "%.*s", TEXT_ARGS(value_text(time)));
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &t);
    assert_non_null(rest);
    double fraction = strtod(rest, NULL);
    return timegm(&t) * CLOCK_NS_PER_S + (int64_t)(fraction * 1e9);
}

static void check_time(int64_t time_ns, const struct demo_message *m, int64_t *last_ns)
{
    if (time_ns == 0)
        return;
    /* Never in the future, and history at its own moment (to the text's precision). */
    assert_true(time_ns <= m->due_ns + 1000);
    if (m->at_ns < PRESENT)
        assert_true(time_ns <= m->at_ns + 1000);
    if (last_ns) {
        assert_true(time_ns > *last_ns);
        *last_ns = time_ns;
    }
}

static void test_payloads_are_well_formed(void **state)
{
    (void)state;
    struct demo_house *house = open_house(&a_day);
    struct value_document *document = value_document_new();
    struct demo_message m;
    int64_t pump_last = 0;
    int bad = 0;
    while (next(house, &m)) {
        bool ours = text_starts(m.topic, TEXT("hearthline/")) && !is(m.topic, "hearthline/line");
        bool structured = ours || is(m.topic, "homeassistant/events");
        bool bare = holds(m.topic, "greenhouse/") || holds(m.topic, "mailbox/");
        struct value root = {0}, element;
        struct text key;
        assert_true(text_utf8_valid(m.topic));
        if (structured && !bare &&
            value_parse(document, value_encoding_of(m.content_type, m.payload), m.payload, &root,
                        NULL)) {
            assert_true(is(m.topic, "hearthline/readings/shed-01"));
            bad++;
            continue;
        }
        if (!is(m.topic, "hearthline/readings/heat-pump")) {
            if (structured && !bare)
                check_time(own_time(m.topic, root, m.payload), &m, NULL);
            continue;
        }
        assert_int_equal(value_count(root), 30);
        struct value_walk walk = value_walk(root);
        while (value_next(&walk, &key, &element))
            check_time(own_time(m.topic, element, m.payload), &m, &pump_last);
    }
    assert_int_equal(bad, 1);
    value_document_free(document);
    demo_house_close(house);
}

static void test_line_times_are_never_ahead(void **state)
{
    (void)state;
    struct demo_house *house = open_house(&a_day);
    struct demo_message m;
    int64_t last = 0;
    while (next(house, &m))
        if (is(m.topic, "hearthline/line"))
            check_time(own_time(m.topic, (struct value){0}, m.payload), &m, &last);
    assert_true(last > PRESENT);
    demo_house_close(house);
}

static void test_meters_never_run_backwards(void **state)
{
    (void)state;
    struct demo_house *house = open_house(&a_day);
    struct demo_message m;
    double last = 0, first = 0;
    while (next(house, &m)) {
        if (!is(m.topic, "hearthline/readings/main-meter"))
            continue;
        const char *kwh = memmem(m.payload.at, m.payload.len, "energy_kwh\":", 12);
        assert_non_null(kwh);
        double now = strtod(kwh + 12, NULL);
        assert_true(now >= last);
        first = first > 0 ? first : now;
        last = now;
    }
    demo_house_close(house);
    assert_true(last - first > 10 && last - first < 120); /* two days of a household */
}

static void test_options_out_of_range(void **state)
{
    (void)state;
    struct demo_house_options bad[5] = {a_day, a_day, a_day, a_day, a_day};
    bad[0].speed = 0;
    bad[1].speed = 1e9;
    bad[2].ago_ns = -1;
    bad[3].span_ns = 0;
    bad[4].ago_ns = PRESENT + 1;
    for (size_t i = 0; i < 5; i++) {
        struct demo_house *house = NULL;
        struct err_reason why = {""};
        assert_int_equal(demo_house_open(&bad[i], &house, &why), ERR_INVALID);
        assert_null(house);
        assert_true(why.text[0] != '\0');
    }
}

static void test_without_end(void **state)
{
    (void)state;
    struct demo_house_options options = a_day;
    options.span_ns = INT64_MAX;
    options.ago_ns = 0;
    struct demo_house *house = open_house(&options);
    struct demo_message m = {0};
    while (m.at_ns < PRESENT + 3 * DAY_NS)
        assert_true(next(house, &m));
    demo_house_close(house);
    demo_house_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_seed_same_house),
        cmocka_unit_test(test_sixty_devices),
        cmocka_unit_test(test_history_then_life),
        cmocka_unit_test(test_a_day_holds_everything),
        cmocka_unit_test(test_burst_is_one_second_at_any_speed),
        cmocka_unit_test(test_restart_sends_every_state_again),
        cmocka_unit_test(test_payloads_are_well_formed),
        cmocka_unit_test(test_line_times_are_never_ahead),
        cmocka_unit_test(test_meters_never_run_backwards),
        cmocka_unit_test(test_options_out_of_range),
        cmocka_unit_test(test_without_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
