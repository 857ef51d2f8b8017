/* Time zones, held against the C library's own reading of the same files, and against rules that
 * files of other systems end with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/zone.h"
#include "base/zone_rule.h"

#define HOUR 3600LL
#define DAY  86400LL

static struct zone *zone_of(const char *name)
{
    struct err_reason why = {""};
    struct zone *zone = NULL;
    if (zone_open(name, &zone, &why) != ERR_OK)
        fail_msg("%s: %s", name, why.text);
    return zone;
}

static long library_offset(int64_t utc_s, int *ret_day)
{
    time_t t = utc_s;
    struct tm local;
    localtime_r(&t, &local);
    *ret_day = local.tm_mday;
    return local.tm_gmtoff;
}

/* Steps of 5 h 17 min from 1960 to 2100: what the file lists, and the rule behind it. */
static void test_as_the_library_reads_it(void **state)
{
    static const char *const names[] = {
        "Europe/Berlin",       "America/New_York",
        "Australia/Lord_Howe", "Asia/Kolkata",
        "America/Havana",      "Europe/Dublin",
        "America/Sao_Paulo",   "Pacific/Apia",
        "Africa/Casablanca",   "Asia/Gaza",
        "America/Nuuk",        "Antarctica/Troll",
        "Etc/GMT+5",           "UTC",
    };
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct zone *zone = zone_of(names[i]);
        setenv("TZ", names[i], 1);
        tzset();
        for (int64_t t = -10 * 365 * DAY; t < 130 * 365 * DAY; t += 5 * HOUR + 17 * 60) {
            int day;
            int64_t until;
            long due = library_offset(t, &day);
            int32_t got = zone_offset_s(zone, t, &until);
            if (got != due || until <= t)
                fail_msg("%s at %lld: %d, due was %ld", names[i], (long long)t, got, due);
        }
        zone_close(zone);
    }
    unsetenv("TZ");
    tzset();
}

/* The first second of a day is of that day, and the second before it is not. */
static void test_days_begin(void **state)
{
    static const char *const names[] = {"Europe/Berlin",      "America/New_York", "America/Havana",
                                        "America/Sao_Paulo",  "Asia/Beirut",      "Asia/Kathmandu",
                                        "Australia/Lord_Howe"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct zone *zone = zone_of(names[i]);
        for (int64_t day = 0; day < 30000; day++) {
            int64_t start = zone_day_start(zone, day);
            if (zone_day(zone, start) != day || zone_day(zone, start - 1) >= day)
                fail_msg("%s: day %lld", names[i], (long long)day);
        }
        zone_close(zone);
    }
}

static void test_known_midnights(void **state)
{
    static const struct {
        const char *name;
        int64_t day, start_s;
    } cases[] = {
        {"UTC", 0, 0},
        {"Europe/Berlin", 19813, 1711839600},    /* 2024-03-31 */
        {"Europe/Berlin", 19814, 1711922400},    /* 23 h later */
        {"Europe/Berlin", 20023, 1729980000},    /* 2024-10-27 */
        {"Europe/Berlin", 20024, 1730070000},    /* 25 h later */
        {"America/New_York", 19792, 1710046800}, /* 2024-03-10 */
        {"America/New_York", 19793, 1710129600},
        {"America/New_York", 20030, 1730606400}, /* 2024-11-03 */
        {"America/New_York", 20031, 1730696400},
        {"America/Sao_Paulo", 17839, 1541300400}, /* 2018-11-04 began at one o'clock */
        {"America/Havana", 20030, 1730606400},    /* 2024-11-03: midnight came twice */
        {"Pacific/Apia", 15338, 1325239200},      /* 2011-12-30 was skipped */
        {"Pacific/Apia", 15339, 1325239200},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct zone *zone = zone_of(cases[i].name);
        int64_t got = zone_day_start(zone, cases[i].day);
        if (got != cases[i].start_s)
            fail_msg("%s, day %lld: %lld, due was %lld", cases[i].name, (long long)cases[i].day,
                     (long long)got, (long long)cases[i].start_s);
        zone_close(zone);
    }
}

