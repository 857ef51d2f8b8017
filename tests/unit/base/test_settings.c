/* The configuration: what a file becomes, what is refused and with which words, what the
 * environment does, and that docs/configuration.md is what the table says. */
#include "settings_fixture.h"

static void assert_in_folder(const char *absolute, const char *relative)
{
    char expected[256];
    snprintf(expected, sizeof expected, "%s/%s", folder, relative);
    assert_string_equal(absolute, expected);
}

static void an_empty_file_is_all_defaults(void **state)
{
    (void)state;
    static const char *const empties[] = {
        "", "\n# nothing\n", "---\n", "~\n", "{}\n", "writer:\nbroker: null\nquery: ~\ntags:\n"};
    for (size_t i = 0; i < sizeof empties / sizeof *empties; i++) {
        assert_reads(empties[i]);
        const struct settings *s = settings;
        assert_string_equal(s->topic_root, "hearthline");
        assert_string_equal(s->log_level, "info");
        assert_string_equal(s->broker.url, "mqtt://127.0.0.1:1883");
        assert_string_equal(s->broker.username, "");
        assert_string_equal(s->broker.key_file, "");
        assert_string_equal(s->influxdb.url, "http://127.0.0.1:8086");
        assert_int_equal(s->influxdb.version, SETTINGS_INFLUX_AUTO);
        assert_string_equal(s->influxdb.database, "home_assistant_events");
        assert_string_equal(s->influxdb.retention, "0");
        assert_true(s->influxdb.enabled);
        assert_false(s->influxdb.gzip);
        assert_int_equal(s->influxdb.timeout_ms, 10000);
        assert_int_equal(s->tags_count, 0);
        assert_string_equal(s->writer.client_id, "hearthline-writer");
        assert_string_equal(s->writer.metrics_address, "127.0.0.1:9464");
        assert_null(s->writer.broker);
        assert_ptr_equal(settings_writer_broker(s), &s->broker);
        assert_in_folder(s->writer.journal.path, "var/journal");
        assert_true(s->writer.journal.max_bytes == 1u << 30);
        assert_int_equal(s->writer.journal.max_age_s, 0);
        assert_int_equal(s->writer.journal.durability, SETTINGS_DURABILITY_PROCESS);
        assert_int_equal(s->writer.journal.when_full, SETTINGS_HOLD);
        assert_int_equal(s->writer.batch_lines, 5000);
        assert_int_equal(s->writer.batch_bytes, 8000000);
        assert_int_equal(s->writer.linger_ms, 250);
        assert_string_equal(s->writer.rejects_path, "");
        assert_int_equal(s->writer.rejects_max_bytes, 16 << 20);
        assert_int_equal(s->writer.sources_count, 0);
        assert_string_equal(s->query.metrics_address, "127.0.0.1:9465");
        assert_ptr_equal(settings_query_broker(s), &s->broker);
        assert_int_equal(s->query.cache_ttl_s, 10);
        assert_string_equal(s->query.client_id, "hearthline-query");
        assert_int_equal(s->query.cache_bytes, 4 << 20);
        assert_int_equal(s->query.requests_max, 512);
        assert_int_equal(s->query.alerts.period_s, 300);
        assert_int_equal(s->query.alerts.journal_oldest_s, 300);
        assert_int_equal(s->query.alerts.offline_after_s, 30);
        assert_true(s->query.alerts.silent_devices);
        assert_int_equal(s->query.alerts.rules_count, 0);
        assert_int_equal(s->query.standing_count, 0);
        assert_true(s->stats.use_influxdb);
        assert_int_equal(s->stats.rollout_percent, 100);
    }
}

