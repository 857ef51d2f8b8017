#include "query-service/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/backoff.h"

struct store {
    struct store_options o;
    struct backoff backoff;
    int64_t due_ms, failed_since_ms;
    bool asking, doubted;
};

enum err store_open(const struct store_options *options, struct store **ret_store)
{
    struct store *store = calloc(1, sizeof *store);
    if (!store)
        return ERR_NOMEM;
    store->o = *options;
    store->backoff =
        backoff_make(STORE_RETRY_MS, STORE_RETRY_CAP_MS, (uint64_t)clock_real_ns(&options->clock));
    *ret_store = store;
    return ERR_OK;
}

static void came_back(struct store *store, const char *version, int64_t now_ms)
{
    struct endpoint_store *facts = store->o.facts;
    if (!facts->asked || !facts->connected) {
        facts->changed_ns = clock_real_ns(&store->o.clock);
        log_change(store->o.log, LOG_INFO, "influxdb_connected", "version=\"%s\" away_ms=%" PRId64,
                   version, facts->asked ? now_ms - store->failed_since_ms : 0);
    }
    snprintf(facts->version, sizeof facts->version, "%s", version);
    facts->words[0] = '\0';
    facts->connected = true;
    backoff_reset(&store->backoff);
}

static void went_away(struct store *store, const char *words, int64_t now_ms)
{
    struct endpoint_store *facts = store->o.facts;
    if (!facts->asked || facts->connected) {
        facts->changed_ns = clock_real_ns(&store->o.clock);
        store->failed_since_ms = now_ms;
        log_change(store->o.log, LOG_WARNING, "influxdb_away",
                   "reason=\"%s\" note=\"answers come from the services until it is back\"", words);
    }
    snprintf(facts->words, sizeof facts->words, "%s", words);
    facts->connected = false;
}

static void probed(void *context, struct influx_answer *answer)
{
    struct store *store = context;
    int64_t now_ms = clock_monotonic_ms(&store->o.clock);
    store->asking = false;
    query_metrics_query(store->o.metrics, query_asker_probe, answer->outcome,
                        answer->elapsed_us / 1e6);
    if (answer->outcome == ERR_OK) {
        store->o.facts->latency_ms = answer->elapsed_us / 1e3;
        store->o.facts->last_query_ns = clock_real_ns(&store->o.clock);
        came_back(store, answer->version, now_ms);
        store->due_ms = now_ms + STORE_EVERY_MS;
    } else {
        went_away(store, answer->words, now_ms);
        store->due_ms = now_ms + backoff_next_ms(&store->backoff);
    }
    store->o.facts->asked = true;
}

uint32_t store_turn(struct store *store)
{
    int64_t now_ms = clock_monotonic_ms(&store->o.clock);
    if (store->asking)
        return 1000;
    if (now_ms < store->due_ms && !store->doubted)
        return (uint32_t)(store->due_ms - now_ms);
    store->doubted = false;
    enum err e = influx_query_probe(store->o.query, STORE_TIMEOUT_MS, store, probed);
    if (e != ERR_OK)
        store->due_ms = now_ms + backoff_next_ms(&store->backoff);
    else
        store->asking = true;
    return 1000;
}

void store_doubt(struct store *store)
{
    store->doubted = store->o.facts->connected; /* away already: its pauses hold */
}

void store_close(struct store *store)
{
    free(store);
}
