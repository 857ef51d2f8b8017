#include "watched.h"

static void find(struct watched *w, const char *rule, const char *subject, enum verdict verdict)
{
    struct finding finding = {.service = "system",
                              .rule = rule,
                              .subject = subject,
                              .verdict = verdict,
                              .level = ALERT_WARNING,
                              .message = "words"};
    assert_int_equal(alerts_find(w->alerts, &finding), ERR_OK);
}

/* Two alerts, warm/a and cold/b, and a round of 10 s. */
static void round_of(struct watched *w, enum verdict warm, enum verdict cold)
{
    w->now_ns += 10 * S;
    alerts_round_begin(w->alerts, w->now_ns);
    find(w, "warm", "a", warm);
    find(w, "cold", "b", cold);
    alerts_rule_asked(w->alerts, "warm", 0);
    alerts_rule_asked(w->alerts, "cold", 0);
    alerts_round_end(w->alerts);
}

static struct silence silence_of(const char *rule, const char *subject, int64_t until_ns)
{
    struct silence silence = {.until_ns = until_ns, .by = "kim", .why = "works on it"};
    snprintf(silence.rule, sizeof silence.rule, "%s", rule);
    snprintf(silence.subject, sizeof silence.subject, "%s", subject);
    return silence;
}

static enum err silence(struct watched *w, const char *rule, const char *subject, int64_t for_s)
{
    struct silence s = silence_of(rule, subject, w->now_ns + for_s * S);
    return alerts_silence(w->alerts, &s, w->now_ns, NULL);
}

static void what_is_silenced_is_retained_and_not_said(void **state)
{
    (void)state;
    struct watched w;
    watched_open(&w);
    assert_int_equal(silence(&w, "warm", "", 3600), ERR_OK);
    assert_int_equal(w.silences, 1);
    round_of(&w, VERDICT_FIRING, VERDICT_FIRING);
    assert_string_equal(w.said, "firing:cold/b");
    assert_int_equal(w.retained, 2);
    round_of(&w, VERDICT_CLEAR, VERDICT_CLEAR);
    assert_string_equal(w.said, "firing:cold/b resolved:cold/b");
    assert_int_equal(w.retained, 4);
    alerts_free(w.alerts);
}

static void its_end_is_said_once_while_it_fires(void **state)
{
    (void)state;
    struct watched w;
    unsigned count;
    watched_open(&w);
    assert_int_equal(silence(&w, "", "", 15), ERR_OK);
    round_of(&w, VERDICT_FIRING, VERDICT_FIRING);
    assert_true(w.retained_alert.silenced);
    assert_int_equal(alerts_acknowledge(w.alerts, TEXT(""), TEXT("cold"), TEXT(""), TEXT(""),
                                        TEXT(""), w.now_ns, &count, NULL),
                     ERR_OK);
    assert_string_equal(w.said, "");
    round_of(&w, VERDICT_FIRING, VERDICT_FIRING);
    assert_string_equal(w.said, "firing:warm/a"); /* of the other somebody knows */
    assert_int_equal(w.silences, 2);
    assert_false(w.event.silenced);
    round_of(&w, VERDICT_FIRING, VERDICT_FIRING);
    round_of(&w, VERDICT_FIRING, VERDICT_FIRING);
    assert_string_equal(w.said, "firing:warm/a");
    alerts_free(w.alerts);
}

static void its_end_says_nothing_of_what_is_over(void **state)
{
    (void)state;
    struct watched w;
    watched_open(&w);
    round_of(&w, VERDICT_FIRING, VERDICT_CLEAR);
    assert_int_equal(silence(&w, "warm", "a", 15), ERR_OK);
    round_of(&w, VERDICT_CLEAR, VERDICT_CLEAR);
    round_of(&w, VERDICT_CLEAR, VERDICT_CLEAR);
    assert_string_equal(w.said, "firing:warm/a");
    assert_false(w.retained_alert.silenced);
    alerts_free(w.alerts);
}

static void one_takes_the_place_of_the_same_match(void **state)
{
    (void)state;
    struct watched w;
    const struct silence *known;
    watched_open(&w);
    assert_int_equal(silence(&w, "warm", "", 100), ERR_OK);
    assert_int_equal(silence(&w, "warm", "a", 100), ERR_OK);
    assert_int_equal(silence(&w, "warm", "", 200), ERR_OK);
    assert_true(alerts_silence_at(w.alerts, 0, &known));
    assert_int_equal(known->until_ns, w.now_ns + 200 * S);
    assert_true(alerts_silence_at(w.alerts, 1, &known));
    assert_false(alerts_silence_at(w.alerts, 2, &known));
    alerts_free(w.alerts);
}

static void removing_needs_the_same_match(void **state)
{
    (void)state;
    struct watched w;
    struct err_reason why = {{0}};
    watched_open(&w);
    round_of(&w, VERDICT_FIRING, VERDICT_CLEAR);
    assert_int_equal(silence(&w, "warm", "", 100), ERR_OK);
    watched_forget(&w);
    struct silence other = silence_of("warm", "a", w.now_ns);
    assert_int_equal(alerts_silence(w.alerts, &other, w.now_ns, &why), ERR_NOT_FOUND);
    assert_true(why.text[0]);
    assert_int_equal(w.silences, 0);
    assert_int_equal(silence(&w, "warm", "", 0), ERR_OK);
    assert_int_equal(w.silences, 1);
    assert_string_equal(w.said, "firing:warm/a");
    assert_int_equal(silence(&w, "warm", "", -5), ERR_NOT_FOUND);
    alerts_free(w.alerts);
}

