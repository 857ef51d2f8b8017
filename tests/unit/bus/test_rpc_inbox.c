/* The hand-over between paho's thread and the loop: what is kept, what becomes a reply address,
 * what is lost, and that all of it is counted. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bus/rpc_inbox.h"

enum { PLENTY = 1 << 20 };

/* The texts point into `text`, which is written over after each push: copies are expected. */
static struct bus_message message(char text[64], int number)
{
    snprintf(text, 64, "request/a response/%06d %06d payload%06d", number, number, number);
    return (struct bus_message){.topic = {text, 9},
                                .response_topic = {text + 10, 15},
                                .correlation = {text + 26, 6},
                                .payload = {text + 33, 13},
                                .qos = 1};
}

static enum err push(struct rpc_inbox *inbox, int number)
{
    char text[64];
    struct bus_message m = message(text, number);
    enum err err = rpc_inbox_push(inbox, &m, 1000 + number);
    memset(text, '!', sizeof text);
    return err;
}

static int number_of(const struct rpc_request *r)
{
    char digits[7] = "";
    assert_int_equal(r->correlation.len, 6);
    memcpy(digits, r->correlation.at, 6);
    return atoi(digits);
}

static void expect_counts(struct rpc_inbox *inbox, uint64_t kept, uint64_t overflowed,
                          uint64_t lost, size_t waiting)
{
    struct rpc_inbox_counts c = rpc_inbox_counts(inbox);
    assert_int_equal(c.kept, kept);
    assert_int_equal(c.overflowed, overflowed);
    assert_int_equal(c.lost, lost);
    assert_int_equal(c.waiting, waiting);
    assert_true((c.waiting == 0) == (c.waiting_bytes == 0));
}

static void everything_of_a_message_is_copied(void **state)
{
    (void)state;
    struct rpc_inbox *inbox = rpc_inbox_new(10, PLENTY);
    char payload[] = "a\0b", topic[] = "t/x";
    struct bus_message m = {.topic = {topic, 3},
                            .payload = {payload, 3},
                            .content_type = TEXT("application/json"),
                            .response_topic = TEXT("r/y"),
                            .correlation = TEXT("\0\xff\x01"),
                            .qos = 1,
                            .retained = true,
                            .expiry_s = 5};
    assert_int_equal(rpc_inbox_push(inbox, &m, 77), ERR_OK);
    memset(payload, 'z', sizeof payload);
    memset(topic, 'z', sizeof topic);
    struct rpc_request *r = rpc_inbox_pop(inbox);
    assert_non_null(r);
    assert_true(text_equal(r->topic, TEXT("t/x")));
    assert_true(text_equal(r->payload, TEXT("a\0b")));
    assert_true(text_equal(r->content_type, TEXT("application/json")));
    assert_true(text_equal(r->response_topic, TEXT("r/y")));
    assert_true(text_equal(r->correlation, TEXT("\0\xff\x01")));
    assert_true(r->qos == 1 && r->retained && !r->overflow && r->expiry_s == 5);
    assert_int_equal(r->arrived_ms, 77);
    assert_null(rpc_inbox_pop(inbox));
    rpc_request_free(r);
    rpc_request_free(NULL);
    rpc_inbox_free(inbox);
    rpc_inbox_free(NULL);
}

static void a_thousand_at_a_bound_of_a_hundred(void **state)
{
    (void)state;
    struct rpc_inbox *inbox = rpc_inbox_new(100, PLENTY);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(push(inbox, i), i < 100 ? ERR_OK : ERR_FULL);
    expect_counts(inbox, 100, 400, 500, 500);
    for (int i = 0; i < 500; i++) {
        struct rpc_request *r = rpc_inbox_pop(inbox);
        assert_non_null(r);
        assert_int_equal(number_of(r), i); /* in order, over both kinds */
        assert_int_equal(r->arrived_ms, 1000 + i);
        assert_int_equal(r->overflow, i >= 100);
        assert_int_equal(r->payload.len, i < 100 ? 13 : 0);
        assert_int_equal(r->response_topic.len, 15);
        assert_true(text_equal(r->topic, TEXT("request/a")));
        rpc_request_free(r);
    }
    assert_null(rpc_inbox_pop(inbox));
    expect_counts(inbox, 100, 400, 500, 0);
    assert_int_equal(push(inbox, 1000), ERR_OK); /* there is room again */
    expect_counts(inbox, 101, 400, 500, 1);
    rpc_inbox_free(inbox);
}

