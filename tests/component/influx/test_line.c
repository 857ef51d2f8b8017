/* The encoder and the reader against InfluxDB's own: what we write is read there as it is here, and
 * what is refused there is refused here. */
#include "client.h"

#include <cjson/cJSON.h>
#include <math.h>

#include "influx/line.h"

static struct harness *server;
static struct client client;
static struct point point, expected;
static struct buf line, scratch;
static char reply[1 << 20];

static int start(void **state)
{
    (void)state;
    server = harness_influxd(NULL);
    if (!server)
        return 1;
    client_open(&client, harness_url(server));
    return client_probe(&client).outcome == OUTCOME_STORED ? 0 : 1;
}

static int stop(void **state)
{
    (void)state;
    client_close(&client);
    harness_close(server);
    buf_free(&line);
    buf_free(&scratch);
    return 0;
}

/* Empties the database "t". */
static void fresh(void)
{
    assert_int_equal(harness_request(server, "/query", "q=DROP DATABASE t%3B CREATE DATABASE t",
                                     NULL, reply, sizeof reply),
                     200);
}

/* All that is stored, each series with its tags; NULL when there is nothing. Free with cJSON_Delete
 * through `ret_body`. */
static const cJSON *stored(cJSON **ret_body)
{
    assert_int_equal(harness_request(server, "/query",
                                     "db=t&epoch=ns&q=SELECT * FROM /.*/ GROUP BY *", NULL, reply,
                                     sizeof reply),
                     200);
    *ret_body = cJSON_Parse(reply);
    const cJSON *result = cJSON_GetArrayItem(cJSON_GetObjectItem(*ret_body, "results"), 0);
    return cJSON_GetObjectItem(result, "series");
}

static bool same_text(const cJSON *json, struct text text)
{
    const char *value = cJSON_GetStringValue(json);
    return value && text_equal(text_of(value), text);
}

static void assert_same_value(const cJSON *json, const struct point_field *field)
{
    switch (field->type) {
    case FIELD_NUMBER:
        assert_true(cJSON_IsNumber(json) &&
                    fabs(json->valuedouble - field->number) <= 1e-15 * fabs(field->number));
        break;
    case FIELD_INTEGER:
        assert_true(cJSON_IsNumber(json) &&
                    fabs(json->valuedouble - (double)field->integer) <= 1024);
        break;
    case FIELD_BOOL:
        assert_true(cJSON_IsBool(json) && cJSON_IsTrue(json) == field->truth);
        break;
    case FIELD_TEXT:
        if (!same_text(json, field->text))
            fail_msg("<%.*s> came back as <%s>", TEXT_ARGS(field->text),
                     cJSON_GetStringValue(json));
        break;
    }
}

/* Exactly one point is stored, and it is `p`. */
static void assert_stored(const struct point *p)
{
    cJSON *body;
    const cJSON *all = stored(&body), *series = cJSON_GetArrayItem(all, 0);
    if (cJSON_GetArraySize(all) != 1)
        fail_msg("%d series for %.*s: %s", cJSON_GetArraySize(all), TEXT_ARGS(p->measurement),
                 reply);
    if (!same_text(cJSON_GetObjectItem(series, "name"), p->measurement))
        fail_msg("due was %.*s: %s", TEXT_ARGS(p->measurement), reply);
    const cJSON *tags = cJSON_GetObjectItem(series, "tags"), *tag;
    assert_int_equal(cJSON_GetArraySize(tags), p->tag_count);
    unsigned n = 0;
    cJSON_ArrayForEach(tag, tags)
    {
        bool found = false;
        for (unsigned i = 0; i < p->tag_count; i++)
            found = found || (text_equal(text_of(tag->string), p->tags[i].key) &&
                              same_text(tag, p->tags[i].value));
        if (!found)
            fail_msg("tag <%s>=<%s> is no tag of the line", tag->string, tag->valuestring);
        n++;
    }
    const cJSON *columns = cJSON_GetObjectItem(series, "columns");
    const cJSON *rows = cJSON_GetObjectItem(series, "values"), *row = cJSON_GetArrayItem(rows, 0);
    assert_int_equal(cJSON_GetArraySize(rows), 1);
    assert_int_equal(cJSON_GetArraySize(columns), p->field_count + 1u);
    for (int c = 1; c < cJSON_GetArraySize(columns); c++) {
        unsigned i = 0;
        while (i < p->field_count && !same_text(cJSON_GetArrayItem(columns, c), p->fields[i].key))
            i++;
        if (i == p->field_count)
            fail_msg("field <%s> is none of the line", cJSON_GetArrayItem(columns, c)->valuestring);
        assert_same_value(cJSON_GetArrayItem(row, c), &p->fields[i]);
    }
    cJSON_Delete(body);
}

