#include "base/signals.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum err signals_open(int *ret_descriptor, struct err_reason *why)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return err_explain_errno(why, ERR_IO, "signals");
    int descriptor = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (descriptor < 0)
        return err_explain_errno(why, ERR_IO, "signals");
    *ret_descriptor = descriptor;
    return ERR_OK;
}

struct signals signals_take(int descriptor)
{
    struct signals came = {false, NULL};
    struct signalfd_siginfo info;
    while (read(descriptor, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGHUP)
            came.reload = true;
        else if (!came.stop)
            came.stop = info.ssi_signo == SIGTERM ? "SIGTERM" : "SIGINT";
    }
    return came;
}
