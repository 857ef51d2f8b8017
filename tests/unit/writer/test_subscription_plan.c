#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "writer/subscription_plan.h"

static char folder[] = "/tmp/hearthline-test-XXXXXX";
static char file[128];

static struct sources *sources_of(struct settings *settings, struct settings_source *list,
                                  unsigned count)
{
    struct sources *sources = NULL;
    struct err_reason why = {""};
    settings->topic_root = (char *)"hearthline";
    settings->writer.sources = list;
    settings->writer.sources_count = count;
    enum err e = sources_open(settings, &sources, &why);
    if (e != ERR_OK)
        fail_msg("%s", why.text);
    return sources;
}

static struct subscription_plan plan_of(struct settings_source *list, unsigned count)
{
    struct settings settings = {0};
    struct subscription_plan plan = {0};
    struct err_reason why = {""};
    struct sources *sources = sources_of(&settings, list, count);
    if (subscription_plan_make(file, "hearthline", sources, &plan, &why) != ERR_OK)
        fail_msg("%s", why.text);
    sources_close(sources);
    return plan;
}

static uint32_t id_of(const struct subscription_plan *plan, const char *filter)
{
    for (size_t i = 0; i < plan->count; i++)
        if (strcmp(plan->list[i].filter, filter) == 0)
            return plan->list[i].id;
    return 0;
}

#define SOURCE(d, f)                                                                               \
    {                                                                                              \
        .decoder = (char *)(d), .filter = (char *)(f)                                              \
    }

static void identifiers_last_and_are_never_used_again(void **state)
{
    (void)state;
    struct settings_source first[] = {SOURCE("value", "sensor/+room/+metric"),
                                      SOURCE("homeassistant_eventstream", "homeassistant/events")};
    struct subscription_plan plan = plan_of(first, 2);
    uint32_t ours = id_of(&plan, "hearthline/#"), sensor = id_of(&plan, "sensor/+/+"),
             events = id_of(&plan, "homeassistant/events");
    assert_true(ours && sensor && events);
    assert_int_equal(plan.gone_count, 0);
    subscription_plan_free(&plan);

    struct settings_source second[] = {SOURCE("line", "metrics/line"),
                                       SOURCE("homeassistant_eventstream", "homeassistant/events")};
    plan = plan_of(second, 2);
    assert_int_equal(id_of(&plan, "homeassistant/events"), events);
    uint32_t line = id_of(&plan, "metrics/line");
    assert_true(line > ours && line > sensor && line > events);
    assert_int_equal(plan.gone_count, 1);
    assert_string_equal(plan.gone[0], "sensor/+/+");
    subscription_plan_free(&plan);

    plan = plan_of(first, 2); /* back again: its old identifier, nobody else's */
    assert_int_equal(id_of(&plan, "sensor/+/+"), sensor);
    subscription_plan_free(&plan);
    struct settings_source third[] = {
        SOURCE("line", "sensor/+/+")}; /* the same filter, another decoder */
    plan = plan_of(third, 1);
    assert_true(id_of(&plan, "sensor/+/+") > line);
    for (size_t i = 0; i < plan.gone_count; i++)
        assert_string_not_equal(plan.gone[i], "sensor/+/+"); /* it is wanted */
    subscription_plan_free(&plan);
}

static void a_filter_that_another_subsumes_is_not_subscribed(void **state)
{
    (void)state;
    struct settings_source list[] = {SOURCE("value", "a/b/c"), SOURCE("line", "a/#")};
    struct subscription_plan plan = plan_of(list, 2);
    assert_true(id_of(&plan, "a/#"));
    assert_false(id_of(&plan, "a/b/c"));
    subscription_plan_free(&plan);
}

static void a_damaged_file_is_named_with_its_line(void **state)
{
    (void)state;
    struct settings settings = {0};
    struct subscription_plan plan;
    struct err_reason why = {""};
    FILE *f = fopen(file, "w");
    fputs("# comment\n7 value a/b\nnonsense\n", f);
    fclose(f);
    struct sources *sources = sources_of(&settings, NULL, 0);
    assert_int_equal(subscription_plan_make(file, "hearthline", sources, &plan, &why), ERR_CORRUPT);
    assert_non_null(strstr(why.text, "subscriptions:3"));
    sources_close(sources);
}

static int setup(void **state)
{
    (void)state;
    unlink(file);
    return 0;
}

int main(void)
{
    if (!mkdtemp(folder))
        return 1;
    snprintf(file, sizeof file, "%s/subscriptions", folder);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(identifiers_last_and_are_never_used_again, setup),
        cmocka_unit_test_setup(a_filter_that_another_subsumes_is_not_subscribed, setup),
        cmocka_unit_test_setup(a_damaged_file_is_named_with_its_line, setup),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(file);
    rmdir(folder);
    return failed;
}
