/* Anything that happened: events/<source>. The same shape as a reading, with a kind that must be
 * there. A memory_dump needs the tags vm_id (or `device`) and status; its fields are size_bytes,
 * duration_ms and path. */
#ifndef SCHEMAS_EVENT_H
#define SCHEMAS_EVENT_H

#include "schemas/keys.h"

extern const struct keys_table event_keys;

#endif
