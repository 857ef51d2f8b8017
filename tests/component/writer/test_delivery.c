/* From the journal to a scripted InfluxDB: what becomes of refusals, faults, waits, restarts and a
 * journal that is full. The journal, the decoders, the fold and the HTTP client are the real ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "harness.h"
#include "harness_http.h"
#include "writer/delivery.h"

#define ANSWER_MS 20000
#define START_NS  1792000003000000000LL /* 3 s into a window of 10 s */

#define PING_2                                                                                     \
    {                                                                                              \
        .path = "/ping", .status = 204, .headers = "X-Influxdb-Version: v2.7.12\r\n"               \
    }
#define PING_3                                                                                     \
    {                                                                                              \
        .path = "/ping", .status = 200, .headers = "X-Influxdb-Version: 3.10.1\r\n"                \
    }
#define SETUP                                                                                      \
    {                                                                                              \
        .path = "/api/v2/buckets", .status = 200, .body = "{\"buckets\":[{\"name\":\"b\"}]}"       \
    }

struct world {
    char folder[64], token[80];
    struct settings settings;
    struct sources *sources;
    struct journal *journal;
    struct http *http;
    struct metrics *metrics;
    struct delivery *delivery;
    struct harness_http *server;
    struct log *log;
    FILE *log_file;
    int64_t skipped_ns; /* time that passed without waiting for it */
    struct buf refused;
};

/* Stands still but for what is skipped, so that no rollup window ends by chance. */
static int64_t real_ns(void *context)
{
    return START_NS + ((struct world *)context)->skipped_ns;
}

static int64_t monotonic_ns(void *context)
{
    struct clock system = clock_system();
    return system.monotonic_ns(NULL) + ((struct world *)context)->skipped_ns;
}

static void take_refused(void *context, const struct fold_reject *reject, struct text line)
{
    struct world *w = context;
    buf_printf(&w->refused, "%s %s", reject_id(reject->reason), reject->words);
    if (line.len > 0)
        buf_printf(&w->refused, ": %.*s", TEXT_ARGS(line));
    buf_printf(&w->refused, " of %.*s", TEXT_ARGS(reject->record->payload));
}

/* --- opening and closing ------------------------------------------------------ */

static void open_delivery(struct world *w)
{
    struct err_reason why = {""};
    struct clock clock = {real_ns, monotonic_ns, w};
    struct journal_options journal = {
        .path = w->folder, .max_bytes = w->settings.writer.journal.max_bytes, .clock = clock};
    struct http_options http = {
        .connect_timeout_ms = 2000, .reply_max_bytes = 65536, .connections = 4};
    assert_int_equal(journal_open(&journal, &w->journal, &why), ERR_OK);
    assert_int_equal(http_open(&http, &w->http, &why), ERR_OK);
    assert_int_equal(sources_open(&w->settings, &w->sources, &why), ERR_OK);
    w->metrics = metrics_new();
    w->log = log_open(fileno(w->log_file), LOG_INFO, clock);
    struct delivery_options options = {.settings = &w->settings,
                                       .sources = w->sources,
                                       .journal = w->journal,
                                       .http = w->http,
                                       .log = w->log,
                                       .metrics = w->metrics,
                                       .clock = clock,
                                       .context = w,
                                       .rejected = take_refused};
    if (delivery_open(&options, &w->delivery, &why) != ERR_OK)
        fail_msg("%s", why.text);
}

/* As the writer does at its end; a crash is the same without what delivery_close saves. */
static void close_delivery(struct world *w)
{
    if (w->http)
        http_cancel_all(w->http);
    delivery_close(w->delivery);
    http_close(w->http);
    metrics_free(w->metrics);
    if (w->journal)
        journal_close(w->journal);
    sources_close(w->sources);
    log_close(w->log);
    w->delivery = NULL;
    w->http = NULL;
    w->metrics = NULL;
    w->journal = NULL;
    w->sources = NULL;
    w->log = NULL;
}

static int open_world(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    snprintf(w->folder, sizeof w->folder, "/tmp/hearthline-test-XXXXXX");
    assert_non_null(mkdtemp(w->folder));
    snprintf(w->token, sizeof w->token, "%s/token", w->folder);
    w->log_file = tmpfile();
    w->settings = (struct settings){
        .topic_root = (char *)"hearthline",
        .influxdb = {.database = (char *)"b", .enabled = true, .timeout_ms = 5000},
        .writer = {.batch_lines = 100, .batch_bytes = 1 << 20, .linger_ms = 20}};
    w->settings.writer.journal.max_bytes = 16 << 20;
    *state = w;
    return 0;
}

