"""A measurement or a source in a database of its own: made at the start, missing for a while, full, under deaths."""
import json
import os
import signal
import subprocess
import unittest

from house import BUILD, DATABASE, House, http, influx_rows, until

BOSS = ("boss", "right")
READINGS = "hearthline/readings/"
ENERGY = "    - { name: energy, database: energy, measurements: [energy]%s }\n"
SOURCE = '    - { decoder: value, filter: "raw/+device_id/+metric", destination: raw }\n'
SMALL = "  batch: { lines: 200 }\n"
RAW = "    - { name: raw, database: %s, retention_policy: two_days, retention: 2d }\n" % DATABASE


class Homestead(House):
    """With further destinations, and with `rights` an InfluxDB in which the writer may write and not make."""

    def __init__(self, destinations, sources="", rights=False, writer="", query=None):
        super().__init__(sources=sources, writer=writer, start=False, query=query)
        self.rights, self.user = rights, None
        self.edit("  database: %s\n" % DATABASE, "  database: %s\n  destinations:\n%s" % (DATABASE, destinations))
        try:
            self.start_mosquitto()
            self.start_influxd()
            if rights:
                self.take_rights()
            self.start_writer()
            if self.has_query:
                self.start_query()
        except BaseException:
            self.show_logs()
            self.close()
            raise

    def edit(self, old, new, name="hearthline.yaml"):
        path = self.folder / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    def ask(self, statement, database=DATABASE):
        return influx_rows(self.influx_url, statement, self.user, database)

    def take_rights(self):
        self.ask("CREATE USER boss WITH PASSWORD 'right' WITH ALL PRIVILEGES")
        self.ask("CREATE USER small WITH PASSWORD 'small'")
        for database in (DATABASE, "energy"):
            self.make(database)
        self.influxd.end(signal.SIGTERM)
        self.edit("[monitor]", "  auth-enabled = true\n[monitor]", "influxdb.conf")
        self.start_influxd()
        self.user = BOSS
        (self.folder / "password").write_text("small\n")
        self.edit("  database: %s\n" % DATABASE, "  database: %s\n  username: small\n  password_file: password\n" % DATABASE)

    def make(self, database):
        self.ask('CREATE DATABASE "%s"' % database)
        self.ask('GRANT ALL ON "%s" TO small' % database)

    def count(self, measurement, database):
        """0 while there is no such database."""
        if database not in (row["name"] for row in self.ask("SHOW DATABASES")):
            return 0
        rows = self.ask('SELECT COUNT(seq) AS n FROM "%s"' % measurement, database)
        return rows[0]["n"] if rows else 0

    def send(self, first, count, each=1, pad=""):
        """Readings of both kinds in turn, numbered; `each` of both in a message."""
        def one(seq):
            return ('{"device": "meter", "kind": "energy", "fields": {"power_watts": 5, "seq": %d%s}}, '
                    '{"device": "hall", "fields": {"seq": %d}}' % (seq, pad, seq))
        self.publish(READINGS + "gateway", *["[%s]" % ", ".join(one(seq) for seq in range(at, at + each))
                                             for at in range(first, first + count, each)])

    def plain_stored(self, count):
        until(lambda: self.count("device_metrics", DATABASE) >= count, 60, "the others' points")

    def parked(self):
        return self.metrics().get("hearthline_points_parked", 0)


