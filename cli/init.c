#include "cli/init.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/init_file.h"
#include "cli/options.h"
#include "cli/say.h"
#include "cli/trial_broker.h"
#include "cli/trial_influx.h"
#include "writer/decoders/source.h"

struct init_options {
    struct init_file file;
    const char *output;
    bool force, untried;
};

#define MEMBER(member) .offset = offsetof(struct init_options, member)
#define TEXT_ROW(option, member, stands_for, words)                                                \
    {                                                                                              \
        .name = option, .kind = OPTIONS_TEXT, MEMBER(member), .value = stands_for, .help = words   \
    }

static const struct options_row rows[] = {
    TEXT_ROW("broker", file.broker, "URL",
             "mqtt://host:port, mqtts:// for TLS (mqtt://127.0.0.1:1883)"),
    TEXT_ROW("username", file.username, "NAME", "user at the broker"),
    TEXT_ROW("password-file", file.password_file, "FILE",
             "file whose first line is that user's password"),
    TEXT_ROW("ca-file", file.ca_file, "FILE", "authorities to trust for mqtts://"),
    TEXT_ROW("influxdb", file.influxdb, "URL", "http(s)://host:port (http://127.0.0.1:8086)"),
    TEXT_ROW("influx-username", file.influx_username, "NAME", "user of InfluxDB 1.x"),
    TEXT_ROW("influx-password-file", file.influx_password_file, "FILE",
             "file whose first line is that user's password"),
    TEXT_ROW("token-file", file.token_file, "FILE",
             "file whose first line is the token of InfluxDB 2.x or 3.x"),
    TEXT_ROW("influx-ca-file", file.influx_ca_file, "FILE", "authorities to trust for https://"),
    TEXT_ROW("database", file.database, "NAME",
             "database, the bucket of 2.x (home_assistant_events)"),
    TEXT_ROW("org", file.org, "NAME", "organisation of InfluxDB 2.x"),
    TEXT_ROW("output", output, "FILE", "the configuration to write (hearthline.yaml)"),
    {.name = "force",
     .kind = OPTIONS_FLAG,
     MEMBER(force),
     .help = "replace a file that is there already"},
    {.name = "untried",
     .kind = OPTIONS_FLAG,
     MEMBER(untried),
     .help = "write the file without asking the servers"},
};

static const struct options_table table = {
    .command = "init",
    .about = "Tries a broker and an InfluxDB as the writer will use them, says what it found, and "
             "writes\na commented configuration. The database is made when it is missing; no point "
             "is\nwritten. Without options it tries the servers of this machine. The file is not "
             "written\nwhen a server does not answer or refuses the credentials.\n",
    OPTIONS_ROWS(rows),
    .after = "Exit status: 0 the file is written and all is ready, 1 something is wrong or left to "
             "do\n(the words say what), 2 wrong usage.\n",
};

/* Files are named from where the command was called; in the configuration they would be taken from
 * its folder. */
static enum err make_absolute(const char *option, const char **path, char **ret_owned,
                              struct err_reason *why)
{
    if (!*path)
        return ERR_OK;
    *ret_owned = realpath(*path, NULL);
    if (!*ret_owned)
        return err_explain_errno(why, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "--%s %s", option,
                                 *path);
    *path = *ret_owned;
    return ERR_OK;
}

enum { FILES = 5 };

static enum err make_all_absolute(struct init_file *f, char *owned[FILES], struct err_reason *why)
{
    const struct {
        const char *option, **path;
    } files[FILES] = {{"password-file", &f->password_file},
                      {"ca-file", &f->ca_file},
                      {"influx-password-file", &f->influx_password_file},
                      {"token-file", &f->token_file},
                      {"influx-ca-file", &f->influx_ca_file}};
    enum err e = ERR_OK;
    for (size_t i = 0; i < FILES && !e; i++)
        e = make_absolute(files[i].option, files[i].path, &owned[i], why);
    return e;
}

static enum err try_broker(const struct settings *settings, struct err_reason *why)
{
    struct trial_broker found = {0};
    printf("Broker %s\n", settings_writer_broker(settings)->url);
    fflush(stdout);
    enum err e = trial_broker(settings, &found, why);
    if (e)
        return e;
    printf("  connected with MQTT 5; version: ");
    say_visible(stdout, text_of(found.version[0] ? found.version : "not said"),
                sizeof found.version);
    printf("\n  a message was published, acknowledged and received back in %.1f ms\n",
           found.round_ms);
    if (found.refused > 0)
        printf("  it refuses %u of the topics: %s\n", found.refused, found.refusal);
    if (found.states > 0)
        printf("  Home Assistant's topics hold %u retained states\n", found.states);
    else
        puts("  Home Assistant's topics (homeassistant/...) hold nothing yet: its integrations\n"
             "  mqtt_statestream and mqtt_eventstream publish there");
    return ERR_OK;
}

