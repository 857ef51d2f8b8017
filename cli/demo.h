/* `hearthline demo`: plays the demo house into a broker. */
#ifndef CLI_DEMO_H
#define CLI_DEMO_H

/* demo_main is the subcommand; argv[0] is its name. Returns the exit status: 0 when the span was
 * played or a signal ended it, 1 when the broker cannot be reached, 2 for wrong usage. */
int demo_main(int argc, char **argv);

#endif
