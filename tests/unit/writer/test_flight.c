/* flight against a scripted server: influx_write is replaced at link time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "influx/setup.h"
#include "writer/flight.h"

/* --- the server --------------------------------------------------------------- */

struct influx_write {
    const char *poison;   /* lines that hold this are refused */
    enum outcome refusal; /* what a body with a poison line comes to */
    bool names_lines;     /* as 3.x does */
    unsigned away;        /* so many posts get no answer first */
    unsigned posts;
    struct buf stored;
    void *context;
    void (*done)(void *context, const struct influx_result *result);
    struct text body;
    size_t lines;
};

static struct influx_write fake;

enum err influx_write_open(struct http *http, const struct settings *settings,
                           struct influx_write **ret_write, struct err_reason *why)
{
    (void)http, (void)settings, (void)why;
    *ret_write = &fake;
    return ERR_OK;
}

void influx_write_close(struct influx_write *w)
{
    (void)w;
}

struct server *influx_write_server(struct influx_write *w)
{
    (void)w;
    return NULL;
}

const char *influx_write_version(const struct influx_write *w)
{
    (void)w;
    return "fake";
}

unsigned influx_write_parallel(const struct influx_write *w)
{
    (void)w;
    return 1;
}

static const struct influx_result well = {
    .outcome = OUTCOME_STORED, .status = 204, .words = "", .retry_after_ms = -1};

enum err influx_write_probe(struct influx_write *w, void *context,
                            void (*done)(void *context, const struct influx_result *result))
{
    (void)w;
    done(context, &well);
    return ERR_OK;
}

enum err influx_setup_start(struct influx_write *w, void *context,
                            void (*done)(void *context, const struct influx_result *result))
{
    (void)w;
    done(context, &well);
    return ERR_OK;
}

enum err influx_write_post(struct influx_write *w, struct text lines, size_t line_count,
                           void *context,
                           void (*done)(void *context, const struct influx_result *result))
{
    w->posts++;
    w->context = context;
    w->done = done;
    w->body = lines;
    w->lines = line_count;
    return ERR_OK;
}

/* Answers the post that is under way. */
static void answer(void)
{
    struct influx_result result = well;
    struct dialect_bad bad[16];
    result.bad = bad;
    if (fake.away > 0) {
        fake.away--;
        result.outcome = OUTCOME_RETRY;
        result.words = "no answer";
        fake.done(fake.context, &result);
        return;
    }
    struct text rest = fake.body;
    for (uint32_t number = 0; rest.len > 0; number++) {
        const char *end = memchr(rest.at, '\n', rest.len);
        struct text line = {rest.at, (size_t)(end - rest.at) + 1};
        rest = (struct text){line.at + line.len, rest.len - line.len};
        if (!memmem(line.at, line.len, fake.poison, strlen(fake.poison)))
            continue;
        result.outcome = fake.refusal;
        result.words = "poison";
        if (fake.names_lines) {
            bad[result.bad_count].line = number;
            snprintf(bad[result.bad_count++].words, sizeof bad[0].words, "named");
        }
    }
    if (result.outcome == OUTCOME_STORED)
        buf_text(&fake.stored, fake.body);
    fake.done(fake.context, &result);
}

/* --- the flight --------------------------------------------------------------- */

struct landing {
    bool landed;
    struct buf refused;
    uint64_t record;
};

static void refused(void *context, struct journal_position at, struct text line, const char *words)
{
    struct landing *landing = context;
    landing->record = at.number;
    buf_printf(&landing->refused, "%s:%.*s", words, TEXT_ARGS(line));
}

static void landed(void *context)
{
    ((struct landing *)context)->landed = true;
}

static int64_t now_ns;
static int64_t read_clock(void *context)
{
    (void)context;
    return now_ns;
}