static void a_place_that_is_freed_is_used_again(void **state)
{
    (void)state;
    struct rpc_inbox *inbox = rpc_inbox_new(2, PLENTY);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(push(inbox, i), ERR_OK);
        if (i == 0)
            continue;
        struct rpc_request *r = rpc_inbox_pop(inbox);
        assert_int_equal(number_of(r), i - 1);
        rpc_request_free(r);
    }
    expect_counts(inbox, 100, 0, 0, 1);
    rpc_inbox_free(inbox);
}

static void another_bound_holds_from_then_on(void **state)
{
    (void)state;
    struct rpc_inbox *inbox = rpc_inbox_new(1, PLENTY);
    assert_int_equal(push(inbox, 1), ERR_OK);
    assert_int_equal(push(inbox, 2), ERR_FULL);
    rpc_inbox_bound(inbox, 3);
    assert_int_equal(push(inbox, 3), ERR_OK);
    assert_int_equal(push(inbox, 4), ERR_OK);
    assert_int_equal(push(inbox, 5), ERR_FULL);
    rpc_inbox_bound(inbox, 1); /* what is in it stays */
    assert_int_equal(push(inbox, 6), ERR_FULL);
    expect_counts(inbox, 3, 3, 0, 6);
    rpc_inbox_free(inbox);
}

static void bytes_are_bounded_as_well(void **state)
{
    (void)state;
    enum { MAX = 8192 };
    static char payload[MAX];
    struct rpc_inbox *inbox = rpc_inbox_new(1000, MAX);
    struct bus_message fits = {.payload = {payload, MAX - sizeof(struct rpc_request)}};
    struct bus_message large = {.payload = {payload, fits.payload.len + 1}};
    struct bus_message huge_address = {.response_topic = {payload, MAX / RPC_INBOX_OVERFLOW_PART}};
    assert_int_equal(rpc_inbox_push(inbox, &large, 0), ERR_FULL); /* even alone */
    assert_int_equal(rpc_inbox_push(inbox, &fits, 0), ERR_OK);
    assert_int_equal(rpc_inbox_counts(inbox).waiting_bytes, MAX + sizeof(struct rpc_request));
    assert_int_equal(rpc_inbox_push(inbox, &huge_address, 0), ERR_FULL);
    expect_counts(inbox, 1, 1, 1, 2);
    int taken = 0;
    while (push(inbox, taken) == ERR_FULL && rpc_inbox_counts(inbox).lost == 1)
        taken++;
    struct rpc_inbox_counts c = rpc_inbox_counts(inbox);
    assert_true(taken > 0 && c.waiting_bytes <= MAX + MAX / RPC_INBOX_OVERFLOW_PART);
    rpc_inbox_free(inbox);
}

static void what_keeps_the_newest_lets_the_oldest_go(void **state)
{
    (void)state;
    struct rpc_inbox *inbox = rpc_inbox_new_keeping_newest(100, PLENTY);
    for (int i = 0; i < 2000; i++)
        assert_int_equal(push(inbox, i), ERR_OK);
    expect_counts(inbox, 2000, 0, 1900, 100);
    for (int i = 1900; i < 2000; i++) {
        struct rpc_request *r = rpc_inbox_pop(inbox);
        assert_non_null(r);
        assert_int_equal(number_of(r), i);
        assert_true(!r->overflow && r->payload.len == 13);
        rpc_request_free(r);
    }
    assert_null(rpc_inbox_pop(inbox));
    assert_int_equal(push(inbox, 2000), ERR_OK);
    expect_counts(inbox, 2001, 0, 1900, 1);
    rpc_inbox_free(inbox);
}