static int close_world(void **state)
{
    struct world *w = *state;
    char command[128];
    close_delivery(w);
    harness_http_close(w->server);
    snprintf(command, sizeof command, "rm -rf %s", w->folder);
    int failed = system(command);
    fclose(w->log_file);
    buf_free(&w->refused);
    free(w);
    return failed;
}

static void serve(struct world *w, const struct harness_http_rule *rules, size_t count)
{
    w->server = harness_http_open(rules, count);
    assert_non_null(w->server);
    w->settings.influxdb.url = (char *)(uintptr_t)harness_http_url(w->server);
    open_delivery(w);
}

#define SERVE(w, ...)                                                                              \
    do {                                                                                           \
        const struct harness_http_rule rules_[] = {__VA_ARGS__};                                   \
        serve(w, rules_, sizeof rules_ / sizeof rules_[0]);                                        \
    } while (0)

/* --- what happens ------------------------------------------------------------- */

static void say(struct world *w, const char *topic, const char *payload)
{
    bool repeated = false;
    struct journal_record record = {
        .type = JOURNAL_MESSAGE, .qos = 1, .topic = text_of(topic), .payload = text_of(payload)};
    assert_int_not_equal(journal_append_message(w->journal, &record, &repeated), JOURNAL_NO_ROOM);
}

static void say_line(struct world *w, const char *line)
{
    say(w, "hearthline/line", line);
}

static void say_lines(struct world *w, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        char line[40];
        snprintf(line, sizeof line, "m v=%u %u", i, i + 1);
        say_line(w, line);
    }
}

static void turn(struct world *w)
{
    uint32_t wait_ms = delivery_turn(w->delivery);
    http_wait(w->http, NULL, 0, wait_ms < 20 ? wait_ms : 20);
}

static void turns(struct world *w, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        turn(w);
}

static struct delivery_figures figures(const struct world *w)
{
    struct delivery_figures f;
    delivery_figures(w->delivery, &f);
    return f;
}

static void assert_balanced(const struct world *w)
{
    struct ledger l = figures(w).ledger;
    assert_int_equal(l.difference, 0);
    assert_int_equal(l.points_difference, 0);
}

static struct journal_figures journal_now(const struct world *w)
{
    struct journal_figures f;
    journal_figures(w->journal, &f);
    return f;
}

static bool all_delivered(const struct world *w)
{
    return figures(w).cursor_number == journal_now(w).next_number;
}

static void deliver_all(struct world *w)
{
    for (int64_t end = harness_now_ms() + ANSWER_MS; !all_delivered(w); turn(w)) {
        assert_true(harness_now_ms() < end);
        assert_balanced(w); /* at all times */
    }
    assert_true(delivery_idle(w->delivery));
    assert_balanced(w);
}

static void until_posts(struct world *w, size_t count);

/* The Nth write request so far, NULL beyond. */
static const struct harness_http_request *post(struct world *w, size_t index)
{
    for (size_t i = 0; i < harness_http_count(w->server); i++) {
        const struct harness_http_request *request = harness_http_request(w->server, i);
        if (strstr(request->path, "/write") && index-- == 0)
            return request;
    }
    return NULL;
}

static void until_posts(struct world *w, size_t count)
{
    for (int64_t end = harness_now_ms() + ANSWER_MS; !post(w, count - 1); turn(w))
        assert_true(harness_now_ms() < end);
}

static bool log_has(struct world *w, const char *event)
{
    char line[4096];
    bool found = false;
    rewind(w->log_file);
    while (fgets(line, sizeof line, w->log_file))
        found = found || strstr(line, event);
    fseek(w->log_file, 0, SEEK_END);
    return found;
}

/* --- tests -------------------------------------------------------------------- */

