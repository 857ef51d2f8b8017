/* history against a real InfluxDB: every figure here was worked out by hand. */
#include "ask.h"

/* 2024-03-31 00:00 UTC, a Sunday; in Berlin clocks went from 2 to 3 at 01:00 UTC. */
#define MARCH_31 1711843200LL
/* 2024-10-27 00:00 UTC, a Sunday; in Berlin clocks went from 3 to 2 at 01:00 UTC. */
#define OCTOBER_27 1729987200LL
#define HOUR       3600LL
#define DAY        86400LL

static struct store store;

static int64_t at(int64_t seconds)
{
    return seconds * CLOCK_NS_PER_S;
}

struct point {
    int64_t s;
    const char *fields;
};

static void write_points(const char *series, const struct point *points, size_t count)
{
    struct buf lines = {0};
    for (size_t i = 0; i < count; i++)
        buf_printf(&lines, "%s %s %lld\n", series, points[i].fields, (long long)at(points[i].s));
    store_write(&store, buf_cstr(&lines));
    buf_free(&lines);
}
#define WRITE(series, points) write_points(series, points, sizeof(points) / sizeof((points)[0]))

/* One hour from T, in windows of 15 minutes: values, a gap in the second window. */
#define T MARCH_31
static const struct point readings[] = {
    {T - 600, "v=7"},  {T, "v=10"},        {T + 300, "v=20"},   {T + 899, "v=60"},
    {T + 1800, "v=5"}, {T + 2100, "v=-5"}, {T + 2700, "v=1.5"},
};
/* A meter: 8 before the hour; it begins again in the first window, and over the gap. */
static const struct point meter[] = {
    {T - 600, "v=8"},  {T + 60, "v=10"},    {T + 120, "v=2"},  {T + 180, "v=4"},
    {T + 1900, "v=3"}, {T + 2000, "v=3.5"}, {T + 2600, "v=1"},
};
static const struct point door[] = {
    {T - 7200, "s=\"off\",b=false,n=0"},
    {T + 300, "s=\"on\",b=true,n=1"},
    {T + 1200, "s=\"off\",b=false,n=0"},
    {T + 3000, "s=\"on\",b=true,n=1"},
};

static int open_store(void **state)
{
    (void)state;
    store_open(&store);
    WRITE("readings,room=kitchen", readings);
    WRITE("meter,device_id=m1", meter);
    WRITE("door,entity_id=front", door);
    return 0;
}

static int close_store(void **state)
{
    (void)state;
    store_close(&store);
    return 0;
}

static const char *rows_of(char *answer)
{
    char *rows = strstr(answer, "\"rows\":");
    return rows ? rows + strlen("\"rows\":") : answer;
}

/* `due` names times as seconds after `zero`: "0=10 900=null". */
static void write_due(int64_t zero, const char *due, struct buf *out)
{
    buf_char(out, '[');
    for (const char *p = due; *p;) {
        char *equals;
        long long seconds = strtoll(p, &equals, 10);
        size_t len = strcspn(equals + 1, " ");
        buf_printf(out, "%s[%lld,%.*s]", p == due ? "" : ",", (zero + seconds) * 1000LL, (int)len,
                   equals + 1);
        p = equals + 1 + len;
        p += strspn(p, " ");
    }
    buf_string(out, "]}");
}

static void expect(int64_t zero, const char *request, const char *due)
{
    struct buf want = {0};
    char *answer = ask(&store, "history", text_of(request));
    if (due[0] == '!') {
        if (!strstr(answer, due + 1) || answer[0] != '!')
            fail_msg("%s\n gave %s\n due was %s", request, answer, due);
    } else {
        write_due(zero, due, &want);
        if (strcmp(rows_of(answer), buf_cstr(&want)) != 0)
            fail_msg("%s\n gave %s\n due was %s", request, answer, buf_cstr(&want));
    }
    free(answer);
    buf_free(&want);
}

#define READINGS(rest)                                                                             \
    "{\"measurement\":\"readings\",\"field\":\"v\",\"period\":\"1h\",\"window\":\"15m\"," rest "}"
