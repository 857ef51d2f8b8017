/* Which query service this is: a name that is the same after each start on this machine under this
 * client id, and a lock that no second process on this machine gets.
 *
 * With both, a retained `online` under our own name is left over from a death that the broker has
 * not noticed yet, and one under another name is another machine's. The lock is an abstract unix
 * socket (unix(7)), which ends with the process. The name is a hash of /etc/machine-id, the
 * host's name, client id, topic root and broker. */
#ifndef QUERY_INSTANCE_H
#define QUERY_INSTANCE_H

#include "base/settings.h"

#define INSTANCE_SIZE 17

struct instance {
    char name[INSTANCE_SIZE];
    int lock; /* closed by instance_close */
};

/* instance_open: ERR_BUSY when another process has the lock. */
enum err instance_open(const struct settings *settings, struct instance *ret_instance,
                       struct err_reason *why) ERR_MUST_CHECK;
void instance_close(struct instance *instance);

#endif
