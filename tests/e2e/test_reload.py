"""Sources and tags are read again on a running writer, without reconnecting and without losing a message."""
import json
import os
import signal
import subprocess
import unittest

from house import BUILD, House, http, until


def edit(house, old, new):
    path = house.folder / "hearthline.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def post(house):
    """Status and answer of POST /-/reload."""
    status, body = http(house.metrics_url.replace("/metrics", "/-/reload"), {"x": "y"})
    return status, json.loads(body)


FIRST = '    - { decoder: value, filter: "first/+device_id/+metric" }\n'
SECOND = '    - { decoder: value, filter: "second/+device_id/+metric", tags: { floor: up } }\n'


class Reload(unittest.TestCase):
    def test_new_sources_take_over_on_the_same_connection(self):
        with House(sources=FIRST) as house:
            house.publish("first/a/t", "1")
            house.settled()
            connected = house.mosquitto.log().count("as hearthline-writer")
            edit(house, FIRST, SECOND)
            os.kill(house.writer.child.pid, signal.SIGHUP)
            until(lambda: "event=reloaded" in house.writer.log(), 10, "the reload")
            house.publish("second/b/t", "2")
            house.publish("first/a/t", "3") # nobody takes this any more
            found = house.settled()
            rows = self.stored(house)
            self.assertEqual([(row["device_id"], row["value"], row.get("floor")) for row in rows],
                             [("a", 1, None), ("b", 2, "up")])
            self.assertEqual(house.mosquitto.log().count("as hearthline-writer"), connected, "nobody came anew")
            self.assertEqual(found["hearthline_ledger_difference"], 0)

    def stored(self, house):
        name = house.query("SHOW MEASUREMENTS")
        measurement, = [row["name"] for row in name if row["name"] not in
                        ("ingest_rollup", "ingest_rollup_5m", "service_metrics", "service_metrics_5m")]
        return house.query('SELECT * FROM "%s"' % measurement)

    def test_a_wrong_one_is_refused_whole(self):
        with House(sources=FIRST) as house:
            edit(house, "decoder: value", "decoder: valu")
            status, answer = post(house)
            self.assertEqual((status, answer["reload"]), (422, "refused"))
            self.assertIn("value", answer["reason"])
            done = subprocess.run([BUILD / "hearthline", "reload", "--config", house.folder / "hearthline.yaml"],
                                  capture_output=True, timeout=20)
            self.assertEqual(done.returncode, 1)
            house.publish("first/a/t", "1")
            house.settled()
            self.assertEqual(len(self.stored(house)), 1, "the old ones go on")

    def test_what_needs_a_restart_is_named(self):
        with House(sources=FIRST) as house:
            edit(house, FIRST, FIRST + SECOND)
            edit(house, "client_id: hearthline-writer", "client_id: another\n  batch: { lines: 17 }\n  max_series: 9")
            edit(house, "query:", "stats: { rollout_percent: 50 }\nquery:\n  requests_max: 9")
            status, answer = post(house)
            self.assertEqual((status, answer["reload"]), (200, "ok"))
            self.assertEqual(sorted(answer["needs_restart"]), ["writer.batch.lines", "writer.client_id"])

    def test_under_load_nothing_is_lost_or_twice(self):
        with House(sources=FIRST) as house:
            load = house.load("--count", "60000", "--topics", "100")
            for turn in range(5):
                old, new = (FIRST, FIRST + SECOND) if turn % 2 == 0 else (FIRST + SECOND, FIRST)
                edit(house, old, new)
                os.kill(house.writer.child.pid, signal.SIGHUP)
                until(lambda: house.writer.log().count("event=reloaded") == turn + 1, 20, "reload %d" % turn)
            load.end_well()
            until(lambda: house.query("SELECT count(seq) FROM device_metrics")[0]["count"] >= 60000, 60, "all stored")
            found = house.settled()
            self.assertEqual(house.query("SELECT count(seq) FROM device_metrics")[0]["count"], 60000)
            self.assertEqual(found["hearthline_ledger_difference"], 0)

    def test_it_waits_for_influxdb_and_loses_nothing(self):
        with House(sources=FIRST) as house:
            house.publish("first/a/t", "1")
            house.settled()
            house.influxd.end(signal.SIGTERM)
            house.publish("first/a/t", "2")
            until(lambda: house.metrics().get("hearthline_points_pending", 0) > 0, 10, "a line that waits")
            edit(house, FIRST, FIRST + SECOND)
            os.kill(house.writer.child.pid, signal.SIGHUP)
            until(lambda: "event=reload " in house.writer.log(), 10, "the reload to be taken")
            house.publish("second/b/t", "3")
            house.start_influxd()
            until(lambda: "event=reloaded" in house.writer.log(), 30, "the reload to be done")
            house.settled()
            self.assertEqual([(row["device_id"], row["value"]) for row in self.stored(house)],
                             [("a", 1), ("a", 2), ("b", 3)])


