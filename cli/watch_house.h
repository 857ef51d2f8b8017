/* What `hearthline watch` knows of the house: what the services said of themselves, which alerts
 * stand, and the last answer to `stats`. Does no I/O; strangers' texts are kept as they came, it is
 * the screen that makes them harmless. */
#ifndef CLI_WATCH_HOUSE_H
#define CLI_WATCH_HOUSE_H

#include "schemas/alert.h"
#include "schemas/service_metrics.h"
#include "schemas/status.h"

#define WATCH_SERVICES_MAX 64
#define WATCH_ALERTS_MAX   128

struct watch_service {
    char name[64]; /* of the topic */
    bool has_status, has_metrics;
    enum status_state state; /* STATUS_UNSAID without a status */
    char reason[256];
    int64_t seen_ns; /* its last sign of life; 0: none */
    struct service_metrics metrics;
};

/* Without a sign of life for so long, a service's figures are old and count in no sum. Services
 * speak each 10 s. */
#define WATCH_STALE_S 30

struct watch_alerts {
    bool known; /* alerts/active was heard */
    uint64_t count, firing, acknowledged;
    struct alert list[WATCH_ALERTS_MAX]; /* the first of them, as they came: the worst first */
    size_t listed;
};

struct watch_stats {
    int64_t answered_ns; /* when the last answer came; 0: none has */
    char failure[256];   /* why the last question got none; "" when it did */
    char source[32], period[16];
    struct fields_number age_s; /* of the newest figure, when it was answered */
    struct fields_number total_events, events_per_minute, error_rate_percent;
};

struct watch_house {
    struct watch_service services[WATCH_SERVICES_MAX]; /* in the order of their names */
    size_t service_count;
    bool more_services; /* than there is room for */
    struct watch_alerts alerts;
    struct watch_stats stats;
    int64_t heard_ns; /* when something was heard last; 0: nothing was */
    struct value_document *document;
};

/* watch_house_new: NULL when out of memory; watch_house_free takes NULL. */
struct watch_house *watch_house_new(void);
void watch_house_free(struct watch_house *house);

/* watch_house_hear takes in one message of ROOT/services/... or ROOT/alerts/active; others, and
 * those that cannot be read, change nothing. An empty payload takes back what was retained.
 * `retained`: the broker kept it, so that its own time counts and not now_ns. */
void watch_house_hear(struct watch_house *house, const char *topic_root, struct text topic,
                      struct text payload, bool retained, int64_t now_ns);

/* watch_house_answer takes in the payload of an answer to `stats`, JSON, also one that is an error.
 * watch_house_no_answer: none came, and why. */
void watch_house_answer(struct watch_house *house, struct text payload, int64_t now_ns);
void watch_house_no_answer(struct watch_house *house, const char *why);

/* watch_house_is_stale: the service is offline, or was not heard of for WATCH_STALE_S. */
bool watch_house_is_stale(const struct watch_service *service, int64_t now_ns);

#endif
