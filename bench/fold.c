/* bench-fold: the writer's path for one message, without broker and InfluxDB, in processor time:
 * appended to the journal as the intake does it, and read again, folded (decoded, shaped, encoded)
 * and put into a batch as the delivery does it. The second is what a decoder and its source's rules
 * cost above a path that only keeps the message. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "bytes.h"
#include "options.h"
#include "report.h"
#include "writer/batch.h"
#include "writer/shape/fold.h"

enum { ROUND_MESSAGES = 5000, STATE_EVERY = 20000, JOURNAL_BYTES = 256 << 20 };

struct options {
    const char *config, *folder, *topic, *payload;
    uint64_t count, devices, warm_up;
    bool show, json;
};

/* Message number `number` of a round, as it goes to the journal. */
struct message {
    struct bytes topic, payload;
};

struct bench {
    struct options o;
    struct settings *settings;
    struct sources *sources;
    struct fold *fold;
    struct journal *journal;
    struct journal_reader *reader;
    struct batch batch;
    struct buf state;
    struct message messages[ROUND_MESSAGES];
    int64_t begun_ns;
    uint64_t made;                       /* messages so far */
    uint64_t lines, line_bytes, refused; /* of those that count */
    double append_s, above_s;            /* processor time */
    struct err_reason why;
};

static void read_options(struct options *o, int argc, char **argv)
{
    *o = (struct options){.count = 200000, .devices = 1000, .warm_up = 20000};
    const struct option_row rows[] = {
        {"config", "FILE", OPTION_TEXT, &o->config, 0, 0, "the sources and their rules"},
        {"folder", "PATH", OPTION_TEXT, &o->folder, 0, 0,
         "where the journal is made: a new folder"},
        {"topic", "TEXT", OPTION_TEXT, &o->topic, 0, 0,
         "in which, as in the payload, {n} stands for the device's\n"
         "number (three digits), {v} for a value (two digits) that\n"
         "changes from one message of a device to the next, {t} for\n"
         "the time"},
        {"payload", "TEXT", OPTION_TEXT, &o->payload, 0, 0, "of each message"},
        {"count", "N", OPTION_COUNT, &o->count, ROUND_MESSAGES, UINT32_MAX,
         "messages that are measured (200000)"},
        {"warm-up", "N", OPTION_COUNT, &o->warm_up, 0, UINT32_MAX, "messages before those (20000)"},
        {"devices", "N", OPTION_COUNT, &o->devices, 1, 1000, "how many, in turn (1000)"},
        {"show", NULL, OPTION_FLAG, &o->show, 0, 0, "print the first line to standard error"},
        {"json-report", NULL, OPTION_FLAG, &o->json, 0, 0, "report as one JSON object"},
    };
    const struct option_table table = {
        "bench-fold", "Processor time of the writer a message, without broker and InfluxDB.",
        "Exit status: 0, 1 when a message was rejected or it failed, 2 wrong usage.", rows,
        sizeof rows / sizeof rows[0]};
    options_read(&table, argc, argv);
    if (o->config && o->folder && o->topic && o->payload)
        return;
    fputs("bench-fold: --config, --folder, --topic and --payload are needed (see --help)\n",
          stderr);
    exit(2);
}

static double cpu_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* --- messages -------------------------------------------------------------------- */

static void put_place(struct bench *b, char place, uint64_t number, struct bytes *out)
{
    char text[CLOCK_RFC3339_SIZE];
    if (place == 't')
        clock_format_rfc3339(b->begun_ns + (int64_t)number * 1000, text);
    else if (place == 'n')
        snprintf(text, sizeof text, "%03u", (unsigned)(number % b->o.devices));
    else
        snprintf(text, sizeof text, "%02u", (unsigned)(number / b->o.devices % 100));
    bytes_string(out, text);
}

static void fill_in(struct bench *b, const char *pattern, uint64_t number, struct bytes *out)
{
    out->len = 0;
    for (const char *at = pattern; *at; at++) {
        bool place = at[0] == '{' && at[1] != '\0' && strchr("nvt", at[1]) && at[2] == '}';
        if (place)
            put_place(b, at[1], number, out);
        else
            bytes_byte(out, (unsigned char)*at);
        at += place ? 2 : 0;
    }
}

static void make_round(struct bench *b)
{
    for (unsigned i = 0; i < ROUND_MESSAGES; i++, b->made++) {
        fill_in(b, b->o.topic, b->made, &b->messages[i].topic);
        fill_in(b, b->o.payload, b->made, &b->messages[i].payload);
    }
}

/* --- the two halves of the path ---------------------------------------------------- */

static enum err append_round(struct bench *b)
{
    for (unsigned i = 0; i < ROUND_MESSAGES; i++) {
        const struct message *m = &b->messages[i];
        struct journal_record record = {.type = JOURNAL_MESSAGE,
                                        .qos = 1,
                                        .packet_id = (uint16_t)(1 + i),
                                        .subscription_id = 1,
                                        .topic = {m->topic.at, m->topic.len},
                                        .payload = {m->payload.at, m->payload.len}};
        bool repeated = false;
        if (journal_append_message(b->journal, &record, &repeated) != JOURNAL_APPENDED)
            return err_explain(&b->why, ERR_FULL, "the journal has no room");
    }
    return journal_turn(b->journal, &b->why);
}