static void reads_what_is_written(void **state)
{
    (void)state;
    assert_reads("query: { cache_ttl_s: 0, broker: { username: asker } }\n"
                 "topic_root: house/east\n"
                 "log_level: debug\n"
                 "broker: { url: 'mqtts://b.example:8883', username: both, password_file: p,\n"
                 "          ca_file: /ca, cert_file: c, key_file: k }\n"
                 "influxdb:\n"
                 "  url: https://[::1]:8086/prefix\n"
                 "  version: 2\n"
                 "  database: my bucket\n"
                 "  retention: 365d\n"
                 "  org: home\n"
                 "  token_file: /run/token\n"
                 "  enabled: off\n"
                 "  gzip: Yes\n"
                 "  timeout_ms: 100\n"
                 "tags: { site: home, floor: \"2\" }\n"
                 "writer:\n"
                 "  client_id: w\n"
                 "  metrics_address: \"\"\n"
                 "  broker: { url: mqtt://other }\n"
                 "  journal: { path: j, max_bytes: 16MiB, max_age_s: 7, durability: power,\n"
                 "             when_full: drop_oldest }\n"
                 "  batch: { lines: 1, bytes: 64 KiB, linger_ms: 0 }\n"
                 "  rejects_path: r\n"
                 "  rejects_max_bytes: 1000000\n"
                 "  sources:\n"
                 "    - { decoder: value, filter: \"sensor/+room/+metric\", tags: { a: b } }\n"
                 "    - decoder: json\n"
                 "      filter: ha/#\n"
                 "      name: mine\n"
                 "      measurement: m\n"
                 "      retained: own_time\n"
                 "      late: ignore\n"
                 "      timezone: Europe/Berlin\n"
                 "      fields: { t: \"list[*].t\", \"a b\": x.y? }\n"
                 "      tag_paths: { who: name }\n"
                 "      time_path: $.ts\n"
                 "      time_format: epoch_ms\n"
                 "      elements: list\n"
                 "      numbers_in_text: true\n");
    const struct settings *s = settings;
    assert_string_equal(s->topic_root, "house/east");
    assert_string_equal(s->log_level, "debug");
    assert_string_equal(s->broker.url, "mqtts://b.example:8883");
    assert_in_folder(s->broker.password_file, "p");
    assert_string_equal(s->broker.ca_file, "/ca");
    assert_string_equal(s->influxdb.url, "https://[::1]:8086/prefix");
    assert_int_equal(s->influxdb.version, SETTINGS_INFLUX_2);
    assert_string_equal(s->influxdb.database, "my bucket");
    assert_string_equal(s->influxdb.retention, "365d");
    assert_string_equal(s->influxdb.token_file, "/run/token");
    assert_false(s->influxdb.enabled);
    assert_true(s->influxdb.gzip);
    assert_int_equal(s->tags_count, 2);
    assert_string_equal(s->tags[0].key, "site");
    assert_string_equal(s->tags[0].value, "home");
    assert_string_equal(s->tags[1].value, "2");
    assert_string_equal(s->writer.metrics_address, "");
    assert_in_folder(s->writer.journal.path, "j");
    assert_int_equal(s->writer.journal.max_bytes, 16 << 20);
    assert_int_equal(s->writer.journal.max_age_s, 7);
    assert_int_equal(s->writer.journal.durability, SETTINGS_DURABILITY_POWER);
    assert_int_equal(s->writer.journal.when_full, SETTINGS_DROP_OLDEST);
    assert_int_equal(s->writer.batch_lines, 1);
    assert_int_equal(s->writer.batch_bytes, 65536);
    assert_int_equal(s->writer.linger_ms, 0);
    assert_in_folder(s->writer.rejects_path, "r");
    assert_int_equal(s->writer.rejects_max_bytes, 1000000);
    assert_int_equal(s->query.cache_ttl_s, 0);
    assert_int_equal(s->writer.sources_count, 2);
    const struct settings_source *source = s->writer.sources;
    assert_string_equal(source->filter, "sensor/+room/+metric");
    assert_string_equal(source->name, "value");
    assert_string_equal(source->measurement, "");
    assert_int_equal(source->retained, SETTINGS_RULE_DEFAULT);
    assert_string_equal(source->tags[0].key, "a");
    assert_int_equal(source[1].tags_count, 0);
    assert_string_equal(source[1].name, "mine");
    assert_int_equal(source[1].retained, SETTINGS_RULE_OWN_TIME);
    assert_int_equal(source[1].late, SETTINGS_RULE_IGNORE);
    assert_int_equal(source[0].fields_count, 0);
    assert_string_equal(source[0].time_path, "");
    assert_string_equal(source[1].timezone, "Europe/Berlin");
    assert_int_equal(source[1].fields_count, 2);
    assert_string_equal(source[1].fields[1].key, "a b");
    assert_string_equal(source[1].fields[1].value, "x.y?");
    assert_string_equal(source[1].tag_paths[0].value, "name");
    assert_string_equal(source[1].time_path, "$.ts");
    assert_int_equal(source[1].time_format, SETTINGS_TIME_EPOCH_MS);
    assert_string_equal(source[1].elements, "list");
    assert_true(source[1].numbers_in_text);
}