/* Every trap of line protocol that is known, in each place where a name or a text can stand. */
static const struct text traps[] = {
    TEXT("plain"),
    TEXT("two words"),
    TEXT(" "),
    TEXT("a,b"),
    TEXT(","),
    TEXT("a=b"),
    TEXT("="),
    TEXT("say \"hi\""),
    TEXT("\""),
    TEXT("f=\"x"),
    TEXT("a\\"),
    TEXT("a\\\\"),
    TEXT("\\"),
    TEXT("\\ "),
    TEXT("\\,"),
    TEXT("\\="),
    TEXT("\\\""),
    TEXT("\\n"),
    TEXT("#"),
    TEXT("#comment"),
    TEXT("a\nevil,x=y f=1 1"),
    TEXT("\nevil f=1"),
    TEXT("a\r\nevil f=1"),
    TEXT("a\\\nevil f=1"),
    TEXT("a f=1 1\nevil"),
    TEXT("tab\there"),
    TEXT("\t"),
    TEXT("nul\0here"),
    TEXT("\x7F\x01\x1F"),
    TEXT("time"),
    TEXT("\xC3\xBC\xE2\x82\xAC\xF0\x9F\x8F\xA0"),
    TEXT("\xFF\xC3"),
    TEXT("\xC3\\"),
    TEXT("\xC3,"),
    TEXT("\xE2\x82 "),
    TEXT("\xED\xA0\x80"),
    TEXT("42i"),
    TEXT("1,f=2"),
    TEXT("'; DROP DATABASE t; --"),
    TEXT("$1 %s %n &db=x +"),
    TEXT("_field"),
    TEXT("{\"a\":[1]}"),
};

static void make_trap(struct text trap)
{
    static char with_start[64], with_end[64];
    snprintf(with_start, sizeof with_start, "k");
    memcpy(with_start + 1, trap.at, trap.len);
    memcpy(with_end, trap.at, trap.len);
    with_end[trap.len] = 'k';
    struct text end = {with_start, trap.len + 1}, begin = {with_end, trap.len + 1};
    point_clear(&point);
    point.measurement = trap;
    point.timed = true;
    point.time_ns = 1700000000123456789;
    assert_int_equal(point_tag(&point, end, trap), ERR_OK);
    assert_int_equal(point_tag(&point, begin, TEXT("v")), ERR_OK);
    assert_int_equal(point_tag(&point, TEXT("tag"), begin), ERR_OK);
    assert_int_equal(point_text(&point, TEXT("text"), trap), ERR_OK);
    /* a field's name must differ from the tags', or the two are told apart by a suffix */
    static char named[64];
    memcpy(named, with_start, sizeof named);
    named[0] = 'F';
    assert_int_equal(point_bool(&point, (struct text){named, trap.len + 1}, true), ERR_OK);
    assert_int_equal(point_number(&point, TEXT("number"), -12.25e-7), ERR_OK);
    assert_int_equal(point_integer(&point, TEXT("integer"), INT64_MIN), ERR_OK);
}

static void read_line(void)
{
    struct err_reason why;
    struct text rest = buf_view(&line), one, more;
    assert_true(line_next(&rest, &one));
    if (line_parse(one, &scratch, &expected, &why) != ERR_OK)
        fail_msg("<%.*s>: %s", TEXT_ARGS(one), why.text);
    assert_false(line_next(&rest, &more));
}

