/* `hearthline ask`: asks the query service one question and shows the answer. */
#ifndef CLI_ASK_H
#define CLI_ASK_H

int ask_main(int argc, char **argv); /* argv[0] is the name; returns the exit status */

#endif
