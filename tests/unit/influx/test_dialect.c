#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "influx/dialect.h"

static struct http_reply reply_of(long status, const char *version, const char *body)
{
    return (struct http_reply){.status = status,
                               .body = text_of(body),
                               .server_version = text_of(version),
                               .retry_after_ms = -1,
                               .error = ""};
}

static void the_ping_tells_the_version(void **state)
{
    (void)state;
    static const struct {
        long status;
        const char *version, *body;
        enum dialect dialect;
    } rows[] = {
        {204, "1.6.7~rc0", "", DIALECT_1},
        {204, "1.8.10", "", DIALECT_1},
        {200, "1.8.10", "{\"version\":\"1.8.10\"}", DIALECT_1},
        {401, "1.8.10", "{\"error\":\"unable to parse authentication credentials\"}", DIALECT_1},
        {204, "v2.7.12", "", DIALECT_2},
        {204, "2.0.4", "", DIALECT_2},
        {200, "3.10.1", "{\"version\":\"3.10.1\",\"revision\":\"x\"}", DIALECT_3},
        {200, "", "{\"version\":\"3.0.0\",\"revision\":\"x\"}", DIALECT_3},
        {401, "", "{\"error\": \"the request was not authenticated\"}", DIALECT_3},
        {401, "", "", DIALECT_3},
        {401, "", "<html>401</html>", DIALECT_UNKNOWN},
        {200, "", "<html>hello</html>", DIALECT_UNKNOWN},
        {200, "", "{\"version\":\"8.6.0\"}", DIALECT_UNKNOWN},
        {200, "", "{\"version\":30}", DIALECT_UNKNOWN},
        {204, "", "", DIALECT_UNKNOWN},
        {404, "", "404 page not found", DIALECT_UNKNOWN},
        {204, "10.1", "", DIALECT_UNKNOWN},
        {204, "v", "", DIALECT_UNKNOWN},
        {0, "", "", DIALECT_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct http_reply reply = reply_of(rows[i].status, rows[i].version, rows[i].body);
        if (dialect_from_ping(&reply) != rows[i].dialect)
            fail_msg("row %zu: %s", i, dialect_name(dialect_from_ping(&reply)));
    }
}

static void names_in_addresses_are_encoded(void **state)
{
    (void)state;
    static const struct {
        enum dialect dialect;
        struct dialect_target target;
        const char *url;
    } rows[] = {
        {DIALECT_1, {"http://h:8086", "home", "", ""}, "http://h:8086/write?db=home"},
        {DIALECT_1,
         {"http://h:8086/", "a b&p=\xC3\xBC", "", ""},
         "http://h:8086/write?db=a%20b%26p%3D%C3%BC"},
        {DIALECT_1, {"https://h/influx//", "x-._~9Z", "", ""}, "https://h/influx/write?db=x-._~9Z"},
        {DIALECT_2,
         {"http://h:8086", "home/raw", "", "my org"},
         "http://h:8086/api/v2/write?bucket=home%2Fraw&precision=ns&org=my%20org"},
        {DIALECT_2,
         {"http://h:8086", "home", "", ""},
         "http://h:8086/api/v2/write?bucket=home&precision=ns"},
        {DIALECT_1,
         {"http://h:8086", "home", "two days", ""},
         "http://h:8086/write?db=home&rp=two%20days"},
        {DIALECT_2,
         {"http://h:8086", "home", "two days", ""},
         "http://h:8086/api/v2/write?bucket=home&precision=ns"},
        {DIALECT_3,
         {"http://h:8181/", "home", "", "ignored"},
         "http://h:8181/api/v3/write_lp?db=home&precision=nanosecond&accept_partial=true"},
    };
    struct buf url = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        buf_reset(&url);
        dialect_write_url(rows[i].dialect, &rows[i].target, &url);
        assert_string_equal(buf_cstr(&url), rows[i].url);
    }
    buf_reset(&url);
    dialect_query_url(DIALECT_3, &rows[7].target, &url);
    assert_string_equal(buf_cstr(&url), "http://h:8181/query");
    buf_free(&url);
}

