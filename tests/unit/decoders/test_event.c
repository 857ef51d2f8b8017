#include "decode_lines.h"

#define EVENTS "hearthline/events/backup"

static void events_become_points(void **state)
{
    static const struct decode_lines_case cases[] = {
        {EVENTS, "{\"kind\":\"backup\",\"fields\":{\"size_bytes\":1024,\"path\":\"/d/1\"}}",
         "events,kind=backup,source=backup size_bytes=1024,path=\"/d/1\"\n", NULL},
        {EVENTS, "{\"kind\":\"note\",\"text\":\"hello\",\"time\":\"2026-01-02T03:04:05Z\"}",
         "events,kind=note,source=backup text=\"hello\" 1767323045000000000\n", NULL},
        {EVENTS, "{\"kind\":\"job\",\"device\":\"vm-1\",\"tags\":{\"status\":\"ok\"},\"ok\":true}",
         "events,device_id=vm-1,kind=job,source=backup,status=ok ok=true\n", NULL},
        {EVENTS, "{\"kind\":\"job\",\"measurement\":\"jobs\",\"n\":1}",
         "jobs,kind=job,source=backup n=1\n", NULL},
        {EVENTS, "{\"kind\":\"ring\"}", "events,kind=ring,source=backup count=1\n", NULL},
        {EVENTS, "{\"kind\":\"ring\",\"fields\":{}}", "events,kind=ring,source=backup count=1\n",
         NULL},
        {EVENTS, "[{\"kind\":\"a\"},{\"n\":1},{\"kind\":\"b\"},7]",
         "events,kind=a,source=backup count=1\n"
         "rejected wrong_shape: {\"n\":1}\n"
         "events,kind=b,source=backup count=1\n"
         "rejected wrong_shape: 7\n",
         NULL},
        {"doors/front", "{\"kind\":\"opened\"}", "events,kind=opened,source=front count=1\n", NULL},
        {"bells", "{\"kind\":\"ring\"}", "events,kind=ring,source=doorbell count=1\n", NULL},
    };
    (void)state;
    DECODE_LINES_CHECK(cases);
}

#define DUMP(rest) EVENTS, "{\"kind\":\"memory_dump\"" rest "}"

static void memory_dumps_have_a_measurement_of_their_own(void **state)
{
    static const struct decode_lines_case cases[] = {
        {DUMP(
             ",\"vm_id\":\"vm-7\",\"status\":\"completed\",\"size_bytes\":1024,\"duration_ms\":812,"
             "\"path\":\"/d/7\""),
         "memory_dumps,status=completed,vm_id=vm-7 "
         "size_bytes=1024,duration_ms=812,path=\"/d/7\"\n",
         NULL},
        {DUMP(",\"tags\":{\"vm_id\":\"vm-7\",\"status\":\"ok\",\"by\":\"me\"},"
              "\"fields\":{\"size_bytes\":1}"),
         "memory_dumps,by=me,status=ok,vm_id=vm-7 size_bytes=1\n", NULL},
        {DUMP(",\"device\":\"vm-7\",\"status\":\"failed\""),
         "memory_dumps,status=failed,vm_id=vm-7 count=1\n", NULL},
        {DUMP(",\"status\":\"ok\",\"size_bytes\":1"), "rejected wrong_shape\n", "needs \"vm_id\""},
        {DUMP(",\"vm_id\":\"vm-7\",\"size_bytes\":1"), "rejected wrong_shape\n",
         "needs \"status\""},
        {DUMP(",\"vm_id\":\"vm-7\",\"status\":\"ok\",\"size_bytes\":\"1\""),
         "rejected wrong_shape\n", "\"size_bytes\" of the kind \"memory_dump\" is not a number"},
        {DUMP(",\"vm_id\":\"vm-7\",\"status\":\"ok\",\"path\":1"), "rejected wrong_shape\n",
         "is not text"},
        {DUMP(",\"measurement\":\"mine\",\"n\":1"), "mine,kind=memory_dump,source=backup n=1\n",
         NULL},
    };
    (void)state;
    DECODE_LINES_CHECK(cases);
}

static void what_is_no_event_is_rejected_with_words(void **state)
{
    static const struct decode_lines_case cases[] = {
        {EVENTS, "", "rejected empty\n", NULL},
        {EVENTS, "{}", "rejected wrong_shape\n", "needs its \"kind\""},
        {EVENTS, "{\"kind\":\"\"}", "rejected wrong_shape\n", "needs its \"kind\""},
        {EVENTS, "{\"kind\":null}", "rejected wrong_shape\n", "needs its \"kind\""},
        {EVENTS, "{\"kind\":5}", "rejected wrong_shape\n", "\"kind\" is"},
        {EVENTS, "ring", "rejected not_json\n", NULL},
        {EVENTS, "5", "rejected wrong_shape\n", "an object was due"},
        {EVENTS, "{\"kind\":\"x\",\"time_s\":\"soon\"}", "rejected bad_time\n", NULL},
        {"hearthline/events/a/b", "{\"kind\":\"x\"}", "rejected unknown_topic\n", NULL},
    };
    (void)state;
    DECODE_LINES_CHECK(cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_become_points),
        cmocka_unit_test(memory_dumps_have_a_measurement_of_their_own),
        cmocka_unit_test(what_is_no_event_is_rejected_with_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
