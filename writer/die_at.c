#include "writer/die_at.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXIT_CODE 86

void die_at_reached(struct die_at *die, const char *point)
{
    size_t len = strlen(point);
    if (!die->point || strncmp(die->point, point, len) != 0 ||
        (die->point[len] != '\0' && die->point[len] != ':'))
        return;
    if (die->left == 0)
        die->left = die->point[len] == ':' ? (unsigned)strtoul(die->point + len + 1, NULL, 10) : 1;
    if (die->left == 1)
        _exit(EXIT_CODE);
    die->left--;
}