static void test_no_zones(void **state)
{
    static const char *const names[] = {"Nowhere/Town", "europe/berlin?", "../zoneinfo/UTC",
                                        "/etc/passwd",  "Europe",         "Europe/Berlin\n",
                                        "zone.tab",     "Europe/",        "a.b"};
    char longest[300];
    (void)state;
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    for (size_t i = 0; i <= sizeof names / sizeof names[0]; i++) {
        const char *name = i < sizeof names / sizeof names[0] ? names[i] : longest;
        struct err_reason why = {""};
        struct zone *zone = NULL;
        enum err e = zone_open(name, &zone, &why);
        assert_true(e == ERR_INVALID || e == ERR_NOT_FOUND);
        assert_non_null(strstr(why.text, "Europe/Berlin"));
        assert_null(zone);
    }
}

static void test_rules(void **state)
{
    static const char *const good[] = {"CET-1CEST,M3.5.0,M10.5.0/3",
                                       "UTC0",
                                       "<+03>-3",
                                       "EST5EDT,M3.2.0,M11.1.0",
                                       "IST-1GMT0,M10.5.0,M3.5.0/1",
                                       "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
                                       "EET-2EEST,M3.4.4/50,M10.4.4/50",
                                       "XXX3YYY2:30:15,J60/0,300/26"};
    static const char *const bad[] = {"",
                                      "C",
                                      "CET",
                                      "CET-1CEST",
                                      "CET-1CEST,M3.5.0",
                                      "CET-1CEST,M13.5.0,M10.5.0",
                                      "CET-1CEST,M3.0.0,M10.5.0",
                                      "CET-1CEST,M3.6.0,M10.5.0",
                                      "CET-1CEST,M3.5.7,M10.5.0",
                                      "CET-1CEST,J0,J365",
                                      "CET-1CEST,J1,J366",
                                      "CET-168",
                                      "CET-99999999999999999999",
                                      "<CET-1",
                                      "CET-1CEST,M3.5.0,M10.5.0/3 ",
                                      "CET-1:60"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct zone_rule rule;
        if (!zone_rule_parse(text_of(good[i]), &rule))
            fail_msg("%s", good[i]);
        setenv("TZ", good[i], 1);
        tzset();
        for (int64_t t = 0; t < 100 * 365 * DAY; t += 5 * HOUR + 17 * 60) {
            int day;
            int64_t until;
            long due = library_offset(t, &day);
            if (zone_rule_offset_s(&rule, t, &until) != due || until <= t)
                fail_msg("%s at %lld: due was %ld", good[i], (long long)t, due);
        }
    }
    unsetenv("TZ");
    tzset();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct zone_rule rule;
        if (zone_rule_parse(text_of(bad[i]), &rule))
            fail_msg("\"%s\" was taken", bad[i]);
    }
}

/* Each file cut short, and with each byte changed, is read or refused: nothing else happens. */
static void test_damaged_files(void **state)
{
    char content[16384];
    FILE *file = fopen("/usr/share/zoneinfo/Europe/Berlin", "rb");
    (void)state;
    assert_non_null(file);
    size_t len = fread(content, 1, sizeof content, file);
    fclose(file);
    assert_true(len > 500);
    for (size_t i = 0; i < len; i++) {
        struct zone *zone = NULL;
        int64_t until;
        char *part = malloc(i + 1); /* of its own, so that a byte too far is seen */
        memcpy(part, content, i);
        if (zone_parse((struct text){part, i}, &zone, NULL) == ERR_OK)
            fail_msg("cut at %zu, and read", i);
        free(part);
        for (unsigned bit = 1; bit < 256; bit <<= 3) {
            content[i] = (char)(content[i] ^ (char)bit);
            if (zone_parse((struct text){content, len}, &zone, NULL) == ERR_OK) {
                zone_offset_s(zone, 1711843200, &until);
                zone_day_start(zone, 19813);
                zone_close(zone);
            }
            content[i] = (char)(content[i] ^ (char)bit);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_the_library_reads_it),
        cmocka_unit_test(test_days_begin),
        cmocka_unit_test(test_known_midnights),
        cmocka_unit_test(test_no_zones),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_damaged_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
