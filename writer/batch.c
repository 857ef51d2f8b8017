#include "writer/batch.h"

#include <stdlib.h>

#include "base/crc32c.h"

void batch_open(struct batch *batch, unsigned part_count)
{
    *batch = (struct batch){.part_count = part_count};
}

void batch_close(struct batch *batch)
{
    for (unsigned i = 0; i < BATCH_PARTS_MAX; i++) {
        buf_free(&batch->parts[i].lines);
        free(batch->parts[i].at);
    }
    free(batch->records);
    *batch = (struct batch){0};
}

void batch_reset(struct batch *batch)
{
    for (unsigned i = 0; i < batch->parts_end; i++) {
        buf_reset(&batch->parts[i].lines);
        batch->parts[i].count = 0;
    }
    batch->record_count = batch->line_count = batch->line_bytes = 0;
    batch->parts_end = 0;
    batch->record_used = false;
    batch->end = (struct journal_position){0};
    batch->whole = batch->failed = false;
    batch->messages = 0;
    batch->arrival_offset_ns = 0;
}

static bool grow(void **at, size_t *capacity, size_t count, size_t size)
{
    if (count < *capacity)
        return true;
    size_t wanted = *capacity ? *capacity * 2 : 1024;
    void *more = realloc(*at, wanted * size);
    if (!more)
        return false;
    *at = more;
    *capacity = wanted;
    return true;
}

void batch_record(struct batch *batch, struct journal_position at)
{
    /* A record that made no line leaves its place to the next one. */
    if (batch->record_count > 0 && !batch->record_used)
        batch->record_count--;
    batch->record_used = false;
    void *records = batch->records;
    if (!grow(&records, &batch->record_capacity, batch->record_count, sizeof at)) {
        batch->failed = true;
        return;
    }
    batch->records = records;
    batch->records[batch->record_count++] = at;
}

void batch_message(struct batch *batch, int64_t arrival_ns)
{
    if (batch->messages++ == 0)
        batch->first_arrival_ns = arrival_ns;
    batch->arrival_offset_ns += (double)(arrival_ns - batch->first_arrival_ns);
}

/* The series key ends at the first space that is not escaped. */
static size_t series_key_length(struct text line)
{
    for (size_t i = 0; i < line.len; i++) {
        if (line.at[i] == '\\')
            i++;
        else if (line.at[i] == ' ')
            return i;
    }
    return line.len;
}

void batch_add(struct batch *batch, struct text line, unsigned destination)
{
    unsigned which = destination * BATCH_PARTS;
    if (batch->part_count > 1)
        which += crc32c(0, line.at, series_key_length(line)) % batch->part_count;
    struct batch_part *part = &batch->parts[which];
    void *at = part->at;
    if (batch->record_count == 0 || !grow(&at, &part->capacity, part->count, sizeof *part->at)) {
        batch->failed = true;
        return;
    }
    part->at = at;
    part->at[part->count++] =
        (struct batch_line){(uint32_t)part->lines.len, (uint32_t)(batch->record_count - 1)};
    buf_text(&part->lines, line);
    batch->failed = batch->failed || part->lines.failed;
    batch->record_used = true;
    if (which >= batch->parts_end)
        batch->parts_end = which + 1;
    batch->line_count++;
    batch->line_bytes += line.len;
}

struct text batch_slice(const struct batch_part *part, size_t first, size_t count)
{
    size_t start = part->at[first].offset;
    size_t end = first + count < part->count ? part->at[first + count].offset : part->lines.len;
    return (struct text){part->lines.data + start, end - start};
}
