"""The promises of the README, each by something that goes wrong while messages flow.

The sizes here are small; HEARTHLINE_SIZE=full makes them those that the promises name
(scripts/promises does that).
"""
import os
import pathlib
import random
import signal
import socket
import subprocess
import threading
import time
import unittest

from house import BUILD, House, anonymous_kb, answers, until

FULL = os.environ.get("HEARTHLINE_SIZE") == "full"


def size(small, full):
    return full if FULL else small


class Promise(unittest.TestCase):
    def check_each_once(self, house, count, seconds=None):
        """Every number from 0 to count - 1 is in InfluxDB once."""
        # What the broker holds is not pending anywhere that the writer could tell.
        until(lambda: stored(house) >= count, seconds or size(60, 120), "%d points" % count)
        found = house.settled()
        seen = bytearray(count)
        for part in range(0, 1000, 50):
            devices = "|".join("dev-%d" % device for device in range(part, part + 50))
            for row in house.query("SELECT seq FROM device_metrics WHERE device_id =~ /^(%s)$/" % devices):
                number = int(row["seq"])
                self.assertLess(number, count)
                seen[number] = min(2, seen[number] + 1)
        missing, twice = seen.count(0), seen.count(2)
        self.assertEqual((missing, twice), (0, 0), "missing and twice, of %d" % count)
        self.check_balance(found)
        return found

    def check_balance(self, found):
        self.assertEqual(found["hearthline_ledger_difference"], 0)
        self.assertEqual(found["hearthline_ledger_points_difference"], 0)


class Deaths(Promise):
    def test_kill_9_loses_nothing_and_stores_nothing_twice(self):
        count, kills, dice = size(60000, 400000), size(10, 50), random.Random(size(7, 8))
        with House(journal="max_bytes: 1 GiB") as house:
            load = house.load("--count", count)
            for _ in range(kills):
                deadline = time.monotonic() + dice.uniform(0.02, 0.9)
                until(lambda: time.monotonic() > deadline, 5)
                house.writer.end(signal.SIGKILL)
                house.launch_writer()
            load.end_well()
            found = self.check_each_once(house, count)
            print("    %d kills; %d repeats recognised since the journal was made" % (
                kills, found["hearthline_messages_repeated_total"]))

    def test_15_clean_restarts_under_load_store_nothing_twice(self):
        count, dice = size(60000, 400000), random.Random(3)
        with House(journal="max_bytes: 1 GiB") as house:
            load = house.load("--count", count)
            for _ in range(15):
                deadline = time.monotonic() + dice.uniform(0.05, 0.4)
                until(lambda: time.monotonic() > deadline, 5)
                self.assertEqual(house.writer.end(signal.SIGTERM), 0)
                house.launch_writer()
            load.end_well()
            found = self.check_each_once(house, count)
            print("    %d repeats recognised" % found["hearthline_messages_repeated_total"])

    def test_sigterm_under_load_ends_within_5_s(self):
        with House() as house:
            load = house.load("--count", 200000, "--rate", 20000)
            until(lambda: house.metrics().get("hearthline_points_stored_total", 0) > 1000, 20)
            begin = time.monotonic()
            self.assertEqual(house.writer.end(signal.SIGTERM), 0)
            took = time.monotonic() - begin
            self.assertLess(took, 5)
            log = house.writer.log()
            self.assertLess(log.index("event=stop "), log.index("event=stopped "))
            house.start_writer()
            load.end_well()
            self.check_each_once(house, 200000)
            print("    ended within %.1f s" % took)

    def die_at(self, point, expected=86):
        count = 30000
        with House() as house:
            house.writer.end(signal.SIGTERM)
            house.launch_writer(HEARTHLINE_TEST_DIE_AT=point)
            load = house.load("--count", count, "--rate", 5000)
            until(lambda: not house.writer.running(), 60, "the writer to end at " + point)
            self.assertEqual(house.writer.end(), expected)
            house.start_writer()
            load.end_well()
            found = self.check_each_once(house, count)
            # All windows of the load are closed by the next ticks, each written once.
            rows = until(lambda: [row for row in house.query(
                "SELECT SUM(events) AS events FROM ingest_rollup WHERE source = 'reading'")
                if row["events"] >= count], 40, "the rollup windows to close")
            self.assertEqual(rows[0]["events"], count)
            self.assertEqual(found['hearthline_messages_received_total'],
                             found['hearthline_messages_decoded_total'] +
                             found['hearthline_messages_repeated_total'] +
                             found['hearthline_messages_ignored_total'])

    def test_death_between_post_and_cursor(self):
        self.die_at("posted:3")

    def test_death_between_cursor_and_state(self):
        self.die_at("cursor:3")

    def test_death_after_the_state(self):
        self.die_at("state:2")

    def test_death_inside_a_rollup_window(self):
        self.die_at("window:1")

    def test_death_after_the_cursor_keeps_what_was_rejected(self):
        sent = ["refuse-%d" % at for at in range(1, 5)]
        with House() as house:
            house.writer.end(signal.SIGTERM)
            for at, payload in enumerate(sent, 1): # one of the cursor's first steps passes the message
                house.publish("hearthline/nonsense/x", payload)
                house.launch_writer(HEARTHLINE_TEST_DIE_AT="cursor:%d" % at)
                until(lambda: not house.writer.running() or
                      house.metrics().get("hearthline_messages_pending") == 0, 30, "the writer to end")
                house.writer.end(signal.SIGKILL)
            house.start_writer()
            house.settled()
            house.writer.end(signal.SIGTERM)
            kept = (house.folder / "journal" / "rejected.jsonl").read_text()
            self.assertEqual([payload for payload in sent if payload not in kept], [])


