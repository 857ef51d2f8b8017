/* endpoints: the table of endpoints itself, with the schema of each request, so that whoever asks
 * needs no other paper. */
#include "query-service/endpoints/table.h"

static const char *sources_of(const struct endpoint *endpoint)
{
    if (endpoint->write_figures)
        return "influxdb or services-fallback";
    return endpoint->plan ? "influxdb" : "own";
}

static void write_topic(const char *root, const char *name, struct buf *out)
{
    struct buf topic = {0};
    buf_printf(&topic, "%s/request/%s", root, name);
    buf_json_text(out, buf_view(&topic));
    out->failed |= topic.failed;
    buf_free(&topic);
}

static void write_row(const struct endpoint *endpoint, const char *topic_root, struct buf *out)
{
    buf_string(out, "{\"endpoint\":");
    buf_json_text(out, text_of(endpoint->name));
    buf_string(out, ",\"topic\":");
    write_topic(topic_root, endpoint->name, out);
    buf_string(out, ",\"help\":");
    buf_json_text(out, text_of(endpoint->help));
    buf_string(out, ",\"request\":");
    fields_schema(endpoint->request, true, out);
    buf_string(out, ",\"answer\":");
    buf_json_text(out, text_of(endpoint->schema));
    buf_string(out, ",\"sources\":");
    buf_json_text(out, text_of(sources_of(endpoint)));
    buf_char(out, '}');
}

static enum err answer(const struct question *question, const struct gather_results *const *results,
                       unsigned stages, struct buf *out, struct err_reason *why)
{
    const struct endpoint *endpoint;
    (void)results, (void)stages, (void)why;
    buf_string(out, "\"endpoints\":[");
    for (unsigned i = 0; (endpoint = endpoint_at(i)); i++) {
        if (i > 0)
            buf_char(out, ',');
        write_row(endpoint, question->world->settings->topic_root, out);
    }
    buf_char(out, ']');
    return ERR_OK;
}

const struct endpoint endpoint_endpoints = {
    .name = "endpoints",
    .help = "what can be asked: every endpoint with its topic and the schema of its request",
    .request = &request_endpoints,
    .schema = "answer_endpoints",
    .answer = answer,
};