static void a_422_costs_the_bad_line_alone(void **state)
{
    struct world *w = *state;
    SERVE(w, PING_2, SETUP,
          {.path = "/api/v2/write", .status = 422, .body = "{\"message\":\"whole\"}", .times = 1},
          {.path = "/api/v2/write", .status = 204, .times = 1},
          {.path = "/api/v2/write", .status = 422, .body = "{\"message\":\"half\"}", .times = 1},
          {.path = "/api/v2/write", .status = 422, .body = "{\"message\":\"alone\"}", .times = 1},
          {.path = "/api/v2/write", .status = 204});
    say_line(w, "m v=1 1");
    say_line(w, "m v=2 2");
    say_line(w, "m v=-3 3");
    say_line(w, "m v=4 4");
    deliver_all(w);
    static const char *const bodies[] = {"m v=1 1\nm v=2 2\nm v=-3 3\nm v=4 4\n",
                                         "m v=1 1\nm v=2 2\n", "m v=-3 3\nm v=4 4\n", "m v=-3 3\n",
                                         "m v=4 4\n"};
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(post(w, i)->body, bodies[i]);
    assert_null(post(w, 5));
    assert_string_equal(buf_cstr(&w->refused), "server alone: m v=-3 3\n of m v=-3 3");
    assert_true(
        log_has(w, "event=influxdb_field_types")); /* not answered, and written all the same */
    struct ledger l = figures(w).ledger;
    assert_int_equal(l.points_stored, 3);
    assert_int_equal(l.points_rejected, 1);
}

static void lines_that_3x_names_are_refused_without_another_post(void **state)
{
    struct world *w = *state;
    SERVE(w, PING_3,
          {.path = "/api/v3/write_lp",
           .status = 400,
           .body = "{\"error\":\"partial write of line protocol occurred\",\"data\":["
                   "{\"original_line\":\"m v=\\\"a\\\" 1\",\"line_number\":1,"
                   "\"error_message\":\"first\"},"
                   "{\"original_line\":\"m v=\\\"c\\\" 3\",\"line_number\":3,"
                   "\"error_message\":\"third\"}]}",
           .times = 1},
          {.path = "/api/v3/write_lp", .status = 204});
    say_line(w, "m v=\"a\" 1\nm v=2 2"); /* one message of two lines */
    say_line(w, "m v=\"c\" 3");
    say_line(w, "m v=4 4");
    deliver_all(w);
    assert_null(post(w, 1));
    assert_string_equal(buf_cstr(&w->refused), "server first: m v=\"a\" 1\n of m v=\"a\" 1\nm v=2 2"
                                               "server third: m v=\"c\" 3\n of m v=\"c\" 3");
    assert_int_equal(figures(w).ledger.points_stored, 2);
    assert_int_equal(figures(w).ledger.points_rejected, 2);
}

static void on_3x_series_are_posted_side_by_side_and_each_in_one_place(void **state)
{
    struct world *w = *state;
    w->settings.writer.linger_ms = 100;
    SERVE(w, PING_3, {.path = "/api/v3/write_lp", .status = 204, .delay_ms = 50});
    say_line(w, "first v=1 1");
    deliver_all(w); /* from here on it is known that four may be under way */
    for (unsigned i = 0; i < 80; i++) {
        char line[40];
        snprintf(line, sizeof line, "m,room=%u v=1 %u", i % 8, i + 1);
        say_line(w, line);
    }
    deliver_all(w);
    unsigned posts = 0;
    for (unsigned room = 0; room < 8; room++) {
        char series[20];
        unsigned bodies = 0;
        posts = 0;
        snprintf(series, sizeof series, "m,room=%u ", room);
        for (size_t i = 0; post(w, i); i++) {
            posts++;
            bodies += strstr(post(w, i)->body, series) != NULL;
        }
        assert_true(bodies == 1 || posts > 5); /* more batches than one: then each has its own */
    }
    assert_true(posts >= 3);
    assert_true(harness_http_connections(w->server) >= 2);
    assert_int_equal(figures(w).ledger.points_stored, 81);
}

static void write_token(const struct world *w, const char *token)
{
    FILE *file = fopen(w->token, "w");
    assert_non_null(file);
    fprintf(file, "%s\n", token);
    fclose(file);
}

