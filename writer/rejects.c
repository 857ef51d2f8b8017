#include "writer/rejects.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FLUSH_BYTES (64u * 1024u)

struct rejects {
    char *path, *older;
    int descriptor; /* -1 when it could not be opened again after a rotation */
    bool torn;      /* the file does not end with a line's end */
    uint64_t size, half;
    struct buf waiting; /* whole lines */
    uint64_t waiting_lines, lost;
};

static char *older_path(const char *path)
{
    char *older;
    return asprintf(&older, "%s.1", path) < 0 ? NULL : older;
}

/* Opens or makes the file and sees how it ends. */
static enum err file_open(struct rejects *r, struct err_reason *why)
{
    struct stat st;
    char last = '\n';
    int fd = open(r->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0600);
    if (fd < 0)
        return err_explain_errno(why, ERR_IO, "cannot open the file of rejects %s", r->path);
    if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode)) {
        close(fd);
        return err_explain(why, ERR_INVALID, "%s is no file: rejects need one", r->path);
    }
    if (fstat(fd, &st) != 0 || fchmod(fd, 0600) != 0 ||
        (st.st_size > 0 && pread(fd, &last, 1, st.st_size - 1) != 1)) {
        enum err e = err_explain_errno(why, ERR_IO, "cannot use the file of rejects %s", r->path);
        close(fd);
        return e;
    }
    r->descriptor = fd;
    r->size = (uint64_t)st.st_size;
    r->torn = last != '\n';
    return ERR_OK;
}

enum err rejects_open(const char *path, uint64_t max_bytes, struct rejects **ret_rejects,
                      struct err_reason *why)
{
    struct rejects *r = calloc(1, sizeof *r);
    if (!r)
        return err_explain(why, ERR_NOMEM, "no memory for the file of rejects");
    r->descriptor = -1;
    r->half = max_bytes / 2;
    r->path = strdup(path);
    r->older = older_path(path);
    enum err e = r->path && r->older
                     ? file_open(r, why)
                     : err_explain(why, ERR_NOMEM, "no memory for the file of rejects");
    if (e != ERR_OK)
        rejects_close(r);
    else
        *ret_rejects = r;
    return e;
}

/* Makes room for `more` bytes within the bound; false when the file cannot take them. */
static bool make_room(struct rejects *r, size_t more)
{
    bool full = r->size > 0 && r->size + r->torn + more > r->half;
    if (full && r->descriptor >= 0) {
        if (rename(r->path, r->older) != 0)
            return false;
        close(r->descriptor);
        r->descriptor = -1;
    }
    return r->descriptor >= 0 || file_open(r, NULL) == ERR_OK;
}