static void a_large_one_takes_the_place_of_several(void **state)
{
    (void)state;
    enum { MAX = 8192 };
    static char payload[MAX];
    struct rpc_inbox *inbox = rpc_inbox_new_keeping_newest(1000, MAX);
    struct bus_message fits = {.payload = {payload, MAX - sizeof(struct rpc_request)}};
    struct bus_message large = {.payload = {payload, fits.payload.len + 1}};
    for (int i = 0; i < 3; i++)
        assert_int_equal(push(inbox, i), ERR_OK);
    assert_int_equal(rpc_inbox_push(inbox, &large, 0), ERR_FULL); /* lost itself, and costs none */
    expect_counts(inbox, 3, 0, 1, 3);
    assert_int_equal(rpc_inbox_push(inbox, &fits, 0), ERR_OK);
    expect_counts(inbox, 4, 0, 4, 1);
    struct rpc_request *r = rpc_inbox_pop(inbox);
    assert_int_equal(r->payload.len, fits.payload.len);
    rpc_request_free(r);
    rpc_inbox_free(inbox);
}

enum { PUSHERS = 4, EACH = 250 };

struct pusher {
    struct rpc_inbox *inbox;
    int first;
    int kept, full;
};

static atomic_int pushing;

static void *run_pusher(void *context)
{
    struct pusher *p = context;
    for (int i = 0; i < EACH; i++) {
        enum err err = push(p->inbox, p->first + i);
        p->kept += err == ERR_OK;
        p->full += err == ERR_FULL;
    }
    atomic_fetch_sub(&pushing, 1);
    return NULL;
}

/* The figures balance whatever the interleaving: each push is popped once or lost. */
static void from_many_threads_each_comes_out_once_or_is_counted(void **state)
{
    (void)state;
    struct rpc_inbox *inbox = rpc_inbox_new(100, PLENTY);
    struct pusher pushers[PUSHERS] = {{0}};
    pthread_t threads[PUSHERS];
    unsigned char seen[PUSHERS * EACH] = {0};
    int last[PUSHERS] = {-1, -1, -1, -1};
    uint64_t whole = 0, addresses = 0, kept = 0, full = 0;
    atomic_store(&pushing, PUSHERS);
    for (int i = 0; i < PUSHERS; i++) {
        pushers[i] = (struct pusher){.inbox = inbox, .first = i * EACH};
        assert_int_equal(pthread_create(&threads[i], NULL, run_pusher, &pushers[i]), 0);
    }
    for (bool more = true; more;) {
        more = atomic_load(&pushing) > 0;
        for (struct rpc_request *r; (r = rpc_inbox_pop(inbox)); rpc_request_free(r)) {
            int number = number_of(r);
            assert_int_equal(seen[number]++, 0);
            assert_true(number > last[number / EACH]); /* the order of each thread */
            last[number / EACH] = number;
            whole += !r->overflow;
            addresses += r->overflow;
        }
    }
    for (int i = 0; i < PUSHERS; i++) {
        pthread_join(threads[i], NULL);
        kept += (uint64_t)pushers[i].kept;
        full += (uint64_t)pushers[i].full;
    }
    struct rpc_inbox_counts c = rpc_inbox_counts(inbox);
    assert_int_equal(c.kept, whole);
    assert_int_equal(kept, whole);
    assert_int_equal(c.overflowed, addresses);
    assert_int_equal(c.overflowed + c.lost, full);
    assert_int_equal(kept + full, PUSHERS * EACH);
    expect_counts(inbox, c.kept, c.overflowed, c.lost, 0);
    rpc_inbox_free(inbox);
}

static void what_was_never_popped_is_freed(void **state)
{
    (void)state;
    struct rpc_inbox *inbox = rpc_inbox_new(3, PLENTY);
    for (int i = 0; i < 5; i++)
        (void)!push(inbox, i);
    rpc_inbox_free(inbox); /* the sanitizer would say so */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_of_a_message_is_copied),
        cmocka_unit_test(a_thousand_at_a_bound_of_a_hundred),
        cmocka_unit_test(a_place_that_is_freed_is_used_again),
        cmocka_unit_test(another_bound_holds_from_then_on),
        cmocka_unit_test(bytes_are_bounded_as_well),
        cmocka_unit_test(what_keeps_the_newest_lets_the_oldest_go),
        cmocka_unit_test(a_large_one_takes_the_place_of_several),
        cmocka_unit_test(from_many_threads_each_comes_out_once_or_is_counted),
        cmocka_unit_test(what_was_never_popped_is_freed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