static void a_fault_keeps_everything_until_the_token_is_mended(void **state)
{
    struct world *w = *state;
    char value[128] = "";
    w->settings.influxdb.token_file = w->token;
    write_token(w, "wrong");
    SERVE(w, PING_2, SETUP,
          {.path = "/api/v2/write",
           .status = 401,
           .body = "{\"message\":\"unauthorized access\"}",
           .times = 2},
          {.path = "/api/v2/write", .status = 204});
    say_line(w, "m v=1 1");
    until_posts(w, 1);
    for (int i = 0; i < 5; i++)
        turn(w);
    struct delivery_figures f = figures(w);
    assert_false(f.store.up);
    assert_string_equal(f.store.trouble, "unauthorized access");
    assert_int_equal(f.ledger.points_pending, 1);
    assert_null(post(w, 1)); /* it is not asked again at once */
    w->skipped_ns += 11 * CLOCK_NS_PER_S;
    until_posts(w, 2);
    write_token(w, "right");
    say_line(w, "m v=2 2"); /* what comes meanwhile is kept too */
    for (int i = 0; i < 5; i++)
        turn(w);
    w->skipped_ns += 11 * CLOCK_NS_PER_S;
    deliver_all(w);
    assert_true(harness_http_header(post(w, 0), "Authorization", value, sizeof value));
    assert_string_equal(value, "Token wrong");
    assert_true(harness_http_header(post(w, 2), "Authorization", value, sizeof value));
    assert_string_equal(value, "Token right");
    assert_string_equal(post(w, 2)->body, post(w, 0)->body);
    assert_int_equal(figures(w).ledger.points_stored, 3); /* and the rollup of the first window */
    assert_true(log_has(w, "event=influxdb_fault"));
    assert_true(log_has(w, "event=influxdb_recovered"));
    assert_false(log_has(w, "wrong") || log_has(w, "right"));
    assert_int_equal(w->refused.len, 0);
}

static void retry_after_is_obeyed(void **state)
{
    struct world *w = *state;
    SERVE(w, PING_2, SETUP,
          {.path = "/api/v2/write", .status = 429, .headers = "Retry-After: 1\r\n", .times = 1},
          {.path = "/api/v2/write", .status = 204});
    say_line(w, "m v=1 1");
    deliver_all(w);
    assert_in_range(post(w, 1)->at_ms - post(w, 0)->at_ms, 1000, 1900);
    assert_string_equal(post(w, 1)->body, post(w, 0)->body);
    assert_null(post(w, 2));
}

/* The older system tried a batch three times and lost it (docs/from-http-api.md). */
static void defect_9_a_batch_is_never_given_up(void **state)
{
    struct world *w = *state;
    SERVE(w, PING_2, SETUP, {.path = "/api/v2/write", .status = 503, .times = 5},
          {.path = "/api/v2/write", .status = 204});
    say_line(w, "m v=1 1");
    deliver_all(w);
    assert_string_equal(post(w, 5)->body, post(w, 0)->body);
    assert_null(post(w, 6));
    assert_int_equal(figures(w).ledger.points_stored, 1);
}

static void an_unheard_answer_is_posted_again_as_the_same_bytes(void **state)
{
    struct world *w = *state;
    SERVE(w, PING_2, SETUP, {.path = "/api/v2/write", .status = 0, .times = 2},
          {.path = "/api/v2/write", .status = 204});
    say(w, "hearthline/readings/kitchen", "{\"t\":21.5}"); /* gets its arrival time */
    deliver_all(w);
    assert_string_equal(post(w, 2)->body, post(w, 0)->body);
    assert_non_null(strstr(post(w, 0)->body, "device_metrics,device_id=kitchen t=21.5 "));
}

static void gzip_says_the_same(void **state)
{
    struct world *w = *state;
    char value[32], plain[256] = "";
    w->settings.influxdb.gzip = true;
    SERVE(w, PING_2, SETUP, {.path = "/api/v2/write", .status = 204});
    say_line(w, "m v=1 1");
    say_line(w, "m v=2 2");
    deliver_all(w);
    const struct harness_http_request *request = post(w, 0);
    assert_true(harness_http_header(request, "Content-Encoding", value, sizeof value));
    assert_string_equal(value, "gzip");
    z_stream z = {.next_in = (Bytef *)request->body,
                  .avail_in = (uInt)request->body_len,
                  .next_out = (Bytef *)plain,
                  .avail_out = sizeof plain - 1};
    assert_int_equal(inflateInit2(&z, 31), Z_OK);
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    inflateEnd(&z);
    assert_string_equal(plain, "m v=1 1\nm v=2 2\n");
}

/* The process ends while a body is under way: the same lines go out again after the next start. */
static void after_a_restart_the_same_lines_go_out(void **state)
{
    struct world *w = *state;
    SERVE(w, PING_2, SETUP, {.path = "/api/v2/write", .status = 204, .times = 1},
          {.path = "/api/v2/write", .status = 503, .times = 1},
          {.path = "/api/v2/write", .status = 204});
    say_line(w, "m v=1 1");
    deliver_all(w);
    say(w, "hearthline/readings/kitchen", "[{\"t\":21.5},{\"t\":22},{\"bad\":{}}]");
    say(w, "hearthline/readings/kitchen", "no reading");
    until_posts(w, 2);
    uint64_t number = journal_now(w).next_number;
    close_delivery(w);
    buf_reset(&w->refused);
    open_delivery(w);
    assert_int_equal(journal_now(w).next_number, number);
    assert_balanced(w);
    deliver_all(w);
    assert_string_equal(post(w, 2)->body, post(w, 1)->body);
    struct ledger l = figures(w).ledger;
    assert_int_equal(l.received, 3);
    assert_int_equal(l.decoded, 2);
    assert_int_equal(l.rejected, 1);
    assert_int_equal(l.points_stored, 3);
}

