#include "base/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/settings_table.h"

enum {
    FILE_MAX_BYTES = 1 << 20,
    SECRET_MAX_BYTES = 4096,
};

/* The whole file, bounded. */
static enum err read_file(const char *path, struct buf *out, struct err_reason *why)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return err_explain_errno(why, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s", path);
    enum err err = ERR_OK;
    ssize_t got = 1;
    while (got > 0 && err == ERR_OK) {
        char *to = buf_reserve(out, 65536);
        got = to ? read(descriptor, to, 65536) : -1;
        if (!to)
            err = err_explain(why, ERR_NOMEM, "%s: out of memory", path);
        else if (got < 0)
            err = err_explain_errno(why, ERR_IO, "%s", path);
        else
            out->len += (size_t)got;
        if (out->len > FILE_MAX_BYTES)
            err = err_explain(why, ERR_INVALID, "%s: larger than a configuration can be (1 MiB)",
                              path);
    }
    close(descriptor);
    return err;
}

/* The absolute folder of the file, allocated; NULL when it cannot be told. */
static char *folder_of(const char *path)
{
    char *copy = strdup(path);
    char *folder = copy ? realpath(dirname(copy), NULL) : NULL;
    free(copy);
    return folder;
}

/* Keys that only make sense together. */
static enum err check_pair(const char *section, const char *cert_file, const char *key_file,
                           struct err_reason *why)
{
    if (!*cert_file == !*key_file)
        return ERR_OK;
    return err_explain(
        why, ERR_INVALID, "%s.%s is set and %s is not; right would be both, or neither", section,
        *cert_file ? "cert_file" : "key_file", *cert_file ? "key_file" : "cert_file");
}

static enum err check_together(const struct settings *s, struct err_reason *why)
{
    const struct {
        const char *name;
        const struct settings_broker *broker;
    } brokers[] = {{"broker", &s->broker},
                   {"writer.broker", s->writer.broker},
                   {"query.broker", s->query.broker}};
    for (size_t i = 0; i < sizeof brokers / sizeof *brokers; i++) {
        const struct settings_broker *b = brokers[i].broker;
        enum err err = b ? check_pair(brokers[i].name, b->cert_file, b->key_file, why) : ERR_OK;
        if (err != ERR_OK)
            return err;
    }
    if (*s->influxdb.password_file && !*s->influxdb.username)
        return err_explain(why, ERR_INVALID,
                           "influxdb.password_file is set and username is not; right would be "
                           "both, or token_file");
    return check_pair("influxdb", s->influxdb.cert_file, s->influxdb.key_file, why);
}

enum err settings_read(const char *path, struct settings **ret_settings, struct err_reason *why)
{
    struct buf file = {0};
    char *folder = NULL;
    struct settings_loaded *loaded = NULL;
    enum err err = read_file(path, &file, why);
    if (err != ERR_OK)
        goto out;
    folder = folder_of(path);
    loaded = calloc(1, sizeof *loaded);
    if (!folder || !loaded) {
        err = err_explain(why, ERR_NOMEM, "%s: out of memory", path);
        goto out;
    }
    err = settings_parse(loaded, path, folder, buf_view(&file), why);
    if (err == ERR_OK)
        err = check_together(&loaded->settings, why);
    if (err != ERR_OK)
        goto out;
    *ret_settings = &loaded->settings;
    loaded = NULL;
out:
    settings_free(loaded ? &loaded->settings : NULL);
    free(folder);
    buf_free(&file);
    return err;
}

void settings_free(struct settings *settings)
{
    if (!settings)
        return;
    struct settings_loaded *loaded = (struct settings_loaded *)settings;
    for (size_t i = 0; i < loaded->owned_count; i++)
        free(loaded->owned[i]);
    free(loaded->owned);
    free(loaded->origins);
    free(loaded);
}

const struct settings_broker *settings_writer_broker(const struct settings *settings)
{
    return settings->writer.broker ? settings->writer.broker : &settings->broker;
}

const struct settings_broker *settings_query_broker(const struct settings *settings)
{
    return settings->query.broker ? settings->query.broker : &settings->broker;
}

/* Copies the first line of what was read; refuses what no secret looks like. */
static enum err first_line(const char *path, struct text read_bytes, char ret_secret[4097],
                           struct err_reason *why)
{
    size_t len = 0;
    while (len < read_bytes.len && read_bytes.at[len] != '\n')
        len++;
    if (len > 0 && read_bytes.at[len - 1] == '\r')
        len--;
    if (len > SECRET_MAX_BYTES)
        return err_explain(why, ERR_TOO_LARGE, "%s: its first line is longer than %d bytes", path,
                           SECRET_MAX_BYTES);
    if (memchr(read_bytes.at, '\0', len))
        return err_explain(why, ERR_INVALID, "%s: holds a NUL; right would be one line of text",
                           path);
    memcpy(ret_secret, read_bytes.at, len);
    ret_secret[len] = '\0';
    return ERR_OK;
}

enum err settings_secret(const char *path, char ret_secret[4097], struct err_reason *why)
{
    if (!path || !*path) {
        ret_secret[0] = '\0';
        return ERR_OK;
    }
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return err_explain_errno(why, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s", path);
    char bytes[SECRET_MAX_BYTES + 2]; /* the longest line with its CR LF */
    size_t len = 0;
    ssize_t got = 1;
    while (got > 0 && len < sizeof bytes) {
        got = read(descriptor, bytes + len, sizeof bytes - len);
        len += got > 0 ? (size_t)got : 0;
    }
    enum err err = got < 0 ? err_explain_errno(why, ERR_IO, "%s", path)
                           : first_line(path, (struct text){bytes, len}, ret_secret, why);
    close(descriptor);
    explicit_bzero(bytes, sizeof bytes);
    return err;
}

static const struct settings_row *token_row(void)
{
    for (size_t i = 0; i < settings_root.count; i++) {
        const struct settings_section *section = settings_root.rows[i].section;
        for (size_t j = 0; section && j < section->count; j++)
            if (section->rows[j].kind == SETTINGS_TOKEN)
                return &section->rows[j];
    }
    return NULL;
}

struct settings settings_at_destination(const struct settings *settings,
                                        const struct settings_destination *destination)
{
    struct settings there = *settings;
    there.influxdb.database = destination->database;
    there.influxdb.retention_policy = destination->retention_policy;
    there.influxdb.retention = destination->retention;
    return there;
}

enum err settings_influx_token(const struct settings *settings, char ret_secret[4097],
                               struct err_reason *why)
{
    const char *name = NULL, *value = NULL;
    enum err err = settings_from_environment(token_row(), &name, &value, why);
    if (err != ERR_OK)
        return err;
    if (value)
        return first_line(name, text_of(value), ret_secret, why);
    return settings_secret(settings->influxdb.token_file, ret_secret, why);
}
