#include "store.h"

#include "query-service/alerts/own.h"

static struct findings found;
static char empty[] = "";

static struct settings_alert_rule rule_of(const char *name, const char *field,
                                          enum settings_aggregate aggregate)
{
    return (struct settings_alert_rule){.name = strdup(name),
                                        .measurement = strdup("device_metrics"),
                                        .field = strdup(field),
                                        .subject = strdup("device_id"),
                                        .aggregate = aggregate,
                                        .window_s = 300,
                                        .comparison = SETTINGS_ABOVE,
                                        .threshold = 30,
                                        .clear = 30,
                                        .level = SETTINGS_LEVEL_WARNING,
                                        .message = empty};
}

static void rule_free(struct settings_alert_rule *rule)
{
    free(rule->name);
    free(rule->measurement);
    free(rule->field);
    free(rule->subject);
}

/* One round of a rule at `now`. */
static void judge(struct own *own, struct settings_alert_rule *rule, int64_t now_ns)
{
    const struct settings_query_alerts settings = {.rules = rule, .rules_count = 1};
    struct gather_plan plan = {0};
    struct rules_sink sink = findings_sink(&found);
    own_plan(own, &settings, now_ns, &plan);
    struct gather_results *results = store_ask(&store, &plan);
    own_find(own, &settings, results, 0, now_ns, &sink);
    gather_results_free(results);
}

static void judge_once(struct settings_alert_rule *rule, int64_t now_ns)
{
    struct own *own = own_new();
    judge(own, rule, now_ns);
    own_free(own);
}

static double value_of(const char *subject)
{
    const struct found *one = findings_of(&found, "r", "system", subject);
    assert_non_null(one);
    assert_true(one->finding.value.present);
    return one->finding.value.value;
}

static void write_rows(const char *measurement, const char *tags, const char *field,
                       const double *values, size_t count, int64_t last_ns, int64_t step_s)
{
    struct buf lines = {0};
    for (size_t i = 0; i < count; i++) {
        buf_printf(&lines, "%s%s%s %s=", measurement, tags[0] ? "," : "", tags, field);
        buf_number(&lines, values[i]);
        buf_printf(&lines, " %lld\n", (long long)(last_ns - (int64_t)(count - 1 - i) * step_s * S));
    }
    store_write(&store, buf_cstr(&lines));
    buf_free(&lines);
}

static void each_aggregate_says_what_it_should(void **state)
{
    static const struct {
        enum settings_aggregate aggregate;
        double due;
    } table[] = {
        {SETTINGS_AGGREGATE_MEAN, 25}, {SETTINGS_AGGREGATE_MIN, 10},
        {SETTINGS_AGGREGATE_MAX, 40},  {SETTINGS_AGGREGATE_FIRST, 20},
        {SETTINGS_AGGREGATE_LAST, 30}, {SETTINGS_AGGREGATE_SUM, 100},
        {SETTINGS_AGGREGATE_COUNT, 4}, {SETTINGS_AGGREGATE_INCREASE, 50},
    };
    (void)state;
    /* The row before the window, and that behind now, do not count. 20 40 10 30: 20 up, a new
     * beginning that reached 10, 20 up. */
    const double values[] = {1000, 20, 40, 10, 30};
    write_rows("device_metrics", "device_id=agg", "x", values, 5, NOW, 75);
    write_rows("device_metrics", "device_id=agg", "x", values, 1, NOW + 1, 75);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct settings_alert_rule rule = rule_of("r", "x", table[i].aggregate);
        judge_once(&rule, NOW);
        assert_float_equal(value_of("agg"), table[i].due, 1e-9);
        assert_int_equal(findings_gone_after_s(&found, "r"), OWN_KNOWN_S);
        rule_free(&rule);
    }
}

