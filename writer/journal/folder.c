#include "writer/journal/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum err folder_error(void)
{
    switch (errno) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return ERR_FULL;
    case ENOENT:
        return ERR_NOT_FOUND;
    case ENOMEM:
        return ERR_NOMEM;
    default:
        return ERR_IO;
    }
}

static enum err make_parents(const char *path, struct err_reason *why)
{
    char *part = strdup(path);
    if (!part)
        return err_explain(why, ERR_NOMEM, "no memory for the path %s", path);
    for (char *slash = part + 1; *part && (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        (void)mkdir(part, 0700); /* what matters is whether the last one opens */
        *slash = '/';
    }
    (void)mkdir(part, 0700);
    free(part);
    return ERR_OK;
}

enum err folder_open(const char *path, bool make, int *ret_folder, struct err_reason *why)
{
    if (make) {
        enum err e = make_parents(path, why);
        if (e)
            return e;
    }
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return err_explain_errno(why, folder_error(), "cannot open the journal's folder %s", path);
    *ret_folder = folder;
    return ERR_OK;
}

static enum err name_the_owner(int lock, const char *path, struct err_reason *why)
{
    char pid[32] = "";
    ssize_t size = pread(lock, pid, sizeof pid - 1, 0);
    pid[size > 0 ? size : 0] = '\0';
    pid[strspn(pid, "0123456789")] = '\0';
    return err_explain(why, ERR_BUSY, "the journal %s is in use by the process with pid %s", path,
                       pid[0] ? pid : "(not written yet)");
}

enum err folder_lock(int folder, const char *path, int *ret_lock, struct err_reason *why)
{
    int lock = openat(folder, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0)
        return err_explain_errno(why, folder_error(), "cannot open the lock of %s", path);
    enum err e = ERR_OK;
    if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
        e = errno == EWOULDBLOCK ? name_the_owner(lock, path, why)
                                 : err_explain_errno(why, ERR_IO, "cannot lock %s", path);
    } else {
        char pid[32];
        /* As wide as any pid, over the one before: a full disk must not keep us from starting. */
        int size = snprintf(pid, sizeof pid, "%-20ld\n", (long)getpid());
        if (pwrite(lock, pid, (size_t)size, 0) != size)
            e = err_explain_errno(why, folder_error(), "cannot write our pid into the lock of %s",
                                  path);
    }
    if (e)
        close(lock);
    else
        *ret_lock = lock;
    return e;
}

enum err folder_random(void *ret_bytes, size_t size, struct err_reason *why)
{
    if (getrandom(ret_bytes, size, 0) != (ssize_t)size)
        return err_explain_errno(why, ERR_IO, "the system gives no random bytes");
    return ERR_OK;
}

enum err folder_id(int folder, bool make, char ret_id[FOLDER_ID_SIZE], struct err_reason *why)
{
    char id[FOLDER_ID_SIZE] = "";
    size_t size = 0;
    enum err e = folder_read(folder, "id", id, FOLDER_ID_SIZE - 1, &size);
    id[FOLDER_ID_SIZE - 1] = '\0';
    if (e || strspn(id, "0123456789abcdef") != FOLDER_ID_SIZE - 1) {
        if (!make)
            return err_explain(why, ERR_NOT_FOUND, "there is no journal in this folder");
        unsigned char bytes[FOLDER_ID_SIZE / 2];
        e = folder_random(bytes, sizeof bytes, why);
        if (e)
            return e;
        for (size_t i = 0; i < sizeof bytes; i++)
            snprintf(id + 2 * i, 3, "%02x", bytes[i]);
        e = folder_replace(folder, "id", text_of(id), TEXT("\n"), true, why);
        if (e)
            return e;
    }
    memcpy(ret_id, id, FOLDER_ID_SIZE);
    return ERR_OK;
}

enum err folder_allocate(int file, size_t size, const char *name, struct err_reason *why)
{
    int code;
    do {
        code = posix_fallocate(file, 0, (off_t)size);
    } while (code == EINTR);
    if (code == 0)
        return ERR_OK;
    errno = code;
    return err_explain_errno(why, folder_error(), "no room on the disk for %zu bytes of %s", size,
                             name);
}

enum err folder_map(int folder, const char *name, size_t size, char **ret_map,
                    struct err_reason *why)
{
    int file = openat(folder, name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0)
        return err_explain_errno(why, folder_error(), "cannot open %s", name);
    enum err e = folder_allocate(file, size, name, why);
    if (!e) {
        char *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        if (map == MAP_FAILED)
            e = err_explain_errno(why, folder_error(), "cannot map %s", name);
        else
            *ret_map = map;
    }
    close(file);
    return e;
}

enum err folder_replace(int folder, const char *name, struct text head, struct text body, bool sync,
                        struct err_reason *why)
{
    char temporary[64];
    snprintf(temporary, sizeof temporary, "%s.tmp", name);
    int file = openat(folder, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0)
        return err_explain_errno(why, folder_error(), "cannot make %s", temporary);
    enum err e = ERR_OK;
    if (!text_write(file, head) || !text_write(file, body) || (sync && fdatasync(file) != 0))
        e = err_explain_errno(why, folder_error(), "cannot write %s", temporary);
    close(file);
    if (!e && renameat(folder, temporary, folder, name) != 0)
        e = err_explain_errno(why, folder_error(), "cannot rename %s to %s", temporary, name);
    if (!e && sync && fsync(folder) != 0)
        e = err_explain_errno(why, ERR_IO, "cannot sync the folder of %s", name);
    if (e)
        (void)unlinkat(folder, temporary, 0); /* gives its room back */
    return e;
}

enum err folder_read(int folder, const char *name, void *ret_bytes, size_t capacity,
                     size_t *ret_size)
{
    int file = openat(folder, name, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return folder_error();
    size_t size = 0;
    ssize_t got = 1;
    while (size < capacity && got > 0) {
        got = read(file, (char *)ret_bytes + size, capacity - size);
        if (got > 0)
            size += (size_t)got;
    }
    close(file);
    if (got < 0)
        return ERR_IO;
    *ret_size = size;
    return ERR_OK;
}
