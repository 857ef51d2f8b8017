/* `hearthline init`: tries a broker and an InfluxDB, and writes a configuration for them. */
#ifndef CLI_INIT_H
#define CLI_INIT_H

int init_main(int argc, char **argv); /* argv[0] is the name; returns the exit status */

#endif
