/* Who lives in the demo house: the table. */
#include "cli/demo_device.h"

#define CLOCK_S(h, m) (3600 * (h) + 60 * (m))

/* A numeric sensor of Home Assistant, on statestream. */
#define SENSOR(id, words, figure_, which_, unit_, class_, change, every)                           \
    {                                                                                              \
        .name = id, .label = words, .turn = demo_entity_state, .figure = figure_, .which = which_, \
        .domain = "sensor", .unit = unit_, .device_class = class_, .amount = change,               \
        .period_s = every, .household = true                                                       \
    }
#define TEMPERATURE(id, words, room)                                                               \
    SENSOR(id, words, demo_model_room_c, room, "°C", "temperature", 0.1, 60)
#define HUMIDITY(id, words, room)                                                                  \
    SENSOR(id, words, demo_model_humidity, room, "%", "humidity", 0.5, 90)

/* An entity of two states: on statestream, or on eventstream. */
#define WORD(turn_, domain_, id, words, truth_, which_, yes_, no_)                                 \
    {                                                                                              \
        .name = id, .label = words, .turn = turn_, .truth = truth_, .which = which_,               \
        .domain = domain_, .yes = yes_, .no = no_, .period_s = 10, .household = true               \
    }
#define STATE(...) WORD(demo_entity_state_word, __VA_ARGS__)
#define EVENT(...) WORD(demo_entity_event_word, __VA_ARGS__)

/* A device of ours. */
#define DEVICE(turn_, topic, figure_, which_, every, own)                                          \
    {                                                                                              \
        .name = topic, .turn = turn_, .figure = figure_, .which = which_, .period_s = every,       \
        .own_time = own, .household = true                                                         \
    }
#define METER(topic, figure_, kwh_a_day)                                                           \
    {                                                                                              \
        .name = topic, .turn = demo_thing_meter, .figure = figure_, .amount = kwh_a_day,           \
        .period_s = 60, .own_time = true, .household = true                                        \
    }
#define DAILY(hour, minute, topic, payload)                                                        \
    {                                                                                              \
        .name = topic, .label = payload, .turn = demo_thing_fixed,                                 \
        .daily_s = CLOCK_S(hour, minute)                                                           \
    }

