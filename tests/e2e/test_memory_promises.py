"""The promises of the rules that have memory: what is retained, random ids in topics.

HEARTHLINE_SIZE=full makes the sizes those that the promises name (scripts/promises does that).
"""
import collections
import datetime
import json
import os
import random
import signal
import subprocess
import time
import unittest

import paho.mqtt.client as mqtt

from client import Client
from house import BUILD, House, until

METRICS_S = ROUND_S = 10 # how often the writer reports, and how often the rules look

FULL = os.environ.get("HEARTHLINE_SIZE") == "full"


def size(small, full):
    return full if FULL else small


class Publisher:
    """Publishes at QoS 1 over one connection; all is acknowledged when the block ends."""

    def __init__(self, house):
        self.mqtt = mqtt.Client(protocol=mqtt.MQTTv5)
        self.mqtt.max_inflight_messages_set(2000)
        self.mqtt.connect("127.0.0.1", house.mqtt_port)
        self.last, self.count = None, 0

    def __enter__(self):
        self.mqtt.loop_start()
        until(self.mqtt.is_connected, 10, "a connection to the broker")
        return self

    def publish(self, topic, payload, retain=False):
        self.last, self.count = self.mqtt.publish(topic, payload, qos=1, retain=retain), self.count + 1
        if self.count % 5000 == 0: # not more than the broker takes
            self.last.wait_for_publish(60)

    def __exit__(self, kind, *_):
        if kind is None:
            self.last.wait_for_publish(60)
        self.mqtt.disconnect()
        self.mqtt.loop_stop()


def words(entity, on):
    """A binary sensor, a number or a word, and which field holds it."""
    return (("on", "off"), ("21.5", "22"), ("eco", "heat"))[entity % 3][0 if on else 1]


class Retained(unittest.TestCase):
    SOURCES = ('    - decoder: homeassistant_statestream\n'
               '      filter: "homeassistant/+/+/state"\n'
               '      retained: if_changed\n')

    def say(self, house, states):
        """Home Assistant says states: retained at the broker, live to who listens."""
        with Publisher(house) as publisher:
            for entity, on in states.items():
                publisher.publish("homeassistant/sensor/e%d/state" % entity, words(entity, on), retain=True)

    def forget_session(self, house):
        """As when the broker lost its sessions: all that is retained comes again."""
        subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(house.mqtt_port), "-V", "5", "-i",
                        "hearthline-writer", "-t", "nowhere", "-n", "-x", "0"], check=True, timeout=20)

    def rows(self, house):
        """(time, what) of each entity, in the order of time."""
        found = collections.defaultdict(list)
        for row in house.query("SELECT value, state, entity_id FROM home_assistant_events"):
            found[row["entity_id"]].append((row["time"], row["state"] if row["state"] is not None else row["value"]))
        return found

    def received(self, house):
        return house.metrics().get("hearthline_messages_received_total", 0)

    def restart(self, house, retained):
        """One restart after which everything retained arrives again."""
        before = self.received(house)
        house.writer.end(signal.SIGTERM)
        self.forget_session(house)
        house.start_writer()
        until(lambda: self.received(house) >= before + retained, 60, "what is retained")
        house.settled()

    def test_a_house_of_retained_states_and_a_writer_that_is_restarted(self):
        entities, restarts = size(500, 2000), 20
        states = {entity: True for entity in range(entities)}
        house = House(sources=self.SOURCES, start=False)
        with house:
            house.start_mosquitto()
            house.start_influxd()
            self.say(house, states) # before anybody has heard of it
            house.start_writer()
            until(lambda: self.received(house) >= entities, 60, "the first subscription's")
            house.settled()
            self.assertEqual(house.query("SELECT * FROM home_assistant_events"), [])
            states = {entity: False for entity in states}
            self.say(house, states) # live: each changes once
            until(lambda: sum(map(len, self.rows(house).values())) == entities, 60, "each entity's change")
            expected = self.rows(house)
            for restart in range(restarts):
                if restart % 5 == 4: # some entities change while nobody listens
                    house.writer.end(signal.SIGKILL)
                    self.forget_session(house)
                    self.say(house, {entity: True for entity in range(restart, entities, 50)})
                    house.start_writer()
                    house.settled()
                self.restart(house, entities)
            house.publish("homeassistant/sensor/last/state", "1")
            house.rows("SELECT * FROM home_assistant_events WHERE entity_id = 'sensor.last'", 1)
            self.check(self.rows(house), expected, entities)
            found = house.settled()
            self.assertEqual(found["hearthline_ledger_difference"], 0)
            self.assertEqual(found["hearthline_ledger_points_difference"], 0)

    def check(self, found, expected, entities):
        """What was stored live is there as it was; of the others each once, when it had changed."""
        away = {entity for restart in (4, 9, 14, 19) for entity in range(restart, entities, 50)}
        for entity in range(entities):
            rows = found["sensor.e%d" % entity]
            self.assertEqual(rows[:1], expected["sensor.e%d" % entity])
            self.assertEqual(len(rows), 2 if entity in away else 1, "e%d: %r" % (entity, rows))
            self.assertEqual(len({what for _, what in rows}), len(rows), "no flip that was none")