/* A list of texts, or one text for a list of one; nothing for none. */
static void reads_lists_of_texts(void **state)
{
    (void)state;
    assert_reads(
        "writer:\n"
        "  sources:\n"
        "    - { decoder: a, filter: b, layout: homeassistant, tags_attributes: [x, \"y z\"],\n"
        "        ignore_attributes: icon, include_domains: [], exclude_entity_globs: null,\n"
        "        measurement_attr: domain__device_class,\n"
        "        override_measurements: { climate: hvac } }\n"
        "    - { decoder: a, filter: c, layout: homeassistant, tags_attributes: [\"x, y\"] }\n");
    const struct settings_source *source = settings->writer.sources;
    assert_int_equal(source->layout, SETTINGS_LAYOUT_HOMEASSISTANT);
    assert_int_equal(source->measurement_attr, SETTINGS_MEASUREMENT_CLASS);
    assert_int_equal(source->tags_attributes_count, 2);
    assert_string_equal(source->tags_attributes[0], "x");
    assert_string_equal(source->tags_attributes[1], "y z");
    assert_int_equal(source->ignore_attributes_count, 1);
    assert_string_equal(source->ignore_attributes[0], "icon");
    assert_int_equal(source->include.domains_count, 0);
    assert_int_equal(source->exclude.globs_count, 0);
    assert_string_equal(source->override_measurements[0].value, "hvac");
    assert_int_equal(source[1].tags_attributes_count, 1);
    struct buf text = {0};
    settings_source_text(source, &text);
    assert_non_null(strstr(buf_cstr(&text), "tags_attributes: \"x\", \"y z\"\n"));
    assert_non_null(strstr(buf_cstr(&text), "include_domains: \n"));
    buf_reset(&text);
    settings_effective(settings, &text);
    assert_non_null(strstr(buf_cstr(&text), "writer.sources[0].tags_attributes[1]: \"y z\"  # "));
    buf_free(&text);
}

/* What a service does not say of its broker it has from the common one, wherever that stands. */
static void fills_own_brokers(void **state)
{
    (void)state;
    assert_reads("writer: { broker: { url: mqtt://other } }\n"
                 "query: { broker: { username: asker } }\n"
                 "broker: { url: mqtts://b, username: both, password_file: p }\n");
    const struct settings_broker *w = settings_writer_broker(settings);
    assert_string_equal(w->url, "mqtt://other");
    assert_string_equal(w->username, "both");
    assert_in_folder(w->password_file, "p");
    const struct settings_broker *q = settings_query_broker(settings);
    assert_string_equal(q->url, "mqtts://b");
    assert_string_equal(q->username, "asker");
}

