/* What an endpoint is: a row of the one table, and pure functions. It does no I/O: it says which
 * statements it needs and makes JSON of what came back. Source, deadline, fallback and cache are
 * query-service/answerer's.
 *
 * An endpoint is of one of three kinds, by which functions it has:
 *   figures: write_figures. Its figures come from InfluxDB or, when that does not answer, from
 *            what the services say on the bus; the endpoint does not know which.
 *   stored:  plan and answer. InfluxDB alone can answer it.
 *   own:     answer alone. What the service itself knows. */
#ifndef ENDPOINTS_ENDPOINT_H
#define ENDPOINTS_ENDPOINT_H

#include "base/clock.h"
#include "base/settings.h"
#include "query-service/alerts/habit.h"
#include "query-service/endpoints/rejects_heard.h"
#include "query-service/statistics/live.h"
#include "query-service/statistics/stored.h"
#include "schemas/request.h"

/* How InfluxDB has been lately: what `health` and the alerts tell of it. */
struct endpoint_store {
    bool enabled;   /* stats.use_influxdb and influxdb.enabled */
    bool asked;     /* false: nobody has asked yet, so nothing is known */
    bool connected; /* the last real query was answered */
    char version[64];
    char words[256];       /* of the last failure, "" while connected */
    int64_t changed_ns;    /* since when it is so */
    int64_t last_query_ns; /* when the last real query was answered */
    double latency_ms;     /* of the last probe: a real query */
};

/* What all endpoints may look at; borrowed. */
struct endpoint_world {
    const struct settings *settings;
    struct clock clock;
    const struct live *live;
    struct alerts *alerts;
    const struct habit *habit;
    const struct rejects_heard *rejects;
    struct endpoint_store store;
    bool broker_up;
    double broker_latency_ms; /* of a message to ourselves; negative: not measured yet */
    int64_t started_ns;
    const char *instance;
};

struct question {
    const struct endpoint_world *world;
    const struct request *request;
    struct period period; /* made by the engine for endpoints that have one */
    int64_t now_ns;
};

struct endpoint {
    const char *name; /* as in the topic behind request/: "stats/trends" */
    const char *help;
    const struct fields_table *request;
    const char *schema;    /* name of the answer's JSON Schema: "answer_stats" */
    const char *period;    /* the default period; NULL: the endpoint has none */
    uint32_t ttl_s;        /* at most so long is an answer given again; 0: never cached. The
                              configuration's cache_ttl_s is the limit below it */
    bool in_parts;         /* `answer` tells itself which statements InfluxDB refused: it is called
                              while at least one was answered */
    bool compares;         /* takes "compare": true */
    enum stored_last last; /* of figures: what it tells of the services' last rows */

    /* Checks what the table cannot say; ERR_INVALID or ERR_NOT_FOUND with words. NULL for nothing.
     */
    enum err (*check)(const struct question *question, struct err_reason *why);

    void (*write_figures)(const struct question *question, const struct figures *figures,
                          struct buf *out);

    /* `plan` is asked with stage 0, 1, ... and all results so far (none at stage 0), and adds
     * statements to an empty plan; one that stays empty ends the stages. */
    enum err (*plan)(const struct question *question, unsigned stage,
                     const struct gather_results *const *results, struct gather_plan *plan,
                     struct err_reason *why);
    /* Writes the members of the answer's object, without its braces: `"devices":[...]`.
     * `results` has one element a stage that was asked. */
    enum err (*answer)(const struct question *question, const struct gather_results *const *results,
                       unsigned stages, struct buf *out, struct err_reason *why);
};
#define ENDPOINT_STAGES 4

/* A failure of check, plan or answer becomes an error on the bus by its code: ERR_INVALID and
 * ERR_TOO_LARGE are bad_request, ERR_NOT_FOUND is unknown_service for endpoints of services and
 * bad_request else, ERR_TIMEOUT is timeout, everything else unavailable. */

/* endpoint_find gives the row of a name, NULL when there is none; endpoint_at walks the table and
 * gives NULL behind the last; endpoint_nearest a name for the words of an unknown_endpoint. */
const struct endpoint *endpoint_find(struct text name);
const struct endpoint *endpoint_at(unsigned i);
const char *endpoint_nearest(struct text name);

#endif
