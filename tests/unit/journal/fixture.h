/* What the journal's tests share: a folder of their own, a clock that is turned by hand, and short
 * words for opening, appending and reading. */
#ifndef TESTS_UNIT_JOURNAL_FIXTURE_H
#define TESTS_UNIT_JOURNAL_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "writer/journal/journal.h"

#define UNUSED_FN __attribute__((unused))
#define MIB       (UINT64_C(1) << 20)
#define START_NS  INT64_C(1790000000000000000)

struct fixture {
    char path[400];
    int64_t real_ns, monotonic_ns;
    uint64_t max_bytes, max_age_s;
    bool sync;
    struct journal *journal;
};

static int64_t fixture_real(void *context)
{
    return ((struct fixture *)context)->real_ns;
}

static int64_t fixture_monotonic(void *context)
{
    return ((struct fixture *)context)->monotonic_ns;
}

/* Time passes on both clocks. */
UNUSED_FN static void fixture_pass(struct fixture *f, int64_t ns)
{
    f->real_ns += ns;
    f->monotonic_ns += ns;
}

UNUSED_FN static enum err fixture_try_open(struct fixture *f, struct err_reason *why)
{
    struct journal_options options = {
        .path = f->path,
        .max_bytes = f->max_bytes,
        .max_age_s = f->max_age_s,
        .sync = f->sync,
        .clock = {fixture_real, fixture_monotonic, f},
    };
    return journal_open(&options, &f->journal, why);
}

UNUSED_FN static void fixture_open(struct fixture *f)
{
    struct err_reason why = {""};
    if (fixture_try_open(f, &why) != ERR_OK)
        fail_msg("cannot open: %s", why.text);
}

UNUSED_FN static void fixture_close(struct fixture *f)
{
    journal_close(f->journal);
    f->journal = NULL;
}

UNUSED_FN static void fixture_reopen(struct fixture *f)
{
    fixture_close(f);
    fixture_open(f);
}

UNUSED_FN static void fixture_name(const struct fixture *f, const char *name, char path[800])
{
    snprintf(path, 800, "%s/%s", f->path, name);
}

UNUSED_FN static void fixture_remove(const char *folder)
{
    DIR *listing = opendir(folder);
    for (struct dirent *entry; listing && (entry = readdir(listing));) {
        char path[800];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlink(path);
    }
    if (listing)
        closedir(listing);
    rmdir(folder);
}

UNUSED_FN static int fixture_setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    snprintf(f->path, sizeof f->path, "/tmp/journal-test-XXXXXX");
    assert_non_null(mkdtemp(f->path));
    f->real_ns = START_NS;
    f->monotonic_ns = INT64_C(1000000000);
    f->max_bytes = 4 * MIB;
    *state = f;
    return 0;
}

UNUSED_FN static int fixture_teardown(void **state)
{
    struct fixture *f = *state;
    journal_close(f->journal);
    fixture_remove(f->path);
    free(f);
    return 0;
}

/* Copies every file of the folder, as a crash would find it. */
UNUSED_FN static void fixture_copy_file(const char *from, const char *to)
{
    static char bytes[1 << 16];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    assert_non_null(in);
    assert_non_null(out);
    for (size_t size; (size = fread(bytes, 1, sizeof bytes, in)) > 0;)
        assert_int_equal(fwrite(bytes, 1, size, out), size);
    fclose(in);
    fclose(out);
}

UNUSED_FN static void fixture_copy(const char *from, const char *to)
{
    DIR *listing = opendir(from);
    assert_non_null(listing);
    for (struct dirent *entry; (entry = readdir(listing));) {
        char source[800], target[800];
        snprintf(source, sizeof source, "%s/%s", from, entry->d_name);
        snprintf(target, sizeof target, "%s/%s", to, entry->d_name);
        if (entry->d_name[0] != '.')
            fixture_copy_file(source, target);
    }
    closedir(listing);
}

UNUSED_FN static void fixture_peek(const struct fixture *f, const char *name, long offset,
                                   void *bytes, size_t size)
{
    char path[800];
    fixture_name(f, name, path);
    int file = open(path, O_RDONLY);
    assert_true(file >= 0);
    assert_int_equal(pread(file, bytes, size, offset), (ssize_t)size);
    close(file);
}