/* Each refusal names the line, the key, and what would be right. */
static void refuses_with_words(void **state)
{
    (void)state;
    static const struct settings_refusal bad[] = {
        {"topic_rot: x", {":1:", "topic_rot: there is no such key", "topic_root"}},
        {"\nwriter:\n  batch:\n    linger: 5\n", {":4:", "writer.batch.linger", "linger_ms"}},
        {"writer:\n  xyzzy: 1\n", {":2:", "writer.xyzzy", "one of client_id, metrics_address"}},
        {"writer:\n  batch: { lines: 0 }\n",
         {":2:", "writer.batch.lines: \"0\"", "from 1 to 50000"}},
        {"writer:\n  batch: { lines: 50001 }\n", {":2:", "writer.batch.lines", "from 1 to 50000"}},
        {"writer: { batch: { lines: -1 } }", {":1:", "lines", "whole number"}},
        {"writer: { batch: { lines: 1.5 } }", {":1:", "lines", "whole number"}},
        {"writer: { batch: { lines: 1 KiB } }", {":1:", "lines", "whole number"}},
        {"writer: { batch: { lines: [1] } }", {":1:", "lines: is a list", "whole number"}},
        {"writer: { batch: { bytes: 9000000 } }", {"bytes", "8000000", "size"}},
        {"writer: { journal: { max_bytes: 15 MiB } }", {"max_bytes", "16 MiB", "size"}},
        {"writer: { journal: { max_bytes: 1 GB } }", {"max_bytes: \"1 GB\"", "size", "16 MiB"}},
        {"writer: { journal: { max_bytes: 99999999 TiB } }", {"max_bytes", "size", "1024 TiB"}},
        {"writer: { journal: { durability: both } }", {"durability", "process or power", ":1:"}},
        {"writer: { journal: { path: '' } }", {"journal.path", "not empty", ":1:"}},
        {"writer: 7", {":1:", "writer", "mapping"}},
        {"- a", {":1:", "the file", "mapping"}},
        {"log_level: loud", {"log_level", "error, warning, info or debug", ":1:"}},
        {"influxdb: { version: 4 }", {"version", "auto, 1, 2 or 3", ":1:"}},
        {"influxdb: { enabled: maybe }", {"enabled", "true or false", ":1:"}},
        {"influxdb: { url: 127.0.0.1:8086 }", {"influxdb.url", "http://HOST:PORT", ":1:"}},
        {"influxdb: { url: 'http://u:p@h:1' }", {"influxdb.url", "token_file", ":1:"}},
        {"influxdb: { url: 'http://h:99999' }", {"influxdb.url", "http://HOST:PORT", ":1:"}},
        {"influxdb: { retention: forever }", {"retention", "365d", ":1:"}},
        {"influxdb: { retention: 0d }", {"retention", "365d", ":1:"}},
        {"influxdb: { password_file: p }", {"password_file", "username", "token_file"}},
        {"broker: { url: 'tcp://h' }", {"broker.url", "mqtt://HOST:PORT", ":1:"}},
        {"broker: { url: 'mqtt://' }", {"broker.url", "mqtt://HOST:PORT", ":1:"}},
        {"broker: { cert_file: c }", {"broker.cert_file", "key_file", "both"}},
        {"broker: { password: x }", {"broker.password", "no such key", "be password_file"}},
        {"broker: { username: a }\nbroker: { username: b }", {":2:", "broker", "second time"}},
        {"broker: { username: !secret mqtt }", {":1:", "username", "_file"}},
        {"broker: { username: \"a\\nb\" }", {"username", "a text on one line", ":1:"}},
        {"broker: { username: \"a\\0b\" }", {"username", "NUL", ":1:"}},
        {"topic_root: a/#", {"topic_root", "wildcards", ":1:"}},
        {"topic_root: /a", {"topic_root", "ends", ":1:"}},
        {"writer: { metrics_address: 9464 }", {"metrics_address", "HOST:PORT", ":1:"}},
        {"query: { cache_ttl_s: 61 }", {"cache_ttl_s", "0 to 60", ":1:"}},
        {"tags: [a]", {"tags", "mapping", "{ site: home }"}},
        {"tags: { a: { b: c } }", {"tags.a", "mapping", ":1:"}},
        {"tags: { a: '' }", {"tags.a", "not empty", ":1:"}},
        {"tags: { '': a }", {"tags", "without a name", ":1:"}},
        {"tags: { a: b, a: c }", {"tags.a", "second time", ":1:"}},
        {"writer: { sources: { a: b } }", {"writer.sources", "list", ":1:"}},
        {"writer:\n  sources:\n    - { filter: a }\n",
         {":3:", "writer.sources[0].decoder", "missing"}},
        {"writer:\n  sources:\n    - { decoder: a, filter: b }\n    - x\n",
         {":4:", "sources[1]", "mapping"}},
        {"writer: { sources: [ { decoder: a, filter: b, tag: c } ] }",
         {"sources[0].tag", "tags", ":1:"}},
        {"writer: { sources: [ { decoder: a, filter: b, late: no } ] }",
         {"late", "own_time", ":1:"}},
#define JSON_SOURCE(key) "writer: { sources: [ { decoder: json, filter: b, " key " } ] }"
        {JSON_SOURCE("fields: { t: a..b }"), {":1:", "sources[0].fields.t", "a key at byte 3"}},
        {JSON_SOURCE("fields: { t: '' }"), {"sources[0].fields.t", "a key, like", "byte 1"}},
        {JSON_SOURCE("fields: [ a ]"), {"sources[0].fields", "mapping", ":1:"}},
        {JSON_SOURCE("tag_paths: { t: 'a[' }"), {"sources[0].tag_paths.t", "index", "byte 3"}},
        {JSON_SOURCE("time_path: 'a b]'"), {"sources[0].time_path", "a dot", "byte 4"}},
        {JSON_SOURCE("time_format: epoch"), {"sources[0].time_format", "epoch_s", "iso_local"}},
        {JSON_SOURCE("timezone: ../x"), {"sources[0].timezone", "Europe/Berlin", ":1:"}},
        {JSON_SOURCE("numbers_in_text: maybe"), {"numbers_in_text", "true or false", ":1:"}},
        {"writer: { sources: [ { decoder: value, filter: b, fields: { a: b } } ] }",
         {":1:", "sources[0].fields", "of the decoder json"}},
        {"writer: { sources: [ { decoder: value, filter: b, numbers_in_text: true } ] }",
         {":1:", "sources[0].numbers_in_text", "of the decoder json"}},
#define LAYOUT_SOURCE(keys) JSON_SOURCE("layout: homeassistant, " keys)
        {JSON_SOURCE("layout: grafana"), {"layout", "hearthline or homeassistant", ":1:"}},
        {JSON_SOURCE("tags_attributes: [a]"), {"tags_attributes", "layout: homeassistant", ":1:"}},
        {JSON_SOURCE("override_measurements: { a: b }"),
         {"override_measurements", "layout", ":1:"}},
        {JSON_SOURCE("exclude_domains: a"), {"exclude_domains", "layout", ":1:"}},
        {LAYOUT_SOURCE("measurement: m"), {"measurement", "override_measurement", ":1:"}},
        {LAYOUT_SOURCE("tags_attributes: { a: b }"), {"tags_attributes[0]", "mapping", ":1:"}},
        {LAYOUT_SOURCE("tags_attributes: [a, [b]]"), {"tags_attributes[1]", "list", ":1:"}},
        {LAYOUT_SOURCE("tags_attributes: [a, '']"), {"tags_attributes[1]", "not empty", ":1:"}},
        {LAYOUT_SOURCE("tags_attributes: [a, null]"), {"tags_attributes[1]", "missing", ":1:"}},
        {"a: [", {":2:", "not YAML", ""}},
        {"a: b\n\tc: d\n", {":2:", "not YAML", ""}},
        {"log_level: info\n---\nlog_level: debug\n", {"second document", "---", "one"}},
        {"? [a]\n: b\n", {":1:", "key is no plain word", ""}},
        {"a: &x [*x]\n", {":1:", "there is no such key", ""}},
    };
    assert_refused(bad, sizeof bad / sizeof *bad);
}

