/* explain and check need no server. */
#include "house.h"

static char folder[] = "/tmp/hearthline-explain-XXXXXX";
static char config[HOUSE_PATH];

static const char *write_config(const char *text)
{
    snprintf(config, sizeof config, "%s/hearthline.yaml", folder);
    FILE *file = fopen(config, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    return config;
}

static int open_all(void **state)
{
    (void)state;
    unsetenv("HEARTHLINE_CONFIG");
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int close_all(void **state)
{
    (void)state;
    unlink(config);
    return rmdir(folder);
}

static void explain_shows_what_a_message_becomes(void **state)
{
    static const struct {
        const char *topic, *payload, *flag, *says;
    } rows[] = {
        {"hearthline/readings/kitchen", "{\"temperature\": 21.5}", NULL,
         "line      device_metrics,device_id=kitchen,site=home temperature=21.5 "},
        {"hearthline/readings/kitchen", "{\"temperature\": 21.5}", NULL, "source    reading "},
        {"sensor/hall/lux", "250", NULL,
         "source    walls (decoder value, filter sensor/+room/+metric)\n"
         "line      device_metrics,metric=lux,room=hall,site=home value=250 "},
        {"sensor/hall/lux", "{}", NULL, "rejected  wrong_shape: "},
        {"sensor/hall/lux", "250", "--retained", "ignored   "},
        {"sensor/hall/lux", "250", "--late", "line      device_metrics"},
        {"hearthline/readings/kitchen", "{\"temperature\": 1, \"time_s\": 1795262400}",
         "--retained", "temperature=1 1795262400000000000"},
        {"hearthline/readings/kitchen", "{\"a\\\\b\": 1}", NULL, "a/b=1"},
        {"hearthline/readings/kitchen", "{\"a\\\\b\": 1}", NULL, "cleaned   1 name"},
        {"hearthline/reading/kitchen", "1", NULL,
         "the nearest that has one is "
         "hearthline/readings/<device>"},
        {"elsewhere/x", "1", NULL, "source    none\nignored   no source takes this topic"},
        {"hearthline/line", "a b=1\nc d=\n", NULL, "rejected  not_line: "},
        {"hearthline/line", "m t=1\nm t=\"x\"\n", NULL,
         "type      the field \"t\" of \"m\" is a number, and a text does not fit: "},
        {"hearthline/line", "a b=\"one\ntwo\" 5", NULL, "b=\"one\\x0atwo\" 5"},
        {"ha/sensor/a/state", "21", "--retained",
         "ignored   retained, and no time of its own came with it\n"},
        {"ha/sensor/a/state", "21", NULL, "line      home_assistant_events,"},
        {"ha/sensor/a/device_class", "\"power\"", NULL, "fact      sensor.a device_class power\n"},
        {"j/a", "[{\"x\": 1}, {\"x\": 1}, {\"x\": 1}]", NULL, " x=1 "},
        {"j/a", "[{\"x\": 1}, {\"x\": 1}, {\"x\": 1}]", NULL,
         "\nignored   unchanged, and its source stores changes\n"},
        {"j/a", "{\"x\": 1, \"t\": \"2126-01-01T00:00:00\"}", NULL,
         "\ntime      its own is further from the arrival "},
        {"j/a", "{\"x\": 1, \"t\": \"2126-13-01T00:00:00\"}", NULL,
         "rejected  bad_time: \"2126-13-01T00:00:00\" names a day or a time that does not exist\n"},
        {"hearthline/readings/\033[2Jx", "{\"a\":1}", NULL,
         "topic     hearthline/readings/\\x1b[2Jx"},
    };
    (void)state;
    write_config("tags: { site: home }\nwriter:\n  sources:\n    - { decoder: value, name: walls, "
                 "filter: \"sensor/+room/+metric\", late: store }\n"
                 "    - { decoder: homeassistant_statestream, filter: \"ha/#\" }\n"
                 "    - { decoder: json, filter: \"j/+device_id\", repeat: on_change, "
                 "time_path: \"t?\", time_format: iso_local, timezone: UTC }\n");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct house_run *run =
            HOUSE_RUN("explain", "--topic", rows[i].topic, "--payload", rows[i].payload,
                      rows[i].flag); /* NULL ends the list early */
        house_says(house_expect(run, 0)->out, rows[i].says);
    }
}

static void explain_reads_msgpack_from_standard_input(void **state)
{
    static const char *const arguments[] = {"explain",   "--topic", "hearthline/readings/kitchen",
                                            "--payload", "-",       NULL};
    (void)state;
    const struct house_run *run = house_run_input("\x81\xa1n\x2a", arguments); /* {"n": 42} */
    house_says(house_expect(run, 0)->out, " n=42 ");
}

static void explain_without_a_configuration_knows_our_own_topics(void **state)
{
    (void)state;
    unlink(config);
    const struct house_run *run =
        HOUSE_RUN("explain", "--topic", "hearthline/readings/hall/lux", "--payload", "12");
    house_says(house_expect(run, 0)->out, "device_metrics,device_id=hall lux=12 ");
}

static void check_says_ok_or_what_is_wrong(void **state)
{
    static const struct {
        const char *text;
        int status;
        const char *says;
    } rows[] = {
        {"", 0, "ok\n"},
        {"topic_root: house\n", 0, "ok\n"},
        {"topic_rot: house\n", 1, "topic_root"},
        {"writer:\n  sources:\n    - { decoder: valeu, filter: \"a/+\" }\n", 1, "\"value\""},
        {"writer:\n  sources:\n    - { decoder: value, filter: \"a/#/b\" }\n", 1, "filter"},
        {"writer:\n  sources:\n    - { decoder: value, filter: \"a\" }\n"
         "    - decoder: valeu\n      filter: b\n",
         1, "hearthline.yaml:4: writer.sources[1].decoder: there is no \"valeu\""},
        {"writer:\n  sources:\n    - decoder: value\n      filter: a\n"
         "      convert:\n        t: f_to_k\n",
         1, "hearthline.yaml:6: writer.sources[0].convert.t: there is no conversion"},
        {"writer:\n  sources:\n    - decoder: value\n\n      filter: hearthline/a\n", 1,
         "hearthline.yaml:5: writer.sources[0].filter \"hearthline/a\""},
        {"writer:\n  sources:\n    - { decoder: zigbee, filter: \"a/#\" }\n", 1,
         "there is no \"zigbee\"; the nearest is \"zigbee2mqtt\""},
        {"writer:\n  aliases:\n    sensor.a: sensor.c\n    light.b: switch.b\n", 1,
         "hearthline.yaml:4: writer.aliases.light.b: \"switch.b\"; right would be "},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct house_run *run = HOUSE_RUN("check", write_config(rows[i].text));
        house_expect(run, rows[i].status);
        house_says(rows[i].status ? run->err : run->out, rows[i].says);
    }
    house_says(house_expect(HOUSE_RUN("check", "nowhere.yaml"), 1)->err, "nowhere.yaml");
}

static void check_warns_of_what_two_sources_claim(void **state)
{
    (void)state;
    static const char two[] = "writer:\n  sources:\n"
                              "    - { decoder: value, filter: \"a/+room/t\" }\n"
                              "    - { decoder: json, filter: \"%s\" }\n";
    char text[256];
    snprintf(text, sizeof text, two, "a/b/+metric");
    const struct house_run *run = house_expect(HOUSE_RUN("check", write_config(text)), 0);
    assert_string_equal(run->out, "ok\n");
    house_says(run->err, "warning: writer.sources[0] (value, \"a/+room/t\") and writer.sources[1] "
                         "(json, \"a/b/+metric\") both match some topics");
    snprintf(text, sizeof text, two, "a/#"); /* the general one behind the particular */
    assert_string_equal(house_expect(HOUSE_RUN("check", write_config(text)), 0)->err, "");
    snprintf(text, sizeof text, two, "a/b/t");
    house_says(house_expect(HOUSE_RUN("check", write_config(text)), 1)->err,
               "would never get a message");
}

static void check_finds_the_file_and_shows_what_holds(void **state)
{
    (void)state;
    write_config("topic_root: house\n");
    house_says(house_expect(HOUSE_RUN("check"), 0)->out, "ok");
    const struct house_run *run = house_expect(HOUSE_RUN("check", "--effective"), 0);
    house_says(run->out, "topic_root: \"house\"  # ");
    house_says(run->out, "hearthline.yaml:1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(explain_shows_what_a_message_becomes),
        cmocka_unit_test(explain_reads_msgpack_from_standard_input),
        cmocka_unit_test(explain_without_a_configuration_knows_our_own_topics),
        cmocka_unit_test(check_says_ok_or_what_is_wrong),
        cmocka_unit_test(check_warns_of_what_two_sources_claim),
        cmocka_unit_test(check_finds_the_file_and_shows_what_holds),
    };
    return cmocka_run_group_tests_name("explain, check", tests, open_all, close_all);
}
