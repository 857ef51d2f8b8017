/* A rejection keeps the original, byte for byte, as far as 64 KiB go. */
#include "messages.h"

static struct rejected base(void)
{
    return (struct rejected){.reason = TEXT("not_json"),
                             .words = TEXT("byte 0: a value was due"),
                             .topic = TEXT("hearthline/readings/a"),
                             .source = TEXT("reading"),
                             .time_ns = 1795168800000001024};
}

static void the_arrival_is_there_twice(void **state)
{
    (void)state;
    struct rejected message = base();
    struct buf out = {0};
    message.retained = message.late = true;
    message.qos = fields_unsigned(0);
    rejected_encode(&message, &out);
    assert_string_equal(
        buf_cstr(&out),
        "{\"schema\":1,\"reason\":\"not_json\",\"words\":\"byte 0: a value was due\","
        "\"topic\":\"hearthline/readings/a\",\"source\":\"reading\","
        "\"time\":\"2026-11-20T10:00:00.000001024Z\",\"arrival_ns\":\"1795168800000001024\","
        "\"retained\":true,\"late\":true,\"qos\":0}");
    buf_free(&out);
}

/* Encodes, decodes and gives the original back. */
static void round_trip(struct text original, struct buf *ret_back, struct rejected *ret_message)
{
    struct buf base64 = {0};
    static struct buf out;
    struct rejected message = base();
    rejected_set_payload(&message, original, &base64);
    buf_reset(&out);
    rejected_encode(&message, &out);
    assert_int_equal(rejected_decode(messages_parse(buf_view(&out)), ret_message, NULL), ERR_OK);
    buf_reset(ret_back);
    assert_int_equal(rejected_get_payload(ret_message, ret_back), ERR_OK);
    assert_int_equal(ret_message->payload_bytes.value, original.len);
    assert_int_equal(ret_message->time_ns, message.time_ns);
    buf_free(&base64);
    buf_free(&out);
}

static void an_original_comes_back(void **state)
{
    (void)state;
    static const struct {
        struct text original;
        bool is_text;
    } originals[] = {
        {TEXT(""), true},
        {TEXT("hello"), true},
        {TEXT("a\0b\x01\"\\\n"), true},
        {TEXT("\xC3\xBC"), true},
        {TEXT("\xFF"), false},
        {TEXT("\xFF\xFE"), false},
        {TEXT("\xFF\xFE\xFD"), false},
        {TEXT("\xFF\x00\xFD\xC3"), false},
        {TEXT("\xED\xA0\x80"), false}, /* a surrogate */
    };
    struct buf back = {0};
    for (size_t i = 0; i < MESSAGES_COUNT(originals); i++) {
        struct rejected message;
        round_trip(originals[i].original, &back, &message);
        assert_true(text_equal(buf_view(&back), originals[i].original));
        assert_int_equal(message.payload_base64.len == 0, originals[i].is_text);
        assert_false(message.cut);
    }
    buf_free(&back);
}

static void a_long_original_is_cut_and_says_so(void **state)
{
    (void)state;
    static char bytes[REJECTED_ORIGINAL_MAX + 10];
    struct buf back = {0};
    struct rejected message;
    memset(bytes, 'x', sizeof bytes);

    round_trip((struct text){bytes, REJECTED_ORIGINAL_MAX}, &back, &message);
    assert_int_equal(back.len, REJECTED_ORIGINAL_MAX);
    assert_false(message.cut);

    round_trip((struct text){bytes, REJECTED_ORIGINAL_MAX + 1}, &back, &message);
    assert_int_equal(back.len, REJECTED_ORIGINAL_MAX);
    assert_true(message.cut);

    /* A character of four bytes across the cut goes as a whole; the rest stays text. */
    memcpy(bytes + REJECTED_ORIGINAL_MAX - 3, "\xF0\x9F\x94\xA5", 4);
    round_trip((struct text){bytes, sizeof bytes}, &back, &message);
    assert_int_equal(back.len, REJECTED_ORIGINAL_MAX - 3);
    assert_int_equal(message.payload_base64.len, 0);

    /* What is no text is cut nearby, and stays as it was. */
    bytes[0] = '\xFF';
    memset(bytes + REJECTED_ORIGINAL_MAX - 5, '\x80', 10);
    round_trip((struct text){bytes, sizeof bytes}, &back, &message);
    assert_in_range(back.len, REJECTED_ORIGINAL_MAX - 3, REJECTED_ORIGINAL_MAX);
    assert_memory_equal(back.data, bytes, back.len);
    assert_true(message.cut);
    buf_free(&back);
}

static void a_refused_line_is_cut_too(void **state)
{
    (void)state;
    static char bytes[REJECTED_ORIGINAL_MAX + 1];
    memset(bytes, 'x', sizeof bytes);
    struct rejected message = base();
    rejected_set_line(&message, TEXT("m v=1"));
    assert_true(text_equal(message.line, TEXT("m v=1")));
    assert_false(message.cut);
    rejected_set_line(&message, (struct text){bytes, sizeof bytes});
    assert_int_equal(message.line.len, REJECTED_ORIGINAL_MAX);
    assert_true(message.cut);
}

static void a_forged_base64_is_refused(void **state)
{
    (void)state;
    struct rejected message = base();
    struct buf back = {0};
    message.payload_base64 = TEXT("////*===");
    assert_int_equal(rejected_get_payload(&message, &back), ERR_INVALID);
    assert_int_equal(back.len, 0);
    buf_free(&back);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_arrival_is_there_twice),
        cmocka_unit_test(an_original_comes_back),
        cmocka_unit_test(a_long_original_is_cut_and_says_so),
        cmocka_unit_test(a_refused_line_is_cut_too),
        cmocka_unit_test(a_forged_base64_is_refused),
    };
    return cmocka_run_group_tests(tests, messages_open, messages_close);
}