static void refuses_other_files(void **state)
{
    (void)state;
    assert_int_equal(settings_read("/nowhere/h.yaml", &settings, &why), ERR_NOT_FOUND);
    assert_non_null(strstr(why.text, "/nowhere/h.yaml"));
    assert_int_equal(settings_read(folder, &settings, &why), ERR_IO);
    static char large[(1 << 20) + 1];
    memset(large, '#', sizeof large);
    write_file(path, large, sizeof large);
    assert_int_equal(settings_read(path, &settings, &why), ERR_INVALID);
    assert_non_null(strstr(why.text, "1 MiB"));
    assert_null(settings);
}

static void the_environment_wins(void **state)
{
    (void)state;
    static const struct {
        const char *name, *value;
        bool url, database;
    } cases[] = {
        {"INFLUXDB_URL", "http://e:1", true, false},
        {"INFLUX_URL", "http://e:1", true, false},
        {"INFLUXDB3_HOST", "http://e:1", true, false},
        {"INFLUXDB_BUCKET", "e", false, true},
        {"INFLUX_DB", "e", false, true},
        {"INFLUXDB3_DATABASE", "e", false, true},
        {"INFLUXDB_URL", "", false, false}, /* an empty one is not set */
    };
    const char *yaml = "influxdb: { url: 'http://f:1', database: f, org: f }";
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        setenv(cases[i].name, cases[i].value, 1);
        assert_reads(yaml);
        assert_string_equal(settings->influxdb.url, cases[i].url ? "http://e:1" : "http://f:1");
        assert_string_equal(settings->influxdb.database, cases[i].database ? "e" : "f");
        assert_string_equal(settings->influxdb.org, "f");
        unsetenv(cases[i].name);
    }
    setenv("INFLUXDB_ORG", "e", 1);
    setenv("INFLUXDB_URL", "http://same", 1);
    setenv("INFLUXDB3_HOST", "http://same", 1);
    assert_reads(yaml);
    assert_string_equal(settings->influxdb.org, "e");
    assert_string_equal(settings->influxdb.url, "http://same");
    setenv("INFLUXDB3_HOST", "http://other", 1);
    assert_int_equal(read_yaml(yaml), ERR_INVALID);
    assert_non_null(strstr(why.text, "INFLUXDB_URL and INFLUXDB3_HOST"));
    unsetenv("INFLUXDB3_HOST");
    setenv("INFLUXDB_URL", "e:1", 1);
    assert_int_equal(read_yaml(yaml), ERR_INVALID);
    assert_non_null(strstr(why.text, "environment variable INFLUXDB_URL: influxdb.url"));
}

