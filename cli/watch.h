/* `hearthline watch`: a live screen of the house. */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

int watch_main(int argc, char **argv); /* argv[0] is the name; returns the exit status */

#endif
