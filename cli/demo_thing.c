/* What devices publish that are not Home Assistant's: readings, values, lines and events. */
#include <math.h>

#include "base/clock.h"
#include "cli/demo_device.h"
#include "cli/demo_house.h"

enum { DAY_S = 86400, ARRAY_READINGS = 30 };

static void put_figure(struct buf *b, const char *before, const struct demo_scene *scene,
                       demo_model_figure *figure, unsigned which)
{
    buf_string(b, before);
    buf_number(b, demo_device_tenths(figure(&scene->model, which, scene->at_ns)));
}

int64_t demo_thing_climate(struct demo_device *device, const struct demo_scene *scene,
                           struct demo_outbox *out)
{
    unsigned which = device->row->which;
    struct buf *b = &demo_device_message(out, scene, device->row->name, 1)->payload;
    put_figure(b, "{\"temperature\":", scene, demo_model_room_c, which);
    put_figure(b, ",\"humidity\":", scene, demo_model_humidity, which);
    put_figure(b, ",\"battery\":", scene, demo_model_battery, which);
    buf_char(b, '}');
    return demo_device_next_turn(device, scene);
}

int64_t demo_thing_air(struct demo_device *device, const struct demo_scene *scene,
                       struct demo_outbox *out)
{
    unsigned which = device->row->which;
    struct buf *b = &demo_device_message(out, scene, device->row->name, 1)->payload;
    put_figure(b, "{\"air\":{\"co2\":", scene, demo_model_co2, which);
    put_figure(b, ",\"pressure\":", scene, demo_model_pressure, which);
    put_figure(b, "},\"temperature\":", scene, demo_model_room_c, which);
    buf_string(b, ",\"filter_dirty\":false,\"note\":null}");
    return demo_device_next_turn(device, scene);
}

static void put_own_time(struct buf *b, const struct demo_scene *scene)
{
    char text[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(demo_device_real_ns(scene, scene->at_ns), text);
    buf_printf(b, "\"time\":\"%s\"", text);
}

int64_t demo_thing_meter(struct demo_device *device, const struct demo_scene *scene,
                         struct demo_outbox *out)
{
    const struct demo_row *row = device->row;
    double watts = demo_device_tenths(row->figure(&scene->model, row->which, scene->at_ns));
    if (!device->known) { /* it has counted since 2020, so that no start sets it back far */
        double days = (double)(scene->at_ns / CLOCK_NS_PER_S) / DAY_S - 18262;
        device->total_kwh = row->amount * days;
        device->known = true;
    }
    device->total_kwh += watts * row->period_s / 3.6e6;
    const char *name = strrchr(row->name, '/') + 1;
    struct buf *b = &demo_device_message(out, scene, row->name, 1)->payload;
    buf_printf(b, "{\"kind\":\"energy\",\"device\":\"%s\",", name);
    put_own_time(b, scene);
    buf_string(b, ",\"fields\":{\"power_watts\":");
    buf_number(b, watts);
    buf_string(b, ",\"energy_kwh\":");
    buf_number(b, round(device->total_kwh * 1000) / 1000);
    buf_string(b, "}}");
    return demo_device_next_turn(device, scene);
}

int64_t demo_thing_phm(struct demo_device *device, const struct demo_scene *scene,
                       struct demo_outbox *out)
{
    const struct demo_row *row = device->row;
    struct buf *b = &demo_device_message(out, scene, row->name, 1)->payload;
    buf_string(b, "{\"kind\":\"phm\",");
    put_own_time(b, scene);
    buf_string(b, ",\"tags\":{\"metric\":\"vibration_mm_s\"},\"fields\":{\"value\":");
    buf_number(b, round(row->figure(&scene->model, row->which, scene->at_ns) * 1000) / 1000);
    buf_string(b, "}}");
    return demo_device_next_turn(device, scene);
}

int64_t demo_thing_vm(struct demo_device *device, const struct demo_scene *scene,
                      struct demo_outbox *out)
{
    const struct demo_row *row = device->row;
    double cpu = row->figure(&scene->model, row->which, scene->at_ns);
    struct buf *b = &demo_device_message(out, scene, row->name, 1)->payload;
    buf_string(b, "{\"measurement\":\"vm_metrics\",");
    put_own_time(b, scene);
    buf_printf(b, ",\"tags\":{\"vm_id\":\"vm-%u\",\"host\":\"nas\"},\"fields\":{\"cpu_percent\":",
               row->which);
    buf_number(b, demo_device_tenths(cpu));
    buf_printf(b, ",\"memory_bytes\":%lld}}", 2147483648LL * row->which + (long long)(cpu * 8e6));
    return demo_device_next_turn(device, scene);
}

static void pack_bytes(struct buf *b, unsigned first, uint64_t number, unsigned size)
{
    buf_char(b, (char)first);
    while (size-- > 0)
        buf_char(b, (char)(number >> (8 * size) & 0xff));
}

static void pack_number(struct buf *b, const char *key, double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof(bits));
    buf_char(b, (char)(0xa0 | strlen(key)));
    buf_string(b, key);
    pack_bytes(b, 0xcb, bits, 8);
}

