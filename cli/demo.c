#include "cli/demo.h"

#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/settings.h"
#include "bus/client.h"
#include "cli/demo_house.h"

enum {
    FIRST_CONNECT_MS = 30000,
    FIRST_CONNECT_SAY_MS = 1500,
    CLOSE_MS = 5000,
    TERMINAL_MS = 200, /* between two drawings of the bar */
    LINE_MS = 10000,   /* between two lines where there is no terminal */
    BAR_WIDTH = 24,
};

struct demo_options {
    const char *config, *broker;
    double speed;
    int64_t span_ns, ago_ns;
    uint64_t seed;
    bool loop;
};

struct demo {
    struct demo_options options;
    struct settings *settings; /* NULL without --config */
    struct bus_client *client;
    struct demo_house *house;
    struct clock clock;
    sigset_t signals; /* blocked, and waited for where the demo sleeps */
    int64_t begun_ms, shown_ms, present_ns, at_ns;
    uint64_t published, shown;
    bool terminal, stopped;
};

static const struct option demo_long_options[] = {
    {"config", required_argument, NULL, 'c'},
    {"broker", required_argument, NULL, 'b'},
    {"speed", required_argument, NULL, 'x'},
    {"span", required_argument, NULL, 's'},
    {"ago", required_argument, NULL, 'a'},
    {"seed", required_argument, NULL, 'r'},
    {"loop", no_argument, NULL, 'l'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static void print_help(void)
{
    printf("Usage: hearthline demo [OPTION]...\n"
           "Plays a house of %zu devices into a broker: Home Assistant's statestream and\n"
           "eventstream, readings in JSON and msgpack, bare values, events and line protocol,\n"
           "with the awkward things that real houses do.\n\n"
           "  --config FILE   take the broker and the topic root from hearthline.yaml\n"
           "  --broker URL    mqtt://host:port, instead of the file's (mqtt://127.0.0.1:1883)\n"
           "  --speed X       simulated seconds in a real one (60: a day in 24 minutes)\n"
           "  --span TIME     simulated time to play, as in 90m, 24h, 7d (24h)\n"
           "  --ago TIME      first the devices that send times of their own hand in what they\n"
           "                  recorded so long, so that a first graph is there at once; 0 for\n"
           "                  nothing (24h)\n"
           "  --seed N        another house of the same kind (1)\n"
           "  --loop          go on, day after day, until stopped\n"
           "  --help          this\n\n"
           "Ctrl-C ends it. Exit status: 0 played or stopped, 1 no connection to the broker,\n"
           "2 wrong usage.\n",
           demo_house_devices());
}

/* A time as in 90s, 15m, 24h, 7d, or 0. */
static bool read_time(const char *text, int64_t *ret_ns)
{
    static const struct {
        char unit;
        int64_t seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
    struct text number = text_of(text);
    long long count;
    if (strcmp(text, "0") == 0) {
        *ret_ns = 0;
        return true;
    }
    if (number.len < 2)
        return false;
    char unit = number.at[--number.len];
    if (!text_integer(number, &count) || count < 0 || count > 100000)
        return false;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (units[i].unit == unit) {
            *ret_ns = count * units[i].seconds * CLOCK_NS_PER_S;
            return true;
        }
    }
    return false;
}

static bool take_option(struct demo_options *o, int letter, const char *text)
{
    long long seed;
    switch (letter) {
    case 'c':
        o->config = text;
        return true;
    case 'b':
        o->broker = text;
        return true;
    case 'l':
        o->loop = true;
        return true;
    case 'x':
        return text_number(text_of(text), &o->speed) && o->speed >= 0.01 && o->speed <= 1e6;
    case 's':
        return read_time(text, &o->span_ns) && o->span_ns > 0;
    case 'a':
        return read_time(text, &o->ago_ns);
    case 'r':
        if (!text_integer(text_of(text), &seed))
            return false;
        o->seed = (uint64_t)seed;
        return true;
    default:
        return false;
    }
}

/* Returns -1 to go on, else the exit status. */
static int read_options(struct demo_options *o, int argc, char **argv)
{
    int letter, index = 0;
    optind = 1;
    while ((letter = getopt_long(argc, argv, "h", demo_long_options, &index)) != -1) {
        if (letter == 'h') {
            print_help();
            return 0;
        }
        if (letter == '?')
            return 2; /* getopt has said what */
        if (!take_option(o, letter, optarg)) {
            fprintf(stderr, "hearthline demo: --%s cannot be \"%s\" (see --help)\n",
                    demo_long_options[index].name, optarg);
            return 2;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "hearthline demo: what is \"%s\"? (see --help)\n", argv[optind]);
        return 2;
    }
    return -1;
}

static double demo_share(const struct demo *d)
{
    double share = (double)(d->at_ns - d->present_ns) / (double)d->options.span_ns;
    return share < 0 ? 0 : share > 1 ? 1 : share;
}

static void put_bar(const struct demo *d)
{
    char bar[BAR_WIDTH + 1];
    int full = (int)(demo_share(d) * BAR_WIDTH);
    memset(bar, '-', BAR_WIDTH);
    memset(bar, '#', (size_t)full);
    bar[BAR_WIDTH] = '\0';
    printf("[%s] %3d %%  ", bar, (int)(demo_share(d) * 100));
}

static void show(struct demo *d, bool last)
{
    int64_t now_ms = clock_monotonic_ms(&d->clock);
    int64_t since_ms = now_ms - d->shown_ms;
    if (!last && since_ms < (d->terminal ? TERMINAL_MS : LINE_MS))
        return;
    time_t at_s = (time_t)(d->at_ns / CLOCK_NS_PER_S);
    struct tm local;
    char day[40];
    localtime_r(&at_s, &local);
    strftime(day, sizeof(day), "%a %H:%M", &local);
    double rate = since_ms > 0 ? (double)(d->published - d->shown) * 1000 / (double)since_ms : 0;
    if (d->terminal)
        printf("\r\033[K");
    if (d->terminal && !d->options.loop)
        put_bar(d);
    bool away = bus_client_state(d->client) != BUS_UP;
    printf("%s%s in the house, %" PRIu64 " messages, %.0f a second%s%s",
           d->at_ns < d->present_ns ? "history: " : "", day, d->published, rate,
           away ? ", waiting for the broker" : "", d->terminal && !last ? "" : "\n");
    fflush(stdout);
    d->shown_ms = now_ms;
    d->shown = d->published;
}

/* Waits, at most wait_ms, for a signal that ends the demo; keeps the connection alive. */
static void rest(struct demo *d, int64_t wait_ms)
{
    int64_t turn_ms = bus_client_turn(d->client);
    if (wait_ms > turn_ms)
        wait_ms = turn_ms;
    if (wait_ms > TERMINAL_MS)
        wait_ms = TERMINAL_MS;
    struct timespec t = {.tv_sec = wait_ms / 1000, .tv_nsec = (long)(wait_ms % 1000 * 1000000)};
    if (sigtimedwait(&d->signals, NULL, &t) > 0)
        d->stopped = true;
    show(d, false);
}

static bool connect_first(struct demo *d, const char *url)
{
    int64_t now_ms = clock_monotonic_ms(&d->clock);
    int64_t say_ms = now_ms + FIRST_CONNECT_SAY_MS, until_ms = now_ms + FIRST_CONNECT_MS;
    while (!d->stopped && bus_client_state(d->client) != BUS_UP) {
        struct err_reason why;
        now_ms = clock_monotonic_ms(&d->clock);
        bus_client_last_error(d->client, &why);
        if (now_ms > say_ms) {
            printf("waiting for %s: %s\n", url, why.text);
            fflush(stdout);
            say_ms = until_ms;
        }
        if (now_ms > until_ms) {
            fprintf(stderr, "hearthline demo: no connection to %s: %s\n", url, why.text);
            return false;
        }
        bus_client_turn(d->client);
        struct timespec t = {.tv_nsec = 20 * 1000000};
        if (sigtimedwait(&d->signals, NULL, &t) > 0)
            d->stopped = true;
    }
    return true;
}

/* Publishes one message; waits while the connection is down or too much is under way. */
static enum err publish(struct demo *d, const struct demo_message *m)
{
    struct buf topic = {0};
    struct bus_publish how = {
        .qos = m->qos, .retained = m->retained, .content_type = m->content_type};
    enum err err = ERR_CLOSED;
    buf_text(&topic, m->topic);
    while (!d->stopped) {
        err = bus_client_publish(d->client, buf_cstr(&topic), m->payload, how);
        if (err != ERR_CLOSED && err != ERR_FULL)
            break;
        rest(d, 5);
    }
    buf_free(&topic);
    d->published += err == ERR_OK;
    return d->stopped ? ERR_OK : err;
}

static enum err play(struct demo *d)
{
    struct demo_message m;
    while (!d->stopped) {
        enum err err = demo_house_next(d->house, &m);
        if (err)
            return err;
        d->at_ns = m.at_ns;
        int64_t left_ns;
        while (!d->stopped && (left_ns = m.due_ns - clock_real_ns(&d->clock)) > 0)
            rest(d, left_ns / CLOCK_NS_PER_MS + 1);
        if (d->published % 64 == 0)
            rest(d, 0);
        err = publish(d, &m);
        if (err)
            return err;
    }
    return ERR_OK;
}

static enum err open_client(struct demo *d, const char *url, struct err_reason *why)
{
    char id[40];
    snprintf(id, sizeof(id), "hearthline-demo-%d", (int)getpid());
    struct bus_options bus = {0};
    if (d->settings)
        bus = bus_options_from(settings_writer_broker(d->settings));
    bus.url = url;
    bus.client_id = id;
    bus.clock = d->clock;
    return bus_client_open(&bus, &d->client, why);
}

static enum err open_house(struct demo *d, struct err_reason *why)
{
    d->present_ns = d->at_ns = clock_real_ns(&d->clock);
    time_t now_s = (time_t)(d->present_ns / CLOCK_NS_PER_S);
    struct tm local;
    localtime_r(&now_s, &local);
    const struct demo_house_options house = {
        .seed = d->options.seed,
        .topic_root = d->settings ? d->settings->topic_root : "hearthline",
        .present_ns = d->present_ns,
        .ago_ns = d->options.ago_ns,
        .span_ns = d->options.loop ? INT64_MAX : d->options.span_ns,
        .speed = d->options.speed,
        .utc_offset_s = (int)local.tm_gmtoff,
    };
    return demo_house_open(&house, &d->house, why);
}

static const char *broker_url(const struct demo *d)
{
    if (d->options.broker)
        return d->options.broker;
    return d->settings ? settings_writer_broker(d->settings)->url : "mqtt://127.0.0.1:1883";
}

static enum err play_all(struct demo *d, const char *url)
{
    d->terminal = isatty(STDOUT_FILENO);
    d->begun_ms = d->shown_ms = clock_monotonic_ms(&d->clock);
    printf("playing %zu devices into %s, %g times as fast as real time\n", demo_house_devices(),
           url, d->options.speed);
    fflush(stdout);
    enum err err = play(d);
    show(d, true);
    bus_client_close(d->client, CLOSE_MS); /* waits for what is under way */
    d->client = NULL;
    double seconds = (double)(clock_monotonic_ms(&d->clock) - d->begun_ms) / 1000;
    printf("%s after %.1f s: %" PRIu64 " messages published\n", d->stopped ? "stopped" : "ended",
           seconds, d->published);
    return err == ERR_CLOSED ? ERR_OK : err; /* closed: the span is over */
}

int demo_main(int argc, char **argv)
{
    struct demo d = {.clock = clock_system(),
                     .options = {.speed = 60,
                                 .span_ns = 86400 * CLOCK_NS_PER_S,
                                 .ago_ns = 86400 * CLOCK_NS_PER_S,
                                 .seed = 1}};
    struct err_reason why = {""};
    int status = read_options(&d.options, argc, argv);
    if (status >= 0)
        return status;
    status = 1;
    /* Blocked before paho's threads begin, which inherit it. */
    sigemptyset(&d.signals);
    sigaddset(&d.signals, SIGINT);
    sigaddset(&d.signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &d.signals, NULL);

    enum err err = ERR_OK;
    if (d.options.config)
        err = settings_read(d.options.config, &d.settings, &why);
    const char *url = err ? "" : broker_url(&d);
    if (!err)
        err = open_client(&d, url, &why);
    if (!err && !connect_first(&d, url))
        goto out;
    if (!err)
        err = open_house(&d, &why);
    if (!err && !d.stopped)
        err = play_all(&d, url);
    if (err)
        fprintf(stderr, "hearthline demo: %s\n", why.text[0] ? why.text : err_text(err));
    status = err == ERR_OK ? 0 : err == ERR_INVALID ? 2 : 1;
out:
    bus_client_close(d.client, 0);
    demo_house_close(d.house);
    settings_free(d.settings);
    return status;
}
