#include "ask.h"

/* What was heard of a service, and of broker and InfluxDB; a row says what differs from a world in
 * which all is well. */
struct given {
    const char *what;
    bool broker_down;
    double broker_ms; /* 0: 0.5 */
    bool store_off, store_unasked, store_away;
    double store_ms; /* 0: 2 */
    bool mute;       /* nothing was heard of the writer */
    enum status_state status;
    bool no_metrics;
    int silent_s;
    double oldest_s;
};

static void hear(struct ask *ask, const struct given *g)
{
    struct status status = {.state = g->status ? g->status : STATUS_ONLINE,
                            .since_ns = NOW - 3600 * S};
    struct service_metrics metrics = {.time_ns = NOW - (g->silent_s ? g->silent_s : 5) * S,
                                      .journal_oldest_s = fields_number(g->oldest_s)};
    snprintf(status.reason, sizeof status.reason, "%s",
             g->status == STATUS_HOLDING ? "the journal is full" : "");
    live_forget(ask->live, TEXT("writer"));
    if (g->mute)
        return;
    assert_int_equal(live_status(ask->live, TEXT("writer"), &status), ERR_OK);
    if (!g->no_metrics)
        assert_int_equal(live_metrics(ask->live, TEXT("writer"), &metrics), ERR_OK);
}

static void set(struct ask *ask, const struct given *g)
{
    struct endpoint_world *w = &ask->world;
    w->broker_up = !g->broker_down;
    w->broker_latency_ms = g->broker_ms != 0 ? g->broker_ms : 0.5;
    w->store.enabled = !g->store_off;
    w->store.asked = !g->store_unasked;
    w->store.connected = !g->store_unasked && !g->store_away;
    w->store.latency_ms = g->store_ms != 0 ? g->store_ms : 2;
    w->store.changed_ns = NOW - 120 * S;
    snprintf(w->store.words, sizeof w->store.words, "%s",
             g->store_away ? "no connection to 127.0.0.1:8086" : "");
    hear(ask, g);
}

static void the_whole_is_the_worst_of_all(void **state)
{
    struct ask *ask = *state;
    static const struct {
        struct given given;
        const char *status, *broker, *influxdb, *writer, *words;
    } cases[] = {
        {{.what = "well"}, "healthy", "healthy", "healthy", "healthy", "version 1.6.7"},
        {{"broker", .broker_down = true},
         "critical",
         "critical",
         "healthy",
         "healthy",
         "not connected"},
        {{"broker unasked", .broker_ms = -1},
         "unknown",
         "unknown",
         "healthy",
         "healthy",
         "no message has come back yet"},
        {{"broker slow", .broker_ms = 1500},
         "warning",
         "warning",
         "healthy",
         "healthy",
         "longer than 1000 ms"},
        {{"store off", .store_off = true},
         "warning",
         "healthy",
         "warning",
         "healthy",
         "by configuration"},
        {{"store unasked", .store_unasked = true},
         "unknown",
         "healthy",
         "unknown",
         "healthy",
         "not asked yet"},
        {{"store away", .store_away = true},
         "critical",
         "healthy",
         "critical",
         "healthy",
         "since 2026-03-01T11:58:00Z: no connection"},
        {{"store slow", .store_ms = 1001},
         "warning",
         "healthy",
         "warning",
         "healthy",
         "longer than 1000 ms"},
        {{"writer unheard", .mute = true},
         "unknown",
         "healthy",
         "healthy",
         "unknown",
         "nothing was heard"},
        {{"writer offline", .status = STATUS_OFFLINE},
         "critical",
         "healthy",
         "healthy",
         "critical",
         "offline"},
        {{"writer holds", .status = STATUS_HOLDING},
         "warning",
         "healthy",
         "healthy",
         "warning",
         "takes no messages since 2026-03-01T11:00:00Z: the journal is full"},
        {{"no metrics", .no_metrics = true},
         "unknown",
         "healthy",
         "healthy",
         "unknown",
         "says that it is online since 2026-03-01T11:00:00Z, and no metrics"},
        {{"silent", .silent_s = 31},
         "critical",
         "healthy",
         "healthy",
         "critical",
         "silent for 31 s"},
        {{"nearly silent", .silent_s = 30}, "healthy", "healthy", "healthy", "healthy", "online"},
        {{"lagging", .oldest_s = 301},
         "warning",
         "healthy",
         "healthy",
         "warning",
         "messages of 301 s ago"},
        {{"unknown and warning", .broker_ms = 1500, .store_unasked = true},
         "warning",
         "warning",
         "unknown",
         "healthy",
         "not asked yet"},
    };
    ask_begin(ask, "5m", "");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        set(ask, &cases[i].given);
        ask_answer(ask, &endpoint_health);
        if (!text_equal(value_text(ask_at(ask, "status")), text_of(cases[i].status)))
            fail_msg("%s: %s", cases[i].given.what, buf_cstr(&ask->answer));
        assert_text(ask, "dependencies.0.name", "broker");
        assert_text(ask, "dependencies.0.status", cases[i].broker);
        assert_text(ask, "dependencies.1.name", "influxdb");
        assert_text(ask, "dependencies.1.status", cases[i].influxdb);
        assert_text(ask, "dependencies.2.name", "writer");
        assert_text(ask, "dependencies.2.status", cases[i].writer);
        assert_int_equal(value_count(ask_at(ask, "dependencies")), 3);
        if (!strstr(buf_cstr(&ask->answer), cases[i].words))
            fail_msg("%s: %s", cases[i].given.what, buf_cstr(&ask->answer));
    }
}

