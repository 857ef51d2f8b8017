"""Home Assistant's streams, joined up: states with the times and the names that come beside them, of
entities that are renamed, by one stream or by both."""
import json
import signal
import unittest

from client import Client
from house import House

SOURCE = '    - { decoder: homeassistant_statestream, filter: "ha/#" }\n'


class Statestream(unittest.TestCase):
    def say(self, house, entity, state, updated, retain=True, first="state"):
        domain, name = entity.split(".")
        parts = {"state": state, "last_updated": updated}
        for what in (first, *[other for other in parts if other != first]):
            house.publish("ha/%s/%s/%s" % (domain, name, what), parts[what], retain=retain)

    def values(self, house, count):
        rows = house.rows("SELECT value FROM home_assistant_events GROUP BY entity_id", count)
        return sorted((row["entity_id"], row["value"], row["time"]) for row in rows)

    def test_live_states_get_their_own_time(self):
        with House(sources=SOURCE) as house:
            for minute in range(3):
                self.say(house, "sensor.t", str(20 + minute), "2026-01-02T12:%02d:00.5+00:00" % minute)
            base = 1767355200500000000
            # The first one shows that times are told; from then on states wait for theirs.
            rows = self.values(house, 3)
            self.assertEqual([row[1] for row in sorted(rows, key=lambda row: row[1])], [20, 21, 22])
            self.assertEqual({row[2] for row in rows if row[1] > 20}, {base + 60 * 10**9, base + 120 * 10**9})

    def test_what_the_broker_remembers_is_stored_once_at_its_own_time(self):
        with House(sources=SOURCE, start=False) as house:
            house.start_mosquitto()
            house.start_influxd()
            self.say(house, "light.a", "on", "2026-01-02T12:00:00+00:00")
            self.say(house, "light.b", "off", "2026-01-02T12:01:00+00:00", first="last_updated")
            house.publish("ha/light/c/state", "on", retain=True) # tells no time
            house.publish("ha/light/a/friendly_name", '"Hall, above"', retain=True)
            for _ in range(3):
                house.start_writer()
                self.assertEqual(self.values(house, 2), [("light.a", 1, 1767355200000000000),
                                                         ("light.b", 0, 1767355260000000000)])
                house.settled()
                house.writer.end()
                # A session that the broker has forgotten gets all that is retained again.
                (house.folder / "journal" / "subscriptions").unlink()
            self.assertEqual(len(house.query("SELECT state FROM home_assistant_events")), 2)
            names = house.query("SELECT friendly_name FROM entities GROUP BY entity_id")
            self.assertEqual([(row["entity_id"], row["friendly_name"]) for row in names], [("light.a", "Hall, above")])


BOTH = ('    - { decoder: homeassistant_eventstream, filter: "ha/events" }\n' + SOURCE)


class Streams(unittest.TestCase):
    def event(self, home, kind, **data):
        home.mqtt.publish("ha/events", json.dumps({"event_type": kind, "event_data": data})).wait_for_publish(10)

    def tell(self, home, entity, **what):
        """What the statestream says of one change, over the one connection that Home Assistant has."""
        for name, payload in what.items():
            topic = "ha/%s/%s" % (entity.replace(".", "/"), name)
            home.mqtt.publish(topic, payload, qos=1, retain=True).wait_for_publish(10)

    def change(self, home, entity, state, minute):
        """One change of state as both streams tell it."""
        updated = "2026-01-02T12:%02d:00.5+00:00" % minute
        self.event(home, "state_changed", entity_id=entity,
                   new_state={"entity_id": entity, "state": state, "last_updated": updated})
        self.tell(home, entity, state=state, last_updated=updated)

    def points(self, house, count):
        rows = house.rows("SELECT value FROM home_assistant_events GROUP BY entity_id", count)
        return sorted((row["entity_id"], row["value"]) for row in rows)

    def test_a_renamed_entity_keeps_its_series_and_each_state_is_stored_once(self):
        with House(sources=BOTH, writer="  aliases: { sensor.r: sensor.ruled }\n") as house, Client(house) as home:
            for minute in range(3):
                self.change(home, "sensor.a", str(minute), minute)
            self.points(house, 3)
            self.event(home, "entity_registry_updated", action="update", entity_id="sensor.b",
                       old_entity_id="sensor.a", changes={"entity_id": "sensor.a"})
            self.change(home, "sensor.b", "3", 3)
            self.points(house, 4)
            house.settled()
            house.writer.end(signal.SIGKILL)
            self.change(home, "sensor.b", "4", 4)
            self.change(home, "sensor.ruled", "9", 4)
            self.change(home, "sensor.hearthline_writer_lag", "5", 4)
            house.start_writer()
            self.change(home, "sensor.b", "5", 5)
            expected = [("sensor.a", value) for value in range(6)] + [("sensor.r", 9)]
            self.assertEqual(self.points(house, 7), expected)
            house.settled()
            self.assertEqual(self.points(house, 7), expected)
            rows = house.query("SELECT current_id FROM entities GROUP BY entity_id")
            self.assertEqual(sorted((row["entity_id"], row["current_id"]) for row in rows),
                             [("sensor.a", "sensor.b"), ("sensor.r", "sensor.ruled")])
            metrics = house.metrics()
            self.assertEqual(metrics["hearthline_points_merged_total"], 7)
            self.assertEqual(metrics["hearthline_ledger_points_difference"], 0)

    def test_the_statestream_writes_as_home_assistant_does(self):
        with House(sources=SOURCE.replace("#\" }", '#", layout: homeassistant }')) as house, Client(house) as home:
            self.tell(home, "sensor.t", state="21.5", last_updated="2026-01-02T12:00:00+00:00",
                      unit_of_measurement='"W"', battery='"87 %"')
            (row,) = house.rows('SELECT * FROM "W"', 1)
            self.assertEqual((row["domain"], row["entity_id"], row["value"], row["battery"], row["time"]),
                             ("sensor", "t", 21.5, 87, 1767355200 * 10**9))


if __name__ == "__main__":
    unittest.main()
