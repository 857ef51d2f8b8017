/* For tests: ends the process with _exit(86) at a named point, as a crash would. */
#ifndef WRITER_DIE_AT_H
#define WRITER_DIE_AT_H

struct die_at {
    const char *point; /* "POINT" or "POINT:N", the Nth time that it is reached; NULL: never */
    unsigned left;     /* zero to begin with */
};

void die_at_reached(struct die_at *die, const char *point);

#endif
