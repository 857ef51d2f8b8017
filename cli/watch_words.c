#include "cli/watch_words.h"

#include <stdio.h>

int64_t watch_words_age_ns(int64_t since_ns, int64_t now_ns)
{
    int64_t from_ns = since_ns > 0 ? since_ns : 0;
    return now_ns > from_ns ? now_ns - from_ns : 0;
}

void watch_words_age(int64_t since_ns, int64_t now_ns, char ret_text[MOMENT_SPAN_SIZE])
{
    moment_span(watch_words_age_ns(since_ns, now_ns), ret_text);
}

void watch_words_seconds(double seconds, char ret_text[MOMENT_SPAN_SIZE])
{
    const double most = 9e9;
    double within = seconds < most ? seconds : most;
    moment_span(within > 0 ? (int64_t)(within * 1e9) : 0, ret_text);
}

void watch_words_figure(struct fields_number number, int digits, const char *unit,
                        char ret_text[WATCH_WORDS_SIZE])
{
    if (number.present)
        snprintf(ret_text, WATCH_WORDS_SIZE, "%.*f%s", digits, number.value, unit);
    else
        snprintf(ret_text, WATCH_WORDS_SIZE, "-");
}

struct fields_number watch_words_rate(struct fields_unsigned count, struct fields_number interval_s)
{
    if (!count.present || !interval_s.present || interval_s.value <= 0)
        return (struct fields_number){0, false};
    return fields_number((double)count.value / interval_s.value);
}
