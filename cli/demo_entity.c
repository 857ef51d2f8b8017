/* What Home Assistant publishes: mqtt_statestream, mqtt_eventstream and its status. The forms are
 * those of its integrations, in their order and with their QoS. */
#include <math.h>
#include <time.h>

#include "base/clock.h"
#include "cli/demo_device.h"

#define UNAVAILABLE (-1e9)

/* As Python's isoformat of a UTC moment: what Home Assistant writes. */
static void put_iso(struct buf *b, int64_t real_ns)
{
    time_t seconds = (time_t)(real_ns / CLOCK_NS_PER_S);
    struct tm t;
    gmtime_r(&seconds, &t);
    buf_printf(b, "%04d-%02d-%02dT%02d:%02d:%02d.%06d+00:00", t.tm_year + 1900, t.tm_mon + 1,
               t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec, (int)(real_ns % CLOCK_NS_PER_S / 1000));
}

static struct demo_outbox_message *begin_stream(struct demo_outbox *out,
                                                const struct demo_scene *scene,
                                                const struct demo_row *row, const char *leaf)
{
    struct demo_outbox_message *m = demo_device_message(out, scene, "homeassistant/", 1);
    buf_printf(&m->topic, "%s/%s/%s", row->domain, row->name, leaf);
    m->retained = true;
    return m;
}

/* The state goes out first, bare; then its time; attributes, as JSON, when they are news. */
static void send_state(struct demo_device *device, const struct demo_scene *scene,
                       struct demo_outbox *out, const char *state)
{
    const struct demo_row *row = device->row;
    buf_string(&begin_stream(out, scene, row, "state")->payload, state);
    put_iso(&begin_stream(out, scene, row, "last_updated")->payload,
            demo_device_real_ns(scene, scene->at_ns));
    if (device->known)
        return;
    buf_json_text(&begin_stream(out, scene, row, "friendly_name")->payload, text_of(row->label));
    if (row->unit)
        buf_json_text(&begin_stream(out, scene, row, "unit_of_measurement")->payload,
                      text_of(row->unit));
    if (row->device_class)
        buf_json_text(&begin_stream(out, scene, row, "device_class")->payload,
                      text_of(row->device_class));
}

/* The frail sensor's radio does not reach the gateway between ten and half past ten. */
static bool is_away(const struct demo_row *row, const struct demo_scene *scene)
{
    int second = demo_model_second_of_day(&scene->model, scene->at_ns);
    return row->frail && second >= 10 * 3600 && second < 10 * 3600 + 1800;
}

int64_t demo_entity_state(struct demo_device *device, const struct demo_scene *scene,
                          struct demo_outbox *out)
{
    const struct demo_row *row = device->row;
    double value = demo_device_tenths(row->figure(&scene->model, row->which, scene->at_ns));
    if (is_away(row, scene))
        value = UNAVAILABLE;
    if (!device->known || fabs(value - device->last) >= row->amount - 1e-9) {
        struct buf words = {0};
        if (value > UNAVAILABLE)
            buf_number(&words, value);
        else
            buf_string(&words, "unavailable");
        send_state(device, scene, out, buf_cstr(&words));
        buf_free(&words);
        device->last = value;
        device->known = true;
    }
    return demo_device_next_turn(device, scene);
}

int64_t demo_entity_state_word(struct demo_device *device, const struct demo_scene *scene,
                               struct demo_outbox *out)
{
    bool truth;
    if (demo_device_news(device, scene, &truth)) {
        send_state(device, scene, out, truth ? device->row->yes : device->row->no);
        device->known = true;
    }
    return demo_device_next_turn(device, scene);
}

static void put_state_object(struct buf *b, const struct demo_row *row, const char *state,
                             int64_t real_ns)
{
    buf_printf(b, "{\"entity_id\":\"%s.%s\",\"state\":\"%s\",\"attributes\":{\"friendly_name\":",
               row->domain, row->name, state);
    buf_json_text(b, text_of(row->label));
    buf_string(b, "},\"last_changed\":\"");
    put_iso(b, real_ns);
    buf_string(b, "\",\"last_reported\":\"");
    put_iso(b, real_ns);
    buf_string(b, "\",\"last_updated\":\"");
    put_iso(b, real_ns);
    buf_printf(b, "\",\"context\":{\"id\":\"01DEMO%020llX\",\"parent_id\":null,\"user_id\":null}}",
               (unsigned long long)real_ns);
}

static void send_call(const struct demo_scene *scene, struct demo_outbox *out,
                      const struct demo_row *row, bool truth)
{
    buf_printf(&demo_device_message(out, scene, "homeassistant/events", 0)->payload,
               "{\"event_type\":\"call_service\",\"event_data\":{\"domain\":\"light\","
               "\"service\":\"turn_%s\",\"service_data\":{\"entity_id\":[\"light.%s\"]}}}",
               truth ? "on" : "off", row->name);
}

int64_t demo_entity_event_word(struct demo_device *device, const struct demo_scene *scene,
                               struct demo_outbox *out)
{
    const struct demo_row *row = device->row;
    bool truth;
    if (!demo_device_news(device, scene, &truth))
        return demo_device_next_turn(device, scene);
    if (device->known && strcmp(row->domain, "light") == 0)
        send_call(scene, out, row, truth);
    int64_t real_ns = demo_device_real_ns(scene, scene->at_ns);
    struct buf *b = &demo_device_message(out, scene, "homeassistant/events", 0)->payload;
    buf_printf(b,
               "{\"event_type\":\"state_changed\",\"event_data\":{\"entity_id\":\"%s.%s\","
               "\"old_state\":",
               row->domain, row->name);
    if (device->known) /* since when the old state held, nobody looks at */
        put_state_object(b, row, truth ? row->no : row->yes, real_ns - CLOCK_NS_PER_S);
    else
        buf_string(b, "null");
    buf_string(b, ",\"new_state\":");
    put_state_object(b, row, truth ? row->yes : row->no, real_ns);
    buf_string(b, "}}");
    device->known = true;
    return demo_device_next_turn(device, scene);
}

int64_t demo_entity_restart(struct demo_device *device, const struct demo_scene *scene,
                            struct demo_outbox *out)
{
    static const char *const words[] = {"offline", "online"};
    for (size_t i = 0; i < 2; i++) {
        struct demo_outbox_message *m = demo_device_message(out, scene, device->row->name, 1);
        m->retained = true;
        buf_string(&m->payload, words[i]);
    }
    out->forget_states = true;
    return demo_device_next_daily(&scene->model, device->row->daily_s, scene->at_ns);
}