static void a_damaged_state_is_made_again(void **state)
{
    struct world *w = *state;
    char path[128];
    SERVE(w, PING_2, SETUP, {.path = "/api/v2/write", .status = 204});
    for (unsigned i = 0; i < 20; i++)
        say(w, "hearthline/readings/kitchen", i % 5 ? "{\"t\":21.5}" : "no reading");
    deliver_all(w);
    struct ledger before = figures(w).ledger;
    close_delivery(w);
    snprintf(path, sizeof path, "%s/state", w->folder);
    assert_int_equal(truncate(path, 70), 0);
    open_delivery(w);
    assert_true(log_has(w, "event=state_unusable"));
    assert_balanced(w);
    struct ledger after = figures(w).ledger;
    assert_int_equal(after.received, before.received);
    assert_int_equal(after.decoded, before.decoded);
    assert_int_equal(after.rejected, before.rejected);
    assert_int_equal(after.points_made, before.points_made);
    size_t posts = harness_http_count(w->server);
    for (int i = 0; i < 10; i++)
        turn(w);
    for (size_t i = posts; i < harness_http_count(w->server); i++) /* nothing is sent twice */
        assert_null(strstr(harness_http_request(w->server, i)->path, "/write"));
}

static void a_changed_mapping_is_said_and_stays_in_balance(void **state)
{
    struct world *w = *state;
    SERVE(w, PING_2, SETUP, {.path = "/api/v2/write", .status = 204, .times = 1},
          {.path = "/api/v2/write", .status = 503, .times = 1},
          {.path = "/api/v2/write", .status = 204});
    say_line(w, "m v=1 1");
    deliver_all(w);
    close_delivery(w);
    struct settings_tag tag = {(char *)"site", (char *)"home"};
    w->settings.tags = &tag;
    w->settings.tags_count = 1;
    open_delivery(w);
    assert_true(log_has(w, "event=mapping_changed"));
    say_line(w, "m v=2 2");
    deliver_all(w);
    assert_string_equal(post(w, 2)->body, "m,site=home v=2 2\n");
    w->settings.tags = NULL;
    w->settings.tags_count = 0;
}

static void what_waited_in_the_journal_does_not_linger_again(void **state)
{
    struct world *w = *state;
    w->settings.writer.linger_ms = 3600000;
    SERVE(w, PING_2, SETUP, {.path = "/api/v2/write", .status = 204});
    say_line(w, "m v=1 1");
    w->skipped_ns += 7200 * CLOCK_NS_PER_S;
    deliver_all(w);
    assert_string_equal(post(w, 0)->body, "m v=1 1\n");
    say_line(w, "m v=2 2");
    turns(w, 20);
    assert_null(post(w, 1)); /* it came just now */
}

static void the_rest_of_a_burst_does_not_linger(void **state)
{
    struct world *w = *state;
    w->settings.writer.linger_ms = 3600000;
    SERVE(w, PING_2, SETUP, {.path = "/api/v2/write", .status = 204});
    say_lines(w, 101);
    for (int64_t end = harness_now_ms() + ANSWER_MS; figures(w).lines_done < 100; turn(w))
        assert_true(harness_now_ms() < end);
    turns(w, 20);
    assert_null(post(w, 1)); /* more may come yet */
    w->skipped_ns += 30 * CLOCK_NS_PER_MS;
    deliver_all(w);
    assert_string_equal(post(w, 1)->body, "m v=100 101\n");
    say_line(w, "m v=2 2");
    turns(w, 20);
    w->skipped_ns += 30 * CLOCK_NS_PER_MS;
    turns(w, 20);
    assert_null(post(w, 2)); /* the rest was no full batch: this one lingers */
}

