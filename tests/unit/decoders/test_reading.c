#include "decode_lines.h"

#include "schemas/event.h"
#include "schemas/reading.h"
#include "writer/decoders/own_kind.h"

#define KITCHEN "hearthline/readings/kitchen-01"

static void maps_of_either_form_become_points(void **state)
{
    static const struct decode_lines_case cases[] = {
        {KITCHEN, "{\"temperature\": 21.5, \"humidity\": 48}",
         "device_metrics,device_id=kitchen-01 temperature=21.5,humidity=48\n", NULL},
        {KITCHEN, " {\"a\":1}\n", "device_metrics,device_id=kitchen-01 a=1\n", NULL},
        {KITCHEN, "{\"open\":true,\"mode\":\"eco\"}",
         "device_metrics,device_id=kitchen-01 open=true,mode=\"eco\"\n", NULL},
        {KITCHEN, "{\"a\":1,\"b\":null,\"c\":{}}", "device_metrics,device_id=kitchen-01 a=1\n",
         NULL},
        {KITCHEN, "{\"wifi\":{\"rssi\":-61,\"ap\":{\"n\":2}},\"phase\":[1,[2,3]]}",
         "device_metrics,device_id=kitchen-01 "
         "wifi.rssi=-61,wifi.ap.n=2,phase.0=1,phase.1.0=2,phase.1.1=3\n",
         NULL},
        {KITCHEN, "{\"device\":\"attic\",\"a\":1}", "device_metrics,device_id=attic a=1\n", NULL},
        {KITCHEN, "{\"device\":null,\"a\":1}", "device_metrics,device_id=kitchen-01 a=1\n", NULL},
        {KITCHEN, "{\"schema\":1,\"kind\":\"reading\",\"a\":1}",
         "device_metrics,device_id=kitchen-01 a=1\n", NULL},
        {KITCHEN, "{\"kind\":\"host\",\"a\":1}",
         "device_metrics,device_id=kitchen-01,kind=host a=1\n", NULL},
        {KITCHEN,
         "{\"kind\":\"energy\",\"device\":\"hvac-main\",\"time\":\"2026-11-20T10:00:00Z\","
         "\"tags\":{\"room\":\"attic\"},\"fields\":{\"power_watts\":450,\"energy_kwh\":12.34}}",
         "energy,device_id=hvac-main,room=attic power_watts=450,energy_kwh=12.34 "
         "1795168800000000000\n",
         NULL},
        {KITCHEN, "{\"measurement\":\"system_stats\",\"kind\":\"energy\",\"fields\":{\"cpu\":5}}",
         "system_stats,device_id=kitchen-01 cpu=5\n", NULL},
        {KITCHEN,
         "{\"tags\":{\"n\":7,\"b\":false,\"x\":null,\"e\":\"\",\"device_id\":\"no\"},\"a\":1}",
         "device_metrics,b=false,device_id=kitchen-01,n=7 a=1\n", NULL},
        {KITCHEN, "{\"fields\":{\"kind\":1,\"time\":2,\"n\":{\"time_s\":3}}}",
         "device_metrics,device_id=kitchen-01 kind=1,time_=2,n.time_s=3\n", NULL},
        {KITCHEN, "{\"time_s\":1767323046,\"a\":1}",
         "device_metrics,device_id=kitchen-01 a=1 1767323046000000000\n", NULL},
        {KITCHEN, "{\"time_ms\":1767323047123,\"a\":1}",
         "device_metrics,device_id=kitchen-01 a=1 1767323047123000000\n", NULL},
        {KITCHEN, "{\"time_ns\":\"1767323048123456789\",\"a\":1}",
         "device_metrics,device_id=kitchen-01 a=1 1767323048123456789\n", NULL},
        {KITCHEN, "{\"a\":\"x\\n y\\\"\"}", "device_metrics,device_id=kitchen-01 a=\"x\n y\\\"\"\n",
         NULL},
        {KITCHEN, "{\"a\":1,\"a\":2,\"device\":\"x\",\"device\":\"y\"}",
         "device_metrics,device_id=x a=2\n", NULL},
        {KITCHEN, "{\"a\\nb c\":1}", "device_metrics,device_id=kitchen-01 a_b\\ c=1\n", NULL},
    };
    (void)state;
    DECODE_LINES_CHECK(cases);
}

