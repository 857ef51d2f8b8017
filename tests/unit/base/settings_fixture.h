/* A configuration in a folder of its own, for the tests that read one: without any of the
 * environment's variables. Included by one executable's only source. */
#ifndef UNIT_BASE_SETTINGS_FIXTURE_H
#define UNIT_BASE_SETTINGS_FIXTURE_H

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/settings.h"

static const char *const variables[] = {
    "INFLUXDB_URL",
    "INFLUX_URL",
    "INFLUXDB3_HOST",
    "INFLUXDB_BUCKET",
    "INFLUX_DB",
    "INFLUXDB_ORG",
    "INFLUXDB3_TOKEN",
    "INFLUXDB3_DATABASE",
    "INFLUXDB_TOKEN",
    "INFLUX_TOKEN",
    "GRAYLOGIC_INFLUXDB_TOKEN",
    "USE_INFLUXDB_STATS",
    "INFLUXDB_ROLLOUT_PERCENT",
};

static char folder[] = "/tmp/hearthline-settings-XXXXXX";
static char path[128];
static struct settings *settings;
static struct err_reason why;

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/h.yaml", folder);
    return 0;
}

static int drop_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static int set_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        unsetenv(variables[i]);
    settings = NULL;
    why.text[0] = '\0';
    return 0;
}

static int tear_down(void **state)
{
    settings_free(settings);
    unlink(path);
    return set_up(state);
}

static void write_file(const char *name, const char *bytes, size_t len)
{
    int descriptor = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, bytes, len), len);
    close(descriptor);
}

static enum err read_yaml(const char *yaml)
{
    write_file(path, yaml, strlen(yaml));
    settings_free(settings);
    settings = NULL;
    return settings_read(path, &settings, &why);
}

static void assert_reads(const char *yaml)
{
    enum err err = read_yaml(yaml);
    if (err != ERR_OK)
        print_message("%s\n", why.text);
    assert_int_equal(err, ERR_OK);
}

struct settings_refusal {
    const char *yaml;
    const char *words[3]; /* all of which the reason holds */
};

static inline void assert_refused(const struct settings_refusal *bad, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        why.text[0] = '\0';
        enum err err = read_yaml(bad[i].yaml);
        bool right = err == ERR_INVALID;
        for (size_t w = 0; w < 3; w++)
            right = right && strstr(why.text, bad[i].words[w]);
        if (!right)
            fail_msg("%s\n  gave %s: %s", bad[i].yaml, err_text(err), why.text);
        assert_null(settings);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
