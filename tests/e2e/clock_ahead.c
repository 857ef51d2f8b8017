/* Preloaded into a program, it lets the program's own wall clock run HEARTHLINE_TEST_AHEAD_S
 * seconds ahead, so that a window of minutes ends at once. Libraries keep the true time: they
 * compute deadlines by it for which the kernel waits. */
#include <dlfcn.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int asked_by_program(const void *caller)
{
    Dl_info info;
    struct link_map *map;
    return dladdr1(caller, &info, (void **)&map, RTLD_DL_LINKMAP) && map->l_name[0] == '\0';
}

int clock_gettime(clockid_t id, struct timespec *now)
{
    const char *ahead_s = getenv("HEARTHLINE_TEST_AHEAD_S");
    int result = (int)syscall(SYS_clock_gettime, id, now);
    if (id == CLOCK_REALTIME && ahead_s && asked_by_program(__builtin_return_address(0)))
        now->tv_sec += atoll(ahead_s);
    return result;
}
