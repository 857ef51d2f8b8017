/* A reading of a device: readings/<device>. A message with `fields` is the full form, in which
 * only what stands there is stored; without it every key that is not in the table is a field. An
 * array holds many of either form. Kinds with a measurement of their own need more: energy the
 * field power_watts or energy_kwh, phm the tag metric and the field value, vm the tag vm_id (and
 * host). Times are read by schemas/message_time.h. */
#ifndef SCHEMAS_READING_H
#define SCHEMAS_READING_H

#include "schemas/keys.h"

extern const struct keys_table reading_keys;

#endif
