#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bus/address.h"

static void addresses_are_read(void **state)
{
    static const struct {
        const char *url, *host;
        uint16_t port;
        bool tls;
        const char *paho;
    } cases[] = {
        {"mqtt://broker", "broker", 1883, false, "tcp://broker:1883"},
        {"mqtt://broker/", "broker", 1883, false, "tcp://broker:1883"},
        {"mqtts://broker.lan", "broker.lan", 8883, true, "ssl://broker.lan:8883"},
        {"mqtt://127.0.0.1:1", "127.0.0.1", 1, false, "tcp://127.0.0.1:1"},
        {"mqtts://[::1]:65535", "[::1]", 65535, true, "ssl://[::1]:65535"},
        {"mqtt://[fe80::1]", "[fe80::1]", 1883, false, "tcp://[fe80::1]:1883"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct address address;
        struct err_reason why = {""};
        char url[ADDRESS_URL_SIZE];
        if (address_parse(cases[i].url, &address, &why) != ERR_OK)
            fail_msg("%s: %s", cases[i].url, why.text);
        assert_string_equal(address.host, cases[i].host);
        assert_int_equal(address.port, cases[i].port);
        assert_int_equal(address.tls, cases[i].tls);
        address_format(&address, url);
        assert_string_equal(url, cases[i].paho);
    }
}

static void what_is_no_address_is_refused_with_words(void **state)
{
    static const char *const cases[][2] = {
        {"", "mqtt://"},
        {"broker:1883", "mqtt://"},
        {"tcp://broker", "mqtt://"},
        {"MQTT://broker", "mqtt://"},
        {"mqtt://", "no usable host"},
        {"mqtt://:1883", "no usable host"},
        {"mqtt://a b", "no usable host"},
        {"mqtt://broker/path", "no usable host"},
        {"mqtt://[::1", "no usable host"},
        {"mqtt://[]:1", "no usable host"},
        {"mqtt://broker:", "no usable port"},
        {"mqtt://broker:0", "no usable port"},
        {"mqtt://broker:65536", "no usable port"},
        {"mqtt://broker:18 83", "no usable port"},
        {"mqtt://::1", "no usable host"},
        {"mqtt://[::1]x", "no usable port"},
        {"mqtt://user:secret@broker", "user name"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct address address;
        struct err_reason why = {""};
        if (address_parse(cases[i][0], &address, &why) != ERR_INVALID ||
            !strstr(why.text, cases[i][1]))
            fail_msg("'%s': '%s'", cases[i][0], why.text);
        assert_null(strstr(why.text, "secret"));
    }
    struct address none;
    assert_int_equal(address_parse(NULL, &none, NULL), ERR_INVALID);
}

static void a_host_has_at_most_255_bytes(void **state)
{
    char url[300] = "mqtt://";
    struct address address;
    (void)state;
    memset(url + 7, 'a', 255);
    assert_int_equal(address_parse(url, &address, NULL), ERR_OK);
    url[7 + 255] = 'a';
    assert_int_equal(address_parse(url, &address, NULL), ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read),
        cmocka_unit_test(what_is_no_address_is_refused_with_words),
        cmocka_unit_test(a_host_has_at_most_255_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