static void credentials_have_the_form_of_the_version(void **state)
{
    (void)state;
    static const struct {
        enum dialect dialect;
        struct dialect_credentials credentials;
        const char *header;
    } rows[] = {
        {DIALECT_1, {"", "", ""}, ""},
        {DIALECT_1, {"Aladdin", "open sesame", ""}, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="},
        {DIALECT_1, {"u", "p", "t"}, "Basic dTpw"},
        {DIALECT_1, {"u", "", ""}, "Basic dTo="},
        {DIALECT_1, {"", "", "jwt"}, "Bearer jwt"},
        {DIALECT_2, {"u", "p", "t=="}, "Token t=="},
        {DIALECT_2, {"u", "p", ""}, "Basic dTpw"},
        {DIALECT_3, {"", "", "apiv3_x"}, "Bearer apiv3_x"},
        {DIALECT_3, {"any", "pp", ""}, "Basic YW55OnBw"},
        {DIALECT_UNKNOWN, {"u", "p", "t"}, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf header = {0};
        dialect_authorization(rows[i].dialect, &rows[i].credentials, &header);
        assert_string_equal(buf_cstr(&header), rows[i].header);
        buf_free(&header);
    }
}

#define V2_PARTIAL                                                                                 \
    "{\"code\":\"unprocessable entity\",\"message\":\"failure writing points to database: "        \
    "partial write: field type conflict: input field \\\"f\\\" on measurement \\\"m\\\" is type "  \
    "string, already exists as type float dropped=1\"}"

/* Each row is a reply on record; `several` is its outcome for three lines, `one` for one. */
static void every_recorded_reply_has_its_outcome(void **state)
{
    (void)state;
    static const struct {
        enum dialect dialect;
        long status;
        const char *body;
        enum outcome several, one;
        const char *words; /* NULL: not looked at */
    } rows[] = {
        /* success */
        {DIALECT_1, 204, "", OUTCOME_STORED, OUTCOME_STORED, ""},
        {DIALECT_2, 204, "", OUTCOME_STORED, OUTCOME_STORED, ""},
        {DIALECT_3, 204, "", OUTCOME_STORED, OUTCOME_STORED, ""},
        {DIALECT_1, 200, "", OUTCOME_STORED, OUTCOME_STORED, ""},
        /* a 2xx with something to say is no success */
        {DIALECT_1, 200, "{\"results\":[{\"statement_id\":0,\"error\":\"x\"}]}", OUTCOME_FAULT,
         OUTCOME_FAULT, NULL},
        {DIALECT_1, 200, "<html>Log in</html>", OUTCOME_FAULT, OUTCOME_FAULT,
         "<html>Log in</html>"},
        {DIALECT_1, 302, "", OUTCOME_FAULT, OUTCOME_FAULT, NULL},
        /* 1.x: bad lines */
        {DIALECT_1, 400, "{\"error\":\"unable to parse 'm f=': missing field value\"}",
         OUTCOME_SPLIT, OUTCOME_REJECTED, "unable to parse 'm f=': missing field value"},
        {DIALECT_1, 400,
         "{\"error\":\"partial write: unable to parse 'm f=': missing field value dropped=0\"}",
         OUTCOME_SPLIT, OUTCOME_REJECTED, NULL},
        {DIALECT_1, 400,
         "{\"error\":\"partial write: field type conflict: input field \\\"f\\\" on measurement "
         "\\\"m\\\" is type string, already exists as type float dropped=1\"}",
         OUTCOME_SPLIT, OUTCOME_REJECTED, NULL},
        {DIALECT_1, 400, "{\"error\":\"partial write: points beyond retention policy dropped=1\"}",
         OUTCOME_SPLIT, OUTCOME_REJECTED,
         "partial write: points beyond retention policy dropped=1"},
        {DIALECT_1, 400,
         "{\"error\":\"partial write: invalid tag key: input tag \\\"time\\\" on measurement "
         "\\\"m\\\" is invalid dropped=1\"}",
         OUTCOME_SPLIT, OUTCOME_REJECTED, NULL},
        {DIALECT_1, 400,
         "{\"error\":\"partial write: max-series-per-database limit exceeded: (5) dropped=2\"}",
         OUTCOME_SPLIT, OUTCOME_REJECTED, NULL},
        {DIALECT_1, 400, "{\"error\":\"unexpected EOF\"}", OUTCOME_SPLIT, OUTCOME_REJECTED, NULL},
        {DIALECT_1, 413, "{\"error\":\"Request Entity Too Large\"}", OUTCOME_SPLIT,
         OUTCOME_REJECTED, NULL},
        {DIALECT_1, 500, "{\"error\":\"partial write: something dropped=1\"}", OUTCOME_SPLIT,
         OUTCOME_REJECTED, NULL},
        {DIALECT_1, 500, "{\"error\":\"unable to parse 'm'\"}", OUTCOME_SPLIT, OUTCOME_REJECTED,
         NULL},
        /* a refusal whose head was longer than curl takes has no body for us */
        {DIALECT_1, 400, "", OUTCOME_SPLIT, OUTCOME_REJECTED, "HTTP status 400 without words"},
        /* 1.x: the server's state */
        {DIALECT_1, 500, "{\"error\":\"timeout\"}", OUTCOME_RETRY, OUTCOME_RETRY, "timeout"},
        {DIALECT_1, 500, "{\"error\":\"engine: cache-max-memory-size exceeded: (1/2)\"}",
         OUTCOME_RETRY, OUTCOME_RETRY, NULL},
        {DIALECT_1, 500, "{\"error\":\"engine: something else\"}", OUTCOME_RETRY_BOUNDED,
         OUTCOME_RETRY_BOUNDED, NULL},
        {DIALECT_1, 503, "request throttled, queue full", OUTCOME_RETRY, OUTCOME_RETRY,
         "request throttled, queue full"},
        {DIALECT_1, 429, "", OUTCOME_RETRY, OUTCOME_RETRY, NULL},
        {DIALECT_1, 408, "", OUTCOME_RETRY, OUTCOME_RETRY, NULL},
        {DIALECT_1, 502, "<html>Bad Gateway</html>", OUTCOME_RETRY, OUTCOME_RETRY, NULL},
        {DIALECT_1, 504, "", OUTCOME_RETRY, OUTCOME_RETRY, NULL},
        {DIALECT_1, 501, "", OUTCOME_RETRY_BOUNDED, OUTCOME_RETRY_BOUNDED, NULL},
        {DIALECT_1, 0, "", OUTCOME_RETRY, OUTCOME_RETRY, NULL},
        /* 1.x: the configuration */
        {DIALECT_1, 404, "{\"error\":\"database not found: \\\"x\\\"\"}", OUTCOME_FAULT,
         OUTCOME_FAULT, "database not found: \"x\""},
        {DIALECT_1, 500, "{\"error\":\"database not found: \\\"x\\\"\"}", OUTCOME_FAULT,
         OUTCOME_FAULT, NULL},
        {DIALECT_1, 500, "{\"error\":\"retention policy not found: x\"}", OUTCOME_FAULT,
         OUTCOME_FAULT, NULL},
        {DIALECT_1, 400, "{\"error\":\"database is required\"}", OUTCOME_FAULT, OUTCOME_FAULT,
         NULL},
        {DIALECT_1, 401, "{\"error\":\"authorization failed\"}", OUTCOME_FAULT, OUTCOME_FAULT,
         NULL},
        {DIALECT_1, 403, "{\"error\":\"\\\"r\\\" user is not authorized to write to database\"}",
         OUTCOME_FAULT, OUTCOME_FAULT, NULL},
        {DIALECT_1, 405, "Method Not Allowed", OUTCOME_FAULT, OUTCOME_FAULT, NULL},
        /* a stranger's words inside an error change nothing */
        {DIALECT_1, 400, "{\"error\":\"unable to parse 'database not found': missing fields\"}",
         OUTCOME_SPLIT, OUTCOME_REJECTED, NULL},
        {DIALECT_1, 500, "{\"error\":\"panic: timeout retention policy not found\"}",
         OUTCOME_RETRY_BOUNDED, OUTCOME_RETRY_BOUNDED, NULL},
        /* 2.x */
        {DIALECT_2, 400,
         "{\"code\":\"invalid\",\"message\":\"unable to parse 'm f=': missing field value\"}",
         OUTCOME_SPLIT, OUTCOME_REJECTED, "unable to parse 'm f=': missing field value"},
        {DIALECT_2, 422, V2_PARTIAL, OUTCOME_SPLIT, OUTCOME_REJECTED, NULL},
        {DIALECT_2, 500, V2_PARTIAL, OUTCOME_SPLIT, OUTCOME_REJECTED, NULL},
        {DIALECT_2, 413, "{\"code\":\"request too large\",\"message\":\"x\"}", OUTCOME_SPLIT,
         OUTCOME_REJECTED, NULL},
        {DIALECT_2, 401, "{\"code\":\"unauthorized\",\"message\":\"unauthorized access\"}",
         OUTCOME_FAULT, OUTCOME_FAULT, "unauthorized access"},
        {DIALECT_2, 403, "{\"code\":\"forbidden\",\"message\":\"insufficient permissions\"}",
         OUTCOME_FAULT, OUTCOME_FAULT, NULL},
        {DIALECT_2, 404, "{\"code\":\"not found\",\"message\":\"bucket \\\"x\\\" not found\"}",
         OUTCOME_FAULT, OUTCOME_FAULT, NULL},
        {DIALECT_2, 400, "{\"code\":\"invalid\",\"message\":\"missing db\"}", OUTCOME_FAULT,
         OUTCOME_FAULT, NULL},
        {DIALECT_2, 500, "{\"code\":\"internal error\",\"message\":\"internal error\"}",
         OUTCOME_RETRY_BOUNDED, OUTCOME_RETRY_BOUNDED, NULL},
        {DIALECT_2, 500,
         "{\"code\":\"internal error\",\"message\":\"unexpected error writing points to database: "
         "timeout\"}",
         OUTCOME_RETRY, OUTCOME_RETRY, NULL},
        {DIALECT_2, 429, "", OUTCOME_RETRY, OUTCOME_RETRY, NULL},
        {DIALECT_2, 503, "", OUTCOME_RETRY, OUTCOME_RETRY, NULL},
        /* 3.x */
        {DIALECT_3, 400, "{\"error\":\"incoming write was empty\",\"data\":null}", OUTCOME_SPLIT,
         OUTCOME_REJECTED, NULL},
        {DIALECT_3, 400,
         "{\"error\":\"line protocol parsing error\",\"data\":{\"original_line\":\"a f=1\","
         "\"line_number\":1,\"error_message\":\"x\"}}",
         OUTCOME_SPLIT, OUTCOME_REJECTED, NULL},
        {DIALECT_3, 400,
         "{\"error\":\"db name did not start with a number or letter\",\"data\":null}",
         OUTCOME_FAULT, OUTCOME_FAULT, NULL},
        {DIALECT_3, 400,
         "{\"error\":\"invalid character in database name: must be ASCII, containing only "
         "letters, numbers, underscores, or hyphens\"}",
         OUTCOME_FAULT, OUTCOME_FAULT, NULL},
        {DIALECT_3, 400,
         "{\"error\": \"Authorization header was malformed and should be in the form "
         "'Authorization: Bearer <token>'\"}",
         OUTCOME_FAULT, OUTCOME_FAULT, NULL},
        {DIALECT_3, 401, "{\"error\": \"the request was not authenticated\"}", OUTCOME_FAULT,
         OUTCOME_FAULT, NULL},
        {DIALECT_3, 403, "", OUTCOME_FAULT, OUTCOME_FAULT, "HTTP status 403 without words"},
        {DIALECT_3, 404, "Not found", OUTCOME_FAULT, OUTCOME_FAULT, "Not found"},
        {DIALECT_3, 413, "max request size (10485760 bytes) exceeded", OUTCOME_SPLIT,
         OUTCOME_REJECTED, "max request size (10485760 bytes) exceeded"},
        {DIALECT_3, 422, "{\"error\":\"too many columns\"}", OUTCOME_SPLIT, OUTCOME_REJECTED, NULL},
        {DIALECT_3, 429, "too many requests", OUTCOME_RETRY, OUTCOME_RETRY, NULL},
        {DIALECT_3, 500, "{\"error\":\"write buffer full\"}", OUTCOME_RETRY_BOUNDED,
         OUTCOME_RETRY_BOUNDED, NULL},
        {DIALECT_3, 503, "", OUTCOME_RETRY, OUTCOME_RETRY, NULL},
    };
    struct text sent = TEXT("a f=1\nb f=1\nc f=1\n");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct http_reply reply = reply_of(rows[i].status, "", rows[i].body);
        struct dialect_bad bad[4];
        char words[DIALECT_WORDS_SIZE];
        size_t count = 77;
        enum outcome several =
            dialect_outcome(rows[i].dialect, &reply, sent, 3, words, bad, 4, &count);
        if (several != rows[i].several || count != 0)
            fail_msg("row %zu, three lines: %s, %zu bad (%s)", i, dialect_outcome_name(several),
                     count, words);
        if (rows[i].words)
            assert_string_equal(words, rows[i].words);
        enum outcome one =
            dialect_outcome(rows[i].dialect, &reply, TEXT("a f=1\n"), 1, words, bad, 4, &count);
        if (one != rows[i].one || count != (one == OUTCOME_REJECTED))
            fail_msg("row %zu, one line: %s, %zu bad", i, dialect_outcome_name(one), count);
        if (one == OUTCOME_REJECTED) {
            assert_int_equal(bad[0].line, 0);
            assert_true(*bad[0].words);
        }
    }
}

#define PARTIAL(data) "{\"error\":\"partial write of line protocol occurred\",\"data\":" data "}"
#define NAMED(number, line, words)                                                                 \
    "{\"original_line\":\"" line "\",\"line_number\":" #number ",\"error_message\":\"" words "\"}"

static void the_lines_that_3_names_are_rejected(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        enum outcome outcome;
        size_t count;
        uint32_t lines[2];
    } rows[] = {
        {PARTIAL("[" NAMED(2, "b f=\\\"x\\\"", "no") "]"), OUTCOME_REJECTED, 1, {1}},
        {PARTIAL("[" NAMED(2, "b f=\\\"x\\\"", "no") "," NAMED(4, "d f=1", "no") "]"),
         OUTCOME_REJECTED,
         2,
         {1, 3}},
        /* the early spelling */
        {"{\"error\":\"partial write of line protocol ocurred\",\"data\":[" NAMED(1, "a f=1",
                                                                                  "n") "]}",
         OUTCOME_REJECTED,
         1,
         {0}},
        /* one line with two faults */
        {PARTIAL("[" NAMED(1, "a f=1", "no") "," NAMED(1, "a f=1", "no") "]"),
         OUTCOME_REJECTED,
         1,
         {0}},
        /* a number that is off by one, as in some versions */
        {PARTIAL("[" NAMED(1, "b f=\\\"x\\\"", "no") "]"), OUTCOME_SPLIT, 0, {0}},
        {PARTIAL("[" NAMED(0, "a f=1", "no") "]"), OUTCOME_SPLIT, 0, {0}},
        {PARTIAL("[" NAMED(5, "a f=1", "no") "]"), OUTCOME_SPLIT, 0, {0}},
        {PARTIAL("[" NAMED(-1, "a f=1", "no") "]"), OUTCOME_SPLIT, 0, {0}},
        {PARTIAL("[" NAMED(1e300, "a f=1", "no") "]"), OUTCOME_SPLIT, 0, {0}},
        /* a newline inside of text: the server counts by newlines, and names half a line */
        {PARTIAL("[" NAMED(3, "c s=\\\"two", "no") "]"), OUTCOME_SPLIT, 0, {0}},
        /* descending, missing or of another shape */
        {PARTIAL("[" NAMED(4, "d f=1", "no") "," NAMED(1, "a f=1", "no") "]"),
         OUTCOME_SPLIT,
         0,
         {0}},
        {PARTIAL("[]"), OUTCOME_SPLIT, 0, {0}},
        {PARTIAL("null"), OUTCOME_SPLIT, 0, {0}},
        {PARTIAL("[7]"), OUTCOME_SPLIT, 0, {0}},
        {PARTIAL("[{\"line_number\":1}]"), OUTCOME_SPLIT, 0, {0}},
        {PARTIAL("[" NAMED(1, "a f=1", "cut off")), OUTCOME_SPLIT, 0, {0}},
        {"{\"error\":\"other\",\"data\":[" NAMED(1, "a f=1", "no") "]}", OUTCOME_SPLIT, 0, {0}},
    };
    struct text sent = TEXT("a f=1\nb f=\"x\"\nc s=\"two\nlines\"\nd f=1\n");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct http_reply reply = reply_of(400, "3.2.0", rows[i].body);
        struct dialect_bad bad[8];
        char words[DIALECT_WORDS_SIZE];
        size_t count = 77;
        enum outcome outcome = dialect_outcome(DIALECT_3, &reply, sent, 4, words, bad, 8, &count);
        if (outcome != rows[i].outcome || count != rows[i].count)
            fail_msg("row %zu: %s, %zu", i, dialect_outcome_name(outcome), count);
        for (size_t n = 0; n < count; n++)
            assert_int_equal(bad[n].line, rows[i].lines[n]);
    }
}

