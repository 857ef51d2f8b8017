#include "bus/address.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const struct scheme {
    const char *prefix;
    uint16_t port;
    bool tls;
} schemes[] = {
    {"mqtt://", 1883, false},
    {"mqtts://", 8883, true},
};

static const struct scheme *find_scheme(struct text url)
{
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (text_starts(url, text_of(schemes[i].prefix)))
            return &schemes[i];
    return NULL;
}

/* Where the host ends: behind the bracket of an IPv6 address, else before the colon. */
static size_t host_length(struct text rest)
{
    const char *bracket = rest.len && rest.at[0] == '[' ? memchr(rest.at, ']', rest.len) : NULL;
    if (bracket)
        return (size_t)(bracket - rest.at) + 1;
    const char *colon = rest.len ? memchr(rest.at, ':', rest.len) : NULL;
    return colon ? (size_t)(colon - rest.at) : rest.len;
}

static bool host_is_sane(struct text host)
{
    for (size_t i = 0; i < host.len; i++)
        if ((unsigned char)host.at[i] <= ' ' || strchr("/?#\"\\", host.at[i]))
            return false;
    bool bracketed = host.len > 2 && host.at[0] == '[' && host.at[host.len - 1] == ']';
    return host.len > 0 && host.len < ADDRESS_HOST_SIZE && (host.at[0] != '[' || bracketed);
}

enum err address_parse(const char *url, struct address *ret_address, struct err_reason *why)
{
    static const char right[] = "mqtt://HOST:PORT or mqtts://HOST:PORT";
    struct text rest = text_of(url ? url : "");
    const struct scheme *scheme = find_scheme(rest);
    if (!scheme)
        return err_explain(why, ERR_INVALID,
                           "broker address does not begin with mqtt:// or mqtts://: "
                           "it should look like %s",
                           right);
    rest.at += strlen(scheme->prefix);
    rest.len -= strlen(scheme->prefix);
    if (rest.len && memchr(rest.at, '@', rest.len)) /* not quoted: it may hold a password */
        return err_explain(why, ERR_INVALID,
                           "broker address holds a user name: it belongs into "
                           "`username` and `password_file`");
    if (rest.len && rest.at[rest.len - 1] == '/')
        rest.len--;
    struct text host = {rest.at, host_length(rest)};
    struct text port = {rest.at + host.len, rest.len - host.len};
    long long number = scheme->port;
    if (!host_is_sane(host))
        return err_explain(why, ERR_INVALID,
                           "broker address '%s' has no usable host: it should look "
                           "like %s",
                           url, right);
    bool port_given = port.len > 0;
    if (port_given &&
        (port.at[0] != ':' || !text_integer((struct text){port.at + 1, port.len - 1}, &number) ||
         number < 1 || number > 65535))
        return err_explain(why, ERR_INVALID,
                           "broker address '%s' has no usable port (1 to 65535): it "
                           "should look like %s",
                           url, right);
    memcpy(ret_address->host, host.at, host.len);
    ret_address->host[host.len] = '\0';
    ret_address->port = (uint16_t)number;
    ret_address->tls = scheme->tls;
    return ERR_OK;
}

void address_format(const struct address *address, char ret_url[ADDRESS_URL_SIZE])
{
    snprintf(ret_url, ADDRESS_URL_SIZE, "%s://%s:%u", address->tls ? "ssl" : "tcp", address->host,
             address->port);
}
