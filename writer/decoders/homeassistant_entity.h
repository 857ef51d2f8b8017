/* What both of Home Assistant's streams make of one entity's state. */
#ifndef WRITER_DECODERS_HOMEASSISTANT_ENTITY_H
#define WRITER_DECODERS_HOMEASSISTANT_ENTITY_H

#include "writer/decoders/decoder.h"

#define HOMEASSISTANT_MEASUREMENT "home_assistant_events"

/* Names of facts that the registry of entities tells: the subject is called `value` from now on; it
 * was made; it was removed. CURRENT_ID is what the rules with memory make of the first two: the
 * subject is the entity as it is stored, the value what it is called. */
#define HOMEASSISTANT_FACT_RENAMED    "renamed"
#define HOMEASSISTANT_FACT_CREATED    "created"
#define HOMEASSISTANT_FACT_REMOVED    "removed"
#define HOMEASSISTANT_FACT_CURRENT_ID "current_id"

/* homeassistant_entity makes scratch->point a change of state: the tags domain, entity_id (whole:
 * "light.kitchen") and event_type = state_changed, the fields of state.h. The domain is what stands
 * before the first dot. BAD_NAME when the id is not of the form domain.object_id; NOT_UTF8 for the
 * state. */
enum reject homeassistant_entity(const struct decode_input *input, struct text entity_id,
                                 struct text state, struct decode_scratch *scratch,
                                 struct err_reason *why);

/* homeassistant_entity_split cuts an id at its first dot. BAD_NAME when it has none, or nothing
 * before or behind it. */
enum reject homeassistant_entity_split(struct text entity_id, struct text *ret_domain,
                                       struct text *ret_object, struct err_reason *why);

/* homeassistant_entity_is_own tells whether an entity is one that Home Assistant has of Hearthline
 * itself, by discovery (its object_id begins with "hearthline_"), and its source leaves those out:
 * `why` says so. What they show is stored already, as service_metrics. */
bool homeassistant_entity_is_own(const struct decode_input *input, struct text object,
                                 struct err_reason *why);

/* homeassistant_entity_fact tells whether a name is one that the rules with memory want to know of
 * an entity: last_updated, unit_of_measurement, device_class, friendly_name. */
bool homeassistant_entity_fact(struct text name);

#endif
