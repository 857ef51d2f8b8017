/* The times that a person types: RFC 3339 ("2026-11-20T10:00:00Z"), `now`, or so long ago ("-30s",
 * "-30m", "-2h", "-7d", "-2w"). Pure. */
#ifndef CLI_MOMENT_H
#define CLI_MOMENT_H

#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

/* moment_parse reads a time; ERR_INVALID with words that say which forms there are. */
enum err moment_parse(struct text t, int64_t now_ns, int64_t *ret_ns,
                      struct err_reason *why) ERR_MUST_CHECK;

/* moment_span writes a time span as a person says it: "850 ms", "12.3 s", "5 min", "3.2 h", "2.1
 * days". */
#define MOMENT_SPAN_SIZE 32
void moment_span(int64_t span_ns, char ret_text[MOMENT_SPAN_SIZE]);

#endif
