/* `hearthline rejects list`: what could not be stored, and why. */
#ifndef CLI_REJECTS_LIST_H
#define CLI_REJECTS_LIST_H

int rejects_list_main(int argc, char **argv); /* argv[0] is the name; returns the exit status */

#endif
