/* init tries real servers, says what it found, and writes a configuration only when they are right.
 */
#include "house.h"

static struct harness *broker, *open_broker, *influx;
static char folder[] = "/tmp/hearthline-init-XXXXXX";
static char output[HOUSE_PATH], text[HOUSE_OUTPUT];
static char broker_password[HOUSE_PATH], admin_password[HOUSE_PATH], reader_password[HOUSE_PATH],
    wrong_password[HOUSE_PATH];

#define ADMIN "admin:adminpass"

static void statement(const char *words)
{
    char body[512], answer[1024];
    snprintf(body, sizeof body, "q=%s", words);
    assert_int_equal(harness_request(influx, "/query", body, ADMIN, answer, sizeof answer), 200);
}

/* Passwords of "user" at the broker, made with mosquitto's own tool. */
static struct harness *broker_with_password(void)
{
    struct harness *harness = harness_new(HARNESS_MOSQUITTO);
    char file[HOUSE_PATH], acl[HOUSE_PATH], command[HOUSE_PATH * 4];
    assert_non_null(harness);
    snprintf(file, sizeof file, "%s/passwords", harness_folder(harness));
    snprintf(command, sizeof command,
             "mosquitto_passwd -c -b %s user secret && mosquitto_passwd -b %s half secret && "
             "chmod 600 %s",
             file, file, file);
    assert_int_equal(system(command), 0);
    assert_true(harness_write_file(harness, "acl",
                                   "user user\ntopic readwrite #\ntopic read $SYS/#\n"
                                   "user half\ntopic write hearthline/#\n",
                                   acl, sizeof acl));
    harness_config(harness, "allow_anonymous false\npassword_file %s\nacl_file %s\n", file, acl);
    assert_true(harness_start(harness));
    assert_true(harness_write_file(harness, "user.password", "secret\n", broker_password,
                                   sizeof broker_password));
    return harness;
}

static int open_all(void **state)
{
    (void)state;
    broker = broker_with_password();
    open_broker = harness_mosquitto(NULL);
    influx = harness_influxd("auth-enabled = true\n");
    assert_non_null(open_broker);
    assert_non_null(influx);
    char answer[1024];
    assert_int_equal(harness_request(influx, "/query",
                                     "q=CREATE USER admin WITH PASSWORD 'adminpass' WITH ALL "
                                     "PRIVILEGES",
                                     NULL, answer, sizeof answer),
                     200);
    statement("CREATE USER reader WITH PASSWORD 'readerpass'");
    statement("CREATE DATABASE readable");
    statement("GRANT READ ON readable TO reader");
    assert_true(harness_write_file(influx, "admin", "adminpass\n", admin_password, HOUSE_PATH));
    assert_true(harness_write_file(influx, "reader", "readerpass\n", reader_password, HOUSE_PATH));
    assert_true(harness_write_file(influx, "wrong", "wrong\n", wrong_password, HOUSE_PATH));
    assert_non_null(mkdtemp(folder));
    snprintf(output, sizeof output, "%s/hearthline.yaml", folder);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    unlink(output);
    harness_close(influx);
    harness_close(open_broker);
    harness_close(broker);
    return rmdir(folder); /* nothing else was left there */
}

static const char *written(void)
{
    int descriptor = open(output, O_RDONLY | O_CLOEXEC);
    assert_true(descriptor >= 0);
    house_take_output(descriptor, text);
    return text;
}

static void nothing_is_written(void)
{
    assert_int_equal(access(output, F_OK), -1);
}

#define INIT(user, password, ...)                                                                  \
    HOUSE_RUN("init", "--broker", harness_url(open_broker), "--influxdb", harness_url(influx),     \
              "--influx-username", user, "--influx-password-file", password, "--output", output,   \
              __VA_ARGS__)

