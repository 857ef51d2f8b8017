/* What the query service says: the MQTT handle that starts clean, has the will and the retained
 * status, tells whether another instance is online, and publishes answers, alerts and metrics. What
 * is heard comes over the other one (query-service/listener.h). */
#ifndef QUERY_SPEAKER_H
#define QUERY_SPEAKER_H

#include "base/log.h"
#include "base/settings.h"
#include "bus/presence.h"
#include "schemas/status.h"

#define SPEAKER_SERVICE "query"

struct speaker;

struct speaker_options {
    const struct settings *settings;
    const char *instance;
    struct log *log;
    struct clock clock;
    void *context;
    void (*wake)(void *context); /* from any thread */
};

/* speaker_open copies the options, borrows what they point at, and does not connect yet; errors as
 * presence_open. */
enum err speaker_open(const struct speaker_options *options, struct speaker **ret_speaker,
                      struct err_reason *why) ERR_MUST_CHECK;

/* speaker_turn returns in how many ms it wants to be called again. */
uint32_t speaker_turn(struct speaker *speaker);

/* Whether another instance is online; `ret_other` names it. */
enum presence_state speaker_presence(struct speaker *speaker, char ret_other[64]);

/* speaker_stir helps the listener's connect along (presence_stir); returns in how many ms again. */
uint32_t speaker_stir(struct speaker *speaker);

/* speaker_speaks: connected, and nobody else is online under this name. */
bool speaker_speaks(const struct speaker *speaker);

/* How many times it has connected: what is retained is said anew when it changes. */
unsigned speaker_connections(const struct speaker *speaker);

/* speaker_publish: JSON unless `how` has a Content Type; false when it could not be sent now. */
bool speaker_publish(struct speaker *speaker, const char *topic, struct text payload,
                     struct bus_publish how);

/* speaker_status says the state when it changed or the connection is new. */
void speaker_status(struct speaker *speaker, enum status_state state, const char *reason);

/* speaker_close says offline and disconnects. NULL accepted. */
void speaker_close(struct speaker *speaker, uint32_t timeout_ms);

#endif
