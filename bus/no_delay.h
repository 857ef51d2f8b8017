/* Small packets at once. paho 1.3.12 never sets TCP_NODELAY and shows no descriptor, so what a
 * client sends while its last small packet is not acknowledged waits in the kernel (RFC 1122,
 * section 4.2.3.4) until the broker's delayed acknowledgement, 40 ms: two answers in a row, or an
 * answer behind the PUBACK of its request. */
#ifndef BUS_NO_DELAY_H
#define BUS_NO_DELAY_H

#include <stdint.h>

/* no_delay_set sets it on every TCP socket of this process that is connected to that port, which
 * does another one no harm; returns how many there are. It looks at the descriptors below
 * NO_DELAY_MAX_FD. */
#define NO_DELAY_MAX_FD 1024
unsigned no_delay_set(uint16_t peer_port);

#endif
