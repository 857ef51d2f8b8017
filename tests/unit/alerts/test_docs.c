/* Holds docs/alerts.md against what the rules do. */
#include <math.h>

#include "findings.h"
#include "json_schema.h"

static struct findings found;
static char page[65536];

static int read_page(void **state)
{
    (void)state;
    FILE *file = fopen(HEARTHLINE_SOURCE_DIR "/docs/alerts.md", "r");
    assert_non_null(file);
    size_t len = fread(page, 1, sizeof page - 1, file);
    assert_true(feof(file));
    fclose(file);
    page[len] = '\0';
    return 0;
}

static const struct found *judge(const char *rule, double value)
{
    static struct figures figures;
    struct live *live = live_new();
    struct tally sums = {.write_attempts = fields_number(1e6), .write_errors = fields_number(0)};
    figures = (struct figures){.services_count = 1, .sums = sums};
    strcpy(figures.services[0].name, "writer");
    if (strcmp(rule, "error_rate") == 0)
        figures.sums.write_errors = fields_number(value * 1e4);
    if (strcmp(rule, "success_rate") == 0)
        sums.write_errors = fields_number((100 - value) * 1e4);
    tally_rate(&figures.sums);
    tally_rate(&sums);
    sums.processing_ms_weighted = strcmp(rule, "processing_time") == 0 ? value : 1;
    sums.processing_weight = 1;
    figures.services[0].sums = sums;
    struct rules_sink sink = findings_sink(&found);
    rules_figures(&figures, live, &sink);
    live_free(live);
    return findings_of(&found, rule, NULL, "");
}

static void wants(const char *words)
{
    if (!strstr(page, words))
        fail_msg("docs/alerts.md does not say '%s'", words);
}

/* Each limit is found by walking over the values from the quiet side, and back. */
static void the_limits_are_those_of_the_rules(void **state)
{
    static const struct {
        const char *rule, *level_word, *unit;
        enum alert_level level;
        double quiet, step; /* from here, towards what is bad */
        unsigned steps;
    } table[] = {
        {"error_rate", "error", "%", ALERT_ERROR, 0, 0.1, 1000},
        {"error_rate", "warning", "%", ALERT_WARNING, 0, 0.1, 1000},
        {"success_rate", "error", "%", ALERT_ERROR, 100, -0.1, 1000},
        {"success_rate", "warning", "%", ALERT_WARNING, 100, -0.1, 1000},
        {"processing_time", "warning", "ms", ALERT_WARNING, 0, 1, 2000},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        double fires = NAN, clears = NAN;
        for (unsigned n = 0; n < table[i].steps && isnan(fires); n++) {
            double value = round((table[i].quiet + n * table[i].step) * 10) / 10;
            const struct found *one = judge(table[i].rule, value);
            if (one->finding.keeps < table[i].level)
                clears = value; /* the last at which it does not stay */
            if (one->finding.verdict == VERDICT_FIRING && one->finding.level >= table[i].level)
                fires = round((value - table[i].step) * 10) / 10; /* strictly beyond this */
        }
        bool up = table[i].step > 0;
        struct buf row = {0};
        buf_printf(&row, "| `%s` | %s | %s ", table[i].rule, table[i].level_word, up ? ">" : "<");
        buf_number(&row, fires);
        buf_printf(&row, " %s | %s ", table[i].unit, up ? "<=" : ">=");
        buf_number(&row, clears);
        buf_printf(&row, " %s |", table[i].unit);
        wants(buf_cstr(&row));
        buf_free(&row);
    }
}

static void the_words_are_those_of_the_rules(void **state)
{
    static const struct {
        const char *rule;
        double value;
    } table[] = {{"error_rate", 6.2},
                 {"error_rate", 2.1},
                 {"success_rate", 89.9},
                 {"success_rate", 93.1},
                 {"processing_time", 1500}};
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        wants(judge(table[i].rule, table[i].value)->message);
}

static void all_rules_are_there(void **state)
{
    (void)state;
    unsigned rules = 0;
    for (const char *at = strstr(page, "\n| `"); at; at = strstr(at + 1, "\n| `")) {
        struct text name = {at + 4, strcspn(at + 4, "`")};
        rules += rules_built_in(name);
    }
    assert_int_equal(rules, 12); /* ten, two of them with two levels */
}

static void the_requests_are_right(void **state)
{
    (void)state;
    unsigned examples = 0;
    for (const char *at = strstr(page, "```json "); at; at = strstr(at + 1, "```json ")) {
        char name[64];
        struct json_schema_reason why;
        size_t len = strcspn(at + 8, "\n");
        snprintf(name, sizeof name, "%.*s", (int)len, at + 8);
        const char *json = at + 8 + len + 1, *end = strstr(json, "\n```");
        assert_non_null(end);
        if (!json_schema_holds(name, (struct text){json, (size_t)(end - json)}, &why))
            fail_msg("%s: %s", name, why.text);
        examples++;
    }
    assert_int_equal(examples, 3);
}

/* The configuration in it is one that is taken. */
static void the_configuration_is_read(void **state)
{
    (void)state;
    struct settings *settings;
    struct err_reason why = {{0}};
    char path[] = "/tmp/hearthline-alerts-XXXXXX";
    const char *begin = strstr(page, "    query:\n"), *end = strstr(begin, "\n\nAll keys");
    assert_non_null(end);
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *file = fdopen(fd, "w");
    fwrite(begin, 1, (size_t)(end - begin) + 1, file);
    fclose(file);
    enum err err = settings_read(path, &settings, &why);
    remove(path);
    if (err != ERR_OK)
        fail_msg("%s", why.text);
    assert_int_equal(settings->query.alerts.rules_count, 3);
    assert_string_equal(settings->query.alerts.rules[0].name, "freezer_warm");
    settings_free(settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_limits_are_those_of_the_rules),
        cmocka_unit_test(the_words_are_those_of_the_rules),
        cmocka_unit_test(all_rules_are_there),
        cmocka_unit_test(the_requests_are_right),
        cmocka_unit_test(the_configuration_is_read),
    };
    return cmocka_run_group_tests(tests, read_page, NULL);
}
