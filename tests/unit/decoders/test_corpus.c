/* Runs tests/fixtures: each message becomes exactly the lines that stand there, and damaged in any
 * byte it becomes only lines that read back, or a refusal with words. What the keys of a fixture
 * mean stands in tests/fixtures/README.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include <cjson/cJSON.h>
#include <glob.h>

#include "base/settings.h"
#include "influx/line.h"
#include "schemas/base64.h"
#include "schemas/message_time.h"
#include "writer/decoders/source.h"

#define FIXTURES HEARTHLINE_SOURCE_DIR "/tests/fixtures/*.jsonl"

/* So many messages at least are in every file. */
#define MESSAGES_MIN 20

/* What all messages use again and again. */
struct corpus {
    struct decode_scratch scratch;
    struct buf out, names;
    struct point read_back;
    struct err_reason words;
    unsigned outcomes; /* points and refused elements of one message */
    unsigned seen[64]; /* messages of each decoder, by its place in the table */
};

/* One line of a fixture. */
struct fixture {
    const char *where; /* file:line */
    cJSON *json;
    struct settings *settings;
    struct sources *sources;
    struct buf payload;
    int64_t arrival_ns;
};

static const char *fixture_text(const struct fixture *fixture, const char *key)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(fixture->json, key));
}

/* One entry of writer.sources, written as the configuration has it: JSON is YAML. */
static void write_configuration(const struct fixture *fixture, const char *path)
{
    const cJSON *further = cJSON_GetObjectItemCaseSensitive(fixture->json, "source");
    cJSON *entry = further ? cJSON_Duplicate(further, true) : cJSON_CreateObject();
    const char *filter = fixture_text(fixture, "filter");
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    if (filter) {
        cJSON_AddStringToObject(entry, "decoder", fixture_text(fixture, "decoder"));
        cJSON_AddStringToObject(entry, "filter", filter);
        char *text = cJSON_PrintUnformatted(entry);
        assert_true(fprintf(file, "writer: { sources: [ %s ] }\n", text) > 0);
        free(text);
    } else {
        assert_null(further);
        assert_true(fputs("topic_root: hearthline\n", file) >= 0);
    }
    assert_int_equal(fclose(file), 0);
    cJSON_Delete(entry);
}

static void open_sources(struct fixture *fixture)
{
    char path[] = "/tmp/hearthline-corpus-XXXXXX";
    struct err_reason why = {""};
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    write_configuration(fixture, path);
    enum err err = settings_read(path, &fixture->settings, &why);
    unlink(path);
    if (err == ERR_OK)
        err = sources_open(fixture->settings, &fixture->sources, &why);
    if (err != ERR_OK)
        fail_msg("%s: %s", fixture->where, why.text);
}

static void check_keys(const struct fixture *fixture)
{
    static const char *const keys[] = {"from",           "decoder",      "filter",  "source",
                                       "topic",          "payload",      "lines",   "ignored",
                                       "payload_base64", "content_type", "arrival", "rejected"};
    for (const cJSON *item = fixture->json->child; item; item = item->next) {
        size_t i = 0;
        while (i < sizeof keys / sizeof keys[0] && strcmp(keys[i], item->string) != 0)
            i++;
        if (i == sizeof keys / sizeof keys[0])
            fail_msg("%s: the key \"%s\" has no meaning here", fixture->where, item->string);
    }
    if (!fixture_text(fixture, "from") || !fixture_text(fixture, "decoder") ||
        !fixture_text(fixture, "topic"))
        fail_msg("%s: from, decoder and topic are due", fixture->where);
}

static void fixture_open(struct fixture *fixture, const char *where, const char *line)
{
    *fixture = (struct fixture){.where = where, .json = cJSON_Parse(line)};
    if (!fixture->json || !cJSON_IsObject(fixture->json))
        fail_msg("%s: this is no JSON object", where);
    check_keys(fixture);
    const char *payload = fixture_text(fixture, "payload");
    const char *base64 = fixture_text(fixture, "payload_base64");
    if (!payload == !base64)
        fail_msg("%s: either payload or payload_base64 is due", where);
    if (payload)
        buf_string(&fixture->payload, payload);
    else if (base64_decode(text_of(base64), &fixture->payload) != ERR_OK)
        fail_msg("%s: payload_base64 is no base64", where);
    const char *arrival = fixture_text(fixture, "arrival");
    if (arrival && message_time_rfc3339(text_of(arrival), &fixture->arrival_ns, NULL) != ERR_OK)
        fail_msg("%s: arrival is no RFC 3339 time", where);
    open_sources(fixture);
}

static void fixture_close(struct fixture *fixture)
{
    buf_free(&fixture->payload);
    sources_close(fixture->sources);
    settings_free(fixture->settings);
    cJSON_Delete(fixture->json);
}