#define METER(rest) "{\"measurement\":\"meter\",\"field\":\"v\",\"period\":\"1h\"," rest "}"
#define DOOR(field, rest)                                                                          \
    "{\"measurement\":\"door\",\"field\":\"" field "\",\"period\":\"1h\"," rest "}"

static void test_aggregates(void **state)
{
    static const struct {
        const char *request, *due;
    } cases[] = {
        {READINGS("\"aggregate\":\"mean\""), "0=30 900=null 1800=0 2700=1.5"},
        {READINGS("\"fresh\":true"), "0=30 900=null 1800=0 2700=1.5"},
        {READINGS("\"aggregate\":\"min\""), "0=10 900=null 1800=-5 2700=1.5"},
        {READINGS("\"aggregate\":\"max\""), "0=60 900=null 1800=5 2700=1.5"},
        {READINGS("\"aggregate\":\"first\""), "0=10 900=null 1800=5 2700=1.5"},
        {READINGS("\"aggregate\":\"last\""), "0=60 900=null 1800=-5 2700=1.5"},
        {READINGS("\"aggregate\":\"sum\""), "0=90 900=null 1800=0 2700=1.5"},
        {READINGS("\"aggregate\":\"count\""), "0=3 900=0 1800=2 2700=1"},
        {READINGS("\"aggregate\":\"percentile\",\"percentile\":50"),
         "0=20 900=null 1800=-5 2700=1.5"},
        {READINGS("\"aggregate\":\"percentile\",\"percentile\":95"),
         "0=60 900=null 1800=5 2700=1.5"},
        /* 1 % of three values rounds to no rank: the lowest */
        {READINGS("\"aggregate\":\"percentile\",\"percentile\":1"),
         "0=10 900=null 1800=-5 2700=1.5"},
        /* (10x300 + 20x599 + 60x1)/900; 60 holds; (5x300 - 5x600)/900; 1.5 */
        {READINGS("\"aggregate\":\"time_weighted_mean\""),
         "0=16.711111111111112 900=60 1800=-1.6666666666666667 2700=1.5"},
        {READINGS("\"aggregate\":\"mean\",\"tags\":{\"room\":\"kitchen\"}"),
         "0=30 900=null 1800=0 2700=1.5"},
        {READINGS("\"aggregate\":\"count\",\"tags\":{\"room\":\"bath\"}"),
         "0=0 900=0 1800=0 2700=0"},
        {READINGS("\"aggregate\":\"time_weighted_mean\",\"tags\":{\"room\":\"bath\"}"),
         "0=null 900=null 1800=null 2700=null"},
    };
    (void)state;
    store.now_ns = at(T + HOUR);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect(T, cases[i].request, cases[i].due);
}

/* Before the first value of all nothing is known. */
static void test_what_was_before(void **state)
{
    (void)state;
    store.now_ns = at(T + HOUR);
    expect(T - HOUR,
           "{\"measurement\":\"readings\",\"field\":\"v\",\"period\":\"2h\",\"window\":\"30m\","
           "\"aggregate\":\"time_weighted_mean\"}",
           "0=null 1800=7 3600=38.355555555555554 5400=-0.08333333333333333");
    /* The window begins before the period: it is counted from the period's start. */
    store.now_ns = at(T + HOUR + 600);
    expect(T, READINGS("\"aggregate\":\"count\""), "0=1 900=0 1800=2 2700=1 3600=0");
    store.now_ns = at(T + HOUR);
    expect(T, READINGS("\"end\":\"2024-03-31T00:30:00Z\",\"aggregate\":\"count\""),
           "-1800=0 -900=1 0=3 900=0");
}

