"""The query service's part of scripts/bench."""
import contextlib
import json
import statistics
import subprocess
import threading
import time

import house
from bench_data import fill
from bench_machine import Others, process_cpu_s
from bench_rows import row

BUILD = house.BUILD
PROGRAMS = ("hearthline-query", "hearthline-ask-load", "bench-ask-beside")

SIZES = {  # raw events, samples of a latency, rounds
    "full": {"events": 5000000, "samples": 200, "rounds": 5},
    "quick": {"events": 500000, "samples": 60, "rounds": 1},
}

PERIODS = ("1h", "24h", "7d", "30d")
CALM_WINDOW_S = 2    # so long InfluxDB must have done next to nothing
CALM_CPU_S = 0.2     # of its processor time in such a window


class Memory:
    """The most anonymous memory of a process while `with Memory(pid) as memory:` lasts, in kB."""

    def __init__(self, pid):
        self.pid, self.before, self.peak, self.over = pid, house.anonymous_kb(pid), 0, threading.Event()
        self.thread = threading.Thread(target=self._watch)

    def _watch(self):
        while not self.over.wait(0.002):
            self.peak = max(self.peak, house.anonymous_kb(self.pid))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


class QueryBench:
    def __init__(self, size):
        self.size = SIZES[size]
        self.house = house.House(start=False, query="")
        self.house.start_mosquitto()
        self.house.start_influxd()
        self.house.start_writer()
        template = self._template()
        self.house.writer.end()
        self._forget()
        self.lines = fill(self.house.influx_port, house.DATABASE, self.size["events"], template, int(time.time()))
        self.house.start_writer()
        self.house.start_query()
        self.others = Others(self.house.mosquitto, self.house.influxd, self.house.writer, self.house.query_service)
        self._calm()

    def _template(self):
        """The fields of a row that the writer has stored of itself."""
        statement = "SELECT * FROM service_metrics WHERE service = 'writer' AND write_attempts > 0 ORDER BY time DESC LIMIT 1"
        self.house.publish("hearthline/readings/bench", '{"temperature": 21.5}')
        last, = self.house.rows(statement, 1, 40)
        return {name: value for name, value in last.items()
                if value is not None and name not in ("time", "service")}

    def _forget(self):
        """What was stored until now would lie behind the history that is filled in: InfluxDB would have to
        put both in order for each question, as no house's does."""
        form = {"db": house.DATABASE, "q": "DROP MEASUREMENT service_metrics; DROP MEASUREMENT ingest_rollup"}
        status, body = house.http(self.house.influx_url + "/query", form, seconds=60)
        if status != 200 or b"error" in body:
            raise RuntimeError("InfluxDB forgets nothing: %s" % body)

    def _calm(self, patience_s=120):
        """Until InfluxDB has put in order what it was given."""
        until = time.monotonic() + patience_s
        while time.monotonic() < until:
            before = process_cpu_s(self.house.influxd.child.pid)
            time.sleep(CALM_WINDOW_S)
            if process_cpu_s(self.house.influxd.child.pid) - before < CALM_CPU_S:
                return

    # --- programs ------------------------------------------------------------------

    def run(self, name, *options):
        """Its report; an exit status of 1 says that something was not answered, as the report does."""
        command = [str(BUILD / name), "--port", str(self.house.mqtt_port), *(str(one) for one in options), "--json-report"]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=300)
        if done.returncode > 1 or not done.stdout:
            raise RuntimeError("%s ended with %d" % (name, done.returncode))
        return json.loads(done.stdout.splitlines()[-1])

    def ask(self, payload, *options):
        return self.run("hearthline-ask-load", "--payload", payload if isinstance(payload, str) else json.dumps(payload), *options)

    def rounds(self, measure):
        return [measure() for _ in range(self.size["rounds"])]

    # --- what is measured ------------------------------------------------------------

    def query(self):
        yield row("lines stored", self.lines, None, "")
        self.others.percent()
        for part in (self.beside, self.cached, self.periods, self.concurrent, self.older):
            yield from part()
            yield row("  other work on this machine", self.others.percent(), None, "% of it")
        yield from self.burst()

    def beside(self):
        runs = self.rounds(lambda: self.run(
            "bench-ask-beside", "--influx-port", self.house.influx_port, "--database", house.DATABASE,
            "--period", "1h", "--samples", self.size["samples"]))
        yield row("stats 1h, uncached, p95", mid(runs, "ask_p95_ms"), mid(runs, "statements_p95_ms"), "ms")
        yield row("  above the slowest of its statements", mid(runs, "over_ms"), None, "ms", up_to=3)
        yield row("  median", mid(runs, "ask_median_ms"), mid(runs, "statements_median_ms"), "ms")
        yield row("  not from InfluxDB, not fresh", sum(run["not_stored"] for run in runs), None, "", exact=0)

    def cached(self):
        self.ask({"period": "1h"}, "--requests", 1)
        runs = self.rounds(lambda: self.ask({"period": "1h"}, "--requests", 1000, "--rate", 100))
        yield row("stats 1h, cached, 100 a second, median", mid(runs, "median_ms"), None, "ms", below=1)
        yield row("  99 of 100 within", mid(runs, "p99_ms"), None, "ms", below=5)
        yield row("  from the cache", 100 * sum(run["cached"] for run in runs) / sum(run["sent"] for run in runs), None, "% of them")

    def influxd_s(self):
        return process_cpu_s(self.house.influxd.child.pid)

    def periods(self):
        for period in PERIODS:
            before = self.influxd_s()
            runs = self.rounds(lambda: self.ask({"period": period, "fresh": True}, "--requests", self.size["samples"] // 4))
            cost_ms = (self.influxd_s() - before) / sum(run["sent"] for run in runs) * 1000
            yield row("stats %s, uncached, median" % period, mid(runs, "median_ms"), None, "ms", below=100)
            yield row("  95 of 100 within", mid(runs, "p95_ms"), None, "ms", below=100)
            yield row("  InfluxDB's processor time for one", cost_ms, None, "ms")
            yield row("  not answered from InfluxDB", sum(run["sent"] - run["ok"] + run["fallback"] for run in runs), None, "", exact=0)

    def at_once(self, count):
        """Uncached, each of another period, from as many connections."""
        return self.ask('{"period":"%dm","fresh":true}', "--start", 15, "--requests", count, "--connections", count, "--burst")

    def concurrent(self):
        for count, bound_ms in ((50, 1000), (200, 3000)):
            before = self.influxd_s()
            runs = self.rounds(lambda: self.at_once(count))
            cost_ms = (self.influxd_s() - before) / sum(run["sent"] for run in runs) * 1000
            yield row("%d uncached stats at once, p95" % count, mid(runs, "p95_ms"), None, "ms", below=bound_ms)
            yield row("  the last after", mid(runs, "max_ms"), None, "ms")
            yield row("  InfluxDB's processor time for one", cost_ms, None, "ms")
            yield row("  lost or refused", sum(count - run["ok"] for run in runs), None, "", exact=0)
            yield row("  answered from the services", sum(run["fallback"] for run in runs), None, "")

    def older(self):
        """The bar of the older system's HTTP API: a query below 200 ms, ten at once below 2 s."""
        slowest = [max(self.ask({"period": period, "fresh": True}, "--requests", 20)["p95_ms"] for period in PERIODS)
                   for _ in range(self.size["rounds"])]
        yield row("older bar: a query, of any period, p95", statistics.median(slowest), None, "ms", below=200)
        yield row("older bar: the last of 10 at once", mid(self.rounds(lambda: self.at_once(10)), "max_ms"), None, "ms", below=2000)

    def thousand(self):
        return self.ask('{"period":"%dm","fresh":true}', "--start", 15, "--requests", 1000, "--connections", 50, "--burst",
                        "--wrong-every", 10, "--linger-s", 0.5)

    def settled_memory(self, pid, before, patience_s=5):
        """When it is back at what it was, or does not come back."""
        with contextlib.suppress(AssertionError):
            house.until(lambda: house.anonymous_kb(pid) <= before, patience_s)
        return house.anonymous_kb(pid)

    def burst(self):
        pid = self.house.query_service.child.pid
        with Memory(pid) as memory:
            runs = self.rounds(self.thousand)
        after = self.settled_memory(pid, memory.before)
        yield row("1,000 at once, one in ten malformed", mid(runs, "seconds"), None, "s")
        yield row("  answered with figures", mid(runs, "ok"), None, "")
        yield row("  bad_request", mid(runs, "bad_request"), None, "")
        yield row("  busy", mid(runs, "busy"), None, "")
        yield row("  other errors", mid(runs, "timeout") + mid(runs, "other_errors"), None, "")
        yield row("  not answered", sum(run["lost"] for run in runs), None, "", exact=0)
        yield row("  answered twice", sum(run["again"] for run in runs), None, "", exact=0)
        yield row("  anonymous memory before", memory.before / 1024, None, "MiB")
        yield row("  at its peak", memory.peak / 1024, None, "MiB", below=32)
        yield row("  afterwards, more than before", (after - memory.before) / 1024, None, "MiB", up_to=1)

    def close(self):
        self.house.close()


def mid(runs, name):
    return statistics.median(run[name] for run in runs)
