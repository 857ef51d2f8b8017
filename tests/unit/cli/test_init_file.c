/* The configuration that init writes is read back as it was meant, and replaces nothing by chance.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/settings.h"
#include "cli/init_file.h"

static char folder[] = "/tmp/hearthline-init-file-XXXXXX";
static char path[64];

static int open_all(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/hearthline.yaml", folder);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder); /* no draft is left */
}

static void write_as(struct text yaml, bool force, enum err due)
{
    char draft[INIT_FILE_PATH_SIZE];
    struct err_reason why = {""};
    struct stat st;
    assert_int_equal(init_file_draft(path, yaml, draft, NULL), ERR_OK);
    assert_int_equal(stat(draft, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(init_file_publish(draft, path, force, &why), due);
    assert_int_equal(access(draft, F_OK), -1);
    if (due)
        assert_non_null(strstr(why.text, "--force"));
}

static void what_is_written_is_read_back(void **state)
{
    static const char awkward[] = "a \"name\": #1 \\ 'ü' {x}";
    const struct init_file file = {.broker = "mqtts://broker:8883",
                                   .username = awkward,
                                   .password_file = "/etc/a b",
                                   .influxdb = "http://influx:8086",
                                   .database = awkward,
                                   .org = awkward,
                                   .token_file = "/etc/token"};
    struct buf yaml = {0};
    struct settings *settings = NULL;
    struct err_reason why = {""};
    (void)state;
    init_file_text(&file, &yaml);
    write_as(buf_view(&yaml), false, ERR_OK);
    if (settings_read(path, &settings, &why) != ERR_OK)
        fail_msg("%s", why.text);
    assert_string_equal(settings->broker.url, file.broker);
    assert_string_equal(settings->broker.username, awkward);
    assert_string_equal(settings->broker.password_file, "/etc/a b");
    assert_string_equal(settings->broker.ca_file, "");
    assert_string_equal(settings->influxdb.database, awkward);
    assert_string_equal(settings->influxdb.org, awkward);
    assert_string_equal(settings->influxdb.token_file, "/etc/token");
    assert_string_equal(settings->influxdb.username, "");
    assert_string_equal(settings->influxdb.retention, "0");
    assert_int_equal(settings->writer.sources_count, 2);
    assert_string_equal(settings->query.metrics_address, "127.0.0.1:9465");
    assert_int_equal(settings->query.standing_count, 0);
    settings_free(settings);
    buf_free(&yaml);
}

/* Every key that stands there as a comment is one: without its mark the file is still read. */
static void what_is_commented_out_may_be_used(void **state)
{
    static const struct init_file file = {
        .broker = "mqtt://b", .influxdb = "http://i:8086", .database = "d"};
    struct buf yaml = {0}, all = {0};
    struct settings *settings = NULL;
    struct err_reason why = {""};
    (void)state;
    init_file_text(&file, &yaml);
    char *next = NULL;
    for (char *line = strtok_r((char *)(uintptr_t)buf_cstr(&yaml), "\n", &next); line;
         line = strtok_r(NULL, "\n", &next)) {
        char *mark = strstr(line, "# ");
        bool key = mark && strspn(line, " ") == (size_t)(mark - line) && strstr(mark, ": ") &&
                   mark[2] >= 'a' && mark[2] <= 'z';
        if (key)
            memmove(mark, mark + 2, strlen(mark + 2) + 1);
        buf_printf(&all, "%s\n", line);
    }
    write_as(buf_view(&all), true, ERR_OK);
    if (settings_read(path, &settings, &why) != ERR_OK)
        fail_msg("%s in\n%s", why.text, buf_cstr(&all));
    assert_string_equal(settings->influxdb.retention, "365d");
    assert_int_equal(settings->tags_count, 1);
    assert_int_equal(settings->query.standing_count, 1);
    settings_free(settings);
    buf_free(&all);
    buf_free(&yaml);
}

static void a_file_that_is_there_is_left_alone(void **state)
{
    char text[16] = "";
    (void)state;
    write_as(TEXT("first"), true, ERR_OK);
    write_as(TEXT("second"), false, ERR_BUSY);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof text, file));
    fclose(file);
    assert_string_equal(text, "first");
}

static void a_folder_that_is_missing_is_named(void **state)
{
    char draft[INIT_FILE_PATH_SIZE];
    struct err_reason why = {""};
    (void)state;
    assert_int_equal(init_file_draft("/nowhere/at/all.yaml", TEXT("x"), draft, &why), ERR_IO);
    assert_non_null(strstr(why.text, "/nowhere/at/all.yaml"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(what_is_commented_out_may_be_used),
        cmocka_unit_test(a_file_that_is_there_is_left_alone),
        cmocka_unit_test(a_folder_that_is_missing_is_named),
    };
    return cmocka_run_group_tests_name("init_file", tests, open_all, close_all);
}
