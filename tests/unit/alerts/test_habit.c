#include "house.h"

#define DAY_S 86400
#define T0    (1772323200 + 0) /* 2026-03-01T00:00:00Z */

static struct findings found;

static uint32_t noise(int64_t of)
{
    uint64_t x = (uint64_t)of * 0x9e3779b97f4a7c15ull;
    return (uint32_t)(x >> 40);
}

/* Every 10 s, give or take 3 s. */
static int64_t steady(int64_t time_s)
{
    for (int64_t i = time_s / 10 - 1;; i++) {
        int64_t at_s = i * 10 + noise(i) % 4;
        if (at_s >= time_s)
            return at_s;
    }
}

static int64_t falls_silent_s;
static int64_t steady_until(int64_t time_s)
{
    int64_t at_s = steady(time_s);
    return at_s < falls_silent_s ? at_s : INT64_MAX;
}

/* Speaks each 2 to 15 min by day, and not from 22 to 6. */
static int64_t by_day(int64_t time_s)
{
    for (int64_t i = time_s / 60;; i++) {
        int64_t of_day_s = i * 60 % DAY_S;
        if (of_day_s < 6 * 3600 || of_day_s >= 22 * 3600)
            i += 9;
        else if (noise(i) % 7 == 0 && i * 60 >= time_s)
            return i * 60;
    }
}

static int64_t weekly(int64_t time_s)
{
    const int64_t week_s = 7 * DAY_S, offset_s = 40000;
    int64_t at_s = time_s / week_s * week_s + offset_s;
    return at_s >= time_s ? at_s : at_s + week_s;
}

/* Twelve words within two minutes, each noon and each midnight. */
static int64_t in_bursts(int64_t time_s)
{
    int64_t half_s = time_s / 43200 * 43200, into_s = time_s - half_s;
    return into_s <= 110 ? half_s + (into_s + 9) / 10 * 10 : half_s + 43200;
}

static int64_t away_from_s, away_to_s;
static bool there_but_once(int64_t time_s)
{
    return time_s < away_from_s || time_s >= away_to_s;
}

/* Rounds until `end_s`, a minute or so apart where nothing else is due; how many devices were found
 * silent at any round, by name. */
static unsigned live_until(struct house *house, int64_t end_s, const char *name)
{
    unsigned silent = 0;
    bool before = false;
    for (; house->now_s < end_s; house->now_s += 30) {
        house_round(house);
        bool now = house_verdict(house, &found, name) == VERDICT_FIRING;
        silent += now && !before;
        before = now;
    }
    return silent;
}

static const struct house_device steady_device = {"device_metrics", "device_id", "kitchen-01",
                                                  steady_until};

static void a_steady_device_is_silent_within_minutes(void **state)
{
    (void)state;
    struct house house = {.devices = &steady_device, .devices_count = 1};
    struct habit_device known;
    falls_silent_s = T0 + 40 * 3600;
    house_open(&house, T0 + DAY_S);
    assert_int_equal(live_until(&house, falls_silent_s + 240, "kitchen-01"), 0);
    assert_int_equal(house_verdict(&house, &found, "kitchen-01"), VERDICT_CLEAR);
    assert_true(habit_device(house.habit, TEXT("device_metrics"), TEXT("kitchen-01"),
                             house.now_s * S, &known));
    assert_true(known.learned && !known.silent);
    assert_float_equal(known.mean_interval_s, 10, 2);
    assert_true(known.longest_interval_s <= 40);
    assert_in_range(known.last_seen_ns / S, falls_silent_s - 20, falls_silent_s + 10);
    assert_int_equal(live_until(&house, falls_silent_s + 600, "kitchen-01"), 1);
    assert_int_equal(house_verdict(&house, &found, "kitchen-01"), VERDICT_FIRING);
    falls_silent_s = INT64_MAX; /* and speaks again */
    live_until(&house, house.now_s + 240, "kitchen-01");
    assert_int_equal(house_verdict(&house, &found, "kitchen-01"), VERDICT_CLEAR);
    habit_free(house.habit);
}

