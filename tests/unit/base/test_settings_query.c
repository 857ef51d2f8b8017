/* The keys of the query service: its flags, its alerts' rules, its standing questions. */
#include "settings_fixture.h"

#define SIXTY_THREE "a23456789_b23456789_c23456789_d23456789_e23456789_f23456789_g23"

static void reads_alerts_and_standing_questions(void **state)
{
    (void)state;
    assert_reads(
        "stats: { use_influxdb: no, rollout_percent: 25 }\n"
        "query:\n"
        "  client_id: q\n"
        "  cache_bytes: 64 KiB\n"
        "  requests_max: 1\n"
        "  alerts:\n"
        "    period: 1h\n"
        "    journal_oldest: 90s\n"
        "    offline_after: 1m\n"
        "    silent_devices: false\n"
        "    rules:\n"
        "      - { name: warm, measurement: device_metrics, field: temperature,\n"
        "          comparison: \">\", threshold: 30 }\n"
        "      - name: Low_2-b\n"
        "        measurement: energy\n"
        "        field: power watts\n"
        "        tags: { room: attic, floor: '2' }\n"
        "        subject: ''\n"
        "        aggregate: increase\n"
        "        window: 30d\n"
        "        comparison: <=\n"
        "        threshold: -2.5e1\n"
        "        clear: -20\n"
        "        for: 10m\n"
        "        level: critical\n"
        "        message: 'too little: look'\n"
        "  standing:\n"
        "    - { endpoint: health, topic: standing/week }\n"
        "    - { endpoint: stats/services, request: '{ \"period\": \"24h\" }', every: 1d,\n"
        "        topic: standing/day }\n");
    const struct settings_query *q = &settings->query;
    assert_false(settings->stats.use_influxdb);
    assert_int_equal(settings->stats.rollout_percent, 25);
    assert_string_equal(q->client_id, "q");
    assert_int_equal(q->cache_bytes, 65536);
    assert_int_equal(q->requests_max, 1);
    assert_int_equal(q->alerts.period_s, 3600);
    assert_int_equal(q->alerts.journal_oldest_s, 90);
    assert_int_equal(q->alerts.offline_after_s, 60);
    assert_false(q->alerts.silent_devices);
    assert_int_equal(q->alerts.rules_count, 2);
    const struct settings_alert_rule *rule = q->alerts.rules;
    assert_string_equal(rule->name, "warm");
    assert_string_equal(rule->measurement, "device_metrics");
    assert_string_equal(rule->field, "temperature");
    assert_int_equal(rule->tags_count, 0);
    assert_string_equal(rule->subject, "device_id");
    assert_int_equal(rule->aggregate, SETTINGS_AGGREGATE_MEAN);
    assert_int_equal(rule->window_s, 300);
    assert_int_equal(rule->comparison, SETTINGS_ABOVE);
    assert_true(rule->threshold == 30 && rule->clear == 30);
    assert_int_equal(rule->for_s, 0);
    assert_int_equal(rule->level, SETTINGS_LEVEL_WARNING);
    assert_string_equal(rule->message, "");
    rule++;
    assert_string_equal(rule->name, "Low_2-b");
    assert_int_equal(rule->tags_count, 2);
    assert_string_equal(rule->tags[1].value, "2");
    assert_string_equal(rule->subject, "");
    assert_int_equal(rule->aggregate, SETTINGS_AGGREGATE_INCREASE);
    assert_int_equal(rule->window_s, 30 * 86400);
    assert_int_equal(rule->comparison, SETTINGS_AT_MOST);
    assert_true(rule->threshold == -25 && rule->clear == -20);
    assert_int_equal(rule->for_s, 600);
    assert_int_equal(rule->level, SETTINGS_LEVEL_CRITICAL);
    assert_string_equal(rule->message, "too little: look");
    assert_int_equal(q->standing_count, 2);
    assert_string_equal(q->standing[0].request, "{}");
    assert_int_equal(q->standing[0].every_s, 60);
    assert_string_equal(q->standing[0].topic, "standing/week");
    assert_string_equal(q->standing[1].endpoint, "stats/services");
    assert_string_equal(q->standing[1].request, "{ \"period\": \"24h\" }");
    assert_int_equal(q->standing[1].every_s, 86400);
}

