/* `hearthline journal replay`: makes points again from what the journal still holds. */
#ifndef CLI_JOURNAL_REPLAY_H
#define CLI_JOURNAL_REPLAY_H

int journal_replay_main(int argc, char **argv); /* argv[0] is the name; returns the exit status */

#endif
