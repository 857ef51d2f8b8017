#include "cli/demo_model.h"

#include <math.h>

#include "base/clock.h"

enum { DAY_S = 86400 };

#define PI 3.14159265358979323846

/* One id a source of chance, so that no two things in the house move together. */
enum chance {
    CHANCE_CLOUDS = 1,
    CHANCE_WEATHER,
    CHANCE_PRESSURE,
    CHANCE_WIND,
    CHANCE_RAIN,
    CHANCE_WASHER,
    CHANCE_COMPRESSOR,
    CHANCE_ROOM = 100, /* from here on with `which` added */
    CHANCE_HUMIDITY = 200,
    CHANCE_OPEN = 300,
    CHANCE_MOTION = 400,
    CHANCE_LIGHT = 500,
    CHANCE_PERSON = 600,
    CHANCE_CPU = 700,
};

/* splitmix64, the finalizer of Steele, Lea and Flood's generator. */
static uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

double demo_model_chance(const struct demo_model *m, unsigned id, int64_t number)
{
    uint64_t bits = mix(mix(m->seed + id) ^ (uint64_t)number);
    return (double)(bits >> 11) / 9007199254740992.0; /* 2^53 */
}

static int64_t local_s(const struct demo_model *m, int64_t at_ns)
{
    return at_ns / CLOCK_NS_PER_S + m->utc_offset_s;
}

int demo_model_second_of_day(const struct demo_model *m, int64_t at_ns)
{
    int64_t second = local_s(m, at_ns) % DAY_S;
    return (int)(second < 0 ? second + DAY_S : second);
}

static int64_t day_number(const struct demo_model *m, int64_t at_ns)
{
    return (local_s(m, at_ns) - demo_model_second_of_day(m, at_ns)) / DAY_S;
}

static double hour(const struct demo_model *m, int64_t at_ns)
{
    return demo_model_second_of_day(m, at_ns) / 3600.0;
}

/* A smooth wandering between -1 and 1 that changes its mind every `period_s`. */
static double wander(const struct demo_model *m, unsigned id, int64_t at_ns, int64_t period_s)
{
    int64_t period_ns = period_s * CLOCK_NS_PER_S;
    int64_t number = at_ns / period_ns;
    double part = (double)(at_ns % period_ns) / (double)period_ns;
    double ease = part * part * (3 - 2 * part);
    double here = demo_model_chance(m, id, number), next = demo_model_chance(m, id, number + 1);
    return 2 * (here + (next - here) * ease) - 1;
}

/* A hump of height 1 around `centre`, `width` hours to each side. */
static double hump(double h, double centre, double width)
{
    double x = (h - centre) / width;
    return exp(-x * x);
}

static double day_wave(double h, double warmest)
{
    return cos(2 * PI * (h - warmest) / 24);
}

/* How lively the house is, 0 to 1. */
static double activity(double h)
{
    double a = 0.03 + 0.8 * hump(h, 7, 0.9) + 0.5 * hump(h, 12.5, 1) + hump(h, 19, 2.2);
    return a > 1 ? 1 : a;
}

/* Whether something that happens in slots of slot_s, lasting at most long_s, is going on: each
 * slot draws whether it happens (by how lively the house is), when, and how long. */
static bool happens(const struct demo_model *m, unsigned id, int64_t at_ns, int64_t slot_s,
                    int64_t long_s, double often)
{
    int64_t second = at_ns / CLOCK_NS_PER_S;
    int64_t slot = second / slot_s;
    if (demo_model_chance(m, id, 3 * slot) >= often * activity(hour(m, at_ns)))
        return false;
    double begin = demo_model_chance(m, id, 3 * slot + 1) * (double)(slot_s - long_s);
    double lasts = (0.3 + 0.7 * demo_model_chance(m, id, 3 * slot + 2)) * (double)long_s;
    double now = (double)(second - slot * slot_s);
    return now >= begin && now < begin + lasts;
}

double demo_model_sun(const struct demo_model *m, unsigned which, int64_t at_ns)
{
    (void)which;
    double h = hour(m, at_ns);
    return h > 6.5 && h < 19.5 ? sin(PI * (h - 6.5) / 13) : 0;
}

static double clearness(const struct demo_model *m, int64_t at_ns)
{
    return 0.6 + 0.4 * wander(m, CHANCE_CLOUDS, at_ns, 1800);
}