/* "vm" and the rest of a message of that kind on the topic of a host. */
#define VM(rest)     "hearthline/readings/host-1", "{\"kind\":\"vm\"," rest "}"
#define PHM(rest)    KITCHEN, "{\"kind\":\"phm\"," rest "}"
#define ENERGY(rest) KITCHEN, "{\"kind\":\"energy\"," rest "}"

static void kinds_have_measurements_of_their_own(void **state)
{
    static const struct decode_lines_case cases[] = {
        {ENERGY("\"power_watts\":450"), "energy,device_id=kitchen-01 power_watts=450\n", NULL},
        {ENERGY("\"energy_kwh\":1.5,\"voltage\":230"),
         "energy,device_id=kitchen-01 energy_kwh=1.5,voltage=230\n", NULL},
        {ENERGY("\"voltage\":230"), "rejected wrong_shape\n",
         "needs the field \"power_watts\" or \"energy_kwh\""},
        {ENERGY("\"power_watts\":\"450\""), "rejected wrong_shape\n",
         "\"power_watts\" of the kind \"energy\" is not a number"},
        {ENERGY("\"measurement\":\"mine\",\"voltage\":230"),
         "mine,device_id=kitchen-01 voltage=230\n", NULL},
        {PHM("\"metric\":\"vibration\",\"value\":0.42"),
         "phm,device_id=kitchen-01,metric=vibration value=0.42\n", NULL},
        {PHM("\"device\":\"pump\",\"tags\":{\"metric\":\"wear\"},\"fields\":{\"value\":3}"),
         "phm,device_id=pump,metric=wear value=3\n", NULL},
        {PHM("\"value\":3"), "rejected wrong_shape\n", "needs \"metric\""},
        {PHM("\"metric\":\"wear\",\"a\":3"), "rejected wrong_shape\n",
         "needs the field \"value\" as a number"},
        {PHM("\"metric\":\"wear\",\"value\":true"), "rejected wrong_shape\n", "is not a number"},
        {PHM("\"metric\":{},\"value\":1"), "rejected bad_value\n", "\"metric\" is"},
        {VM("\"vm_id\":101,\"host\":\"pve\",\"cpu\":{\"percent\":5},\"up\":true"),
         "vm_metrics,host=pve,vm_id=101 cpu.percent=5,up=true\n", NULL},
        {VM("\"device\":\"vm-7\",\"cpu\":5"), "vm_metrics,vm_id=vm-7 cpu=5\n", NULL},
        {VM("\"tags\":{\"vm_id\":\"vm-8\"},\"cpu\":5"), "vm_metrics,vm_id=vm-8 cpu=5\n", NULL},
        {VM("\"vm_id\":\"vm-9\",\"device\":\"x\",\"cpu\":5"), "vm_metrics,vm_id=vm-9 cpu=5\n",
         NULL},
        {VM("\"cpu\":5"), "vm_metrics,vm_id=host-1 cpu=5\n", NULL},
        {"gateway", "{\"kind\":\"vm\",\"cpu\":5}", "rejected wrong_shape\n", "needs \"vm_id\""},
        {"gateway", "{\"kind\":\"vm\",\"measurement\":\"m\",\"cpu\":5}", "rejected wrong_shape\n",
         "+vm_id"},
        {VM("\"vm_id\":\"vm-9\""), "rejected no_fields\n", NULL},
    };
    (void)state;
    DECODE_LINES_CHECK(cases);
}