static void every_trap_comes_back_as_one_point(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof traps / sizeof *traps; i++) {
        unsigned cleaned;
        fresh();
        make_trap(traps[i]);
        buf_reset(&line);
        assert_int_equal(line_encode(&point, &line, &cleaned, NULL), ERR_OK);
        struct answer answer = client_post(&client, buf_cstr(&line), 1);
        if (answer.outcome != OUTCOME_STORED)
            fail_msg("trap %zu: %s", i, answer.words);
        read_line();
        assert_stored(&expected);
        if (cleaned == 0) /* then nothing was lost at all */
            assert_stored(&point);
    }
}

/* All the traps in one body: one point each, none swallows or makes another. */
static void traps_do_not_reach_the_next_line(void **state)
{
    (void)state;
    size_t count = sizeof traps / sizeof *traps;
    unsigned cleaned;
    fresh();
    buf_reset(&line);
    for (size_t i = 0; i < count; i++) {
        make_trap(traps[i]);
        point.measurement = TEXT("m");
        point.time_ns = 1700000000000000000 + (int64_t)i;
        assert_int_equal(line_encode(&point, &line, &cleaned, NULL), ERR_OK);
    }
    struct answer answer = client_post(&client, buf_cstr(&line), count);
    assert_outcome(answer, OUTCOME_STORED);
    cJSON *body;
    const cJSON *all = stored(&body), *series;
    size_t points = 0;
    cJSON_ArrayForEach(series, all)
    {
        assert_string_equal(cJSON_GetObjectItem(series, "name")->valuestring, "m");
        points += (size_t)cJSON_GetArraySize(cJSON_GetObjectItem(series, "values"));
    }
    assert_int_equal(points, count);
    cJSON_Delete(body);
}

/* Lines as strangers write them. What the server takes and we take must be the same point; what
 * it refuses we refuse. `stricter`: it takes what we do not; `kinder`: the other way round; `lost`:
 * it takes it and never finds it again. */