class Destinations(unittest.TestCase):
    def check_balance(self, house):
        found = house.settled(90)
        self.assertEqual(found["hearthline_ledger_difference"], 0)
        self.assertEqual(found["hearthline_ledger_points_difference"], 0)
        return found

    def measurements(self, house, database):
        return sorted(row["name"] for row in house.ask("SHOW MEASUREMENTS", database))

    def test_each_goes_to_its_own_which_is_made_at_the_start(self):
        with Homestead(ENERGY % ", retention: 7d" + RAW, SOURCE) as house:
            house.send(0, 10)
            house.publish("raw/pump/flow", "1.5")
            found = self.check_balance(house)
            self.assertEqual(found["hearthline_points_parked"], 0)
            self.assertEqual(self.measurements(house, "energy"), ["energy"])
            self.assertEqual(house.count("energy", "energy"), 10)
            self.assertEqual(house.count("device_metrics", DATABASE), 10)
            self.assertEqual([row["value"] for row in house.ask("SELECT value FROM two_days.device_metrics")
                              if "value" in row], [1.5])
            policies = {row["name"]: row for row in house.ask("SHOW RETENTION POLICIES ON " + DATABASE)}
            self.assertEqual((policies["two_days"]["duration"], policies["two_days"]["default"]), ("48h0m0s", False))
            self.assertEqual(house.ask("SHOW RETENTION POLICIES ON energy")[0]["duration"], "168h0m0s")
            self.assertIn("destination=energy", house.writer.log())
            self.assertEqual(house.health()["status"], "ok")
            self.explain(house)

    def explain(self, house):
        env = {name: value for name, value in os.environ.items() if not name.startswith("INFLUX")}
        for topic, payload, to in (
                (READINGS + "m", '{"kind": "energy", "fields": {"power_watts": 4}}', "to        energy, database energy\n"),
                ("raw/pump/flow", "2", "to        raw, database %s, retention policy two_days\n" % DATABASE),
                (READINGS + "m", '{"t": 4}', None)):
            done = subprocess.run([BUILD / "hearthline", "explain", "--config", house.folder / "hearthline.yaml",
                                   "--topic", topic, "--payload", payload],
                                  capture_output=True, timeout=20, check=True, text=True, env=env)
            if to:
                self.assertIn(to, done.stdout)
            else:
                self.assertNotIn("to   ", done.stdout)

    def test_history_and_devices_are_asked_where_the_measurement_is(self):
        with Homestead(ENERGY % "", query="") as house:
            house.send(0, 10)
            self.check_balance(house)
            for endpoint, request in (
                    ("history", {"measurement": "energy", "field": "power_watts", "tags": {"device_id": "meter"}}),
                    ("history", {"measurement": "device_metrics", "field": "seq", "tags": {"device_id": "hall"}}),
                    ("devices", {"device": "meter"})):
                done = subprocess.run([BUILD / "hearthline", "ask", "--config", house.folder / "hearthline.yaml",
                                       "--json", endpoint, "--request", json.dumps(request)], capture_output=True, timeout=30, text=True)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                answer = json.loads(done.stdout)
                if endpoint == "history":
                    self.assertTrue([row for row in answer["rows"] if row[1] is not None], answer)
                else:
                    self.assertEqual([row["measurement"] for row in answer["devices"]], ["energy"])

    def test_a_dropped_database_holds_up_nobody_and_everything_arrives_once(self):
        with Homestead(ENERGY % "", rights=True) as house:
            house.send(0, 100)
            house.plain_stored(100)
            self.check_balance(house)
            house.ask("DROP DATABASE energy")
            house.send(100, 200)
            house.plain_stored(300)
            until(lambda: house.parked() == 200, 20, "the points to be parked")
            now = house.metrics()
            self.assertEqual(now["hearthline_messages_pending"], 0)
            self.assertEqual(now["hearthline_journal_cursor_record"], now["hearthline_journal_next_record"])
            self.assertEqual(now["hearthline_ledger_points_difference"], 0)
            health = house.health()
            self.assertEqual((health["status"], health["influxdb"]), ("degraded", "up"))
            self.assertTrue(health["destination_reason"].startswith("energy: "), health)
            self.assertEqual(house.writer.log().count("event=destination_parks"), 1)
            house.make("energy")
            house.send(300, 50) # behind those that wait
            until(lambda: house.parked() == 0 and house.count("energy", "energy") == 250, 30, "all of them")
            found = self.check_balance(house)
            self.assertEqual(found["hearthline_points_dropped_total"], 0)
            self.assertEqual(house.count("device_metrics", DATABASE), 350)
            self.assertEqual(house.writer.log().count("event=destination_caught_up"), 1)
            until(lambda: house.health()["status"] == "ok", 15, "a healthy writer")
            self.assertEqual(sorted(row["seq"] for row in house.ask("SELECT seq FROM energy", "energy")),
                             list(range(100, 350)))

    def test_a_role_that_may_makes_it_again(self):
        with Homestead(ENERGY % "") as house:
            house.send(0, 10)
            self.check_balance(house)
            house.ask("DROP DATABASE energy")
            house.send(10, 10)
            until(lambda: house.count("energy", "energy") == 10, 30, "the database and its points")
            self.check_balance(house)

    def test_kill_9_while_they_wait_and_while_they_go_out(self):
        with Homestead(ENERGY % "", rights=True) as house:
            house.ask("DROP DATABASE energy")
            for turn in range(5):
                house.send(turn * 1000, 1000, each=10)
                house.writer.end(signal.SIGKILL)
                house.start_writer()
            house.plain_stored(5000)
            until(lambda: house.parked() == 5000, 30, "all of them to wait")
            house.edit("  metrics_address", "  batch: { lines: 200 }\n  metrics_address")
            house.writer.end(signal.SIGKILL) # and now in small pieces
            house.start_writer()
            self.assertEqual(house.parked(), 5000)
            house.make("energy")
            for turn in range(4):
                until(lambda: house.count("energy", "energy") >= 1000 * turn + 200, 30, "some to go out")
                house.writer.end(signal.SIGKILL)
                house.send(5000 + turn * 100, 100)
                house.start_writer()
            until(lambda: house.count("energy", "energy") == 5400, 60, "all of them")
            found = self.check_balance(house)
            self.assertEqual(found["hearthline_points_parked"], 0)
            self.assertEqual(found["hearthline_points_dropped_total"], 0)
            self.assertEqual(house.count("device_metrics", DATABASE), 5400)
            self.assertEqual(house.count("energy", "energy"), 5400)

    def test_death_between_parking_and_the_cursor(self):
        with Homestead(ENERGY % "", rights=True) as house:
            house.ask("DROP DATABASE energy")
            house.writer.end(signal.SIGTERM)
            for _ in range(3):
                house.launch_writer(HEARTHLINE_TEST_DIE_AT="parked:2")
                until(lambda: house.parked() or house.health().get("broker") == "up", 20, "the writer")
                for part in range(100):
                    if not house.writer.running():
                        break
                    house.send(10000 + part, 1)
                until(lambda: not house.writer.running(), 20, "its death")
                self.assertEqual(house.writer.end(), 86)
            house.start_writer()
            stored = until(lambda: house.metrics().get("hearthline_messages_pending") == 0 and house.metrics(), 20)
            self.assertEqual(stored["hearthline_ledger_points_difference"], 0)
            house.make("energy")
            self.check_balance(house)
            self.assertEqual(house.count("energy", "energy"), house.count("device_metrics", DATABASE))

    def test_what_does_not_fit_is_given_up_by_its_rule_and_counted(self):
        for rule, first in (("drop_oldest", False), ("drop_newest", True)):
            with Homestead(ENERGY % (", max_bytes: 1 MiB, when_full: " + rule), rights=True, writer=SMALL) as house:
                house.ask("DROP DATABASE energy")
                house.send(0, 4000, each=10, pad=', "note": "%s"' % ("x" * 500))
                house.plain_stored(4000)
                now = until(lambda: house.metrics().get("hearthline_messages_pending") == 0 and house.metrics(), 20)
                self.assertGreater(now["hearthline_points_dropped_total"], 1000)
                self.assertEqual(now["hearthline_points_parked"] + now["hearthline_points_dropped_total"], 4000)
                self.assertLessEqual(now["hearthline_parked_bytes"], 1 << 20)
                self.assertEqual(now["hearthline_ledger_points_difference"], 0)
                waits = now["hearthline_points_parked"]
                house.make("energy")
                found = self.check_balance(house)
                self.assertEqual(house.count("energy", "energy"), waits)
                rows = sorted(row["seq"] for row in house.ask("SELECT seq FROM energy", "energy"))
                self.assertEqual((rows[0] == 0, rows[-1] == 3999), (first, not first))
                self.assertEqual(found["hearthline_points_dropped_total"], 4000 - waits)
                self.assertIn("event=parked_full", house.writer.log())

    def test_hold_lets_everything_wait(self):
        with Homestead(ENERGY % ", max_bytes: 1 MiB, when_full: hold", rights=True, writer=SMALL) as house:
            house.ask("DROP DATABASE energy")
            house.send(0, 4000, each=10, pad=', "note": "%s"' % ("x" * 500))
            until(lambda: house.metrics().get("hearthline_parked_bytes", 0) > 500000, 30, "a full file")
            now = house.metrics()
            self.assertGreater(now["hearthline_journal_next_record"], now["hearthline_journal_cursor_record"] + 50)
            house.make("energy")
            found = self.check_balance(house)
            self.assertEqual(house.count("energy", "energy"), 4000)
            self.assertEqual(found["hearthline_points_dropped_total"], 0)

    def test_a_role_that_may_not_is_told_the_statement(self):
        with Homestead(ENERGY % ", retention: 7d" + RAW, SOURCE, rights=True) as house:
            house.ask("DROP DATABASE energy")
            house.writer.end(signal.SIGTERM)
            house.start_writer()
            until(lambda: "destination=raw status" in house.writer.log(), 20, "the message")
            log = house.writer.log()
            self.assertIn('CREATE DATABASE "energy" WITH DURATION 7d', log)
            self.assertIn('CREATE RETENTION POLICY "two_days" ON "%s" DURATION 2d REPLICATION 1' % DATABASE, log)
            house.publish("raw/pump/flow", "1.5")
            until(lambda: house.parked() == 1, 15, "the point to wait")
            house.ask('CREATE RETENTION POLICY "two_days" ON "%s" DURATION 2d REPLICATION 1' % DATABASE)
            until(lambda: house.parked() == 0, 30, "the point to go out")
            self.assertEqual(len(house.ask("SELECT value FROM two_days.device_metrics")), 1)

    def test_measurements_change_at_a_reload_and_destinations_at_a_restart(self):
        with Homestead(ENERGY % "") as house:
            house.send(0, 5)
            self.check_balance(house)
            house.edit("measurements: [energy]", "measurements: [device_metrics]")
            house.edit("  destinations:\n",
                       "  destinations:\n    - { name: other, database: other, measurements: [energy] }\n")
            status, body = http(house.metrics_url.replace("/metrics", "/-/reload"), {"x": "y"})
            self.assertEqual(status, 200)
            needs = json.loads(body)["needs_restart"]
            self.assertTrue(needs and all(key.startswith("influxdb.destinations[") for key in needs), needs)
            until(lambda: "event=reloaded" in house.writer.log(), 10, "the reload")
            house.send(5, 5)
            self.check_balance(house)
            self.assertEqual(house.count("energy", "energy"), 5)
            self.assertEqual(house.count("energy", DATABASE), 5)
            self.assertEqual(house.count("device_metrics", DATABASE), 5)
            self.assertEqual(house.count("device_metrics", "energy"), 5)

    def test_one_that_is_gone_while_its_points_wait_ends_the_start(self):
        with Homestead(ENERGY % "", rights=True) as house:
            house.ask("DROP DATABASE energy")
            house.send(0, 5)
            until(lambda: house.parked() == 5, 20, "the points to wait")
            house.writer.end(signal.SIGTERM)
            path = house.folder / "hearthline.yaml"
            whole = path.read_text()
            path.write_text(whole.replace("  destinations:\n" + ENERGY % "", ""))
            house.launch_writer()
            until(lambda: not house.writer.running(), 20, "its end")
            self.assertIn('5 points wait for "energy"', house.writer.log())
            path.write_text(whole)
            house.start_writer()
            house.make("energy")
            self.check_balance(house)
            self.assertEqual(house.count("energy", "energy"), 5)


if __name__ == "__main__":
    unittest.main()