double demo_model_outdoor_c(const struct demo_model *m, unsigned which, int64_t at_ns)
{
    (void)which;
    return 9 + 5.5 * day_wave(hour(m, at_ns), 15) + 3 * wander(m, CHANCE_WEATHER, at_ns, DAY_S) +
           0.6 * wander(m, CHANCE_WEATHER, at_ns, 1200);
}

double demo_model_room_c(const struct demo_model *m, unsigned which, int64_t at_ns)
{
    double h = hour(m, at_ns);
    double comfort = 19.5 + 2.5 * demo_model_chance(m, CHANCE_ROOM + which, 0);
    double night = h < 6 || h > 22.5 ? 1.2 : 0;
    return comfort + 0.8 * day_wave(h, 17) - night * 0.6 +
           0.5 * wander(m, CHANCE_ROOM + which, at_ns, 900);
}

double demo_model_humidity(const struct demo_model *m, unsigned which, int64_t at_ns)
{
    double shower = which == 2 ? 28 * hump(hour(m, at_ns), 7.2, 0.4) : 0;
    return 47 + shower + 5 * wander(m, CHANCE_HUMIDITY + which, at_ns, 1800);
}

double demo_model_pressure(const struct demo_model *m, unsigned which, int64_t at_ns)
{
    (void)which;
    return 1013 + 9 * wander(m, CHANCE_PRESSURE, at_ns, DAY_S);
}

double demo_model_co2(const struct demo_model *m, unsigned which, int64_t at_ns)
{
    return 430 + 700 * activity(hour(m, at_ns)) + 60 * wander(m, CHANCE_ROOM + which, at_ns, 600);
}

double demo_model_pv_w(const struct demo_model *m, unsigned which, int64_t at_ns)
{
    return 5400 * pow(demo_model_sun(m, which, at_ns), 1.3) * clearness(m, at_ns);
}

/* Minutes into today's wash, negative when there is none. It starts between 9 and 12. */
static double washing_minutes(const struct demo_model *m, int64_t at_ns)
{
    double start = 9 + 3 * demo_model_chance(m, CHANCE_WASHER, day_number(m, at_ns));
    double minutes = (hour(m, at_ns) - start) * 60;
    return minutes < 110 ? minutes : -1;
}

double demo_model_washer_w(const struct demo_model *m, unsigned which, int64_t at_ns)
{
    (void)which;
    double minutes = washing_minutes(m, at_ns);
    if (minutes < 0)
        return 1.5;
    if (minutes < 22) /* heating */
        return 2050 + 30 * wander(m, CHANCE_WASHER, at_ns, 30);
    if (minutes < 98) /* turning */
        return 170 + 90 * wander(m, CHANCE_WASHER, at_ns, 40);
    return 480 + 60 * wander(m, CHANCE_WASHER, at_ns, 20);
}

bool demo_model_washing(const struct demo_model *m, unsigned which, int64_t at_ns)
{
    (void)which;
    return washing_minutes(m, at_ns) >= 0;
}

bool demo_model_heating(const struct demo_model *m, unsigned which, int64_t at_ns)
{
    /* Longer runs when it is cold outside; off for part of every forty minutes. */
    double share = (16 - demo_model_outdoor_c(m, which, at_ns)) / 16;
    return (double)(at_ns / CLOCK_NS_PER_S % 2400) / 2400 < share;
}

double demo_model_heat_pump_w(const struct demo_model *m, unsigned which, int64_t at_ns)
{
    if (!demo_model_heating(m, which, at_ns))
        return 8;
    return 1150 + 220 * wander(m, CHANCE_COMPRESSOR, at_ns, 120);
}

double demo_model_charger_w(const struct demo_model *m, unsigned which, int64_t at_ns)
{
    double h = hour(m, at_ns);
    bool due = demo_model_chance(m, CHANCE_PERSON + 9, day_number(m, at_ns)) < 0.7;
    (void)which;
    return due && h >= 20.5 && h < 23.25 ? 7350 + 40 * wander(m, CHANCE_PERSON + 9, at_ns, 60) : 0;
}

double demo_model_house_w(const struct demo_model *m, unsigned which, int64_t at_ns)
{
    double h = hour(m, at_ns);
    double cooking = 1900 * hump(h, 12.2, 0.25) + 2200 * hump(h, 18.4, 0.35);
    return 190 + 260 * activity(h) + cooking + demo_model_washer_w(m, which, at_ns) +
           demo_model_heat_pump_w(m, which, at_ns) + demo_model_charger_w(m, which, at_ns) +
           40 * wander(m, CHANCE_CPU + 50, at_ns, 60);
}