static void its_words(void **state)
{
    (void)state;
    struct house house = {.devices = &steady_device, .devices_count = 1};
    falls_silent_s = T0 + 30 * 3600;
    house_open(&house, T0 + DAY_S);
    live_until(&house, falls_silent_s + 25 * 60 + 60, "kitchen-01");
    assert_int_equal(house_verdict(&house, &found, "kitchen-01"), VERDICT_FIRING);
    const struct found *one = findings_of(&found, "device_silent", "system", "kitchen-01");
    assert_non_null(strstr(one->message, "Device kitchen-01 is silent for 2"));
    assert_non_null(strstr(one->message, " min; its longest pause was "));
    assert_int_equal(one->finding.level, ALERT_WARNING);
    assert_in_range(one->finding.since_ns / S, falls_silent_s - 20, falls_silent_s + 10);
    assert_true(one->finding.threshold.value == HABIT_SILENT_S);
    assert_int_equal(findings_gone_after_s(&found, "device_silent"), HABIT_FORGOTTEN);
    habit_free(house.habit);
}

/* Started beside a day of history: the first night is known already. */
static void pauses_of_the_night_are_learned(void **state)
{
    static const struct house_device device = {"home_assistant_events", "entity_id",
                                               "binary_sensor.hall", by_day};
    (void)state;
    struct house house = {.devices = &device, .devices_count = 1};
    house_open(&house, T0 + DAY_S + 12 * 3600);
    assert_int_equal(live_until(&house, T0 + 21 * DAY_S, device.name), 0);
    struct habit_device known;
    assert_true(habit_device(house.habit, TEXT("home_assistant_events"), text_of(device.name),
                             house.now_s * S, &known));
    assert_true(known.learned);
    assert_true(known.longest_interval_s > 7 * 3600);
    habit_free(house.habit);
}

static int64_t born_s;
static int64_t by_day_since(int64_t time_s)
{
    return by_day(time_s > born_s ? time_s : born_s);
}

/* A device that is new in the house: its first night is not judged, as its pauses are uneven. */
static void the_first_nights_of_a_new_device(void **state)
{
    static const struct house_device device = {"home_assistant_events", "entity_id", "light.new",
                                               by_day_since};
    (void)state;
    struct house house = {.devices = &device, .devices_count = 1};
    born_s = T0 + DAY_S + 10 * 3600;
    house_open(&house, T0 + DAY_S + 9 * 3600);
    assert_int_equal(live_until(&house, T0 + 14 * DAY_S, device.name), 0);
    habit_free(house.habit);
}

static int64_t steady_by_day(int64_t time_s)
{
    int64_t of_day_s = time_s % DAY_S, from_s = time_s;
    if (of_day_s < 6 * 3600)
        from_s = time_s - of_day_s + 6 * 3600;
    else if (of_day_s >= 20 * 3600)
        from_s = time_s - of_day_s + 30 * 3600;
    from_s = from_s > born_s ? from_s : born_s;
    return steady(from_s);
}

/* An inverter: each 10 s while the sun shines. New in the house it alarms in its first nights,
 * and not any more then. */
static void evenly_by_day_and_not_by_night(void **state)
{
    static const struct house_device device = {"device_metrics", "device_id", "inverter",
                                               steady_by_day};
    (void)state;
    struct house house = {.devices = &device, .devices_count = 1};
    born_s = T0 + DAY_S + 10 * 3600;
    house_open(&house, T0 + DAY_S + 9 * 3600);
    unsigned first = live_until(&house, T0 + 5 * DAY_S, device.name);
    assert_in_range(first, 1, 2);
    assert_int_equal(live_until(&house, T0 + 19 * DAY_S, device.name), 0);
    habit_free(house.habit);
}

