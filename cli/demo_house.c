#include "cli/demo_house.h"

#include <stdlib.h>

#include "base/clock.h"
#include "cli/demo_device.h"

struct demo_house {
    struct demo_scene scene;
    int64_t end_ns;
    struct demo_outbox out;
    struct demo_device devices[]; /* demo_row_count of them */
};

static enum err check(const struct demo_house_options *o, struct err_reason *why)
{
    /* Simulated moments must stay far from the ends of int64_t, whatever is added to them. */
    const int64_t most_ns = INT64_MAX / 2;
    if (!(o->speed >= 0.01 && o->speed <= 1e6))
        return err_explain(why, ERR_INVALID, "the speed must lie between 0.01 and 1000000");
    if (o->ago_ns < 0 || o->ago_ns > o->present_ns || o->present_ns > most_ns)
        return err_explain(why, ERR_INVALID, "the history must begin after 1970");
    if (o->span_ns <= 0)
        return err_explain(why, ERR_INVALID, "the span must be longer than nothing");
    return ERR_OK;
}

enum err demo_house_open(const struct demo_house_options *o, struct demo_house **ret_house,
                         struct err_reason *why)
{
    enum err err = check(o, why);
    if (err)
        return err;
    struct demo_house *house =
        calloc(1, sizeof(*house) + demo_row_count * sizeof(house->devices[0]));
    if (!house)
        return err_explain(why, ERR_NOMEM, "no memory for the demo house");
    house->scene = (struct demo_scene){.model = {o->seed, o->utc_offset_s},
                                       .topic_root = o->topic_root,
                                       .present_ns = o->present_ns,
                                       .speed = o->speed};
    int64_t left_ns = INT64_MAX / 4 * 3 - o->present_ns; /* the year 2189 is no end */
    house->end_ns = o->present_ns + (o->span_ns < left_ns ? o->span_ns : left_ns);
    for (size_t i = 0; i < demo_row_count; i++) {
        const struct demo_row *row = &demo_rows[i];
        int64_t from_ns = o->present_ns - (row->own_time ? o->ago_ns : 0);
        house->devices[i].row = row;
        house->devices[i].next_ns = demo_device_first_ns(row, &house->scene.model, from_ns);
    }
    *ret_house = house;
    return ERR_OK;
}

void demo_house_close(struct demo_house *house)
{
    if (!house)
        return;
    for (size_t i = 0; i < sizeof(house->out.messages) / sizeof(house->out.messages[0]); i++) {
        buf_free(&house->out.messages[i].topic);
        buf_free(&house->out.messages[i].payload);
    }
    free(house);
}

static struct demo_device *next_device(struct demo_house *house)
{
    struct demo_device *first = &house->devices[0];
    for (size_t i = 1; i < demo_row_count; i++)
        if (house->devices[i].next_ns < first->next_ns)
            first = &house->devices[i];
    return first;
}

/* After a restart Home Assistant has all its states again within two played seconds. */
static void forget_states(struct demo_house *house)
{
    int64_t step_ns = (int64_t)(house->scene.speed * 2e9 / (double)demo_row_count);
    for (size_t i = 0; i < demo_row_count; i++) {
        struct demo_device *device = &house->devices[i];
        if (device->row->turn != demo_entity_state && device->row->turn != demo_entity_state_word)
            continue;
        device->known = false;
        device->next_ns = house->scene.at_ns + (int64_t)(i + 1) * step_ns;
    }
}

static enum err take_turn(struct demo_house *house)
{
    struct demo_device *device = next_device(house);
    if (device->next_ns >= house->end_ns)
        return ERR_CLOSED;
    house->scene.at_ns = device->next_ns;
    house->out.made = house->out.taken = 0;
    device->next_ns = device->row->turn(device, &house->scene, &house->out);
    if (house->out.forget_states)
        forget_states(house);
    house->out.forget_states = false;
    return ERR_OK;
}

enum err demo_house_next(struct demo_house *house, struct demo_message *ret_message)
{
    while (house->out.taken == house->out.made) {
        enum err err = take_turn(house);
        if (err)
            return err;
    }
    const struct demo_outbox_message *m = &house->out.messages[house->out.taken++];
    if (m->topic.failed || m->payload.failed)
        return ERR_NOMEM;
    int64_t real_ns = demo_device_real_ns(&house->scene, house->scene.at_ns);
    *ret_message = (struct demo_message){
        .at_ns = house->scene.at_ns,
        .due_ns = real_ns > house->scene.present_ns ? real_ns : house->scene.present_ns,
        .topic = buf_view(&m->topic),
        .payload = buf_view(&m->payload),
        .content_type = text_of(m->content_type),
        .qos = m->qos,
        .retained = m->retained,
    };
    return ERR_OK;
}

size_t demo_house_devices(void)
{
    size_t count = 0;
    for (size_t i = 0; i < demo_row_count; i++)
        count += demo_rows[i].household;
    return count;
}