static void fly(struct landing *landing, struct flight *flight, unsigned lines, unsigned poison_at)
{
    struct settings settings = {.influxdb = {.database = (char *)"d"}};
    struct store *store = NULL;
    struct metrics *metrics = metrics_new();
    struct store_options options = {
        .settings = &settings, .metrics = metrics, .clock = {read_clock, read_clock, NULL}};
    struct batch batch;
    now_ns = 1;
    assert_int_equal(store_open(&options, &store, NULL), ERR_OK);
    (void)store_turn(store);
    assert_true(store_turn(store));
    batch_open(&batch, 1);
    for (unsigned i = 0; i < lines; i++) {
        char line[64];
        snprintf(line, sizeof line, "m%s v=%u %u\n", i == poison_at ? "BAD" : "", i, i);
        batch_record(&batch, (struct journal_position){.number = i + 1});
        batch_add(&batch, text_of(line), 0);
    }
    *flight =
        (struct flight){.stores = &store, .context = landing, .refused = refused, .landed = landed};
    flight_start(flight, &batch);
    for (unsigned i = 0; i < 1000 && !landing->landed; i++) {
        answer();
        if (!landing->landed) {
            now_ns += 20 * CLOCK_NS_PER_S;
            assert_true(store_turn(store));
            flight_post(flight);
        }
    }
    assert_true(landing->landed);
    batch_close(&batch);
    store_close(store);
    metrics_free(metrics);
}

static size_t count_lines(const struct buf *b)
{
    size_t count = 0;
    for (size_t i = 0; i < b->len; i++)
        count += b->data[i] == '\n';
    return count;
}

static void check_one_bad_of(unsigned lines, unsigned bad, enum outcome refusal, bool names)
{
    struct landing landing = {0};
    struct flight flight;
    fake = (struct influx_write){.poison = "BAD", .refusal = refusal, .names_lines = names};
    fly(&landing, &flight, lines, bad);
    char expected[80];
    snprintf(expected, sizeof expected, "%s:mBAD v=%u %u\n", names ? "named" : "poison", bad, bad);
    assert_string_equal(buf_cstr(&landing.refused), expected);
    assert_int_equal(landing.record, bad + 1);
    assert_int_equal(flight.rejected, 1);
    assert_int_equal(flight.stored, lines - 1);
    if (!names)
        assert_int_equal(count_lines(&fake.stored), lines - 1);
    buf_free(&landing.refused);
    buf_free(&fake.stored);
}

static void one_bad_line_costs_one_line(void **state)
{
    (void)state;
    static const enum outcome refusals[] = {OUTCOME_SPLIT, OUTCOME_RETRY_BOUNDED, OUTCOME_REJECTED};
    for (size_t i = 0; i < 3; i++) {
        check_one_bad_of(5000, 0, refusals[i], false);
        check_one_bad_of(5000, 2500, refusals[i], false);
        check_one_bad_of(5000, 4999, refusals[i], false);
        check_one_bad_of(1, 0, refusals[i], false);
        check_one_bad_of(2, 1, refusals[i], false);
    }
}

static void a_named_bad_line_needs_no_second_post(void **state)
{
    (void)state;
    check_one_bad_of(5000, 17, OUTCOME_REJECTED, true);
    assert_int_equal(fake.posts, 1);
}

static void all_bad_lines_are_refused_one_by_one(void **state)
{
    (void)state;
    struct landing landing = {0};
    struct flight flight;
    fake = (struct influx_write){.poison = "m", .refusal = OUTCOME_SPLIT};
    fly(&landing, &flight, 100, 1000);
    assert_int_equal(flight.rejected, 100);
    assert_int_equal(flight.stored, 0);
    buf_free(&landing.refused);
}

static void a_server_that_is_away_gets_the_same_bytes_again_without_a_bound(void **state)
{
    (void)state;
    struct landing landing = {0};
    struct flight flight;
    fake = (struct influx_write){.poison = "BAD", .refusal = OUTCOME_SPLIT, .away = 200};
    fly(&landing, &flight, 10, 1000);
    assert_int_equal(fake.posts, 201);
    assert_int_equal(flight.stored, 10);
    assert_int_equal(count_lines(&fake.stored), 10);
    buf_free(&fake.stored);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_bad_line_costs_one_line),
        cmocka_unit_test(a_named_bad_line_needs_no_second_post),
        cmocka_unit_test(all_bad_lines_are_refused_one_by_one),
        cmocka_unit_test(a_server_that_is_away_gets_the_same_bytes_again_without_a_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
