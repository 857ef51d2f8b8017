#include "writer/shape/fold.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/crc32c.h"
#include "influx/line.h"
#include "writer/decoders/service_metrics.h"
#include "writer/shape/pack.h"
#include "writer/shape/service_rollup.h"

#define STATE_VERSION 2u

struct fold {
    const struct sources *sources;
    struct decode_scratch scratch;
    struct rollup *rollup;
    struct service_rollup *services;
    unsigned *slots; /* rollup slot of each source */
    unsigned slot_of_none;
    struct fold_counts counts;
    struct buf line;
    /* For copies that overlapping subscriptions bring. */
    uint32_t last_crc;
    uint32_t last_subscription;
    bool last_kept;
};

/* One record on its way through. */
struct passage {
    struct fold *fold;
    const struct fold_sink *sink;
    const struct journal_record *record;
    const struct source *source;
    enum settings_rule rule;
    unsigned made, refused, left_out;
};

enum err fold_open(const struct sources *sources, struct fold **ret_fold)
{
    struct fold *fold = calloc(1, sizeof *fold);
    if (!fold)
        return ERR_NOMEM;
    fold->sources = sources;
    fold->rollup = rollup_new();
    fold->services = service_rollup_new();
    fold->slots = calloc(sources_count(sources) + 1, sizeof *fold->slots);
    if (!fold->rollup || !fold->services || !fold->slots ||
        decode_scratch_open(&fold->scratch) != ERR_OK) {
        fold_close(fold);
        return ERR_NOMEM;
    }
    *ret_fold = fold;
    return ERR_OK;
}

void fold_close(struct fold *fold)
{
    if (!fold)
        return;
    decode_scratch_close(&fold->scratch);
    rollup_free(fold->rollup);
    service_rollup_free(fold->services);
    free(fold->slots);
    buf_free(&fold->line);
    free(fold);
}

/* Slots are looked up at the first use and after a load, because the saved state knows sources by
 * name. */
static unsigned slot_of(struct fold *fold, const struct source *source)
{
    unsigned *slot = source ? &fold->slots[source->index] : &fold->slot_of_none;
    if (*slot == 0)
        *slot = 1 + rollup_slot(fold->rollup, source ? text_of(source->name) : TEXT("none"));
    return *slot - 1;
}

static void refuse(struct passage *p, enum reject reason, const char *words, unsigned place,
                   struct text element)
{
    p->made++;
    p->refused++;
    p->fold->counts.points_refused[reason]++;
    if (p->sink)
        p->sink->reject(p->sink->context,
                        &(struct fold_reject){reason, words, p->record, p->source, element, place});
}

/* False when it was refused. */
static bool store(struct passage *p, const struct point *point)
{
    struct fold *fold = p->fold;
    unsigned cleaned = 0;
    struct err_reason why = {""};
    buf_reset(&fold->line);
    if (line_encode(point, &fold->line, &cleaned, &why) != ERR_OK) {
        enum reject reason = point->measurement.len == 0 ? REJECT_BAD_NAME : REJECT_NO_FIELDS;
        refuse(p, reason, why.text, 0, (struct text){NULL, 0});
        return false;
    }
    p->made++;
    fold->counts.cleaned += cleaned;
    if (p->sink)
        p->sink->line(p->sink->context, buf_view(&fold->line));
    return true;
}

/* A retained message tells of an interval that is over and may have been counted then. */
static bool is_live_metrics(const struct passage *p, const struct point *point)
{
    return p->source->decoder == &service_metrics_decoder &&
           (p->record->flags & JOURNAL_RETAINED) == 0 &&
           text_equal(point->measurement, TEXT("service_metrics"));
}

static void store_decoded(struct passage *p, const struct point *point)
{
    if (store(p, point) && is_live_metrics(p, point))
        p->fold->counts.not_rolled_up += !service_rollup_add(p->fold->services, point);
}

static void decoded_point(void *context, const struct point *point, unsigned place)
{
    struct passage *p = context;
    if (point->timed) {
        store_decoded(p, point);
        return;
    }
    if (p->rule != SETTINGS_RULE_STORE) {
        p->left_out++;
        return;
    }
    struct point *own = &p->fold->scratch.point;
    if (point != own) /* decoders usually build it right there: a point is 20 kB */
        *own = *point;
    own->time_ns = p->record->arrival_ns + place;
    own->timed = true;
    store_decoded(p, own);
}

