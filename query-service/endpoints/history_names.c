#include "base/spelling.h"
#include "influx/influxql.h"
#include "query-service/endpoints/cells.h"
#include "query-service/endpoints/history.h"

enum { FIELDS, TAGS, MEASUREMENTS };
enum { MEASUREMENTS_MAX = 1000 };

void history_names_plan(const struct request *request, struct gather_plan *plan)
{
    struct buf *out = gather_add_of(plan, request->measurement);
    buf_string(out, "SHOW FIELD KEYS FROM ");
    influxql_identifier(request->measurement, out);
    out = gather_add_of(plan, request->measurement);
    buf_string(out, "SHOW TAG KEYS FROM ");
    influxql_identifier(request->measurement, out);
    buf_printf(gather_add_of(plan, request->measurement), "SHOW MEASUREMENTS LIMIT %d",
               MEASUREMENTS_MAX);
}

static struct text name_at(const struct table *list, const char *column, size_t row)
{
    return value_text(table_at(list, 0, row, table_column(list, 0, text_of(column))));
}

static bool holds(const struct table *list, const char *column, struct text name)
{
    for (size_t row = 0; row < table_rows(list, 0); row++)
        if (text_equal(name_at(list, column, row), name))
            return true;
    return false;
}

/* The known name that is spelt most like the unknown one. */
static enum err unknown(const char *what, struct text name, const struct table *list,
                        const char *column, struct err_reason *why)
{
    struct text nearest = {0};
    unsigned nearest_distance = 0;
    for (size_t row = 0; row < table_rows(list, 0); row++) {
        struct text known = name_at(list, column, row);
        unsigned distance = spelling_distance(name, known);
        if (nearest.len > 0 && distance >= nearest_distance)
            continue;
        nearest = known;
        nearest_distance = distance;
    }
    if (nearest.len == 0)
        return err_explain(why, ERR_INVALID, "%s \"%.*s\": there is none of that name, nor any",
                           what, CELLS_SHOWN(name));
    return err_explain(why, ERR_INVALID,
                       "%s \"%.*s\": there is none of that name; the nearest is \"%.*s\"", what,
                       CELLS_SHOWN(name), CELLS_SHOWN(nearest));
}

static enum history_kind kind_of(struct text type)
{
    if (text_equal(type, TEXT("string")))
        return HISTORY_TEXT;
    return text_equal(type, TEXT("boolean")) ? HISTORY_BOOL : HISTORY_NUMBER;
}

/* A field has a row for each type; whole and other numbers are computed with as one. */
static enum err check_field(const struct request *request, const struct table *fields,
                            enum history_kind *ret_kind, struct err_reason *why)
{
    struct text first = {0};
    for (size_t row = 0; row < table_rows(fields, 0); row++) {
        struct text type = name_at(fields, "fieldType", row);
        if (!text_equal(name_at(fields, "fieldKey", row), request->field))
            continue;
        if (first.len > 0 && kind_of(first) != kind_of(type))
            return err_explain(why, ERR_INVALID,
                               "field \"%.*s\": some of its values were stored as %.*s, others as "
                               "%.*s, and InfluxDB shows only one of the two kinds",
                               CELLS_SHOWN(request->field), CELLS_SHOWN(first), CELLS_SHOWN(type));
        if (first.len == 0)
            first = type;
    }
    if (first.len == 0)
        return unknown("field", request->field, fields, "fieldKey", why);
    *ret_kind = kind_of(first);
    return ERR_OK;
}

static enum err check_tags(const struct request *request, const struct table *fields,
                           const struct table *tags, struct err_reason *why)
{
    for (unsigned i = 0; i < REQUEST_TAGS && request->tags[i].name.len > 0; i++) {
        struct text name = request->tags[i].name;
        if (!holds(tags, "tagKey", name))
            return unknown("tag", name, tags, "tagKey", why);
        if (holds(fields, "fieldKey", name))
            return err_explain(
                why, ERR_INVALID,
                "tag \"%.*s\": a field has the same name, so that InfluxDB cannot be "
                "asked for the tag",
                CELLS_SHOWN(name));
    }
    return ERR_OK;
}

enum err history_names_check(const struct request *request, const struct gather_results *results,
                             enum history_kind *ret_kind, const struct table **ret_tag_keys,
                             struct err_reason *why)
{
    const struct table *fields = results->at[FIELDS].table, *tags = results->at[TAGS].table;
    enum history_kind kind = HISTORY_NUMBER;
    if (table_rows(fields, 0) == 0)
        return unknown("measurement", request->measurement, results->at[MEASUREMENTS].table, "name",
                       why);
    enum err e = check_field(request, fields, &kind, why);
    if (e == ERR_OK)
        e = check_tags(request, fields, tags, why);
    if (e != ERR_OK)
        return e;
    *ret_kind = kind;
    *ret_tag_keys = tags;
    return ERR_OK;
}
