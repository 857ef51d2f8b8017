/* `hearthline explain`: shows what a message would become, without any server. */
#ifndef CLI_EXPLAIN_H
#define CLI_EXPLAIN_H

int explain_main(int argc, char **argv); /* argv[0] is the name; returns the exit status */

#endif
