/* Conversions of units: what each gives, what they leave alone, and which names are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>

#include "influx/line.h"
#include "writer/decoders/source.h"

#define PAGE HEARTHLINE_SOURCE_DIR "/docs/data-model.md"

static struct units *units_of(const char *field, const char *conversion)
{
    static char key[64], value[64]; /* the name is borrowed */
    snprintf(key, sizeof key, "%s", field);
    snprintf(value, sizeof value, "%s", conversion);
    struct settings_tag pair = {key, value};
    struct settings_source source = {.convert = &pair, .convert_count = 1};
    struct units *units = NULL;
    assert_int_equal(units_open(&source, &units, NULL), ERR_OK);
    assert_non_null(units);
    return units;
}

static double converted(const char *conversion, double number)
{
    struct units *units = units_of("x", conversion);
    struct point point;
    point_clear(&point);
    assert_int_equal(point_number(&point, TEXT("x"), number), ERR_OK);
    assert_int_equal(units_convert(units, &point, NULL), ERR_OK);
    assert_int_equal(point.fields[0].type, FIELD_NUMBER);
    units_close(units);
    return point.fields[0].number;
}

static void each_conversion_gives_what_is_due(void **state)
{
    static const struct {
        const char *name;
        double from, to;
    } cases[] = {
        {"f_to_c", 32, 0},
        {"f_to_c", 71.6, 22},
        {"f_to_c", -40, -40},
        {"f_to_c", 68.9, 20.5},
        {"c_to_f", 21.7, 71.06},
        {"k_to_c", 294.65, 21.5},
        {"wmin_to_kwh", 45300, 0.755},
        {"wmin_to_kwh", 1, 1 / 60000.},
        {"ws_to_kwh", 3600000, 1},
        {"wh_to_kwh", 1234.5, 1.2345},
        {"gj_to_kwh", 3.6, 1000},
        {"kwh_to_wh", 1.5, 1500},
        {"kw_to_w", 0.45, 450},
        {"ma_to_a", 250, 0.25},
        {"mv_to_v", 3012, 3.012},
        {"pa_to_hpa", 101325, 1013.25},
        {"kpa_to_hpa", 101.325, 1013.25},
        {"inhg_to_hpa", 29.92, 1013.2075888},
        {"mmhg_to_hpa", 760, 1013.25024},
        {"psi_to_hpa", 14.5, 999.739765},
        {"kmh_to_ms", 36, 10},
        {"mph_to_ms", 10, 4.4704},
        {"kn_to_ms", 10, 18520 / 3600.},
        {"in_to_mm", 2, 50.8},
        {"ft_to_m", 10, 3.048},
        {"mi_to_km", 10, 16.09344},
        {"l_to_m3", 250, 0.25},
        {"gal_to_l", 10, 37.85411784},
        {"ft3_to_m3", 10, 0.28316846592},
        {"lb_to_kg", 10, 4.5359237},
        {"min_to_s", 1.5, 90},
        {"ratio_to_percent", 0.25, 25},
    };
    (void)state;
    size_t next = 0, count = sizeof cases / sizeof cases[0];
    for (size_t i = 0; i < count; i++)
        if (fabs(converted(cases[i].name, cases[i].from) - cases[i].to) > fabs(cases[i].to) * 1e-15)
            fail_msg("%s of %.17g is %.17g", cases[i].name, cases[i].from,
                     converted(cases[i].name, cases[i].from));
    for (size_t i = 0; units_at(i); i++) {
        size_t before = next;
        while (next < count && strcmp(cases[next].name, units_at(i)->name) == 0)
            next++;
        if (next == before)
            fail_msg("%s is not tried here, in the order of the table", units_at(i)->name);
    }
    assert_int_equal(next, count);
    assert_true(converted("f_to_c", 71.6) == 22 && converted("k_to_c", 294.65) == 21.5);
}

static void only_numbers_of_that_name_are_converted(void **state)
{
    struct units *units = units_of("temperature", "f_to_c");
    struct point point;
    struct buf line = {0};
    unsigned cleaned;
    (void)state;
    point_clear(&point);
    point.measurement = TEXT("m");
    assert_int_equal(point_number(&point, TEXT("Temperature"), 50), ERR_OK);
    assert_int_equal(point_number(&point, TEXT("temperature.1"), 50), ERR_OK);
    assert_int_equal(point_integer(&point, TEXT("temperature"), 50), ERR_OK);
    assert_int_equal(units_convert(units, &point, NULL), ERR_OK);
    assert_int_equal(line_encode(&point, &line, &cleaned, NULL), ERR_OK);
    assert_string_equal(buf_cstr(&line), "m Temperature=50,temperature.1=50,temperature=10\n");
    buf_reset(&line);
    point_clear(&point);
    point.measurement = TEXT("m");
    assert_int_equal(point_text(&point, TEXT("temperature"), TEXT("unavailable")), ERR_OK);
    assert_int_equal(units_convert(units, &point, NULL), ERR_OK);
    assert_int_equal(units_convert(NULL, &point, NULL), ERR_OK);
    assert_int_equal(line_encode(&point, &line, &cleaned, NULL), ERR_OK);
    assert_string_equal(buf_cstr(&line), "m temperature=\"unavailable\"\n");
    buf_free(&line);
    units_close(units);
}

static void what_is_too_large_is_refused(void **state)
{
    struct units *units = units_of("p", "kw_to_w");
    struct point point;
    struct err_reason why = {""};
    (void)state;
    point_clear(&point);
    assert_int_equal(point_number(&point, TEXT("p"), DBL_MAX), ERR_OK);
    assert_int_equal(units_convert(units, &point, &why), ERR_TOO_LARGE);
    assert_string_equal(why.text, "the field \"p\" is too large for kw_to_w");
    units_close(units);
}

static void an_unknown_conversion_ends_the_start_with_the_nearest(void **state)
{
    struct settings_tag pairs[] = {{(char *)"t", (char *)"f_to_c"},
                                   {(char *)"energy", (char *)"wmin_to_kw"}};
    struct settings_source source = {.decoder = (char *)"value",
                                     .filter = (char *)"a/+room",
                                     .convert = pairs,
                                     .convert_count = 2};
    struct settings settings = {.topic_root = (char *)"hearthline",
                                .writer = {.sources = &source, .sources_count = 1}};
    struct sources *sources = NULL;
    struct err_reason why = {""};
    (void)state;
    assert_int_equal(sources_open(&settings, &sources, &why), ERR_INVALID);
    assert_string_equal(why.text, "writer.sources[0].convert.energy: there is no conversion "
                                  "\"wmin_to_kw\"; the nearest is \"wmin_to_kwh\"");
}

static void the_page_lists_them_all(void **state)
{
    char row[64];
    char *page = calloc(1, 1 << 20);
    FILE *file = fopen(PAGE, "r");
    (void)state;
    assert_non_null(page);
    assert_non_null(file);
    assert_true(fread(page, 1, (1 << 20) - 1, file) > 0);
    fclose(file);
    for (size_t i = 0; units_at(i); i++) {
        snprintf(row, sizeof row, "\n| `%s` |", units_at(i)->name);
        if (!strstr(page, row))
            fail_msg("docs/data-model.md lacks a row for %s", units_at(i)->name);
    }
    free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_conversion_gives_what_is_due),
        cmocka_unit_test(only_numbers_of_that_name_are_converted),
        cmocka_unit_test(what_is_too_large_is_refused),
        cmocka_unit_test(an_unknown_conversion_ends_the_start_with_the_nearest),
        cmocka_unit_test(the_page_lists_them_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