static void test_increase(void **state)
{
    (void)state;
    store.now_ns = at(T + HOUR);
    /* 8 to 10: 2; falls to 2: 2; to 4: 2. Nothing said. 4 to 3: 3; 0.5; falls to 1: 1. Unknown. */
    expect(T, METER("\"window\":\"15m\",\"aggregate\":\"increase\""),
           "0=6 900=0 1800=4.5 2700=null");
    expect(T, METER("\"points\":1,\"aggregate\":\"increase\""), "0=10.5");
    /* The first reading of all is no rise. */
    store.now_ns = at(T + 60 * 10);
    expect(T - 3000, METER("\"window\":\"30m\",\"aggregate\":\"increase\""),
           "-600=null 1200=0 3000=6");
}

static void test_states(void **state)
{
    (void)state;
    store.now_ns = at(T + HOUR);
    expect(T, DOOR("s", "\"window\":\"30m\",\"aggregate\":\"time_in_state\""),
           "0={\"off\":900,\"on\":900} 1800={\"off\":1200,\"on\":600}");
    expect(T, DOOR("b", "\"points\":1,\"aggregate\":\"time_in_state\""),
           "0={\"false\":2100,\"true\":1500}");
    expect(T, DOOR("n", "\"points\":1,\"aggregate\":\"time_in_state\""),
           "0={\"0\":2100,\"1\":1500}");
    expect(T, DOOR("n", "\"points\":1,\"aggregate\":\"time_weighted_mean\""),
           "0=0.4166666666666667");
    expect(T, DOOR("s", "\"window\":\"30m\""), "0=\"off\" 1800=\"on\"");
    expect(T, DOOR("s", "\"window\":\"30m\",\"aggregate\":\"first\""), "0=\"on\" 1800=\"on\"");
    expect(T, DOOR("s", "\"window\":\"30m\",\"aggregate\":\"count\""), "0=2 1800=1");
    expect(T, DOOR("b", "\"window\":\"30m\",\"aggregate\":\"last\""), "0=false 1800=true");
    expect(
        T, DOOR("s", "\"window\":\"30m\",\"aggregate\":\"mean\""),
        "!aggregate mean is for numbers, and field \"s\" holds text; right would be first, last, "
        "count or time_in_state");
    expect(T, DOOR("b", "\"window\":\"30m\",\"aggregate\":\"increase\""), "!holds true or false");
}

/* A fall from before the period, and a meter of the day: 1 to 23, 24 or 25, begun again at each
 * midnight of Berlin, so that falls stand where InfluxDB's windows change their length. */
static void test_increase_begun_again(void **state)
{
    struct buf lines = {0};
    (void)state;
    store.now_ns = at(T + 160);
    expect(T + 100,
           "{\"measurement\":\"meter\",\"field\":\"v\",\"period\":\"1m\",\"points\":1,"
           "\"aggregate\":\"increase\"}",
           "0=2");
    int64_t midnight = MARCH_31 - HOUR - 2 * DAY;
    for (int day = 0; day < 5; day++) {
        int hours = day == 2 ? 23 : 24;
        for (int hour = 0; hour < hours; hour++)
            buf_printf(&lines, "daily v=%d %lld\n", hour + 1,
                       (long long)at(midnight + hour * HOUR + 1800));
        midnight += hours * HOUR;
    }
    store_write(&store, buf_cstr(&lines));
    buf_free(&lines);
    store.now_ns = at(midnight);
    expect(MARCH_31 - HOUR,
           "{\"measurement\":\"daily\",\"field\":\"v\",\"period\":\"95h\",\"window\":\"1d\","
           "\"aggregate\":\"increase\",\"time_zone\":\"Europe/Berlin\"}",
           "-86400=24 0=23 82800=24 169200=24");
}