class Deaths(unittest.TestCase):
    """What the writer stored over many deaths is what the journal becomes in one go."""

    SOURCES = ('    - { decoder: homeassistant_statestream, filter: "homeassistant/#", retained: if_changed,\n'
               '        late: if_changed, repeat: on_change, heartbeat: 10s, min_interval: 2s, max_series: 150 }\n'
               '    - { decoder: value, filter: "plain/+device_id", repeat: on_change }\n'
               '    - { decoder: reading, filter: "weather/+device_id", min_interval: 1s, max_series: 60 }\n')

    MEASUREMENTS = ("home_assistant_events", "device_metrics")

    def say(self, publisher, dice):
        what, number = dice.randrange(3), dice.randrange(100)
        if what == 0:
            entity = "homeassistant/sensor/e%d/" % number
            publisher.publish(entity + "state", dice.choice(("on", "off", "21", "22.5", "unavailable")), retain=True)
            if number % 2:
                now = datetime.datetime.now(datetime.timezone.utc).isoformat()
                publisher.publish(entity + "last_updated", now, retain=True)
        elif what == 1:
            publisher.publish("plain/p%d" % number, dice.choice(("1", "2", "2", "word")))
        else:
            publisher.publish("weather/w%d" % number, json.dumps({"t": dice.randrange(5), "h": dice.choice((1, "1"))}))

    def in_influxdb(self, house):
        """Each field of each point as InfluxDB has it."""
        found = collections.Counter()
        for measurement in self.MEASUREMENTS:
            tags = {row["tagKey"] for row in house.query("SHOW TAG KEYS FROM %s" % measurement)}
            for row in house.query("SELECT * FROM %s" % measurement):
                series = tuple(sorted((key, row[key]) for key in tags if row[key] is not None))
                for key, value in row.items():
                    if key not in tags and key != "time" and value is not None:
                        found[(measurement, series, row["time"], key, value)] += 1
        return found

    def in_journal(self, house):
        """The same of the lines that the whole journal becomes; names and words without blanks and commas."""
        lines = subprocess.run([BUILD / "hearthline", "journal", "replay", "--from", "2020-01-01T00:00:00Z", "--to",
                                "now", "--dry-run", "--config", house.folder / "hearthline.yaml"],
                               check=True, capture_output=True, timeout=60, text=True).stdout.splitlines()
        found = collections.Counter()
        for line in lines:
            series, fields, time_ns = line.split(" ")
            measurement, *tags = series.split(",")
            if measurement not in self.MEASUREMENTS:
                continue
            for field in fields.split(","):
                key, _, value = field.partition("=")
                value = {"true": True, "false": False}.get(value, value.strip('"') if '"' in value else value)
                found[(measurement, tuple(sorted(tuple(tag.split("=")) for tag in tags)), int(time_ns), key,
                       value if isinstance(value, bool) or '"' in field else float(value))] += 1
        return found

    def test_kill_9_with_all_rules_that_have_memory(self):
        parts, each, dice = size(12, 50), size(1500, 8000), random.Random(5)
        with House(sources=self.SOURCES, journal="max_bytes: 1 GiB") as house:
            for _ in range(parts):
                with Publisher(house) as publisher:
                    for _ in range(each):
                        self.say(publisher, dice)
                deadline = time.monotonic() + dice.uniform(0, 0.5)
                until(lambda: time.monotonic() > deadline, 5)
                house.writer.end(signal.SIGKILL)
                house.launch_writer()
            until(lambda: house.health().get("broker") == "up", 30, "the writer")
            ticks = house.metrics()["hearthline_journal_next_record"]
            until(lambda: house.metrics()["hearthline_journal_next_record"] > ticks, 30, "a tick, for what waits")
            found = house.settled()
            house.writer.end(signal.SIGTERM)
            expected, stored = self.in_journal(house), self.in_influxdb(house)
            self.assertGreater(len(expected), 1000)
            self.assertEqual((sorted(map(str, expected - stored))[:5], sorted(map(str, stored - expected))[:5]), ([], []))
            self.assertGreater(found["hearthline_points_merged_total"], 1000)
            self.assertGreater(found['hearthline_points_rejected_total{reason="too_many_series"}'], 0)
            self.assertEqual(found["hearthline_ledger_difference"], 0)
            self.assertEqual(found["hearthline_ledger_points_difference"], 0)
            print("    %d deaths; %d values stored, %d points left out" % (
                parts, len(stored), found["hearthline_points_merged_total"]))


