#include "writer/journal/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crc32c.h"
#include "writer/journal/folder.h"
#include "writer/journal/record.h"

static const char magic[8] = "HLJOURNL";

/* As on disk, little endian; `crc` is over all before it. */
struct header {
    char magic[8];
    uint32_t version;
    uint32_t size;
    uint64_t number;
    uint64_t id;
    uint64_t first;
    int64_t first_ns;
    uint32_t used_before;
    uint32_t zero[2];
    uint32_t crc;
};
_Static_assert(sizeof(struct header) == SEGMENT_HEADER, "the header has no padding");

static uint32_t crc_of(const struct header *h)
{
    return crc32c(0, h, offsetof(struct header, crc));
}

static struct header header_of(const struct segment *segment)
{
    struct header h = {
        .version = SEGMENT_VERSION,
        .size = segment->size,
        .number = segment->number,
        .id = segment->id,
        .first = segment->first,
        .first_ns = segment->first_ns,
        .used_before = segment->used_before,
    };
    memcpy(h.magic, magic, sizeof h.magic);
    h.crc = crc_of(&h);
    return h;
}

void segment_name(uint64_t number, char ret_name[SEGMENT_NAME_SIZE])
{
    snprintf(ret_name, SEGMENT_NAME_SIZE, "segment-%016" PRIx64 ".log", number);
}

bool segment_number_of(const char *name, uint64_t *ret_number)
{
    static const char begin[] = "segment-";
    char again[SEGMENT_NAME_SIZE];
    if (strncmp(name, begin, sizeof begin - 1) != 0)
        return false;
    uint64_t number = strtoull(name + sizeof begin - 1, NULL, 16);
    segment_name(number, again);
    if (strcmp(name, again) != 0 || number == 0 || number >= RECORD_NUMBER_MAX)
        return false;
    *ret_number = number;
    return true;
}

static struct segment *make(uint64_t number, uint32_t size)
{
    struct segment *segment = calloc(1, sizeof *segment);
    if (segment) {
        segment->number = number;
        segment->size = size;
        atomic_init(&segment->used, SEGMENT_HEADER);
    }
    return segment;
}

static enum err write_headers(int file, const struct segment *segment, const char *name, bool sync,
                              struct err_reason *why)
{
    struct header h = header_of(segment);
    if (pwrite(file, &h, sizeof h, 0) != (ssize_t)sizeof h ||
        pwrite(file, &h, sizeof h, segment_limit(segment)) != (ssize_t)sizeof h ||
        (sync && fdatasync(file) != 0))
        return err_explain_errno(why, folder_error(), "cannot write the headers of %s", name);
    return ERR_OK;
}

