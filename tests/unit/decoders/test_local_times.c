/* Times without a zone are read alike by every decoder that meets them, through both changes of a
 * year: the hour that comes twice is the one nearer to the arrival, the hour that is left out
 * counts as if the clocks had not gone forward yet. */
#include "decode_lines.h"

#include "base/clock.h"

#define S CLOCK_NS_PER_S

static struct settings_source sources[] = {
    {.decoder = (char *)"zigbee2mqtt",
     .filter = (char *)"zigbee2mqtt/#",
     .timezone = (char *)"Europe/Berlin"},
    {.decoder = (char *)"tasmota",
     .filter = (char *)"tele/+device_id/+",
     .timezone = (char *)"Europe/Berlin"},
    {.decoder = (char *)"json",
     .filter = (char *)"hub/+device_id",
     .time_path = (char *)"when",
     .time_format = SETTINGS_TIME_ISO_LOCAL,
     .timezone = (char *)"Europe/Berlin"},
    {.decoder = (char *)"json",
     .filter = (char *)"auto/+device_id",
     .time_path = (char *)"when",
     .timezone = (char *)"Europe/Berlin"},
};

static const struct {
    const char *topic, *before, *behind, *line;
} forms[] = {
    {"zigbee2mqtt/a", "{\"t\":1,\"last_seen\":\"", "\"}",
     "device_metrics,device_id=a,source=zigbee2mqtt t=1 "},
    {"tele/a/SENSOR", "{\"Time\":\"", "\",\"A\":{\"t\":1}}",
     "device_metrics,device_id=a,source=tasmota A.t=1 "},
    {"hub/a", "{\"t\":1,\"when\":\"", "\"}", "device_metrics,device_id=a t=1 "},
    {"auto/a", "{\"t\":1,\"when\":\"", "\"}", "device_metrics,device_id=a t=1 "},
};

static const struct {
    const char *local;
    int64_t arrival_s, expected_s;
} cases[] = {
    /* 2026-10-25, 03:00 becomes 02:00 at 01:00 UTC (1792890000). */
    {"2026-10-25T01:59:59", 1792886400, 1792886399},
    {"2026-10-25T02:00:00", 1792886401, 1792886400},
    {"2026-10-25T02:59:59", 1792890000, 1792889999},
    {"2026-10-25T02:00:00", 1792890001, 1792890000}, /* again */
    {"2026-10-25T02:59:59", 1792893600, 1792893599},
    {"2026-10-25T03:00:00", 1792893601, 1792893600},
    {"2026-10-25T02:30:00", 1792888190, 1792888200}, /* a clock that is ten seconds ahead */
    {"2026-10-25T02:30:00", 1792898800, 1792891800}, /* waited for two hours */
    /* 2026-03-29, 02:00 becomes 03:00 at 01:00 UTC (1774746000). */
    {"2026-03-29T01:59:59", 1774746000, 1774745999},
    {"2026-03-29T02:30:00", 1774747801, 1774747800},
    {"2026-03-29T03:00:00", 1774746001, 1774746000},
    /* An arrival of another day changes nothing where there is no choice. */
    {"2026-07-01T12:00:00", 0, 1782900000},
    {"2026-12-01T12:00:00", 0, 1796122800},
};

static void every_decoder_reads_both_changes_alike(void **state)
{
    struct settings settings = {.topic_root = (char *)"hearthline",
                                .writer = {.sources = sources, .sources_count = 4}};
    struct decode_lines *lines = decode_lines_open(&settings);
    char payload[128], expected[128];
    (void)state;
    for (size_t f = 0; f < sizeof forms / sizeof forms[0]; f++) {
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
            snprintf(payload, sizeof payload, "%s%s%s", forms[f].before, cases[i].local,
                     forms[f].behind);
            snprintf(expected, sizeof expected, "%s%lld\n", forms[f].line,
                     (long long)(cases[i].expected_s * S));
            lines->arrival_ns = cases[i].arrival_s * S;
            const char *got =
                decode_lines_of(lines, text_of(forms[f].topic), TEXT(""), text_of(payload));
            if (strcmp(got, expected) != 0)
                fail_msg("%s %s\n gave     %s expected %s", forms[f].topic, payload, got, expected);
        }
    }
    decode_lines_close(lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_decoder_reads_both_changes_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
