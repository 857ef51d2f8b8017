#include "watched.h"

static struct finding finding_of(enum verdict verdict, const char *subject)
{
    return (struct finding){.service = "system",
                            .rule = "warm",
                            .subject = subject,
                            .verdict = verdict,
                            .level = ALERT_WARNING,
                            .message = "too warm",
                            .value = fields_number(31),
                            .threshold = fields_number(30)};
}

static void find(struct watched *w, const struct finding *finding)
{
    assert_int_equal(alerts_find(w->alerts, finding), ERR_OK);
}

/* One step of a scenario is a letter, a round of 10 s each:
 *   F firing  E firing at error level  K firing at warning, where an error would be kept
 *   C clear  B between  U unknown  . not found, its rule incomplete  - not found, and gone at once
 *   x rule not asked  a acknowledge (no round)  r the service starts anew (no round)
 *   m a minute and a half passes (no round)   d a day passes (no round)
 * Expected are all events and emptied topics in their order. */
static void restart(struct watched *w)
{
    struct alert kept[8];
    const struct alert *alert;
    unsigned count = 0;
    for (; alerts_at(w->alerts, false, count, &alert); count++)
        kept[count] = *alert;
    alerts_free(w->alerts);
    w->alerts = watched_new(w);
    for (unsigned i = count; i > 0; i--)
        assert_int_equal(alerts_restore(w->alerts, &kept[i - 1]), ERR_OK);
}

static void round_of(struct watched *w, char step, uint32_t for_s)
{
    struct finding finding = finding_of(VERDICT_FIRING, "");
    finding.for_s = for_s;
    finding.level = step == 'E' ? ALERT_ERROR : ALERT_WARNING;
    finding.keeps = step == 'K' ? ALERT_ERROR : ALERT_NO_LEVEL;
    if (strchr("CBU", step))
        finding.verdict = step == 'C'   ? VERDICT_CLEAR
                          : step == 'B' ? VERDICT_BETWEEN
                                        : VERDICT_UNKNOWN;
    alerts_round_begin(w->alerts, w->now_ns);
    if (!strchr(".-x", step))
        find(w, &finding);
    if (step != 'x')
        alerts_rule_asked(w->alerts, "warm", step == '.' ? ALERTS_NEVER_GONE : 0);
    alerts_round_end(w->alerts);
    w->now_ns += 10 * S;
}

static void acknowledge(struct watched *w)
{
    unsigned count;
    assert_int_equal(alerts_acknowledge(w->alerts, TEXT(""), TEXT("warm"), TEXT(""), TEXT("kim"),
                                        TEXT("known"), w->now_ns, &count, NULL),
                     ERR_OK);
    assert_int_equal(count, 1);
}

static void play(struct watched *w, const char *steps, uint32_t for_s)
{
    for (const char *step = steps; *step; step++) {
        switch (*step) {
        case 'a':
            acknowledge(w);
            break;
        case 'r':
            restart(w);
            break;
        case 'm':
            w->now_ns += 90 * S;
            break;
        case 'd':
            w->now_ns += 86400 * S;
            break;
        default:
            round_of(w, *step, for_s);
        }
    }
}

#define FIRES "firing:warm/"
#define ENDS  "resolved:warm/"
#define KNOWN "acknowledged:warm/"
#define GOES  "emptied:warm/"