static void what_cannot_be_stored_is_rejected_with_words(void **state)
{
    static const struct decode_lines_case cases[] = {
        {KITCHEN, "", "rejected empty\n", "empty"},
        {KITCHEN, "{\"temperature\": ", "rejected not_json\n", NULL},
        {KITCHEN, "{\"a\":1}x", "rejected not_json\n", NULL},
        {KITCHEN, "{\"a\":\"\xff\"}", "rejected not_utf8\n", NULL},
        {KITCHEN, "21.5", "rejected wrong_shape\n", "an object was due"},
        {KITCHEN, "\"word\"", "rejected wrong_shape\n", "an object was due"},
        {KITCHEN, "null", "rejected wrong_shape\n", NULL},
        {KITCHEN, "{}", "rejected no_fields\n", NULL},
        {KITCHEN, "[]", "rejected no_fields\n", "array is empty"},
        {KITCHEN, "{\"fields\":{}}", "rejected no_fields\n", NULL},
        {KITCHEN, "{\"a\":null,\"b\":[]}", "rejected no_fields\n", NULL},
        {KITCHEN, "{\"fields\":5}", "rejected wrong_shape\n", "\"fields\" is"},
        {KITCHEN, "{\"fields\":null}", "rejected wrong_shape\n", "\"fields\" is"},
        {KITCHEN, "{\"tags\":[],\"a\":1}", "rejected wrong_shape\n", "\"tags\" is"},
        {KITCHEN, "{\"tags\":{\"x\":{}},\"a\":1}", "rejected bad_value\n", "\"x\""},
        {KITCHEN, "{\"tags\":{\"\":\"x\"},\"a\":1}", "rejected bad_name\n", "a tag"},
        {KITCHEN, "{\"device\":5,\"a\":1}", "rejected wrong_shape\n", "\"device\" is"},
        {KITCHEN, "{\"kind\":5,\"a\":1}", "rejected wrong_shape\n", "\"kind\" is"},
        {KITCHEN, "{\"measurement\":5,\"a\":1}", "rejected wrong_shape\n", "\"measurement\" is"},
        {KITCHEN, "{\"b\":2,\"power\":1e400}", "rejected bad_value\n", "\"power\""},
        {KITCHEN, "{\"\":2}", "rejected bad_name\n", "a field has an empty name"},
        {KITCHEN, "{\"a\":{\"\":2}}", "rejected bad_name\n", NULL},
        {KITCHEN, "{\"time\":\"yesterday\",\"a\":1}", "rejected bad_time\n", NULL},
        {KITCHEN, "{\"time\":\"2026-01-01T00:00:00\",\"a\":1}", "rejected bad_time\n", NULL},
        {KITCHEN, "{\"time_s\":1,\"time_ms\":1000,\"a\":1}", "rejected bad_time\n", "time_ms"},
        {KITCHEN, "{\"time_s\":1e300,\"a\":1}", "rejected bad_time\n", NULL},
        {"hearthline/readings", "{\"a\":1}", "rejected unknown_topic\n", NULL},
        {"hearthline/readings//a", "1", "rejected unknown_topic\n", NULL},
        {"hearthline/readings/a/b/c", "1", "rejected unknown_topic\n", NULL},
    };
    (void)state;
    DECODE_LINES_CHECK(cases);
}

static void one_bad_element_costs_itself(void **state)
{
    static const struct decode_lines_case cases[] = {
        {KITCHEN, "[{\"a\":1},{},5,{\"device\":\"b\",\"a\":2},{\"a\":1,\"tags\":3}]",
         "device_metrics,device_id=kitchen-01 a=1\n"
         "rejected no_fields: {}\n"
         "rejected wrong_shape: 5\n"
         "device_metrics,device_id=b a=2\n"
         "rejected wrong_shape: {\"a\":1,\"tags\":3}\n",
         NULL},
        {KITCHEN, "[{\"a\":1},{\"a\":1e400},{\"a\":-1e400},{\"time_s\":1e400,\"a\":2},{\"a\":3}]",
         "device_metrics,device_id=kitchen-01 a=1\n"
         "rejected bad_value: {\"a\":null}\n"
         "rejected bad_value: {\"a\":null}\n"
         "rejected bad_time: {\"time_s\":null,\"a\":2}\n"
         "device_metrics,device_id=kitchen-01 a=3\n",
         NULL},
        {KITCHEN, "[[{\"a\":1}]]", "rejected wrong_shape: [{\"a\":1}]\n", "an array"},
        {KITCHEN, "[{\"\":[null,true,\"x\",{\"y\":1.5}]}]",
         "rejected bad_name: {\"\":[null,true,\"x\",{\"y\":1.5}]}\n", NULL},
    };
    (void)state;
    DECODE_LINES_CHECK(cases);
}