static void weighs_clear_against_threshold(void **state)
{
    (void)state;
    static const struct {
        const char *comparison, *threshold, *clear;
        bool right;
    } cases[] = {
        {"\">\"", "30", "30", true},  {"\">\"", "30", "29.5", true}, {"\">\"", "30", "30.5", false},
        {"\">=\"", "-5", "-6", true}, {"\">=\"", "-5", "-4", false}, {"<", "30", "30", true},
        {"'<'", "30", "31", true},    {"<", "30", "29.5", false},    {"<=", "-5", "-4", true},
        {"<=", "-5", "-6", false},    {"<=", "0", "\"\"", true},
    };
    char yaml[512];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(yaml, sizeof yaml,
                 "query: { alerts: { rules: [\n{ name: a, measurement: m, field: f,\n"
                 "comparison: %s, threshold: %s,\n clear: %s } ] } }",
                 cases[i].comparison, cases[i].threshold, cases[i].clear);
        enum err err = read_yaml(yaml);
        if ((err == ERR_OK) != cases[i].right)
            fail_msg("%s gave %s: %s", yaml, err_text(err), why.text);
        if (err == ERR_OK)
            continue;
        assert_int_equal(err, ERR_INVALID);
        if (!strstr(why.text, ":4: query.alerts.rules[0].clear: ") ||
            !strstr(why.text, "wrong side") || !strstr(why.text, cases[i].threshold))
            fail_msg("%s", why.text);
    }
}

/* Spans, flags and decimals, each at its own key. */
static void reads_values_as_people_write_them(void **state)
{
    (void)state;
    static const struct {
        const char *yaml;
        double expected;
        enum { FLAG, WINDOW, FOR, THRESHOLD } what;
    } cases[] = {
        {"true", 1, FLAG},
        {"1", 1, FLAG},
        {"YES", 1, FLAG},
        {"on", 1, FLAG},
        {"false", 0, FLAG},
        {"0", 0, FLAG},
        {"no", 0, FLAG},
        {"Off", 0, FLAG},
        {"10s", 10, WINDOW},
        {"2w", 1209600, WINDOW},
        {"1d", 86400, WINDOW},
        {"0s", 0, FOR},
        {"0", 0, FOR},
        {"00h", 0, FOR},
        {"168h", 604800, FOR},
        {"1e3", 1000, THRESHOLD},
        {"-.5", -0.5, THRESHOLD},
        {"+7", 7, THRESHOLD},
        {"'0'", 0, THRESHOLD},
    };
    static const char *const forms[] = {
        "stats: { use_influxdb: %s }",
        "query: { alerts: { rules: [ { name: a, measurement: m, field: f, comparison: <, "
        "threshold: 1, window: %s } ] } }",
        "query: { alerts: { rules: [ { name: a, measurement: m, field: f, comparison: <, "
        "threshold: 1, for: %s } ] } }",
        "query: { alerts: { rules: [ { name: a, measurement: m, field: f, comparison: <, "
        "threshold: %s } ] } }",
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char yaml[512];
        snprintf(yaml, sizeof yaml, "%.*s%s%s",
                 (int)(strstr(forms[cases[i].what], "%s") - forms[cases[i].what]),
                 forms[cases[i].what], cases[i].yaml, strstr(forms[cases[i].what], "%s") + 2);
        assert_reads(yaml);
        const struct settings_alert_rule *rule = settings->query.alerts.rules;
        double got = cases[i].what == FLAG     ? settings->stats.use_influxdb
                     : cases[i].what == WINDOW ? rule->window_s
                     : cases[i].what == FOR    ? rule->for_s
                                               : rule->threshold;
        if (got != cases[i].expected)
            fail_msg("%s", yaml);
    }
}

/* A rule with all it must have, still open. */
#define RULE                                                                                       \
    "query: { alerts: { rules: [ { name: a, measurement: m, field: f, comparison: <, threshold: 1"