/* A line is one line, and what reads it finds the same point. */
static void check_line(struct corpus *corpus, struct text line)
{
    struct text rest = line, only, more;
    unsigned cleaned = 0;
    struct buf again = {0};
    assert_true(line_next(&rest, &only));
    assert_false(line_next(&rest, &more));
    assert_int_equal(line_parse(only, &corpus->names, &corpus->read_back, NULL), ERR_OK);
    assert_int_equal(line_encode(&corpus->read_back, &again, &cleaned, NULL), ERR_OK);
    assert_true(text_equal(buf_view(&again), line));
    buf_free(&again);
}

static void take_point(void *context, const struct point *point, unsigned place)
{
    struct corpus *corpus = context;
    size_t start = corpus->out.len;
    unsigned cleaned = 0;
    corpus->outcomes++;
    assert_true(point->timed || place < DECODE_MAX_UNTIMED);
    if (line_encode(point, &corpus->out, &cleaned, &corpus->words) == ERR_OK)
        check_line(corpus, (struct text){corpus->out.data + start, corpus->out.len - start});
    else /* a time or names that no line can hold; whoever stores it refuses it so */
        buf_printf(&corpus->out, "not encoded: %s\n", corpus->words.text);
}

static void take_reject(void *context, enum reject reason, const char *words, unsigned place,
                        struct text element)
{
    struct corpus *corpus = context;
    (void)place;
    corpus->outcomes++;
    assert_true(*words);
    buf_printf(&corpus->out, "rejected %s: ", reject_id(reason));
    buf_text(&corpus->out, element);
    buf_char(&corpus->out, '\n');
}

/* Runs one message and leaves what became of it in corpus->out. */
static void run(struct corpus *corpus, const struct fixture *fixture, const struct source *source,
                struct text topic, struct text payload)
{
    const struct decode_sink sink = {corpus, take_point, take_reject, NULL};
    enum reject reason = REJECT_NONE;
    const char *type = fixture_text(fixture, "content_type");
    buf_reset(&corpus->out);
    corpus->outcomes = 0;
    corpus->words.text[0] = '\0';
    struct source_message message = {topic, payload, text_of(type ? type : ""),
                                     fixture->arrival_ns};
    enum decode_verdict verdict = sources_decode(fixture->sources, source, &message,
                                                 &corpus->scratch, &sink, &reason, &corpus->words);
    assert_true((verdict == DECODED) == (corpus->outcomes > 0));
    assert_true((verdict == DECODE_REJECTED) == (reason != REJECT_NONE));
    assert_true(verdict == DECODED || corpus->words.text[0]);
    if (verdict == DECODE_REJECTED)
        buf_printf(&corpus->out, "rejected %s\n", reject_id(reason));
    else if (verdict == DECODE_IGNORED)
        buf_string(&corpus->out, "ignored\n");
}

static void expected_of(const struct fixture *fixture, struct buf *out)
{
    const cJSON *lines = cJSON_GetObjectItemCaseSensitive(fixture->json, "lines"), *line;
    const char *rejected = fixture_text(fixture, "rejected");
    bool ignored = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(fixture->json, "ignored"));
    if (!!rejected + ignored + cJSON_IsArray(lines) != 1)
        fail_msg("%s: one of lines, ignored and rejected is due", fixture->where);
    cJSON_ArrayForEach(line, lines) buf_printf(out, "%s\n", cJSON_GetStringValue(line));
    if (rejected)
        buf_printf(out, "rejected %s\n", rejected);
    if (ignored)
        buf_string(out, "ignored\n");
}

/* The source that takes a topic, which must be of the fixture's decoder. */
static const struct source *source_of(const struct fixture *fixture)
{
    bool known = false;
    const char *topic = fixture_text(fixture, "topic");
    const struct source *source = sources_find(fixture->sources, text_of(topic), &known);
    if (!source)
        fail_msg("%s: no source takes the topic %s", fixture->where, topic);
    else if (strcmp(source->decoder->name, fixture_text(fixture, "decoder")) != 0)
        fail_msg("%s: %s takes the topic %s", fixture->where, source->decoder->name, topic);
    return source;
}

static void must_become_its_lines(struct corpus *corpus, const struct fixture *fixture)
{
    const struct source *source = source_of(fixture);
    struct buf expected = {0};
    expected_of(fixture, &expected);
    run(corpus, fixture, source, text_of(fixture_text(fixture, "topic")),
        buf_view(&fixture->payload));
    if (!text_equal(buf_view(&corpus->out), buf_view(&expected)))
        fail_msg("%s:\n gave     %s expected %s (%s)", fixture->where, buf_cstr(&corpus->out),
                 buf_cstr(&expected), corpus->words.text);
    for (unsigned i = 0; decoder_at(i); i++)
        corpus->seen[i] += decoder_at(i) == source->decoder;
    buf_free(&expected);
}

