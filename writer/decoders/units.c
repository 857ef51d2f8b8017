#include "writer/decoders/units.h"

#include <math.h>
#include <stdlib.h>

#include "base/spelling.h"

/* Factors are those of NIST Special Publication 811, appendix B.8; most are exact by definition. */
static const struct units_conversion conversions[] = {
    {"f_to_c", 32, 5, 9, 0},
    {"c_to_f", 0, 9, 5, 32},
    {"k_to_c", 273.15, 1, 1, 0},
    {"wmin_to_kwh", 0, 1, 60000, 0},
    {"ws_to_kwh", 0, 1, 3600000, 0},
    {"wh_to_kwh", 0, 1, 1000, 0},
    {"gj_to_kwh", 0, 2500, 9, 0},
    {"kwh_to_wh", 0, 1000, 1, 0},
    {"kw_to_w", 0, 1000, 1, 0},
    {"ma_to_a", 0, 1, 1000, 0},
    {"mv_to_v", 0, 1, 1000, 0},
    {"pa_to_hpa", 0, 1, 100, 0},
    {"kpa_to_hpa", 0, 10, 1, 0},
    {"inhg_to_hpa", 0, 33.86389, 1, 0},
    {"mmhg_to_hpa", 0, 1.333224, 1, 0},
    {"psi_to_hpa", 0, 68.94757, 1, 0},
    {"kmh_to_ms", 0, 1, 3.6, 0},
    {"mph_to_ms", 0, 0.44704, 1, 0},
    {"kn_to_ms", 0, 1852, 3600, 0},
    {"in_to_mm", 0, 25.4, 1, 0},
    {"ft_to_m", 0, 0.3048, 1, 0},
    {"mi_to_km", 0, 1.609344, 1, 0},
    {"l_to_m3", 0, 1, 1000, 0},
    {"gal_to_l", 0, 3.785411784, 1, 0}, /* of the United States */
    {"ft3_to_m3", 0, 0.028316846592, 1, 0},
    {"lb_to_kg", 0, 0.45359237, 1, 0},
    {"min_to_s", 0, 60, 1, 0},
    {"ratio_to_percent", 0, 100, 1, 0},
};
enum { CONVERSIONS = sizeof conversions / sizeof conversions[0] };

struct units {
    unsigned count;
    struct {
        struct text field;
        const struct units_conversion *how;
    } of[];
};

const struct units_conversion *units_at(size_t index)
{
    return index < CONVERSIONS ? &conversions[index] : NULL;
}

static const struct units_conversion *find(struct text name)
{
    for (size_t i = 0; i < CONVERSIONS; i++)
        if (text_equal(name, text_of(conversions[i].name)))
            return &conversions[i];
    return NULL;
}

static const char *nearest(struct text name)
{
    size_t best = 0;
    for (size_t i = 1; i < CONVERSIONS; i++)
        if (spelling_distance(name, text_of(conversions[i].name)) <
            spelling_distance(name, text_of(conversions[best].name)))
            best = i;
    return conversions[best].name;
}

enum err units_open(const struct settings_source *source, struct units **ret_units,
                    struct err_reason *why)
{
    *ret_units = NULL;
    if (source->convert_count == 0)
        return ERR_OK;
    struct units *units = calloc(1, sizeof *units + source->convert_count * sizeof units->of[0]);
    if (!units)
        return err_explain(why, ERR_NOMEM, "convert: no memory for conversions");
    for (unsigned i = 0; i < source->convert_count; i++) {
        const struct settings_tag *pair = &source->convert[i];
        units->of[i].field = text_of(pair->key);
        units->of[i].how = find(text_of(pair->value));
        if (units->of[i].how)
            continue;
        units_close(units);
        return err_explain(why, ERR_INVALID,
                           "convert.%.64s: there is no conversion \"%.64s\"; the nearest is \"%s\"",
                           pair->key, pair->value, nearest(text_of(pair->value)));
    }
    units->count = source->convert_count;
    *ret_units = units;
    return ERR_OK;
}

void units_close(struct units *units)
{
    free(units);
}

/* 71.6 °F is 22 °C and not 21.999999999999996: a difference of two near numbers shows the digits
 * behind what was measured. Nine decimals are exact below a million. */
static double tidy(double number)
{
    return fabs(number) < 1e6 ? round(number * 1e9) / 1e9 : number;
}

static double convert(const struct units_conversion *how, double number)
{
    double converted = (number - how->zero) * how->times / how->per + how->plus;
    return how->zero != 0 || how->plus != 0 ? tidy(converted) : converted;
}

static struct point_field *find_number(struct point *point, struct text key)
{
    for (unsigned i = 0; i < point->field_count; i++) {
        struct point_field *field = &point->fields[i];
        bool number = field->type == FIELD_NUMBER || field->type == FIELD_INTEGER;
        if (number && text_equal(field->key, key))
            return field;
    }
    return NULL;
}

enum err units_convert(const struct units *units, struct point *point, struct err_reason *why)
{
    for (unsigned i = 0; units && i < units->count; i++) {
        struct point_field *field = find_number(point, units->of[i].field);
        if (!field)
            continue;
        double number = field->type == FIELD_INTEGER ? (double)field->integer : field->number;
        number = convert(units->of[i].how, number);
        if (!isfinite(number))
            return err_explain(why, ERR_TOO_LARGE, "the field \"%.64s\" is too large for %s",
                               units->of[i].field.at, units->of[i].how->name);
        field->type = FIELD_NUMBER;
        field->number = number;
    }
    return ERR_OK;
}
