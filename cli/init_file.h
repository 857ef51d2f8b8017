/* The configuration that `hearthline init` writes: what was asked for, and comments that say what
 * else there is. Made as a draft first, so that it can be read back before it has its name. */
#ifndef CLI_INIT_FILE_H
#define CLI_INIT_FILE_H

#include "base/buf.h"
#include "base/err.h"

/* All texts are terminated; NULL where nothing was said. Files by their absolute names. */
struct init_file {
    const char *broker, *username, *password_file, *ca_file;
    const char *influxdb, *influx_username, *influx_password_file, *token_file, *influx_ca_file;
    const char *database, *org;
};

/* init_file_text appends the YAML. */
void init_file_text(const struct init_file *file, struct buf *out);

/* init_file_draft writes the text to a new file beside `path`, mode 0600, whose name ret_draft
 * gets: the paths in it mean there what they will mean in `path`. ERR_IO, ERR_TOO_LARGE with words.
 */
#define INIT_FILE_PATH_SIZE 4096
enum err init_file_draft(const char *path, struct text yaml, char ret_draft[INIT_FILE_PATH_SIZE],
                         struct err_reason *why) ERR_MUST_CHECK;

/* init_file_publish gives the draft its name. ERR_BUSY: there is a file already, and `force` is
 * false. The draft is gone afterwards in any case. */
enum err init_file_publish(const char *draft, const char *path, bool force,
                           struct err_reason *why) ERR_MUST_CHECK;

#endif
