#include "writer/server_types.h"

#include "influx/line.h"
#include "writer/journal/journal.h"
#include "writer/shape/type_table.h"
#include "writer/shape/types_record.h"

#define RECORD_BYTES (7000u * TYPES_RECORD_ENTRY) /* well below the smallest segment */
#define SHARD_NS     (24 * 3600 * CLOCK_NS_PER_S)

/* As InfluxDB writes them, in the order in which it prefers them where a field has several. */
static const struct {
    struct text name;
    enum field_type type;
} server_names[] = {{{"float", 5}, FIELD_NUMBER},
                    {{"integer", 7}, FIELD_INTEGER},
                    {{"string", 6}, FIELD_TEXT},
                    {{"boolean", 7}, FIELD_BOOL}};
enum { NAMES = sizeof server_names / sizeof server_names[0] };

/* --- into the journal --------------------------------------------------------- */

static void append(struct server_types *st, struct text payload)
{
    size_t fields = payload.len / TYPES_RECORD_ENTRY;
    while (payload.len > 0) {
        struct text part = {payload.at, payload.len < RECORD_BYTES ? payload.len : RECORD_BYTES};
        struct journal_record record = {.type = JOURNAL_TYPES, .payload = part};
        if (journal_append(st->journal, &record) == JOURNAL_NO_ROOM) {
            log_event(st->log, LOG_ERROR, "journal_no_room", "record=types");
            return;
        }
        buf_text(&st->said, part);
        st->said_until = record.number;
        payload = (struct text){payload.at + part.len, payload.len - part.len};
    }
    log_event(st->log, LOG_INFO, "field_types_learned", "fields=%zu", fields);
}

/* What the last of the records said that the fold has not come to. */
static bool was_said(const struct server_types *st, uint64_t field, uint8_t type)
{
    struct text rest = buf_view(&st->said);
    uint64_t said_field;
    uint8_t said_type, last = TYPES_RECORD_FORGOTTEN;
    bool said = false;
    while (types_record_next(&rest, &said_field, &said_type)) {
        if (said_field != field)
            continue;
        last = said_type;
        said = true;
    }
    return said && last == type;
}

void server_types_folded(struct server_types *st, uint64_t number)
{
    if (st->said.len > 0 && number > st->said_until)
        buf_reset(&st->said);
}

void server_types_free(struct server_types *st)
{
    buf_free(&st->said);
    buf_free(&st->scratch);
}

/* --- the list of all fields ----------------------------------------------------- */

static unsigned bit(enum field_type type)
{
    return 1u << type;
}

/* Each field with a bit for each type that it has. False when the list is more than can be kept. */
static bool read_list(const struct table *table, struct type_table *fields)
{
    bool whole = !table_partial(table);
    for (size_t series = 0; series < table_series_count(table); series++) {
        uint64_t measurement = field_id_measurement(table_name(table, series));
        int key = table_column(table, series, TEXT("fieldKey"));
        int type = table_column(table, series, TEXT("fieldType"));
        for (size_t row = 0; row < table_rows(table, series); row++) {
            struct text name = value_text(table_at(table, series, row, type));
            uint64_t field = field_id(measurement, value_text(table_at(table, series, row, key)));
            struct type_entry *entry = type_table_find(fields, field);
            entry = entry ? entry : type_table_add(fields, field, 0);
            for (size_t i = 0; entry && i < NAMES; i++)
                if (text_equal(name, server_names[i].name))
                    entry->type |= (uint8_t)bit(server_names[i].type);
            whole = whole && entry;
        }
    }
    return whole;
}

static enum field_type preferred(unsigned types)
{
    for (size_t i = 0; i < NAMES; i++)
        if (types & bit(server_names[i].type))
            return server_names[i].type;
    return FIELD_TEXT;
}

static bool is_news(const struct server_types *st, const struct types *known, uint64_t field,
                    unsigned types, size_t *room)
{
    enum field_type type;
    if (types == 0 || was_said(st, field, (uint8_t)preferred(types)))
        return false;
    if (types_find(known, field, &type))
        return !(types & bit(type));
    if (*room == 0) /* nobody could keep it */
        return false;
    (*room)--;
    return true;
}