static void decoded_reject(void *context, enum reject reason, const char *words, unsigned place,
                           struct text element)
{
    refuse(context, reason, words, place, element);
}

static void rollup_point(void *context, const struct point *point)
{
    store(context, point);
}

static bool is_copy(struct fold *fold, const struct journal_record *record)
{
    uint32_t crc = crc32c(crc32c(0, record->topic.at, record->topic.len), record->payload.at,
                          record->payload.len);
    bool copy = fold->last_kept && record->subscription_id != fold->last_subscription &&
                fold->last_subscription != 0 && crc == fold->last_crc;
    fold->last_crc = crc;
    fold->last_subscription = record->subscription_id;
    return copy;
}

static enum decode_verdict passage_ignore(struct passage *p, const char *why)
{
    if (p->sink && p->sink->ignored)
        p->sink->ignored(p->sink->context, p->record, why);
    return DECODE_IGNORED;
}

static enum decode_verdict passage_reject(struct passage *p, enum reject reason, const char *words)
{
    p->fold->counts.rejected[reason]++;
    if (p->sink)
        p->sink->reject(p->sink->context, &(struct fold_reject){.reason = reason,
                                                                .words = words,
                                                                .record = p->record,
                                                                .source = p->source});
    return DECODE_REJECTED;
}

static enum settings_rule rule_of(const struct source *source, uint8_t flags)
{
    if (flags & JOURNAL_RETAINED)
        return source->retained;
    return flags & JOURNAL_LATE ? source->late : SETTINGS_RULE_STORE;
}

static enum decode_verdict passage_decode(struct passage *p)
{
    const struct journal_record *record = p->record;
    struct decode_sink sink = {p, decoded_point, decoded_reject};
    enum reject reason = REJECT_NONE;
    struct err_reason why = {""};
    p->rule = rule_of(p->source, record->flags);
    if (p->rule == SETTINGS_RULE_IGNORE)
        return passage_ignore(p, record->flags & JOURNAL_RETAINED
                                     ? "retained, and the source's rule is to ignore those"
                                     : "late, and the source's rule is to ignore those");
    switch (sources_decode(p->fold->sources, p->source, record->topic, record->payload,
                           record->content_type, &p->fold->scratch, &sink, &reason, &why)) {
    case DECODED:
        if (p->left_out > 0 && p->made == 0)
            return passage_ignore(p, "not live and without a time of its own");
        return DECODED;
    case DECODE_REJECTED:
        return passage_reject(p, reason, why.text[0] ? why.text : reject_words(reason));
    case DECODE_IGNORED:
        break;
    }
    return passage_ignore(p, why.text);
}

static enum decode_verdict passage_message(struct passage *p)
{
    const struct journal_record *record = p->record;
    bool known = false;
    bool copy = is_copy(p->fold, record);
    p->source = sources_find(p->fold->sources, record->topic, &known);
    if (copy)
        return passage_ignore(p, "a copy that an overlapping subscription brought");
    if (!p->source && known)
        return passage_ignore(p, "no source takes this topic");
    if (!p->source)
        return passage_reject(p, REJECT_UNKNOWN_TOPIC, NULL);
    if (record->flags & JOURNAL_CUT)
        return passage_reject(p, REJECT_TOO_LARGE, reject_words(REJECT_TOO_LARGE));
    return passage_decode(p);
}

static void fold_message(struct passage *p)
{
    struct fold *fold = p->fold;
    fold->counts.messages++;
    fold->counts.bytes += p->record->payload.len;
    enum decode_verdict verdict = passage_message(p);
    fold->last_kept = verdict != DECODE_IGNORED;
    fold->counts.decoded += verdict == DECODED;
    fold->counts.ignored += verdict == DECODE_IGNORED;
    rollup_count(fold->rollup, slot_of(fold, p->source),
                 (struct rollup_figures){.events = 1,
                                         .points = p->made - p->refused,
                                         .rejected = p->refused + (verdict == DECODE_REJECTED),
                                         .bytes = p->record->payload.len});
}

