#include "writer/journal/repeats.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "writer/journal/folder.h"

#define HEAD_BYTES 4096u
#define FILE_BYTES (HEAD_BYTES + REPEATS_RING * sizeof(struct entry))
#define VERSION    1u

static const char magic[8] = "HLJRPEAT";

struct entry {
    uint32_t content_crc;
    uint16_t packet_id;
    uint16_t zero;
};

/* Two of these are written in turn, `count` last, so that one of them is always whole: the greater
 * count whose lowest bit is its place. */
struct commit {
    uint64_t covered; /* last record number that is accounted for */
    uint64_t count;   /* of commits */
    uint64_t added;   /* entries ever; the next goes to added % REPEATS_RING */
    uint64_t session; /* value of `added` at the last CONNACK without session present */
};

/* The file's first page. */
struct head {
    char magic[8];
    uint32_t version;
    uint32_t closed; /* 1: closed and synced */
    char boot[40];   /* the machine's run in which it was last open */
    uint64_t repeated;
    struct commit commits[2];
};
_Static_assert(sizeof(struct head) <= HEAD_BYTES, "the head fits its page");

enum mode {
    NEW,       /* everything is new until the next CONNACK */
    FIRST,     /* the broker may begin to resend */
    FOLLOWING, /* it does: `next` is what it would send now, or `aside` */
};

struct repeats {
    char *map;
    struct head *head;
    struct entry *ring;
    struct commit now;
    enum mode mode;
    uint64_t next, end; /* places in the ring; its end at the CONNACK */
    /* What was found behind `next`: from where, and what is next there. */
    uint64_t aside_from, aside;
    bool repeating;                  /* the last one with DUP came again */
    uint32_t latest[UINT16_MAX + 1]; /* by packet id: the low half of its last place */
};

static void read_boot(char ret_boot[40])
{
    size_t size = 0;
    memset(ret_boot, 0, 40);
    if (folder_read(AT_FDCWD, "/proc/sys/kernel/random/boot_id", ret_boot, 36, &size) || size < 36)
        ret_boot[0] = '\0'; /* never equal to a stored one: the ring is made again */
}

static bool commit_sound(const struct commit *c, unsigned place)
{
    return c->count % 2 == place && c->session <= c->added;
}

static struct commit last_commit(const struct head *head)
{
    struct commit best = {0};
    for (unsigned i = 0; i < 2; i++)
        if (commit_sound(&head->commits[i], i) && head->commits[i].count > best.count)
            best = head->commits[i];
    return best;
}

static void commit(struct repeats *r)
{
    r->now.count++;
    struct commit *at = &r->head->commits[r->now.count % 2];
    /* While this slot is being written its count is the old one, less than the other slot's. */
    at->covered = r->now.covered;
    at->added = r->now.added;
    at->session = r->now.session;
    __atomic_store_n(&at->count, r->now.count, __ATOMIC_RELEASE);
}

static bool is_usable(const struct head *head, const char boot[40])
{
    bool same_run = boot[0] != '\0' && memcmp(head->boot, boot, sizeof head->boot) == 0;
    return head->closed == 1 || same_run;
}

static uint64_t oldest_kept(const struct repeats *r)
{
    return r->now.added > REPEATS_RING ? r->now.added - REPEATS_RING : 0;
}

/* In this session. */
static uint64_t oldest_sent(const struct repeats *r)
{
    uint64_t kept = oldest_kept(r);
    return r->now.session > kept ? r->now.session : kept;
}

static void index_ring(struct repeats *r)
{
    for (uint64_t at = oldest_kept(r); at < r->now.added; at++)
        r->latest[r->ring[at % REPEATS_RING].packet_id] = (uint32_t)at;
}

enum err repeats_open(const char *path, struct repeats **ret_repeats, struct err_reason *why)
{
    struct repeats *r = calloc(1, sizeof *r);
    if (!r)
        return err_explain(why, ERR_NOMEM, "no memory for the recognition of repeats");
    enum err e = folder_map(AT_FDCWD, path, FILE_BYTES, &r->map, why);
    if (e) {
        free(r);
        return e;
    }
    r->head = (struct head *)(void *)r->map;
    r->ring = (struct entry *)(void *)(r->map + HEAD_BYTES);
    char boot[40];
    read_boot(boot);
    bool ours = memcmp(r->head->magic, magic, sizeof magic) == 0 && r->head->version == VERSION;
    if (!ours)
        memset(r->head, 0, sizeof *r->head);
    else if (is_usable(r->head, boot))
        r->now = last_commit(r->head);
    else
        repeats_forget(r);
    memcpy(r->head->magic, magic, sizeof magic);
    r->head->version = VERSION;
    r->head->closed = 0;
    memcpy(r->head->boot, boot, sizeof boot);
    (void)msync(r->map, HEAD_BYTES, MS_SYNC); /* `closed` must not outlive a loss of power */
    index_ring(r);
    *ret_repeats = r;
    return ERR_OK;
}