enum err segment_create(int folder, uint64_t number, uint32_t size, bool sync,
                        struct segment **ret_segment, struct err_reason *why)
{
    static const char temporary[] = "segment.tmp";
    struct segment *segment = make(number, size);
    if (!segment)
        return err_explain(why, ERR_NOMEM, "no memory for a segment");
    char name[SEGMENT_NAME_SIZE];
    segment_name(number, name);
    int file = openat(folder, temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    enum err e = file < 0 ? err_explain_errno(why, folder_error(), "cannot make %s", temporary)
                          : folder_allocate(file, size, name, why);
    if (!e)
        e = write_headers(file, segment, name, sync, why);
    if (!e && (renameat(folder, temporary, folder, name) != 0 || (sync && fsync(folder) != 0)))
        e = err_explain_errno(why, folder_error(), "cannot rename %s to %s", temporary, name);
    if (file >= 0)
        close(file);
    if (e) {
        (void)unlinkat(folder, temporary, 0); /* gives its room back */
        segment_free(segment);
        return e;
    }
    *ret_segment = segment;
    return ERR_OK;
}

static bool header_sound(const struct header *h, uint64_t file_number)
{
    return memcmp(h->magic, magic, sizeof magic) == 0 && h->crc == crc_of(h) &&
           h->version == SEGMENT_VERSION && h->number == file_number &&
           h->size >= SEGMENT_MIN_BYTES && h->size <= SEGMENT_MAX_BYTES &&
           h->size % RECORD_ALIGN == 0 && h->first < RECORD_NUMBER_MAX;
}

/* Every version keeps magic, version and CRC where they are, so that a flipped bit is not taken for
 * one. */
static bool header_foreign(const struct header *h)
{
    return memcmp(h->magic, magic, sizeof magic) == 0 && h->crc == crc_of(h) &&
           h->version != SEGMENT_VERSION;
}

enum err segment_load(int folder, uint64_t number, struct segment **ret_segment,
                      struct err_reason *why)
{
    char name[SEGMENT_NAME_SIZE];
    segment_name(number, name);
    int file = openat(folder, name, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return err_explain_errno(why, folder_error(), "cannot open %s", name);
    struct header first = {0}, second = {0};
    struct stat status = {0};
    bool failed = fstat(file, &status) != 0 || pread(file, &first, sizeof first, 0) < 0;
    if (!failed && status.st_size >= SEGMENT_MIN_BYTES)
        failed = pread(file, &second, sizeof second, status.st_size - SEGMENT_HEADER) < 0;
    close(file);
    if (failed)
        return err_explain_errno(why, ERR_IO, "cannot read %s", name);

    /* The second is written first: where only it says that the segment was begun, it was. */
    bool begun = header_sound(&second, number) && second.first != 0;
    const struct header *h =
        header_sound(&first, number) && !(first.first == 0 && begun) ? &first : &second;
    bool sound = header_sound(h, number);
    if (!sound && header_foreign(&first))
        return err_explain(why, ERR_UNSUPPORTED,
                           "%s has format version %u, this program knows version %u: use the "
                           "program that wrote it, or move the folder away",
                           name, first.version, SEGMENT_VERSION);
    bool fits = status.st_size > 0 && status.st_size <= (off_t)SEGMENT_MAX_BYTES;
    struct segment *segment = make(number, sound ? h->size : fits ? (uint32_t)status.st_size : 0);
    if (!segment)
        return err_explain(why, ERR_NOMEM, "no memory for a segment");
    segment->damaged = !sound;
    if (sound) {
        segment->id = h->id;
        segment->seed = record_seed(h->id);
        segment->first = h->first;
        segment->first_ns = h->first_ns;
        segment->used_before = h->used_before != 0;
    }
    *ret_segment = segment;
    return ERR_OK;
}

enum err segment_map(int folder, struct segment *segment, bool writable, struct err_reason *why)
{
    char name[SEGMENT_NAME_SIZE];
    segment_name(segment->number, name);
    if (segment->map)
        return ERR_OK;
    int file = openat(folder, name, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC);
    if (file < 0)
        return err_explain_errno(why, folder_error(), "cannot open %s", name);
    struct stat status;
    enum err e = ERR_OK;
    if (fstat(file, &status) != 0)
        e = err_explain_errno(why, ERR_IO, "cannot read %s", name);
    else if (writable) /* free when the blocks are there */
        e = folder_allocate(file, segment->size, name, why);
    else if (status.st_size < (off_t)segment->size)
        e = err_explain(why, ERR_CORRUPT, "%s was cut short", name);
    if (!e) {
        int access = PROT_READ | (writable ? PROT_WRITE : 0);
        char *map = mmap(NULL, segment->size, access, MAP_SHARED, file, 0);
        if (map == MAP_FAILED)
            e = err_explain_errno(why, folder_error(), "cannot map %s", name);
        else
            segment->map = map;
    }
    close(file);
    return e;
}

void segment_unmap(struct segment *segment)
{
    if (segment->map)
        munmap(segment->map, segment->size);
    segment->map = NULL;
    segment->released = 0;
    segment->populated = 0;
    segment->was_read = false;
}

static size_t page_bytes(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

enum err segment_sync(struct segment *segment, uint32_t from, uint32_t to)
{
    size_t start = from & ~(page_bytes() - 1);
    return msync(segment->map + start, to - start, MS_SYNC) == 0 ? ERR_OK : ERR_IO;
}

/* Through the map: the blocks are there, so this cannot fail. The second header first, so that at
 * any moment one of them is whole. */
static void put_headers(struct segment *segment)
{
    struct header h = header_of(segment);
    memcpy(segment->map + segment_limit(segment), &h, sizeof h);
    memcpy(segment->map, &h, sizeof h);
}

static enum err sync_headers(struct segment *segment)
{
    enum err e = segment_sync(segment, segment_limit(segment), segment->size);
    return e ? e : segment_sync(segment, 0, SEGMENT_HEADER);
}

enum err segment_recycle(int folder, struct segment *segment, uint64_t number, bool sync,
                         struct err_reason *why)
{
    char old_name[SEGMENT_NAME_SIZE], new_name[SEGMENT_NAME_SIZE];
    const uint64_t old_number = segment->number;
    segment_name(old_number, old_name);
    segment_name(number, new_name);
    enum err e = segment_map(folder, segment, true, why);
    if (e)
        return e;
    segment->number = number;
    segment->first = 0;
    segment->first_ns = 0;
    segment->used_before = true;
    atomic_store(&segment->used, SEGMENT_HEADER);
    /* Headers before the rename: a crash in between leaves a file whose name and number differ, and
     * nobody reads the old records as if they were of the new number. */
    put_headers(segment);
    if (sync && sync_headers(segment))
        e = err_explain_errno(why, ERR_IO, "cannot sync %s", old_name);
    else if (renameat(folder, old_name, folder, new_name) != 0 || (sync && fsync(folder) != 0))
        e = err_explain_errno(why, folder_error(), "cannot rename %s to %s", old_name, new_name);
    if (e)
        segment->number = old_number; /* the name that its file still has */
    return e;
}

enum err segment_begin(struct segment *segment, uint64_t first, int64_t first_ns, bool sync)
{
    /* A new id now, not when the spare was made: whatever was ever written here is void. */
    enum err e = folder_random(&segment->id, sizeof segment->id, NULL);
    if (e)
        return e;
    segment->seed = record_seed(segment->id);
    segment->first = first;
    segment->first_ns = first_ns;
    memset(segment->map + SEGMENT_HEADER, 0, RECORD_ALIGN); /* no records yet */
    put_headers(segment);
    return sync ? sync_headers(segment) : ERR_OK;
}

void segment_populate(struct segment *segment, uint32_t offset, uint32_t bytes)
{
    if (!segment->map || offset >= segment->size)
        return;
    size_t from = offset & ~(page_bytes() - 1);
    size_t to = (size_t)offset + bytes < segment->size ? (size_t)offset + bytes : segment->size;
#ifdef MADV_POPULATE_WRITE
    (void)madvise(segment->map + from, to - from, MADV_POPULATE_WRITE); /* Linux 5.14; only speed */
#else
    (void)from, (void)to;
#endif
}

void segment_release(struct segment *segment, uint32_t offset)
{
    size_t to = offset & ~(page_bytes() - 1);
    if (!segment->map || to <= segment->released)
        return;
    (void)madvise(segment->map + segment->released, to - segment->released, MADV_DONTNEED);
    segment->released = (uint32_t)to;
}

uint32_t segment_data_end(int folder, const struct segment *segment, uint32_t from)
{
    char name[SEGMENT_NAME_SIZE];
    segment_name(segment->number, name);
    int file = openat(folder, name, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return segment_limit(segment);
    /* Allocated and never written counts as a hole, so the untouched rest need not be read. The
     * last page is left out: the second header keeps it from being a hole. */
    const off_t last_page = (off_t)(segment_limit(segment) & ~(page_bytes() - 1));
    off_t end = from, data = from;
    while (end < last_page && (data = lseek(file, end, SEEK_DATA)) >= 0 && data < last_page)
        if ((end = lseek(file, data, SEEK_HOLE)) < 0)
            end = segment->size;
    if (data < 0 && errno != ENXIO)
        end = segment->size;
    close(file);
    for (off_t at = last_page; at < (off_t)segment_limit(segment); at++)
        if (segment->map[at] != 0)
            return segment_limit(segment);
    return end < (off_t)segment_limit(segment) ? (uint32_t)end : segment_limit(segment);
}

void segment_delete(int folder, struct segment *segment)
{
    char name[SEGMENT_NAME_SIZE];
    segment_name(segment->number, name);
    (void)unlinkat(folder, name, 0); /* what cannot be removed is found again at the next open */
    segment_free(segment);
}

void segment_free(struct segment *segment)
{
    if (!segment)
        return;
    segment_unmap(segment);
    free(segment);
}