static void at_the_end_what_is_decoded_goes_out_at_once(void **state)
{
    struct world *w = *state;
    w->settings.writer.linger_ms = 3600000;
    SERVE(w, PING_2, SETUP, {.path = "/api/v2/write", .status = 204});
    say_line(w, "m v=1 1");
    turns(w, 20);
    assert_null(post(w, 0));
    assert_false(delivery_idle(w->delivery));
    delivery_stop(w->delivery);
    say_line(w, "m v=2 2"); /* is read after the next start */
    for (int64_t end = harness_now_ms() + ANSWER_MS; !delivery_idle(w->delivery); turn(w))
        assert_true(harness_now_ms() < end);
    assert_string_equal(post(w, 0)->body, "m v=1 1\n");
    assert_int_equal(figures(w).ledger.pending, 1);
    assert_balanced(w);
}

static void without_influxdb_nothing_is_read_or_sent(void **state)
{
    struct world *w = *state;
    w->settings.influxdb.enabled = false;
    SERVE(w, PING_2);
    say_line(w, "m v=1 1");
    assert_int_equal(delivery_turn(w->delivery), 1000);
    assert_true(delivery_may_sleep(w->delivery));
    assert_int_equal(harness_http_count(w->server), 0);
    assert_int_equal(figures(w).ledger.pending, 1);
    assert_balanced(w);
}

static void a_batch_is_bounded_by_its_lines(void **state)
{
    struct world *w = *state;
    w->settings.writer.batch_lines = 10;
    SERVE(w, PING_2, SETUP, {.path = "/api/v2/write", .status = 204});
    say_lines(w, 35);
    deliver_all(w);
    assert_non_null(post(w, 3));
    assert_null(post(w, 4));
    assert_non_null(strstr(post(w, 0)->body, "m v=9 10\n"));
    assert_null(strstr(post(w, 0)->body, "m v=10 11\n"));
    assert_int_equal(figures(w).lines_done, 35);
}

/* With a real server: what another hand takes away is made again, and nothing is lost. */
static void a_database_that_was_dropped_is_made_again(void **state)
{
    struct world *w = *state;
    struct harness *influxd = harness_influxd(NULL);
    char body[512];
    assert_non_null(influxd);
    w->settings.influxdb.url = (char *)(uintptr_t)harness_url(influxd);
    open_delivery(w);
    say_line(w, "m v=1 1");
    deliver_all(w);
    assert_int_equal(harness_request(influxd, "/query?q=DROP+DATABASE+b", "", NULL, body, 512),
                     200);
    say_line(w, "m v=2 2");
    for (int64_t end = harness_now_ms() + ANSWER_MS; figures(w).store.up; turn(w))
        assert_true(harness_now_ms() < end);
    assert_non_null(strstr(figures(w).store.trouble, "database not found"));
    w->skipped_ns += 11 * CLOCK_NS_PER_S;
    deliver_all(w);
    assert_int_equal(
        harness_request(influxd, "/query?db=b&q=SELECT+*+FROM+m", NULL, NULL, body, 512), 200);
    assert_non_null(strstr(body, "[\"1970-01-01T00:00:00.000000002Z\",2]"));
    assert_int_equal(figures(w).ledger.points_stored, 2);
    close_delivery(w);
    harness_close(influxd);
}

/* when_full: drop_oldest, while half of a batch is stored and the other half waits. */
static void giving_up_the_oldest_says_what_was_stored_and_what_not(void **state)
{
    struct world *w = *state;
    static char payload[60000];
    w->settings.writer.journal.max_bytes = 4 << 20;
    SERVE(w, PING_2, SETUP,
          {.path = "/api/v2/write", .status = 422, .body = "{\"message\":\"x\"}", .times = 1},
          {.path = "/api/v2/write", .status = 204, .times = 1},
          {.path = "/api/v2/write", .status = 503});
    say_line(w, "m v=1 1");
    say_line(w, "m v=2 2");
    until_posts(w, 3);
    for (int i = 0; i < 5; i++)
        turn(w);
    memset(payload, ' ', sizeof payload - 1);
    memcpy(payload, "m v=3 3", 7);
    while (!journal_now(w).in_reserve)
        say_line(w, payload);
    delivery_drop_oldest(w->delivery);
    assert_balanced(w);
    struct ledger l = figures(w).ledger;
    assert_int_equal(l.points_stored, 1);
    assert_true(l.points_dropped >= 1);
    assert_true(l.dropped > 0);
    assert_true(journal_now(w).undelivered_bytes <= 2 << 20);
    assert_true(log_has(w, "event=journal_dropped_oldest"));
    const struct harness_http_rule well[] = {PING_2, {.path = "/api/v2/write", .status = 204}};
    harness_http_script(w->server, well, 2);
    w->skipped_ns += 11 * CLOCK_NS_PER_S;
    deliver_all(w);
    struct ledger before = figures(w).ledger;
    close_delivery(w);
    open_delivery(w); /* and it is the same after a restart */
    assert_balanced(w);
    assert_int_equal(figures(w).ledger.dropped, before.dropped);
    assert_int_equal(figures(w).ledger.points_dropped, before.points_dropped);
    assert_int_equal(figures(w).ledger.points_stored, before.points_stored);
}

