#include "cli/demo_device.h"

#include <math.h>

#include "base/clock.h"

enum { DAY_S = 86400 };

int64_t demo_device_real_ns(const struct demo_scene *scene, int64_t at_ns)
{
    if (at_ns <= scene->present_ns)
        return at_ns;
    return scene->present_ns + (int64_t)((double)(at_ns - scene->present_ns) / scene->speed);
}

int64_t demo_device_next_daily(const struct demo_model *model, int daily_s, int64_t after_ns)
{
    int64_t left_s = daily_s - demo_model_second_of_day(model, after_ns);
    if (left_s <= 0)
        left_s += DAY_S;
    return (after_ns / CLOCK_NS_PER_S + left_s) * CLOCK_NS_PER_S;
}

int64_t demo_device_first_ns(const struct demo_row *row, const struct demo_model *model,
                             int64_t from_ns)
{
    if (row->period_s == 0)
        return demo_device_next_daily(model, row->daily_s, from_ns);
    double share = demo_model_chance(model, (unsigned)(row - demo_rows) + 1000, 0);
    return from_ns + (int64_t)(share * row->period_s * 1e9);
}

int64_t demo_device_next_turn(const struct demo_device *device, const struct demo_scene *scene)
{
    return scene->at_ns + device->row->period_s * CLOCK_NS_PER_S;
}

struct demo_outbox_message *demo_device_message(struct demo_outbox *out,
                                                const struct demo_scene *scene, const char *topic,
                                                uint8_t qos)
{
    struct demo_outbox_message *m = &out->messages[out->made++];
    buf_reset(&m->topic);
    buf_reset(&m->payload);
    if (topic[0] == '/')
        buf_string(&m->topic, scene->topic_root);
    buf_string(&m->topic, topic);
    m->qos = qos;
    m->retained = false;
    m->content_type = "";
    return m;
}

double demo_device_tenths(double number)
{
    return round(number * 10) / 10;
}

bool demo_device_news(struct demo_device *device, const struct demo_scene *scene, bool *ret_truth)
{
    const struct demo_row *row = device->row;
    bool truth = row->truth(&scene->model, row->which, scene->at_ns);
    bool news = !device->known || truth != (device->last > 0);
    device->last = truth ? 1 : 0;
    *ret_truth = truth;
    return news;
}
