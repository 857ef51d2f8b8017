/* What becomes of a value whose type is not that of its field. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "writer/shape/type_table.h"
#include "writer/shape/types.h"
#include "writer/shape/types_record.h"

#include "stage_fixture.h"

static struct stage_run run;
static struct settings_source settings;
static const struct source source = {.settings = &settings};

static int begin(void **state)
{
    (void)state;
    settings = (struct settings_source){.decoder = NULL};
    run = (struct stage_run){.stage = &types_stage, .state = types_stage.open(NULL)};
    return run.state ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    stage_run_end(&run);
    return 0;
}

static void feed(const char *line)
{
    char timed[512];
    snprintf(timed, sizeof timed, "%s 7", line);
    stage_run_feed(&run, &source, timed, 5, false);
}

/* What a line became, without its time; "" when it was refused. */
static void expect(const char *line, const char *due)
{
    char timed[512];
    buf_reset(&run.lines);
    feed(line);
    snprintf(timed, sizeof timed, "%s%s", due, *due ? " 7\n" : "");
    assert_string_equal(buf_cstr(&run.lines), timed);
}

static void assert_fields(const char *due)
{
    assert_string_equal(buf_cstr(&run.fields), due);
    buf_reset(&run.fields);
}

static void heard(const char *measurement, const char *key, uint8_t type)
{
    struct buf payload = {0};
    types_record_add(&payload, field_id(field_id_measurement(text_of(measurement)), text_of(key)),
                     type);
    types_stage.heard(
        run.state, &(struct journal_record){.type = JOURNAL_TYPES, .payload = buf_view(&payload)});
    buf_free(&payload);
}

static void the_first_value_makes_the_type(void **state)
{
    (void)state;
    expect("m t=1,b=true,s=\"x\",i=5i", "m t=1,b=true,s=\"x\",i=5i");
    expect("m t=\"2.5\",b=\"false\",s=3,i=7", "m t=2.5,b=false,s=\"3\",i=7i");
    expect("m,d=a t=5i,s=true,i=\"8\"", "m,d=a t=5,s=\"true\",i=8i"); /* whatever the tags */
    expect("n t=\"x\",b=1", "n t=\"x\",b=1");                         /* another measurement */
    assert_fields("");
}

static void what_does_not_fit_goes_under_another_name_and_is_told_once(void **state)
{
    (void)state;
    expect("m t=1,u=1,b=true", "m t=1,u=1,b=true");
    expect("m t=\"warm\",u=2", "m t_str=\"warm\",u=2");
    assert_fields("renamed: the field \"t\" of \"m\" is a number, and a text does not fit: it is "
                  "stored as text, with _str behind its name\n");
    expect("m t=true,u=3", "m t_str=\"true\",u=3");
    expect("m t=4", "m t=4");
    expect("m t=\"cold\"", "m t_str=\"cold\"");
    assert_fields("renamed\nrenamed\n");
    expect("m b=1", "m b_str=\"1\""); /* each field has its own turn */
    assert_fields("renamed: the field \"b\" of \"m\" is a boolean, and a number does not fit: it "
                  "is stored as text, with _str behind its name\n");
    expect("m b=0.5", "m b_str=\"0.5\"");
    expect("m t=9007199254740993i", "m t_str=\"9007199254740993\"");
}

static void where_the_other_name_is_taken_the_value_costs_itself(void **state)
{
    (void)state;
    expect("m t=1,t_str=2,u=1", "m t=1,t_str=2,u=1");
    expect("m t=\"x\",u=2", "m u=2");
    assert_fields("refused: the field \"t\" of \"m\" is a number, and a text does not fit: it is "
                  "left out, as the field with _str behind its name is no text\n");
    expect("m u=\"x\",u_str=\"y\"", "m u_str=\"y\"");
    assert_fields("refused: the field \"u\" of \"m\" is a number, and a text does not fit: it is "
                  "left out, as the point has such a field with _str behind its name already\n");
    expect("m a=1,t=\"x\",b=2,u=\"x\",u_str=\"y\",c=3", "m a=1,b=2,u_str=\"y\",c=3");
    assert_fields("refused\nrefused\n");
    assert_int_equal(run.refused.len, 0);
    expect("m t=\"x\"", ""); /* nothing is left of it */
    assert_string_equal(buf_cstr(&run.refused), "field_type\n");
    assert_fields("");
}

