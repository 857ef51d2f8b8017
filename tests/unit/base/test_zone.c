#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/zone.h"

static void big_endian(struct buf *out, int64_t number, unsigned bytes)
{
    for (unsigned i = bytes; i-- > 0;)
        buf_char(out, (char)((uint64_t)number >> (8 * i)));
}

static void header(struct buf *out, int times, int types)
{
    const int counts[] = {0, 0, 0, times, types, 4};
    buf_append(out, "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
    for (size_t i = 0; i < 6; i++)
        big_endian(out, counts[i], 4);
}

/* A file with at most one change, from +00:30 to +01:00 at `change_s`, and a rule behind it. */
static void make_file(struct buf *out, int times, int64_t change_s, const char *rule)
{
    buf_reset(out);
    header(out, 0, 1); /* the block of version 1, which nobody reads */
    big_endian(out, 0, 4);
    buf_append(out, "\0\0UTC", 6);
    header(out, times, 2);
    if (times)
        big_endian(out, change_s, 8);
    if (times)
        buf_char(out, 1);
    big_endian(out, 1800, 4);
    buf_append(out, "\0\0", 2);
    big_endian(out, 3600, 4);
    buf_append(out, "\0\0UTC", 6);
    buf_printf(out, "\n%s\n", rule);
}

static struct zone *zone_of(int times, int64_t change_s, const char *rule)
{
    struct buf file = {0};
    struct zone *zone = NULL;
    struct err_reason why = {""};
    make_file(&file, times, change_s, rule);
    if (zone_parse(buf_view(&file), &zone, &why) != ERR_OK)
        fail_msg("\"%s\": %s", rule, why.text);
    buf_free(&file);
    return zone;
}

#define BERLIN "CET-1CEST,M3.5.0,M10.5.0/3"

/* Expectations are those of `TZ=... date -d @SECONDS`. */
static void rules_go_on_for_ever(void **state)
{
    static const struct {
        const char *rule;
        int64_t utc_s;
        int offset_s;
    } cases[] = {
        {BERLIN, 1774745999, 3600}, /* 2026-03-29T00:59:59Z */
        {BERLIN, 1774746000, 7200},
        {BERLIN, 1792889999, 7200}, /* 2026-10-25T00:59:59Z */
        {BERLIN, 1792890000, 3600},
        {BERLIN, 4102444800, 3600},                     /* 2100 */
        {"EST5EDT,M3.2.0,M11.1.0", 1772953199, -18000}, /* 2026-03-08T06:59:59Z */
        {"EST5EDT,M3.2.0,M11.1.0", 1772953200, -14400},
        {"EST5EDT,M3.2.0,M11.1.0", 1793512799, -14400}, /* 2026-11-01T05:59:59Z */
        {"EST5EDT,M3.2.0,M11.1.0", 1793512800, -18000},
        {"AEST-10AEDT,M10.1.0,M4.1.0/3", 1767225600, 39600}, /* summer in January */
        {"AEST-10AEDT,M10.1.0,M4.1.0/3", 1775318399, 39600}, /* 2026-04-04T15:59:59Z */
        {"AEST-10AEDT,M10.1.0,M4.1.0/3", 1775318400, 36000},
        {"<+0330>-3:30", 1774746000, 12600},
        {"IST-1GMT0,M10.5.0,M3.5.0/1", 1767225600, 0}, /* summer time is the standard: Dublin */
        {"IST-1GMT0,M10.5.0,M3.5.0/1", 1782864000, 3600},
        {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 1774745999, -7200}, /* the day before: Nuuk */
        {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 1774746000, -3600},
        {"AAA0BBB,J60,J61", 1772330399, 0}, /* J60 is 1 March in any year: 2026-03-01T02:00Z */
        {"AAA0BBB,J60,J61", 1772330400, 3600},
        {"AAA0BBB,J60,J61", 1772413200, 0},
        {"AAA0BBB,59,60", 1709172000, 3600}, /* 2024-02-29T02:00Z: the 60th day of a leap year */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct zone *zone = zone_of(0, 0, cases[i].rule);
        if (zone_offset_s(zone, cases[i].utc_s, NULL) != cases[i].offset_s)
            fail_msg("%s at %lld gave %d", cases[i].rule, (long long)cases[i].utc_s,
                     zone_offset_s(zone, cases[i].utc_s, NULL));
        zone_close(zone);
    }
}

static void changes_come_before_the_rule(void **state)
{
    struct zone *zone = zone_of(1, 1700000000, "");
    (void)state;
    assert_int_equal(zone_offset_s(zone, INT64_C(-4000000000), NULL), 1800);
    assert_int_equal(zone_offset_s(zone, 1699999999, NULL), 1800);
    assert_int_equal(zone_offset_s(zone, 1700000000, NULL), 3600);
    assert_int_equal(zone_offset_s(zone, 1900000000, NULL), 3600);
    zone_close(zone);
}

static void an_hour_that_comes_twice_is_the_nearer_one(void **state)
{
    struct zone *zone = zone_of(0, 0, BERLIN);
    const int64_t first = 1792888200, second = first + 3600; /* 02:30 on 2026-10-25, twice */
    const int64_t local = first + 7200;
    (void)state;
    assert_int_equal(zone_utc_s(zone, local, first), first);
    assert_int_equal(zone_utc_s(zone, local, first + 1700), first);
    assert_int_equal(zone_utc_s(zone, local, second), second);
    assert_int_equal(zone_utc_s(zone, local, second + 90000), second);
    assert_int_equal(zone_utc_s(zone, local, 0), first);
    assert_int_equal(zone_utc_s(zone, local - 3600, second), first - 3600); /* these come once */
    assert_int_equal(zone_utc_s(zone, local + 3600, first), second + 3600);
    zone_close(zone);
}

static void an_hour_that_is_left_out_counts_on(void **state)
{
    struct zone *zone = zone_of(0, 0, BERLIN);
    const int64_t change = 1774746000; /* 02:00 becomes 03:00 */
    (void)state;
    assert_int_equal(zone_utc_s(zone, change + 3600 - 1, 0), change - 1);
    assert_int_equal(zone_utc_s(zone, change + 3600 + 1800, 0), change + 1800);
    assert_int_equal(zone_utc_s(zone, change + 7200, 0), change);
    zone_close(zone);
}

static void damaged_files_are_refused(void **state)
{
    static const char *const rules[] = {"C1",
                                        "CET",
                                        "CET-1CEST",
                                        "CET-1CEST,M3.5.0",
                                        "CET-1CEST,M13.5.0,M1.1.0",
                                        "CET-1CEST,M3.6.0,M1.1.0",
                                        "CET-168",
                                        "CET-1:60",
                                        "<CET-1",
                                        "CET-1CEST,J0,J1",
                                        "CET-1CEST,366,1",
                                        BERLIN "x"};
    struct buf file = {0};
    struct zone *zone = NULL;
    (void)state;
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        make_file(&file, 0, 0, rules[i]);
        if (zone_parse(buf_view(&file), &zone, NULL) != ERR_INVALID)
            fail_msg("%s", rules[i]);
    }
    make_file(&file, 1, 1700000000, BERLIN);
    for (size_t len = 0; len < file.len; len++) {
        char *cut = malloc(len ? len : 1);
        memcpy(cut, file.data, len);
        assert_int_equal(zone_parse((struct text){cut, len}, &zone, NULL), ERR_INVALID);
        free(cut);
    }
    for (size_t i = 0; i < file.len * 8; i++) { /* whatever becomes of it, it is borne */
        file.data[i / 8] = (char)(file.data[i / 8] ^ (1 << i % 8));
        if (zone_parse(buf_view(&file), &zone, NULL) == ERR_OK) {
            (void)zone_utc_s(zone, 1792890000, 0);
            zone_close(zone);
        }
        file.data[i / 8] = (char)(file.data[i / 8] ^ (1 << i % 8));
    }
    buf_free(&file);
}

static void names_lead_nowhere_else(void **state)
{
    static const char *const names[] = {
        "", "../../etc/passwd", "/etc/passwd", "Europe/Atlantis", "a b", "."};
    struct zone *zone = NULL;
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct err_reason why = {""};
        assert_int_not_equal(zone_open(names[i], &zone, &why), ERR_OK);
        assert_non_null(strstr(why.text, "Europe/Berlin"));
    }
    assert_int_equal(zone_open("UTC", &zone, NULL), ERR_OK);
    assert_int_equal(zone_utc_s(zone, 1792890000, 0), 1792890000);
    zone_close(zone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_go_on_for_ever),
        cmocka_unit_test(changes_come_before_the_rule),
        cmocka_unit_test(an_hour_that_comes_twice_is_the_nearer_one),
        cmocka_unit_test(an_hour_that_is_left_out_counts_on),
        cmocka_unit_test(damaged_files_are_refused),
        cmocka_unit_test(names_lead_nowhere_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
