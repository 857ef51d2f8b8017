/* docs/commands.md is what the commands say of themselves, and each has a --help. */
#include "house.h"

static char page[HOUSE_OUTPUT];

static void read_page(void)
{
    int descriptor = open(HEARTHLINE_SOURCE_DIR "/docs/commands.md", O_RDONLY | O_CLOEXEC);
    assert_true(descriptor >= 0);
    house_take_output(descriptor, page);
}

static void the_page_is_what_help_says(void **state)
{
    (void)state;
    read_page();
    const struct house_run *run = house_expect(HOUSE_RUN("help", "--markdown"), 0);
    if (strcmp(run->out, page) != 0)
        fail_msg("docs/commands.md is out of date: hearthline help --markdown > docs/commands.md");
}

/* Calls `each` for the name behind each "## hearthline ". */
static void for_each_command(void (*each)(char *name))
{
    static const char mark[] = "\n## hearthline ";
    read_page();
    unsigned count = 0;
    for (char *at = page; (at = strstr(at, mark)) != NULL; count++) {
        at += sizeof mark - 1;
        char *end = strchr(at, '\n');
        *end = '\0';
        each(at);
        *end = '\n';
    }
    assert_true(count >= 5);
}

static void helps(char *name)
{
    char usage[64], *second = strchr(name, ' ');
    snprintf(usage, sizeof usage, "Usage: hearthline %s", name);
    if (second)
        *second++ = '\0';
    const struct house_run *run =
        second ? HOUSE_RUN(name, second, "--help") : HOUSE_RUN(name, "--help");
    house_says(house_expect(run, 0)->out, usage);
    run = second ? HOUSE_RUN("help", name, second) : HOUSE_RUN("help", name);
    house_says(house_expect(run, 0)->out, usage);
    assert_string_equal(run->err, "");
    run =
        second ? HOUSE_RUN(name, second, "--no-such-option") : HOUSE_RUN(name, "--no-such-option");
    house_says(house_expect(run, 2)->err, "no-such-option");
    if (second)
        second[-1] = ' ';
}

static void each_command_has_a_help(void **state)
{
    (void)state;
    for_each_command(helps);
}

static void what_is_unknown_is_answered_with_the_nearest(void **state)
{
    static const struct {
        const char *words[3];
        const char *answer;
    } rows[] = {
        {{"explian"}, "did you mean \"explain\""},
        {{"sent"}, "did you mean \"send\""},
        {{"chekc", "x"}, "did you mean \"check\""},
        {{"refrigerator"}, "hearthline --help"},
        {{"send", "--retian"}, "did you mean --retain"},
        {{"send", "--qos", "3"}, "from 0 to 1"},
        {{"send", "--qos"}, "needs a value"},
        {{"send", "--retain=yes"}, "takes no value"},
        {{"send", "readings/x"}, "PAYLOAD is missing"},
        {{"explain", "--topic", "x"}, "--payload is missing"},
        {{"check", "a", "b"}, "what is \"b\""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct house_run *run = house_run_input(
            "", (const char *const[]){rows[i].words[0], rows[i].words[1], rows[i].words[2], NULL});
        house_says(house_expect(run, 2)->err, rows[i].answer);
        assert_string_equal(run->out, "");
    }
}

static void the_version_is_said(void **state)
{
    (void)state;
    house_says(house_expect(HOUSE_RUN("--version"), 0)->out, "hearthline 0.");
    house_expect(HOUSE_RUN("--help"), 0);
    house_expect(house_run_input("", (const char *const[]){NULL}), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_is_what_help_says),
        cmocka_unit_test(each_command_has_a_help),
        cmocka_unit_test(what_is_unknown_is_answered_with_the_nearest),
        cmocka_unit_test(the_version_is_said),
    };
    return cmocka_run_group_tests_name("help", tests, NULL, NULL);
}