static void a_meter_that_begins_anew_still_rises(void **state)
{
    (void)state;
    const double meter[] = {100, 110, 5, 8, 2, 3};
    write_rows("device_metrics", "device_id=meter,phase=a", "kwh", meter, 6, NOW, 50);
    const double other[] = {50, 51};
    write_rows("device_metrics", "device_id=meter,phase=b", "kwh", other, 2, NOW, 50);
    const double one[] = {7};
    write_rows("device_metrics", "device_id=single", "kwh", one, 1, NOW, 50);
    struct settings_alert_rule rule = rule_of("r", "kwh", SETTINGS_AGGREGATE_INCREASE);
    judge_once(&rule, NOW);
    /* 10, then 5 from 0, 3, then 2 from 0, 1; and 1 of the other series */
    assert_float_equal(value_of("meter"), 22, 1e-9);
    assert_float_equal(value_of("single"), 0, 1e-9);
    rule_free(&rule);
}

static void comparisons_and_clear_limits(void **state)
{
    static const struct {
        enum settings_comparison comparison;
        double threshold, clear;
        enum verdict verdict; /* of the value 20 */
    } table[] = {
        {SETTINGS_ABOVE, 19.9, 19.9, VERDICT_FIRING}, {SETTINGS_ABOVE, 20, 20, VERDICT_CLEAR},
        {SETTINGS_ABOVE, 20, 19, VERDICT_BETWEEN},    {SETTINGS_ABOVE, 30, 20, VERDICT_CLEAR},
        {SETTINGS_AT_LEAST, 20, 20, VERDICT_FIRING},  {SETTINGS_AT_LEAST, 21, 21, VERDICT_CLEAR},
        {SETTINGS_AT_LEAST, 21, 20, VERDICT_BETWEEN}, {SETTINGS_BELOW, 21, 21, VERDICT_FIRING},
        {SETTINGS_BELOW, 20, 20, VERDICT_CLEAR},      {SETTINGS_BELOW, 20, 21, VERDICT_BETWEEN},
        {SETTINGS_AT_MOST, 20, 20, VERDICT_FIRING},   {SETTINGS_AT_MOST, 19, 19, VERDICT_CLEAR},
        {SETTINGS_AT_MOST, 19, 20, VERDICT_BETWEEN},
    };
    (void)state;
    const double value = 20;
    write_rows("device_metrics", "device_id=cmp", "y", &value, 1, NOW, 1);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct settings_alert_rule rule = rule_of("r", "y", SETTINGS_AGGREGATE_LAST);
        rule.comparison = table[i].comparison;
        rule.threshold = table[i].threshold;
        rule.clear = table[i].clear;
        rule.level = SETTINGS_LEVEL_CRITICAL;
        rule.for_s = 60;
        judge_once(&rule, NOW);
        const struct found *one = findings_of(&found, "r", NULL, "cmp");
        if (one->finding.verdict != table[i].verdict)
            fail_msg("row %zu: verdict %d", i, one->finding.verdict);
        assert_int_equal(one->finding.level, ALERT_CRITICAL);
        assert_int_equal(one->finding.for_s, 60);
        rule_free(&rule);
    }
}

static void its_words(void **state)
{
    static const struct {
        const char *message, *words;
    } table[] = {
        {"", "cmp-2: last of z over 5m is 31.25 (> 30)"},
        {"too warm", "too warm"},
        {"{subject} has {value} ({threshold}), {other} {", "cmp-2 has 31.25 (30), {other} {"},
    };
    (void)state;
    const double value = 31.25;
    write_rows("device_metrics", "device_id=cmp-2", "z", &value, 1, NOW, 1);
    for (size_t i = 0; i < 3; i++) {
        struct settings_alert_rule rule = rule_of("r", "z", SETTINGS_AGGREGATE_LAST);
        rule.message = strdup(table[i].message);
        judge_once(&rule, NOW);
        assert_string_equal(findings_of(&found, "r", NULL, "cmp-2")->message, table[i].words);
        free(rule.message);
        rule_free(&rule);
    }
}

static void what_has_no_data_is_not_found(void **state)
{
    (void)state;
    struct settings_alert_rule rule = rule_of("r", "x", SETTINGS_AGGREGATE_MEAN);
    judge_once(&rule, NOW + 86400 * S);
    assert_int_equal(found.count, 0);
    assert_int_equal(findings_gone_after_s(&found, "r"), OWN_KNOWN_S);
    free(rule.measurement);
    rule.measurement = strdup("nobody has written this");
    judge_once(&rule, NOW);
    assert_int_equal(found.count, 0);
    rule_free(&rule);
}

