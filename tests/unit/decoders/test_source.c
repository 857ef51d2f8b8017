#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "writer/decoders/source.h"
#include "writer/decoders/source_claim.h"

static struct settings_source plain(const char *decoder, const char *filter)
{
    return (struct settings_source){.decoder = (char *)(uintptr_t)decoder,
                                    .filter = (char *)(uintptr_t)filter};
}

static struct settings with(struct settings_source *sources, unsigned count)
{
    return (struct settings){.topic_root = (char *)"hearthline",
                             .writer.sources = sources,
                             .writer.sources_count = count};
}

static void wrong_sources_are_refused_with_words(void **state)
{
    static const struct {
        const char *decoder, *filter, *words;
    } cases[] = {
        {"homeassistant_statestrem", "a/#", "nearest is \"homeassistant_statestream\""},
        {"values", "a/#", "nearest is \"value\""},
        {"", "a/#", "nearest is"},
        {NULL, "a/#", "nearest is"},
        {"value", "", "no filter"},
        {"value", NULL, "no filter"},
        {"value", "a/#/b", "a/#/b"},
        {"value", "hearthline/#", "topic_root"},
        {"value", "hearthline/readings/+", "topic_root"},
        {"value", "hearthline", "topic_root"},
        {"value", "$SYS/broker/clients/connected", "can never match"},
        {"value", "$share/group/a/#", "can never match"},
        {"line", "good/+device_id/state", "sources[0] (value, \"good/#\") stands before it"},
        {"value", "good", "never get a message"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct settings_source two[] = {plain("value", "good/#"),
                                        plain(cases[i].decoder, cases[i].filter)};
        struct settings settings = with(two, 2);
        struct sources *sources = NULL;
        struct err_reason why = {""};
        assert_int_equal(sources_open(&settings, &sources, &why), ERR_INVALID);
        assert_null(sources);
        assert_non_null(strstr(why.text, cases[i].words));
        assert_non_null(strstr(why.text, "sources[1]"));
    }
}

static void a_topic_belongs_to_the_first_that_matches(void **state)
{
    struct settings_source list[] = {plain("value", "a/+x/c"), plain("line", "a/#"),
                                     plain("value", "hearthline2/#"), plain("value", "#")};
    list[1].name = (char *)"named";
    list[1].retained = SETTINGS_RULE_IGNORE;
    list[1].late = SETTINGS_RULE_OWN_TIME;
    static const struct {
        const char *topic, *name;
        bool known;
    } cases[] = {
        {"hearthline/readings/a", "reading", true},
        {"hearthline/readings/a/b", "reading", true},
        {"hearthline/events/a", "event", true},
        {"hearthline/services/a/metrics", "service_metrics", true},
        {"hearthline/line", "line", true},
        {"hearthline/services/a/status", NULL, true},
        {"hearthline/request/stats", NULL, true},
        {"hearthline/alerts/active", NULL, true},
        {"hearthline/rejected/not_json", NULL, true},
        {"hearthline/reading/a", NULL, false},
        {"hearthline", NULL, false},
        {"a/b/c", "value", true},
        {"a/b/d", "named", true},
        {"hearthline2/x", "value", true},
        {"$SYS/broker", NULL, true},
    };
    (void)state;
    struct settings settings = with(list, 4);
    struct sources *sources = NULL;
    assert_int_equal(sources_open(&settings, &sources, NULL), ERR_OK);
    assert_int_equal(sources_count(sources), 8);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool known = !cases[i].known;
        const struct source *found = sources_find(sources, text_of(cases[i].topic), &known);
        assert_int_equal(known, cases[i].known);
        if (!cases[i].name) {
            assert_null(found);
            continue;
        }
        assert_non_null(found);
        assert_string_equal(found->name, cases[i].name);
        assert_ptr_equal(found, source_at(sources, found->index));
    }
    bool known;
    const struct source *found = sources_find(sources, TEXT("a/b/d"), &known);
    assert_ptr_equal(found->settings, &list[1]);
    assert_int_equal(found->retained, SETTINGS_RULE_IGNORE);
    assert_int_equal(found->late, SETTINGS_RULE_OWN_TIME);
    assert_string_equal(source_at(sources, 0)->filter, "hearthline/readings/#");
    assert_null(source_at(sources, 8));
    sources_close(sources);
}

