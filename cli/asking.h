/* A question to the query service as the commands ask, alerts, ack and silence put it: who is
 * asked, how long, and what is made of the answer. */
#ifndef CLI_ASKING_H
#define CLI_ASKING_H

#include "base/buf.h"
#include "base/value.h"
#include "cli/options.h"

struct asking_options {
    const char *config, *broker, *username, *password_file;
    uint32_t timeout_s;
    bool json;
};

enum { ASKING_TIMEOUT_S = 5, ASKING_EXIT_UNANSWERED = 3 };

/* The rows of these options in a command's table; `type` has them as its member `asking`. */
#define ASKING_MEMBER(type, member)                                                                \
    .offset = offsetof(type, asking) + offsetof(struct asking_options, member)
#define ASKING_ROWS(type)                                                                          \
    {.name = "json",                                                                               \
     .kind = OPTIONS_FLAG,                                                                         \
     ASKING_MEMBER(type, json),                                                                    \
     .help = "the answer as it came, on one line"},                                                \
        {.name = "timeout",                                                                        \
         .kind = OPTIONS_SPAN,                                                                     \
         ASKING_MEMBER(type, timeout_s),                                                           \
         .value = "SPAN",                                                                          \
         .min = 1,                                                                                 \
         .max = 3600,                                                                              \
         .help = "give up after so long (5s)"},                                                    \
        {.name = "broker",                                                                         \
         .kind = OPTIONS_TEXT,                                                                     \
         ASKING_MEMBER(type, broker),                                                              \
         .value = "URL",                                                                           \
         .help = "mqtt://host:port, and no configuration unless --config names one"},              \
        {.name = "username",                                                                       \
         .kind = OPTIONS_TEXT,                                                                     \
         ASKING_MEMBER(type, username),                                                            \
         .value = "NAME",                                                                          \
         .help = "user at the broker, instead of the configuration's"},                            \
        {.name = "password-file",                                                                  \
         .kind = OPTIONS_TEXT,                                                                     \
         ASKING_MEMBER(type, password_file),                                                       \
         .value = "FILE",                                                                          \
         .help = "file whose first line is that user's password"},                                 \
    {                                                                                              \
        .name = "config", .kind = OPTIONS_TEXT, ASKING_MEMBER(type, config), .value = "FILE",      \
        .help = "the configuration; else the file that HEARTHLINE_CONFIG names,\n"                 \
                "else hearthline.yaml in this folder"                                              \
    }

#define ASKING_EXIT                                                                                \
    "Exit status: 0 answered, 1 refused or failed (the words say why), 2 wrong usage, 3 no\n"      \
    "answer in time, or nobody there to answer.\n"

/* asking_run asks (the request's buffer may have failed), and prints what `show` makes of the
 * answer, or with --json the answer itself. An answer that is an error is said on standard error.
 * Returns the exit status. */
int asking_run(const char *command, const struct asking_options *options, const char *endpoint,
               const struct buf *request, void (*show)(struct value answer, struct buf *out));

/* asking_status gives the exit status for an answer: 0, or what its error comes to, whose words are
 * appended. */
int asking_status(struct value answer, struct buf *words);

/* asking_json appends JSON on one line as it came, with control characters, which can only stand in
 * its texts, escaped. */
void asking_json(struct text json, struct buf *out);

#endif