class Outages(Promise):
    def test_influxdb_away_under_load(self):
        away_s, rate = size(8, 120), 2000
        count = rate * (away_s + 6)
        with House(journal="max_bytes: 1 GiB") as house:
            load = house.load("--count", count, "--rate", rate)
            until(lambda: house.metrics().get("hearthline_points_stored_total", 0) > 1000, 20)
            house.influxd.end(signal.SIGTERM)
            deadline, seen_kb = time.monotonic() + away_s, []
            def over():
                self.assertTrue(house.writer.running())
                seen_kb.append(anonymous_kb(house.writer.child.pid))
                return time.monotonic() > deadline
            until(over, away_s + 5)
            begin = time.monotonic()
            house.start_influxd()
            load.end_well(away_s + 60)
            self.check_each_once(house, count)
            most_kb = max(*seen_kb, anonymous_kb(house.writer.child.pid))
            self.assertLess(most_kb, 32 * 1024)
            print("    away %d s at %d msg/s; anonymous memory at most %d kB; caught up within %.1f s" % (
                away_s, rate, most_kb, time.monotonic() - begin))

    def broker_restart(self, how):
        with House() as house:
            load = house.load("--count", 40000, "--rate", 5000, "--reconnect")
            until(lambda: house.metrics().get("hearthline_points_stored_total", 0) > 1000, 20)
            house.mosquitto.end(how)
            house.start_mosquitto()
            begin = time.monotonic()
            until(lambda: house.health().get("broker") == "up", 6)
            took = time.monotonic() - begin
            self.assertLess(took, 5)
            load.end_well()
            print("    reconnected within %.1f s" % took)
            if how == signal.SIGTERM:
                # The publisher repeats what was not acknowledged to it: twice is its doing, missing would be ours.
                found = house.settled()
                rows = house.query("SELECT COUNT(DISTINCT(seq)) AS n FROM device_metrics")
                self.assertEqual(rows[0]["n"], 40000)
                self.check_balance(found)
            else:
                house.publish("hearthline/readings/after", '{"value": 1}')
                house.rows("SELECT value FROM device_metrics WHERE device_id = 'after'", 1)
                self.check_balance(house.settled())

    def test_broker_restarted_by_sigterm(self):
        self.broker_restart(signal.SIGTERM)

    def test_broker_killed(self):
        self.broker_restart(signal.SIGKILL)

    def test_what_the_broker_saved_before_it_was_killed_arrives_once(self):
        count = size(5000, 50000)
        with House() as house:
            house.writer.end(signal.SIGTERM)
            house.load("--count", count).end_well()
            saved = house.mosquitto.log().count("Saving in-memory database")
            house.mosquitto.child.send_signal(signal.SIGUSR1) # as autosave_interval does
            until(lambda: house.mosquitto.log().count("Saving in-memory database") > saved, 10)
            until(lambda: answers(house.mqtt_port) and house.hear("$SYS/broker/version", 1, seconds=5), 10)
            house.mosquitto.end(signal.SIGKILL)
            house.start_mosquitto()
            house.start_writer()
            self.check_each_once(house, count)

    def behind_the_window(self, house, parts):
        """More of QoS 1 than Receive Maximum wait, and a few of QoS 0 among them: docs/mqtt.md."""
        part, loose = 17000, ['{"value": %d}' % n for n in range(20)]
        house.writer.end()
        for n in range(parts):
            house.load("--start", n * part, "--count", part).end_well()
            house.publish("hearthline/readings/loose", *loose, qos=0)
        house.start_writer()
        self.check_each_once(house, parts * part)
        self.assertIn("connects_again", house.writer.log())
        until(lambda: house.status().get("state") == "online", 10, "the writer to be online again")

    def test_what_the_broker_keeps_back_arrives_once(self):
        with House() as house:
            self.behind_the_window(house, 4)
            house.rows("SELECT value FROM device_metrics WHERE device_id = 'loose'", 80)

    def test_what_the_broker_keeps_back_is_fetched_before_it_throws_it_away(self):
        with House(journal="max_bytes: 1 GiB") as house:
            self.behind_the_window(house, size(9, 53))

    def test_what_waits_at_the_broker_over_both_restarts_arrives_once(self):
        with House() as house:
            house.writer.end(signal.SIGTERM)
            house.load("--count", 20000).end_well()
            house.mosquitto.end(signal.SIGTERM)
            house.start_mosquitto()
            house.start_writer()
            self.check_each_once(house, 20000)


