"""A message on the bus becomes a point, or a rejection that says why."""
import json
import unittest

from house import House, until
from msgpack import pack


class Ingest(unittest.TestCase):
    def test_a_reading_becomes_a_point(self):
        with House() as house:
            house.publish("hearthline/readings/kitchen-01", '{"temperature": 21.5, "humidity": 48}')
            row, = house.rows("SELECT * FROM device_metrics", 1)
            self.assertEqual((row["device_id"], row["temperature"], row["humidity"]), ("kitchen-01", 21.5, 48))

    def test_a_bare_value_becomes_a_point(self):
        with House() as house:
            house.publish("hearthline/readings/attic/temperature", "-3.25")
            row, = house.rows("SELECT * FROM device_metrics", 1)
            self.assertEqual((row["device_id"], row["temperature"]), ("attic", -3.25))

    def test_a_bad_message_is_rejected_and_the_next_is_stored(self):
        with House() as house:
            rejected = house.listen("hearthline/rejected/#", 1)
            house.publish("hearthline/readings/kitchen-01", '{"temperature": ', '{"temperature": 22}')
            (topic, payload), = rejected.take()
            self.assertEqual(topic, "hearthline/rejected/not_json")
            said = json.loads(payload)
            self.assertEqual(said["payload"], '{"temperature": ')
            self.assertEqual(said["topic"], "hearthline/readings/kitchen-01")
            self.assertEqual(said["reason"], "not_json")
            self.assertTrue(said["words"])
            row, = house.rows("SELECT * FROM device_metrics", 1)
            self.assertEqual(row["temperature"], 22)
            self.assertEqual(house.metrics().get('hearthline_messages_rejected_total{reason="not_json"}'), 1)

    def test_a_reading_brings_its_own_time(self):
        times = {
            "text": ('"time": "2026-01-02T03:04:05.123456789Z"', 1767323045123456789),
            "seconds": ('"time_s": 1767323046', 1767323046000000000),
            "milliseconds": ('"time_ms": 1767323047123', 1767323047123000000),
            "nanoseconds": ('"time_ns": "1767323048123456789"', 1767323048123456789),
        }
        with House() as house:
            for device, (time, _) in times.items():
                house.publish("hearthline/readings/" + device, '{%s, "value": 1}' % time)
            rows = house.rows("SELECT * FROM device_metrics", len(times))
            self.assertEqual({row["device_id"]: row["time"] for row in rows},
                             {device: time for device, (_, time) in times.items()})

    def test_an_array_in_msgpack_becomes_as_many_points(self):
        readings = [{"device": "meter", "time_s": 1767323000 + second,
                     "fields": {"power_watts": 100.5 + second}, "kind": "energy"} for second in range(3)]
        with House() as house:
            house.publish("hearthline/readings/gateway", pack(readings))
            rows = house.rows("SELECT * FROM energy", 3)
            self.assertEqual([(row["device_id"], row["time"], row["power_watts"]) for row in rows],
                             [("meter", (1767323000 + second) * 10**9, 100.5 + second) for second in range(3)])

    def test_every_message_of_many_is_stored_once(self):
        count = 5000
        with House() as house:
            house.publish("hearthline/readings/counter", *('{"n": %d}' % n for n in range(count)))
            def stored():
                found = house.query("SELECT COUNT(n), SUM(n) FROM device_metrics")
                return found[0] if found and found[0]["count"] >= count else None
            total = until(stored, 30, "%d points" % count)
            self.assertEqual((total["count"], total["sum"]), (count, count * (count - 1) / 2))
            until(lambda: house.metrics().get("hearthline_messages_pending") == 0, 10, "nothing pending")