/* A lamp on from 22:00 to 02:30 local time, over midnight, on the short and on the long night. */
static void test_states_over_midnight(void **state)
{
    static const struct point lamp[] = {
        {MARCH_31 - DAY, "s=\"off\""},
        {MARCH_31 - HOUR - 2 * HOUR, "s=\"on\""},       /* Saturday 22:00 */
        {MARCH_31 + HOUR + 1800, "s=\"off\""},          /* Sunday 03:30 of summer time */
        {OCTOBER_27 - 2 * HOUR - 2 * HOUR, "s=\"on\""}, /* Saturday 22:00 */
        {OCTOBER_27 + HOUR + 1800, "s=\"off\""},        /* Sunday 02:30 after the change */
    };
    (void)state;
    WRITE("lamp", lamp);
    store.now_ns = at(MARCH_31 + 22 * HOUR); /* midnight in Berlin */
    expect(MARCH_31 - HOUR,
           "{\"measurement\":\"lamp\",\"field\":\"s\",\"period\":\"47h\",\"window\":\"1d\","
           "\"aggregate\":\"time_in_state\",\"time_zone\":\"Europe/Berlin\"}",
           "-86400={\"off\":75600,\"on\":7200} 0={\"on\":9000,\"off\":73800}");
    store.now_ns = at(OCTOBER_27 + 23 * HOUR);
    expect(OCTOBER_27 - 2 * HOUR,
           "{\"measurement\":\"lamp\",\"field\":\"s\",\"period\":\"49h\",\"window\":\"1d\","
           "\"aggregate\":\"time_in_state\",\"time_zone\":\"Europe/Berlin\"}",
           "-86400={\"off\":79200,\"on\":7200} 0={\"on\":12600,\"off\":77400}");
}

/* A value each half hour for ten days around each change of clocks. */
static void write_hours(const char *series, int64_t from, unsigned half_hours)
{
    struct buf lines = {0};
    for (unsigned i = 0; i < half_hours; i++)
        buf_printf(&lines, "%s v=%u %lld\n", series, i, (long long)at(from + 1800LL * i));
    store_write(&store, buf_cstr(&lines));
    buf_free(&lines);
}

static void test_days_of_23_and_25_hours(void **state)
{
    static const char berlin[] =
        "{\"measurement\":\"berlin\",\"field\":\"v\",\"period\":\"4d\",\"window\":\"1d\","
        "\"aggregate\":\"%s\",\"time_zone\":\"Europe/Berlin\"}";
    static const char york[] =
        "{\"measurement\":\"york\",\"field\":\"v\",\"period\":\"4d\",\"window\":\"1d\","
        "\"aggregate\":\"count\",\"time_zone\":\"America/New_York\"}";
    const int64_t march_10 = 1710046800, november_3 = 1730606400; /* midnight in New York */
    char request[256];
    (void)state;
    write_hours("berlin", MARCH_31 - HOUR - 3 * DAY, 48 * 8);
    write_hours("berlin", OCTOBER_27 - 2 * HOUR - 3 * DAY, 48 * 8);
    write_hours("york", march_10 - 3 * DAY, 48 * 8);
    write_hours("york", november_3 - 3 * DAY, 48 * 8);

    store.now_ns = at(MARCH_31 - HOUR + 23 * HOUR + 2 * DAY);
    snprintf(request, sizeof request, berlin, "count");
    /* four times 24 h back from midnight is 23:00 of a day before: an hour of it */
    expect(MARCH_31 - HOUR, request, "-172800=2 -86400=48 0=46 82800=48 169200=48");
    snprintf(request, sizeof request, berlin, "min");
    expect(MARCH_31 - HOUR, request, "-172800=94 -86400=96 0=144 82800=190 169200=238");
    snprintf(request, sizeof request, berlin, "increase");
    expect(MARCH_31 - HOUR, request, "-172800=2 -86400=48 0=46 82800=48 169200=48");
    snprintf(request, sizeof request, berlin, "time_weighted_mean");
    expect(MARCH_31 - HOUR, request, "-172800=94.5 -86400=119.5 0=166.5 82800=213.5 169200=261.5");

    store.now_ns = at(OCTOBER_27 - 2 * HOUR + 25 * HOUR + 2 * DAY);
    snprintf(request, sizeof request, berlin, "count");
    expect(OCTOBER_27 - 2 * HOUR, request, "-86400=46 0=50 90000=48 176400=48");
    snprintf(request, sizeof request, berlin, "max");
    expect(OCTOBER_27 - 2 * HOUR, request, "-86400=143 0=193 90000=241 176400=289");

    store.now_ns = at(march_10 + 23 * HOUR + 2 * DAY);
    expect(march_10, york, "-172800=2 -86400=48 0=46 82800=48 169200=48");
    store.now_ns = at(november_3 + 25 * HOUR + 2 * DAY);
    expect(november_3, york, "-86400=46 0=50 90000=48 176400=48");
}

