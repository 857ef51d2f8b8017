/* Different values of one field at one time are all kept, each at a time of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "writer/shape/step.h"

#include "stage_fixture.h"

static struct stage_run run;

static int begin(void **state)
{
    (void)state;
    run = (struct stage_run){.stage = &step_stage, .state = step_stage.open(NULL)};
    return run.state ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    stage_run_end(&run);
    return 0;
}

static void assert_lines(const char *expected)
{
    assert_string_equal(buf_cstr(&run.lines), expected);
    buf_reset(&run.lines);
}

static void different_values_at_one_time_move_apart(void **state)
{
    (void)state;
    stage_run_feed(&run, NULL, "m,d=a t=1 1000", 5, false);
    stage_run_feed(&run, NULL, "m,d=a t=2 1000", 6, false);
    stage_run_feed(&run, NULL, "m,d=a t=3 1000", 7, false);
    stage_run_feed(&run, NULL, "m,d=b t=4 1000", 8, false); /* another series */
    stage_run_feed(&run, NULL, "m,d=a t=5 2000", 9, false);
    assert_lines("m,d=a t=1 1000\nm,d=a t=2 1001\nm,d=a t=3 1002\nm,d=b t=4 1000\n"
                 "m,d=a t=5 2000\n");
}

static void equal_ones_and_other_fields_stay(void **state)
{
    (void)state;
    stage_run_feed(&run, NULL, "m t=1 1000", 5, false);
    stage_run_feed(&run, NULL, "m t=1 1000", 6, false);
    stage_run_feed(&run, NULL, "m h=7 1000", 7, false);
    stage_run_feed(&run, NULL, "m t=1,h=8 1000", 8, false);
    assert_lines("m t=1 1000\nm t=1 1000\nm h=7 1000\nm t=1,h=8 1001\n");
}

static void a_type_is_a_difference_too(void **state)
{
    (void)state;
    stage_run_feed(&run, NULL, "m t=1 1000", 5, false);
    stage_run_feed(&run, NULL, "m t=true 1000", 6, false);
    stage_run_feed(&run, NULL, "m t=\"1\" 1000", 7, false);
    assert_lines("m t=1 1000\nm t=true 1001\nm t=\"1\" 1002\n");
}

static void arrival_times_are_left_alone(void **state)
{
    (void)state;
    stage_run_feed(&run, NULL, "m t=1", 5000, false);
    stage_run_feed(&run, NULL, "m t=2", 5000, false);
    assert_lines("m t=1 5000\nm t=2 5000\n");
}

static void a_restart_changes_nothing(void **state)
{
    (void)state;
    stage_run_feed(&run, NULL, "m t=1 1000", 5, false);
    stage_run_feed(&run, NULL, "m t=2 1000", 6, false);
    assert_true(stage_run_restart(&run, NULL));
    stage_run_feed(&run, NULL, "m t=3 1000", 7, false);
    assert_lines("m t=1 1000\nm t=2 1001\nm t=3 1002\n");
    assert_false(step_stage.load(run.state, TEXT("cut")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(different_values_at_one_time_move_apart, begin, end),
        cmocka_unit_test_setup_teardown(equal_ones_and_other_fields_stay, begin, end),
        cmocka_unit_test_setup_teardown(a_type_is_a_difference_too, begin, end),
        cmocka_unit_test_setup_teardown(arrival_times_are_left_alone, begin, end),
        cmocka_unit_test_setup_teardown(a_restart_changes_nothing, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