static void a_field_of_text_is_unknown(void **state)
{
    (void)state;
    store_write(&store, "device_metrics,device_id=w word=\"warm\" 1772366400000000000\n");
    struct settings_alert_rule rule = rule_of("r", "word", SETTINGS_AGGREGATE_MEAN);
    judge_once(&rule, NOW); /* InfluxDB refuses a mean of text */
    assert_int_equal(found.count, 0);
    assert_int_equal(findings_gone_after_s(&found, "r"), ALERTS_NEVER_GONE);
    rule.aggregate = SETTINGS_AGGREGATE_LAST;
    judge_once(&rule, NOW);
    assert_int_equal(found.count, 0);
    rule_free(&rule);
    struct settings_alert_rule count = rule_of("r", "word", SETTINGS_AGGREGATE_COUNT);
    judge_once(&count, NOW);
    assert_float_equal(value_of("w"), 1, 0);
    rule_free(&count);
}

/* A count is 0 where the subject was known, and of nobody where nobody was. */
static void nothing_is_counted_only_of_who_is_known(void **state)
{
    (void)state;
    const double value = 1;
    const int64_t later = NOW + 10 * 86400 * S;
    write_rows("beats", "device_id=heart", "beat", &value, 1, later, 1);
    struct settings_alert_rule rule = rule_of("r", "beat", SETTINGS_AGGREGATE_COUNT);
    free(rule.measurement);
    rule.measurement = strdup("beats");
    rule.comparison = SETTINGS_BELOW;
    rule.threshold = rule.clear = 1;
    struct own *own = own_new();
    judge(own, &rule, later - 60 * S);
    assert_int_equal(found.count, 0); /* never invented */
    judge(own, &rule, later + 60 * S);
    assert_int_equal(findings_of(&found, "r", NULL, "heart")->finding.verdict, VERDICT_CLEAR);
    judge(own, &rule, later + 400 * S);
    assert_float_equal(value_of("heart"), 0, 0);
    assert_int_equal(findings_of(&found, "r", NULL, "heart")->finding.verdict, VERDICT_FIRING);
    judge(own, &rule, later + 6 * 86400 * S);
    assert_int_equal(found.count, 1);
    judge(own, &rule, later + (60 + OWN_KNOWN_S) * S);
    assert_int_equal(found.count, 0);
    own_free(own);
    /* After a restart who spoke in the hour before is known, and nobody else. */
    judge_once(&rule, later + 3000 * S);
    assert_float_equal(value_of("heart"), 0, 0);
    judge_once(&rule, later + 4000 * S);
    assert_int_equal(found.count, 0);
    rule_free(&rule);
}

static void without_results_all_stays(void **state)
{
    (void)state;
    struct settings_alert_rule rule = rule_of("r", "x", SETTINGS_AGGREGATE_COUNT);
    const struct settings_query_alerts settings = {.rules = &rule, .rules_count = 1};
    struct rules_sink sink = findings_sink(&found);
    struct own *own = own_new();
    own_find(own, &settings, NULL, 0, NOW, &sink);
    assert_int_equal(found.count, 0);
    assert_int_equal(findings_gone_after_s(&found, "r"), ALERTS_NEVER_GONE);
    own_free(own);
    rule_free(&rule);
}

static void one_alert_over_all_rows(void **state)
{
    (void)state;
    const double a = 10, b = 30;
    write_rows("rooms", "room=a", "t", &a, 1, NOW, 1);
    write_rows("rooms", "room=b", "t", &b, 1, NOW, 1);
    struct settings_alert_rule rule = rule_of("r", "t", SETTINGS_AGGREGATE_MEAN);
    free(rule.measurement);
    rule.measurement = strdup("rooms");
    /* No row has the tag device_id: nobody is found, rather than one without a name. */
    judge_once(&rule, NOW);
    assert_int_equal(found.count, 0);
    rule.subject[0] = '\0';
    judge_once(&rule, NOW);
    assert_float_equal(value_of(""), 20, 1e-9);
    struct settings_tag tag = {strdup("room"), strdup("b")};
    rule.tags = &tag;
    rule.tags_count = 1;
    judge_once(&rule, NOW);
    assert_float_equal(value_of(""), 30, 1e-9);
    rule.aggregate = SETTINGS_AGGREGATE_INCREASE;
    judge_once(&rule, NOW);
    assert_float_equal(value_of(""), 0, 1e-9);
    free(tag.key);
    free(tag.value);
    rule_free(&rule);
}