/* *ret_ready: nothing is left to do. */
static enum err try_influx(const struct settings *settings, bool *ret_ready, struct err_reason *why)
{
    const struct settings_influxdb *s = &settings->influxdb;
    struct trial_influx found;
    printf("InfluxDB %s\n", s->url);
    fflush(stdout);
    enum err e = trial_influx(settings, &found, why);
    if (e)
        return e;
    printf("  version %s, spoken to as %s\n", found.version, found.dialect);
    printf("  database \"%s\": %s\n", s->database, found.database);
    if (found.database_ready)
        printf("  writing to it is %s%s\n",
               found.may_write ? "allowed" : "not allowed: ", found.may_write ? "" : found.refusal);
    *ret_ready = found.database_ready && found.may_write;
    return ERR_OK;
}

/* Where the environment names another server than the file, that one was tried. */
static void say_environment(const struct init_file *file, const struct settings *settings)
{
    if (strcmp(file->influxdb, settings->influxdb.url) != 0 ||
        strcmp(file->database, settings->influxdb.database) != 0)
        printf("The environment wins over the file: it says database \"%s\" at %s\n",
               settings->influxdb.database, settings->influxdb.url);
}

/* The configuration as the services will read it. The draft does not stay while servers are asked:
 * that takes a while, and a person may end it. */
static enum err read_back(const struct init_options *options, struct text yaml,
                          struct settings **ret_settings, struct err_reason *why)
{
    char draft[INIT_FILE_PATH_SIZE];
    struct sources *sources = NULL;
    struct settings *settings = NULL;
    enum err e = init_file_draft(options->output, yaml, draft, why);
    if (e)
        return e;
    e = settings_read(draft, &settings, why);
    unlink(draft);
    if (!e)
        e = sources_open(settings, &sources, why);
    sources_close(sources);
    if (e)
        settings_free(settings);
    else
        *ret_settings = settings;
    return e;
}

static enum err try_servers(const struct init_options *options, const struct settings *settings,
                            bool *ret_ready, struct err_reason *why)
{
    say_environment(&options->file, settings);
    *ret_ready = true;
    if (options->untried)
        return ERR_OK;
    enum err e = try_broker(settings, why);
    return e ? e : try_influx(settings, ret_ready, why);
}

static enum err write_file(const struct init_options *options, bool *ret_ready,
                           struct err_reason *why)
{
    struct buf yaml = {0};
    struct settings *settings = NULL;
    char draft[INIT_FILE_PATH_SIZE];
    if (!options->force && access(options->output, F_OK) == 0)
        return err_explain(why, ERR_BUSY, "%s is there already; --force replaces it",
                           options->output);
    init_file_text(&options->file, &yaml);
    enum err e = yaml.failed ? ERR_NOMEM : read_back(options, buf_view(&yaml), &settings, why);
    if (!e)
        e = try_servers(options, settings, ret_ready, why);
    if (!e)
        e = init_file_draft(options->output, buf_view(&yaml), draft, why);
    if (!e)
        e = init_file_publish(draft, options->output, options->force, why);
    settings_free(settings);
    buf_free(&yaml);
    return e;
}

int init_main(int argc, char **argv)
{
    struct init_options options = {.file = {.broker = "mqtt://127.0.0.1:1883",
                                            .influxdb = "http://127.0.0.1:8086",
                                            .database = "home_assistant_events"},
                                   .output = "hearthline.yaml"};
    struct err_reason why = {""};
    char *owned[FILES] = {NULL};
    bool ready = false;
    int status = options_read(&table, argc, argv, &options);
    if (status != OPTIONS_GO_ON)
        return status;
    enum err e = make_all_absolute(&options.file, owned, &why);
    if (!e)
        e = write_file(&options, &ready, &why);
    if (e)
        status = say_failed("init", e, &why);
    else
        status = ready ? 0 : OPTIONS_EXIT_FAILED;
    if (!e)
        printf("Written: %s\n%s: hearthline-writer --config %s\n", options.output,
               ready ? "Next" : "When that is done", options.output);
    for (size_t i = 0; i < FILES; i++)
        free(owned[i]);
    return status;
}
