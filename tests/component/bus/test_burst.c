/* A burst of QoS 1 messages at a broker with its stock limits (max_queued_messages 1000): with
 * Receive Maximum 65,535 a healthy subscriber loses none. */
#include "watch.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BURST   100000
#define LEAD    50000
#define PATIENT 60000

static uint8_t seen[BURST];
static atomic_int distinct, total;
static bool dawdling;        /* the subscriber takes its time: 100 us a message */
static size_t end_of[BURST]; /* in the publisher's bytes */

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static enum bus_keep count(void *context, const struct bus_message *m)
{
    struct watch *w = context;
    char digits[16];
    for (int64_t until_ns = now_ns() + 100000; dawdling && now_ns() < until_ns;)
        ;
    watch_copy(digits, sizeof digits, m->payload);
    int number = atoi(digits);
    if (number >= 0 && number < BURST && !seen[number]++)
        atomic_fetch_add(&distinct, 1);
    atomic_fetch_add(&total, 1);
    atomic_fetch_add(&w->arrived, 1);
    return BUS_KEPT;
}

/* CONNECT of MQTT 3.1.1 and BURST PUBLISHes of QoS 1, each with its number as payload. */
static uint8_t *make_burst(size_t *ret_len)
{
    static const uint8_t head[] = {0x10, 17, 0, 4, 'M', 'Q', 'T', 'T', 4,  2,
                                   0,    60, 0, 5, 'b', 'u', 'r', 's', 't'};
    uint8_t *bytes = malloc(sizeof head + (size_t)BURST * 24), *at = bytes;
    assert_non_null(bytes);
    memcpy(at, head, sizeof head);
    at += sizeof head;
    for (int i = 0; i < BURST; i++) {
        char number[16];
        int len = snprintf(number, sizeof number, "%d", i);
        uint16_t id = (uint16_t)(i % 65535 + 1);
        const uint8_t packet[] = {0x32, (uint8_t)(9 + len), 0,          5, 'm', 'a', 's', 's',
                                  '1',  (uint8_t)(id >> 8), (uint8_t)id};
        memcpy(at, packet, sizeof packet);
        memcpy(at + sizeof packet, number, (size_t)len);
        at += sizeof packet + (size_t)len;
        end_of[i] = (size_t)(at - bytes);
    }
    *ret_len = (size_t)(at - bytes);
    return bytes;
}

/* How many bytes may be out by now. */
static size_t allowed(bool paced)
{
    int last = distinct + LEAD - 1;
    return end_of[paced && last < BURST ? last : BURST - 1];
}

/* As fast as the broker reads; its CONNACK and PUBACKs are counted. */
static void send_burst(uint16_t port, bool paced)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(port),
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    static char answers[65536];
    size_t len, sent = 0, answered = 0;
    uint8_t *bytes = make_burst(&len);
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(s, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(fcntl(s, F_SETFL, O_NONBLOCK), 0);
    while (answered < 4 + 4 * (size_t)BURST) {
        size_t now = allowed(paced);
        struct pollfd ready = {s, (short)(POLLIN | (sent < now ? POLLOUT : 0)), 0};
        bool waits = sent < len && sent >= now; /* for the subscriber */
        assert_true(poll(&ready, 1, waits ? 2 : PATIENT) > 0 || waits);
        if (ready.revents & POLLOUT) {
            ssize_t put = send(s, bytes + sent, now - sent, MSG_NOSIGNAL);
            assert_true(put >= 0);
            sent += (size_t)put;
        }
        if (ready.revents & POLLIN) {
            ssize_t got = recv(s, answers, sizeof answers, 0);
            assert_true(got > 0);
            answered += (size_t)got;
        }
    }
    close(s);
    free(bytes);
}

/* How many of the burst did not come; a last message says that all the others have gone by. */
static int lost_with(uint16_t receive_maximum)
{
    const struct bus_subscription list[] = {{.filter = "mass1", .qos = 1}};
    struct harness *broker = harness_mosquitto(NULL);
    struct watch *w = watch_new(harness_url(broker), "mass");
    w->options.arrived = count;
    w->options.receive_maximum = receive_maximum;
    memset(seen, 0, sizeof seen);
    distinct = total = 0;
    watch_up(w, list, 1);
    int64_t start_ms = harness_now_ms();
    send_burst(harness_port(broker), receive_maximum != 0);
    int64_t sent_ms = harness_now_ms();
    int last = -1;
    while (distinct < BURST && last != total) { /* until a second brings no more */
        last = total;
        int64_t until_ms = harness_now_ms() + 1000;
        while (harness_now_ms() < until_ms && distinct < BURST)
            watch_turn_all();
    }
    int lost = BURST - distinct;
    print_message("Receive Maximum %u: sent in %d ms, all in %d ms, lost %d, twice %d\n",
                  receive_maximum, (int)(sent_ms - start_ms), (int)(harness_now_ms() - start_ms),
                  lost, total - distinct);
    assert_int_equal(w->losses, 0);
    assert_int_equal(total, distinct);
    watch_close(w);
    harness_close(broker);
    return lost;
}

static void with_65535_none_is_lost(void **state)
{
    (void)state;
    assert_int_equal(lost_with(65535), 0);
}

/* Else the test above would prove nothing. On a busy machine the broker may be so slow that any
 * subscriber keeps up with it, so this one dawdles. */
static void with_the_brokers_default_some_are_lost(void **state)
{
    (void)state;
    dawdling = true;
    assert_true(lost_with(0) > 0);
    dawdling = false;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_65535_none_is_lost),
        cmocka_unit_test(with_the_brokers_default_some_are_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
