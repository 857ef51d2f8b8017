/* The bounded file of what could not be stored: one JSON line (schemas/rejected.h) each.
 *
 * A line that would make the file larger than half of its bound goes to a new one, and the full one
 * becomes FILE.1, replacing the one before: both together stay within the bound, and at least its
 * newer half is there. (A file left over from a larger bound stays until it is replaced.)
 * Files are 0600. Lines are collected and written by rejects_flush, so that a flood costs few
 * system calls. A line that a crash tore is ended at the next open and passed over by readers.
 *
 * One writer a file; readers may be other processes. */
#ifndef WRITER_REJECTS_H
#define WRITER_REJECTS_H

#include "schemas/rejected.h"

struct rejects;

/* rejects_open makes the file when it is missing. ERR_IO with the path and the cause; ERR_INVALID:
 * there is something that is no file; ERR_NOMEM. */
enum err rejects_open(const char *path, uint64_t max_bytes, struct rejects **ret_rejects,
                      struct err_reason *why) ERR_MUST_CHECK;

/* rejects_add keeps one, which it copies. A line longer than half of the bound loses its original.
 * The owner calls rejects_flush once a turn of its loop; in between 64 KiB are collected at most.
 */
void rejects_add(struct rejects *rejects, const struct rejected *message);
void rejects_flush(struct rejects *rejects);

/* rejects_lost counts the lines that could not be kept, because the disk is full or memory is out.
 * The file then holds no part of them. */
uint64_t rejects_lost(const struct rejects *rejects);
void rejects_close(struct rejects *rejects); /* flushes; NULL accepted */

/* rejects_walk calls `each` for every line of both files, the oldest first, until it returns false;
 * lines that are none of these messages are passed over. The message and its texts are valid
 * during the call; `line` is the JSON itself. A rotation meanwhile neither hides a line nor shows
 * one twice. ERR_NOT_FOUND: neither file is there. ERR_IO, ERR_NOMEM. */
enum err rejects_walk(const char *path, void *context,
                      bool (*each)(void *context, const struct rejected *message, struct text line),
                      struct err_reason *why) ERR_MUST_CHECK;

#endif
