/* hearthline reload: the running services read their configuration again. */
#ifndef CLI_RELOAD_H
#define CLI_RELOAD_H

int reload_main(int argc, char **argv);

#endif