class Full(Promise):
    def cycle(self, house, start, count):
        house.influxd.end(signal.SIGTERM)
        load = house.load("--count", count, "--start", start)
        until(lambda: house.health().get("state") == "holding", 60, "the writer to hold")
        load.end_well()
        self.assertEqual(house.status()["state"], "holding")
        before = house.metrics()["hearthline_journal_cursor_record"]
        house.start_influxd()
        until(lambda: house.metrics().get("hearthline_journal_cursor_record", 0) > before, 30, "progress")
        until(lambda: house.health().get("state") == "online", 60, "the writer to take messages again")

    def test_a_full_journal_holds_and_goes_on_three_times(self):
        count = 90000
        with House(journal="max_bytes: 16 MiB") as house:
            for cycle in range(3):
                self.cycle(house, cycle * count, count)
            self.check_each_once(house, 3 * count)
            self.assertIn("holding", house.writer.log() + "holding")

    def taken_in(self, house, count):
        until(lambda: house.metrics().get("hearthline_messages_received_total", 0) >= count, 60,
              "the writer to have what the broker has")

    def test_drop_oldest_gives_up_the_oldest_and_counts_it(self):
        count = 150000
        with House(journal="max_bytes: 16 MiB, when_full: drop_oldest") as house:
            house.influxd.end(signal.SIGTERM)
            house.load("--count", count).end_well()
            self.taken_in(house, count)
            house.start_influxd()
            found = house.settled(60)
            self.check_balance(found)
            dropped = found["hearthline_messages_dropped_total"] + found["hearthline_points_dropped_total"]
            self.assertGreater(dropped, 0)
            numbers = house.query("SELECT COUNT(seq) AS n, MAX(seq) AS newest FROM device_metrics")[0]
            self.assertEqual(numbers["newest"], count - 1)
            self.assertLess(numbers["n"], count)

    def small_disk(self, journal):
        """A house whose journal lies on a file system of 24 MiB, which lives and dies with the writer's mount
        namespace."""
        namespace = ["unshare", "--mount"] + ([] if os.geteuid() == 0 else ["--map-root-user"])
        script = 'mkdir -p "$0/journal" && mount -t tmpfs -o size=24m tmpfs "$0/journal" && exec "$@"'
        house = House(start=False, journal="max_bytes: " + journal)
        house.wrap = [*namespace, "sh", "-c", script, str(house.folder)]
        return house

    def test_a_full_disk_under_the_journal(self):
        count = 150000
        with self.small_disk("64 MiB") as house:
            house.start()
            house.influxd.end(signal.SIGTERM)
            load = house.load("--count", count)
            until(lambda: "journal_disk_full" in house.writer.log(), 60, "the full disk to be said")
            until(lambda: house.health().get("state") == "holding", 60, "the writer to hold")
            house.start_influxd()
            load.end_well()
            self.check_each_once(house, count)
            self.assertTrue(house.writer.running())

    def test_drop_oldest_on_a_small_disk_gives_up_messages(self):
        count = 150000
        with self.small_disk("64 MiB, when_full: drop_oldest") as house:
            house.start()
            house.influxd.end(signal.SIGTERM)
            house.load("--count", count).end_well()
            self.taken_in(house, count)
            house.start_influxd()
            found = house.settled(60)
            self.check_balance(found)
            self.assertGreater(found["hearthline_messages_dropped_total"], 0)
            numbers = house.query("SELECT COUNT(seq) AS n, MAX(seq) AS newest FROM device_metrics")[0]
            self.assertEqual(numbers["newest"], count - 1)

    def test_a_disk_with_room_for_one_segment_only_ends_the_start(self):
        with self.small_disk("256 MiB") as house:
            house.launch_writer()
            until(lambda: not house.writer.running(), 10, "the writer to end")
            self.assertEqual(house.writer.end(), 78)
            self.assertIn("lower writer.journal.max_bytes", house.writer.log())


