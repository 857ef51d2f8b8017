#include "writer/shape/fold_parts.h"

#include <stdlib.h>

#include "base/crc32c.h"
#include "influx/line.h"
#include "writer/decoders/service_metrics.h"
#include "writer/shape/join.h"

/* One record on its way through. */
struct passage {
    struct fold *fold;
    const struct fold_sink *sink;
    const struct journal_record *record;
    const struct source *source;
    enum settings_rule rule;
    unsigned made, refused, left_out;
    unsigned given, settled; /* points of the record, into the stages and out of them */
};

enum err fold_open(const struct sources *sources, struct fold **ret_fold)
{
    struct fold *fold = calloc(1, sizeof *fold);
    if (!fold)
        return ERR_NOMEM;
    fold->sources = sources;
    fold->stages = stages_new(sources);
    fold->rollup = rollup_new();
    fold->services = service_rollup_new();
    fold->slots = calloc(sources_count(sources) + 1, sizeof *fold->slots);
    if (!fold->stages || !fold->rollup || !fold->services || !fold->slots ||
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
    stages_free(fold->stages);
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

/* The sink, for what comes of a message of this source and arrival; NULL when nobody wants it. */
static const struct fold_sink *sink_for(const struct passage *p, const struct source *source,
                                        int64_t arrival_ns)
{
    const struct fold_sink *sink = p->sink;
    return sink && sink->wants && !sink->wants(sink->context, source, arrival_ns) ? NULL : sink;
}

static const struct fold_sink *sink_of_record(const struct passage *p)
{
    return sink_for(p, p->source, p->record->arrival_ns);
}

static void refuse(struct passage *p, enum reject reason, const char *words, unsigned place,
                   struct text element)
{
    p->made++;
    p->refused++;
    p->fold->counts.points_refused[reason]++;
    const struct fold_sink *sink = sink_of_record(p);
    if (sink)
        sink->reject(sink->context,
                     &(struct fold_reject){reason, words, p->record, p->source, element, place});
}

/* False when it was refused. */
static bool store(struct passage *p, const struct source *source, const struct point *point,
                  const struct fold_sink *sink)
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
    if (sink)
        sink->line(sink->context, buf_view(&fold->line),
                   sources_destination(fold->sources, source, point->measurement));
    return true;
}

/* A retained message tells of an interval that is over and may have been counted then. */
static bool is_live_metrics(const struct shaped *shaped)
{
    return shaped->source && shaped->source->decoder == &service_metrics_decoder &&
           !shaped->retained && text_equal(shaped->point->measurement, TEXT("service_metrics"));
}

static void note(const struct fold_sink *sink, enum fold_note what, struct text words)
{
    if (sink && sink->note)
        sink->note(sink->context, what, words);
}

/* --- behind the stages ----------------------------------------------------- */

/* False for what a stage had kept until now. */
static bool is_of_record(const struct passage *p, const struct shaped *shaped)
{
    return shaped->arrival_ns == p->record->arrival_ns;
}

static void end_left_out(void *context, const struct shaped *shaped, const char *why)
{
    struct passage *p = context;
    const struct fold_sink *sink = sink_for(p, shaped->source, shaped->arrival_ns);
    p->made++;
    p->settled += is_of_record(p, shaped);
    p->fold->counts.points_merged++;
    if (sink && sink->ignored)
        sink->ignored(sink->context, p->record, why);
}

static void end_point(void *context, struct shaped *shaped)
{
    struct passage *p = context;
    if (shaped->needs_time) {
        end_left_out(context, shaped, "not live and without a time of its own");
        return;
    }
    const struct fold_sink *sink = sink_for(p, shaped->source, shaped->arrival_ns);
    p->settled += is_of_record(p, shaped);
    if (!store(p, shaped->source, shaped->point, sink))
        return;
    p->fold->counts.times_replaced += shaped->time_replaced;
    if (shaped->time_replaced)
        note(sink, FOLD_NOTE_TIME,
             TEXT("its own is further from the arrival than time_future or time_past of its "
                  "source allow: stored at the arrival"));
    if (is_live_metrics(shaped))
        p->fold->counts.not_rolled_up += !service_rollup_add(p->fold->services, shaped->point);
}

static void end_field(void *context, const struct shaped *shaped, bool refused, const char *words)
{
    struct passage *p = context;
    const struct fold_sink *sink = sink_for(p, shaped->source, shaped->arrival_ns);
    p->fold->counts.fields_renamed += !refused;
    p->fold->counts.fields_refused += refused;
    if (words && sink && sink->field)
        sink->field(sink->context, p->record, words);
}

/* What a stage kept came with an earlier record, which is not at hand any more: its line tells. */
static void refuse_kept(struct passage *p, const struct shaped *shaped, enum reject reason,
                        const char *words)
{
    struct journal_record kept = {
        .type = JOURNAL_MESSAGE,
        .arrival_ns = shaped->arrival_ns,
        .flags = (uint8_t)((shaped->retained ? JOURNAL_RETAINED : 0u) |
                           (shaped->late ? JOURNAL_LATE : 0u)),
    };
    struct passage of_kept = {
        .fold = p->fold, .sink = p->sink, .record = &kept, .source = shaped->source};
    struct buf *line = &p->fold->line;
    unsigned cleaned;
    buf_reset(line);
    if (line_encode(shaped->point, line, &cleaned, NULL) != ERR_OK)
        buf_reset(line);
    refuse(&of_kept, reason, words, 0, buf_view(line));
    p->made += of_kept.made;
    p->refused += of_kept.refused;
}

static void end_refuse(void *context, const struct shaped *shaped, enum reject reason,
                       const char *words)
{
    struct passage *p = context;
    if (!is_of_record(p, shaped)) {
        refuse_kept(p, shaped, reason, words);
        return;
    }
    p->settled++;
    refuse(p, reason, words, 0, (struct text){NULL, 0});
}

/* --- from the decoders into the stages ---------------------------------------- */

static void decoded_point(void *context, const struct point *point, unsigned place)
{
    struct passage *p = context;
    const struct stage_next end = {p, end_point, end_left_out, end_refuse, end_field};
    bool needs_time = !point->timed && !source_rule_takes_arrival(p->rule);
    if (needs_time && !join_finds_times(p->source)) {
        p->left_out++;
        return;
    }
    struct point *own = &p->fold->scratch.point;
    if (point != own) /* decoders usually build it right there: a point is 20 kB */
        *own = *point;
    struct shaped shaped = {.point = own,
                            .source = p->source,
                            .arrival_ns = p->record->arrival_ns,
                            .own_time = own->timed,
                            .needs_time = needs_time,
                            .retained = p->record->flags & JOURNAL_RETAINED,
                            .late = p->record->flags & JOURNAL_LATE,
                            .place = place,
                            .series = shaped_series(own)};
    if (!own->timed)
        own->time_ns = p->record->arrival_ns + place;
    own->timed = true;
    p->given++;
    stages_take(p->fold->stages, &shaped, &end);
}

static void note_fact(struct passage *p, const struct decode_fact *fact)
{
    const struct fold_sink *sink = sink_of_record(p);
    struct buf *words = &p->fold->line;
    if (!sink || !sink->note)
        return;
    buf_reset(words);
    buf_text(words, fact->subject);
    buf_char(words, ' ');
    buf_text(words, fact->name);
    buf_char(words, ' ');
    buf_text(words, fact->value);
    note(sink, FOLD_NOTE_FACT, buf_view(words));
    if (text_equal(fact->name, TEXT("state"))) /* becomes a point with what else is gathered */
        note(sink, FOLD_NOTE_WAITS, TEXT("for the entity's time and attributes"));
}

static void decoded_fact(void *context, const struct decode_fact *fact)
{
    struct passage *p = context;
    const struct stage_next end = {p, end_point, end_left_out, end_refuse, end_field};
    struct stage_fact told = {
        .fact = *fact,
        .topic = p->record->topic,
        .source = p->source,
        .arrival_ns = p->record->arrival_ns,
        .retained = p->record->flags & JOURNAL_RETAINED,
        .late = p->record->flags & JOURNAL_LATE,
    };
    note_fact(p, fact);
    unsigned settled = p->settled; /* what is stored of a fact is no point of the decoder's */
    stages_learn(p->fold->stages, &told, &end);
    p->settled = settled;
}

static void decoded_reject(void *context, enum reject reason, const char *words, unsigned place,
                           struct text element)
{
    refuse(context, reason, words, place, element);
}

static void rollup_point(void *context, const struct point *point)
{
    const struct passage *p = context;
    store(context, NULL, point, p->sink);
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
    const struct fold_sink *sink = sink_of_record(p);
    if (sink && sink->ignored)
        sink->ignored(sink->context, p->record, why);
    return DECODE_IGNORED;
}

static enum decode_verdict passage_reject(struct passage *p, enum reject reason, const char *words)
{
    p->fold->counts.rejected[reason]++;
    const struct fold_sink *sink = sink_of_record(p);
    if (sink)
        sink->reject(sink->context, &(struct fold_reject){.reason = reason,
                                                          .words = words,
                                                          .record = p->record,
                                                          .source = p->source});
    return DECODE_REJECTED;
}

static enum decode_verdict passage_decode(struct passage *p)
{
    const struct journal_record *record = p->record;
    struct decode_sink sink = {p, decoded_point, decoded_reject, decoded_fact};
    enum reject reason = REJECT_NONE;
    struct err_reason why = {""};
    p->rule =
        source_rule(p->source, record->flags & JOURNAL_RETAINED, record->flags & JOURNAL_LATE);
    if (p->rule == SETTINGS_RULE_IGNORE)
        return passage_ignore(p, record->flags & JOURNAL_RETAINED
                                     ? "retained, and the source's rule is to ignore those"
                                     : "late, and the source's rule is to ignore those");
    struct source_message message = {record->topic, record->payload, record->content_type,
                                     record->arrival_ns};
    switch (sources_decode(p->fold->sources, p->source, &message, &p->fold->scratch, &sink, &reason,
                           &why)) {
    case DECODED:
        if (p->left_out > 0 && p->made == 0)
            return passage_ignore(p, "not live and without a time of its own");
        if (p->settled < p->given)
            note(sink_of_record(p), FOLD_NOTE_WAITS,
                 TEXT("for what its source's rules join it with, or for the end of its interval"));
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
    const struct stage_next kept = {&windows, end_point, end_left_out, end_refuse, end_field};
    stages_advance(fold->stages, record->arrival_ns, &kept);
    fold->counts.points_made += windows.made;
    if (record->type == JOURNAL_CONNACK)
        fold->last_subscription = 0; /* copies come on one connection */
    if (record->type != JOURNAL_MESSAGE) {
        stages_heard(fold->stages, record);
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
    fold->counts.points_made = points_done + refused + fold->counts.points_merged;
}