static void what_speaks_once_a_week_does_not_alarm(void **state)
{
    static const struct house_device devices[] = {
        {"home_assistant_events", "entity_id", "sensor.filter", weekly},
        {"device_metrics", "device_id", "bursts", in_bursts}};
    (void)state;
    struct house house = {.devices = devices, .devices_count = 2};
    house_open(&house, T0 + DAY_S);
    unsigned silent = 0;
    for (; house.now_s < T0 + 20 * DAY_S; house.now_s += 50) {
        house_round(&house);
        silent += house_verdict(&house, &found, "sensor.filter") == VERDICT_FIRING;
        silent += house_verdict(&house, &found, "bursts") == VERDICT_FIRING;
    }
    assert_int_equal(silent, 0);
    habit_free(house.habit);
}

/* An outage of two days is said once, and the next silence not weeks later. */
static int64_t with_an_outage(int64_t time_s)
{
    const int64_t from_s = T0 + 3 * DAY_S, to_s = T0 + 5 * DAY_S;
    int64_t at_s = steady_until(time_s);
    return at_s >= from_s && at_s < to_s ? steady_until(to_s) : at_s;
}

static void an_outage_does_not_blind(void **state)
{
    static const struct house_device device = {"device_metrics", "device_id", "pump",
                                               with_an_outage};
    (void)state;
    struct house house = {.devices = &device, .devices_count = 1};
    falls_silent_s = T0 + 6 * DAY_S;
    house_open(&house, T0 + 2 * DAY_S);
    assert_int_equal(live_until(&house, T0 + 6 * DAY_S, "pump"), 1);
    assert_int_equal(live_until(&house, falls_silent_s + 4 * 3600, "pump"), 1);
    habit_free(house.habit);
}

/* The writer was away for three hours, and with it all devices. */
static void gaps_of_the_writer_are_nobodys_pauses(void **state)
{
    (void)state;
    struct house house = {
        .devices = &steady_device, .devices_count = 1, .writer_is_there = there_but_once};
    struct habit_device known;
    falls_silent_s = INT64_MAX;
    away_from_s = T0 + 30 * 3600;
    away_to_s = T0 + 33 * 3600;
    house_open(&house, T0 + DAY_S);
    assert_int_equal(live_until(&house, T0 + 36 * 3600, "kitchen-01"), 0);
    assert_true(habit_device(house.habit, TEXT("device_metrics"), TEXT("kitchen-01"),
                             house.now_s * S, &known));
    assert_true(known.longest_interval_s < 60);
    /* Who does not come back with the writer is silent, from its return on. */
    away_from_s = house.now_s;
    away_to_s = house.now_s + 3600;
    falls_silent_s = away_from_s;
    assert_int_equal(live_until(&house, away_to_s + 240, "kitchen-01"), 0);
    assert_int_equal(live_until(&house, away_to_s + 700, "kitchen-01"), 1);
    habit_free(house.habit);
}

/* The same in the history that is learned at the start. */
static void gaps_of_the_writer_in_the_past(void **state)
{
    (void)state;
    struct house house = {
        .devices = &steady_device, .devices_count = 1, .writer_is_there = there_but_once};
    struct habit_device known;
    falls_silent_s = INT64_MAX;
    away_from_s = T0 + 10 * 3600 + 123;
    away_to_s = T0 + 15 * 3600 + 456;
    house_open(&house, T0 + DAY_S);
    assert_true(habit_device(house.habit, TEXT("device_metrics"), TEXT("kitchen-01"),
                             house.now_s * S, &known));
    assert_true(known.learned);
    assert_true(known.longest_interval_s <= 600);
    habit_free(house.habit);
}

