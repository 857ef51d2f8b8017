#include "writer/rejects.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/value.h"

#define FLUSH_BYTES (64u * 1024u)

struct rejects {
    char *path, *older;
    int descriptor;
    uint64_t size, half;
    uint64_t waiting_lines, lost;
    struct buf waiting;
};

/* Opens or makes the file, and ends a line that was torn. */
static bool file_open(struct rejects *r)
{
    struct stat st;
    char last = '\n';
    r->descriptor = open(r->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (r->descriptor < 0 || fstat(r->descriptor, &st) != 0)
        return false;
    r->size = (uint64_t)st.st_size;
    if (r->size > 0 && pread(r->descriptor, &last, 1, st.st_size - 1) == 1 && last != '\n' &&
        write(r->descriptor, "\n", 1) == 1)
        r->size++;
    return true;
}

enum err rejects_open(const char *path, uint64_t max_bytes, struct rejects **ret_rejects,
                      struct err_reason *why)
{
    struct rejects *r = calloc(1, sizeof *r);
    if (!r)
        return ERR_NOMEM;
    r->descriptor = -1;
    r->half = max_bytes / 2;
    r->path = strdup(path);
    r->older = malloc(strlen(path) + 3);
    if (!r->path || !r->older) {
        rejects_close(r);
        return ERR_NOMEM;
    }
    sprintf(r->older, "%s.1", path);
    if (!file_open(r)) {
        enum err e = err_explain_errno(why, ERR_IO, "file of rejects %s", path);
        rejects_close(r);
        return e;
    }
    *ret_rejects = r;
    return ERR_OK;
}

void rejects_add(struct rejects *r, const struct rejected *message)
{
    rejected_encode(message, &r->waiting);
    buf_char(&r->waiting, '\n');
    if (r->waiting.failed) {
        buf_reset(&r->waiting);
        r->lost += r->waiting_lines + 1;
        r->waiting_lines = 0;
        return;
    }
    r->waiting_lines++;
    if (r->waiting.len >= FLUSH_BYTES)
        rejects_flush(r);
}

static void rotate(struct rejects *r)
{
    if (r->size == 0 || r->size + r->waiting.len <= r->half)
        return;
    if (rename(r->path, r->older) != 0)
        return; /* it grows until it can be renamed */
    close(r->descriptor);
    (void)file_open(r);
}

/* Cuts off what was written in part, so that no line is torn and then merged with the next. */
static void undo(struct rejects *r)
{
    if (ftruncate(r->descriptor, (off_t)r->size) != 0 && write(r->descriptor, "\n", 1) == 1)
        r->size++;
}

void rejects_flush(struct rejects *r)
{
    if (r->waiting.len == 0)
        return;
    rotate(r);
    size_t done = 0;
    while (r->descriptor >= 0 && done < r->waiting.len) {
        ssize_t n = write(r->descriptor, r->waiting.data + done, r->waiting.len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    if (done == r->waiting.len) {
        r->size += done;
    } else {
        r->lost += r->waiting_lines;
        if (done > 0)
            undo(r);
    }
    r->waiting_lines = 0;
    buf_reset(&r->waiting);
}

uint64_t rejects_lost(const struct rejects *r)
{
    return r->lost;
}

void rejects_close(struct rejects *r)
{
    if (!r)
        return;
    rejects_flush(r);
    if (r->descriptor >= 0)
        close(r->descriptor);
    buf_free(&r->waiting);
    free(r->path);
    free(r->older);
    free(r);
}

struct walk {
    struct value_document *document;
    void *context;
    bool (*each)(void *context, const struct rejected *message, struct text line);
    bool going;
};

static void walk_line(struct walk *walk, struct text line)
{
    struct value root;
    struct rejected message;
    if (value_parse(walk->document, VALUE_JSON, line, &root, NULL) == ERR_OK &&
        rejected_decode(root, &message, NULL) == ERR_OK)
        walk->going = walk->each(walk->context, &message, line);
}

static bool walk_file(struct walk *walk, const char *path)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    char *line = NULL;
    size_t size = 0;
    for (ssize_t len; walk->going && (len = getline(&line, &size, file)) > 0;)
        walk_line(walk, (struct text){line, (size_t)len - (line[len - 1] == '\n')});
    free(line);
    fclose(file);
    return true;
}

enum err rejects_walk(const char *path, void *context,
                      bool (*each)(void *context, const struct rejected *message, struct text line),
                      struct err_reason *why)
{
    char older[4096];
    struct walk walk = {value_document_new(), context, each, true};
    if (!walk.document)
        return ERR_NOMEM;
    snprintf(older, sizeof older, "%s.1", path);
    bool found = walk_file(&walk, older);
    if (walk.going)
        found = walk_file(&walk, path) || found;
    value_document_free(walk.document);
    return found ? ERR_OK : err_explain(why, ERR_NOT_FOUND, "no file of rejects at %s", path);
}