double demo_model_battery(const struct demo_model *m, unsigned which, int64_t at_ns)
{
    int64_t lasts_s = 60 * DAY_S;
    int64_t shift_s = (int64_t)(demo_model_chance(m, CHANCE_ROOM + which, 1) * (double)lasts_s);
    double used = (double)((at_ns / CLOCK_NS_PER_S + shift_s) % lasts_s) / (double)lasts_s;
    return floor(100 - 85 * used);
}

double demo_model_lux(const struct demo_model *m, unsigned which, int64_t at_ns)
{
    return floor(60000 * demo_model_sun(m, which, at_ns) * clearness(m, at_ns));
}

double demo_model_wind(const struct demo_model *m, unsigned which, int64_t at_ns)
{
    (void)which;
    return 4 + 2.5 * wander(m, CHANCE_WIND, at_ns, 7200) + 1.4 * wander(m, CHANCE_WIND, at_ns, 30);
}

double demo_model_soil(const struct demo_model *m, unsigned which, int64_t at_ns)
{
    /* Watered at six in the evening, dry a day later. */
    double since = fmod(hour(m, at_ns) + 6, 24);
    return 72 - 1.4 * since + wander(m, CHANCE_HUMIDITY + 50 + which, at_ns, 1800);
}

bool demo_model_rain(const struct demo_model *m, unsigned which, int64_t at_ns)
{
    (void)which;
    return wander(m, CHANCE_RAIN, at_ns, 10800) > 0.45;
}

double demo_model_level(const struct demo_model *m, unsigned which, int64_t at_ns)
{
    (void)which;
    return 63 + 14 * wander(m, CHANCE_RAIN, at_ns, 2 * DAY_S);
}

double demo_model_cpu(const struct demo_model *m, unsigned which, int64_t at_ns)
{
    double backup = 45 * hump(hour(m, at_ns), 2.6, 0.3);
    return 14 + backup + 10 * wander(m, CHANCE_CPU + which, at_ns, 300) +
           3 * wander(m, CHANCE_CPU + which, at_ns, 20);
}

double demo_model_vibration(const struct demo_model *m, unsigned which, int64_t at_ns)
{
    (void)which;
    double age = (double)(local_s(m, at_ns) % (90 * DAY_S)) / (90.0 * DAY_S);
    return 0.8 + 1.6 * age + 0.08 * wander(m, CHANCE_COMPRESSOR + 1, at_ns, 90);
}

bool demo_model_open(const struct demo_model *m, unsigned which, int64_t at_ns)
{
    return happens(m, CHANCE_OPEN + which, at_ns, 1200, 240, 0.5);
}

bool demo_model_motion(const struct demo_model *m, unsigned which, int64_t at_ns)
{
    return happens(m, CHANCE_MOTION + which, at_ns, 300, 90, 0.9);
}

bool demo_model_light(const struct demo_model *m, unsigned which, int64_t at_ns)
{
    return demo_model_sun(m, which, at_ns) < 0.15 &&
           happens(m, CHANCE_LIGHT + which, at_ns, 3600, 3000, 0.9);
}

bool demo_model_at_home(const struct demo_model *m, unsigned which, int64_t at_ns)
{
    int64_t day = day_number(m, at_ns);
    bool weekend = (day + 3) % 7 >= 5; /* 1970-01-01 was a Thursday */
    double leaves = (weekend ? 10.5 : 7.4) + demo_model_chance(m, CHANCE_PERSON + which, 2 * day);
    double away =
        (weekend ? 2 : 7.5) + 2 * demo_model_chance(m, CHANCE_PERSON + which, 2 * day + 1);
    double h = hour(m, at_ns);
    return h < leaves || h > leaves + away;
}

bool demo_model_locked(const struct demo_model *m, unsigned which, int64_t at_ns)
{
    double h = hour(m, at_ns);
    bool somebody = false;
    for (unsigned person = 0; person < 3; person++)
        somebody = somebody || demo_model_at_home(m, person, at_ns);
    (void)which;
    return !somebody || h < 6.2 || h > 22.3;
}

bool demo_model_shut(const struct demo_model *m, unsigned which, int64_t at_ns)
{
    double h = hour(m, at_ns), late = 0.3 * which;
    return h < 6.7 + late || h > 20.1 + late;
}

bool demo_model_day(const struct demo_model *m, unsigned which, int64_t at_ns)
{
    return demo_model_sun(m, which, at_ns) > 0;
}
