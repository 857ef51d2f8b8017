#include "cli/init_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A key with its value, or as a comment with an example where nothing was said. */
static void key(struct buf *out, const char *name, const char *value, const char *example)
{
    buf_printf(out, value ? "  %s: " : "  # %s: ", name);
    if (value)
        buf_json_text(out, text_of(value)); /* a JSON text is a YAML one */
    else
        buf_string(out, example);
    buf_char(out, '\n');
}

static void put_broker(const struct init_file *f, struct buf *out)
{
    buf_string(out, "# The MQTT 5 broker. Secrets stand in files of their own: the first line "
                    "counts.\nbroker:\n");
    key(out, "url", f->broker, "");
    key(out, "username", f->username, "hearthline");
    key(out, "password_file", f->password_file, "broker.password");
    key(out, "ca_file", f->ca_file, "ca.pem  # for mqtts://, when the system does not know it");
}

static void put_influxdb(const struct init_file *f, struct buf *out)
{
    buf_string(out, "\n# InfluxDB 1.x, 2.x or 3.x: which one it is, is found out by asking.\n"
                    "influxdb:\n");
    key(out, "url", f->influxdb, "");
    buf_string(out,
               "  # The database of 1.x and 3.x, the bucket of 2.x; made when it is missing.\n");
    key(out, "database", f->database, "");
    key(out, "retention", NULL,
        "365d  # of a database that is made; without it data stay for ever");
    key(out, "org", f->org, "home  # 2.x");
    key(out, "token_file", f->token_file, "influxdb.token  # 2.x and 3.x");
    key(out, "username", f->influx_username, "hearthline  # 1.x");
    key(out, "password_file", f->influx_password_file, "influxdb.password  # 1.x");
    key(out, "ca_file", f->influx_ca_file,
        "ca.pem  # for https://, when the system does not know it");
}

static const char head[] =
    "# Hearthline's configuration, written by `hearthline init`. docs/configuration.md has every "
    "key;\n"
    "# `hearthline check FILE` says what is wrong, and with --effective what holds.\n"
    "\n"
    "# Hearthline's own topics lie below it: hearthline/readings/<device> and the others.\n"
    "topic_root: hearthline\n"
    "\n"
    "# Tags of every point.\n"
    "# tags: { site: home }\n"
    "\n";

static const char writer[] =
    "\n"
    "writer:\n"
    "  # What is received lies here until InfluxDB has it, and as history as long as there is "
    "room.\n"
    "  # A path that does not begin with / is taken from the folder of this file.\n"
    "  journal: { path: var/journal, max_bytes: 1 GiB }\n"
    "  # Which topics are stored, besides Hearthline's own. The first filter that matches takes "
    "the\n"
    "  # message; `hearthline explain` shows what becomes of one.\n"
    "  sources:\n"
    "    # Home Assistant, mqtt_statestream with base_topic: homeassistant\n"
    "    - { decoder: homeassistant_statestream, filter: \"homeassistant/+/+/state\" }\n"
    "    # Home Assistant, mqtt_eventstream with publish_topic: homeassistant/events\n"
    "    - { decoder: homeassistant_eventstream, filter: \"homeassistant/events\" }\n"
    "    # Devices that publish bare values: +name takes a level of the topic as a tag.\n"
    "    # - { decoder: value, filter: \"sensor/+room/+metric\" }\n";

static const char query[] =
    "\n"
    "query:\n"
    "  # Where /metrics and /healthz of the query service are served.\n"
    "  metrics_address: 127.0.0.1:9465\n"
    "  # When an alert is raised; `rules` would be alerts of your own.\n"
    "  # alerts: { silent_devices: true, journal_oldest: 5m }\n"
    "  # Answers that are published retained, by the clock: on hearthline/standing/day here.\n"
    "  # standing: [{ endpoint: stats, request: '{\"period\": \"24h\"}', every: 5m, topic: "
    "standing/day }]\n";

void init_file_text(const struct init_file *file, struct buf *out)
{
    buf_string(out, head);
    put_broker(file, out);
    put_influxdb(file, out);
    buf_string(out, writer);
    buf_string(out, query);
}

enum err init_file_draft(const char *path, struct text yaml, char ret_draft[INIT_FILE_PATH_SIZE],
                         struct err_reason *why)
{
    char draft[INIT_FILE_PATH_SIZE];
    int len = snprintf(draft, sizeof draft, "%s.XXXXXX", path);
    if (len < 0 || (size_t)len >= sizeof draft)
        return err_explain(why, ERR_TOO_LARGE, "--output: the name is too long");
    int descriptor = mkostemp(draft, O_CLOEXEC); /* 0600 */
    if (descriptor < 0)
        return err_explain_errno(why, ERR_IO, "cannot make a file beside %s", path);
    bool written = text_write(descriptor, yaml) && fsync(descriptor) == 0;
    enum err e = written ? ERR_OK : err_explain_errno(why, ERR_IO, "cannot write %s", draft);
    close(descriptor);
    if (e)
        unlink(draft);
    else
        memcpy(ret_draft, draft, sizeof draft);
    return e;
}

enum err init_file_publish(const char *draft, const char *path, bool force, struct err_reason *why)
{
    /* link does not replace a file that somebody made meanwhile; rename does. */
    int failed = force ? rename(draft, path) : link(draft, path);
    enum err e = ERR_OK;
    if (failed && errno == EEXIST)
        e = err_explain(why, ERR_BUSY, "%s is there already; --force replaces it", path);
    else if (failed)
        e = err_explain_errno(why, ERR_IO, "cannot write %s", path);
    if (failed || !force)
        unlink(draft);
    return e;
}
