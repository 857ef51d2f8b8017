#include "writer/shape/alias.h"
#include "writer/shape/cap.h"
#include "writer/shape/fold_parts.h"
#include "writer/shape/pack.h"
#include "writer/shape/types.h"

#define STATE_VERSION 5u

/* The counts in the order in which they are saved; reasons are saved by name, so that a new reason
 * does not shift the others. */
#define COUNT_FIELDS(X)                                                                            \
    X(messages)                                                                                    \
    X(internal)                                                                                    \
    X(damaged)                                                                                     \
    X(dropped)                                                                                     \
    X(decoded)                                                                                     \
    X(ignored)                                                                                     \
    X(points_made)                                                                                 \
    X(points_merged)                                                                               \
    X(cleaned) X(bytes) X(not_rolled_up) X(fields_renamed) X(fields_refused) X(times_replaced)

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
    stages_save(fold->stages, out);
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
        !rollup_load(fold->rollup, &rest) || !service_rollup_load(fold->services, &rest) ||
        !stages_load(fold->stages, &rest))
        return false;
    fold->last_crc = (uint32_t)crc;
    fold->last_subscription = (uint32_t)subscription;
    fold->last_kept = kept != 0;
    return true;
}

const struct types *fold_types(const struct fold *fold)
{
    return stages_state(fold->stages, &types_stage);
}

uint64_t fold_series(const struct fold *fold)
{
    return cap_series(stages_state(fold->stages, &cap_stage));
}

void fold_tell_again(struct fold *fold)
{
    types_untell(stages_state(fold->stages, &types_stage));
}

enum err fold_know(struct fold *fold, struct text state)
{
    static const struct stage *const known[] = {&types_stage, &alias_stage};
    struct fold *other = NULL;
    struct buf saved = {0};
    enum err e = fold_open(fold->sources, &other);
    if (e == ERR_OK)
        e = fold_load(other, state);
    for (size_t i = 0; e == ERR_OK && i < sizeof known / sizeof known[0]; i++) {
        buf_reset(&saved);
        known[i]->save(stages_state(other->stages, known[i]), &saved);
        e = !saved.failed && known[i]->load(stages_state(fold->stages, known[i]), buf_view(&saved))
                ? ERR_OK
                : ERR_NOMEM;
    }
    if (e == ERR_OK)
        fold_tell_again(fold);
    buf_free(&saved);
    fold_close(other);
    return e;
}

enum err fold_load(struct fold *fold, struct text state)
{
    memset(fold->slots, 0, (sources_count(fold->sources) + 1) * sizeof *fold->slots);
    fold->slot_of_none = 0;
    if (load_all(fold, state))
        return ERR_OK;
    struct rollup *rollup = rollup_new();
    struct service_rollup *services = service_rollup_new();
    struct stages *stages = stages_new(fold->sources);
    if (!rollup || !services || !stages) {
        rollup_free(rollup);
        service_rollup_free(services);
        stages_free(stages);
        return ERR_NOMEM;
    }
    stages_free(fold->stages);
    fold->stages = stages;
    rollup_free(fold->rollup);
    service_rollup_free(fold->services);
    fold->rollup = rollup;
    fold->services = services;
    memset(&fold->counts, 0, sizeof fold->counts);
    fold->last_crc = fold->last_subscription = 0;
    fold->last_kept = false;
    return ERR_INVALID;
}
