/* What commands say alike. */
#ifndef CLI_SAY_H
#define CLI_SAY_H

#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"

/* say_failed writes "hearthline COMMAND: words" to standard error and returns the exit status. */
int say_failed(const char *command, enum err err, const struct err_reason *why);

/* say_visible writes a stranger's text with control characters as \xNN, so that it cannot steer the
 * terminal; at most `max` bytes, then "...". */
void say_visible(FILE *to, struct text t, size_t max);

/* say_append_visible appends the same to a buffer. */
void say_append_visible(struct buf *out, struct text t, size_t max);

/* say_bytes writes a size as a person says it: "512 B", "4.2 KiB", "1.0 GiB". */
#define SAY_BYTES_SIZE 24
void say_bytes(uint64_t bytes, char ret_text[SAY_BYTES_SIZE]);

#endif
