#include "query-service/standing.h"

#include <stdlib.h>

#include "query-service/job.h"

struct standing {
    const struct endpoint_world *world;
    const struct settings_query *settings; /* the world's when it was opened */
    struct answerer *answerer;
    int64_t *due_ms; /* of each question */
    char **topics;   /* with the root */
};

static enum err check_one(const struct endpoint_world *world, const struct settings_standing *one,
                          struct err_reason *why)
{
    struct err_reason words = {""};
    const struct endpoint *endpoint = endpoint_find(text_of(one->endpoint));
    const char *nearest = endpoint_nearest(text_of(one->endpoint));
    if (!endpoint)
        return err_explain(why, ERR_INVALID,
                           "query.standing: there is no endpoint \"%s\"; the nearest is \"%s\"",
                           one->endpoint, nearest ? nearest : "stats");
    struct job *job = job_new(endpoint, world, NULL);
    if (!job)
        return ERR_NOMEM;
    struct value root;
    enum err e = value_parse(job->document, VALUE_JSON, text_of(one->request), &root, &words);
    if (e == ERR_OK)
        e = job_read(job, root, &words);
    job_free(job);
    /* What is not there yet may come: a service, a measurement. */
    if (e == ERR_INVALID)
        return err_explain(why, e, "query.standing: the request of \"%s\" for %s: %s", one->topic,
                           one->endpoint, words.text);
    return ERR_OK;
}

enum err standing_check(const struct endpoint_world *world, struct err_reason *why)
{
    const struct settings_query *settings = &world->settings->query;
    enum err e = ERR_OK;
    for (unsigned i = 0; e == ERR_OK && i < settings->standing_count; i++)
        e = check_one(world, &settings->standing[i], why);
    return e;
}

static char *whole_topic(const char *root, const char *topic)
{
    size_t len = strlen(root) + strlen(topic) + 2;
    char *whole = malloc(len);
    if (whole) {
        struct buf b = {0};
        buf_string(&b, root);
        buf_char(&b, '/');
        buf_string(&b, topic);
        memcpy(whole, buf_cstr(&b), b.failed ? 1 : len);
        buf_free(&b);
    }
    return whole;
}

enum err standing_open(const struct endpoint_world *world, struct answerer *answerer,
                       struct standing **ret_standing, struct err_reason *why)
{
    const struct settings_query *settings = &world->settings->query;
    struct standing *standing = calloc(1, sizeof *standing);
    if (!standing)
        return ERR_NOMEM;
    *standing = (struct standing){.world = world, .settings = settings, .answerer = answerer};
    standing->due_ms = calloc(settings->standing_count + 1, sizeof *standing->due_ms);
    standing->topics = calloc(settings->standing_count + 1, sizeof *standing->topics);
    enum err e = standing->due_ms && standing->topics ? standing_check(world, why) : ERR_NOMEM;
    for (unsigned i = 0; e == ERR_OK && i < settings->standing_count; i++) {
        if (!(standing->topics[i] =
                  whole_topic(world->settings->topic_root, settings->standing[i].topic)))
            e = ERR_NOMEM;
    }
    if (e != ERR_OK) {
        standing_close(standing);
        return e;
    }
    *ret_standing = standing;
    return ERR_OK;
}

uint32_t standing_turn(struct standing *standing)
{
    const struct settings_query *settings = standing->settings;
    int64_t now_ms = clock_monotonic_ms(&standing->world->clock), next_ms = now_ms + 1000;
    for (unsigned i = 0; i < settings->standing_count; i++) {
        const struct settings_standing *one = &settings->standing[i];
        if (now_ms >= standing->due_ms[i]) {
            standing->due_ms[i] = now_ms + (int64_t)one->every_s * 1000;
            answerer_ask_standing(standing->answerer, one->endpoint, one->request,
                                  standing->topics[i]);
        }
        if (standing->due_ms[i] < next_ms)
            next_ms = standing->due_ms[i];
    }
    return (uint32_t)(next_ms - now_ms);
}

void standing_close(struct standing *standing)
{
    if (!standing)
        return;
    for (unsigned i = 0; standing->topics && i < standing->settings->standing_count; i++)
        free(standing->topics[i]);
    free(standing->topics);
    free(standing->due_ms);
    free(standing);
}