UNUSED_FN static void fixture_poke(const struct fixture *f, const char *name, long offset,
                                   const void *bytes, size_t size)
{
    char path[800];
    fixture_name(f, name, path);
    int file = open(path, O_WRONLY);
    assert_true(file >= 0);
    assert_int_equal(pwrite(file, bytes, size, offset), (ssize_t)size);
    close(file);
}

UNUSED_FN static void fixture_flip(const struct fixture *f, const char *name, long offset)
{
    unsigned char byte;
    fixture_peek(f, name, offset, &byte, 1);
    byte ^= 0x10;
    fixture_poke(f, name, offset, &byte, 1);
}

UNUSED_FN static unsigned fixture_segments(const struct fixture *f, uint64_t *ret_bytes)
{
    unsigned count = 0;
    uint64_t bytes = 0;
    DIR *listing = opendir(f->path);
    assert_non_null(listing);
    for (struct dirent *entry; (entry = readdir(listing));) {
        char path[800];
        struct stat status;
        fixture_name(f, entry->d_name, path);
        if (strncmp(entry->d_name, "segment-", 8) != 0 || stat(path, &status) != 0)
            continue;
        count++;
        bytes += (uint64_t)status.st_size;
    }
    closedir(listing);
    if (ret_bytes)
        *ret_bytes = bytes;
    return count;
}

UNUSED_FN static struct text fixture_text(const char *bytes, size_t len)
{
    return (struct text){bytes, len};
}

/* A message whose payload is `size` bytes that begin with its number. */
UNUSED_FN static enum journal_appended fixture_append(struct fixture *f, size_t size)
{
    static char payload[2 << 20];
    static unsigned serial;
    assert_true(size <= sizeof payload);
    memset(payload, 'p', size);
    snprintf(payload, sizeof payload, "%u", serial++);
    payload[strlen(payload)] = 'p';
    struct journal_record record = {
        .type = JOURNAL_MESSAGE, .topic = TEXT("t"), .payload = {payload, size}};
    return journal_append(f->journal, &record);
}

UNUSED_FN static void fixture_say(struct fixture *f, const char *words)
{
    struct journal_record record = {
        .type = JOURNAL_MESSAGE, .topic = TEXT("a/topic"), .payload = text_of(words)};
    assert_int_equal(journal_append(f->journal, &record), JOURNAL_APPENDED);
}

UNUSED_FN static struct journal_reader *fixture_reader(struct fixture *f)
{
    struct journal_reader *reader = NULL;
    assert_int_equal(journal_reader_open(f->journal, (struct journal_position){0}, &reader),
                     ERR_OK);
    return reader;
}

/* Reads all there is; counts records and lost ones, checks that numbers rise. Returns the end. */
UNUSED_FN static struct journal_position fixture_read_all(struct fixture *f, uint64_t *ret_records,
                                                          uint64_t *ret_lost)
{
    struct journal_reader *reader = fixture_reader(f);
    struct journal_record record;
    uint64_t last = 0, lost = 0;
    *ret_records = *ret_lost = 0;
    enum err e;
    while ((e = journal_read(reader, &record, &lost, NULL)) == ERR_OK || e == ERR_CORRUPT) {
        if (e == ERR_CORRUPT) {
            *ret_lost += lost;
            continue;
        }
        assert_true(record.number > last);
        last = record.number;
        ++*ret_records;
    }
    assert_int_equal(e, ERR_NOT_FOUND);
    struct journal_position end = journal_reader_position(reader);
    journal_reader_close(reader);
    return end;
}

UNUSED_FN static struct journal_figures fixture_figures(struct fixture *f)
{
    struct journal_figures figures;
    journal_figures(f->journal, &figures);
    return figures;
}

UNUSED_FN static void fixture_deliver(struct fixture *f, struct journal_position position)
{
    assert_int_equal(journal_cursor_save(f->journal, position, NULL, 0), ERR_OK);
}

UNUSED_FN static void fixture_turn(struct fixture *f)
{
    struct err_reason why = {""};
    if (journal_turn(f->journal, &why) != ERR_OK)
        fail_msg("turn: %s", why.text);
}

#endif