static const struct {
    const char *line;
    bool stricter, kinder, lost;
} strange[] = {
    {"m f=1", 0, 0, 0},
    {"m f=1 5", 0, 0, 0},
    {"m f=-.5", 0, 0, 0},
    {"m f=.5", 0, 0, 0},
    {"m f=1.", 0, 0, 0},
    {"m f=1e+05", 0, 0, 0},
    {"m f=1E5", 0, 0, 0},
    {"m f=1e-400", 0, 0, 0},
    {"m f=1e400", 0, 0, 0},
    {"m f=007", 0, 0, 0},
    {"m f=007i", 0, 0, 0},
    {"m f=-0i", 0, 0, 0},
    {"m f=+1", 0, 0, 0},
    {"m f=+1i", 0, 0, 0},
    {"m f=1_000", 0, 0, 0},
    {"m f=0x1F", 0, 0, 0},
    {"m f=NaN", 0, 0, 0},
    {"m f=nan", 0, 0, 0},
    {"m f=Inf", 0, 0, 0},
    {"m f=-inf", 0, 0, 0},
    {"m f=1e", 0, 0, 0},
    {"m f=-", 0, 0, 0},
    {"m f=.", 0, 0, 0},
    {"m f=1.5i", 0, 0, 0},
    {"m f=1e2i", 0, 0, 0},
    {"m f=9223372036854775807i", 0, 0, 0},
    {"m f=9223372036854775808i", 0, 0, 0},
    {"m f=42u", 0, 1, 0}, /* 2.x and 3.x have unsigned integers */
    {"m f=t,g=T,h=true,i=True,j=TRUE", 0, 0, 0},
    {"m f=f,g=F,h=false,i=False,j=FALSE", 0, 0, 0},
    {"m f=tRUE", 0, 0, 0},
    {"m f=word", 0, 0, 0},
    {"m f=\"\"", 0, 0, 0},
    {"m f=\"a\\\"b\\\\c\\nd\"", 0, 0, 0},
    {"m f=\"two\nlines\"", 0, 0, 0},
    {"m f=\"a", 0, 0, 0},
    {"m f=\"a\"b", 1, 0, 0}, /* stored as a and a quote */
    {"m f=\"a\"\"b\"", 1, 0, 0},
    {"m f=1\"a\"", 0, 0, 0},
    {"m  f=1  5 ", 0, 0, 0},
    {"m f=1,f=2", 0, 0, 0},
    {"m f=1,f=\"a\"", 0, 0, 0},
    {"m f=1,g", 0, 0, 0},
    {"m f=1,", 0, 0, 0},
    {"m f=1,,g=2", 0, 0, 0},
    {"m f=", 0, 0, 0},
    {"m f=,g=1", 0, 0, 0},
    {"m =1", 0, 0, 0},
    {"m f", 0, 0, 0},
    {"m", 0, 0, 0},
    {"m,", 0, 0, 0},
    {"m,t=a", 0, 0, 0},
    {",t=a f=1", 0, 0, 0},
    {"m,=v f=1", 0, 0, 0},
    {"m,t= f=1", 0, 0, 0},
    {"m,t f=1", 0, 0, 0},
    {"m,t=a=b f=1", 0, 0, 0},
    {"m,t==b f=1", 1, 0, 0}, /* stored as =b */
    {"m,t=,b=c f=1", 0, 0, 0},
    {"m,,t=a f=1", 0, 0, 0},
    {"m,t=a, f=1", 0, 0, 0},
    {"m,t=a,t=b f=1", 0, 0, 0},
    {"m,b=1,a=2 f=1", 0, 0, 0},
    {"m,time=1 f=1", 0, 0, 0},
    {"m time=1", 0, 0, 0},
    {"m f=1 x", 0, 0, 0},
    {"m f=1 1.5", 0, 0, 0},
    {"m f=1 +5", 0, 0, 0},
    {"m f=1 5 6", 0, 0, 0},
    {"m f=1 9223372036854775806", 0, 0, 0},
    {"m f=1 9223372036854775807", 0, 0, 0},
    {"m f=1 -9223372036854775806", 0, 0, 0},
    {"m f=1 -9223372036854775807", 0, 0, 0},
    {"m f=1 5\r", 0, 0, 0},
    {"m f=1\r", 0, 0, 0},
    {"m\tf=1", 0, 0, 0},
    {"m\t f=1", 0, 0, 0},
    {"m,t=a\tb f=1", 0, 0, 0},
    {"m=x f=1", 0, 0, 0},
    {"m\\=x f=1", 0, 0, 0},
    {"m\"x f=1", 0, 0, 0},
    {"m,t=\"a\" f=1", 0, 0, 0},
    {"m,t=\"q f=1", 0, 0, 0},
    {"m a\"b=1,c\"=2", 0, 0, 0},
    {"m a\\\"b=1", 0, 0, 0},
    {"m\\ n\\,o,t\\,\\=\\ u=v\\,\\=\\ w x\\,\\=\\ y=1", 0, 0, 0},
    {"m\\\\n,t=a\\\\b c\\\\d=1", 0, 0, 0},
    {"m\\n,t=a\\tb c\\d=1", 0, 0, 0},
    {"m\\#x f=1", 0, 0, 0},
    {"m\\ f=1", 0, 0, 0},
    {"m\\\\,b=c f=1", 0, 0, 1},
    {"m,t=a\\\\,b=c f=1", 0, 0, 0},
    {"m,t=a\\ f=1", 0, 0, 0},
    {"m x\\=1", 0, 0, 0},
    {"m x\\\\=1", 0, 0, 0},
    {"m,t=a\\\nb f=1", 0, 0, 0},
    {"\xC3\xBC,\xC3\xA4=\xC3\xB6 \xC3\x9F=1", 0, 0, 0},
};