/* --- several destinations ----------------------------------------------------- */

static char energy_measurement[] = "energy";
static char *energy_measurements[] = {energy_measurement};
static struct settings_destination energy = {.name = (char[]){"energy"},
                                             .database = (char[]){"watts"},
                                             .retention = (char[]){"0"},
                                             .retention_policy = (char[]){""},
                                             .measurements = energy_measurements,
                                             .measurements_count = 1,
                                             .max_bytes = 1 << 20,
                                             .when_full = SETTINGS_DROP_OLDEST};

#define WATTS "/api/v2/write?bucket=watts"

static void use_energy(struct world *w)
{
    w->settings.writer.journal.path = w->folder;
    w->settings.influxdb.destinations = &energy;
    w->settings.influxdb.destinations_count = 1;
}

/* The bodies of all posts to a bucket, one behind the other. */
static void assert_posted(struct world *w, const char *bucket, const char *due)
{
    struct buf bodies = {0};
    for (size_t i = 0; post(w, i); i++)
        if (strstr(post(w, i)->path, bucket))
            buf_string(&bodies, post(w, i)->body);
    assert_string_equal(buf_cstr(&bodies), due);
    buf_free(&bodies);
}

static void each_line_is_posted_to_its_destination(void **state)
{
    struct world *w = *state;
    use_energy(w);
    SERVE(w, PING_2, SETUP, {.path = "/api/v2/write", .status = 204});
    say_line(w, "m v=1 1\nenergy p=2 2");
    say_line(w, "energy p=3 3\nenergy2 v=4 4");
    deliver_all(w);
    assert_posted(w, "bucket=b&", "m v=1 1\nenergy2 v=4 4\n");
    assert_posted(w, "bucket=watts&", "energy p=2 2\nenergy p=3 3\n");
    assert_int_equal(figures(w).ledger.points_stored, 4);
}

static void a_destination_at_fault_parks_its_lines_and_they_go_out_later(void **state)
{
    struct world *w = *state;
    use_energy(w);
    SERVE(w, PING_2, SETUP,
          {.path = WATTS, .status = 404, .body = "{\"message\":\"not found\"}", .times = 1},
          {.path = WATTS, .status = 422, .body = "{\"message\":\"whole\"}", .times = 1},
          {.path = WATTS, .status = 204, .times = 1},
          {.path = WATTS, .status = 422, .body = "{\"message\":\"alone\"}", .times = 1},
          {.path = "/api/v2/write", .status = 204});
    say_line(w, "m v=1 1\nenergy p=2 2");
    deliver_all(w);
    say_line(w, "m v=3 3\nenergy p=-4 4");
    deliver_all(w);
    assert_posted(w, "bucket=b&", "m v=1 1\nm v=3 3\n");
    assert_int_equal(figures(w).parked, 2);
    assert_int_equal(figures(w).ledger.points_pending, 2);
    close_delivery(w); /* they wait over a restart */
    open_delivery(w);
    assert_int_equal(figures(w).parked, 2);
    for (int64_t end = harness_now_ms() + ANSWER_MS; figures(w).parked > 0; turn(w)) {
        assert_true(harness_now_ms() < end);
        assert_balanced(w);
        w->skipped_ns += CLOCK_NS_PER_S;
    }
    assert_balanced(w);
    assert_posted(w, "bucket=watts&",
                  "energy p=2 2\n" /* not found */
                  "energy p=2 2\nenergy p=-4 4\nenergy p=2 2\nenergy p=-4 4\n");
    assert_string_equal(buf_cstr(&w->refused), "server alone: energy p=-4 4\n of ");
    assert_int_equal(figures(w).ledger.points_stored, 3);
    assert_int_equal(figures(w).ledger.points_rejected, 1);
}

