/* mqtts:// with a client certificate, against certificates made here by openssl. */
#include "watch.h"

#include <signal.h>

static struct harness *broker;
static char ca[128], other_ca[128], cert[128], key[128];

static void run(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void run(const char *format, ...)
{
    char command[1024];
    va_list list;
    va_start(list, format);
    vsnprintf(command, sizeof command, format, list);
    va_end(list);
    if (system(command) != 0)
        fail_msg("failed: %s", command);
}

static void make_ca(const char *folder, const char *name)
{
    run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=%s "
        "-keyout %s/%s.key -out %s/%s.pem 2>%s/openssl.log",
        name, folder, name, folder, name, folder);
}

static void make_certificate(const char *folder, const char *name, const char *alternative_name)
{
    run("openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=%s -keyout "
        "%s/%s.key "
        "-out %s/%s.csr 2>%s/openssl.log && echo subjectAltName=%s >%s/%s.ext && "
        "openssl x509 -req -in %s/%s.csr -CA %s/ca.pem -CAkey %s/ca.key -CAcreateserial -days 2 "
        "-extfile %s/%s.ext -out %s/%s.pem 2>%s/openssl.log",
        name, folder, name, folder, name, folder, alternative_name, folder, name, folder, name,
        folder, folder, folder, name, folder, name, folder);
}

static struct harness *tls_broker(const char *alternative_name)
{
    struct harness *h = harness_new(HARNESS_MOSQUITTO);
    assert_non_null(h);
    const char *folder = harness_folder(h);
    make_ca(folder, "ca");
    make_ca(folder, "other");
    make_certificate(folder, "server", alternative_name);
    make_certificate(folder, "client", "DNS:client");
    harness_config(h,
                   "cafile %s/ca.pem\ncertfile %s/server.pem\nkeyfile %s/server.key\n"
                   "require_certificate true\n",
                   folder, folder, folder);
    assert_true(harness_start(h));
    snprintf(ca, sizeof ca, "%s/ca.pem", folder);
    snprintf(other_ca, sizeof other_ca, "%s/other.pem", folder);
    snprintf(cert, sizeof cert, "%s/client.pem", folder);
    snprintf(key, sizeof key, "%s/client.key", folder);
    return h;
}

static struct watch *tls_client(const char *ca_file, bool with_certificate)
{
    static char url[64];
    snprintf(url, sizeof url, "mqtts://127.0.0.1:%u", harness_port(broker));
    struct watch *w = watch_new(url, "tls");
    w->options.ca_file = ca_file;
    w->options.cert_file = with_certificate ? cert : "";
    w->options.key_file = with_certificate ? key : "";
    watch_open(w);
    return w;
}

static void fails_with(struct watch *w, const char *words)
{
    WATCH_UNTIL(w->losses >= 2);
    if (!strstr(w->words[1], words))
        fail_msg("'%s' does not say '%s'", w->words[1], words);
    assert_int_equal(w->connects, 0);
    watch_close(w);
}

static int start(void **state)
{
    (void)state;
    broker = tls_broker("IP:127.0.0.1");
    return 0;
}

static int stop(void **state)
{
    (void)state;
    harness_close(broker);
    return 0;
}

static void a_client_certificate_connects_and_comes_back(void **state)
{
    const struct bus_subscription list[] = {{.filter = "tls/#", .qos = 1}};
    (void)state;
    struct watch *w = tls_client(ca, true);
    assert_int_equal(bus_client_subscribe(w->client, list, 1), ERR_OK);
    WATCH_UNTIL(w->subscribed == 1);
    watch_flush(w, w, "tls/x");
    harness_stop(broker, SIGTERM);
    assert_true(harness_start(broker));
    WATCH_UNTIL_MS(w->subscribed == 2, 6000);
    assert_true(w->present[1]);
    watch_flush(w, w, "tls/x");
    watch_close(w);
}

static void a_broker_of_another_ca_is_not_trusted(void **state)
{
    (void)state;
    fails_with(tls_client(other_ca, true), "certificate verify failed");
}

static void the_systems_cas_do_not_trust_it_either(void **state)
{
    (void)state;
    fails_with(tls_client("", true), "certificate verify failed");
}

/* With TLS 1.3 the refusal comes after the handshake; the words differ, the outcome does not. */
static void without_its_certificate_the_client_is_refused(void **state)
{
    (void)state;
    fails_with(tls_client(ca, false), "mqtts://127.0.0.1");
}

static void a_missing_ca_file_is_an_error(void **state)
{
    (void)state;
    fails_with(tls_client("/nonexistent/ca.pem", true), "mqtts://127.0.0.1");
}

/* verify is 0 in paho's initializer. */
static void a_certificate_for_another_host_is_not_trusted(void **state)
{
    struct harness *before = broker;
    (void)state;
    broker = tls_broker("DNS:elsewhere.invalid");
    fails_with(tls_client(ca, true), "mqtts://127.0.0.1");
    harness_close(broker);
    broker = before;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_certificate_connects_and_comes_back),
        cmocka_unit_test(a_broker_of_another_ca_is_not_trusted),
        cmocka_unit_test(the_systems_cas_do_not_trust_it_either),
        cmocka_unit_test(without_its_certificate_the_client_is_refused),
        cmocka_unit_test(a_missing_ca_file_is_an_error),
        cmocka_unit_test(a_certificate_for_another_host_is_not_trusted),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
