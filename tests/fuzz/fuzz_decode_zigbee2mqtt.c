/* The decoder zigbee2mqtt: see decoder_fuzz.h. */
#include "decoder_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return decoder_fuzz_run("zigbee2mqtt", "zigbee2mqtt/#", data, size);
}