void fold_record(struct fold *fold, const struct journal_record *record,
                 const struct fold_sink *sink)
{
    struct passage windows = {.fold = fold, .sink = sink, .record = record};
    struct rollup_sink rollups = {&windows, rollup_point};
    rollup_advance(fold->rollup, record->arrival_ns, &rollups);
    service_rollup_advance(fold->services, record->arrival_ns, &rollups);
    fold->counts.points_made += windows.made;
    if (record->type == JOURNAL_CONNACK)
        fold->last_subscription = 0; /* copies come on one connection */
    if (record->type != JOURNAL_MESSAGE) {
        fold->counts.internal++;
        return;
    }
    struct passage message = {.fold = fold, .sink = sink, .record = record};
    fold_message(&message);
    fold->counts.points_made += message.made;
}

void fold_gap(struct fold *fold, uint64_t damaged, uint64_t dropped)
{
    fold->counts.damaged += damaged;
    fold->counts.dropped += dropped;
}

const struct fold_counts *fold_counts(const struct fold *fold)
{
    return &fold->counts;
}

void fold_settle_points(struct fold *fold, uint64_t points_done)
{
    uint64_t refused = 0;
    for (size_t i = 0; i < REJECT_COUNT; i++)
        refused += fold->counts.points_refused[i];
    fold->counts.points_made = points_done + refused;
}

/* The counts in the order in which they are saved; reasons are saved by name, so that a new reason
 * does not shift the others. */
#define COUNT_FIELDS(X)                                                                            \
    X(messages)                                                                                    \
    X(internal)                                                                                    \
    X(damaged) X(dropped) X(decoded) X(ignored) X(points_made) X(cleaned) X(bytes) X(not_rolled_up)

static void save_reasons(const uint64_t counts[REJECT_COUNT], struct buf *out)
{
    pack_number(out, REJECT_COUNT);
    for (size_t i = 0; i < REJECT_COUNT; i++) {
        pack_text(out, text_of(reject_id((enum reject)i)));
        pack_number(out, counts[i]);
    }
}

static bool load_reasons(uint64_t counts[REJECT_COUNT], struct text *rest)
{
    uint64_t count;
    if (!pack_take_number(rest, &count) || count > 1000)
        return false;
    for (; count > 0; count--) {
        struct text id;
        uint64_t number;
        enum reject reason;
        if (!pack_take_text(rest, &id) || !pack_take_number(rest, &number))
            return false;
        if (reject_find(id, &reason))
            counts[reason] = number;
    }
    return true;
}

void fold_save(const struct fold *fold, struct buf *out)
{
    pack_number(out, STATE_VERSION);
#define X(name) pack_number(out, fold->counts.name);
    COUNT_FIELDS(X)
#undef X
    save_reasons(fold->counts.rejected, out);
    save_reasons(fold->counts.points_refused, out);
    pack_number(out, fold->last_crc);
    pack_number(out, fold->last_subscription);
    pack_number(out, fold->last_kept);
    rollup_save(fold->rollup, out);
    service_rollup_save(fold->services, out);
}

static bool load_all(struct fold *fold, struct text rest)
{
    uint64_t version, crc, subscription, kept;
    if (!pack_take_number(&rest, &version) || version != STATE_VERSION)
        return false;
#define X(name)                                                                                    \
    if (!pack_take_number(&rest, &fold->counts.name))                                              \
        return false;
    COUNT_FIELDS(X)
#undef X
    if (!load_reasons(fold->counts.rejected, &rest) ||
        !load_reasons(fold->counts.points_refused, &rest) || !pack_take_number(&rest, &crc) ||
        !pack_take_number(&rest, &subscription) || !pack_take_number(&rest, &kept) ||
        !rollup_load(fold->rollup, &rest) || !service_rollup_load(fold->services, &rest))
        return false;
    fold->last_crc = (uint32_t)crc;
    fold->last_subscription = (uint32_t)subscription;
    fold->last_kept = kept != 0;
    return true;
}

enum err fold_load(struct fold *fold, struct text state)
{
    memset(fold->slots, 0, (sources_count(fold->sources) + 1) * sizeof *fold->slots);
    fold->slot_of_none = 0;
    if (load_all(fold, state))
        return ERR_OK;
    struct rollup *rollup = rollup_new();
    struct service_rollup *services = service_rollup_new();
    if (!rollup || !services) {
        rollup_free(rollup);
        service_rollup_free(services);
        return ERR_NOMEM;
    }
    rollup_free(fold->rollup);
    service_rollup_free(fold->services);
    fold->rollup = rollup;
    fold->services = services;
    memset(&fold->counts, 0, sizeof fold->counts);
    fold->last_crc = fold->last_subscription = 0;
    fold->last_kept = false;
    return ERR_INVALID;
}