static void it_writes_what_it_found_good(void **state)
{
    (void)state;
    const struct house_run *run = house_expect(
        HOUSE_RUN("init", "--broker", harness_url(broker), "--username", "user", "--password-file",
                  broker_password, "--influxdb", harness_url(influx), "--influx-username", "admin",
                  "--influx-password-file", admin_password, "--database", "house \"of\" mine",
                  "--output", output),
        0);
    house_says(run->out, "connected with MQTT 5; version: mosquitto version 2");
    house_says(run->out, "published, acknowledged and received back in ");
    house_says(run->out, "hold nothing yet");
    house_says(run->out, "version 1.6.7");
    house_says(run->out, "database \"house \"of\" mine\": created");
    house_says(run->out, "writing to it is allowed");
    struct stat st;
    assert_int_equal(stat(output, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    house_says(written(), "homeassistant_statestream");
    house_says(text, broker_password);
    house_says_not(text, "secret");
    house_expect(HOUSE_RUN("check", output), 0);
    run = house_expect(HOUSE_RUN("check", "--effective", output), 0);
    house_says(run->out, "broker.username: \"user\"");
    house_says(run->out, "influxdb.database: \"house \\\"of\\\" mine\"");
}

static void it_does_not_replace_a_file_unless_forced(void **state)
{
    (void)state;
    char *before = strdup(written());
    assert_non_null(before);
    const struct house_run *run = house_expect(INIT("admin", admin_password, "--untried"), 1);
    house_says(run->err, "--force");
    assert_string_equal(written(), before);
    free(before);
    house_expect(INIT("admin", admin_password, "--force", "--database", "readable"), 0);
    house_says(written(), "database: \"readable\"");
    unlink(output);
}

static void it_counts_the_states_of_home_assistant(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        char topic[64];
        snprintf(topic, sizeof topic, "homeassistant/light/lamp_%d/state", i);
        house_expect(HOUSE_RUN("send", "--broker", harness_url(open_broker), "--absolute",
                               "--retain", topic, "on"),
                     0);
    }
    const struct house_run *run = house_expect(INIT("admin", admin_password, "--force"), 0);
    house_says(run->out, "hold 3 retained states");
    unlink(output);
}

static void what_a_person_has_to_do_is_said_and_the_file_is_written(void **state)
{
    (void)state;
    const struct house_run *run =
        house_expect(INIT("reader", reader_password, "--database", "other"), 1);
    house_says(run->out, "CREATE DATABASE \"other\"");
    house_says(run->out, "Written: ");
    run = house_expect(INIT("reader", reader_password, "--database", "readable", "--force"), 1);
    house_says(run->out, "database \"readable\": exists");
    house_says(run->out, "writing to it is not allowed: ");
    house_says(written(), "username: \"reader\"");
    unlink(output);
}

static void what_is_wrong_ends_it_without_a_file(void **state)
{
    char nowhere[64];
    (void)state;
    const struct house_run *run = house_expect(INIT("admin", wrong_password, "--force"), 1);
    house_says(run->err, "refuses the credentials");
    nothing_is_written();
    run = house_expect(HOUSE_RUN("init", "--broker", harness_url(broker), "--output", output), 1);
    house_says(run->err, harness_url(broker)); /* without the user's name */
    nothing_is_written();
    run = house_expect(HOUSE_RUN("init", "--broker", harness_url(broker), "--username", "half",
                                 "--password-file", broker_password, "--output", output),
                       1);
    house_says(run->err, "hearthline/#");
    nothing_is_written();
    snprintf(nowhere, sizeof nowhere, "http://127.0.0.1:%u", harness_free_port());
    run = house_expect(HOUSE_RUN("init", "--broker", harness_url(open_broker), "--influxdb",
                                 nowhere, "--output", output),
                       1);
    house_says(run->err, nowhere);
    run = house_expect(HOUSE_RUN("init", "--password-file", "no/such/file"), 1);
    house_says(run->err, "--password-file no/such/file");
    run =
        house_expect(HOUSE_RUN("init", "--untried", "--broker", "http://x", "--output", output), 1);
    house_says(run->err, "mqtt://");
    nothing_is_written();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_writes_what_it_found_good),
        cmocka_unit_test(it_does_not_replace_a_file_unless_forced),
        cmocka_unit_test(it_counts_the_states_of_home_assistant),
        cmocka_unit_test(what_a_person_has_to_do_is_said_and_the_file_is_written),
        cmocka_unit_test(what_is_wrong_ends_it_without_a_file),
    };
    return cmocka_run_group_tests_name("init", tests, open_all, close_all);
}
