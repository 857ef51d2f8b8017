#include "query-service/instance.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* FNV-1a, 64 bits (draft-eastlake-fnv): names apart, nothing secret. */
static uint64_t hash(uint64_t so_far, const char *text)
{
    for (; *text; text++)
        so_far = (so_far ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return (so_far ^ '\n') * UINT64_C(1099511628211);
}

static uint64_t machine_hash(void)
{
    char text[256] = "";
    uint64_t h = UINT64_C(14695981039346656037);
    FILE *file = fopen("/etc/machine-id", "re");
    if (file) {
        if (fgets(text, sizeof text, file))
            h = hash(h, text);
        fclose(file);
    }
    if (gethostname(text, sizeof text - 1) == 0)
        h = hash(h, text);
    return h;
}

static enum err take_lock(struct instance *instance, const char *client_id, struct err_reason *why)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    /* The first byte 0 makes it abstract. */
    int len = snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "hearthline-query-%s",
                       instance->name);
    instance->lock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (instance->lock < 0)
        return err_explain_errno(why, ERR_IO, "cannot make a socket");
    if (bind(instance->lock, (struct sockaddr *)&address,
             (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len)) == 0)
        return ERR_OK;
    enum err e = errno == EADDRINUSE
                     ? err_explain(why, ERR_BUSY,
                                   "another query service runs here as \"%s\"; stop it, or give "
                                   "this one its own topic_root and query.client_id",
                                   client_id)
                     : err_explain_errno(why, ERR_IO, "cannot take the instance's lock");
    close(instance->lock);
    return e;
}

enum err instance_open(const struct settings *settings, struct instance *ret_instance,
                       struct err_reason *why)
{
    struct instance instance = {.lock = -1};
    uint64_t h = hash(machine_hash(), settings->query.client_id);
    h = hash(hash(h, settings->topic_root), settings_query_broker(settings)->url);
    snprintf(instance.name, sizeof instance.name, "%016" PRIx64, h);
    enum err e = take_lock(&instance, settings->query.client_id, why);
    if (e == ERR_OK)
        *ret_instance = instance;
    return e;
}

void instance_close(struct instance *instance)
{
    if (instance->lock >= 0)
        close(instance->lock);
    instance->lock = -1;
}
