/* Three lines: two filters and a topic. What filter_check lets pass must survive the
 * rest, and the parts must agree: a filter matches what its plain form matches, and what a wide
 * filter subsumes it matches too. */
#include <stdint.h>
#include <stdlib.h>

#include "bus/filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct text take_line(struct text *rest)
{
    const char *end = rest->len ? memchr(rest->at, '\n', rest->len) : NULL;
    struct text line = {rest->at, end ? (size_t)(end - rest->at) : rest->len};
    size_t used = line.len + (end ? 1 : 0);
    *rest = (struct text){rest->at + used, rest->len - used};
    return line;
}

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_one(struct text filter, struct text topic)
{
    struct filter_captures captures = {0};
    char *plain = malloc(filter.len + 1);
    if (!plain)
        return;
    filter_plain(filter, plain);
    bool matches = filter_match(filter, topic, &captures);
    if (filter_check(filter, NULL) == ERR_OK) {
        require(filter_check(text_of(plain), NULL) == ERR_OK);
        require(matches == filter_match(text_of(plain), topic, NULL));
        require(filter_subsumes(filter, text_of(plain)) && filter_subsumes(text_of(plain), filter));
    }
    require(captures.count <= FILTER_MAX_CAPTURES);
    for (size_t i = 0; i < captures.count; i++)
        require(captures.at[i].level.at >= topic.at &&
                captures.at[i].level.at + captures.at[i].level.len <= topic.at + topic.len);
    free(plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text rest = {size ? (const char *)data : "", size};
    struct text wide = take_line(&rest);
    struct text narrow = take_line(&rest);
    struct text topic = take_line(&rest);
    struct err_reason why;
    bool both_good = filter_check(wide, &why) == ERR_OK && filter_check(narrow, &why) == ERR_OK;
    check_one(wide, topic);
    check_one(narrow, topic);
    bool subsumes = filter_subsumes(wide, narrow);
    if (both_good && subsumes && filter_match(narrow, topic, NULL))
        require(filter_match(wide, topic, NULL));
    return 0;
}