/* Calls `damaged` with the text cut at every byte, and with every byte changed in one bit, each in
 * memory of exactly its size, so that a read behind its end is found. */
static void each_damage(struct corpus *corpus, const struct fixture *fixture, struct text whole,
                        void (*damaged)(struct corpus *, const struct fixture *, struct text))
{
    if (whole.len == 0)
        return;
    for (size_t len = 0; len < whole.len; len++) {
        char *cut = malloc(len ? len : 1);
        assert_non_null(cut);
        memcpy(cut, whole.at, len);
        damaged(corpus, fixture, (struct text){cut, len});
        free(cut);
    }
    char *flipped = malloc(whole.len);
    assert_non_null(flipped);
    memcpy(flipped, whole.at, whole.len);
    for (size_t i = 0; i < whole.len; i++) {
        flipped[i] = (char)(whole.at[i] ^ (1 << i % 8));
        damaged(corpus, fixture, (struct text){flipped, whole.len});
        flipped[i] = whole.at[i];
    }
    free(flipped);
}

static void run_payload(struct corpus *corpus, const struct fixture *fixture, struct text payload)
{
    run(corpus, fixture, source_of(fixture), text_of(fixture_text(fixture, "topic")), payload);
}

static void run_topic(struct corpus *corpus, const struct fixture *fixture, struct text topic)
{
    bool known = false;
    const struct source *source = sources_find(fixture->sources, topic, &known);
    if (source)
        run(corpus, fixture, source, topic, buf_view(&fixture->payload));
}

static void must_bear_damage(struct corpus *corpus, const struct fixture *fixture)
{
    each_damage(corpus, fixture, buf_view(&fixture->payload), run_payload);
    each_damage(corpus, fixture, text_of(fixture_text(fixture, "topic")), run_topic);
}

typedef void fixture_check(struct corpus *corpus, const struct fixture *fixture);

static unsigned each_of_file(struct corpus *corpus, const char *path, fixture_check *check)
{
    FILE *file = fopen(path, "r");
    char *line = NULL, where[512];
    size_t room = 0;
    unsigned number = 0, messages = 0;
    assert_non_null(file);
    while (getline(&line, &room, file) > 0) {
        struct fixture fixture;
        number++;
        if (line[0] == '#' || line[0] == '\n')
            continue;
        snprintf(where, sizeof where, "%s:%u", strrchr(path, '/') + 1, number);
        fixture_open(&fixture, where, line);
        check(corpus, &fixture);
        fixture_close(&fixture);
        messages++;
    }
    free(line);
    fclose(file);
    return messages;
}

static void each_fixture(struct corpus *corpus, fixture_check *check)
{
    glob_t files;
    assert_int_equal(glob(FIXTURES, 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        unsigned messages = each_of_file(corpus, files.gl_pathv[i], check);
        if (messages < MESSAGES_MIN)
            fail_msg("%s holds %u messages; at least %d are due", files.gl_pathv[i], messages,
                     MESSAGES_MIN);
    }
    globfree(&files);
}

static void every_message_becomes_its_lines(void **state)
{
    struct corpus *corpus = *state;
    each_fixture(corpus, must_become_its_lines);
    for (unsigned i = 0; decoder_at(i); i++) {
        if (corpus->seen[i] == 0)
            fail_msg("no message of %s in tests/fixtures", decoder_at(i)->name);
    }
}

static void damage_to_any_byte_is_borne(void **state)
{
    each_fixture(*state, must_bear_damage);
}

static int open_corpus(void **state)
{
    static const char *const of_settings[] = {
        "INFLUXDB_URL",       "INFLUX_URL",         "INFLUXDB3_HOST",
        "INFLUXDB_BUCKET",    "INFLUX_DB",          "INFLUXDB_ORG",
        "INFLUXDB3_DATABASE", "USE_INFLUXDB_STATS", "INFLUXDB_ROLLOUT_PERCENT"};
    for (size_t i = 0; i < sizeof of_settings / sizeof of_settings[0]; i++)
        unsetenv(of_settings[i]);
    struct corpus *corpus = calloc(1, sizeof *corpus);
    if (!corpus || decode_scratch_open(&corpus->scratch) != ERR_OK)
        return -1;
    *state = corpus;
    return 0;
}

static int close_corpus(void **state)
{
    struct corpus *corpus = *state;
    decode_scratch_close(&corpus->scratch);
    buf_free(&corpus->out);
    buf_free(&corpus->names);
    free(corpus);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_becomes_its_lines),
        cmocka_unit_test(damage_to_any_byte_is_borne),
    };
    return cmocka_run_group_tests(tests, open_corpus, close_corpus);
}