static void it_says_who_answers_and_how_much_comes_in(void **state)
{
    struct ask *ask = *state;
    struct given well = {0};
    set(ask, &well);
    ask_begin(ask, "5m", "");
    ask_answer(ask, &endpoint_health);
    assert_null_at(ask, "events_per_minute");
    assert_text(ask, "missing.0.figure", "events_per_minute");
    assert_null_at(ask, "age_s");
    assert_text(ask, "source", "influxdb");
    assert_text(ask, "service", "query");
    assert_text(ask, "version", HEARTHLINE_VERSION);
    assert_number(ask, "uptime_s", 60);
    assert_number(ask, "dependencies.0.latency_ms", 0.5);
    assert_number(ask, "dependencies.1.latency_ms", 2);
    assert_null_at(ask, "dependencies.2.latency_ms");
    ask->figures.events = fields_number(601);
    figures_cover(&ask->figures, NOW - 300 * S, NOW, NOW);
    ask_answer(ask, &endpoint_health);
    assert_number(ask, "events_per_minute", 120.2);
    assert_number(ask, "covers_s", 300);
    assert_int_equal(value_count(ask_at(ask, "missing")), 0);
    figures_free(&ask->figures);
    assert_int_equal(live_figures(ask->live, &ask->question.period, TEXT(""), NOW, &ask->figures),
                     ERR_OK);
    ask_answer(ask, &endpoint_health);
    assert_text(ask, "source", "services-fallback");
    assert_text(ask, "missing.0.reason", "no service that keeps a ledger was heard in this period");
}

static void every_known_service_is_a_dependency(void **state)
{
    struct ask *ask = *state;
    struct given well = {0};
    struct status offline = {.state = STATUS_OFFLINE};
    set(ask, &well);
    snprintf(offline.reason, sizeof offline.reason, "%s", "its connection \"broke\"\n");
    assert_int_equal(live_status(ask->live, TEXT("heat"), &offline), ERR_OK);
    ask_begin(ask, "5m", "");
    ask_answer(ask, &endpoint_health);
    assert_text(ask, "status", "critical");
    assert_text(ask, "dependencies.3.name", "heat");
    assert_text(ask, "dependencies.3.message", "offline: its connection \"broke\"\n");
    struct service_metrics speaks = {.time_ns = NOW};
    live_forget(ask->live, TEXT("heat"));
    assert_int_equal(live_metrics(ask->live, TEXT("new"), &speaks), ERR_OK);
    ask_answer(ask, &endpoint_health);
    assert_text(ask, "status", "healthy");
    assert_text(ask, "dependencies.3.message", "speaks, and says no state");
    live_heard(ask->live, TEXT("new"), NOW - 40 * S); /* its clock is ahead */
    ask_answer(ask, &endpoint_health);
    assert_text(ask, "dependencies.3.message", "silent for 40 s");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ASK_TEST(the_whole_is_the_worst_of_all),
        ASK_TEST(it_says_who_answers_and_how_much_comes_in),
        ASK_TEST(every_known_service_is_a_dependency),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
