"""Home Assistant's statestream, joined up: states with the times and the names that come beside them."""
import unittest

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


if __name__ == "__main__":
    unittest.main()
