#include "cli/watch.h"

#include <signal.h>

#include "base/clock.h"
#include "bus/rpc_client.h"
#include "cli/command.h"
#include "cli/terminal.h"
#include "cli/watch_screen.h"
#include "schemas/topics.h"

enum {
    ASK_EVERY_MS = 10000,
    ANSWER_MS = 5000,
    SETTLE_MS = 300, /* for what is retained, which may come behind the first answer */
    DRAWN_EVERY_S = 1,
    PLAIN_EVERY_S = 10, /* as often as the services speak */
};

struct watch_options {
    const char *config;
    uint32_t interval_s; /* 0: not said */
    bool once;
};

#define MEMBER(member) .offset = offsetof(struct watch_options, member)

static const struct options_row rows[] = {
    {.name = "interval",
     .kind = OPTIONS_SPAN,
     MEMBER(interval_s),
     .value = "SPAN",
     .min = 1,
     .max = 86400,
     .help = "show it anew so often (1s; 10s where the output is no terminal)"},
    {.name = "once",
     .kind = OPTIONS_FLAG,
     MEMBER(once),
     .help = "show it once, when the first answer has come or 5 seconds are over"},
    OPTIONS_CONFIG(struct watch_options),
};

static const struct options_table table = {
    .command = "watch",
    .about = "Shows how the house does: the services, how many messages and points flow, what "
             "waits in\nthe journal, whether the ledger balances, what the query service answers "
             "to `stats` and\nfrom where, and the alerts that stand. All of it is heard on the "
             "bus; what is old says so.\nWhere the output is no terminal, it is a block of text "
             "each time. q or Ctrl-C ends it.\n",
    OPTIONS_ROWS(rows),
    .after = "Exit status: 0 done, 1 it failed, or with --once the broker could not be reached, 2 "
             "wrong\nusage.\n",
};

struct watch {
    const struct watch_options *options;
    const struct settings *settings;
    struct clock clock;
    struct rpc_client *client;
    struct watch_house *house;
    struct rpc_answer answer;
    struct buf topic, screen;
    struct terminal terminal;
    sigset_t signals;
    unsigned columns, rows;  /* of the terminal, when it was drawn */
    int64_t draw_ms, ask_ms; /* when it is time again, monotonic */
    bool shows;              /* from now on */
    bool connected;          /* when it was shown last */
    bool ended;
};

/* --- showing ---------------------------------------------------------------------- */

static struct watch_frame frame_of(struct watch *w, const char *broker_error)
{
    struct watch_frame frame = {
        .now_ns = clock_real_ns(&w->clock),
        .broker = settings_query_broker(w->settings)->url,
        .broker_error = broker_error,
        .connected = rpc_client_state(w->client) == BUS_UP,
        .drawn = w->terminal.drawn,
        .painted = terminal_can_paint(),
        .hint = w->terminal.drawn ? (w->terminal.keys ? "q ends it" : "Ctrl-C ends it") : "",
    };
    if (terminal_can_draw())
        terminal_size(&frame.columns, &frame.rows);
    if (!frame.drawn)
        frame.rows = 0;
    return frame;
}

static void show(struct watch *w)
{
    struct err_reason why = {""};
    rpc_client_last_error(w->client, &why);
    struct watch_frame frame = frame_of(w, why.text);
    buf_reset(&w->screen);
    watch_screen(w->house, &frame, &w->screen);
    if (!frame.drawn && !w->options->once)
        buf_char(&w->screen, '\n');
    w->connected = frame.connected;
    w->columns = frame.columns;
    w->rows = frame.rows;
    if (!terminal_write(buf_view(&w->screen)))
        w->ended = true;
}

static bool resized(const struct watch *w)
{
    unsigned columns = w->columns, lines = w->rows;
    if (w->terminal.drawn)
        terminal_size(&columns, &lines);
    return columns != w->columns || lines != w->rows;
}

static uint32_t interval_ms(const struct watch *w)
{
    uint32_t preset_s = w->terminal.drawn ? DRAWN_EVERY_S : PLAIN_EVERY_S;
    return (w->options->interval_s ? w->options->interval_s : preset_s) * 1000;
}

/* Asked by the client while it waits, also for an answer: signals, keys and the screen. */
static bool tick(void *context)
{
    struct watch *w = context;
    const struct timespec at_once = {0};
    int64_t now_ms = clock_monotonic_ms(&w->clock);
    if (sigtimedwait(&w->signals, NULL, &at_once) > 0 || terminal_pressed(&w->terminal, 'q'))
        w->ended = true;
    if (w->ended || !w->shows || (now_ms < w->draw_ms && !resized(w)))
        return w->ended;
    w->draw_ms = now_ms + interval_ms(w);
    show(w);
    return w->ended;
}

