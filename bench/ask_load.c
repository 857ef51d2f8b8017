/* hearthline-ask-load: asks the query service from many connections, at a rate, so many at a
 * time, or all at once, and tells how long each answer took and which never came. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "asker.h"
#include "latencies.h"
#include "options.h"
#include "report.h"

enum { CONNECTIONS_MAX = 1000 };

struct options {
    const char *host, *port, *client_id, *endpoint, *payload, *wrong;
    uint64_t connections, requests, start, outstanding, wrong_every, expiry_s;
    double rate, patience_s, linger_s;
    bool burst, json;
};

struct request {
    double sent_s;
    bool answered;
};

struct load {
    struct options o;
    struct asker *askers;
    struct pollfd *polls;
    struct request *requests;
    struct bytes topic, payload;
    struct latencies latencies; /* of answers that are no error */
    uint64_t sent, answered, again, kinds[ANSWER_KINDS], cached, fallback, bytes;
    double begun_s, last_s; /* of the last answer */
    double progress_s;      /* until then nothing was waited for, or something came */
};

static void read_options(struct options *o, int argc, char **argv)
{
    const struct option_row rows[] = {
        {"host", "HOST", OPTION_TEXT, &o->host, 0, 0, "broker's host (127.0.0.1)"},
        {"port", "PORT", OPTION_TEXT, &o->port, 0, 0, "broker's port (1883)"},
        {"client-id", "ID", OPTION_TEXT, &o->client_id, 0, 0, "(ask-load-<pid>), with -N behind"},
        {"endpoint", "NAME", OPTION_TEXT, &o->endpoint, 0, 0, "what is asked (stats)"},
        {"payload", "TEMPLATE", OPTION_TEXT, &o->payload, 0, 0,
         "the request; %d is its number ({\"period\":\"1h\"})"},
        {"requests", "N", OPTION_COUNT, &o->requests, 1, 10000000, "how many (100)"},
        {"start", "N", OPTION_COUNT, &o->start, 0, UINT32_MAX, "first number (0)"},
        {"connections", "N", OPTION_COUNT, &o->connections, 1, CONNECTIONS_MAX,
         "from how many clients, taking turns (1)"},
        {"rate", "R", OPTION_NUMBER, &o->rate, 0, 0, "requests a second; 0: no limit (0)"},
        {"outstanding", "N", OPTION_COUNT, &o->outstanding, 1, UINT32_MAX,
         "at most N unanswered at a time (1)"},
        {"burst", NULL, OPTION_FLAG, &o->burst, 0, 0, "all at once, whatever is unanswered"},
        {"wrong-every", "N", OPTION_COUNT, &o->wrong_every, 1, UINT32_MAX,
         "each Nth request is --wrong instead"},
        {"wrong", "TEMPLATE", OPTION_TEXT, &o->wrong, 0, 0, "({\"perod\":%d)"},
        {"expiry", "S", OPTION_COUNT, &o->expiry_s, 0, 3600, "Message Expiry in s; 0: none (0)"},
        {"patience-s", "S", OPTION_NUMBER, &o->patience_s, 0, 0,
         "what is unanswered after S seconds without any answer is lost (35)"},
        {"linger-s", "S", OPTION_NUMBER, &o->linger_s, 0, 0,
         "wait so long for second answers at the end (0)"},
        {"json-report", NULL, OPTION_FLAG, &o->json, 0, 0, "report as one JSON object"},
    };
    const struct option_table table = {
        "hearthline-ask-load", "Asks the query service over MQTT 5 and measures its answers.",
        "Exit status: 0 each request was answered once, 1 not so, 2 wrong usage.", rows,
        sizeof(rows) / sizeof(rows[0])};
    options_read(&table, argc, argv);
}

static bool open_all(struct load *l)
{
    char id[80];
    for (uint64_t i = 0; i < l->o.connections; i++)
        l->askers[i].wire.descriptor = -1;
    for (uint64_t i = 0; i < l->o.connections; i++) {
        snprintf(id, sizeof id, "%.50s-%u", l->o.client_id, (unsigned)i);
        if (!asker_open(&l->askers[i], l->o.host, l->o.port, id)) {
            fprintf(stderr, "hearthline-ask-load: %s\n", l->askers[i].wire.why);
            return false;
        }
    }
    return true;
}

static double due_s(const struct load *l)
{
    return l->o.rate > 0 ? l->begun_s + (double)l->sent / l->o.rate : 0;
}

static bool may_send(const struct load *l)
{
    return l->sent < l->o.requests &&
           (l->o.burst || l->o.rate > 0 || l->sent - l->answered < l->o.outstanding);
}

static bool send_one(struct load *l)
{
    bool wrong = l->o.wrong_every > 0 && l->sent % l->o.wrong_every == l->o.wrong_every - 1;
    struct asker *asker = &l->askers[l->sent % l->o.connections];
    l->payload.len = 0;
    bytes_template(&l->payload, wrong ? l->o.wrong : l->o.payload, l->o.start + l->sent);
    const struct asker_request request = {&l->topic, &l->payload, l->sent, (uint32_t)l->o.expiry_s};
    l->requests[l->sent].sent_s = report_monotonic_s();
    l->sent++;
    return asker_ask(asker, &request);
}

static bool send_due(struct load *l)
{
    while (may_send(l) && due_s(l) <= report_monotonic_s())
        if (!send_one(l))
            return false;
    return true;
}