static void refuses_with_words(void **state)
{
    (void)state;
    static const struct settings_refusal bad[] = {
        {"stats: { use_influxdb: 2 }", {":1:", "stats.use_influxdb: \"2\"", "true or false"}},
        {"stats: { rollout_percent: 101 }", {"rollout_percent", "from 0 to 100", ":1:"}},
        {"stats: { rollout_percent: 50% }", {"rollout_percent", "whole number", ":1:"}},
        {"stats: { use_influx: true }", {"stats.use_influx", "no such key", "use_influxdb"}},
        {"query: { client_id: '' }", {"query.client_id", "1 to 200 bytes", ":1:"}},
        {"query: { cache_bytes: 1 }", {"query.cache_bytes", "64 KiB to 1 GiB", ":1:"}},
        {"query: { requests_max: 0 }", {"query.requests_max", "from 1 to 10000", ":1:"}},
        {"query: { alerts: { period: 300 } }", {"alerts.period: \"300\"", "from 1m to 1d", ":1:"}},
        {"query: { alerts: { period: 59s } }", {"alerts.period", "from 1m to 1d", ":1:"}},
        {"query: { alerts: { period: 25h } }", {"alerts.period", "from 1m to 1d", ":1:"}},
        {"query: { alerts: { period: 0s } }", {"alerts.period", "from 1m to 1d", ":1:"}},
        {"query: { alerts: { period: 5 m } }", {"alerts.period", "like 90s", ":1:"}},
        {"query: { alerts: { period: -5m } }", {"alerts.period", "like 90s", ":1:"}},
        {"query: { alerts: { offline_after: 999999999999w } }", {"offline_after", "15s to 1d", ""}},
        {"query: { alerts: { silent_device: no } }", {"no such key", "silent_devices", ":1:"}},
        {"query: { alerts: { rules: { name: a } } }",
         {"rules: is no list", "comparison: \">\"", ""}},
        {"query:\n  alerts:\n    rules:\n      - { name: a }\n",
         {":4:", "query.alerts.rules[0].measurement", "missing"}},
        {"query: { alerts: { rules: [ a ] } }", {"query.alerts.rules[0]", "mapping", ":1:"}},
        {"query: { alerts: { rules: [ ~ ] } }", {"query.alerts.rules[0].name", "missing", ":1:"}},
        {RULE ", clears: 1 } ] } }", {"rules[0].clears", "no such key", "be clear"}},
        {RULE ", aggregate: median } ] } }", {"aggregate", "sum, count or increase", ":1:"}},
        {RULE ", window: 9s } ] } }", {"window", "10s to 30d", ":1:"}},
        {RULE ", window: 5m30s } ] } }", {"window", "10s to 30d", ":1:"}},
        {RULE ", for: 8d } ] } }", {"for", "0s to 7d", ":1:"}},
        {RULE ", for: 0y } ] } }", {"for", "0s to 7d", ":1:"}},
        {RULE ", for: 0sm } ] } }", {"for", "0s to 7d", ":1:"}},
        {RULE ", level: fatal } ] } }", {"level", "warning, error or critical", ":1:"}},
        {RULE ", clear: high } ] } }", {"clear: \"high\"", "a number, like", ":1:"}},
        {RULE ", tags: { a: '' } } ] } }", {"rules[0].tags.a", "not empty", ":1:"}},
        {RULE ", message: \"a\\tb\" } ] } }", {"message", "one line", ":1:"}},
        {"query: { alerts: { rules: [ { name: a b, measurement: m, field: f } ] } }",
         {"rules[0].name: \"a b\"", "letters, digits", ":1:"}},
        {"query: { alerts: { rules: [ { name: a/b, measurement: m, field: f } ] } }",
         {"rules[0].name: \"a/b\"", "letters, digits", ":1:"}},
        {"query: { alerts: { rules: [ { name: " SIXTY_THREE "x, measurement: m, field: f } ] } }",
         {"rules[0].name: \"" SIXTY_THREE "x\"", "1 to 63 letters", ":1:"}},
        {"query: { alerts: { rules: [ { name: " SIXTY_THREE ", measurement: m, field: f } ] } }",
         {"rules[0].comparison", "", ""}}, /* the name is right: what alerts hold */
        {"query: { alerts: { rules: [ { name: offline, measurement: m, field: f } ] } }",
         {"rules[0].name: \"offline\"", "built-in", ":1:"}},
        {"query: { alerts: { rules: [ { name: a, measurement: m, field: f, threshold: 1 } ] } }",
         {"rules[0].comparison", "missing", ":1:"}},
        {"query: { alerts: { rules: [ { name: a, measurement: m, field: f, comparison: < } ] } }",
         {"rules[0].threshold", "missing", ":1:"}},
        {"query: { alerts: { rules: [ { name: a, measurement: m, field: f, comparison: above } ] } "
         "}",
         {"comparison: \"above\"", "\">\", \">=\", \"<\" or \"<=\"", ":1:"}},
        {"query:\n  alerts:\n    rules:\n    - name: a\n      measurement: m\n      field: f\n"
         "      comparison: >\n      threshold: 1\n", /* a folded text, which is empty */
         {":7:", "comparison: \"\"", "\">\", \">=\""}},
        {"query: { alerts: { rules: [ { name: a, measurement: m, field: f, comparison: <,\n"
         "threshold: nan } ] } }",
         {":2:", "threshold: \"nan\"", "a number"}},
        {"query: { alerts: { rules: [ { name: a, measurement: m, field: f, comparison: <,\n"
         "threshold: '' } ] } }",
         {":2:", "threshold: \"\"", "a number"}},
        {"query: { alerts: { rules: [ { name: a, measurement: m, field: f, comparison: <,\n"
         "threshold: 1e999 } ] } }",
         {":2:", "threshold", "a number"}},
        {"query: { alerts: { rules: [ { name: a, measurement: m, field: f, comparison: <,\n"
         "threshold: 21 C } ] } }",
         {":2:", "threshold", "a number"}},
        {"query:\n  alerts:\n    rules:\n"
         "    - { name: a, measurement: m, field: f, comparison: <, threshold: 1 }\n"
         "    - { name: b, measurement: m, field: f, comparison: <, threshold: 1 }\n"
         "    - { name: a, measurement: n, field: g, comparison: <, threshold: 2 }\n",
         {":6:", "rules[2].name: \"a\" stands in entry [0]", "another one"}},
        {"query: { standing: [ { topic: standing/t } ] }",
         {"query.standing[0].endpoint", "missing", ":1:"}},
        {"query: { standing: [ { endpoint: stats } ] }", {"standing[0].topic", "missing", ":1:"}},
        {"query: { standing: [ { endpoint: 'a b', topic: standing/t } ] }",
         {"standing[0].endpoint", "stats/services", ":1:"}},
        {"query: { standing: [ { endpoint: /stats, topic: standing/t } ] }",
         {"standing[0].endpoint", "stats/services", ":1:"}},
        {"query: { standing: [ { endpoint: stats, topic: standing/t, every: 0s } ] }",
         {"standing[0].every", "1s to 7d", ":1:"}},
        {"query: { standing: [ { endpoint: stats, topic: standing/t, request: '{' } ] }",
         {"standing[0].request: \"{\"", "JSON object", ":1:"}},
        {"query: { standing: [ { endpoint: stats, topic: standing/t, request: '[]' } ] }",
         {"standing[0].request", "JSON object", ":1:"}},
        {"query: { standing: [ { endpoint: stats, topic: standing/t, request: { period: 1h } } ] }",
         {"standing[0].request: is a mapping", "JSON object", ":1:"}},
        {"query:\n  standing:\n    - { endpoint: stats, topic: standing/a }\n"
         "    - { endpoint: health, topic: standing/a }\n",
         {":4:", "standing[1].topic: \"standing/a\" stands in entry [0]", "another one"}},
    };
    assert_refused(bad, sizeof bad / sizeof *bad);
}