/* Only 1.x has them: elsewhere the points would land among the others. */
static void a_retention_policy_that_2x_has_not_is_no_place_to_write_to(void **state)
{
    struct world *w = *state;
    static struct settings_destination with_policy;
    with_policy = energy;
    with_policy.retention_policy = (char[]){"two_days"};
    use_energy(w);
    w->settings.influxdb.destinations = &with_policy;
    SERVE(w, PING_2, SETUP, {.path = "/api/v2/write", .status = 204});
    say_line(w, "m v=1 1\nenergy p=2 2");
    deliver_all(w);
    assert_posted(w, "bucket=watts&", "");
    assert_posted(w, "bucket=b&", "m v=1 1\n");
    assert_int_equal(figures(w).parked, 1);
    assert_non_null(
        strstr(figures(w).destination_trouble,
               "energy: retention_policy: only InfluxDB 1.x has them, and this is 2.x"));
}

static void a_server_that_is_away_for_one_destination_holds_all(void **state)
{
    struct world *w = *state;
    use_energy(w);
    SERVE(w, PING_2, SETUP, {.path = WATTS, .status = 503, .times = 3},
          {.path = "/api/v2/write", .status = 204});
    say_line(w, "m v=1 1\nenergy p=2 2");
    until_posts(w, 3);
    assert_int_equal(figures(w).parked, 0);
    assert_false(all_delivered(w));
    deliver_all(w);
    assert_int_equal(figures(w).ledger.points_stored, 2);
}

static void use_energy_with(struct world *w, uint64_t max_bytes, enum settings_when_full when_full)
{
    static struct settings_destination small;
    small = energy;
    small.max_bytes = max_bytes;
    small.when_full = when_full;
    use_energy(w);
    w->settings.influxdb.destinations = &small;
}

/* On 3.x a destination has several parts: one is parked, the next does not fit. What waits is of
 * the same batch then, and only moves when the batch does. */
static void a_batch_that_fits_in_part_is_sent_when_its_destination_works(void **state)
{
    struct world *w = *state;
    w->settings.writer.linger_ms = 100;
    use_energy_with(w, 1000, SETTINGS_HOLD);
    SERVE(w, PING_3, {.path = "/api/v3/write_lp?db=watts", .status = 403, .times = 4},
          {.path = "/api/v3/write_lp", .status = 204});
    say_line(w, "first v=1 1");
    deliver_all(w); /* from here on it is known that four may be under way */
    for (unsigned i = 0; i < 80; i++) {
        char line[40];
        snprintf(line, sizeof line, "energy,room=%u v=1 %u", i % 16, i + 1);
        say_line(w, line);
    }
    for (int64_t end = harness_now_ms() + ANSWER_MS; !log_has(w, "parking_full"); turn(w))
        assert_true(harness_now_ms() < end);
    for (int64_t end = harness_now_ms() + ANSWER_MS / 4; !all_delivered(w) || figures(w).parked > 0;
         turn(w)) {
        assert_true(harness_now_ms() < end);
        assert_balanced(w);
        w->skipped_ns += CLOCK_NS_PER_S;
    }
    assert_int_equal(figures(w).ledger.points_stored, 81);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_world, close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_422_costs_the_bad_line_alone),
        TEST(lines_that_3x_names_are_refused_without_another_post),
        TEST(on_3x_series_are_posted_side_by_side_and_each_in_one_place),
        TEST(a_fault_keeps_everything_until_the_token_is_mended),
        TEST(retry_after_is_obeyed),
        TEST(defect_9_a_batch_is_never_given_up),
        TEST(an_unheard_answer_is_posted_again_as_the_same_bytes),
        TEST(gzip_says_the_same),
        TEST(after_a_restart_the_same_lines_go_out),
        TEST(a_damaged_state_is_made_again),
        TEST(a_changed_mapping_is_said_and_stays_in_balance),
        TEST(what_waited_in_the_journal_does_not_linger_again),
        TEST(the_rest_of_a_burst_does_not_linger),
        TEST(at_the_end_what_is_decoded_goes_out_at_once),
        TEST(without_influxdb_nothing_is_read_or_sent),
        TEST(a_batch_is_bounded_by_its_lines),
        TEST(a_database_that_was_dropped_is_made_again),
        TEST(giving_up_the_oldest_says_what_was_stored_and_what_not),
        TEST(each_line_is_posted_to_its_destination),
        TEST(a_destination_at_fault_parks_its_lines_and_they_go_out_later),
        TEST(a_retention_policy_that_2x_has_not_is_no_place_to_write_to),
        TEST(a_server_that_is_away_for_one_destination_holds_all),
        TEST(a_batch_that_fits_in_part_is_sent_when_its_destination_works),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