static void take_answer(struct load *l, const struct answer *answer)
{
    if (answer->number >= l->sent || l->requests[answer->number].answered) {
        l->again++;
        return;
    }
    struct request *request = &l->requests[answer->number];
    l->last_s = l->progress_s = report_monotonic_s();
    request->answered = true;
    l->answered++;
    l->kinds[answer->kind]++;
    l->cached += answer->cached;
    l->fallback += answer->fallback;
    l->bytes += answer->bytes;
    if (answer->kind == ANSWER_OK)
        latencies_add(&l->latencies, (l->last_s - request->sent_s) * 1000);
}

static void wait_until(struct load *l, double until_s)
{
    double seconds = until_s - report_monotonic_s();
    if (seconds < 0)
        seconds = 0;
    struct timespec t = {.tv_sec = (time_t)seconds,
                         .tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9)};
    for (uint64_t i = 0; i < l->o.connections; i++) {
        bool waits = wire_waiting(&l->askers[i].wire) > 0;
        l->polls[i] = (struct pollfd){.fd = l->askers[i].wire.descriptor,
                                      .events = (short)(POLLIN | (waits ? POLLOUT : 0))};
    }
    ppoll(l->polls, (nfds_t)l->o.connections, &t, NULL);
}

/* Writes and reads what is ready; false when a connection is gone. */
static bool serve(struct load *l)
{
    struct answer answer;
    for (uint64_t i = 0; i < l->o.connections; i++) {
        struct asker *asker = &l->askers[i];
        if ((l->polls[i].revents & POLLOUT) && !wire_write(&asker->wire))
            return false;
        if ((l->polls[i].revents & (POLLIN | POLLHUP | POLLERR)) && !asker_read(asker))
            return false;
        while (asker_next(asker, &answer))
            take_answer(l, &answer);
    }
    return true;
}

static bool run(struct load *l)
{
    while (l->answered < l->o.requests && !report_stopped()) {
        double now = report_monotonic_s();
        if (l->sent == l->answered)
            l->progress_s = now;
        if (!send_due(l))
            return false;
        double until = l->progress_s + l->o.patience_s;
        if (l->sent > l->answered && now > until)
            return true;
        wait_until(l, may_send(l) && due_s(l) < until ? due_s(l) : until);
        if (!serve(l))
            return false;
    }
    return true;
}

static bool linger(struct load *l)
{
    double until = report_monotonic_s() + l->o.linger_s;
    while (report_monotonic_s() < until && !report_stopped()) {
        wait_until(l, until);
        if (!serve(l))
            return false;
    }
    return true;
}

static void report(struct load *l)
{
    struct report r = {.json = l->o.json};
    double seconds = l->last_s - l->begun_s;
    report_count(&r, "sent", l->sent);
    report_count(&r, "answered", l->answered);
    report_count(&r, "ok", l->kinds[ANSWER_OK]);
    report_count(&r, "cached", l->cached);
    report_count(&r, "fallback", l->fallback);
    report_count(&r, "busy", l->kinds[ANSWER_BUSY]);
    report_count(&r, "bad_request", l->kinds[ANSWER_BAD_REQUEST]);
    report_count(&r, "timeout", l->kinds[ANSWER_TIMEOUT]);
    report_count(&r, "other_errors", l->kinds[ANSWER_OTHER_ERROR]);
    report_count(&r, "again", l->again);
    report_count(&r, "lost", l->o.requests - l->answered);
    report_number(&r, "median_ms", latencies_percentile(&l->latencies, 50));
    report_number(&r, "p95_ms", latencies_percentile(&l->latencies, 95));
    report_number(&r, "p99_ms", latencies_percentile(&l->latencies, 99));
    report_number(&r, "max_ms", latencies_percentile(&l->latencies, 100));
    report_number(&r, "seconds", seconds);
    report_number(&r, "bytes_an_answer",
                  l->answered > 0 ? (double)l->bytes / (double)l->answered : 0);
    report_number(&r, "cpu_s", report_cpu_s());
    report_end(&r);
}

static void close_all(struct load *l)
{
    for (uint64_t i = 0; i < l->o.connections; i++)
        asker_close(&l->askers[i]);
    free(l->askers);
    free(l->polls);
    free(l->requests);
    latencies_free(&l->latencies);
    bytes_free(&l->topic);
    bytes_free(&l->payload);
}

int main(int argc, char **argv)
{
    static struct load l;
    char id[40];
    snprintf(id, sizeof id, "ask-load-%d", (int)getpid());
    l.o = (struct options){.host = "127.0.0.1",
                           .port = "1883",
                           .client_id = id,
                           .endpoint = "stats",
                           .payload = "{\"period\":\"1h\"}",
                           .wrong = "{\"perod\":%d",
                           .requests = 100,
                           .connections = 1,
                           .outstanding = 1,
                           .patience_s = 35};
    read_options(&l.o, argc, argv);
    report_signals();
    bytes_string(&l.topic, "hearthline/request/");
    bytes_string(&l.topic, l.o.endpoint);
    l.askers = calloc(l.o.connections, sizeof *l.askers);
    l.polls = calloc(l.o.connections, sizeof *l.polls);
    l.requests = calloc(l.o.requests, sizeof *l.requests);
    if (!l.askers || !l.polls || !l.requests || !open_all(&l))
        return 1;
    l.begun_s = l.last_s = l.progress_s = report_monotonic_s();
    bool up = run(&l) && linger(&l);
    if (!up)
        fprintf(stderr, "hearthline-ask-load: the broker closed a connection\n");
    report(&l);
    bool all = up && l.answered == l.o.requests && l.again == 0;
    close_all(&l);
    return all ? 0 : 1;
}