class Cardinality(unittest.TestCase):
    def test_random_ids_cost_neither_memory_nor_the_devices_that_are_known(self):
        cap, ids, known = size(1000, 10000), size(60000, 1000000), 100
        sources = ('    - { decoder: value, filter: "guests/+device_id", max_series: %d }\n' % cap)
        with House(sources=sources, journal="max_bytes: 1 GiB", query="") as house, Client(house) as client:
            client.listen("hearthline/alerts/event")
            with Publisher(house) as publisher:
                for device in range(known):
                    publisher.publish("guests/known-%d" % device, "0")
            house.settled()
            most_kb = 0
            with Publisher(house) as publisher:
                for at in range(ids):
                    publisher.publish("guests/random-%08x" % (at * 2654435761 % 2**32), "1")
                    if at % (ids // 20) == 0:
                        most_kb = max(most_kb, anonymous_kb(house.writer.child.pid))
                        for device in range(known):
                            publisher.publish("guests/known-%d" % device, str(1 + at))
            found = until(lambda: self.all_done(house, ids + 21 * known), size(60, 600), "all of it")
            self.check(house, found, cap, ids, known)
            self.assertLess(most_kb, 32 * 1024)
            told = until(lambda: house.hear("hearthline/alerts/writer/series_cap/+", 1, seconds=1), 40, "the alert")
            self.assertIn("The source value has as many series as it may have", json.loads(told[0][1])["message"])
            print("    %d ids against a cap of %d: anonymous memory at most %d kB" % (ids, cap, most_kb))
            house.writer.end(signal.SIGKILL)
            house.start_writer()
            house.publish("guests/one-more", "1")
            house.publish("guests/known-7", "-7")
            house.rows("SELECT * FROM device_metrics WHERE device_id = 'known-7' AND value = -7", 1)
            self.assertEqual(house.query("SELECT * FROM device_metrics WHERE device_id = 'one-more'"), [])
            time.sleep(2 * METRICS_S + ROUND_S) # in which it could be said again
            events = [json.loads(client.heard.get()[1]) for _ in range(client.heard.qsize())]
            self.assertEqual([event["state"] for event in events if event["rule"] == "series_cap"], ["firing"])

    def all_done(self, house, messages):
        now = house.metrics()
        done = now and now["hearthline_messages_decoded_total"] >= messages and \
            now["hearthline_messages_pending"] == 0 and now["hearthline_points_pending"] == 0
        return now if done else None

    def check(self, house, found, cap, ids, known):
        refused = found['hearthline_points_rejected_total{reason="too_many_series"}']
        self.assertEqual(refused, ids + known - cap)
        self.assertGreaterEqual(found["hearthline_points_stored_total"], cap - known + 21 * known)
        self.assertEqual(found["hearthline_ledger_points_difference"], 0)
        self.assertEqual(len(house.query("SHOW SERIES FROM device_metrics")), cap)
        counts = house.query("SELECT COUNT(value) AS n FROM device_metrics WHERE device_id =~ /^known-/ "
                             "GROUP BY device_id")
        self.assertEqual([row["n"] for row in counts], [21] * known)
        self.assertEqual(house.writer.log().count("event=too_many_series"), 1)
        self.assertEqual(house.health()["points_of_too_many_series"], refused)
        rejects = (house.folder / "journal" / "rejected.jsonl").read_text().count("too_many_series")
        self.assertGreater(rejects, 0)
        minutes = 2 + (time.monotonic() - self.began) / 60
        self.assertLessEqual(rejects, 2 * 60 * minutes) # the id, and perhaps the words

    def setUp(self):
        self.began = time.monotonic()


def anonymous_kb(pid):
    with open("/proc/%d/status" % pid, encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("RssAnon:"))


if __name__ == "__main__":
    unittest.main()
