/* What goes on in the demo house: weather, rooms, people and machines, each a pure function of the
 * moment. A moment is a time since 1970 in ns; the day's curve follows the local hour. Nothing is
 * kept between calls, so that a history can be asked for as well as the present. */
#ifndef CLI_DEMO_MODEL_H
#define CLI_DEMO_MODEL_H

#include <stdbool.h>
#include <stdint.h>

struct demo_model {
    uint64_t seed;
    int utc_offset_s; /* local time is UTC plus this */
};

/* Seconds since local midnight, 0 to 86399. */
int demo_model_second_of_day(const struct demo_model *m, int64_t at_ns);

/* demo_model_chance is an even number in [0, 1) of (seed, id, number), always the same one. */
double demo_model_chance(const struct demo_model *m, unsigned id, int64_t number);

/* Figures. `which` tells rooms or machines apart and matters where a house has several. */
typedef double demo_model_figure(const struct demo_model *m, unsigned which, int64_t at_ns);
demo_model_figure demo_model_sun;       /* 0 at night to 1 at noon */
demo_model_figure demo_model_outdoor_c; /* degrees Celsius */
demo_model_figure demo_model_room_c;
demo_model_figure demo_model_humidity; /* percent; room 2 is the bath */
demo_model_figure demo_model_pressure; /* hPa */
demo_model_figure demo_model_co2;      /* ppm */
demo_model_figure demo_model_pv_w;     /* watts, like the next ones */
demo_model_figure demo_model_washer_w;
demo_model_figure demo_model_heat_pump_w;
demo_model_figure demo_model_charger_w;
demo_model_figure demo_model_house_w;
demo_model_figure demo_model_battery; /* percent, falling over weeks */
demo_model_figure demo_model_lux;
demo_model_figure demo_model_wind;      /* m/s */
demo_model_figure demo_model_soil;      /* percent */
demo_model_figure demo_model_level;     /* of the cistern, percent */
demo_model_figure demo_model_cpu;       /* percent, of machine `which` */
demo_model_figure demo_model_vibration; /* mm/s, of a compressor that ages */

/* What is so or is not. */
typedef bool demo_model_truth(const struct demo_model *m, unsigned which, int64_t at_ns);
demo_model_truth demo_model_open; /* doors and windows */
demo_model_truth demo_model_motion;
demo_model_truth demo_model_light;
demo_model_truth demo_model_at_home; /* people */
demo_model_truth demo_model_locked;  /* the front door: open when somebody is at home by day */
demo_model_truth demo_model_shut;    /* shutters */
demo_model_truth demo_model_day;     /* the sun is above the horizon */
demo_model_truth demo_model_heating;
demo_model_truth demo_model_washing;
demo_model_truth demo_model_rain;

#endif
