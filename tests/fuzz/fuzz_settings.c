/* Any bytes as a configuration file: read or refused with words, never more. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int descriptor = memfd_create("settings", MFD_CLOEXEC);
    if (descriptor < 0)
        return 0;
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    if (write(descriptor, data, size) == (ssize_t)size) {
        struct settings *settings = NULL;
        struct err_reason why = {""};
        enum err err = settings_read(path, &settings, &why);
        if ((err == ERR_OK) != (settings != NULL) || (err != ERR_OK && !why.text[0]))
            abort();
        struct buf out = {0};
        if (settings)
            settings_effective(settings, &out);
        buf_free(&out);
        settings_free(settings);
    }
    close(descriptor);
    return 0;
}
