/* `hearthline alerts`: what fires. */
#ifndef CLI_ALERTS_H
#define CLI_ALERTS_H

int alerts_main(int argc, char **argv); /* argv[0] is the name; returns the exit status */

#endif
