/* `hearthline flush`: waits until all that the writer has received is stored. */
#ifndef CLI_FLUSH_H
#define CLI_FLUSH_H

int flush_main(int argc, char **argv); /* argv[0] is the name; returns the exit status */

#endif