/* "time" as timestamp 64: 30 bits of ns above 34 bits of s, extension type -1. */
static void pack_time(struct buf *b, int64_t real_ns)
{
    uint64_t seconds = (uint64_t)(real_ns / CLOCK_NS_PER_S);
    uint64_t rest = (uint64_t)(real_ns % CLOCK_NS_PER_S);
    buf_string(b, "\xa4time\xd7");
    pack_bytes(b, 0xff, rest << 34 | seconds, 8);
}

int64_t demo_thing_heat_pump(struct demo_device *device, const struct demo_scene *scene,
                             struct demo_outbox *out)
{
    const struct demo_row *row = device->row;
    struct demo_outbox_message *m = demo_device_message(out, scene, row->name, 1);
    int64_t step_ns = row->period_s * CLOCK_NS_PER_S / ARRAY_READINGS;
    m->content_type = "application/msgpack";
    pack_bytes(&m->payload, 0xdc, ARRAY_READINGS, 2);
    for (int i = ARRAY_READINGS - 1; i >= 0; i--) {
        int64_t at_ns = scene->at_ns - i * step_ns;
        double watts = row->figure(&scene->model, row->which, at_ns);
        pack_bytes(&m->payload, 0x84, 0, 0);
        pack_time(&m->payload, demo_device_real_ns(scene, at_ns));
        pack_number(&m->payload, "power_watts", demo_device_tenths(watts));
        pack_number(&m->payload, "flow_temperature", demo_device_tenths(31 + watts / 150));
        pack_number(&m->payload, "return_temperature", demo_device_tenths(29 + watts / 350));
    }
    return demo_device_next_turn(device, scene);
}

int64_t demo_thing_value(struct demo_device *device, const struct demo_scene *scene,
                         struct demo_outbox *out)
{
    const struct demo_row *row = device->row;
    struct buf *b =
        &demo_device_message(out, scene, row->name, row->name[0] == '/' ? 1 : 0)->payload;
    buf_number(b, demo_device_tenths(row->figure(&scene->model, row->which, scene->at_ns)));
    return demo_device_next_turn(device, scene);
}

int64_t demo_thing_value_word(struct demo_device *device, const struct demo_scene *scene,
                              struct demo_outbox *out)
{
    bool truth;
    if (demo_device_news(device, scene, &truth)) {
        buf_string(&demo_device_message(out, scene, device->row->name, 1)->payload,
                   truth ? device->row->yes : device->row->no);
        device->known = true;
    }
    return demo_device_next_turn(device, scene);
}

int64_t demo_thing_line(struct demo_device *device, const struct demo_scene *scene,
                        struct demo_outbox *out)
{
    static const char *const hosts[] = {"router", "workbench\\ pi"};
    const struct demo_row *row = device->row;
    int64_t real_ns = demo_device_real_ns(scene, scene->at_ns);
    struct buf *b = &demo_device_message(out, scene, row->name, 1)->payload;
    for (unsigned i = 0; i < 2; i++) {
        double cpu = row->figure(&scene->model, row->which + i, scene->at_ns);
        buf_printf(b, "system_stats,host=%s cpu_percent=", hosts[i]);
        buf_number(b, demo_device_tenths(cpu));
        buf_printf(b, ",processes=%di %lld\n", 90 + (int)cpu, (long long)real_ns);
    }
    return demo_device_next_turn(device, scene);
}

int64_t demo_thing_bell(struct demo_device *device, const struct demo_scene *scene,
                        struct demo_outbox *out)
{
    bool truth;
    if (demo_device_news(device, scene, &truth)) {
        if (truth)
            buf_string(&demo_device_message(out, scene, device->row->name, 1)->payload,
                       device->row->label);
        device->known = true;
    }
    return demo_device_next_turn(device, scene);
}

int64_t demo_thing_fixed(struct demo_device *device, const struct demo_scene *scene,
                         struct demo_outbox *out)
{
    const struct demo_row *row = device->row;
    buf_string(&demo_device_message(out, scene, row->name, 1)->payload, row->label);
    return demo_device_next_daily(&scene->model, row->daily_s, scene->at_ns);
}

int64_t demo_thing_burst(struct demo_device *device, const struct demo_scene *scene,
                         struct demo_outbox *out)
{
    buf_printf(&demo_device_message(out, scene, device->row->name, 1)->payload,
               "{\"linkquality\":%u,\"burst_seq\":%u}", 40 + device->count % 200, device->count);
    if (++device->count % DEMO_HOUSE_BURST == 0)
        return demo_device_next_daily(&scene->model, device->row->daily_s, scene->at_ns);
    return scene->at_ns + (int64_t)(scene->speed * 1e9 / DEMO_HOUSE_BURST) - 1;
}
