#include "schemas/status_pace.h"

#include <string.h>

bool status_pace_take(struct status_pace *pace, struct status *status, unsigned connection)
{
    bool same = pace->last.state == status->state;
    if (pace->said && pace->connection == connection && same &&
        strcmp(pace->last.reason, status->reason) == 0)
        return false;
    if (same)
        status->since_ns = pace->last.since_ns;
    pace->last = *status;
    pace->connection = connection;
    pace->said = true;
    return true;
}

void status_pace_failed(struct status_pace *pace)
{
    pace->said = false;
}
