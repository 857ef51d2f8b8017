/* Tells systemd how the service is (sd_notify(3)): a datagram to the socket that
 * NOTIFY_SOCKET names, abstract ones too. Without that variable it does nothing. */
#ifndef BASE_NOTIFY_H
#define BASE_NOTIFY_H

#include <stdint.h>

/* notify_send passes `state` on, for example "READY=1" or "STOPPING=1\nSTATUS=...". */
void notify_send(const char *state);

/* notify_watchdog_ms is half of WATCHDOG_USEC, the interval at which "WATCHDOG=1"
 * is due; 0 when systemd asks for none (or for another process, WATCHDOG_PID). */
uint32_t notify_watchdog_ms(void);

#endif