class QueryReload(unittest.TestCase):
    RULES = """\
  alerts:
    rules:
      - { name: hot, measurement: device_metrics, field: temperature, subject: device_id, aggregate: last,
          window: 1h, comparison: ">", threshold: 30 }
  standing: [ { endpoint: endpoints, every: 1s, topic: standing/table } ]
"""

    def query_post(self, house):
        status, body = http(house.query_url.replace("/metrics", "/-/reload"), {"x": "y"})
        return status, json.loads(body)

    def test_rules_and_standing_questions_are_taken_up(self):
        with House(query="") as house:
            house.publish("hearthline/readings/oven", '{"temperature": 31}')
            path = house.folder / "hearthline.yaml"
            before = path.read_text()
            path.write_text(before + self.RULES.replace("threshold: 30", "threshold: warm"))
            status, answer = self.query_post(house)
            self.assertEqual((status, answer["reload"]), (422, "refused"))
            self.assertIn("threshold", answer["reason"])
            path.write_text(before + self.RULES.replace("endpoint: endpoints", "endpoint: endpoint"))
            status, answer = self.query_post(house)
            self.assertEqual(status, 422)
            self.assertIn("endpoints", answer["reason"])
            many = ", ".join('{ name: r%d, measurement: m, field: f, comparison: ">", threshold: 1 }' % n for n in range(161))
            path.write_text(before + "  alerts: { rules: [ %s ] }\n" % many)
            status, answer = self.query_post(house)
            self.assertEqual(status, 422)
            self.assertIn("at most 160", answer["reason"])
            path.write_text(before + self.RULES)
            self.assertEqual(self.query_post(house), (200, {"reload": "ok", "needs_restart": []}))
            self.assertIn("endpoints", json.loads(house.hear("hearthline/standing/table", 1, seconds=15)[0][1]))
            until(lambda: house.hear("hearthline/alerts/+/hot/oven", 1, seconds=1), 30, "the alert")
            path.write_text(before)
            self.assertEqual(self.query_post(house)[0], 200)
            until(lambda: not house.hear("hearthline/alerts/+/hot/oven", 1, seconds=1), 30, "its topic to be emptied")

    COUNTS = """\
  alerts:
    rules:
      - { name: %s, measurement: device_metrics, field: %s, subject: device_id, aggregate: count,
          window: 10s, comparison: "<", threshold: 1 }
"""

    def test_a_rule_knows_nobody_by_the_rule_whose_place_it_took(self):
        with House(query="") as house:
            path = house.folder / "hearthline.yaml"
            before = path.read_text()
            path.write_text(before + self.COUNTS % ("quiet", "temperature"))
            self.assertEqual(self.query_post(house)[0], 200)
            house.publish("hearthline/readings/oven", '{"temperature": 31}')
            until(lambda: house.hear("hearthline/alerts/+/quiet/oven", 1, seconds=1), 60, "the alert of silence")
            # Nobody has ever said this: a count of it would be invented.
            path.write_text(before + self.COUNTS % ("mute", "humidity"))
            self.assertEqual(self.query_post(house)[0], 200)
            until(lambda: not house.hear("hearthline/alerts/+/quiet/oven", 1, seconds=1), 30, "its topic to be emptied")
            rounds = 'hearthline_influxdb_queries_total{endpoint="alerts",status="ok"}'
            seen = house.query_metrics()[rounds]
            until(lambda: house.query_metrics()[rounds] > seen, 30, "another round")
            self.assertEqual(house.hear("hearthline/alerts/+/mute/+", 1, seconds=1), [])


if __name__ == "__main__":
    unittest.main()