static void the_rules(void **state)
{
    (void)state;
    expect("m t=1,b=true,i=1i,s=\"x\"", "m t=1,b=true,i=1i,s=\"x\"");
    static const struct {
        enum settings_type_conflict rule;
        const char *line, *due;
    } rows[] = {
        {SETTINGS_CONFLICT_CAST, "m t=\"2\"", "m t=2"},
        {SETTINGS_CONFLICT_CAST, "m t=true", "m t_str=\"true\""},
        {SETTINGS_CONFLICT_CAST, "m b=1", "m b_str=\"1\""},
        {SETTINGS_CONFLICT_CAST, "m s=1", "m s=\"1\""},
        {SETTINGS_CONFLICT_CAST_BOOLEAN, "m t=\"2\"", "m t=2"},
        {SETTINGS_CONFLICT_CAST_BOOLEAN, "m t=true,i=false", "m t=1,i=0i"},
        {SETTINGS_CONFLICT_CAST_BOOLEAN, "m b=1", "m b=true"},
        {SETTINGS_CONFLICT_CAST_BOOLEAN, "m b=0i", "m b=false"},
        {SETTINGS_CONFLICT_CAST_BOOLEAN, "m b=2", "m b_str=\"2\""},
        {SETTINGS_CONFLICT_SUFFIX, "m t=\"2\"", "m t_str=\"2\""},
        {SETTINGS_CONFLICT_SUFFIX, "m s=1", "m s_str=\"1\""},
        {SETTINGS_CONFLICT_SUFFIX, "m b=\"true\"", "m b_str=\"true\""},
        {SETTINGS_CONFLICT_SUFFIX, "m t=5i,i=6", "m t=5,i=6i"}, /* no conflict */
        {SETTINGS_CONFLICT_REJECT, "m t=5i,i=6", "m t=5,i=6i"},
        {SETTINGS_CONFLICT_REJECT, "m t=\"2\",b=false", "m b=false"},
        {SETTINGS_CONFLICT_REJECT, "m i=6.5,s=\"y\"", "m s=\"y\""},
        {SETTINGS_CONFLICT_REJECT, "m t=\"2\"", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        settings.type_conflict = rows[i].rule;
        expect(rows[i].line, rows[i].due);
    }
}

static void a_rule_names_the_type_of_a_new_field(void **state)
{
    (void)state;
    struct settings_tag types[] = {{(char *)"pulses", (char *)"integer"},
                                   {(char *)"t", (char *)"float"},
                                   {(char *)"code", (char *)"text"},
                                   {(char *)"on", (char *)"boolean"}};
    settings.field_types = types;
    settings.field_types_count = 4;
    expect("m pulses=5,t=\"unknown\",code=12,on=\"true\"",
           "m pulses=5i,t_str=\"unknown\",code=\"12\",on=true");
    expect("m pulses=5.5,t=21", "m pulses_str=\"5.5\",t=21");
    heard("n", "pulses", FIELD_NUMBER); /* the server's word comes before the rule */
    expect("n pulses=5", "n pulses=5");
}

static void what_the_server_says_holds(void **state)
{
    (void)state;
    heard("m", "t", FIELD_TEXT);
    expect("m t=1", "m t=\"1\"");
    expect("m u=1", "m u=1");
    heard("m", "u", FIELD_TEXT); /* against what was learned */
    expect("m u=2", "m u=\"2\"");
    heard("m", "u_str", FIELD_NUMBER);
    heard("m", "u", FIELD_BOOL);
    expect("m u=\"x\",t=2", "m t=\"2\"");
    heard("m", "u", TYPES_RECORD_FORGOTTEN);
    expect("m u=\"x\"", "m u=\"x\"");
    heard("m", "t", 77); /* of a later version */
    expect("m t=2", "m t=\"2\"");
    types_stage.heard(run.state,
                      &(struct journal_record){.type = JOURNAL_TYPES, .payload = TEXT("cut off")});
    types_stage.heard(run.state,
                      &(struct journal_record){.type = JOURNAL_TICK, .payload = TEXT("123456789")});
}

static void names_that_the_encoder_cleans_are_one_field(void **state)
{
    (void)state;
    struct point *point = &run.point;
    const struct stage_next next = stage_run_next(&run);
    feed("#m,d=1 x=1"); /* a comment: nothing */
    expect("_m a/b=1", "_m a/b=1");
    point_clear(point);
    point->measurement = TEXT("#m");
    point->timed = true;
    assert_int_equal(point_text(point, TEXT("a\\b"), TEXT("2")), ERR_OK);
    buf_reset(&run.lines);
    types_stage.take(run.state, &(struct shaped){.point = point, .source = &source}, &next);
    assert_string_equal(buf_cstr(&run.lines), "_m a/b=2 0\n");
}

/* As many fields as there may be, with names as long as they may be, all at once of another type.
 */
static void the_largest_point_flips(void **state)
{
    (void)state;
    struct point *point = &run.point;
    static char names[POINT_MAX_FIELDS][256];
    const struct stage_next next = stage_run_next(&run);
    for (int round = 0; round < 2; round++) {
        point_clear(point);
        point->measurement = TEXT("m");
        point->timed = true;
        for (unsigned i = 0; i < POINT_MAX_FIELDS; i++) {
            snprintf(names[i], sizeof names[i], "%0255u", i);
            assert_int_equal(round
                                 ? point_number(point, text_of(names[i]), -1.2345678901234567e-300)
                                 : point_bool(point, text_of(names[i]), true),
                             ERR_OK);
        }
        types_stage.take(run.state, &(struct shaped){.point = point, .source = &source}, &next);
        assert_int_equal(point->field_count, POINT_MAX_FIELDS);
    }
    assert_int_equal(point->fields[511].type, FIELD_TEXT);
    assert_int_equal(point->fields[511].key.len, 259);
}

static void a_number_that_is_none_teaches_nothing(void **state)
{
    (void)state;
    struct point *point = &run.point;
    const struct stage_next next = stage_run_next(&run);
    point_clear(point);
    point->measurement = TEXT("m");
    point->timed = true;
    assert_int_equal(point_number(point, TEXT("t"), (double)NAN), ERR_OK);
    assert_int_equal(point_number(point, TEXT(""), 1), ERR_OK);
    types_stage.take(run.state, &(struct shaped){.point = point}, &next);
    assert_int_equal(types_count(run.state), 0);
    expect("m t=\"x\"", "m t=\"x\"");
}

static void beyond_the_bound_values_go_on_as_they_are(void **state)
{
    (void)state;
    for (unsigned i = 0; i < TYPE_TABLE_FIELDS; i += 500) {
        struct point *point = &run.point;
        static char names[500][12];
        const struct stage_next next = stage_run_next(&run);
        point_clear(point);
        point->measurement = TEXT("m");
        point->timed = true;
        for (unsigned k = 0; k < 500; k++) {
            snprintf(names[k], sizeof names[k], "f%u", i + k);
            assert_int_equal(point_number(point, text_of(names[k]), 1), ERR_OK);
        }
        buf_reset(&run.lines);
        types_stage.take(run.state, &(struct shaped){.point = point}, &next);
    }
    assert_int_equal(types_count(run.state), TYPE_TABLE_FIELDS);
    expect("m new=1", "m new=1");
    expect("m new=\"x\"", "m new=\"x\"");
    expect("m f7=\"x\"", "m f7_str=\"x\""); /* the old ones go on */
    assert_int_equal(types_count(run.state), TYPE_TABLE_FIELDS);
    assert_true(stage_run_restart(&run, NULL));
    assert_int_equal(types_count(run.state), TYPE_TABLE_FIELDS);
    expect("m f99999=\"x\"", "m f99999_str=\"x\"");
}

static void a_restart_changes_nothing(void **state)
{
    (void)state;
    expect("m t=1,u=1", "m t=1,u=1");
    expect("m t=\"x\"", "m t_str=\"x\"");
    buf_reset(&run.fields);
    assert_true(stage_run_restart(&run, NULL));
    expect("m t=\"y\"", "m t_str=\"y\"");
    assert_fields("renamed\n"); /* it was told */
    expect("m u=true", "m u_str=\"true\"");
    types_untell(run.state);
    buf_reset(&run.fields);
    expect("m t=\"y\"", "m t_str=\"y\"");
    assert_true(run.fields.len > strlen("renamed\n"));
    assert_false(types_stage.load(run.state, TEXT("cut")));
    assert_false(types_stage.load(run.state, TEXT("\x07"
                                                  "12345678")));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(the_first_value_makes_the_type),
        TEST(what_does_not_fit_goes_under_another_name_and_is_told_once),
        TEST(where_the_other_name_is_taken_the_value_costs_itself),
        TEST(the_rules),
        TEST(a_rule_names_the_type_of_a_new_field),
        TEST(what_the_server_says_holds),
        TEST(names_that_the_encoder_cleans_are_one_field),
        TEST(the_largest_point_flips),
        TEST(a_number_that_is_none_teaches_nothing),
        TEST(beyond_the_bound_values_go_on_as_they_are),
        TEST(a_restart_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
