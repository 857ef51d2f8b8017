/* Holds a message against its JSON Schema in schemas/, for the tests of whoever makes messages.
 *
 * It knows the keywords of draft 2020-12 that our files use; another one is a failure, so that
 * nothing is passed over unseen. References lead to "#/..." of the same file or of another file
 * of the folder. */
#ifndef TESTS_JSON_SCHEMA_H
#define TESTS_JSON_SCHEMA_H

#include <stdbool.h>

#include "base/text.h"

struct json_schema_reason {
    char text[1024]; /* where in the message, what is there, and what the schema says */
};

/* json_schema_holds tells whether the JSON text is what schemas/NAME.schema.json says
 * ("answer_stats").
 */
bool json_schema_holds(const char *name, struct text json, struct json_schema_reason *ret_why);

#endif