/* --- hearing and asking ----------------------------------------------------------- */

static void heard(void *context, const struct bus_message *message)
{
    struct watch *w = context;
    watch_house_hear(w->house, w->settings->topic_root, message->topic, message->payload,
                     message->retained, clock_real_ns(&w->clock));
}

static void ask(struct watch *w)
{
    struct err_reason why = {""};
    buf_reset(&w->topic);
    const struct rpc_question question = {
        .topic = topic_request(&w->topic, w->settings->topic_root, "stats"),
        .payload = TEXT("{}"),
        .content_type = TEXT("application/json"),
        .timeout_ms = ANSWER_MS,
    };
    enum err e = rpc_client_ask(w->client, &question, &w->answer, &why);
    w->ask_ms = clock_monotonic_ms(&w->clock) + ASK_EVERY_MS;
    if (w->ended)
        return;
    if (e)
        watch_house_no_answer(w->house, why.text[0] ? why.text : err_text(e));
    else
        watch_house_answer(w->house, buf_view(&w->answer.payload), clock_real_ns(&w->clock));
}

/* --- opening ---------------------------------------------------------------------- */

static enum err listen(struct watch *w, struct err_reason *why)
{
    static const char *const filters[] = {"services/+/status", "services/+/metrics",
                                          "alerts/active"};
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        buf_reset(&w->topic);
        buf_printf(&w->topic, "%s/%s", w->settings->topic_root, filters[i]);
        enum err e = rpc_client_listen(w->client, buf_cstr(&w->topic));
        if (e)
            return err_explain(why, e, "%s cannot be listened to: %s", buf_cstr(&w->topic),
                               err_text(e));
    }
    return ERR_OK;
}

static enum err open_all(struct watch *w, struct err_reason *why)
{
    w->house = watch_house_new();
    if (!w->house)
        return ERR_NOMEM;
    struct rpc_client_options options = {
        .bus = bus_options_from(settings_query_broker(w->settings)),
        .topic_root = w->settings->topic_root,
        .status_topic = topic_status(&w->topic, w->settings->topic_root, "query"),
        .read_status = status_read,
        .context = w,
        .heard = heard,
        .stopped = tick,
    };
    options.bus.client_id = "hearthline-watch";
    enum err e = rpc_client_open(&options, &w->client, why);
    return e ? e : listen(w, why);
}

/* A block of text is shown when there is something in it; a screen fills. */
static void run(struct watch *w)
{
    bool draws = terminal_can_draw() && !w->options->once;
    if (draws)
        terminal_open(&w->terminal);
    w->shows = draws;
    ask(w);
    if (!draws && !w->ended)
        rpc_client_wait(w->client, SETTLE_MS);
    w->shows = !w->options->once;
    while (!w->ended && !w->options->once) {
        if (rpc_client_state(w->client) == BUS_UP && clock_monotonic_ms(&w->clock) >= w->ask_ms)
            ask(w);
        else
            rpc_client_wait(w->client, ASK_EVERY_MS / 10);
    }
    if (w->options->once && !w->ended)
        show(w);
    terminal_close(&w->terminal); /* first: to part from the broker takes a second */
}

static void block_signals(sigset_t *signals)
{
    static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    sigemptyset(signals);
    for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
        sigaddset(signals, ending[i]);
    sigprocmask(SIG_BLOCK, signals, NULL);
}

static enum err watch(const struct command_given *given, struct err_reason *why)
{
    struct watch w = {
        .options = given->options, .settings = given->settings, .clock = clock_system()};
    block_signals(&w.signals);
    enum err e = open_all(&w, why);
    if (!e)
        run(&w);
    if (!e && w.options->once && !w.ended && !w.connected)
        e = err_explain(why, ERR_TIMEOUT, "the broker could not be reached");
    rpc_client_close(w.client);
    rpc_answer_free(&w.answer);
    watch_house_free(w.house);
    buf_free(&w.topic);
    buf_free(&w.screen);
    return e;
}

int watch_main(int argc, char **argv)
{
    struct watch_options options = {.config = NULL};
    const struct command command = {.table = &table, .config = &options.config, .run = watch};
    return command_main(&command, argc, argv, &options);
}
