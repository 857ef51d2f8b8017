#include "tally.h"

#include "report.h"

void tally_message(struct tally *t, size_t bytes)
{
    t->last_s = report_monotonic_s();
    if (t->messages == 0) {
        t->first_s = t->last_s;
        t->cpu_before_s = report_cpu_s();
    }
    t->messages++;
    t->bytes += bytes;
}

bool tally_complete(const struct tally *t, const struct subscribe_options *o)
{
    return report_stopped() || (o->count > 0 && t->messages >= o->count) ||
           (o->idle_s > 0 && t->messages > 0 && report_monotonic_s() - t->last_s > o->idle_s);
}

bool tally_whole(const struct tally *t, const struct subscribe_options *o)
{
    return o->count == 0 || t->messages == o->count;
}

void tally_report(const struct tally *t, const struct subscribe_options *o)
{
    struct report r = {.json = o->json};
    double seconds = t->last_s - t->first_s;
    double cpu_s = t->messages > 0 ? report_cpu_s() - t->cpu_before_s : 0;
    report_count(&r, "messages", t->messages);
    report_count(&r, "bytes", t->bytes);
    report_number(&r, "last_message_s", report_real_s() - (report_monotonic_s() - t->last_s));
    report_number(&r, "first_to_last_s", seconds);
    report_number(&r, "rate_per_s", report_rate(t->messages, seconds));
    report_number(&r, "cpu_s", cpu_s);
    report_number(&r, "cpu_us_per_message",
                  t->messages > 0 ? cpu_s * 1e6 / (double)t->messages : 0);
    report_end(&r);
}
