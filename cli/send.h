/* `hearthline send`: publishes one message and waits until the broker has it. */
#ifndef CLI_SEND_H
#define CLI_SEND_H

int send_main(int argc, char **argv); /* argv[0] is the name; returns the exit status */

#endif