static void reads_secrets(void **state)
{
    (void)state;
    char secret[4097] = "untouched", file[4200];
    assert_int_equal(settings_secret("/nowhere", secret, &why), ERR_NOT_FOUND);
    assert_non_null(strstr(why.text, "/nowhere"));
    assert_int_equal(settings_secret(folder, secret, &why), ERR_IO);
    write_file(path, "a\0b\n", 4);
    assert_int_equal(settings_secret(path, secret, &why), ERR_INVALID);
    memset(file, 'x', sizeof file);
    write_file(path, file, 4097);
    assert_int_equal(settings_secret(path, secret, &why), ERR_TOO_LARGE);
    assert_string_equal(secret, "untouched");
    file[4096] = '\r';
    file[4097] = '\n';
    write_file(path, file, sizeof file);
    assert_int_equal(settings_secret(path, secret, &why), ERR_OK);
    assert_int_equal(strlen(secret), 4096);
    static const struct {
        const char *file, *secret;
    } good[] = {{"word", "word"},     {"word\n", "word"}, {"word\r\nmore\n", "word"},
                {" a b \n", " a b "}, {"", ""},           {"\nword", ""}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        write_file(path, good[i].file, strlen(good[i].file));
        assert_int_equal(settings_secret(path, secret, &why), ERR_OK);
        assert_string_equal(secret, good[i].secret);
    }
    assert_int_equal(settings_secret("", secret, &why), ERR_OK);
    assert_string_equal(secret, "");
}

static void finds_the_token(void **state)
{
    (void)state;
    static const char *const names[] = {"INFLUXDB_TOKEN", "INFLUX_TOKEN", "INFLUXDB3_TOKEN",
                                        "GRAYLOGIC_INFLUXDB_TOKEN"};
    char token[4097], file[160];
    snprintf(file, sizeof file, "%s/token", folder);
    write_file(file, "from-file\n", 10);
    assert_reads("influxdb: { token_file: token }");
    assert_int_equal(settings_influx_token(settings, token, &why), ERR_OK);
    assert_string_equal(token, "from-file");
    unlink(file);
    for (size_t i = 0; i < 4; i++) {
        setenv(names[i], "from-environment", 1);
        assert_int_equal(settings_influx_token(settings, token, &why), ERR_OK);
        assert_string_equal(token, "from-environment");
        unsetenv(names[i]);
    }
    setenv("INFLUX_TOKEN", "hush-one", 1);
    setenv("GRAYLOGIC_INFLUXDB_TOKEN", "hush-two", 1);
    assert_int_equal(settings_influx_token(settings, token, &why), ERR_INVALID);
    assert_non_null(strstr(why.text, "INFLUX_TOKEN and GRAYLOGIC_INFLUXDB_TOKEN"));
    assert_null(strstr(why.text, "hush"));
    assert_int_equal(read_yaml(""), ERR_INVALID);
    assert_null(strstr(why.text, "hush"));
}

