/* `hearthline tail`: shows what becomes of messages as they come. */
#ifndef CLI_TAIL_H
#define CLI_TAIL_H

int tail_main(int argc, char **argv); /* argv[0] is the name; returns the exit status */

#endif
