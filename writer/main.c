/* hearthline-writer: reads the configuration, opens, runs, closes. */
#include <stdlib.h>

#include "base/program.h"
#include "writer/writer.h"

static const char help[] =
    "Usage: hearthline-writer --config FILE\n"
    "\n"
    "Takes what a house says on MQTT, keeps it in a journal on disk, and stores it in InfluxDB.\n"
    "\n"
    "  -c, --config FILE  the configuration (hearthline.yaml); docs/configuration.md has every "
    "key\n"
    "  -h, --help         this text\n"
    "  -V, --version      the version\n"
    "\n"
    "The log goes to standard error. SIGTERM and SIGINT stop it: what is decoded is delivered "
    "first.\n"
    "Exit: 0 stopped, 64 wrong arguments, 69 another instance runs under this name or on this "
    "journal,\n"
    "75 no memory, or the journal has no room even in its reserve (start again; nothing\n"
    "acknowledged is lost),\n"
    "78 the configuration cannot be used.\n";

static enum err run(const struct program_given *given, int *ret_exit, struct err_reason *why)
{
    struct writer *writer = NULL;
    enum err e = writer_open(given->settings, given->path, given->log, given->clock,
                             getenv("HEARTHLINE_TEST_DIE_AT"), &writer, ret_exit, why);
    if (e == ERR_OK)
        *ret_exit = writer_run(writer);
    writer_close(writer);
    return e;
}

int main(int argc, char **argv)
{
    static const struct program writer = {.name = "hearthline-writer", .help = help, .run = run};
    return program_main(&writer, argc, argv);
}