/* The list of a case, the last of which is asked about. */
static void who_gets_what_two_sources_claim_is_told(void **state)
{
    static const struct {
        const char *filters[3];
        enum source_claim claim;
        const char *words;
    } cases[] = {
        {{"a/#"}, SOURCE_CLAIM_ALONE, ""},
        {{"a/+", "a/b/c"}, SOURCE_CLAIM_ALONE, ""},
        {{"a/b", "c/#", "a/c"}, SOURCE_CLAIM_ALONE, ""},
        {{"a/+x/state", "a/#"}, SOURCE_CLAIM_BEHIND, "gets what is left by those before it"},
        {{"a/b", "a/c", "#"}, SOURCE_CLAIM_BEHIND, "writer.sources[0] (value, \"a/b\")"},
        {{"a/+room/t", "a/b/+"},
         SOURCE_CLAIM_ACROSS,
         "go to the first in the file, writer.sources[0]"},
        {{"a/b/t", "+house/+/t", "a/#"},
         SOURCE_CLAIM_ACROSS,
         "writer.sources[1] (value, \"+house/+/t\")"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct settings_source list[3];
        unsigned count = 0;
        for (; count < 3 && cases[i].filters[count]; count++)
            list[count] = plain("value", cases[i].filters[count]);
        struct settings settings = with(list, count);
        struct sources *sources = NULL;
        struct err_reason words = {""};
        assert_int_equal(sources_open(&settings, &sources, NULL), ERR_OK);
        assert_int_equal(source_claim(list, count - 1, &words), cases[i].claim);
        if (cases[i].claim == SOURCE_CLAIM_ALONE)
            assert_string_equal(words.text, "");
        assert_non_null(strstr(words.text, cases[i].words));
        sources_close(sources);
    }
}

static uint64_t hash_of(struct settings *settings)
{
    struct sources *sources = NULL;
    assert_int_equal(sources_open(settings, &sources, NULL), ERR_OK);
    uint64_t hash = sources_hash(sources);
    sources_close(sources);
    return hash;
}

static void the_hash_changes_with_what_a_record_becomes(void **state)
{
    struct settings_tag tags[] = {{(char *)"a", (char *)"bc"}};
    struct settings_tag others[] = {{(char *)"ab", (char *)"c"}};
    struct settings_source list[] = {plain("value", "a/#"), plain("line", "b/#")};
    struct settings settings = with(list, 2);
    (void)state;
    uint64_t hashes[16];
    size_t count = 0;
    hashes[count++] = hash_of(&settings);
    assert_true(hashes[0] == hash_of(&settings));
    settings.tags = tags, settings.tags_count = 1;
    hashes[count++] = hash_of(&settings);
    settings.tags = others;
    hashes[count++] = hash_of(&settings);
    settings.tags_count = 0;
    list[0].tags = tags, list[0].tags_count = 1;
    hashes[count++] = hash_of(&settings);
    list[0].measurement = (char *)"m";
    hashes[count++] = hash_of(&settings);
    list[0].retained = SETTINGS_RULE_STORE;
    hashes[count++] = hash_of(&settings);
    list[0].late = SETTINGS_RULE_IGNORE;
    hashes[count++] = hash_of(&settings);
    list[0].filter = (char *)"c/#";
    hashes[count++] = hash_of(&settings);
    list[0].decoder = (char *)"reading";
    hashes[count++] = hash_of(&settings);
    list[0].fields = tags, list[0].fields_count = 1;
    hashes[count++] = hash_of(&settings);
    list[0].fields = others;
    hashes[count++] = hash_of(&settings);
    list[0].timezone = (char *)"UTC";
    hashes[count++] = hash_of(&settings);
    list[0].numbers_in_text = true;
    hashes[count++] = hash_of(&settings);
    settings.writer.sources_count = 1;
    hashes[count++] = hash_of(&settings);
    settings.topic_root = (char *)"home";
    hashes[count++] = hash_of(&settings);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = i + 1; j < count; j++)
            assert_true(hashes[i] != hashes[j]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_sources_are_refused_with_words),
        cmocka_unit_test(a_topic_belongs_to_the_first_that_matches),
        cmocka_unit_test(who_gets_what_two_sources_claim_is_told),
        cmocka_unit_test(the_hash_changes_with_what_a_record_becomes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