/* InfluxDB was away; the writer delivers hours later, in order, with the times of then. */
static void a_store_that_is_behind_is_no_silent_house(void **state)
{
    (void)state;
    struct house house = {.devices = &steady_device, .devices_count = 1};
    struct habit_device known;
    falls_silent_s = INT64_MAX;
    house_open(&house, T0 + DAY_S);
    assert_int_equal(house_verdict(&house, &found, "kitchen-01"), VERDICT_CLEAR);
    house.delivered_s = house.now_s;
    assert_int_equal(live_until(&house, house.now_s + 3600, "kitchen-01"), 0);
    assert_int_equal(house_verdict(&house, &found, "kitchen-01"), VERDICT_UNKNOWN);
    assert_int_equal(found.count, 0);
    assert_int_equal(findings_gone_after_s(&found, "device_silent"), ALERTS_NEVER_GONE);
    for (int i = 0; i < 100; i++) { /* it catches up by and by */
        house.delivered_s += 45;
        assert_int_equal(live_until(&house, house.now_s + 30, "kitchen-01"), 0);
    }
    house.delivered_s = 0;
    assert_int_equal(live_until(&house, house.now_s + 1200, "kitchen-01"), 0);
    assert_int_equal(house_verdict(&house, &found, "kitchen-01"), VERDICT_CLEAR);
    assert_true(habit_device(house.habit, TEXT("device_metrics"), TEXT("kitchen-01"),
                             house.now_s * S, &known));
    assert_true(known.longest_interval_s <= 120);
    habit_free(house.habit);
}

static void nothing_is_known_before_the_day_is_learned(void **state)
{
    (void)state;
    struct house house = {.devices = &steady_device, .devices_count = 1, .habit = habit_new()};
    struct habit_device known;
    falls_silent_s = INT64_MAX;
    house.now_s = T0 + DAY_S;
    assert_false(habit_device(house.habit, TEXT("device_metrics"), TEXT("kitchen-01"),
                              house.now_s * S, &known));
    for (int i = 0; i < 5; i++) {
        assert_int_equal(house_verdict(&house, &found, "kitchen-01"), VERDICT_UNKNOWN);
        assert_int_equal(found.count, 0);
        house_round(&house);
    }
    habit_free(house.habit);
}

/* A failure leaves all as it was. */
static void what_fails_is_asked_again(void **state)
{
    (void)state;
    struct house house = {.devices = &steady_device, .devices_count = 1};
    struct habit_device known, after;
    falls_silent_s = INT64_MAX;
    house_open(&house, T0 + DAY_S);
    assert_true(habit_device(house.habit, TEXT("device_metrics"), TEXT("kitchen-01"), 0, &known));
    house.fails = ERR_IO;
    assert_int_equal(live_until(&house, house.now_s + 900, "kitchen-01"), 0);
    assert_true(habit_device(house.habit, TEXT("device_metrics"), TEXT("kitchen-01"), 0, &after));
    assert_int_equal(known.last_seen_ns, after.last_seen_ns);
    assert_int_equal(house_verdict(&house, &found, "kitchen-01"), VERDICT_UNKNOWN);
    house.fails = ERR_OK;
    live_until(&house, house.now_s + 240, "kitchen-01"); /* at once, where the store was away */
    assert_int_equal(house_verdict(&house, &found, "kitchen-01"), VERDICT_CLEAR);
    /* What is too much for a store that is there is not asked each round. */
    house.fails = ERR_TIMEOUT;
    house.fails_on = "fill(0)";
    unsigned stretches = 0;
    for (int i = 0; i < 360; i++, house.now_s += 10) {
        house_round(&house);
        stretches += house.asked > 1;
    }
    assert_in_range(stretches, 3, 10);
    assert_int_equal(house_verdict(&house, &found, "kitchen-01"), VERDICT_UNKNOWN);
    house.fails = ERR_OK;
    live_until(&house, house.now_s + 1500, "kitchen-01");
    assert_int_equal(house_verdict(&house, &found, "kitchen-01"), VERDICT_CLEAR);
    habit_free(house.habit);
}