static void scenarios(void **state)
{
    static const struct {
        const char *steps;
        uint32_t for_s;
        const char *said;
    } table[] = {
        /* nothing begins but with FIRING */
        {"CBU.-x", 0, ""},
        {"F", 0, FIRES},
        /* said once */
        {"FFFFFF", 0, FIRES},
        {"FFCCC", 0, FIRES " " ENDS},
        /* `for`: in one piece */
        {"FFF", 30, ""},
        {"FFFF", 30, FIRES},
        {"FFFCFFF", 30, ""},
        {"FFFCFFFF", 30, FIRES},
        {"FFFBFFF", 30, ""},
        /* UNKNOWN neither ends the piece nor lengthens it */
        {"FFUUUUUF", 30, ""},
        {"FFUUUUUFF", 30, ""},
        {"FFUUUUUFFF", 30, FIRES},
        {"FF..FF", 30, ""},
        {"FF..FFF", 30, FIRES},
        {"UUUUUUU", 0, ""},
        /* a pause between two rounds is not time in which it held */
        {"FFmF", 30, ""},
        {"FFmFFF", 30, FIRES},
        /* hysteresis */
        {"FBBBB", 0, FIRES},
        {"FBBBF", 0, FIRES},
        {"FBBBC", 0, FIRES " " ENDS},
        /* UNKNOWN resolves nothing */
        {"FUUUU", 0, FIRES},
        {"F....", 0, FIRES},
        {"FUUUUC", 0, FIRES " " ENDS},
        /* a new one after it was resolved, with its own `for` */
        {"FCF", 0, FIRES " " ENDS " " FIRES},
        {"FFCF", 10, FIRES " " ENDS},
        {"FFCFF", 10, FIRES " " ENDS " " FIRES},
        {"FCBBB", 0, FIRES " " ENDS},
        /* a level is a change, up and down, but not before it is far enough down */
        {"FE", 0, FIRES " " FIRES},
        {"FEEEE", 0, FIRES " " FIRES},
        {"EF", 0, FIRES " " FIRES},
        {"EKKK", 0, FIRES},
        {"EKKKF", 0, FIRES " " FIRES},
        {"FKKK", 0, FIRES},
        /* acknowledged until it is resolved; acknowledging again says nothing */
        {"FaFFF", 0, FIRES " " KNOWN},
        {"FaaFF", 0, FIRES " " KNOWN},
        {"FaBUC", 0, FIRES " " KNOWN " " ENDS},
        {"FaE", 0, FIRES " " KNOWN " " KNOWN},
        {"FaCF", 0, FIRES " " KNOWN " " ENDS " " FIRES},
        /* a restart says nothing again */
        {"FrFFF", 0, FIRES},
        {"FrUFF", 0, FIRES},
        {"FrBFF", 0, FIRES},
        {"Fr.FF", 0, FIRES},
        {"FFFFrF", 30, FIRES},
        {"FFFrFFF", 30, ""}, /* what only waited begins anew */
        {"FrC", 0, FIRES " " ENDS},
        {"FarF", 0, FIRES " " KNOWN},
        {"FarC", 0, FIRES " " KNOWN " " ENDS},
        {"FrE", 0, FIRES " " FIRES},
        {"FCrC", 0, FIRES " " ENDS},
        {"FCrF", 0, FIRES " " ENDS " " FIRES},
        /* rule removed, subject gone */
        {"Fx", 0, FIRES " " GOES},
        {"Frx", 0, FIRES " " GOES},
        {"F-", 0, FIRES " " GOES},
        {"Fr-", 0, FIRES " " GOES},
        {"FC-", 0, FIRES " " ENDS " " GOES},
        {"FCrx", 0, FIRES " " ENDS " " GOES},
        {"FxF", 0, FIRES " " GOES " " FIRES},
        {"FFxFF", 30, ""},
        /* a day after it was resolved */
        {"FCmC", 0, FIRES " " ENDS},
        {"FCdC", 0, FIRES " " ENDS " " GOES},
        {"FCd.", 0, FIRES " " ENDS " " GOES},
        {"FCrdC", 0, FIRES " " ENDS " " GOES},
        {"FdF", 0, FIRES},
        {"FCdFC", 0, FIRES " " ENDS " " FIRES " " ENDS},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct watched w;
        watched_open(&w);
        play(&w, table[i].steps, table[i].for_s);
        if (strcmp(w.said, table[i].said) != 0)
            fail_msg("%s (for %u s) said '%s', not '%s'", table[i].steps, table[i].for_s, w.said,
                     table[i].said);
        alerts_free(w.alerts);
    }
}

static void an_alert_says_what_it_is(void **state)
{
    (void)state;
    struct watched w;
    watched_open(&w);
    play(&w, "FFFF", 30);
    assert_int_equal(w.event.state, ALERT_FIRING);
    assert_int_equal(w.event.level, ALERT_WARNING);
    assert_string_equal(w.event.service, "system");
    assert_string_equal(w.event.message, "too warm");
    assert_true(w.event.value.present && w.event.value.value == 31);
    assert_true(w.event.threshold.present && w.event.threshold.value == 30);
    assert_int_equal(w.event.time_ns, NOW + 30 * S);
    assert_int_equal(w.event.since_ns, NOW); /* since when it holds, not since it is said */
    assert_int_equal(w.retained, 1);
    assert_int_equal(w.actives, 1);
    play(&w, "aC", 30);
    assert_int_equal(w.event.state, ALERT_RESOLVED);
    assert_string_equal(w.event.by, "kim");
    assert_string_equal(w.event.why, "known");
    assert_int_equal(w.event.time_ns, NOW + 40 * S);
    play(&w, "FFFF", 30);
    assert_int_equal(w.event.state, ALERT_FIRING);
    assert_string_equal(w.event.by, "");
    alerts_free(w.alerts);
}