static void test_weeks_begin_on_monday(void **state)
{
    (void)state;
    write_hours("weeks", MARCH_31 - HOUR - 14 * DAY, 48 * 21); /* from a Sunday's midnight on */
    store.now_ns = at(MARCH_31 - HOUR + 23 * HOUR + 2 * DAY);  /* Wednesday 00:00 */
    expect(MARCH_31 - HOUR,
           "{\"measurement\":\"weeks\",\"field\":\"v\",\"period\":\"14d\",\"window\":\"7d\","
           "\"aggregate\":\"count\",\"time_zone\":\"Europe/Berlin\"}",
           /* from Tuesday 23:00; the week of the change has 7 x 48 - 2 */
           "-1123200=242 -518400=334 82800=96");
    expect(MARCH_31 - HOUR,
           "{\"measurement\":\"weeks\",\"field\":\"v\",\"period\":\"14d\",\"window\":\"1w\","
           "\"aggregate\":\"count\"}",
           "-1119600=244 -514800=336 90000=92");
}

static void test_several_series(void **state)
{
    static const struct point one[] = {{T, "v=1"}, {T + 60, "v=2"}};
    static const struct point two[] = {{T + 30, "v=101"}, {T + 90, "v=103"}};
    static const struct point gone[] = {{T - DAY, "v=50"}};
#define PAIR(rest)                                                                                 \
    "{\"measurement\":\"pair\",\"field\":\"v\",\"period\":\"1h\",\"points\":1," rest "}"
    (void)state;
    WRITE("pair,house=a,room=bath", one);
    WRITE("pair,house=a,room=attic", two);
    WRITE("pair,house=a,room=cellar", gone);
    store.now_ns = at(T + HOUR);
    expect(T, PAIR("\"aggregate\":\"mean\""), "0=51.75");
    expect(T, PAIR("\"aggregate\":\"sum\",\"tags\":{\"house\":\"a\"}"), "0=207");
    expect(T, PAIR("\"aggregate\":\"increase\",\"tags\":{\"house\":\"a\"}"),
           "!tags: 2 series are meant, and increase of them mixed would be wrong; name the tag "
           "\"room\"");
    expect(T, PAIR("\"aggregate\":\"last\""), "!name the tag \"room\" (\"");
    expect(T, PAIR("\"aggregate\":\"first\""), "!name the tag \"room\"");
    expect(T, PAIR("\"aggregate\":\"time_in_state\""), "!name the tag \"room\"");
    expect(T, PAIR("\"aggregate\":\"time_weighted_mean\""), "!name the tag \"room\"");
    expect(T, PAIR("\"aggregate\":\"increase\",\"tags\":{\"room\":\"bath\"}"), "0=1");
    expect(T, PAIR("\"aggregate\":\"last\",\"tags\":{\"room\":\"attic\"}"), "0=103");
    /* A series that has ended does not count: what it said holds for itself only. */
    expect(T, PAIR("\"aggregate\":\"time_weighted_mean\",\"tags\":{\"room\":\"cellar\"}"), "0=50");
}