/* Of a device in two measurements there is one alert, and only when it is silent in both. */
static void one_device_in_two_measurements(void **state)
{
    const struct house_device devices[] = {steady_device,
                                           {"energy", "device_id", "kitchen-01", steady}};
    (void)state;
    struct house house = {.devices = devices, .devices_count = 2};
    struct habit_device known;
    falls_silent_s = T0 + 30 * 3600;
    house_open(&house, T0 + DAY_S);
    assert_int_equal(live_until(&house, falls_silent_s + 3600, "kitchen-01"), 0);
    assert_int_equal(house_verdict(&house, &found, "kitchen-01"), VERDICT_CLEAR);
    assert_int_equal(found.count, 1);
    assert_true(habit_device(house.habit, TEXT("device_metrics"), TEXT("kitchen-01"),
                             house.now_s * S, &known));
    assert_true(known.silent);
    assert_true(
        habit_device(house.habit, TEXT("energy"), TEXT("kitchen-01"), house.now_s * S, &known));
    assert_false(known.silent);
    habit_free(house.habit);
}

static void a_clock_set_back_begins_anew(void **state)
{
    (void)state;
    struct house house = {.devices = &steady_device, .devices_count = 1};
    falls_silent_s = INT64_MAX;
    house_open(&house, T0 + 3 * DAY_S);
    house.now_s -= 2 * DAY_S;
    house_round(&house);
    assert_int_equal(house_verdict(&house, &found, "kitchen-01"), VERDICT_UNKNOWN);
    live_until(&house, house.now_s + 2000, "kitchen-01");
    assert_int_equal(house_verdict(&house, &found, "kitchen-01"), VERDICT_CLEAR);
    habit_free(house.habit);
}

static bool for_two_hours(int64_t time_s)
{
    return time_s >= T0 + 22 * 3600;
}

/* The night before the house was built is not learned. */
static void a_young_house_is_learned_in_a_minute_or_so(void **state)
{
    (void)state;
    struct house house = {.devices = &steady_device,
                          .devices_count = 1,
                          .writer_is_there = for_two_hours,
                          .now_s = T0 + DAY_S,
                          .habit = habit_new()};
    falls_silent_s = INT64_MAX;
    for (int rounds = 0; rounds < 9; rounds++, house.now_s += 10)
        house_round(&house);
    assert_int_equal(house_verdict(&house, &found, "kitchen-01"), VERDICT_CLEAR);
    habit_free(house.habit);
}

static void who_is_not_seen_for_a_month_is_forgotten(void **state)
{
    const struct house_device devices[] = {steady_device,
                                           {"device_metrics", "device_id", "other", steady}};
    (void)state;
    struct house house = {.devices = devices, .devices_count = 2};
    struct habit_device known;
    falls_silent_s = T0 + 30 * 3600;
    house_open(&house, T0 + DAY_S);
    for (; house.now_s < T0 + 32 * DAY_S; house.now_s += 600)
        house_round(&house);
    assert_false(habit_device(house.habit, TEXT("device_metrics"), TEXT("kitchen-01"),
                              house.now_s * S, &known));
    assert_true(
        habit_device(house.habit, TEXT("device_metrics"), TEXT("other"), house.now_s * S, &known));
    habit_free(house.habit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_steady_device_is_silent_within_minutes),
        cmocka_unit_test(its_words),
        cmocka_unit_test(pauses_of_the_night_are_learned),
        cmocka_unit_test(the_first_nights_of_a_new_device),
        cmocka_unit_test(evenly_by_day_and_not_by_night),
        cmocka_unit_test(what_speaks_once_a_week_does_not_alarm),
        cmocka_unit_test(an_outage_does_not_blind),
        cmocka_unit_test(gaps_of_the_writer_are_nobodys_pauses),
        cmocka_unit_test(gaps_of_the_writer_in_the_past),
        cmocka_unit_test(a_store_that_is_behind_is_no_silent_house),
        cmocka_unit_test(nothing_is_known_before_the_day_is_learned),
        cmocka_unit_test(what_fails_is_asked_again),
        cmocka_unit_test(one_device_in_two_measurements),
        cmocka_unit_test(a_clock_set_back_begins_anew),
        cmocka_unit_test(a_young_house_is_learned_in_a_minute_or_so),
        cmocka_unit_test(who_is_not_seen_for_a_month_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