static void keeps_standing_topics_apart(void **state)
{
    (void)state;
    static const struct {
        const char *topic;
        bool right;
    } topics[] = {
        {"standing/day", true}, {"standing/my wall/a", true}, {"a", false},
        {"standing", false},    {"standing/", false},         {"", false},
        {"standing/#", false},  {"standing/+/b", false},      {"/standing/a", false},
        {"standing/a/", false}, {"standing/a//b", false},     {"$SYS/a", false},
        {"request/x", false},   {"response/x", false},        {"alerts/x", false},
    };
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++) {
        char yaml[256];
        snprintf(yaml, sizeof yaml, "query: { standing: [ { endpoint: stats, topic: '%s' } ] }",
                 topics[i].topic);
        enum err err = read_yaml(yaml);
        bool said = strstr(why.text, "query.standing[0].topic") && strstr(why.text, "wildcards");
        if ((err == ERR_OK) != topics[i].right || (err != ERR_OK && !said))
            fail_msg("%s: %s", topics[i].topic, why.text);
    }
}

static void the_environment_sets_the_flags(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        bool use;
    } flags[] = {{"true", true}, {"1", true},   {"yes", true},   {"false", false},
                 {"0", false},   {"no", false}, {"FALSE", false}};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        setenv("USE_INFLUXDB_STATS", flags[i].value, 1);
        assert_reads(flags[i].use ? "stats: { use_influxdb: false }" : "");
        assert_true(settings->stats.use_influxdb == flags[i].use);
    }
    setenv("INFLUXDB_ROLLOUT_PERCENT", "0", 1);
    assert_reads("stats: { rollout_percent: 30 }");
    assert_int_equal(settings->stats.rollout_percent, 0);
    setenv("INFLUXDB_ROLLOUT_PERCENT", "1000", 1);
    assert_int_equal(read_yaml(""), ERR_INVALID);
    assert_non_null(strstr(why.text, "environment variable INFLUXDB_ROLLOUT_PERCENT: "
                                     "stats.rollout_percent: \"1000\""));
    setenv("INFLUXDB_ROLLOUT_PERCENT", "", 1);
    setenv("USE_INFLUXDB_STATS", "maybe", 1);
    assert_int_equal(read_yaml(""), ERR_INVALID);
    assert_non_null(strstr(why.text, "USE_INFLUXDB_STATS: stats.use_influxdb: \"maybe\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reads_alerts_and_standing_questions), TEST(weighs_clear_against_threshold),
        TEST(reads_values_as_people_write_them),   TEST(refuses_with_words),
        TEST(keeps_standing_topics_apart),         TEST(the_environment_sets_the_flags),
    };
    return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
