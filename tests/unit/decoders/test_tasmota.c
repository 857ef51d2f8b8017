/* What the corpus (tests/fixtures/tasmota.jsonl) does not say: the words for a person. */
#include "decode_lines.h"

#define TAGS "device_metrics,device_id=attic,source=tasmota "

static void what_a_message_is_stands_in_the_last_level(void **state)
{
    static const struct decode_lines_case cases[] = {
        {"tele/attic/SENSOR", "{\"SI7021\":{\"Temperature\":21}}", TAGS "SI7021.Temperature=21\n",
         NULL},
        {"tele/attic/SENSORS", "{\"SI7021\":1}", "ignored\n", "neither SENSOR"},
        {"stat/attic/POWER12", "ON", TAGS "POWER12=true\n", NULL},
        {"tele/attic/POWER_LOW", "ON", "ignored\n", NULL},
        {"stat/attic/STATUS88", "{\"StatusSNS\":{\"A\":1}}", "ignored\n", NULL},
        {"stat/cmnd/POWER", "ON", "device_metrics,device_id=cmnd,source=tasmota POWER=true\n",
         NULL},
        {"tele/attic/cmnd", "{}", "ignored\n", "a command"},
        {"tele//SENSOR", "{\"A\":1}", "rejected bad_name\n", "device"},
        {"tele/attic/STATE", "", "ignored\n", "cleared"},
    };
    (void)state;
    DECODE_LINES_CHECK(cases);
}

static void objects_are_stored_or_refused_whole(void **state)
{
    static const struct decode_lines_case cases[] = {
        {"tele/attic/SENSOR", "[1]", "rejected wrong_shape\n", "an object was due"},
        {"tele/attic/SENSOR", "nan", "rejected not_json\n", NULL},
        {"tele/attic/SENSOR", "{\"A\":{\"Power\":1e999}}", "rejected bad_value\n", "A.Power"},
        {"tele/attic/SENSOR", "{\"Time\":\"2024-02-16T10:13:52\"}", "ignored\n", "no value"},
        {"stat/attic/STATUS8", "{\"StatusSNS\":5}", "rejected wrong_shape\n", "StatusSNS"},
        {"stat/attic/STATUS8", "{}", "rejected wrong_shape\n", "StatusSNS"},
        {"stat/attic/RESULT", "{\"Command\":\"Unknown\"}", "ignored\n", NULL},
        {"stat/attic/RESULT", "{\"Command\":\"x\",\"CT\":2}", TAGS "Command=\"x\",CT=2\n", NULL},
        {"stat/attic/POWER", "{\"POWER\":\"ON\"}", TAGS "POWER=true\n", NULL},
        {"stat/attic/POWER", "\xff", "rejected not_utf8\n", NULL},
        {"tele/attic/LWT", "connected", "rejected bad_value\n", "online or offline"},
    };
    (void)state;
    DECODE_LINES_CHECK(cases);
}

static void on_and_off_are_booleans_but_for_actions(void **state)
{
    static const struct decode_lines_case cases[] = {
        {"stat/attic/RESULT", "{\"Fade\":\"OFF\"}", TAGS "Fade=false\n", NULL},
        {"stat/attic/RESULT", "{\"Fade\":\"off\"}", TAGS "Fade=\"off\"\n", NULL},
        {"stat/attic/RESULT", "{\"Action\":\"ON\"}", TAGS "Action=\"ON\"\n", NULL},
        {"stat/attic/RESULT", "{\"S\":{\"Action\":\"OFF\"}}", TAGS "S.Action=\"OFF\"\n", NULL},
        {"stat/attic/RESULT", "{\"LastAction\":\"ON\"}", TAGS "LastAction=true\n", NULL},
    };
    (void)state;
    DECODE_LINES_CHECK(cases);
}

static void only_a_time_that_is_sure_is_the_points_own(void **state)
{
    static const struct decode_lines_case cases[] = {
        {"tele/attic/SENSOR", "{\"Time\":\"2026-01-02T03:04:05\",\"A\":1}", TAGS "A=1\n", NULL},
        {"tele/attic/SENSOR", "{\"Time\":\"2026-01-02T03:04:05Z\",\"A\":1}",
         TAGS "A=1 1767323045000000000\n", NULL},
        {"tele/attic/SENSOR", "{\"Time\":\"2026-01-02T04:04:05+01:00\",\"A\":1}",
         TAGS "A=1 1767323045000000000\n", NULL},
        {"tele/attic/SENSOR", "{\"Time\":\"1970-01-01T00:00:09Z\",\"A\":1}", TAGS "A=1\n", NULL},
        {"tele/attic/SENSOR", "{\"Time\":1767323045,\"A\":1}", TAGS "A=1 1767323045000000000\n",
         NULL},
        {"tele/attic/SENSOR", "{\"Time\":1767323045678,\"A\":1}", TAGS "A=1 1767323045678000000\n",
         NULL},
        {"tele/attic/SENSOR", "{\"Time\":9,\"A\":1}", TAGS "A=1\n", NULL},
        {"tele/attic/SENSOR", "{\"Time\":null,\"A\":1}", TAGS "A=1\n", NULL},
        {"tele/attic/SENSOR", "{\"Time\":true,\"A\":1}", "rejected bad_time\n", NULL},
        {"tele/attic/SENSOR", "{\"Time\":9223372036854775807,\"A\":1}", "rejected bad_time\n",
         "2262"},
        {"tele/attic/SENSOR", "{\"Epoch\":1767323045,\"A\":1}", TAGS "A=1 1767323045000000000\n",
         NULL},
        {"stat/attic/STATUS8", "{\"StatusSNS\":{\"Time\":\"2026-01-02T03:04:05Z\",\"A\":1}}",
         TAGS "A=1 1767323045000000000\n", NULL},
    };
    (void)state;
    DECODE_LINES_CHECK(cases);
}

static void a_source_that_cannot_work_is_refused_at_the_start(void **state)
{
    static const struct {
        const char *decoder, *filter, *timezone, *words;
    } cases[] = {
        {"tasmota", "tele/attic/SENSOR", "", "+device_id"},
        {"shelly1", "shellies/em/online", "", "+device_id"},
        {"shelly2", "em/events/rpc", "", "+device_id"},
        {"tasmota", "tele/+device_id/SENSOR", "Europe/Atlantis", "timezone"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct settings_source source = {.decoder = (char *)(uintptr_t)cases[i].decoder,
                                         .filter = (char *)(uintptr_t)cases[i].filter,
                                         .timezone = (char *)(uintptr_t)cases[i].timezone};
        struct settings settings = {.topic_root = (char *)"hearthline",
                                    .writer.sources = &source,
                                    .writer.sources_count = 1};
        struct sources *sources = NULL;
        struct err_reason why = {""};
        assert_int_not_equal(sources_open(&settings, &sources, &why), ERR_OK);
        assert_non_null(strstr(why.text, cases[i].words));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_message_is_stands_in_the_last_level),
        cmocka_unit_test(objects_are_stored_or_refused_whole),
        cmocka_unit_test(on_and_off_are_booleans_but_for_actions),
        cmocka_unit_test(only_a_time_that_is_sure_is_the_points_own),
        cmocka_unit_test(a_source_that_cannot_work_is_refused_at_the_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
