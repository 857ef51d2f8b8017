/* Where a point goes: by its source, by its measurement, or to the default. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "writer/decoders/source.h"

static char *energy_measurements[] = {(char[]){"watts"}, (char[]){"energy"}};
static char *raw_measurements[] = {(char[]){"energy_raw"}, (char[]){"a"}, (char[]){"zz"}};
static struct settings_destination destinations[] = {
    {.name = (char[]){"energy"}, .measurements = energy_measurements, .measurements_count = 2},
    {.name = (char[]){"raw"}, .measurements = raw_measurements, .measurements_count = 3},
    {.name = (char[]){"kept"}},
};

static struct settings settings_with(unsigned count)
{
    static char root[] = "hearthline";
    return (struct settings){
        .topic_root = root,
        .influxdb = {.destinations = destinations, .destinations_count = count}};
}

static void a_measurement_goes_where_it_is_listed(void **state)
{
    (void)state;
    static const struct {
        const char *measurement;
        unsigned destination;
    } rows[] = {
        {"energy", 1}, {"watts", 1},   {"energy_raw", 2}, {"a", 2},
        {"zz", 2},     {"energ", 0},   {"energy_", 0},    {"b", 0},
        {"", 0},       {"service", 0}, {"Energy", 0},
    };
    struct settings settings = settings_with(3);
    struct routes *routes = NULL;
    assert_int_equal(routes_open(&settings, &routes, NULL), ERR_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(routes_of_measurement(routes, text_of(rows[i].measurement)),
                         rows[i].destination);
    assert_int_equal(routes_named(routes, "kept"), 3);
    assert_int_equal(routes_named(routes, "keep"), ROUTE_DEFAULT);
    assert_string_equal(routes_name(routes, 2), "raw");
    assert_null(routes_name(routes, ROUTE_DEFAULT));
    routes_close(routes);
}

static void two_destinations_of_one_measurement_are_refused(void **state)
{
    (void)state;
    struct err_reason why = {""};
    struct settings settings = settings_with(3);
    struct routes *routes = NULL;
    destinations[2].measurements = energy_measurements + 1;
    destinations[2].measurements_count = 1;
    assert_int_equal(routes_open(&settings, &routes, &why), ERR_INVALID);
    assert_non_null(strstr(why.text, "both list the measurement \"energy\""));
    destinations[2].measurements_count = 0;
}

static void a_source_wins_over_the_measurement(void **state)
{
    (void)state;
    struct settings_source source = {.decoder = (char[]){"value"},
                                     .filter = (char[]){"raw/+device_id/+metric"},
                                     .destination = (char[]){"kept"}};
    struct settings settings = settings_with(3);
    struct sources *sources = NULL;
    struct err_reason why = {""};
    bool known = false;
    settings.writer.sources = &source;
    settings.writer.sources_count = 1;
    if (sources_open(&settings, &sources, &why) != ERR_OK)
        fail_msg("%s", why.text);
    const struct source *raw = sources_find(sources, TEXT("raw/pump/flow"), &known);
    const struct source *own = sources_find(sources, TEXT("hearthline/readings/pump"), &known);
    assert_int_equal(sources_destination(sources, raw, TEXT("energy")), 3);
    assert_int_equal(sources_destination(sources, raw, TEXT("m")), 3);
    assert_int_equal(sources_destination(sources, own, TEXT("energy")), 1);
    assert_int_equal(sources_destination(sources, NULL, TEXT("ingest_rollup")), ROUTE_DEFAULT);
    uint64_t hash = sources_hash(sources);
    sources_close(sources);
    source.destination = (char[]){"raw"};
    assert_int_equal(sources_open(&settings, &sources, &why), ERR_OK);
    assert_int_not_equal(sources_hash(sources), hash);
    sources_close(sources);
    source.destination = (char[]){"rwa"};
    assert_int_equal(sources_open(&settings, &sources, &why), ERR_INVALID);
    assert_non_null(strstr(why.text, "writer.sources[0].destination: there is no \"rwa\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_measurement_goes_where_it_is_listed),
        cmocka_unit_test(two_destinations_of_one_measurement_are_refused),
        cmocka_unit_test(a_source_wins_over_the_measurement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