static void test_unknown_names(void **state)
{
    (void)state;
    store.now_ns = at(T + HOUR);
    store_write(&store, "mixed v=1 1000000000000000000\nmixed s=\"x\",w=1i 1000000000000000000\n");
    store_write(&store, "mixed v=\"x\" 1400000000000000000\nmixed w=1.5 1400000000000000000\n"
                        "both,x=tag x=1,v=1 1000000000000000000\n");
    expect(T, "{\"measurement\":\"reedings\",\"field\":\"v\"}",
           "!measurement \"reedings\": there is none of that name; the nearest is \"readings\"");
    expect(T, "{\"measurement\":\"readings\",\"field\":\"w\"}",
           "!field \"w\": there is none of that name; the nearest is \"v\"");
    expect(T, "{\"measurement\":\"readings\",\"field\":\"room\"}", "!field \"room\"");
    expect(T, "{\"measurement\":\"readings\",\"field\":\"v\",\"tags\":{\"romm\":\"kitchen\"}}",
           "!tag \"romm\": there is none of that name; the nearest is \"room\"");
    expect(T, "{\"measurement\":\"mixed\",\"field\":\"v\"}",
           "!field \"v\": some of its values were stored as ");
    expect(T, "{\"measurement\":\"both\",\"field\":\"v\",\"tags\":{\"x\":\"tag\"}}",
           "!a field has the same name");
    /* Whole and other numbers are computed with as one. */
    store.now_ns = at(1400000000 + HOUR);
    expect(1400000000 + HOUR - 20 * 366 * DAY / 2,
           "{\"measurement\":\"mixed\",\"field\":\"w\",\"period\":\"3660d\",\"points\":1}",
           "0=1.5");
}

static void test_bound_of_raw_values(void **state)
{
    struct buf lines = {0};
    (void)state;
    for (unsigned i = 0; i < 50001; i++)
        buf_printf(&lines, "many v=%u,s=\"s%u\" %lld\n", i % 3, i % 70,
                   (long long)at(T + i) / 10 * 10);
    store_write(&store, buf_cstr(&lines));
    buf_free(&lines);
    store.now_ns = at(T + 50001);
    expect(T,
           "{\"measurement\":\"many\",\"field\":\"v\",\"period\":\"24h\",\"points\":1,"
           "\"aggregate\":\"time_weighted_mean\"}",
           "!more than 50000 values, which time_weighted_mean would have to look at one by one; "
           "right would be a shorter period, or aggregate mean");
    expect(T + 1,
           "{\"measurement\":\"many\",\"field\":\"v\",\"period\":\"50000s\",\"points\":1,"
           "\"aggregate\":\"time_weighted_mean\"}",
           "0=1.00002");
    expect(T,
           "{\"measurement\":\"many\",\"field\":\"s\",\"period\":\"1h\",\"points\":1,"
           "\"aggregate\":\"time_in_state\"}",
           "!more than 64 states");
}

/* The whole answer, once. */
static void test_members(void **state)
{
    (void)state;
    store.now_ns = at(T + HOUR);
    char *answer = ask(&store, "history",
                       TEXT("{\"measurement\":\"readings\",\"field\":\"v\",\"period\":\"1h\","
                            "\"points\":2,\"tags\":{\"room\":\"kitchen\"},"
                            "\"aggregate\":\"percentile\",\"percentile\":99.9}"));
    assert_string_equal(
        answer,
        "{\"measurement\":\"readings\",\"field\":\"v\",\"tags\":{\"room\":\"kitchen\"},"
        "\"aggregate\":\"percentile\",\"percentile\":99.9,\"period\":\"1h\","
        "\"from\":\"2024-03-31T00:00:00Z\",\"to\":\"2024-03-31T01:00:00Z\",\"window\":\"30m\","
        "\"time_zone\":\"UTC\",\"points\":2,\"source\":\"influxdb\","
        "\"rows\":[[1711843200000,60],[1711845000000,5]]}");
    free(answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_aggregates),
        cmocka_unit_test(test_what_was_before),
        cmocka_unit_test(test_increase),
        cmocka_unit_test(test_increase_begun_again),
        cmocka_unit_test(test_states),
        cmocka_unit_test(test_states_over_midnight),
        cmocka_unit_test(test_days_of_23_and_25_hours),
        cmocka_unit_test(test_weeks_begin_on_monday),
        cmocka_unit_test(test_several_series),
        cmocka_unit_test(test_unknown_names),
        cmocka_unit_test(test_bound_of_raw_values),
        cmocka_unit_test(test_members),
    };
    return cmocka_run_group_tests(tests, open_store, close_store);
}