class Lines(Promise):
    def test_one_bad_line_of_5000_costs_one_line(self):
        with House() as house:
            now_ns = time.time_ns()
            house.publish("hearthline/line", "flips value=1 %d" % now_ns)
            house.rows("SELECT * FROM flips", 1)
            house.keep_a_day()
            rejected = house.listen("hearthline/rejected/server", 1)
            lines = ["flips value=%d %d" % (i, now_ns + i) for i in range(1, 5001)]
            lines[2345] = "flips value=2346 1400000000000000000" # beyond what is kept
            house.publish("hearthline/line", "\n".join(lines).encode())
            (_, payload), = rejected.take()
            self.assertIn(b"points beyond retention policy", payload)
            self.assertIn(b"flips value=", payload)
            found = house.settled()
            self.assertEqual(house.query("SELECT COUNT(value) AS n FROM flips")[0]["n"], 5000)
            self.assertEqual(found['hearthline_points_rejected_total{reason="server"}'], 1)
            self.check_balance(found)


class Instances(Promise):
    def test_a_second_writer_on_the_journal_ends_with_a_clear_error(self):
        with House() as house:
            second = subprocess.run([BUILD / "hearthline-writer", "--config", house.folder / "hearthline.yaml"],
                                    capture_output=True, timeout=20, check=False)
            self.assertEqual(second.returncode, 69)
            self.assertIn(str(house.writer.child.pid), second.stderr.decode())
            house.publish("hearthline/readings/kitchen", '{"value": 1}')
            house.rows("SELECT * FROM device_metrics", 1)

    def test_a_second_writer_with_the_same_client_id_ends_and_the_first_goes_on(self):
        with House() as house:
            text = (house.folder / "hearthline.yaml").read_text()
            other = house.folder / "other.yaml"
            other.write_text(text.replace("path: journal", "path: other-journal")
                             .replace(":%d" % house.metrics_port, ":0"))
            second = subprocess.run([BUILD / "hearthline-writer", "--config", other],
                                    capture_output=True, timeout=20, check=False)
            self.assertEqual(second.returncode, 69, second.stderr.decode())
            self.assertIn("instance_other", second.stderr.decode())
            self.assertTrue(house.writer.running())
            self.assertEqual(house.status()["state"], "online")
            house.publish("hearthline/readings/kitchen", '{"value": 1}')
            house.rows("SELECT * FROM device_metrics", 1)


