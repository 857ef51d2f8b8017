/* The broker's address as it stands in the configuration. Pure. */
#ifndef BUS_ADDRESS_H
#define BUS_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define ADDRESS_HOST_SIZE 256

struct address {
    char host[ADDRESS_HOST_SIZE]; /* a name or an address, an IPv6 one in brackets */
    uint16_t port;
    bool tls;
};

/* address_parse reads mqtt://HOST[:PORT] (1883) and mqtts://HOST[:PORT] (8883), a slash at the end
 * allowed. ERR_INVALID with what is wrong: another scheme, no host, a port outside 1 to 65535, a
 * user name in the URL (it belongs into `username` and `password_file`), a path. */
enum err address_parse(const char *url, struct address *ret_address,
                       struct err_reason *why) ERR_MUST_CHECK;

/* address_format writes the URL as paho wants it, tcp:// or ssl://. */
#define ADDRESS_URL_SIZE (ADDRESS_HOST_SIZE + 16)
void address_format(const struct address *address, char ret_url[ADDRESS_URL_SIZE]);

#endif