static void a_full_list_may_not_name_all(void **state)
{
    (void)state;
    struct buf sent = {0}, body = {0};
    struct dialect_bad *bad = calloc(128, sizeof *bad);
    assert_non_null(bad);
    for (int entries = 99; entries <= 100; entries++) {
        buf_reset(&sent);
        buf_reset(&body);
        buf_string(&body, "{\"error\":\"partial write of line protocol occurred\",\"data\":[");
        for (int i = 1; i <= 200; i++) {
            buf_printf(&sent, "m f=%d\n", i);
            if (i <= entries)
                buf_printf(&body,
                           "%s{\"original_line\":\"m f=%d\",\"line_number\":%d,"
                           "\"error_message\":\"no\"}",
                           i > 1 ? "," : "", i, i);
        }
        buf_string(&body, "]}");
        struct http_reply reply = reply_of(400, "", buf_cstr(&body));
        char words[DIALECT_WORDS_SIZE];
        size_t count;
        assert_int_equal(
            dialect_outcome(DIALECT_3, &reply, buf_view(&sent), 200, words, bad, 128, &count),
            entries == 99 ? OUTCOME_REJECTED : OUTCOME_SPLIT);
        assert_int_equal(
            dialect_outcome(DIALECT_3, &reply, buf_view(&sent), 200, words, bad, 98, &count),
            OUTCOME_SPLIT);
    }
    free(bad);
    buf_free(&sent);
    buf_free(&body);
}