static void a_stranger_s_line_means_here_what_it_means_there(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof strange / sizeof *strange; i++) {
        fresh();
        struct text one = text_of(strange[i].line);
        struct err_reason why = {""};
        bool ours = line_parse(one, &scratch, &expected, &why) == ERR_OK;
        struct answer answer = client_post(&client, strange[i].line, 1);
        bool theirs = answer.outcome == OUTCOME_STORED;
        if (!theirs)
            assert_outcome(answer, OUTCOME_REJECTED);
        if (ours != theirs && !(ours ? strange[i].kinder : strange[i].stricter))
            fail_msg("<%s>: here %s, there %s", strange[i].line, ours ? "fine" : why.text,
                     theirs ? "fine" : answer.words);
        /* a query does not reach the ends of time */
        if (ours && theirs && !strange[i].lost && llabs(expected.time_ns) < INT64_MAX - 1000)
            assert_stored(&expected);
    }
}

/* One body of strangers' lines, cut here, has as many lines as the server finds points. */
static void lines_are_cut_where_the_server_cuts(void **state)
{
    (void)state;
    static const char text[] =
        "a f=1 1\n\n# comment \"with a quote\n  b s=\"x\ny\" 2\nc,t=\" f=3 3\n"
        "d,u=\" f=4 4\ne \"f=5 5\nf s=\"\\\"\n\",g=6 6\ng f=7 7";
    fresh();
    struct answer answer = client_post(&client, text, 7);
    assert_outcome(answer, OUTCOME_STORED);
    cJSON *body;
    const cJSON *series = stored(&body);
    struct text rest = text_of(text), one;
    int lines = 0;
    for (; line_next(&rest, &one); lines++) {
        assert_int_equal(line_parse(one, &scratch, &expected, NULL), ERR_OK);
        const cJSON *name = cJSON_GetObjectItem(cJSON_GetArrayItem(series, lines), "name");
        assert_true(same_text(name, expected.measurement));
    }
    assert_int_equal(lines, cJSON_GetArraySize(series));
    assert_int_equal(lines, 7);
    cJSON_Delete(body);
}

/* An open quote takes the lines behind it, there as here: the reason to write each line strictly.
 */
static void an_open_quote_takes_the_rest(void **state)
{
    (void)state;
    fresh();
    struct answer answer =
        client_post(&client, "a f=1 1\nb s=\"x 2\nc f=3 3\nd s=\"y\" 4\ne f=5 5\n", 5);
    assert_outcome(answer, OUTCOME_SPLIT);
    cJSON *body;
    assert_int_equal(cJSON_GetArraySize(stored(&body)), 1);
    cJSON_Delete(body);
}

static void the_longest_names_are_stored(void **state)
{
    (void)state;
    static char longest[65536];
    memset(longest, 'v', sizeof longest);
    unsigned cleaned;
    fresh();
    point_clear(&point);
    point.measurement = TEXT("m");
    assert_int_equal(point_tag(&point, TEXT("t"), (struct text){longest, 65531 - 4 - 1}), ERR_OK);
    assert_int_equal(point_bool(&point, TEXT("f"), true), ERR_OK);
    buf_reset(&line);
    assert_int_equal(line_encode(&point, &line, &cleaned, NULL), ERR_OK);
    struct answer answer = client_post(&client, buf_cstr(&line), 1);
    assert_outcome(answer, OUTCOME_STORED);

    buf_reset(&line); /* one byte more is what the encoder refuses, and rightly */
    buf_string(&line, "m,t=v");
    buf_append(&line, longest, 65531 - 4 - 1);
    buf_string(&line, " f=true\n");
    answer = client_post(&client, buf_cstr(&line), 1);
    assert_outcome(answer, OUTCOME_REJECTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_trap_comes_back_as_one_point),
        cmocka_unit_test(traps_do_not_reach_the_next_line),
        cmocka_unit_test(a_stranger_s_line_means_here_what_it_means_there),
        cmocka_unit_test(lines_are_cut_where_the_server_cuts),
        cmocka_unit_test(an_open_quote_takes_the_rest),
        cmocka_unit_test(the_longest_names_are_stored),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
