#include "writer/subscription_plan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bus/filter.h"

#define IDS_MAX       4096
#define DROPPED_TOPIC "$SYS/broker/publish/messages/dropped"

/* A line of the file: "id decoder filter". */
struct allotted {
    uint32_t id;
    char *decoder, *filter; /* plain */
    bool wanted;
};

struct table {
    struct allotted at[IDS_MAX];
    size_t count;
    uint32_t last_id;
    bool changed;
};

static void table_free(struct table *table)
{
    for (size_t i = 0; table && i < table->count; i++) {
        free(table->at[i].decoder);
        free(table->at[i].filter);
    }
    free(table);
}

static enum err table_add(struct table *table, uint32_t id, const char *decoder, const char *filter)
{
    if (table->count == IDS_MAX)
        return ERR_TOO_LARGE;
    struct allotted a = {.id = id, .decoder = strdup(decoder), .filter = strdup(filter)};
    if (!a.decoder || !a.filter) {
        free(a.decoder);
        free(a.filter);
        return ERR_NOMEM;
    }
    table->at[table->count++] = a;
    if (id > table->last_id)
        table->last_id = id;
    return ERR_OK;
}

static enum err table_line(struct table *table, char *line, const char *path, unsigned number,
                           struct err_reason *why)
{
    line[strcspn(line, "\n")] = '\0';
    if (line[0] == '\0' || line[0] == '#')
        return ERR_OK;
    char *decoder = strchr(line, ' ');
    char *filter = decoder ? strchr(decoder + 1, ' ') : NULL;
    long long id = 0;
    if (!filter || !text_integer((struct text){line, (size_t)(decoder - line)}, &id) || id < 1 ||
        id > 268435455)
        return err_explain(
            why, ERR_CORRUPT,
            "%s:%u: expected \"ID DECODER FILTER\"; take the line out, or the file if "
            "the broker's session was made anew",
            path, number);
    *decoder++ = '\0';
    *filter++ = '\0';
    return table_add(table, (uint32_t)id, decoder, filter);
}

static enum err table_read(struct table *table, const char *path, struct err_reason *why)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return errno == ENOENT ? ERR_OK : err_explain_errno(why, ERR_IO, "%s", path);
    char *line = NULL;
    size_t size = 0;
    enum err e = ERR_OK;
    for (unsigned number = 1; e == ERR_OK && getline(&line, &size, file) >= 0; number++)
        e = table_line(table, line, path, number, why);
    free(line);
    fclose(file);
    return e;
}

static enum err table_write(const struct table *table, const char *path, struct err_reason *why)
{
    char next[4096];
    snprintf(next, sizeof next, "%s.next", path);
    int descriptor = open(next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    if (!file) {
        if (descriptor >= 0)
            close(descriptor);
        return err_explain_errno(why, ERR_IO, "%s", next);
    }
    fprintf(file, "# Subscription identifiers, never used again: ID DECODER FILTER\n");
    for (size_t i = 0; i < table->count; i++)
        fprintf(file, "%u %s %s\n", table->at[i].id, table->at[i].decoder, table->at[i].filter);
    bool bad = fflush(file) != 0 || fsync(descriptor) != 0;
    bad = fclose(file) != 0 || bad;
    if (bad || rename(next, path) != 0)
        return err_explain_errno(why, ERR_IO, "%s", path);
    return ERR_OK;
}

static enum err table_want(struct table *table, const char *decoder, const char *filter)
{
    for (size_t i = 0; i < table->count; i++) {
        struct allotted *a = &table->at[i];
        if (strcmp(a->decoder, decoder) == 0 && strcmp(a->filter, filter) == 0) {
            a->wanted = true;
            return ERR_OK;
        }
    }
    enum err e = table_add(table, table->last_id + 1, decoder, filter);
    if (e == ERR_OK) {
        table->at[table->count - 1].wanted = true;
        table->changed = true;
    }
    return e;
}

static enum err table_want_all(struct table *table, const char *topic_root,
                               const struct sources *sources)
{
    char ours[1024];
    snprintf(ours, sizeof ours, "%s/#", topic_root);
    enum err e = table_want(table, "hearthline", ours);
    for (size_t i = 0; e == ERR_OK && i < sources_count(sources); i++) {
        const struct source *source = source_at(sources, i);
        if (!source->settings)
            continue;
        struct text filter = text_of(source->filter);
        char *plain = malloc(filter.len + 1);
        if (!plain)
            return ERR_NOMEM;
        filter_plain(filter, plain);
        e = table_want(table, source->decoder->name, plain);
        free(plain);
    }
    return e;
}

/* Of two equal filters the first counts, else the wider one. */
static bool subsumed(const struct table *table, size_t which)
{
    struct text narrow = text_of(table->at[which].filter);
    for (size_t i = 0; i < table->count; i++) {
        struct text wide = text_of(table->at[i].filter);
        if (i == which || !table->at[i].wanted || !filter_subsumes(wide, narrow))
            continue;
        if (i < which || !filter_subsumes(narrow, wide))
            return true;
    }
    return false;
}

static bool filter_wanted(const struct table *table, const char *filter)
{
    for (size_t i = 0; i < table->count; i++)
        if (table->at[i].wanted && strcmp(table->at[i].filter, filter) == 0 && !subsumed(table, i))
            return true;
    return false;
}

static enum err plan_make(const struct table *table, struct subscription_plan *plan)
{
    plan->list = calloc(table->count + 1, sizeof *plan->list);
    plan->gone = calloc(table->count + 1, sizeof *plan->gone);
    plan->plain = calloc(table->count + 1, sizeof *plan->plain);
    if (!plan->list || !plan->gone || !plan->plain)
        return ERR_NOMEM;
    for (size_t i = 0; i < table->count; i++) {
        const struct allotted *a = &table->at[i];
        char *filter = strdup(a->filter);
        if (!filter)
            return ERR_NOMEM;
        plan->plain[plan->plain_count++] = filter;
        if (a->wanted && !subsumed(table, i))
            plan->list[plan->count++] =
                (struct bus_subscription){.filter = filter,
                                          .id = a->id,
                                          .qos = 1,
                                          .no_local = true,
                                          .send_retained = BUS_RETAINED_WHEN_NEW};
        else if (!filter_wanted(table, filter))
            plan->gone[plan->gone_count++] = filter;
    }
    plan->list[plan->count++] = (struct bus_subscription){
        .filter = DROPPED_TOPIC, .qos = 0, .send_retained = BUS_RETAINED_ALWAYS};
    return ERR_OK;
}

enum err subscription_plan_make(const char *path, const char *topic_root,
                                const struct sources *sources, struct subscription_plan *ret_plan,
                                struct err_reason *why)
{
    struct subscription_plan plan = {0};
    struct table *table = calloc(1, sizeof *table);
    if (!table)
        return ERR_NOMEM;
    enum err e = table_read(table, path, why);
    if (e == ERR_OK)
        e = table_want_all(table, topic_root, sources);
    if (e == ERR_OK && table->changed)
        e = table_write(table, path, why);
    if (e == ERR_OK)
        e = plan_make(table, &plan);
    table_free(table);
    if (e == ERR_OK)
        *ret_plan = plan;
    else
        subscription_plan_free(&plan);
    return e;
}

void subscription_plan_free(struct subscription_plan *plan)
{
    for (size_t i = 0; i < plan->plain_count; i++)
        free(plan->plain[i]);
    free(plan->plain);
    free(plan->list);
    free(plan->gone);
    *plan = (struct subscription_plan){0};
}
