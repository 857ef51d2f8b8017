"""A house's history for the query service to answer from, straight into InfluxDB as the writer writes it:
raw events of a week, and the rollups, of 10 s for a week and of 5 min for 30 days."""
import http.client
import random

DAY_S = 86400
ENTITIES = 1000
BATCH_LINES = 5000
SOURCES = ("homeassistant_statestream", "homeassistant_eventstream", "reading")
SERVICES = ("writer", "query", "zigbee", "energy", "backup")
SECOND_NS = 10**9

# What service_metrics_5m has beside `messages` (writer/shape/service_rollup.c).
SUMS_5M = ("events_processed", "write_attempts", "write_errors", "lines_written")
LAST_5M = ("write_latency_max_ms", "journal_bytes", "journal_oldest_s", "events_total", "uptime_s")


class Poster:
    """Lines to one database over one kept-alive connection."""

    def __init__(self, port, database):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.path = "/write?precision=ns&db=" + database
        self.lines, self.written = [], 0

    def add(self, lines):
        self.lines += lines
        if len(self.lines) >= BATCH_LINES:
            self.flush()

    def flush(self):
        if not self.lines:
            return
        self.connection.request("POST", self.path, "\n".join(self.lines).encode())
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 204:
            raise RuntimeError("InfluxDB answered %d to lines: %s" % (answer.status, body[:300]))
        self.written += len(self.lines)
        self.lines = []

    def close(self):
        self.flush()
        self.connection.close()


def raw_events(poster, count, end_s):
    """Of each entity one event in turn, over the week; four of five are numbers, the fifth is on or off."""
    keys = []
    for i in range(ENTITIES):
        domain, what = ("binary_sensor", "motion") if i % 5 == 4 else ("sensor", "temperature")
        keys.append("home_assistant_events,domain=%s,entity_id=%s_%d,event_type=state_changed " % (domain, what, i))
    steps = count // ENTITIES
    step_ns = 7 * DAY_S * SECOND_NS // steps
    for step in range(steps):
        first_ns = end_s * SECOND_NS - (steps - step) * step_ns
        apart_ns = step_ns // ENTITIES
        poster.add([
            '%svalue=%d,state="%s" %d' % (key, step & 1, "on" if step & 1 else "off", first_ns + i * apart_ns)
            if i % 5 == 4 else "%svalue=%d.%d %d" % (key, 18 + (step + i) % 9, step % 10, first_ns + i * apart_ns)
            for i, key in enumerate(keys)])


def ingest_rollups(poster, measurement, window_s, days, end_s, chance):
    """Rows bear their window's start."""
    for time_s in range(end_s - end_s % window_s - days * DAY_S, end_s - end_s % window_s, window_s):
        lines = []
        for source in SOURCES:
            events = chance.randint(5, 40) * window_s // 10
            lines.append("%s,source=%s events=%di,points=%di,rejected=%di,bytes=%di %d" % (
                measurement, source, events, events, chance.random() < 0.01, events * 180, time_s * SECOND_NS))
        poster.add(lines)


def varying(chance, window_s):
    """What differs from one row of a service to the next."""
    events = chance.randint(20, 120) * window_s // 10
    attempts = events // 20 + 1
    return {"events_processed": events, "write_attempts": attempts, "write_errors": int(chance.random() < 0.02),
            "lines_written": events, "processing_time_ms": round(chance.uniform(2, 80), 3)}


def field_text(fields):
    return ",".join("%s=%s" % (name, {True: "true", False: "false"}.get(value, value) if isinstance(value, bool)
                               else repr(float(value))) for name, value in fields.items())


def service_rows(poster, template, end_s, chance):
    """service_metrics of a week: rows bear their interval's end. `template` are the fields of a row that
    the writer has stored of itself, and so the fields of these."""
    moving = varying(chance, 10).keys() | {"success_rate", "interval_s"}
    fixed = field_text({name: value for name, value in template.items() if name not in moving})
    for time_s in range(end_s - 7 * DAY_S, end_s, 10):
        lines = []
        for i, service in enumerate(SERVICES):
            fields = varying(chance, 10)
            fields["success_rate"] = 100 - 100 * fields["write_errors"] / fields["write_attempts"]
            lines.append("service_metrics,service=%s %s,interval_s=10.0,%s %d" % (
                service, field_text(fields), fixed, time_s * SECOND_NS + i * 1024))
        poster.add(lines)


def service_rows_5m(poster, template, end_s, chance):
    """service_metrics_5m of 30 days: rows bear their window's start."""
    end_s -= end_s % 300
    for time_s in range(end_s - 30 * DAY_S, end_s, 300):
        lines = []
        for service in SERVICES:
            moving = varying(chance, 300)
            success = 100 - 100 * moving["write_errors"] / moving["write_attempts"]
            fields = {"messages": 30, **{name: moving[name] for name in SUMS_5M},
                      **{name: template.get(name, 0) for name in LAST_5M},
                      "processing_time_ms": moving["processing_time_ms"],
                      "processing_events": moving["events_processed"],
                      "processing_sum": moving["processing_time_ms"] * moving["events_processed"],
                      "success_rate": success, "success_events": moving["write_attempts"],
                      "success_sum": success * moving["write_attempts"]}
            lines.append("service_metrics_5m,service=%s %s %d" % (service, field_text(fields), time_s * SECOND_NS))
        poster.add(lines)


def fill(port, database, events, template, end_s):
    """Writes it all, up to end_s; gives how many lines that were."""
    poster, chance = Poster(port, database), random.Random(5)
    end_s -= end_s % 10
    raw_events(poster, events, end_s)
    ingest_rollups(poster, "ingest_rollup", 10, 7, end_s, chance)
    ingest_rollups(poster, "ingest_rollup_5m", 300, 30, end_s, chance)
    service_rows(poster, template, end_s, chance)
    service_rows_5m(poster, template, end_s, chance)
    poster.close()
    return poster.written
