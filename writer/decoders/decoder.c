#include "writer/decoders/decoder.h"

#include "writer/decoders/esphome.h"
#include "writer/decoders/event.h"
#include "writer/decoders/frigate.h"
#include "writer/decoders/homeassistant_eventstream.h"
#include "writer/decoders/homeassistant_statestream.h"
#include "writer/decoders/json.h"
#include "writer/decoders/line.h"
#include "writer/decoders/reading.h"
#include "writer/decoders/service_metrics.h"
#include "writer/decoders/shelly1.h"
#include "writer/decoders/shelly2.h"
#include "writer/decoders/tasmota.h"
#include "writer/decoders/theengs.h"
#include "writer/decoders/value.h"
#include "writer/decoders/zigbee2mqtt.h"

static const struct decoder *const decoders[] = {
    &reading_decoder,
    &event_decoder,
    &service_metrics_decoder,
    &line_decoder,
    &value_decoder,
    &homeassistant_statestream_decoder,
    &homeassistant_eventstream_decoder,
    &zigbee2mqtt_decoder,
    &esphome_decoder,
    &json_decoder,
    &tasmota_decoder,
    &shelly1_decoder,
    &shelly2_decoder,
    &theengs_decoder,
    &frigate_decoder,
};

#define DECODER_COUNT (sizeof decoders / sizeof decoders[0])

const struct decoder *decoder_find(struct text name)
{
    for (size_t i = 0; i < DECODER_COUNT; i++) {
        if (text_equal(name, text_of(decoders[i]->name)))
            return decoders[i];
    }
    return NULL;
}

const struct decoder *decoder_at(size_t index)
{
    return index < DECODER_COUNT ? decoders[index] : NULL;
}
