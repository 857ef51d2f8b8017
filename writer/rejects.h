/* The bounded file of what could not be stored: one JSON line (schemas/rejected.h) each.
 *
 * When the file reaches half of its bound it is renamed to FILE.1, replacing the one before, so
 * that both together stay within the bound and the newest half is always there. Files are 0600.
 * Lines are collected and written by rejects_flush, so that a flood costs few system calls. A line
 * that a crash tore is ended at the next open and passed over by readers. */
#ifndef WRITER_REJECTS_H
#define WRITER_REJECTS_H

#include "schemas/rejected.h"

struct rejects;

/* rejects_open makes the file when it is missing. ERR_IO with the path and the cause. */
enum err rejects_open(const char *path, uint64_t max_bytes, struct rejects **ret_rejects,
                      struct err_reason *why) ERR_MUST_CHECK;

/* rejects_add keeps one; what cannot be written (a full disk) is counted by rejects_lost. */
void rejects_add(struct rejects *rejects, const struct rejected *message);
void rejects_flush(struct rejects *rejects);
uint64_t rejects_lost(const struct rejects *rejects);
void rejects_close(struct rejects *rejects); /* flushes; NULL accepted */

/* rejects_walk calls `each` for every line of both files, the oldest first, until it returns false.
 * The message and its texts are valid during the call; `line` is the JSON itself. ERR_NOT_FOUND: no
 * file. */
enum err rejects_walk(const char *path, void *context,
                      bool (*each)(void *context, const struct rejected *message, struct text line),
                      struct err_reason *why) ERR_MUST_CHECK;

#endif