static void bare_values_become_the_metric(void **state)
{
#define METRIC(payload, field)                                                                     \
    {                                                                                              \
        "hearthline/readings/attic/t", payload, "device_metrics,device_id=attic t=" field "\n",    \
            NULL                                                                                   \
    }
#define REFUSED(payload, reason)                                                                   \
    {                                                                                              \
        "hearthline/readings/attic/t", payload, "rejected " reason "\n", NULL                      \
    }
    static const struct decode_lines_case cases[] = {
        METRIC("-3.25", "-3.25"),
        METRIC(" 21.5\n", "21.5"),
        METRIC("1e3", "1000"),
        METRIC("true", "true"),
        METRIC("OFF", "false"),
        METRIC("On", "true"),
        METRIC("open", "\"open\""),
        METRIC("\"open door\"", "\"open door\""),
        METRIC("\"5\"", "5"),
        METRIC("1.2.3", "\"1.2.3\""),
        METRIC("\xc3\xbc", "\"\xc3\xbc\""),
        METRIC("\"half", "\"\\\"half\""),
        METRIC("infinite", "\"infinite\""),
        METRIC("1e", "\"1e\""),
        METRIC("-", "\"-\""),
        METRIC(".", "\".\""),
        REFUSED("", "empty"),
        REFUSED(" \n", "empty"),
        REFUSED("\"\"", "empty"),
        REFUSED("1e400", "bad_value"),
        REFUSED("-1.5E+999", "bad_value"),
        REFUSED("nan", "bad_value"),
        REFUSED("-NaN", "bad_value"),
        REFUSED("inf", "bad_value"),
        REFUSED("-Infinity", "bad_value"),
        REFUSED("null", "no_fields"),
        REFUSED("{\"a\":1}", "wrong_shape"),
        REFUSED("[1]", "wrong_shape"),
        REFUSED("\xff\xd8\xff", "not_utf8"),
    };
    (void)state;
    DECODE_LINES_CHECK(cases);
}

static void other_topics_need_a_device(void **state)
{
    static const struct decode_lines_case cases[] = {
        {"weather/roof", "{\"wind\":3}", "device_metrics,device_id=roof wind=3\n", NULL},
        {"weather/roof", "{\"device\":\"x\",\"wind\":3}", "device_metrics,device_id=x wind=3\n",
         NULL},
        {"weather/", "{\"wind\":3}", "rejected bad_name\n", "device_id"},
        {"gateway", "{\"device\":\"x\",\"wind\":3}", "device_metrics,device_id=x wind=3\n", NULL},
        {"gateway", "{\"wind\":3}", "rejected wrong_shape\n", "+device_id"},
    };
    (void)state;
    DECODE_LINES_CHECK(cases);
}

