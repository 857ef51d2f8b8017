/* What the configuration of a source of the decoder json comes to: its paths, parsed once. */
#ifndef WRITER_DECODERS_JSON_PLAN_H
#define WRITER_DECODERS_JSON_PLAN_H

#include "base/buf.h"
#include "base/value_path.h"
#include "writer/decoders/time_value.h"

struct json_named {
    struct text name;
    struct value_path path;
};

struct json_plan {
    struct json_named *fields, *tags;
    unsigned fields_count, tags_count;
    bool fields_optional; /* each of them */
    bool timed, parted;   /* there is a time_path, there is `elements` */
    struct value_path time, elements;
    struct time_value time_how;
    bool numbers_in_text;
    /* Flattened names of what tags and time are taken from: no fields where all are flattened. */
    struct text *except;
    unsigned except_count;
    struct buf names; /* what `except` lies in */
};

/* json_plan_make is `prepare` of the decoder (decoder.h); json_plan_free its `release`. Borrows the
 * source's texts. */
enum err json_plan_make(const struct settings_source *source, void **ret_plan,
                        struct err_reason *why) ERR_MUST_CHECK;
void json_plan_free(void *plan);

#endif