void repeats_close(struct repeats *r)
{
    if (!r)
        return;
    if (msync(r->map, FILE_BYTES, MS_SYNC) == 0) {
        r->head->closed = 1;
        (void)msync(r->map, HEAD_BYTES, MS_SYNC);
    }
    munmap(r->map, FILE_BYTES);
    free(r);
}

void repeats_forget(struct repeats *r)
{
    memset(r->head->commits, 0, sizeof r->head->commits);
    r->now = (struct commit){0};
    r->mode = NEW;
}

void repeats_connack(struct repeats *r, bool session_present, uint64_t record_number)
{
    if (!session_present)
        r->now.session = r->now.added;
    r->mode = session_present ? FIRST : NEW;
    r->end = r->now.added;
    repeats_pass(r, record_number);
}

static bool equals(const struct repeats *r, uint64_t at, uint16_t packet_id, uint32_t content_crc)
{
    const struct entry *e = &r->ring[at % REPEATS_RING];
    return e->packet_id == packet_id && e->content_crc == content_crc;
}

/* Looks for the first repeat backwards in this session. */
static bool begins(struct repeats *r, uint16_t packet_id, uint32_t content_crc)
{
    for (uint64_t at = r->end; at > oldest_sent(r); at--) {
        if (equals(r, at - 1, packet_id, content_crc)) {
            r->next = at;
            r->aside_from = r->aside = r->end;
            return true;
        }
    }
    return false;
}

static bool follows(const struct repeats *r, uint64_t *next, uint16_t packet_id,
                    uint32_t content_crc)
{
    if (*next >= r->end || !equals(r, *next, packet_id, content_crc))
        return false;
    ++*next;
    return true;
}

static bool is_in_row(const struct repeats *r, uint64_t at)
{
    uint16_t before = r->ring[(at - 1) % REPEATS_RING].packet_id;
    return r->ring[at % REPEATS_RING].packet_id == before % UINT16_MAX + 1;
}

/* What was kept back came later than what was sent behind it, and so it is in the ring: where the
 * packet ids are not in a row. It is behind `next`; but where it came again first, what was sent
 * behind it is before. Elsewhere an equal message is an older one. */
static bool is_elsewhere(struct repeats *r, uint16_t packet_id, uint32_t content_crc)
{
    uint64_t at = r->now.added - (uint32_t)((uint32_t)r->now.added - r->latest[packet_id]);
    if (at <= (r->repeating ? oldest_sent(r) : r->next) || at >= r->end)
        return false;
    if (!equals(r, at, packet_id, content_crc) || is_in_row(r, at))
        return false;
    r->aside_from = at;
    r->aside = at + 1;
    return true;
}

static bool comes_again(struct repeats *r, uint16_t packet_id, uint32_t content_crc)
{
    if (r->next == r->aside_from)
        r->next = r->aside;
    return follows(r, &r->next, packet_id, content_crc) ||
           follows(r, &r->aside, packet_id, content_crc) || is_elsewhere(r, packet_id, content_crc);
}

bool repeats_check(struct repeats *r, uint16_t packet_id, bool dup, uint32_t content_crc)
{
    bool repeat = false;
    if (!dup || r->mode == NEW)
        return false;
    if (r->mode == FIRST) {
        repeat = begins(r, packet_id, content_crc);
        r->mode = repeat ? FOLLOWING : NEW;
    } else {
        repeat = comes_again(r, packet_id, content_crc);
    }
    r->repeating = repeat;
    if (repeat)
        r->head->repeated++;
    return repeat;
}

void repeats_add(struct repeats *r, uint16_t packet_id, uint32_t content_crc,
                 uint64_t record_number)
{
    r->ring[r->now.added % REPEATS_RING] = (struct entry){content_crc, packet_id, 0};
    r->latest[packet_id] = (uint32_t)r->now.added;
    r->now.added++;
    r->now.covered = record_number;
    commit(r);
}

void repeats_pass(struct repeats *r, uint64_t record_number)
{
    r->now.covered = record_number;
    commit(r);
}

uint64_t repeats_covered(const struct repeats *r)
{
    return r->now.covered;
}

uint64_t repeats_counted(const struct repeats *r)
{
    return r->head->repeated;
}
