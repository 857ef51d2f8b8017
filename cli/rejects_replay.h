/* `hearthline rejects replay`: tries again what could not be stored. */
#ifndef CLI_REJECTS_REPLAY_H
#define CLI_REJECTS_REPLAY_H

int rejects_replay_main(int argc, char **argv); /* argv[0] is the name; returns the exit status */

#endif
