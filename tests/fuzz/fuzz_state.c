/* Any bytes as the saved state of the fold: taken or refused, never more; what is taken is saved
 * again and taken again as the same, and goes on with records; what is refused leaves a new fold.
 */
#include <stdint.h>
#include <stdlib.h>

#include "writer/shape/fold.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void take_line(void *context, struct text line, unsigned destination)
{
    (void)destination;
    (void)context;
    require(line.len > 1 && line.at[line.len - 1] == '\n');
}

static void take_reject(void *context, const struct fold_reject *reject)
{
    (void)context;
    require(reject->reason > REJECT_NONE && reject->reason < REJECT_COUNT);
}

static struct sources *the_sources(void)
{
    static struct settings_source list[] = {{.decoder = (char *)"value",
                                             .filter = (char *)"sensor/+room/+metric",
                                             .retained = SETTINGS_RULE_IF_CHANGED,
                                             .repeat = SETTINGS_REPEAT_ON_CHANGE,
                                             .heartbeat_s = 60,
                                             .min_interval_s = 5,
                                             .max_series = 1000}};
    static struct settings settings = {.topic_root = (char *)"hearthline",
                                       .writer = {.sources = list, .sources_count = 1}};
    static struct sources *sources;
    if (!sources)
        require(sources_open(&settings, &sources, NULL) == ERR_OK);
    return sources;
}

static void go_on(struct fold *fold)
{
    struct fold_sink sink = {.line = take_line, .reject = take_reject};
    struct journal_record record = {.number = 1,
                                    .arrival_ns = 1792000000000000000,
                                    .type = JOURNAL_MESSAGE,
                                    .topic = TEXT("sensor/bath/humidity"),
                                    .payload = TEXT("55")};
    fold_record(fold, &record, &sink);
    record.topic = TEXT("hearthline/nothing");
    fold_record(fold, &record, &sink);
    record.topic = TEXT("hearthline/services/writer/metrics");
    record.payload = TEXT("{\"events_processed\":3,\"processing_time_ms\":1.5,\"uptime_s\":9}");
    fold_record(fold, &record, &sink);
    record.type = JOURNAL_TICK;
    record.arrival_ns += 600000000000;
    fold_record(fold, &record, &sink);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct fold *fold;
    static struct buf first, second, fresh;
    if (!fold) {
        require(fold_open(the_sources(), &fold) == ERR_OK);
        fold_save(fold, &fresh);
    }
    buf_reset(&first);
    buf_reset(&second);
    /* from new, as the writer does */
    require(fold_load(fold, buf_view(&fresh)) == ERR_OK);
    enum err err = fold_load(fold, (struct text){(const char *)data, size});
    require(err == ERR_OK || err == ERR_INVALID);
    fold_save(fold, &first);
    if (err == ERR_INVALID)
        require(text_equal(buf_view(&first), buf_view(&fresh)));
    require(fold_load(fold, buf_view(&first)) == ERR_OK);
    fold_save(fold, &second);
    require(text_equal(buf_view(&first), buf_view(&second)));
    go_on(fold);
    return 0;
}
