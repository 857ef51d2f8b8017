/* `hearthline check`: says what is wrong with a configuration. */
#ifndef CLI_CHECK_H
#define CLI_CHECK_H

int check_main(int argc, char **argv); /* argv[0] is the name; returns the exit status */

#endif
