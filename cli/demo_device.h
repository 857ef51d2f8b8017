/* The inhabitants of the demo house: a table of devices and entities, and how each kind of them
 * puts what it measures into messages. Used by demo_house alone. */
#ifndef CLI_DEMO_DEVICE_H
#define CLI_DEMO_DEVICE_H

#include "base/buf.h"
#include "cli/demo_model.h"

/* What a device sees when its turn comes. */
struct demo_scene {
    struct demo_model model;
    const char *topic_root;
    int64_t at_ns, present_ns;
    double speed;
};

/* demo_device_real_ns is the real time of a simulated moment: itself up to the present, then
 * compressed by the speed. */
int64_t demo_device_real_ns(const struct demo_scene *scene, int64_t at_ns);

/* Messages made in one turn, handed out in order. */
struct demo_outbox {
    struct demo_outbox_message {
        struct buf topic, payload;
        const char *content_type;
        uint8_t qos;
        bool retained;
    } messages[8];
    size_t made, taken;
    bool forget_states; /* Home Assistant restarted: every state is news again */
};

/* demo_device_message adds an empty message on a topic, which lies below the root when it begins
 * with
 * '/'; the caller fills its payload and may add to its topic. At most 8 a turn. */
struct demo_outbox_message *demo_device_message(struct demo_outbox *out,
                                                const struct demo_scene *scene, const char *topic,
                                                uint8_t qos);

struct demo_row;

struct demo_device {
    const struct demo_row *row;
    int64_t next_ns;  /* its next turn */
    bool known;       /* `last` was published */
    double last;      /* a figure, or 0 and 1 for a truth */
    double total_kwh; /* meters */
    unsigned count;   /* of the burst */
};

/* A turn: adds messages and returns the moment of the next turn, which is later. */
typedef int64_t demo_turn(struct demo_device *device, const struct demo_scene *scene,
                          struct demo_outbox *out);

struct demo_row {
    const char *name;  /* object id, or topic: below the root when it begins with '/' */
    const char *label; /* friendly name; for fixed messages the payload */
    demo_turn *turn;
    demo_model_figure *figure;
    demo_model_truth *truth;
    unsigned which; /* of several alike: rooms, people, doors */
    const char *domain, *unit, *device_class;
    const char *yes, *no; /* the words of a truth */
    double amount;        /* states: the smallest change that is news; meters: kWh of a usual day */
    int period_s;         /* between turns; 0: once a day, at daily_s */
    int daily_s;          /* local second of the day */
    bool own_time;        /* sends times of its own, hence has a history */
    bool frail;           /* is unavailable for half an hour each morning */
    bool household;       /* counts as a device or entity (messages that only happen do not) */
};

extern const struct demo_row demo_rows[];
extern const size_t demo_row_count;

/* demo_device_first_ns is a device's first turn at or after `from_ns`. */
int64_t demo_device_first_ns(const struct demo_row *row, const struct demo_model *model,
                             int64_t from_ns);

/* When a device's turn comes again: by its period, or tomorrow. */
int64_t demo_device_next_turn(const struct demo_device *device, const struct demo_scene *scene);
int64_t demo_device_next_daily(const struct demo_model *model, int daily_s, int64_t after_ns);

/* demo_device_news looks at the device's truth, remembers it, and tells whether it is news: it
 * changed, or nothing was published yet (device->known is set by whoever publishes). */
bool demo_device_news(struct demo_device *device, const struct demo_scene *scene, bool *ret_truth);

double demo_device_tenths(double number); /* to tenths */

/* The kinds of devices, by dialect. */
demo_turn demo_entity_state;      /* statestream, a number */
demo_turn demo_entity_state_word; /* statestream, one of two words */
demo_turn demo_entity_event_word; /* eventstream, one of two words */
demo_turn demo_thing_climate;     /* our reading, short form */
demo_turn demo_thing_air;         /* our reading, short form, nested */
demo_turn demo_thing_meter;       /* our reading, full form with its own time: energy */
demo_turn demo_thing_phm;         /* full form: predictive health */
demo_turn demo_thing_vm;          /* full form with a measurement of its own */
demo_turn demo_thing_heat_pump;   /* an array in msgpack with own times */
demo_turn demo_thing_value;       /* one bare number */
demo_turn demo_thing_value_word;  /* one bare word */
demo_turn demo_thing_line;        /* line protocol with own times */
demo_turn demo_thing_bell;        /* an event whenever the truth becomes so */
demo_turn demo_thing_fixed;       /* the label as payload, once a day */
demo_turn demo_entity_restart;    /* Home Assistant restarts */
demo_turn demo_thing_burst;       /* DEMO_HOUSE_BURST messages in a second */

#endif