static void value_and_words_follow_without_being_said(void **state)
{
    (void)state;
    struct watched w;
    const struct alert *alert;
    watched_open(&w);
    play(&w, "F", 0);
    struct finding warmer = finding_of(VERDICT_FIRING, "");
    warmer.value = fields_number(35);
    warmer.message = "much too warm";
    alerts_round_begin(w.alerts, w.now_ns);
    find(&w, &warmer);
    alerts_rule_asked(w.alerts, "warm", 0);
    alerts_round_end(w.alerts);
    assert_int_equal(w.retained, 1);
    assert_int_equal(w.events, 1);
    assert_int_equal(w.actives, 1);
    assert_true(alerts_at(w.alerts, true, 0, &alert));
    assert_true(alert->value.value == 35);
    assert_string_equal(alert->message, "much too warm");
    assert_int_equal(alert->time_ns, NOW);
    alerts_free(w.alerts);
}

static void the_finding_may_know_since_when(void **state)
{
    (void)state;
    struct watched w;
    struct finding known = finding_of(VERDICT_FIRING, "");
    known.since_ns = NOW - 600 * S;
    watched_open(&w);
    alerts_round_begin(w.alerts, NOW);
    find(&w, &known);
    assert_int_equal(w.event.since_ns, NOW - 600 * S);
    alerts_free(w.alerts);
}

static void round_without_it(struct watched *w, int64_t gone_after_s)
{
    alerts_round_begin(w->alerts, w->now_ns);
    alerts_rule_asked(w->alerts, "warm", gone_after_s);
    alerts_round_end(w->alerts);
}

static void a_subject_is_gone_after_its_time(void **state)
{
    (void)state;
    struct watched w;
    watched_open(&w);
    play(&w, "F", 0);
    for (int i = 0; i < 2; i++) { /* the second time after a restart, which begins it anew */
        for (int minutes = 0; minutes < 59; minutes++) {
            round_without_it(&w, 3600);
            w.now_ns += 60 * S;
        }
        assert_int_equal(w.emptied, 0);
        if (i == 0)
            restart(&w);
    }
    w.now_ns += 60 * S;
    round_without_it(&w, 3600);
    assert_int_equal(w.emptied, 1);
    alerts_free(w.alerts);
}

/* What broker and strangers may have put there. */
static void what_is_restored_is_checked(void **state)
{
    (void)state;
    struct watched w;
    const struct alert *alert;
    watched_open(&w);
    struct alert good = {.service = "system",
                         .rule = "warm",
                         .state = ALERT_FIRING,
                         .level = ALERT_ERROR,
                         .time_ns = NOW - 100 * S};
    struct alert bad[] = {good, good, good};
    bad[0].state = ALERT_UNSAID;
    bad[1].rule[0] = '\0';
    bad[2].service[0] = '\0';
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(alerts_restore(w.alerts, &bad[i]), ERR_INVALID);
    /* Of two the newer holds, whatever their order. */
    struct alert older = good, newer = good;
    older.time_ns -= S;
    older.state = newer.state = ALERT_RESOLVED;
    newer.time_ns += S;
    assert_int_equal(alerts_restore(w.alerts, &good), ERR_OK);
    assert_int_equal(alerts_restore(w.alerts, &older), ERR_OK);
    assert_true(alerts_at(w.alerts, true, 0, &alert));
    assert_int_equal(alert->state, ALERT_FIRING);
    assert_int_equal(alerts_restore(w.alerts, &newer), ERR_OK);
    assert_false(alerts_at(w.alerts, true, 0, &alert));
    assert_true(alerts_at(w.alerts, false, 0, &alert));
    assert_false(alerts_at(w.alerts, false, 1, &alert));
    assert_string_equal(w.said, "");
    /* A time that lies far ahead does not keep it for ever. */
    newer.time_ns = NOW + 400 * 86400 * S;
    assert_int_equal(alerts_restore(w.alerts, &newer), ERR_OK);
    play(&w, "C", 0);
    assert_string_equal(w.said, GOES);
    alerts_free(w.alerts);
}

static enum err find_one(struct watched *w, unsigned number, enum verdict verdict)
{
    char subject[32];
    snprintf(subject, sizeof subject, "d%u", number);
    struct finding finding = finding_of(verdict, subject);
    return alerts_find(w->alerts, &finding);
}

