#include "cli/asking.h"

#include <stdio.h>

#include "bus/rpc_client.h"
#include "cli/config.h"
#include "cli/say.h"
#include "schemas/status.h"
#include "schemas/topics.h"

#define SERVICE "query" /* whose status tells whether somebody is there to answer */

static enum err open_client(const struct settings *settings, const struct asking_options *options,
                            struct rpc_client **ret_client, struct err_reason *why)
{
    const struct settings_broker *broker = settings_query_broker(settings);
    struct buf status = {0};
    bool other_user = options->username != NULL;
    struct rpc_client_options rpc = {
        .bus =
            {
                .client_id = "hearthline-ask",
                .url = options->broker ? options->broker : broker->url,
                .username = other_user ? options->username : broker->username,
                .password_file = other_user || options->password_file ? options->password_file
                                                                      : broker->password_file,
                .ca_file = broker->ca_file,
                .cert_file = broker->cert_file,
                .key_file = broker->key_file,
            },
        .topic_root = settings->topic_root,
        .status_topic = topic_status(&status, settings->topic_root, SERVICE),
        .read_status = status_read,
    };
    enum err e = status.failed ? ERR_NOMEM : rpc_client_open(&rpc, ret_client, why);
    buf_free(&status);
    return e;
}

static enum err ask(const struct asking_options *options, const char *endpoint, struct text request,
                    struct rpc_answer *ret_answer, struct err_reason *why)
{
    struct settings *settings = NULL;
    struct rpc_client *client = NULL;
    struct buf topic = {0};
    /* A password is not taken to another broker than the one it is meant for. */
    const char *config = options->broker && !options->config ? "/dev/null" : options->config;
    enum err e = config_read_or_defaults(config, &settings, why);
    if (!e)
        e = open_client(settings, options, &client, why);
    if (!e) {
        struct rpc_question question = {
            .topic = topic_request(&topic, settings->topic_root, endpoint),
            .payload = request,
            .content_type = TEXT("application/json"),
            .timeout_ms = options->timeout_s * 1000,
        };
        e = topic.failed ? ERR_NOMEM : rpc_client_ask(client, &question, ret_answer, why);
    }
    rpc_client_close(client);
    buf_free(&topic);
    settings_free(settings);
    return e;
}

int asking_status(struct value answer, struct buf *words)
{
    enum { MOST = 1000 };
    struct value error, code = {0}, message = {0};
    if (value_kind(answer) != VALUE_MAP) {
        buf_string(words, "the answer is no object");
        return OPTIONS_EXIT_FAILED;
    }
    if (!value_get(answer, TEXT("error"), &error))
        return 0;
    (void)value_get(error, TEXT("code"), &code);
    (void)value_get(error, TEXT("message"), &message);
    say_append_visible(words, value_text(code), MOST);
    buf_string(words, ": ");
    say_append_visible(words, value_text(message), MOST);
    return text_equal(value_text(code), TEXT("timeout")) ? ASKING_EXIT_UNANSWERED
                                                         : OPTIONS_EXIT_FAILED;
}

void asking_json(struct text json, struct buf *out)
{
    for (size_t i = 0; i < json.len; i++) {
        unsigned char c = (unsigned char)json.at[i];
        unsigned char next = i + 1 < json.len ? (unsigned char)json.at[i + 1] : 0;
        bool c1 = c == 0xc2 && next < 0xa0; /* U+0080 to U+009F */
        if (c == '\n' || c == '\r' || c == '\t')
            buf_char(out, ' '); /* between the values */
        else if (c == 0x7f || c1)
            buf_printf(out, "\\u00%02x", c1 ? json.at[++i] & 0xff : c);
        else
            buf_char(out, (char)c);
    }
    buf_char(out, '\n');
}

/* Prints the answer and returns the exit status. */
static int tell(const char *command, bool json, const struct rpc_answer *answer,
                void (*show)(struct value answer, struct buf *out))
{
    struct buf out = {0}, words = {0};
    struct err_reason why = {""};
    struct value root;
    struct text payload = buf_view(&answer->payload);
    enum value_encoding encoding = value_encoding_of(buf_view(&answer->content_type), payload);
    struct value_document *document = value_document_new();
    enum err e = document ? value_parse(document, encoding, payload, &root, &why) : ERR_NOMEM;
    if (!e && json && encoding != VALUE_JSON)
        e = err_explain(&why, ERR_INVALID, "the answer is no JSON");
    int status = e ? OPTIONS_EXIT_FAILED : asking_status(root, &words);
    if (!e && json)
        asking_json(payload, &out);
    else if (!e && status == 0)
        show(root, &out);
    if (!e && (out.failed || words.failed))
        e = ERR_NOMEM;
    if (!e && out.len > 0)
        fwrite(out.data, 1, out.len, stdout);
    fflush(stdout);
    if (e)
        status = say_failed(command, e, &why);
    else if (status != 0)
        fprintf(stderr, "hearthline %s: %s\n", command, buf_cstr(&words));
    value_document_free(document);
    buf_free(&out);
    buf_free(&words);
    return status;
}

int asking_run(const char *command, const struct asking_options *options, const char *endpoint,
               const struct buf *request, void (*show)(struct value answer, struct buf *out))
{
    struct rpc_answer answer = {0};
    struct err_reason why = {""};
    int status;
    enum err e =
        request->failed ? ERR_NOMEM : ask(options, endpoint, buf_view(request), &answer, &why);
    if (!e)
        status = tell(command, options->json, &answer, show);
    else
        status = say_failed(command, e, &why);
    if (e == ERR_TIMEOUT || e == ERR_REFUSED || e == ERR_CLOSED)
        status = ASKING_EXIT_UNANSWERED;
    rpc_answer_free(&answer);
    return status;
}