const struct demo_row demo_rows[] = {
    /* Home Assistant: mqtt_statestream publishes sensors and what belongs to the building. */
    TEMPERATURE("kitchen_temperature", "Kitchen temperature", 1),
    TEMPERATURE("bath_temperature", "Bath temperature", 2),
    TEMPERATURE("living_room_temperature", "Living room temperature", 3),
    TEMPERATURE("bedroom_temperature", "Bedroom temperature", 4),
    TEMPERATURE("nursery_temperature", "Nursery temperature", 5),
    TEMPERATURE("study_temperature", "Study temperature", 6),
    TEMPERATURE("hall_temperature", "Hall temperature", 7),
    HUMIDITY("kitchen_humidity", "Kitchen humidity", 1),
    HUMIDITY("bath_humidity", "Bath humidity", 2),
    HUMIDITY("living_room_humidity", "Living room humidity", 3),
    HUMIDITY("bedroom_humidity", "Bedroom humidity", 4),
    HUMIDITY("nursery_humidity", "Nursery humidity", 5),
    {.name = "cellar_humidity",
     .label = "Cellar humidity",
     .turn = demo_entity_state,
     .figure = demo_model_humidity,
     .which = 8,
     .domain = "sensor",
     .unit = "%",
     .device_class = "humidity",
     .amount = 0.5,
     .period_s = 90,
     .frail = true,
     .household = true},
    SENSOR("outdoor_temperature", "Outdoor temperature", demo_model_outdoor_c, 0, "°C",
           "temperature", 0.1, 60),
    SENSOR("air_pressure", "Air pressure", demo_model_pressure, 0, "hPa", "pressure", 0.1, 300),
    SENSOR("pv_power", "Solar power", demo_model_pv_w, 0, "W", "power", 5, 15),
    SENSOR("house_power", "House power", demo_model_house_w, 0, "W", "power", 5, 15),
    SENSOR("washing_machine_power", "Washing machine power", demo_model_washer_w, 0, "W", "power",
           2, 15),
    SENSOR("front_door_battery", "Front door battery", demo_model_battery, 4, "%", "battery", 1,
           1800),
    STATE("binary_sensor", "front_door", "Front door", demo_model_open, 0, "on", "off"),
    STATE("binary_sensor", "back_door", "Back door", demo_model_open, 1, "on", "off"),
    STATE("binary_sensor", "garage_door", "Garage door", demo_model_open, 2, "on", "off"),
    STATE("binary_sensor", "kitchen_window", "Kitchen window", demo_model_open, 3, "on", "off"),
    STATE("binary_sensor", "bath_window", "Bath window", demo_model_open, 4, "on", "off"),
    STATE("binary_sensor", "hall_motion", "Hall motion", demo_model_motion, 0, "on", "off"),
    STATE("binary_sensor", "stairs_motion", "Stairs motion", demo_model_motion, 1, "on", "off"),
    STATE("binary_sensor", "living_room_motion", "Living room motion", demo_model_motion, 2, "on",
          "off"),
    STATE("binary_sensor", "garden_motion", "Garden motion", demo_model_motion, 3, "on", "off"),
    STATE("climate", "living_room", "Living room heating", demo_model_heating, 0, "heat", "off"),
    STATE("sun", "sun", "Sun", demo_model_day, 0, "above_horizon", "below_horizon"),
    STATE("weather", "home", "Weather", demo_model_rain, 0, "rainy", "partlycloudy"),

    /* Home Assistant: mqtt_eventstream publishes what people and switches do. */
    EVENT("person", "anna", "Anna", demo_model_at_home, 0, "home", "not_home"),
    EVENT("person", "jonas", "Jonas", demo_model_at_home, 1, "home", "not_home"),
    EVENT("person", "grandma_else", "Grandma Else", demo_model_at_home, 2, "home", "not_home"),
    EVENT("light", "kitchen", "Kitchen light", demo_model_light, 0, "on", "off"),
    EVENT("light", "living_room", "Living room light", demo_model_light, 1, "on", "off"),
    EVENT("light", "bedroom", "Bedroom light", demo_model_light, 2, "on", "off"),
    EVENT("light", "study", "Study light", demo_model_light, 3, "on", "off"),
    EVENT("light", "terrace", "Terrace light", demo_model_light, 4, "on", "off"),
    EVENT("switch", "washing_machine", "Washing machine", demo_model_washing, 0, "on", "off"),
    EVENT("cover", "living_room_shutter", "Living room shutter", demo_model_shut, 0, "closed",
          "open"),
    EVENT("cover", "bedroom_shutter", "Bedroom shutter", demo_model_shut, 1, "closed", "open"),
    EVENT("lock", "front_door", "Front door lock", demo_model_locked, 0, "locked", "unlocked"),

    /* Readings in our own form. */
    DEVICE(demo_thing_climate, "/readings/kitchen-01", NULL, 1, 60, false),
    DEVICE(demo_thing_climate, "/readings/bath-01", NULL, 2, 60, false),
    DEVICE(demo_thing_climate, "/readings/cellar-01", NULL, 8, 120, false),
    DEVICE(demo_thing_climate, "/readings/Büro, oben", NULL, 9, 60, false),
    DEVICE(demo_thing_air, "/readings/living-room-air", NULL, 3, 60, false),
    METER("/readings/main-meter", demo_model_house_w, 17),
    METER("/readings/pv-inverter", demo_model_pv_w, 24),
    METER("/readings/hvac-main", demo_model_heat_pump_w, 11),
    METER("/readings/ev-charger", demo_model_charger_w, 14),
    DEVICE(demo_thing_phm, "/readings/fridge-01", demo_model_vibration, 0, 120, true),
    DEVICE(demo_thing_vm, "/readings/nas", demo_model_cpu, 1, 60, true),
    DEVICE(demo_thing_vm, "/readings/nas", demo_model_cpu, 2, 60, true),
    DEVICE(demo_thing_heat_pump, "/readings/heat-pump", demo_model_heat_pump_w, 0, 300, true),
    DEVICE(demo_thing_line, "/line", demo_model_cpu, 3, 60, true),

    /* Bare values: ours, and those of devices that know nothing of us. */
    DEVICE(demo_thing_value, "/readings/greenhouse/soil_moisture", demo_model_soil, 0, 120, false),
    DEVICE(demo_thing_value, "/readings/greenhouse/light_lux", demo_model_lux, 0, 60, false),
    DEVICE(demo_thing_value, "sensor/shed/temperature", demo_model_outdoor_c, 0, 60, false),
    DEVICE(demo_thing_value, "sensor/terrace/wind", demo_model_wind, 0, 15, false),
    DEVICE(demo_thing_value, "sensor/cistern/level", demo_model_level, 0, 600, false),
    {.name = "/readings/mailbox/flap",
     .turn = demo_thing_value_word,
     .truth = demo_model_open,
     .which = 7,
     .yes = "open",
     .no = "closed",
     .period_s = 10,
     .household = true},

    /* Events. */
    {.name = "/events/doorbell",
     .label = "{\"kind\":\"ring\",\"fields\":{\"button\":\"front\",\"presses\":1}}",
     .turn = demo_thing_bell,
     .truth = demo_model_open,
     .which = 9,
     .period_s = 20,
     .household = true},
    DAILY(2, 40, "/events/nas",
          "{\"kind\":\"job\",\"tags\":{\"job\":\"backup\"},\"fields\":{\"ok\":true,"
          "\"duration_ms\":1834221,\"files\":1288}}"),
    DAILY(4, 15, "/events/hypervisor",
          "{\"kind\":\"memory_dump\",\"tags\":{\"vm_id\":\"vm-2\",\"status\":\"completed\"},"
          "\"fields\":{\"size_bytes\":2147483648,\"duration_ms\":18250,"
          "\"path\":\"/var/dumps/vm-2.core\"}}"),
    DAILY(8, 5, "/events/notes",
          "{\"kind\":\"note\",\"fields\":{\"text\":\"Schornsteinfeger kommt um zehn\"}}"),

    /* What goes wrong. */
    DAILY(9, 40, "/readings/cellar-01", "{\"temperature\":\"warm\",\"humidity\":true}"),
    {.name = "homeassistant/status", .turn = demo_entity_restart, .daily_s = CLOCK_S(12, 30)},
    DAILY(14, 7, "/readings/shed-01", "temp=21.5;hum=48"),
    DAILY(16, 20, "/reading/kitchen-01", "{\"temperature\":21.5}"),
    {.name = "/readings/zigbee-gateway", .turn = demo_thing_burst, .daily_s = CLOCK_S(18, 0)},
};

const size_t demo_row_count = sizeof(demo_rows) / sizeof(demo_rows[0]);
