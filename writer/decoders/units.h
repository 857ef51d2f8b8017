/* Values in another unit than the device sends: `convert: { temperature: f_to_c }` of a source. The
 * field keeps its name. A conversion is a pure function of the number; words and booleans (such as
 * "unavailable") stay as they are, and a whole number of line protocol becomes a float. */
#ifndef WRITER_DECODERS_UNITS_H
#define WRITER_DECODERS_UNITS_H

#include "base/settings.h"
#include "influx/point.h"

/* (x - zero) * times / per + plus, so that an exact factor can stand here as it is defined. */
struct units_conversion {
    const char *name;
    double zero, times, per, plus;
};

/* units_at walks the table of all conversions until NULL. */
const struct units_conversion *units_at(size_t index);

struct units;

/* units_open looks up the conversions of a source; *ret_units is NULL where it names none. Borrows
 * the names of fields. ERR_INVALID: an unknown conversion; `why` begins with the key and names the
 * nearest. ERR_NOMEM. */
enum err units_open(const struct settings_source *source, struct units **ret_units,
                    struct err_reason *why) ERR_MUST_CHECK;
void units_close(struct units *units); /* NULL accepted */

/* units_convert converts the fields of a point. ERR_TOO_LARGE: a result that is no finite number;
 * `why` names the field. `units` may be NULL. */
enum err units_convert(const struct units *units, struct point *point,
                       struct err_reason *why) ERR_MUST_CHECK;

#endif
