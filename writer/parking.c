#include "writer/parking.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "writer/journal/folder.h"
#include "writer/parking_block.h"

#define FILES          8u /* as many as fill the bound */
#define GONE_MAX       4
#define NAME_MAX_BYTES 32

struct parked_file {
    uint64_t number, bytes;
    uint64_t points; /* that wait in it */
};

struct parking {
    int folder;
    uint64_t max_bytes;
    bool sync, unsynced;
    struct parked_file *files; /* those in which something waits, the oldest first */
    size_t count, capacity;
    uint64_t next;         /* number of the next file */
    uint64_t begin_offset; /* in the oldest file */
    uint64_t points;       /* that wait, covered or not */
    struct parking_place covered;
    uint64_t covered_points;
    int open;                /* the newest file, or -1 */
    uint64_t gone[GONE_MAX]; /* files of which nothing waits, still to be removed */
    size_t gone_count;
    uint64_t gone_bytes;
    struct {
        bool any;
        uint64_t offset, points, lost; /* behind what was taken, and what was in it */
    } taken;
};

static void name_of(uint64_t number, char ret_name[NAME_MAX_BYTES])
{
    snprintf(ret_name, NAME_MAX_BYTES, "%016" PRIx64 ".lines", number);
}

static int open_file(const struct parking *p, uint64_t number, int flags)
{
    char name[NAME_MAX_BYTES];
    name_of(number, name);
    return openat(p->folder, name, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
}

static void remove_file(const struct parking *p, uint64_t number)
{
    char name[NAME_MAX_BYTES];
    name_of(number, name);
    (void)unlinkat(p->folder, name, 0);
}

static struct parked_file *newest(const struct parking *p)
{
    return p->count ? &p->files[p->count - 1] : NULL;
}

static struct parking_place begin(const struct parking *p)
{
    return p->count ? (struct parking_place){p->files[0].number, p->begin_offset}
                    : (struct parking_place){p->next, 0};
}

static struct parking_place end(const struct parking *p)
{
    const struct parked_file *last = newest(p);
    return last ? (struct parking_place){last->number, last->bytes}
                : (struct parking_place){p->next, 0};
}

static void close_newest(struct parking *p)
{
    if (p->open >= 0)
        close(p->open);
    p->open = -1;
}

bool parking_empty(const struct parking *p)
{
    return p->count == 0;
}

uint64_t parking_bytes(const struct parking *p)
{
    uint64_t bytes = p->gone_bytes;
    for (size_t i = 0; i < p->count; i++)
        bytes += p->files[i].bytes;
    return bytes;
}

/* --- opening ------------------------------------------------------------------ */

static bool add_file(struct parking *p, uint64_t number, uint64_t bytes)
{
    if (p->count == p->capacity) {
        size_t capacity = p->capacity ? 2 * p->capacity : 16;
        struct parked_file *more = realloc(p->files, capacity * sizeof *more);
        if (!more)
            return false;
        p->files = more;
        p->capacity = capacity;
    }
    p->files[p->count++] = (struct parked_file){.number = number, .bytes = bytes};
    return true;
}

static bool number_of(const char *name, uint64_t *ret_number)
{
    char expected[NAME_MAX_BYTES];
    char *rest = NULL;
    *ret_number = strtoull(name, &rest, 16);
    name_of(*ret_number, expected);
    return strcmp(name, expected) == 0;
}

static int by_number(const void *a, const void *b)
{
    uint64_t left = ((const struct parked_file *)a)->number;
    uint64_t right = ((const struct parked_file *)b)->number;
    return (left > right) - (left < right);
}

/* What the mark says to be gone is removed, and so is what came behind it. */
static enum err list_files(struct parking *p, const struct parking_mark *mark)
{
    int copy = openat(p->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = copy >= 0 ? fdopendir(copy) : NULL;
    struct dirent *entry;
    enum err e = list ? ERR_OK : folder_error();
    if (!list && copy >= 0)
        close(copy);
    while (e == ERR_OK && (entry = readdir(list))) {
        uint64_t number;
        struct stat st;
        if (!number_of(entry->d_name, &number))
            continue;
        bool behind = number > mark->end.file || (number == mark->end.file && !mark->end.offset);
        if (number < mark->begin.file || behind)
            remove_file(p, number);
        else if (fstatat(p->folder, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
                 S_ISREG(st.st_mode) && !add_file(p, number, (uint64_t)st.st_size))
            e = ERR_NOMEM;
    }
    if (list)
        closedir(list);
    if (p->count > 0)
        qsort(p->files, p->count, sizeof *p->files, by_number);
    return e;
}

/* Walks the heads of a file's blocks from `offset`; the file ends where they do. */
static enum err count_points(struct parking *p, struct parked_file *file, uint64_t offset,
                             uint64_t limit)
{
    struct parking_block head;
    int fd = open_file(p, file->number, O_RDWR);
    if (fd < 0)
        return folder_error();
    limit = limit < file->bytes ? limit : file->bytes;
    while (parking_block_head(fd, offset, limit, &head)) {
        file->points += head.count;
        offset += parking_block_size(head.bytes);
    }
    enum err e =
        offset < file->bytes && ftruncate(fd, (off_t)offset) != 0 ? folder_error() : ERR_OK;
    file->bytes = offset < file->bytes ? offset : file->bytes;
    close(fd);
    return e;
}

static enum err take_stock(struct parking *p, const struct parking_mark *mark)
{
    enum err e = list_files(p, mark);
    size_t kept = 0;
    p->next = mark->end.file == UINT64_MAX ? 1 : mark->end.file + 1;
    for (size_t i = 0; e == ERR_OK && i < p->count; i++) {
        struct parked_file *file = &p->files[i];
        uint64_t offset = file->number == mark->begin.file ? mark->begin.offset : 0;
        e = count_points(p, file, offset,
                         file->number == mark->end.file ? mark->end.offset : UINT64_MAX);
        p->next = file->number >= p->next ? file->number + 1 : p->next;
        if (file->points == 0) {
            remove_file(p, file->number);
            continue;
        }
        p->begin_offset = kept == 0 ? offset : p->begin_offset;
        p->points += file->points;
        p->files[kept++] = *file;
    }
    p->count = e == ERR_OK ? kept : p->count;
    p->covered = end(p);
    p->covered_points = p->points;
    return e;
}

enum err parking_open(const struct parking_options *options, const struct parking_mark *mark,
                      struct parking **ret_parking, uint64_t *ret_lost, struct err_reason *why)
{
    const struct parking_mark all = {.end = {UINT64_MAX, UINT64_MAX}};
    struct parking *p = calloc(1, sizeof *p);
    if (!p)
        return ERR_NOMEM;
    p->folder = p->open = -1;
    p->max_bytes = options->max_bytes;
    p->sync = options->sync;
    enum err e = folder_open(options->folder, true, &p->folder, why);
    if (e == ERR_OK) {
        e = take_stock(p, mark ? mark : &all);
        if (e != ERR_OK)
            e = err_explain_errno(why, e, "cannot use the parked lines in %s", options->folder);
    }
    if (e != ERR_OK) {
        parking_close(p);
        return e;
    }
    *ret_lost = mark && mark->points > p->points ? mark->points - p->points : 0;
    *ret_parking = p;
    return ERR_OK;
}

void parking_close(struct parking *p)
{
    if (!p)
        return;
    close_newest(p);
    if (p->folder >= 0)
        close(p->folder);
    free(p->files);
    free(p);
}

/* --- adding ------------------------------------------------------------------- */

/* What could not be synced once may be gone though the next call succeeds. */
static bool synced(struct parking *p)
{
    if (p->sync && p->open >= 0)
        p->unsynced = p->unsynced || fdatasync(p->open) != 0 || fsync(p->folder) != 0;
    return !p->unsynced;
}

/* The file that a block goes to: the newest, or one more. */
static enum err file_for(struct parking *p, uint64_t size, struct parked_file **ret_file)
{
    struct parked_file *last = newest(p);
    if (!last || (last->bytes > 0 && last->bytes + size > p->max_bytes / FILES)) {
        (void)synced(p); /* parking_cover says what came of it */
        close_newest(p);
        if (!add_file(p, p->next, 0))
            return ERR_NOMEM;
        p->begin_offset = p->count == 1 ? 0 : p->begin_offset;
        p->next++;
        last = newest(p);
        p->open = open_file(p, last->number, O_RDWR | O_CREAT | O_TRUNC);
    } else if (p->open < 0) {
        p->open = open_file(p, last->number, O_RDWR);
    }
    *ret_file = last;
    return p->open >= 0 ? ERR_OK : ERR_IO;
}

enum err parking_append(struct parking *p, struct text lines, size_t count)
{
    uint64_t size = parking_block_size(lines.len);
    struct parked_file *file = NULL;
    if (parking_bytes(p) + size > p->max_bytes)
        return ERR_FULL;
    enum err e = file_for(p, size, &file);
    if (e == ERR_OK)
        e = parking_block_write(p->open, file->bytes, lines, count);
    if (e == ERR_OK) {
        file->bytes += size;
        file->points += count;
        p->points += count;
    } else if (file && file->bytes == 0) {
        p->count--;
        close_newest(p);
        remove_file(p, file->number);
    }
    return e;
}

enum err parking_cover(struct parking *p)
{
    struct parking_place to = end(p);
    bool more = to.file != p->covered.file || to.offset != p->covered.offset;
    if (more && !synced(p))
        return ERR_IO;
    p->covered = to;
    p->covered_points = p->points;
    return ERR_OK;
}

/* Behind its end nothing may stay that looks like a block: when more files follow, the mark does
 * not tell where this one ends. */
static void cut_newest(struct parking *p)
{
    if (p->open < 0)
        p->open = open_file(p, newest(p)->number, O_RDWR);
    if (p->open >= 0)
        (void)!ftruncate(p->open, (off_t)newest(p)->bytes);
}

void parking_uncover(struct parking *p)
{
    while (p->count > 0 && newest(p)->number > p->covered.file) {
        close_newest(p);
        remove_file(p, newest(p)->number);
        p->count--;
    }
    struct parked_file *last = newest(p);
    if (last && last->number == p->covered.file && last->bytes > p->covered.offset) {
        uint64_t before = 0;
        for (size_t i = 0; i + 1 < p->count; i++)
            before += p->files[i].points;
        last->points = p->covered_points - before;
        last->bytes = p->covered.offset;
        cut_newest(p);
        if (last->bytes == 0) {
            close_newest(p);
            remove_file(p, last->number);
            p->count--;
        }
    }
    p->points = p->covered_points;
}

struct parking_mark parking_mark(const struct parking *p)
{
    return (struct parking_mark){begin(p), p->covered, p->covered_points};
}

/* --- taking out --------------------------------------------------------------- */

/* Nothing waits in the oldest file any more; it is removed when the mark was saved. */
static void oldest_done(struct parking *p)
{
    if (p->count == 1)
        close_newest(p);
    if (p->gone_count == GONE_MAX)
        parking_tidy(p);
    p->gone[p->gone_count++] = p->files[0].number;
    p->gone_bytes += p->files[0].bytes;
    memmove(p->files, p->files + 1, (p->count - 1) * sizeof *p->files);
    p->count--;
    p->begin_offset = 0;
    if (p->count == 0)
        p->covered = end(p);
}

/* Where in the oldest file the covered blocks end. */
static uint64_t covered_in_oldest(const struct parking *p)
{
    const struct parked_file *file = &p->files[0];
    if (file->number == p->covered.file)
        return p->covered.offset;
    return file->number < p->covered.file ? file->bytes : 0;
}

static uint64_t covered_points_in_oldest(const struct parking *p)
{
    return p->files[0].number == p->covered.file ? p->covered_points : p->files[0].points;
}

void parking_take(struct parking *p, size_t max_count, size_t max_bytes, struct buf *lines,
                  size_t *ret_count)
{
    struct parking_block head;
    *ret_count = 0;
    if (p->count == 0 || covered_in_oldest(p) <= p->begin_offset)
        return;
    uint64_t limit = covered_in_oldest(p), offset = p->begin_offset, lost = 0;
    size_t start = lines->len;
    int fd = open_file(p, p->files[0].number, O_RDONLY);
    if (fd < 0 && errno != ENOENT)
        return; /* for want of descriptors, say: it is there, and can be read later */
    while (fd >= 0 && parking_block_head(fd, offset, limit, &head)) {
        if (*ret_count > 0 &&
            (*ret_count + head.count > max_count || lines->len - start + head.bytes > max_bytes))
            break;
        enum err e = parking_block_lines(fd, offset, &head, lines);
        if (e == ERR_NOMEM)
            break;
        if (e == ERR_OK)
            *ret_count += head.count;
        else
            lost += head.count;
        offset += parking_block_size(head.bytes);
    }
    bool stuck = fd >= 0 && offset < limit && !parking_block_head(fd, offset, limit, &head);
    if (fd >= 0)
        close(fd);
    if (stuck || fd < 0) { /* the rest of the file cannot be read */
        lost = covered_points_in_oldest(p) - *ret_count;
        offset = limit;
    }
    p->taken.any = true;
    p->taken.offset = offset;
    p->taken.points = *ret_count;
    p->taken.lost = lost;
}

uint64_t parking_settle(struct parking *p)
{
    if (!p->taken.any)
        return 0;
    uint64_t out = p->taken.points + p->taken.lost, lost = p->taken.lost;
    p->files[0].points -= out;
    p->points -= out;
    p->covered_points -= out;
    p->begin_offset = p->taken.offset;
    parking_put_back(p);
    if (p->begin_offset >= p->files[0].bytes)
        oldest_done(p);
    return lost;
}

void parking_put_back(struct parking *p)
{
    memset(&p->taken, 0, sizeof p->taken);
}

uint64_t parking_drop_oldest(struct parking *p)
{
    if (p->taken.any || p->count == 0 || covered_in_oldest(p) < p->files[0].bytes)
        return 0;
    uint64_t points = p->files[0].points;
    p->points -= points;
    p->covered_points -= points;
    oldest_done(p);
    return points;
}

void parking_tidy(struct parking *p)
{
    for (size_t i = 0; i < p->gone_count; i++)
        remove_file(p, p->gone[i]);
    p->gone_count = 0;
    p->gone_bytes = 0;
}
