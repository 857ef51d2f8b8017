/* `hearthline journal info`: what the writer's journal holds. */
#ifndef CLI_JOURNAL_INFO_H
#define CLI_JOURNAL_INFO_H

int journal_info_main(int argc, char **argv); /* argv[0] is the name; returns the exit status */

#endif
