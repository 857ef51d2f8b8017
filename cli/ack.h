/* `hearthline ack`: says that somebody knows of an alert. */
#ifndef CLI_ACK_H
#define CLI_ACK_H

int ack_main(int argc, char **argv); /* argv[0] is the name; returns the exit status */

#endif
