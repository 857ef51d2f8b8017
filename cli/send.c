#include "cli/send.h"

#include <stdio.h>
#include <unistd.h>

#include "bus/client.h"
#include "cli/body.h"
#include "cli/config.h"
#include "cli/options.h"
#include "cli/say.h"
#include "schemas/topics.h"

enum { CLOSE_MS = 2000, TURN_MS = 10 };

struct send_options {
    const char *config, *broker, *username, *password_file, *content_type, *topic, *payload;
    uint32_t qos, timeout_s;
    bool retain, absolute;
};

#define MEMBER(member) .offset = offsetof(struct send_options, member)

static const struct options_row rows[] = {
    {.name = "TOPIC",
     .kind = OPTIONS_ARGUMENT,
     MEMBER(topic),
     .needed = true,
     .help = "below the topic root: readings/kitchen, events/backup, line"},
    {.name = "PAYLOAD",
     .kind = OPTIONS_ARGUMENT,
     MEMBER(payload),
     .needed = true,
     .help = "the payload, or - for standard input"},
    {.name = "absolute",
     .kind = OPTIONS_FLAG,
     MEMBER(absolute),
     .help = "TOPIC is the whole topic"},
    {.name = "qos",
     .kind = OPTIONS_NUMBER,
     MEMBER(qos),
     .value = "N",
     .max = 1,
     .help = "0: do not wait for the broker's word (1)"},
    {.name = "retain",
     .kind = OPTIONS_FLAG,
     MEMBER(retain),
     .help = "the broker keeps it for those who subscribe later"},
    {.name = "content-type",
     .kind = OPTIONS_TEXT,
     MEMBER(content_type),
     .value = "TYPE",
     .help = "MQTT 5's Content Type, like application/msgpack"},
    {.name = "timeout",
     .kind = OPTIONS_NUMBER,
     MEMBER(timeout_s),
     .value = "S",
     .min = 1,
     .max = 3600,
     .help = "give up after so many seconds (10)"},
    {.name = "broker",
     .kind = OPTIONS_TEXT,
     MEMBER(broker),
     .value = "URL",
     .help = "mqtt://host:port, and no configuration unless --config names one"},
    {.name = "username",
     .kind = OPTIONS_TEXT,
     MEMBER(username),
     .value = "NAME",
     .help = "user at the broker, instead of the configuration's"},
    {.name = "password-file",
     .kind = OPTIONS_TEXT,
     MEMBER(password_file),
     .value = "FILE",
     .help = "file whose first line is that user's password"},
    OPTIONS_CONFIG(struct send_options),
};

static const struct options_table table = {
    .command = "send",
    .about = "Publishes one message and waits until the broker has acknowledged it.\n",
    OPTIONS_ROWS(rows),
    .after = "Example: hearthline send readings/kitchen '{\"temperature\": 21.5}'\n\n"
             "Exit status: 0 the broker has it, 1 it has not said so, 2 wrong usage.\n",
};

static enum err open_client(const struct settings *settings, const struct send_options *options,
                            struct bus_client **ret_client, struct err_reason *why)
{
    const struct settings_broker *broker = settings_writer_broker(settings);
    char id[40];
    snprintf(id, sizeof id, "hearthline-send-%d", (int)getpid());
    bool other_user = options->username != NULL;
    struct bus_options bus = {
        .client_id = id,
        .url = options->broker ? options->broker : broker->url,
        .username = other_user ? options->username : broker->username,
        .password_file =
            other_user || options->password_file ? options->password_file : broker->password_file,
        .ca_file = broker->ca_file,
        .cert_file = broker->cert_file,
        .key_file = broker->key_file,
    };
    return bus_client_open(&bus, ret_client, why);
}

/* At QoS 0 there is no word to wait for but the connection's. */
static enum err publish_unacknowledged(struct bus_client *client, const char *topic,
                                       struct text payload, struct bus_publish how,
                                       uint32_t timeout_ms)
{
    for (uint32_t waited_ms = 0; waited_ms < timeout_ms; waited_ms += TURN_MS) {
        bus_client_turn(client);
        enum err e = bus_client_publish(client, topic, payload, how);
        if (e != ERR_CLOSED && e != ERR_FULL)
            return e;
        usleep(TURN_MS * 1000);
    }
    return ERR_TIMEOUT;
}

/* The topic as the broker is told it; says so when the writer would reject it. */
static const char *whole_topic(const struct settings *settings, const struct send_options *options,
                               struct buf *memory)
{
    if (!options->absolute)
        buf_printf(memory, "%s/", settings->topic_root);
    buf_string(memory, options->topic);
    struct text topic = text_of(buf_cstr(memory));
    if (topic_parse(settings->topic_root, topic).kind == TOPIC_UNKNOWN) {
        struct buf nearest = {0};
        topic_nearest(settings->topic_root, topic, &nearest);
        fprintf(stderr,
                "hearthline send: the writer will reject this topic (unknown_topic); the nearest "
                "that it takes is %s\n",
                buf_cstr(&nearest));
        buf_free(&nearest);
    }
    return buf_cstr(memory);
}

static enum err publish(struct bus_client *client, const struct send_options *options,
                        const char *topic, struct text payload, struct err_reason *why)
{
    struct bus_publish how = {.qos = (uint8_t)options->qos,
                              .retained = options->retain,
                              .content_type = text_of(options->content_type)};
    uint32_t timeout_ms = options->timeout_s * 1000;
    enum err e = options->qos == 0
                     ? publish_unacknowledged(client, topic, payload, how, timeout_ms)
                     : bus_client_publish_wait(client, topic, payload, how, timeout_ms);
    if (e) {
        struct err_reason words = {""};
        bus_client_last_error(client, &words);
        (void)err_explain(why, e, "%s: %s%s%s", topic,
                          e == ERR_TIMEOUT ? "the broker has not acknowledged it in time"
                                           : err_text(e),
                          words.text[0] ? ": " : "", words.text);
    }
    return e;
}

int send_main(int argc, char **argv)
{
    struct send_options options = {.qos = 1, .timeout_s = 10};
    struct settings *settings = NULL;
    struct bus_client *client = NULL;
    struct err_reason why = {""};
    struct buf topic = {0}, memory = {0};
    struct text payload = {NULL, 0};
    int status = options_read(&table, argc, argv, &options);
    if (status != OPTIONS_GO_ON)
        return status;
    /* A password is not taken to another broker than the one it is meant for. */
    const char *config = options.broker && !options.config ? "/dev/null" : options.config;
    enum err e = config_read_or_defaults(config, &settings, &why);
    if (!e)
        e = body_read(options.payload, &memory, &payload, &why);
    if (!e)
        e = open_client(settings, &options, &client, &why);
    if (!e)
        e = publish(client, &options, whole_topic(settings, &options, &topic), payload, &why);
    bus_client_close(client, CLOSE_MS);
    if (!e)
        printf("%s: %zu bytes %s\n", buf_cstr(&topic), payload.len,
               options.qos == 0 ? "sent, without acknowledgement (QoS 0)" : "acknowledged");
    status = e ? say_failed("send", e, &why) : 0;
    buf_free(&topic);
    buf_free(&memory);
    settings_free(settings);
    return status;
}
