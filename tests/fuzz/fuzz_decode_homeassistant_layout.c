/* The decoder homeassistant_eventstream with layout: homeassistant, see decoder_fuzz.h. The first
 * byte of the topic chooses the source. */
#include "decoder_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define WORD(text) ((char *)(uintptr_t)(text))

static char *attributes[] = {WORD("a"), WORD("entity_id")};
static char *globs[] = {WORD("*a*.b?*"), WORD("s*")};
static struct settings_tag measurements[] = {{WORD("*x*"), WORD("m")}, {WORD("a.b"), WORD("n")}};

static struct settings_source sources[] = {
    {.filter = WORD("#"), .layout = SETTINGS_LAYOUT_HOMEASSISTANT},
    {.filter = WORD("#"),
     .layout = SETTINGS_LAYOUT_HOMEASSISTANT,
     .measurement_attr = SETTINGS_MEASUREMENT_CLASS,
     .tags_attributes = attributes,
     .tags_attributes_count = 2},
    {.filter = WORD("#"),
     .layout = SETTINGS_LAYOUT_HOMEASSISTANT,
     .measurement_attr = SETTINGS_MEASUREMENT_ENTITY,
     .override_measurements = measurements,
     .override_measurements_count = 2,
     .include = {.globs = globs, .globs_count = 2}},
};

#define COUNT (sizeof sources / sizeof sources[0])

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return decoder_fuzz_source("homeassistant_eventstream", &sources[size ? data[0] % COUNT : 0],
                               data, size);
}