static void compare(struct server_types *st, struct type_table *fields, bool may_forget,
                    const struct types *known, struct buf *news)
{
    size_t room = TYPE_TABLE_FIELDS - types_count(known);
    const struct type_entry *entry;
    uint64_t field;
    for (size_t at = 0; may_forget && types_next(known, &at, &field);) {
        if (type_table_find(fields, field))
            continue;
        types_record_add(news, field, TYPES_RECORD_FORGOTTEN);
        room++;
    }
    for (size_t at = 0; (entry = type_table_next(fields, &at));)
        if (is_news(st, known, entry->field, entry->type, &room))
            types_record_add(news, entry->field, (uint8_t)preferred(entry->type));
}

void server_types_listed(struct server_types *st, const struct table *table,
                         const struct types *known, bool all_delivered)
{
    struct type_table *fields = type_table_new();
    struct buf news = {0};
    if (!fields)
        return;
    bool whole = read_list(table, fields);
    compare(st, fields, whole && all_delivered, known, &news);
    if (!news.failed && news.len > 0)
        append(st, buf_view(&news));
    buf_free(&news);
    type_table_free(fields);
}

/* --- the words of a refusal -------------------------------------------------------- */

static bool take(struct text *rest, struct text start)
{
    if (!text_starts(*rest, start))
        return false;
    *rest = (struct text){rest->at + start.len, rest->len - start.len};
    return true;
}

static bool take_type(struct text *rest, enum field_type *ret_type)
{
    for (size_t i = 0; i < NAMES; i++) {
        if (!take(rest, server_names[i].name))
            continue;
        *ret_type = server_names[i].type;
        return true;
    }
    return false;
}

/* Nothing but these characters up to the end: names are the sender's, and may look like the words
 * around them. */
static bool only(struct text rest, const char *characters)
{
    for (size_t i = 0; i < rest.len; i++)
        if (!strchr(characters, rest.at[i]))
            return false;
    return true;
}

/* 1.x and 2.x: partial write: field type conflict: input field "K" on measurement "M" is type
 * float, already exists as type string dropped=1 */
static bool by_name_and_measurement(struct text rest, struct text measurement, struct text key,
                                    enum field_type *ret_type)
{
    enum field_type is;
    (void)take(&rest, TEXT("failure writing points to database: "));
    return take(&rest, TEXT("partial write: field type conflict: input field \"")) &&
           take(&rest, key) && take(&rest, TEXT("\" on measurement \"")) &&
           take(&rest, measurement) && take(&rest, TEXT("\" is type ")) && take_type(&rest, &is) &&
           take(&rest, TEXT(", already exists as type ")) && take_type(&rest, ret_type) &&
           take(&rest, TEXT(" dropped=")) && only(rest, "0123456789");
}

/* 3.x: invalid column type for column 'K', expected iox::column_type::field::float, got
 * iox::column_type::field::string */
static bool by_name(struct text rest, struct text key, enum field_type *ret_type)
{
    return take(&rest, TEXT("invalid column type for column '")) && take(&rest, key) &&
           take(&rest, TEXT("', expected iox::column_type::field::")) &&
           take_type(&rest, ret_type) && take(&rest, TEXT(", got iox::column_type::")) &&
           only(rest, "abcdefghijklmnopqrstuvwxyz_:");
}

bool server_types_conflict(const struct point *point, const char *words, struct text *ret_key,
                           enum field_type *ret_type)
{
    struct text said = text_of(words);
    for (unsigned i = 0; i < point->field_count; i++) {
        struct text key = point->fields[i].key;
        if (!by_name_and_measurement(said, point->measurement, key, ret_type) &&
            !by_name(said, key, ret_type))
            continue;
        *ret_key = key;
        return true;
    }
    return false;
}

void server_types_refused(struct server_types *st, struct text line, const char *words,
                          int64_t arrival_ns, const struct types *known)
{
    enum field_type type, knows;
    struct buf news = {0};
    struct text key;
    if (line_parse(text_trim(line), &st->scratch, &st->point, NULL) != ERR_OK ||
        !server_types_conflict(&st->point, words, &key, &type))
        return;
    int64_t time_ns = st->point.time_ns;
    uint64_t field = field_id(field_id_measurement(st->point.measurement), key);
    bool old = time_ns < arrival_ns - SHARD_NS || time_ns > arrival_ns + SHARD_NS;
    bool found = types_find(known, field, &knows);
    bool kept = found || types_count(known) < TYPE_TABLE_FIELDS;
    if (old || !kept || (found && knows == type) || was_said(st, field, (uint8_t)type))
        return;
    types_record_add(&news, field, (uint8_t)type);
    if (!news.failed)
        append(st, buf_view(&news));
    buf_free(&news);
}