static void five_hundred_subjects_of_one_rule(void **state)
{
    (void)state;
    struct watched w;
    const struct alert *alert;
    watched_open(&w);
    for (int round = 0; round < 3; round++) {
        alerts_round_begin(w.alerts, w.now_ns += 10 * S);
        for (unsigned i = 0; i < 500; i++)
            assert_int_equal(find_one(&w, i, round < 2 || i % 2 ? VERDICT_FIRING : VERDICT_CLEAR),
                             ERR_OK);
        alerts_rule_asked(w.alerts, "warm", 0);
        alerts_round_end(w.alerts);
    }
    assert_int_equal(w.events, 500 + 250);
    assert_int_equal(w.actives, 2); /* once a round, where something changed */
    unsigned count = 0;
    while (alerts_at(w.alerts, true, count, &alert))
        count++;
    assert_int_equal(count, 250);
    alerts_free(w.alerts);
}

static void there_is_a_bound(void **state)
{
    (void)state;
    struct watched w;
    watched_open(&w);
    alerts_round_begin(w.alerts, NOW);
    for (unsigned i = 0; i < ALERTS_MAX; i++)
        assert_int_equal(find_one(&w, i, VERDICT_FIRING), ERR_OK);
    assert_int_equal(find_one(&w, ALERTS_MAX, VERDICT_FIRING), ERR_FULL);
    assert_int_equal(find_one(&w, ALERTS_MAX, VERDICT_CLEAR), ERR_OK); /* needs no room */
    assert_int_equal(find_one(&w, 7, VERDICT_FIRING), ERR_OK);
    /* What was resolved makes room, the oldest first. */
    watched_forget(&w);
    assert_int_equal(find_one(&w, 8, VERDICT_CLEAR), ERR_OK);
    alerts_round_begin(w.alerts, NOW + 10 * S);
    assert_int_equal(find_one(&w, 9, VERDICT_CLEAR), ERR_OK);
    assert_int_equal(find_one(&w, ALERTS_MAX, VERDICT_FIRING), ERR_OK);
    assert_string_equal(w.said, "resolved:warm/d8 resolved:warm/d9 emptied:warm/d8 "
                                "firing:warm/d4096");
    struct alert one_more = {
        .service = "system", .rule = "warm", .subject = "restored", .state = ALERT_FIRING};
    assert_int_equal(alerts_restore(w.alerts, &one_more), ERR_OK);
    snprintf(one_more.subject, sizeof one_more.subject, "restored 2");
    assert_int_equal(alerts_restore(w.alerts, &one_more), ERR_FULL);
    alerts_free(w.alerts);
}

static void of_too_many_rules_none_counts_as_removed(void **state)
{
    (void)state;
    struct watched w;
    char rule[32];
    watched_open(&w);
    play(&w, "F", 0);
    alerts_round_begin(w.alerts, w.now_ns);
    for (int i = 0; i < 600; i++) {
        snprintf(rule, sizeof rule, "rule-%d", i);
        alerts_rule_asked(w.alerts, rule, 0);
    }
    alerts_round_end(w.alerts);
    assert_int_equal(w.emptied, 0);
    alerts_free(w.alerts);
}

static void long_names_are_cut_and_stay_one_alert(void **state)
{
    (void)state;
    struct watched w;
    static char subject[65536];
    memset(subject, 'x', sizeof subject - 1);
    struct finding finding = finding_of(VERDICT_FIRING, subject);
    finding.service = finding.rule = subject;
    watched_open(&w);
    for (int i = 0; i < 2; i++) {
        alerts_round_begin(w.alerts, NOW + i * S);
        find(&w, &finding);
        alerts_rule_asked(w.alerts, subject, 0);
        alerts_round_end(w.alerts);
    }
    assert_int_equal(w.events, 1);
    assert_int_equal(strlen(w.event.subject), 255);
    assert_int_equal(strlen(w.event.rule), 63);
    assert_int_equal(w.emptied, 0);
    alerts_free(w.alerts);
}

static void the_worst_first_then_the_newest(void **state)
{
    (void)state;
    static const struct {
        const char *subject;
        enum alert_level level;
        bool resolved;
    } findings[] = {{"info", ALERT_INFO, false},       {"warning", ALERT_WARNING, false},
                    {"old error", ALERT_ERROR, false}, {"error", ALERT_ERROR, false},
                    {"over", ALERT_CRITICAL, true},    {"critical", ALERT_CRITICAL, false}};
    static const char *const order[] = {"critical", "error", "old error",
                                        "warning",  "info",  "over"};
    struct watched w;
    const struct alert *alert;
    watched_open(&w);
    for (size_t i = 0; i < 6; i++) {
        struct finding finding = finding_of(VERDICT_FIRING, findings[i].subject);
        finding.level = findings[i].level;
        alerts_round_begin(w.alerts, w.now_ns += 10 * S);
        find(&w, &finding);
        finding.verdict = findings[i].resolved ? VERDICT_CLEAR : VERDICT_FIRING;
        find(&w, &finding);
    }
    for (unsigned i = 0; i < 6; i++) {
        assert_true(alerts_at(w.alerts, false, i, &alert));
        assert_string_equal(alert->subject, order[i]);
        assert_int_equal(alerts_at(w.alerts, true, i, &alert), i < 5);
    }
    assert_false(alerts_at(w.alerts, false, 6, &alert));
    alerts_free(w.alerts);
}