/* Names that would end a statement are found literally, or nothing is; never executed. */
static void names_are_names(void **state)
{
    static const char *const names[] = {
        "'; DROP MEASUREMENT precious --",
        "\"; DROP MEASUREMENT precious; --",
        "x\\\"; DROP MEASUREMENT precious; --",
        "\\",
        "\\\\'",
        "a\nb",
        "\") FROM precious; DROP MEASUREMENT precious --",
        "*",
        "/./",
    };
    (void)state;
    char reply[1024];
    const double value = 35;
    write_rows("precious", "device_id=p", "v", &value, 1, NOW, 1);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        for (int where = 0; where < 5; where++) {
            for (int aggregate = 0; aggregate <= SETTINGS_AGGREGATE_INCREASE; aggregate++) {
                struct settings_alert_rule rule =
                    rule_of("r", "v", (enum settings_aggregate)aggregate);
                struct settings_tag tag = {strdup(where == 3 ? names[i] : "device_id"),
                                           strdup(where == 4 ? names[i] : "p")};
                char **const target[] = {&rule.measurement, &rule.field, &rule.subject};
                if (where < 3) {
                    free(*target[where]);
                    *target[where] = strdup(names[i]);
                } else {
                    rule.tags = &tag;
                    rule.tags_count = 1;
                }
                judge_once(&rule, NOW);
                assert_int_equal(found.count, 0);
                free(tag.key);
                free(tag.value);
                rule_free(&rule);
            }
        }
    }
    assert_int_equal(harness_request(store.influxd, "/query?db=t&q=SELECT%20v%20FROM%20precious",
                                     NULL, NULL, reply, sizeof reply),
                     200);
    assert_non_null(strstr(reply, "35"));
}

/* Subjects of strangers come back as they were written. */
static void subjects_are_any_text(void **state)
{
    (void)state;
    char long_name[301];
    memset(long_name, 'n', 300);
    long_name[300] = '\0';
    struct buf lines = {0};
    buf_printf(&lines, "strange,device_id=a\"b' v=31 %lld\n", (long long)NOW);
    buf_printf(&lines, "strange,device_id=%s v=31 %lld\n", long_name, (long long)NOW);
    buf_printf(&lines, "strange v=31 %lld\n", (long long)NOW);
    store_write(&store, buf_cstr(&lines));
    buf_free(&lines);
    struct settings_alert_rule rule = rule_of("r", "v", SETTINGS_AGGREGATE_LAST);
    free(rule.measurement);
    rule.measurement = strdup("strange");
    judge_once(&rule, NOW);
    assert_int_equal(found.count, 1);
    assert_string_equal(found.at[0].subject, "a\"b'");
    rule_free(&rule);
}

static void five_hundred_subjects_and_many_rules(void **state)
{
    (void)state;
    struct buf lines = {0};
    for (int i = 0; i < 500; i++)
        buf_printf(&lines, "many,device_id=d%d v=%d %lld\n", i, i % 60, (long long)NOW);
    store_write(&store, buf_cstr(&lines));
    buf_free(&lines);
    static struct settings_alert_rule rules[80];
    struct settings_query_alerts settings = {.rules = rules, .rules_count = 80};
    for (int i = 0; i < 80; i++) {
        rules[i] = rule_of("r", "v", SETTINGS_AGGREGATE_INCREASE);
        free(rules[i].measurement);
        rules[i].measurement = strdup("nothing");
        snprintf(rules[i].name, 2, "%c", 'r');
    }
    free(rules[0].measurement);
    rules[0].measurement = strdup("many");
    rules[0].aggregate = SETTINGS_AGGREGATE_MAX;
    free(rules[0].name);
    rules[0].name = strdup("first");
    struct own *own = own_new();
    struct gather_plan plan = {0};
    own_plan(own, &settings, NOW, &plan);
    assert_int_equal(own_check(&settings, NULL), ERR_OK);
    assert_int_equal(plan.count, 159);
    struct gather_results *results = store_ask(&store, &plan);
    settings.rules_count = 1; /* the findings of the others would not fit the tests' list */
    struct rules_sink sink = findings_sink(&found);
    own_find(own, &settings, results, 0, NOW, &sink);
    assert_int_equal(found.count, 500);
    gather_results_free(results);
    own_free(own);
    for (int i = 0; i < 80; i++)
        rule_free(&rules[i]);
}

