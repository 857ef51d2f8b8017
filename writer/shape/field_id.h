/* Which field of which measurement: a hash of the two names as InfluxDB has them, that is behind
 * the cleaning of influx/line.h (FNV-1a, 64 bits). The same in every process: it stands in the
 * saved state and in the journal's records of field types. */
#ifndef WRITER_SHAPE_FIELD_ID_H
#define WRITER_SHAPE_FIELD_ID_H

#include <stdint.h>

#include "base/text.h"

/* field_id_measurement hashes the measurement's name; field_id continues with a field's key. */
uint64_t field_id_measurement(struct text measurement);
uint64_t field_id(uint64_t measurement, struct text key);

#endif
