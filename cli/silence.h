/* `hearthline silence`: alerts that match are not said for a time. */
#ifndef CLI_SILENCE_H
#define CLI_SILENCE_H

int silence_main(int argc, char **argv); /* argv[0] is the name; returns the exit status */

#endif