static void there_is_a_bound(void **state)
{
    (void)state;
    struct watched w;
    char subject[16];
    struct err_reason why = {{0}};
    watched_open(&w);
    for (int i = 0; i < ALERTS_SILENCES; i++) {
        snprintf(subject, sizeof subject, "%d", i);
        assert_int_equal(silence(&w, "warm", subject, 100 + i), ERR_OK);
    }
    struct silence more = silence_of("warm", "more", NOW + 100 * S);
    assert_int_equal(alerts_silence(w.alerts, &more, w.now_ns, &why), ERR_FULL);
    assert_true(why.text[0]);
    assert_int_equal(silence(&w, "warm", "5", 300), ERR_OK);
    w.now_ns += 101 * S; /* 0 and 1 are over, though no round has passed */
    more.until_ns = w.now_ns + S;
    assert_int_equal(alerts_silence(w.alerts, &more, w.now_ns, NULL), ERR_OK);
    alerts_free(w.alerts);
}

static void restore(struct watched *w, const char *json, enum err due)
{
    struct value_document *document = value_document_new();
    struct value root;
    assert_int_equal(value_parse(document, VALUE_JSON, text_of(json), &root, NULL), ERR_OK);
    assert_int_equal(alerts_restore_silences(w->alerts, root, NULL), due);
    value_document_free(document);
}

static void silences_survive_a_restart(void **state)
{
    (void)state;
    struct watched w, next;
    struct buf out = {0};
    watched_open(&w);
    round_of(&w, VERDICT_FIRING, VERDICT_FIRING);
    assert_int_equal(silence(&w, "warm", "a", 25), ERR_OK);
    assert_int_equal(silence(&w, "cold", "", 3600), ERR_OK);
    alerts_encode_silences(w.alerts, &out);
    watched_open(&next);
    next.now_ns = w.now_ns;
    const struct alert *alert;
    for (unsigned i = 0; alerts_at(w.alerts, false, i, &alert); i++) {
        assert_true(alert->silenced);
        assert_int_equal(alerts_restore(next.alerts, alert), ERR_OK);
    }
    restore(&next, buf_cstr(&out), ERR_OK);
    round_of(&next, VERDICT_FIRING, VERDICT_FIRING);
    round_of(&next, VERDICT_FIRING, VERDICT_FIRING);
    assert_string_equal(next.said, "");
    assert_int_equal(next.retained, 0);
    round_of(&next, VERDICT_FIRING, VERDICT_FIRING);
    assert_string_equal(next.said, "firing:warm/a");
    buf_free(&out);
    alerts_free(w.alerts);
    alerts_free(next.alerts);
}

/* One that ended while nobody was there. */
static void a_silence_that_ended_meanwhile_is_said(void **state)
{
    (void)state;
    struct watched w;
    struct alert silenced = {.service = "system",
                             .rule = "warm",
                             .subject = "a",
                             .state = ALERT_FIRING,
                             .level = ALERT_WARNING,
                             .silenced = true,
                             .time_ns = NOW - 100 * S};
    watched_open(&w);
    assert_int_equal(alerts_restore(w.alerts, &silenced), ERR_OK);
    restore(&w,
            "{\"schema\":1,\"silences\":[{\"schema\":1,\"rule\":\"warm\","
            "\"until\":\"2026-03-01T11:59:00Z\"}]}",
            ERR_OK);
    round_of(&w, VERDICT_FIRING, VERDICT_CLEAR);
    assert_string_equal(w.said, "firing:warm/a");
    assert_int_equal(w.silences, 1);
    round_of(&w, VERDICT_FIRING, VERDICT_CLEAR);
    assert_int_equal(w.events, 1);
    alerts_free(w.alerts);
}

static void what_is_restored_is_checked(void **state)
{
    static const char *const bad[] = {
        "[]",
        "{}",
        "1",
        "{\"silences\":{}}",
        "{\"silences\":[1]}",
        "{\"silences\":[{}]}",
        "{\"silences\":[{\"schema\":1,\"until\":\"2026-03-01T13:00:00Z\"},{\"schema\":1}]}"};
    (void)state;
    struct watched w;
    const struct silence *known;
    watched_open(&w);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        restore(&w, bad[i], ERR_INVALID);
    assert_false(alerts_silence_at(w.alerts, 0, &known));
    struct buf many = {0};
    buf_string(&many, "{\"silences\":[{\"schema\":1,\"until\":\"2026-03-01T13:00:00Z\"}");
    for (int i = 0; i < ALERTS_SILENCES; i++)
        buf_string(&many, ",{\"schema\":1,\"until\":\"2026-03-01T13:00:00Z\"}");
    buf_string(&many, "]}");
    restore(&w, buf_cstr(&many), ERR_FULL);
    buf_free(&many);
    alerts_free(w.alerts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_silenced_is_retained_and_not_said),
        cmocka_unit_test(its_end_is_said_once_while_it_fires),
        cmocka_unit_test(its_end_says_nothing_of_what_is_over),
        cmocka_unit_test(one_takes_the_place_of_the_same_match),
        cmocka_unit_test(removing_needs_the_same_match),
        cmocka_unit_test(there_is_a_bound),
        cmocka_unit_test(silences_survive_a_restart),
        cmocka_unit_test(a_silence_that_ended_meanwhile_is_said),
        cmocka_unit_test(what_is_restored_is_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