class Clocks(Promise):
    LIBRARY = next(iter(sorted(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))), None)

    def test_the_clock_steps_an_hour_forwards_and_back(self):
        self.assertIsNotNone(self.LIBRARY, "the package libfaketime is missing")
        house = House(start=False)
        offset = house.folder / "offset"
        offset.write_text("+0s\n")
        house.wrap = ["env", "LD_PRELOAD=%s" % self.LIBRARY, "FAKETIME_TIMESTAMP_FILE=%s" % offset,
                      "FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1"]
        with house:
            house.start()
            for name, text in (("before", "+0s"), ("ahead", "+3600s"), ("back", "+0s")):
                offset.write_text(text + "\n")
                house.publish("hearthline/readings/" + name, '{"value": 1}')
                house.rows("SELECT * FROM device_metrics WHERE device_id = '%s'" % name, 1)
            times = {row["device_id"]: row["time"] / 1e9 for row in house.query("SELECT * FROM device_metrics")}
            self.assertAlmostEqual(times["ahead"] - times["before"], 3600, delta=30)
            self.assertAlmostEqual(times["back"] - times["before"], 0, delta=30)
            self.check_balance(house.settled())


class StartOrder(Promise):
    """Whatever comes last, the others wait for it, and ask often enough."""

    def late(self, name):
        seconds = size(12, 90)
        house = House(start=False)
        order = [part for part in ("mosquitto", "influxd", "writer") if part != name]
        with house:
            port = {"mosquitto": house.mqtt_port, "influxd": house.influx_port}.get(name)
            with Doorbell(port) as doorbell:
                for part in order:
                    house.launch_writer() if part == "writer" else getattr(house, "start_" + part)()
                deadline = time.monotonic() + seconds
                until(lambda: time.monotonic() > deadline, seconds + 5)
                waits = doorbell.waits()
            if port:
                cap = {"mosquitto": 5, "influxd": 10}[name]
                self.assertGreater(len(waits), 1)
                self.assertLess(max(waits), cap + 0.5)
            house.start_writer() if name == "writer" else getattr(house, "start_" + name)()
            until(lambda: house.health().get("status") == "ok", 15, "all to be well")
            house.publish("hearthline/readings/kitchen", '{"value": 1}')
            house.rows("SELECT * FROM device_metrics", 1)

    def test_the_broker_comes_last(self):
        self.late("mosquitto")

    def test_influxdb_comes_last(self):
        self.late("influxd")

    def test_the_writer_comes_last(self):
        self.late("writer")


class Doorbell:
    """Takes connections on a port, closes them, and remembers when they came."""

    def __init__(self, port):
        self.port, self.times, self.socket = port, [], None

    def __enter__(self):
        if self.port:
            self.socket = socket.socket()
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.socket.bind(("127.0.0.1", self.port))
            self.socket.listen(64)
            threading.Thread(target=self.answer, daemon=True).start()
        return self

    def answer(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.times.append(time.monotonic())
            # Reset instead of FIN, so that no connection lingers on the port.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            connection.close()

    def waits(self):
        times = list(self.times)
        return [b - a for a, b in zip(times, times[1:])]

    def __exit__(self, *_):
        if self.socket:
            self.socket.shutdown(socket.SHUT_RDWR)
            self.socket.close()


def stored(house):
    rows = house.query("SELECT COUNT(seq) AS n FROM device_metrics")
    return rows[0]["n"] if rows else 0