/* Each rule is asked about where its measurement goes, and one whose database is missing leaves the
 * others as they are. */
static void routed_measurements_are_asked_for_at_their_destination(void **state)
{
    static char watts[] = "watts", nowhere[] = "nowhere", energy[] = "energy", flow[] = "flow";
    char *to_watts[] = {energy}, *to_nowhere[] = {flow};
    struct settings_destination destinations[] = {
        {.database = watts,
         .retention_policy = empty,
         .measurements = to_watts,
         .measurements_count = 1},
        {.database = nowhere,
         .retention_policy = empty,
         .measurements = to_nowhere,
         .measurements_count = 1},
    };
    const struct settings_influxdb influxdb = {.destinations = destinations,
                                               .destinations_count = 2};
    const char *const measurements[] = {"device_metrics", "flow", "energy"};
    struct settings_alert_rule rules[3];
    char line[80], name[] = "rule0";
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        name[4] = (char)('0' + i);
        rules[i] =
            rule_of(name, "routed", i == 2 ? SETTINGS_AGGREGATE_INCREASE : SETTINGS_AGGREGATE_MAX);
        free(rules[i].measurement);
        rules[i].measurement = strdup(measurements[i]);
    }
    write_rows("device_metrics", "device_id=d", "routed", (double[]){31}, 1, NOW, 1);
    assert_int_equal(
        harness_request(store.influxd, "/query?q=CREATE%20DATABASE%20watts", "", NULL, NULL, 0),
        200);
    for (int at = 0; at < 2; at++) {
        snprintf(line, sizeof line, "energy,device_id=e routed=%d %lld", 40 * at,
                 (long long)(NOW - (1 - at) * 60 * S));
        assert_int_equal(harness_request(store.influxd, "/write?db=watts", line, NULL, NULL, 0),
                         204);
    }
    const struct settings_query_alerts settings = {.rules = rules, .rules_count = 3};
    struct gather_plan plan = {.influxdb = &influxdb};
    struct own *own = own_new();
    struct rules_sink sink = findings_sink(&found);
    own_plan(own, &settings, NOW, &plan);
    struct gather_results *results = store_ask(&store, &plan);
    own_find(own, &settings, results, 0, NOW, &sink);
    assert_non_null(findings_of(&found, "rule0", "system", "d"));
    assert_null(findings_of(&found, "rule1", "system", ""));
    assert_int_equal(findings_gone_after_s(&found, "rule1"), ALERTS_NEVER_GONE);
    const struct found *rise = findings_of(&found, "rule2", "system", "e");
    assert_non_null(rise);
    assert_float_equal(rise->finding.value.value, 40, 1e-9);
    gather_results_free(results);
    own_free(own);
    for (size_t i = 0; i < 3; i++)
        rule_free(&rules[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_aggregate_says_what_it_should),
        cmocka_unit_test(a_meter_that_begins_anew_still_rises),
        cmocka_unit_test(comparisons_and_clear_limits),
        cmocka_unit_test(its_words),
        cmocka_unit_test(what_has_no_data_is_not_found),
        cmocka_unit_test(a_field_of_text_is_unknown),
        cmocka_unit_test(nothing_is_counted_only_of_who_is_known),
        cmocka_unit_test(without_results_all_stays),
        cmocka_unit_test(one_alert_over_all_rows),
        cmocka_unit_test(names_are_names),
        cmocka_unit_test(subjects_are_any_text),
        cmocka_unit_test(routed_measurements_are_asked_for_at_their_destination),
        cmocka_unit_test(five_hundred_subjects_and_many_rules),
    };
    return cmocka_run_group_tests(tests, store_begin, store_end);
}
