/* The decoder json: see decoder_fuzz.h. The first byte of the topic chooses the source. */
#include "decoder_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define WORD(text) ((char *)(uintptr_t)(text))

static struct settings_tag fields[] = {
    {WORD("t"), WORD("a.b")}, {WORD("many"), WORD("list[*].v[*]?")}, {WORD("whole"), WORD("o?")}};
static struct settings_tag tags[] = {{WORD("who"), WORD("$.who?")}, {WORD("n"), WORD("n[0]?")}};

static struct settings_source sources[] = {
    {.filter = WORD("+a/#"), .numbers_in_text = true, .time_path = WORD("ts?")},
    {.filter = WORD("#"),
     .fields = fields,
     .fields_count = 3,
     .tag_paths = tags,
     .tag_paths_count = 2,
     .time_path = WORD("$.ts?"),
     .time_format = SETTINGS_TIME_ISO_LOCAL,
     .timezone = WORD("UTC")},
    {.filter = WORD("#"),
     .fields = fields,
     .fields_count = 3,
     .tag_paths = tags,
     .tag_paths_count = 2,
     .time_path = WORD("ts?"),
     .time_format = SETTINGS_TIME_EPOCH_MS,
     .elements = WORD("parts[*].in?")},
};

#define COUNT (sizeof sources / sizeof sources[0])

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return decoder_fuzz_source("json", &sources[size ? data[0] % COUNT : 0], data, size);
}
