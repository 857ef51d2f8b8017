"""A field has one type in InfluxDB, and houses say numbers, words and booleans under one name."""
import json
import os
import signal
import subprocess
import unittest

from house import BUILD, DATABASE, House, http, until

FLIPS = 10000
READINGS = "hearthline/readings/"
# What the field says in turn: a number, a word, a boolean, nothing, a number as text.
VALUES = ["21.5", '"warm"', "true", "null", '"22.5"', '"cold"', "false", "-3"]


def messages(count, values=VALUES):
    """Each is an array: a good point, the flipping one with a good field, another good point."""
    return ['[{"device": "good", "seq": %d}, {"device": "flip", "seq": %d, "v": %s}, {"device": "well", "seq": %d}]' % (
        i, i, values[i % len(values)], i) for i in range(count)]


class FieldTypes(unittest.TestCase):
    def refusals(self, house):
        """How often InfluxDB has answered a request with a refusal (4xx)."""
        (row,) = house.query("SHOW STATS FOR 'httpd'")
        return row["clientError"]

    def count(self, house, field, device):
        rows = house.query("SELECT COUNT(%s) AS n FROM device_metrics WHERE device_id = '%s'" % (field, device))
        return rows[0]["n"] if rows else 0

    def check_balance(self, house):
        found = house.settled()
        self.assertEqual(found["hearthline_ledger_difference"], 0)
        self.assertEqual(found["hearthline_ledger_points_difference"], 0)
        return found

    def test_10000_flips_cost_no_good_point_and_are_said_once(self):
        with House() as house:
            before = self.refusals(house)
            house.publish(READINGS + "gateway", *messages(FLIPS))
            until(lambda: self.count(house, "seq", "well") == FLIPS, 60, "all good points")
            found = self.check_balance(house)
            for device in ("good", "flip", "well"):
                self.assertEqual(self.count(house, "seq", device), FLIPS)
            each = FLIPS // len(VALUES)
            self.assertEqual(self.count(house, "v", "flip"), 3 * each)     # numbers, and what says one exactly
            self.assertEqual(self.count(house, "v_str", "flip"), 4 * each) # words and booleans
            texts = {row["v_str"] for row in house.query("SELECT v_str FROM device_metrics")}
            self.assertEqual(texts, {"warm", "cold", "true", "false"})
            self.assertEqual(self.refusals(house), before) # so no batch was split
            self.assertEqual(found["hearthline_fields_renamed_total"], 4 * each)
            self.assertEqual(found["hearthline_fields_refused_total"], 0)
            self.assertEqual(found['hearthline_points_rejected_total{reason="server"}'], 0)
            self.assertEqual(house.writer.log().count("event=field_type "), 1)

    def test_the_same_over_deaths_of_the_writer(self):
        count = 6000
        with House() as house:
            every = messages(count)
            for part in range(0, count, count // 6):
                house.publish(READINGS + "gateway", *every[part:part + count // 6])
                house.writer.end(signal.SIGKILL)
                house.start_writer()
            until(lambda: self.count(house, "seq", "well") == count, 60, "all good points")
            self.check_balance(house)
            each = count // len(VALUES)
            self.assertEqual(self.count(house, "seq", "flip"), count)
            self.assertEqual(self.count(house, "v", "flip"), 3 * each)
            self.assertEqual(self.count(house, "v_str", "flip"), 4 * each)

    def test_by_rule_what_does_not_fit_is_left_out(self):
        sources = '    - { decoder: reading, filter: "plain", name: plain, type_conflict: reject }\n'
        with House(sources=sources) as house:
            house.publish("plain", *messages(80))
            until(lambda: self.count(house, "seq", "well") == 80, 30, "all good points")
            found = self.check_balance(house)
            self.assertEqual(self.count(house, "seq", "flip"), 80)
            self.assertEqual(self.count(house, "v", "flip"), 20)
            self.assertEqual(found["hearthline_fields_refused_total"], 50)
            self.assertEqual(house.writer.log().count("event=field_type "), 1)
            house.publish("plain", '{"device": "flip", "v": "alone"}')
            until(lambda: house.metrics()['hearthline_points_rejected_total{reason="field_type"}'] == 1, 15)
            self.check_balance(house)

    def written_by_another(self, house, line):
        status, body = self.post(house, line)
        self.assertEqual(status, 204, body)

    def post(self, house, line):
        done = subprocess.run(["curl", "-s", "-w", "%{http_code}", "--data-binary", line,
                               "%s/write?db=%s" % (house.influx_url, DATABASE)], capture_output=True, timeout=20, check=True)
        return int(done.stdout[-3:]), done.stdout[:-3]

    def test_a_field_that_another_writer_makes(self):
        with House() as house:
            house.publish(READINGS + "a", '{"u": 1}')
            house.settled()
            self.written_by_another(house, 'device_metrics,device_id=b t="warm"')
            house.publish(READINGS + "a", '{"t": 1, "u": 2}') # nobody knows yet: refused, and learned from
            until(lambda: house.metrics()['hearthline_points_rejected_total{reason="server"}'] == 1, 15)
            until(lambda: "event=field_types_learned" in house.writer.log(), 15)
            house.settled()
            house.publish(READINGS + "a", '{"t": 2, "u": 3}')
            rows = house.rows("SELECT t, u FROM device_metrics WHERE u = 3", 1)
            self.assertEqual(rows[0]["t"], "2")
            self.check_balance(house)
            house.writer.end(signal.SIGTERM) # its state has the type now
            self.replay_rejects(house)
            rows = house.rows("SELECT t, u FROM device_metrics WHERE u = 2", 1)
            self.assertEqual(rows[0]["t"], "1")

    def replay_rejects(self, house):
        done = subprocess.run([BUILD / "hearthline", "rejects", "replay", "--reason", "server", "--config",
                               house.folder / "hearthline.yaml"], capture_output=True, timeout=30, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_what_influxdb_has_is_known_after_a_first_start(self):
        with House(start=False) as house:
            house.start_mosquitto()
            house.start_influxd()
            http(house.influx_url + "/query", {"q": "CREATE DATABASE " + DATABASE})
            self.written_by_another(house, 'device_metrics,device_id=b t="warm",n=5i')
            house.start_writer()
            house.settled()
            before = self.refusals(house)
            house.publish(READINGS + "a", '{"t": 21.5, "n": 6, "seq": 1}', '{"n": 6.5, "seq": 2}')
            rows = house.rows("SELECT t, n, n_str FROM device_metrics WHERE seq > 0", 2)
            self.assertEqual([(row["t"], row["n"], row["n_str"]) for row in rows], [("21.5", 6, None), (None, None, "6.5")])
            self.assertEqual(self.refusals(house), before)
            self.explain_knows(house)

    def explain_knows(self, house):
        house.writer.end(signal.SIGTERM)
        env = {name: value for name, value in os.environ.items() if not name.startswith("INFLUX")}
        done = subprocess.run([BUILD / "hearthline", "explain", "--config", house.folder / "hearthline.yaml", "--topic",
                               READINGS + "a", "--payload", json.dumps({"t": 1, "n": 2.5})],
                              capture_output=True, timeout=20, check=True, text=True, env=env)
        self.assertIn('t="1",n_str="2.5" ', done.stdout)
        self.assertIn('type      the field "n" of "device_metrics" is a whole number', done.stdout)


if __name__ == "__main__":
    unittest.main()
