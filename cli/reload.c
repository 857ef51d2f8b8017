#include "cli/reload.h"

#include <stdio.h>

#include "base/value.h"
#include "cli/command.h"
#include "cli/say.h"
#include "cli/scrape.h"

struct reload_options {
    const char *config;
};

static const struct options_row rows[] = {OPTIONS_CONFIG(struct reload_options)};

static const struct options_table table = {
    .command = "reload",
    .about = "Has the running services read their configuration again: the writer its sources and "
             "tags,\nthe query service its flags, alert rules and standing questions. One that is "
             "wrong is\nrefused whole, and says why. They are asked at their metrics_address; "
             "SIGHUP does the same.\n",
    OPTIONS_ROWS(rows),
    .after = "Exit status: 0 taken, 1 refused or not running, 2 wrong usage.\n",
};

/* What else changed in the file and has to wait. */
static void say_later(const char *service, struct value root)
{
    struct value list, key;
    struct text no_name;
    if (!value_get(root, TEXT("needs_restart"), &list) || value_count(list) == 0)
        return;
    printf("%s: only after a restart:", service);
    struct value_walk walk = value_walk(list);
    while (value_next(&walk, &no_name, &key))
        printf(" %.*s", TEXT_ARGS(value_text(key)));
    putchar('\n');
}

static enum err say_answer(const char *service, long status, struct text body,
                           struct err_reason *why)
{
    struct value root = {NULL}, words = {NULL};
    struct value_document *document = value_document_new();
    enum err e = document ? value_parse(document, VALUE_JSON, body, &root, why) : ERR_NOMEM;
    if (e == ERR_OK && status == 200) {
        printf("%s: taken\n", service);
        say_later(service, root);
    } else if (e == ERR_OK) {
        (void)value_get(root, TEXT("reason"), &words);
        e = err_explain(why, ERR_REFUSED, "%s refuses it: %.*s", service,
                        TEXT_ARGS(value_text(words)));
    } else {
        e = err_explain(why, ERR_INVALID, "%s answers %ld, which is no answer to a reload", service,
                        status);
    }
    value_document_free(document);
    return e;
}

static enum err reload_one(const char *service, const char *address, struct err_reason *why)
{
    struct scrape *scrape = NULL;
    struct text body;
    long status;
    if (address[0] == '\0')
        return err_explain(why, ERR_INVALID,
                           "%s has no metrics_address to be asked at: send SIGHUP", service);
    enum err e = scrape_open_at(service, address, &scrape, why);
    if (e == ERR_OK)
        e = scrape_post(scrape, "/-/reload", &status, &body, why);
    if (e == ERR_OK)
        e = say_answer(service, status, body, why);
    scrape_close(scrape);
    return e;
}

/* Both are asked, whatever the first one says. */
static enum err reload(const struct command_given *given, struct err_reason *why)
{
    const struct settings *settings = given->settings;
    struct err_reason of_query = {""};
    enum err e = reload_one("the writer", settings->writer.metrics_address, why);
    enum err of = reload_one("the query service", settings->query.metrics_address, &of_query);
    if (e != ERR_OK && of != ERR_OK)
        (void)say_failed(table.command, of, &of_query);
    else if (of != ERR_OK)
        *why = of_query;
    return e != ERR_OK ? e : of;
}

int reload_main(int argc, char **argv)
{
    struct reload_options options = {NULL};
    const struct command command = {.table = &table, .config = &options.config, .run = reload};
    return command_main(&command, argc, argv, &options);
}