static void says_where_values_are_from(void **state)
{
    (void)state;
    setenv("INFLUX_DB", "e", 1);
    setenv("INFLUX_TOKEN", "hush", 1);
    setenv("INFLUXDB_ROLLOUT_PERCENT", "7", 1);
    assert_reads(
        "# first\nlog_level: debug\ntags: { site: \"h\\\"\" }\n"
        "writer: { broker: { username: w } }\n"
        "query:\n  alerts:\n    period: 90s\n    rules:\n"
        "    - { name: a, measurement: m, field: f, comparison: '>=', threshold: -0.5,\n"
        "        tags: { x: y } }\n"
        "  standing: [ { endpoint: stats, topic: standing/day, request: '{\"a\":1}' } ]\n");
    setenv("INFLUX_DB", "another", 1); /* what held when it was read counts */
    struct buf out = {0};
    settings_effective(settings, &out);
    static const char *const lines[] = {
        "topic_root: \"hearthline\"  # default\n",
        "h.yaml:2\n",
        "tags.site: \"h\\\"\"  # ",
        "influxdb.database: \"e\"  # environment variable INFLUX_DB\n",
        "influxdb.token_file: \"\"  # environment variable INFLUX_TOKEN\n",
        "influxdb.version: auto  # default\n",
        "influxdb.gzip: false  # default\n",
        "writer.broker.url: \"mqtt://127.0.0.1:1883\"  # broker\n",
        "writer.broker.username: \"w\"  # ",
        "writer.batch.lines: 5000  # default\n",
        "writer.journal.max_bytes: 1073741824  # default\n",
        "stats.use_influxdb: true  # default\n",
        "stats.rollout_percent: 7  # environment variable INFLUXDB_ROLLOUT_PERCENT\n",
        "query.cache_bytes: 4194304  # default\n",
        "query.alerts.period: 90s  # ",
        "query.alerts.journal_oldest: 5m  # default\n",
        "query.alerts.rules[0].comparison: >=  # ",
        "query.alerts.rules[0].threshold: -0.5  # ",
        "h.yaml:9\n",
        "query.alerts.rules[0].clear: -0.5  # default\n",
        "query.alerts.rules[0].for: 0s  # default\n",
        "query.alerts.rules[0].window: 5m  # default\n",
        "query.alerts.rules[0].level: warning  # default\n",
        "query.alerts.rules[0].tags.x: \"y\"  # ",
        "query.standing[0].request: \"{\\\"a\\\":1}\"  # ",
        "query.standing[0].every: 1m  # default\n",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (!strstr(buf_cstr(&out), lines[i]))
            fail_msg("no %s in\n%s", lines[i], buf_cstr(&out));
    assert_null(strstr(buf_cstr(&out), "hush"));
    buf_free(&out);
}

/* With HEARTHLINE_WRITE_DOCS set, the page is written instead of compared. */
static void the_documentation_is_the_table(void **state)
{
    (void)state;
    const char *page = HEARTHLINE_SOURCE_DIR "/docs/configuration.md";
    struct buf help = {0};
    settings_help(&help);
    if (getenv("HEARTHLINE_WRITE_DOCS"))
        write_file(page, help.data, help.len);
    FILE *file = fopen(page, "rb");
    assert_non_null(file);
    char *written = calloc(1, help.len + 2);
    assert_non_null(written);
    size_t len = fread(written, 1, help.len + 1, file);
    fclose(file);
    if (len != help.len || memcmp(written, help.data, len) != 0)
        fail_msg("docs/configuration.md is out of date: run this test once with "
                 "HEARTHLINE_WRITE_DOCS=1 and look at the difference");
    free(written);
    buf_free(&help);
}

/* The configuration that the documentation shows is one that works. */
static void the_example_is_right(void **state)
{
    (void)state;
    struct buf help = {0};
    settings_help(&help);
    const char *begin = strstr(buf_cstr(&help), "```yaml\n");
    assert_non_null(begin);
    char *end = strstr(begin + 8, "```");
    assert_non_null(end);
    *end = '\0';
    assert_reads(begin + 8);
    assert_int_equal(settings->writer.sources_count, 2);
    buf_free(&help);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_empty_file_is_all_defaults),
        TEST(reads_what_is_written),
        TEST(reads_lists_of_texts),
        TEST(fills_own_brokers),
        TEST(refuses_with_words),
        TEST(refuses_other_files),
        TEST(the_environment_wins),
        TEST(reads_secrets),
        TEST(finds_the_token),
        TEST(says_where_values_are_from),
        TEST(the_documentation_is_the_table),
        TEST(the_example_is_right),
    };
    return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