static size_t write_all(int descriptor, const char *bytes, size_t len)
{
    size_t done = 0;
    while (done < len) {
        ssize_t n = write(descriptor, bytes + done, len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    return done;
}

/* Writes whole lines, or nothing: what was written in part is cut off again. */
static bool write_lines(struct rejects *r, struct text lines)
{
    if (!make_room(r, lines.len))
        return false;
    size_t begun = r->torn ? write_all(r->descriptor, "\n", 1) : 0;
    size_t done = begun < r->torn ? 0 : write_all(r->descriptor, lines.at, lines.len);
    if (done == lines.len) {
        r->torn = false;
        r->size += begun + done;
        return true;
    }
    if (begun + done > 0 && ftruncate(r->descriptor, (off_t)r->size) != 0) {
        r->size += begun + done;
        r->torn = true;
    }
    return false;
}

/* Writes the first `len` waiting bytes, which hold all the waiting lines that are counted. */
static void flush_first(struct rejects *r, size_t len)
{
    if (len == 0)
        return;
    if (!write_lines(r, (struct text){r->waiting.data, len}))
        r->lost += r->waiting_lines;
    r->waiting_lines = 0;
    memmove(r->waiting.data, r->waiting.data + len, r->waiting.len - len);
    r->waiting.len -= len;
}

void rejects_flush(struct rejects *r)
{
    flush_first(r, r->waiting.len);
}

static size_t append_line(struct rejects *r, const struct rejected *message)
{
    size_t start = r->waiting.len;
    rejected_encode(message, &r->waiting);
    buf_char(&r->waiting, '\n');
    return r->waiting.len - start;
}

void rejects_add(struct rejects *r, const struct rejected *message)
{
    size_t start = r->waiting.len;
    if (append_line(r, message) > r->half) {
        struct rejected without = *message;
        without.payload = without.payload_base64 = without.line = without.content_type =
            (struct text){NULL, 0};
        without.cut = true;
        buf_cut(&r->waiting, start);
        if (append_line(r, &without) > r->half) {
            buf_cut(&r->waiting, start);
            r->lost++;
            return;
        }
    }
    if (r->waiting.failed) {
        buf_reset(&r->waiting);
        r->lost += r->waiting_lines + 1;
        r->waiting_lines = 0;
        return;
    }
    if (r->waiting.len > FLUSH_BYTES || r->waiting.len > r->half)
        flush_first(r, start);
    r->waiting_lines++;
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

static enum err walk_file(struct walk *walk, FILE *file, struct err_reason *why)
{
    char *line = NULL;
    size_t size = 0;
    for (ssize_t len; walk->going && (len = getline(&line, &size, file)) > 0;)
        walk_line(walk, (struct text){line, (size_t)len - (line[len - 1] == '\n')});
    free(line);
    return ferror(file) ? err_explain_errno(why, ERR_IO, "cannot read the file of rejects")
                        : ERR_OK;
}

/* NULL when it is not there. */
static enum err open_for_reading(const char *path, FILE **ret_file, struct err_reason *why)
{
    *ret_file = fopen(path, "re");
    if (*ret_file || errno == ENOENT)
        return ERR_OK;
    return err_explain_errno(why, ERR_IO, "cannot open the file of rejects %s", path);
}

static bool is_same_file(FILE *a, FILE *b)
{
    struct stat of_a, of_b;
    return a && b && fstat(fileno(a), &of_a) == 0 && fstat(fileno(b), &of_b) == 0 &&
           of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
}

static void close_both(FILE *files[2])
{
    for (size_t i = 0; i < 2; i++)
        if (files[i])
            fclose(files[i]);
    files[0] = files[1] = NULL;
}

/* Opens FILE.1 and FILE; the second first, and once more when it was renamed in between, so that
 * what was moved meanwhile is neither missed nor met twice. */
static enum err open_both(const char *path, const char *older, FILE *ret_files[2],
                          struct err_reason *why)
{
    enum err e;
    do {
        close_both(ret_files);
        e = open_for_reading(path, &ret_files[1], why);
        if (e == ERR_OK)
            e = open_for_reading(older, &ret_files[0], why);
    } while (e == ERR_OK && is_same_file(ret_files[0], ret_files[1]));
    if (e == ERR_OK && !ret_files[0] && !ret_files[1])
        e = err_explain(why, ERR_NOT_FOUND, "no file of rejects at %s", path);
    return e;
}

enum err rejects_walk(const char *path, void *context,
                      bool (*each)(void *context, const struct rejected *message, struct text line),
                      struct err_reason *why)
{
    FILE *files[2] = {NULL, NULL};
    char *older = older_path(path);
    struct walk walk = {value_document_new(), context, each, true};
    enum err e = ERR_NOMEM;
    if (!older || !walk.document) {
        err_explain(why, e, "no memory to read the file of rejects");
        goto out;
    }
    e = open_both(path, older, files, why);
    for (size_t i = 0; e == ERR_OK && i < 2; i++)
        if (files[i])
            e = walk_file(&walk, files[i], why);
out:
    close_both(files);
    value_document_free(walk.document);
    free(older);
    return e;
}