static void words_are_one_line_and_short(void **state)
{
    (void)state;
    char body[3000], words[DIALECT_WORDS_SIZE];
    struct dialect_bad bad;
    size_t count;
    memset(body, 'x', sizeof body);
    memcpy(body, "a\r\nb\x1b[31m\xFF", 10);
    body[1022] = '\xC3';
    body[1023] = '\xBC';
    struct http_reply reply = {.status = 400, .body = {body, sizeof body}, .error = ""};
    dialect_outcome(DIALECT_1, &reply, TEXT("a f=1\n"), 1, words, &bad, 1, &count);
    assert_memory_equal(words, "a  b [31m?xxx", 13);
    assert_int_equal(strlen(words), 1022); /* the next character would not fit whole */
    assert_int_equal(strlen(bad.words), sizeof bad.words - 1);

    reply = (struct http_reply){.status = 0, .error = "h:1: connection refused"};
    assert_int_equal(dialect_outcome(DIALECT_1, &reply, TEXT("a f=1\n"), 1, words, &bad, 1, &count),
                     OUTCOME_RETRY);
    assert_string_equal(words, "h:1: connection refused");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ping_tells_the_version),
        cmocka_unit_test(names_in_addresses_are_encoded),
        cmocka_unit_test(credentials_have_the_form_of_the_version),
        cmocka_unit_test(every_recorded_reply_has_its_outcome),
        cmocka_unit_test(the_lines_that_3_names_are_rejected),
        cmocka_unit_test(a_full_list_may_not_name_all),
        cmocka_unit_test(words_are_one_line_and_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
