/* docs/topics.md against the code: its topics are known, its tables of fields are the code's, and
 * its examples are messages that come back as they were. */
#include <cjson/cJSON.h>

#include "messages.h"
#include "schemas/message_time.h"
#include "schemas/topics.h"

static struct buf page;

static int set_up(void **state)
{
    messages_read_file("docs/topics.md", &page);
    buf_cstr(&page);
    return messages_open(state);
}

static int tear_down(void **state)
{
    buf_free(&page);
    return messages_close(state);
}

static void expect_on_page(const struct buf *part, const char *name)
{
    if (!memmem(page.data, page.len, part->data, part->len))
        fail_msg("docs/topics.md lacks the table of %s:\n%.*s", name, (int)part->len, part->data);
}

static void the_tables_of_fields_are_those_of_the_code(void **state)
{
    (void)state;
    struct buf part = {0};
    for (size_t i = 0; i < MESSAGES_COUNT(messages_tables); i++) {
        buf_reset(&part);
        fields_help(messages_tables[i], &part);
        expect_on_page(&part, messages_tables[i]->name);
    }
    for (size_t i = 0; i < MESSAGES_COUNT(messages_keys); i++) {
        buf_reset(&part);
        keys_help(messages_keys[i], &part);
        expect_on_page(&part, messages_keys[i]->name);
    }
    buf_free(&part);
}

/* The text between two marks at or behind `*at`, which moves behind it; false when there is none.
 */
static bool between(const char **at, const char *before, const char *after, struct text *ret_text)
{
    const char *start = strstr(*at, before);
    const char *end = start ? strstr(start + strlen(before), after) : NULL;
    if (!end)
        return false;
    start += strlen(before);
    *ret_text = (struct text){start, (size_t)(end - start)};
    *at = end + strlen(after);
    return true;
}

static void every_topic_is_one_of_ours_and_says_whether_it_is_read(void **state)
{
    (void)state;
    const char *at = page.data;
    struct text topic, direction;
    unsigned seen = 0, kinds = 0;
    while (between(&at, "\n| `hearthline/", "` | ", &topic)) {
        topic.at -= strlen("hearthline/");
        topic.len += strlen("hearthline/");
        direction = (struct text){at, strcspn(at, " ")};
        at--; /* the line's end may begin the next line */
        struct topic got = topic_parse("hearthline", topic);
        if (got.kind == TOPIC_UNKNOWN || got.kind == TOPIC_FOREIGN)
            fail_msg("%.*s is none of ours", TEXT_ARGS(topic));
        bool is_read = text_equal(direction, TEXT("in")) || text_equal(direction, TEXT("both"));
        if (is_read != topic_is_input(got.kind))
            fail_msg("%.*s is wrong: %.*s", TEXT_ARGS(topic), TEXT_ARGS(direction));
        kinds |= 1u << got.kind;
        seen++;
    }
    assert_int_equal(seen, TOPIC_UNKNOWN - TOPIC_FOREIGN - 1);
    for (unsigned kind = TOPIC_FOREIGN + 1; kind < TOPIC_UNKNOWN; kind++)
        assert_true(kinds & 1u << kind);
}

/* A decoded and encoded message says what the example says. */
static void check_message(const struct fields_table *table, struct text example)
{
    void *message = calloc(1, table->size);
    struct err_reason why = {""};
    struct buf out = {0};
    if (fields_decode(table, messages_parse(example), message, &why) != ERR_OK)
        fail_msg("%.*s: %s", TEXT_ARGS(example), why.text);
    fields_encode(table, message, &out);
    cJSON *before = cJSON_ParseWithLength(example.at, example.len);
    cJSON *after = cJSON_ParseWithLength(out.data, out.len);
    for (const cJSON *field = after->child, *next; field; field = next) { /* null may be left out */
        next = field->next;
        if (cJSON_IsNull(field) && !cJSON_GetObjectItemCaseSensitive(before, field->string))
            cJSON_DeleteItemFromObjectCaseSensitive(after, field->string);
    }
    if (!cJSON_Compare(before, after, true))
        fail_msg("%.*s\nbecame\n%s", TEXT_ARGS(example), buf_cstr(&out));
    cJSON_Delete(before);
    cJSON_Delete(after);
    buf_free(&out);
    free(message);
}

static void check_map(const struct keys_table *table, struct value map)
{
    bool timed, full = false;
    int64_t time_ns;
    assert_int_equal(message_time(map, &timed, &time_ns, NULL), ERR_OK);
    struct value v;
    for (size_t i = 0; i < table->count; i++) {
        const struct keys_row *row = &table->rows[i];
        if (value_get(map, text_of(row->name), &v))
            assert_true(row->kinds & KEYS_KIND(value_kind(v)));
        else
            assert_false(row->required);
    }
    full = value_get(map, TEXT("fields"), &v);
    struct value_walk walk = value_walk(map);
    struct text key;
    while (value_next(&walk, &key, &v))
        assert_true(!full || keys_find(table, key) != NULL); /* nothing without a meaning */
}

static void check_keys(const struct keys_table *table, struct text example)
{
    struct value root = messages_parse(example), element;
    struct text key;
    struct value_walk walk = value_walk(root);
    if (value_kind(root) == VALUE_MAP)
        check_map(table, root);
    else
        while (value_next(&walk, &key, &element))
            check_map(table, element);
}

static void every_message_has_examples_and_all_hold(void **state)
{
    (void)state;
    for (size_t i = 0; i < MESSAGES_COUNT(messages_tables) + MESSAGES_COUNT(messages_keys); i++) {
        const bool fields = i < MESSAGES_COUNT(messages_tables);
        const size_t k = i - MESSAGES_COUNT(messages_tables);
        const char *name = fields ? messages_tables[i]->name : messages_keys[k]->name;
        const char *at = page.data;
        char fence[64];
        unsigned seen = 0;
        struct text example;
        snprintf(fence, sizeof fence, "\n```json %s\n", name);
        for (; between(&at, fence, "\n```", &example); seen++) {
            if (fields)
                check_message(messages_tables[i], example);
            else
                check_keys(messages_keys[k], example);
        }
        if (seen == 0)
            fail_msg("no example of %s in docs/topics.md", name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tables_of_fields_are_those_of_the_code),
        cmocka_unit_test(every_topic_is_one_of_ours_and_says_whether_it_is_read),
        cmocka_unit_test(every_message_has_examples_and_all_hold),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