/* msgpack, by hand: the bytes say what the codec's own writer might hide. */
static void msgpack_is_read_as_json_is(void **state)
{
    static const struct {
        struct text topic, content_type, payload;
        const char *expected;
    } cases[] = {
        {TEXT(KITCHEN), TEXT(""), TEXT("\x81\xa1t\xcb\x40\x35\x80\x00\x00\x00\x00\x00"),
         "device_metrics,device_id=kitchen-01 t=21.5\n"},
        {TEXT(KITCHEN), TEXT(""), TEXT("\x92\x81\xa1t\x05\x81\xa1t\xc0"),
         "device_metrics,device_id=kitchen-01 t=5\nrejected no_fields: {\"t\":null}\n"},
        {TEXT(KITCHEN), TEXT(""), TEXT("\x82\xa4time\xd6\xff\x00\x00\x00\x01\xa1t\x05"),
         "device_metrics,device_id=kitchen-01 t=5 1000000000\n"},
        {TEXT(KITCHEN), TEXT(""), /* NaN is left out */
         TEXT("\x82\xa1n\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00\xa1t\x05"),
         "device_metrics,device_id=kitchen-01 t=5\n"},
        {TEXT(KITCHEN), TEXT(""), TEXT("\x81\xa1n\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00"),
         "rejected no_fields\n"},
        {TEXT(KITCHEN), TEXT(""), /* infinity is not */
         TEXT("\x82\xa1n\xcb\x7f\xf0\x00\x00\x00\x00\x00\x00\xa1t\x05"), "rejected bad_value\n"},
        {TEXT(KITCHEN), TEXT(""), TEXT("\x81\xa1t\xc4\x01x"), "rejected bad_value\n"},
        {TEXT(KITCHEN), TEXT(""), TEXT("\x81\xa1t\xd6\xff\x00\x00\x00\x01"),
         "rejected bad_value\n"},
        {TEXT(KITCHEN), TEXT(""), TEXT("\x82\xa1t\x05"), "rejected not_msgpack\n"},
        {TEXT(KITCHEN), TEXT(""), TEXT("\xdd\xff\xff\xff\xff"), "rejected not_msgpack\n"},
        {TEXT(KITCHEN), TEXT("application/msgpack"), TEXT("{\"t\":5}"), "rejected not_msgpack\n"},
        {TEXT(KITCHEN "/t"), TEXT("application/msgpack"), TEXT("\x05"),
         "device_metrics,device_id=kitchen-01 t=5\n"},
        {TEXT(KITCHEN "/t"), TEXT("application/msgpack"), TEXT("\xc3"),
         "device_metrics,device_id=kitchen-01 t=true\n"},
        {TEXT(KITCHEN "/t"), TEXT("application/msgpack"), TEXT("\xcb\x7f\xf8\0\0\0\0\0\0"),
         "rejected bad_value\n"},
        {TEXT(KITCHEN "/t"), TEXT("application/msgpack"), TEXT("\x90"), "rejected wrong_shape\n"},
        {TEXT(KITCHEN "/t"), TEXT("application/json"), TEXT("\"word\""),
         "device_metrics,device_id=kitchen-01 t=\"word\"\n"},
    };
    (void)state;
    struct settings settings = DECODE_LINES_SETTINGS;
    struct decode_lines *lines = decode_lines_open(&settings);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *got =
            decode_lines_of(lines, cases[i].topic, cases[i].content_type, cases[i].payload);
        if (strcmp(got, cases[i].expected) != 0)
            fail_msg("case %zu gave %s(%s) expected %s", i, got, lines->words.text,
                     cases[i].expected);
    }
    decode_lines_close(lines);
}

/* Builds `count` parts, the number between their halves, with commas, between open and close. */
static struct text repeated(struct buf *out, const char *open, const char *before,
                            const char *behind, unsigned count, const char *close)
{
    buf_reset(out);
    buf_string(out, open);
    for (unsigned i = 0; i < count; i++) {
        if (i > 0)
            buf_char(out, ',');
        buf_printf(out, "%s%u%s", before, i, behind);
    }
    buf_string(out, close);
    return buf_view(out);
}

static void limits_hold_and_cost_only_what_is_beyond(void **state)
{
    (void)state;
    struct settings settings = DECODE_LINES_SETTINGS;
    struct decode_lines *lines = decode_lines_open(&settings);
    struct buf message = {0};
    const struct text topic = TEXT(KITCHEN), json = TEXT("");

    (void)decode_lines_of(lines, topic, json, repeated(&message, "[", "{\"a\":", "}", 1024, "]"));
    assert_int_equal(lines->points, 1024);
    assert_int_equal(lines->last_place, 1023);
    (void)decode_lines_of(lines, topic, json, repeated(&message, "[", "{\"a\":", "}", 1030, "]"));
    assert_int_equal(lines->points, 1024);
    assert_int_equal(lines->rejects, 6);
    assert_int_equal(lines->last_free, 1029); /* behind all */
    assert_non_null(strstr(lines->words.text, "1024 elements"));
    (void)decode_lines_of(lines, topic, json, /* rejected ones and timed ones have their places */
                          TEXT("[{\"a\":1},{},{\"time_s\":1,\"a\":1},5,{\"a\":2}]"));
    assert_int_equal(lines->points, 3);
    assert_int_equal(lines->last_place, 4);
    assert_int_equal(lines->last_free, 3);
    (void)decode_lines_of(lines, topic, json,
                          repeated(&message, "[", "{\"time_s\":", ",\"a\":1}", 3000, "]"));
    assert_int_equal(lines->points, 3000);
    assert_int_equal(lines->last_place, 2999);
    assert_true(lines->last_timed);

    (void)decode_lines_of(lines, topic, json, repeated(&message, "{", "\"f", "\":1", 512, "}"));
    assert_int_equal(lines->points, 1);
    assert_string_equal(
        decode_lines_of(lines, topic, json, repeated(&message, "{", "\"f", "\":1", 513, "}")),
        "rejected too_many\n");
    assert_string_equal(
        decode_lines_of(lines, topic, json,
                        repeated(&message, "{\"a\":1,\"tags\":{", "\"t", "\":\"x\"", 64, "}}")),
        "rejected too_many\n"); /* device_id is the 65th */
    (void)decode_lines_of(lines, topic, json,
                          repeated(&message, "{\"a\":1,\"tags\":{", "\"t", "\":\"x\"", 63, "}}"));
    assert_int_equal(lines->points, 1);
    buf_free(&message);
    decode_lines_close(lines);
}

