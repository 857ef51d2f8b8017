/* The journal's folder and the small files in it. Everything that is mapped is allocated on the
 * disk before, so that a full disk is an error here and never a SIGBUS later. */
#ifndef WRITER_JOURNAL_FOLDER_H
#define WRITER_JOURNAL_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/text.h"

#define FOLDER_ID_SIZE 33 /* 32 hex characters and the NUL */

/* folder_open gives a descriptor of the folder; with `make` it and its parents are made (0700). */
enum err folder_open(const char *path, bool make, int *ret_folder,
                     struct err_reason *why) ERR_MUST_CHECK;

/* folder_lock takes the lock and writes our process id into it; the lock lasts as long as the
 * descriptor. ERR_BUSY names the process that has it. */
enum err folder_lock(int folder, const char *path, int *ret_lock,
                     struct err_reason *why) ERR_MUST_CHECK;

/* folder_id reads the journal's id; where there is none (or no sound one) and `make` is set, it is
 * made. */
enum err folder_id(int folder, bool make, char ret_id[FOLDER_ID_SIZE],
                   struct err_reason *why) ERR_MUST_CHECK;

/* folder_random fills in random bytes. */
enum err folder_random(void *ret_bytes, size_t size, struct err_reason *why) ERR_MUST_CHECK;

/* folder_allocate gives the file all blocks up to `size`. ERR_FULL: the disk has no room. `name` is
 * for `why`. */
enum err folder_allocate(int file, size_t size, const char *name,
                         struct err_reason *why) ERR_MUST_CHECK;

/* folder_map opens or makes the file `name` (relative to `folder`, AT_FDCWD for paths) with `size`
 * bytes on disk and maps it for reading and writing. A new file reads as zeros. Unmap with munmap.
 */
enum err folder_map(int folder, const char *name, size_t size, char **ret_map,
                    struct err_reason *why) ERR_MUST_CHECK;

/* folder_replace writes `head` and `body` as file `name`, so that a crash leaves the old or the new
 * one. */
enum err folder_replace(int folder, const char *name, struct text head, struct text body, bool sync,
                        struct err_reason *why) ERR_MUST_CHECK;

/* folder_read fills `bytes` from the start of file `name`. ERR_NOT_FOUND: no such file; *ret_size
 * is less than `capacity` when the file is shorter. */
enum err folder_read(int folder, const char *name, void *ret_bytes, size_t capacity,
                     size_t *ret_size) ERR_MUST_CHECK;

/* folder_error is the code for the current errno: ERR_FULL, ERR_NOT_FOUND, ERR_NOMEM or ERR_IO. */
enum err folder_error(void);

#endif