static void the_list_is_told_with_its_counts(void **state)
{
    (void)state;
    struct watched w;
    struct buf out = {0};
    unsigned count;
    watched_open(&w);
    alerts_encode_active(w.alerts, NOW, &out);
    assert_string_equal(buf_cstr(&out),
                        "{\"schema\":1,\"timestamp\":\"2026-03-01T12:00:00Z\",\"count\":0,"
                        "\"firing\":0,\"acknowledged\":0,\"alerts\":[]}");
    alerts_round_begin(w.alerts, NOW);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(find_one(&w, i, VERDICT_FIRING), ERR_OK);
    assert_int_equal(find_one(&w, 2, VERDICT_CLEAR), ERR_OK);
    assert_int_equal(alerts_acknowledge(w.alerts, TEXT("system"), TEXT("warm"), TEXT("d1"),
                                        TEXT(""), TEXT(""), NOW, &count, NULL),
                     ERR_OK);
    buf_reset(&out);
    alerts_encode_active(w.alerts, NOW, &out);
    assert_non_null(strstr(buf_cstr(&out), "\"count\":2,\"firing\":1,\"acknowledged\":1,"));
    assert_non_null(strstr(buf_cstr(&out), "\"subject\":\"d0\""));
    assert_null(strstr(buf_cstr(&out), "\"subject\":\"d2\"")); /* resolved */
    struct value_document *document = value_document_new();
    struct value root;
    assert_int_equal(value_parse(document, VALUE_JSON, buf_view(&out), &root, NULL), ERR_OK);
    value_document_free(document);
    buf_free(&out);
    alerts_free(w.alerts);
}

static void acknowledging_matches(void **state)
{
    static const struct {
        const char *service, *rule, *subject;
        unsigned count; /* 0: none is found */
    } table[] = {
        {"", "", "", 3},
        {"system", "", "", 3},
        {"", "warm", "", 3},
        {"", "", "d1", 1},
        {"other", "", "", 0},
        {"", "cold", "", 0},
        {"", "", "d", 0},
        {"", "", "d3", 0},
        {"syste", "", "", 0},
        {"system", "warm", "d2", 1},
        {"system", "warm", "d4", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct watched w;
        unsigned count = 99, due = table[i].count;
        struct err_reason why = {{0}};
        watched_open(&w);
        alerts_round_begin(w.alerts, NOW);
        for (unsigned number = 0; number < 4; number++)
            assert_int_equal(find_one(&w, number, VERDICT_FIRING), ERR_OK);
        assert_int_equal(find_one(&w, 3, VERDICT_CLEAR), ERR_OK);
        alerts_rule_asked(w.alerts, "warm", 0);
        alerts_round_end(w.alerts);
        watched_forget(&w);
        enum err err = alerts_acknowledge(w.alerts, text_of(table[i].service),
                                          text_of(table[i].rule), text_of(table[i].subject),
                                          TEXT("kim"), TEXT("ok"), NOW, &count, &why);
        assert_int_equal(err, due ? ERR_OK : ERR_NOT_FOUND);
        assert_int_equal(count, due ? due : 99);
        assert_int_equal(w.events, due);
        assert_int_equal(w.actives, due ? 1 : 0);
        assert_int_equal(why.text[0] != '\0', due == 0);
        alerts_free(w.alerts);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scenarios),
        cmocka_unit_test(an_alert_says_what_it_is),
        cmocka_unit_test(value_and_words_follow_without_being_said),
        cmocka_unit_test(the_finding_may_know_since_when),
        cmocka_unit_test(a_subject_is_gone_after_its_time),
        cmocka_unit_test(what_is_restored_is_checked),
        cmocka_unit_test(five_hundred_subjects_of_one_rule),
        cmocka_unit_test(there_is_a_bound),
        cmocka_unit_test(of_too_many_rules_none_counts_as_removed),
        cmocka_unit_test(long_names_are_cut_and_stay_one_alert),
        cmocka_unit_test(the_worst_first_then_the_newest),
        cmocka_unit_test(the_list_is_told_with_its_counts),
        cmocka_unit_test(acknowledging_matches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