static struct text filled(struct buf *out, const char *before, char c, size_t count,
                          const char *behind)
{
    buf_reset(out);
    buf_string(out, before);
    for (size_t i = 0; i < count; i++)
        buf_char(out, c);
    buf_string(out, behind);
    return buf_view(out);
}

static void long_names_and_deep_nests_are_refused(void **state)
{
    (void)state;
    struct settings settings = DECODE_LINES_SETTINGS;
    struct decode_lines *lines = decode_lines_open(&settings);
    struct buf message = {0};
    const struct text topic = TEXT(KITCHEN), json = TEXT("");
    static const struct {
        const char *before, *behind;
        size_t count;
        const char *rejected; /* NULL: one point */
    } cases[] = {
        {"{\"", "\":1}", 255, NULL},
        {"{\"", "\":1}", 256, "rejected bad_name\n"},
        {"{\"a\":{\"", "\":1}}", 253, NULL},
        {"{\"a\":{\"", "\":1}}", 254, "rejected bad_name\n"},
        {"{\"measurement\":\"", "\",\"a\":1}", 255, NULL},
        {"{\"measurement\":\"", "\",\"a\":1}", 256, "rejected bad_name\n"},
        {"{\"device\":\"", "\",\"a\":1}", 1024, NULL},
        {"{\"device\":\"", "\",\"a\":1}", 1025, "rejected bad_name\n"},
        {"{\"tags\":{\"", "\":1},\"a\":1}", 256, "rejected bad_name\n"},
        {"{\"a\":\"", "\"}", 1000000, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text payload =
            filled(&message, cases[i].before, 'x', cases[i].count, cases[i].behind);
        const char *got = decode_lines_of(lines, topic, json, payload);
        if (cases[i].rejected)
            assert_string_equal(got, cases[i].rejected);
        else
            assert_int_equal(lines->points, 1);
    }
    buf_free(&message);
    decode_lines_close(lines);
}

static void nests_are_bounded(void **state)
{
    (void)state;
    struct settings settings = DECODE_LINES_SETTINGS;
    struct decode_lines *lines = decode_lines_open(&settings);
    struct buf message = {0};
    static const struct {
        unsigned arrays;
        const char *expected;
    } cases[] = {
        {15, "device_metrics,device_id=kitchen-01 a.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0=1\n"},
        {16, "rejected wrong_shape\n"},
        {500, "rejected wrong_shape\n"},
        {100000, "rejected not_json\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        buf_reset(&message);
        buf_string(&message, "{\"a\":");
        for (unsigned n = 0; n < cases[i].arrays; n++)
            buf_char(&message, '[');
        buf_char(&message, '1');
        for (unsigned n = 0; n < cases[i].arrays; n++)
            buf_char(&message, ']');
        buf_char(&message, '}');
        assert_string_equal(decode_lines_of(lines, TEXT(KITCHEN), TEXT(""), buf_view(&message)),
                            cases[i].expected);
    }
    buf_free(&message);
    decode_lines_close(lines);
}

/* A shown element is bounded, whatever it was. */
static void a_refused_element_is_shown_cut(void **state)
{
    (void)state;
    struct settings settings = DECODE_LINES_SETTINGS;
    struct decode_lines *lines = decode_lines_open(&settings);
    struct buf message = {0};
    buf_string(&message, "[{\"\":\"");
    for (int i = 0; i < 100000; i++)
        buf_string(&message, "\xc3\xa4");
    buf_string(&message, "\"}]");
    const char *got = decode_lines_of(lines, TEXT(KITCHEN), TEXT(""), buf_view(&message));
    assert_true(strlen(got) <= 64 * 1024 + 64);
    assert_true(strlen(got) > 60 * 1024);
    assert_true(text_utf8_valid(text_of(got)));
    buf_free(&message);
    decode_lines_close(lines);
}

static void the_messages_tags_come_first_then_the_sources_then_all(void **state)
{
    static struct settings_tag own[] = {{(char *)"room", (char *)"source"},
                                        {(char *)"a", (char *)"source"}};
    static struct settings_tag all[] = {{(char *)"room", (char *)"all"},
                                        {(char *)"a", (char *)"all"},
                                        {(char *)"site", (char *)"home"}};
    static struct settings_source source = {.decoder = (char *)"reading",
                                            .filter = (char *)"w/+device_id/+room",
                                            .measurement = (char *)"weather",
                                            .tags = own,
                                            .tags_count = 2};
    struct settings settings = {.topic_root = (char *)"hearthline",
                                .tags = all,
                                .tags_count = 3,
                                .writer.sources = &source,
                                .writer.sources_count = 1};
    (void)state;
    struct decode_lines *lines = decode_lines_open(&settings);
    const struct text topic = TEXT("w/d/captured");
    assert_string_equal(
        decode_lines_of(lines, topic, TEXT(""), TEXT("{\"v\":1,\"tags\":{\"room\":\"message\"}}")),
        "weather,a=source,device_id=d,room=message,site=home v=1\n");
    assert_string_equal(decode_lines_of(lines, topic, TEXT(""), TEXT("{\"v\":1}")),
                        "weather,a=source,device_id=d,room=captured,site=home v=1\n");
    assert_string_equal(
        decode_lines_of(lines, topic, TEXT(""), TEXT("{\"measurement\":\"own\",\"v\":1}")),
        "own,a=source,device_id=d,room=captured,site=home v=1\n");
    assert_string_equal(decode_lines_of(lines, TEXT(KITCHEN), TEXT(""), TEXT("{\"v\":1}")),
                        "device_metrics,a=all,device_id=kitchen-01,room=all,site=home v=1\n");
    decode_lines_close(lines);
}

/* Each kind with a measurement of its own is one that the schema names. */
static void assert_named(const struct own_kind *kinds, const char *const *named)
{
    for (; kinds->name; kinds++) {
        size_t i = 0;
        while (named[i] && strcmp(named[i], kinds->name) != 0)
            i++;
        if (!named[i])
            fail_msg("the schema does not name the kind %s", kinds->name);
    }
}

static void the_schemas_name_the_kinds(void **state)
{
    (void)state;
    assert_named(own_kind_readings, reading_keys.kinds);
    assert_named(own_kind_events, event_keys.kinds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maps_of_either_form_become_points),
        cmocka_unit_test(kinds_have_measurements_of_their_own),
        cmocka_unit_test(what_cannot_be_stored_is_rejected_with_words),
        cmocka_unit_test(one_bad_element_costs_itself),
        cmocka_unit_test(bare_values_become_the_metric),
        cmocka_unit_test(other_topics_need_a_device),
        cmocka_unit_test(msgpack_is_read_as_json_is),
        cmocka_unit_test(limits_hold_and_cost_only_what_is_beyond),
        cmocka_unit_test(long_names_and_deep_nests_are_refused),
        cmocka_unit_test(nests_are_bounded),
        cmocka_unit_test(a_refused_element_is_shown_cut),
        cmocka_unit_test(the_messages_tags_come_first_then_the_sources_then_all),
        cmocka_unit_test(the_schemas_name_the_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
