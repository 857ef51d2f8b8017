"""A message on the bus becomes a point, or a rejection that says why."""
import json
import signal
import subprocess
import time
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
                # A count of null: the series is known, and no value of it can be read yet.
                return found[0] if found and (found[0]["count"] or 0) >= count else None
            total = until(stored, 30, "%d points" % count)
            self.assertEqual((total["count"], total["sum"]), (count, count * (count - 1) / 2))
            until(lambda: house.metrics().get("hearthline_messages_pending") == 0, 10, "nothing pending")

    def test_what_services_report_is_added_up_over_five_minutes(self):
        with House(start=False) as house:
            house.start_mosquitto()
            house.start_influxd()
            into_window = time.time() % 300
            begin = round(time.time() - into_window)
            middle = house.clock_ahead(round(150 - into_window)) # of the writer's window
            house.start_writer(**middle)
            said = ['{"time_s": 1767323010, "events_processed": 10, "write_attempts": 4, "write_errors": 1,'
                    ' "processing_time_ms": 3, "success_rate": 75, "write_latency_max_ms": 12.5, "events_total": 100}',
                    '{"time_s": 1767323020, "events_processed": 30, "write_attempts": 1, "write_errors": 0,'
                    ' "processing_time_ms": 5, "success_rate": 100, "write_latency_max_ms": 8, "events_total": 130}']
            house.publish("hearthline/services/pump/metrics", *said, retain=True)
            house.rows("SELECT * FROM service_metrics WHERE service = 'pump'", 2)
            # To a new session the broker sends the last one again, retained: it is not counted again.
            self.assertEqual(house.writer.end(signal.SIGTERM), 0)
            subprocess.run(["mosquitto_sub", "-h", "127.0.0.1", "-p", str(house.mqtt_port), "-i",
                            "hearthline-writer", "-t", "none", "-E"], check=True, timeout=30)
            house.query("DROP MEASUREMENT service_metrics")
            house.start_writer(**middle)
            row, = house.rows("SELECT * FROM service_metrics WHERE service = 'pump'", 1)
            self.assertEqual(row["events_total"], 130)
            house.publish("hearthline/services/fan/metrics", '{"uptime_s": 5}')
            house.rows("SELECT * FROM service_metrics WHERE service = 'fan'", 1)
            self.assertEqual(house.writer.end(signal.SIGTERM), 0)
            house.start_writer(**house.clock_ahead(round(450 - into_window)))
            rows = house.rows("SELECT * FROM service_metrics_5m WHERE service = 'fan' OR service = 'pump'", 2, 30)
            pump, = (row for row in rows if row["service"] == "pump")
            self.assertEqual(pump, {"time": begin * 10**9, "service": "pump", "messages": 2, "events_processed": 40,
                                    "write_attempts": 5, "write_errors": 1, "write_latency_max_ms": 12.5,
                                    "events_total": 130, "processing_time_ms": 4.5, "processing_events": 40,
                                    "processing_sum": 180, "success_rate": 80, "success_events": 5, "success_sum": 400,
                                    "uptime_s": None})
            fan, = (row for row in rows if row["service"] == "fan")
            self.assertEqual((fan["time"], fan["messages"], fan["uptime_s"], fan["events_processed"]),
                             (begin * 10**9, 1, 5, None))


class Broker(unittest.TestCase):
    def test_what_the_broker_drops_is_said_each_time(self):
        with House(start=False) as house:
            conf = house.folder / "mosquitto.conf"
            conf.write_text(conf.read_text().replace("max_queued_messages 1000000", "max_queued_messages 10")
                            .replace("sys_interval 10", "sys_interval 1"))
            house.start()
            subprocess.run(["mosquitto_sub", "-p", str(house.mqtt_port), "-c", "-i", "away", "-q", "1", "-t", "much", "-E"],
                           check=True, timeout=10)

            def said(times):
                until(lambda: house.writer.log().count("broker_dropped_messages") >= times, 15, "what was dropped")
                self.assertEqual(house.writer.log().count("broker_dropped_messages"), times)

            def writer_again(dropped): # its log says a thing once a minute
                house.writer.end()
                house.start_writer()
                until(lambda: house.metrics().get("hearthline_broker_dropped_messages") == dropped, 5, "the retained figure")
            house.publish("much", *["message"] * 50)
            said(1)
            writer_again(40)
            house.publish("much", "one more")
            said(2)
            self.assertIn("more=1 ", house.writer.log())
            writer_again(41)
            house.mosquitto.end(signal.SIGTERM) # counts from 0 when it is started again
            house.start_mosquitto()
            house.publish("much", *["message"] * 20)
            said(3)
