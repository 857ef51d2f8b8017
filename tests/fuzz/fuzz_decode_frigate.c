/* The decoder frigate: see decoder_fuzz.h. */
#include "decoder_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return decoder_fuzz_run("frigate", "frigate/#", data, size);
}