static void take_line(void *context, struct text line, unsigned destination)
{
    struct bench *b = context;
    if (b->o.show)
        fprintf(stderr, "%.*s", TEXT_ARGS(line));
    b->o.show = false;
    b->lines++;
    b->line_bytes += line.len;
    batch_add(&b->batch, line, destination);
}

static void take_reject(void *context, const struct fold_reject *reject)
{
    struct bench *b = context;
    if (b->refused++ == 0)
        err_explain(&b->why, ERR_REFUSED, "rejected as %s: %s", reject_id(reject->reason),
                    reject->words);
}

static enum err save(struct bench *b)
{
    struct journal_position at = journal_reader_position(b->reader);
    enum err e = journal_cursor_save(b->journal, at, NULL, 0);
    if (e != ERR_OK || b->made % STATE_EVERY != 0)
        return e;
    buf_reset(&b->state);
    fold_save(b->fold, &b->state);
    return journal_state_save(b->journal, at, sources_hash(b->sources), buf_view(&b->state));
}

static enum err deliver_round(struct bench *b)
{
    const struct fold_sink sink = {.context = b, .line = take_line, .reject = take_reject};
    struct journal_record record;
    uint64_t lost = 0;
    enum err e;
    for (;;) {
        struct journal_position at = journal_reader_position(b->reader);
        if ((e = journal_read(b->reader, &record, &lost, &b->why)) != ERR_OK)
            break;
        batch_record(&b->batch, at);
        fold_record(b->fold, &record, &sink);
        batch_message(&b->batch, record.arrival_ns);
    }
    if (e != ERR_NOT_FOUND)
        return e;
    batch_reset(&b->batch);
    return save(b);
}

static enum err run_round(struct bench *b)
{
    make_round(b);
    double begun_s = cpu_s();
    enum err e = append_round(b);
    double between_s = cpu_s();
    if (e == ERR_OK)
        e = deliver_round(b);
    b->append_s += between_s - begun_s;
    b->above_s += cpu_s() - between_s;
    return e;
}

static enum err run(struct bench *b)
{
    enum err e = ERR_OK;
    while (e == ERR_OK && b->made < b->o.warm_up)
        e = run_round(b);
    uint64_t before = b->made;
    b->append_s = b->above_s = 0;
    b->lines = b->line_bytes = 0;
    while (e == ERR_OK && b->made - before < b->o.count && !report_stopped())
        e = run_round(b);
    b->made -= before;
    return e;
}

/* --- the program --------------------------------------------------------------------- */

static enum err open_all(struct bench *b)
{
    const struct journal_options options = {
        .path = b->o.folder, .max_bytes = JOURNAL_BYTES, .clock = clock_system()};
    b->begun_ns = clock_real_ns(&options.clock);
    batch_open(&b->batch, 1);
    enum err e = settings_read(b->o.config, &b->settings, &b->why);
    if (e == ERR_OK)
        e = sources_open(b->settings, &b->sources, &b->why);
    if (e == ERR_OK)
        e = fold_open(b->sources, &b->fold);
    if (e == ERR_OK)
        e = journal_open(&options, &b->journal, &b->why);
    if (e == ERR_OK)
        e = journal_reader_open(b->journal, (struct journal_position){0}, &b->reader);
    return e;
}

static void close_all(struct bench *b)
{
    if (b->reader)
        journal_reader_close(b->reader);
    if (b->journal)
        journal_close(b->journal);
    fold_close(b->fold);
    if (b->sources)
        sources_close(b->sources);
    settings_free(b->settings);
    batch_close(&b->batch);
    buf_free(&b->state);
    for (unsigned i = 0; i < ROUND_MESSAGES; i++) {
        bytes_free(&b->messages[i].topic);
        bytes_free(&b->messages[i].payload);
    }
}

static void report(const struct bench *b)
{
    struct report r = {.json = b->o.json};
    double messages = b->made > 0 ? (double)b->made : 1;
    report_count(&r, "messages", b->made);
    report_count(&r, "payload_bytes", b->messages[0].payload.len);
    report_count(&r, "lines", b->lines);
    report_count(&r, "line_bytes", b->line_bytes);
    report_count(&r, "refused", b->refused);
    report_number(&r, "journal_us", b->append_s / messages * 1e6);
    report_number(&r, "above_us", b->above_s / messages * 1e6);
    report_end(&r);
}

int main(int argc, char **argv)
{
    static struct bench b;
    read_options(&b.o, argc, argv);
    report_signals();
    enum err e = open_all(&b);
    if (e == ERR_OK)
        e = run(&b);
    if (e != ERR_OK || b.refused > 0)
        fprintf(stderr, "bench-fold: %s\n", b.why.text[0] ? b.why.text : err_text(e));
    report(&b);
    close_all(&b);
    return e == ERR_OK && b.refused == 0 ? 0 : 1;
}
