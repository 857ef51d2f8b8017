"""Retained, late, switched off, taken out: what the rules of a source and the configuration do."""
import signal
import unittest

from house import House, until


class Rules(unittest.TestCase):
    def count(self, house, device):
        rows = house.query("SELECT COUNT(value) AS n FROM device_metrics WHERE device_id = '%s'" % device)
        return rows[0]["n"] if rows else 0

    def test_a_retained_replay_is_not_stamped_with_now(self):
        house = House(start=False)
        with house:
            house.start_mosquitto()
            house.start_influxd()
            house.publish("hearthline/readings/old", '{"value": 1}', retain=True)
            house.publish("hearthline/readings/timed", '{"value": 1, "time_s": 1700000000}', retain=True)
            house.start_writer()
            (row,) = house.rows("SELECT * FROM device_metrics", 1)
            self.assertEqual((row["device_id"], row["time"]), ("timed", 1700000000 * 10**9))
            house.publish("hearthline/readings/old", '{"value": 2}', retain=True) # live, though retained
            until(lambda: self.count(house, "old") == 1, 10)

    def test_late_messages_by_rule(self):
        sources = ('    - { decoder: value, filter: "never/+device_id", late: ignore }\n'
                   '    - { decoder: value, filter: "always/+device_id" }\n')
        with House(sources=sources) as house:
            house.writer.end(signal.SIGTERM)
            house.publish("never/late-1", "1")
            house.publish("always/late-2", "1")
            house.start_writer()
            until(lambda: self.count(house, "late-2") == 1, 10)
            house.publish("never/live-1", "1")
            until(lambda: self.count(house, "live-1") == 1, 10)
            self.assertEqual(self.count(house, "late-1"), 0)
            self.assertEqual(house.metrics()["hearthline_messages_ignored_total"], 1)

    def test_a_filter_that_was_taken_out_is_unsubscribed(self):
        with House(sources='    - { decoder: value, filter: "plain/+device_id" }\n') as house:
            house.publish("plain/one", "1")
            until(lambda: self.count(house, "one") == 1, 10)
            house.writer.end(signal.SIGTERM)
            config = house.folder / "hearthline.yaml"
            config.write_text(config.read_text().replace("plain/", "other/"))
            house.start_writer()
            before = house.metrics()["hearthline_messages_received_total"]
            house.publish("plain/two", "1")
            house.publish("other/three", "1")
            until(lambda: self.count(house, "three") == 1, 10)
            self.assertEqual(house.metrics()["hearthline_messages_received_total"], before + 1)

    def test_influxdb_switched_off_keeps_all_for_later(self):
        house = House(start=False)
        config = house.folder / "hearthline.yaml"
        text = config.read_text()
        config.write_text(text.replace("  database:", "  enabled: false\n  database:"))
        with house:
            house.start()
            self.assertEqual(house.health()["influxdb"], "disabled")
            self.assertIn("influxdb.enabled is false", house.status()["reason"])
            house.publish("hearthline/readings/kept", '{"value": 1}')
            until(lambda: house.metrics()["hearthline_messages_pending"] >= 1, 10)
            house.writer.end(signal.SIGTERM)
            config.write_text(text)
            house.start_writer()
            until(lambda: self.count(house, "kept") == 1, 10)

    def test_a_broken_configuration_ends_the_start_with_key_and_line(self):
        house = House(start=False)
        config = house.folder / "hearthline.yaml"
        good = config.read_text()
        with house:
            for old, new, words in (
                    ("metrics_address:", "metric_address:", ("metric_address", "metrics_address")),
                    ("client_id: hearthline-writer", "batch: { lines: many }", ("lines", "many")),
                    ("max_bytes: 64 MiB", "when_full: explode", ("when_full", "drop_oldest"))):
                config.write_text(good.replace(old, new))
                house.launch_writer()
                until(lambda: not house.writer.running(), 10, "the writer to end")
                self.assertEqual(house.writer.end(), 78)
                last = house.writer.log().splitlines()[-1]
                line = 1 + config.read_text()[:config.read_text().index(new)].count("\n")
                for word in (*words, ":%d" % line):
                    self.assertIn(word, last)

    def test_what_two_sources_claim_is_told_and_what_never_comes_is_refused(self):
        sources = ('    - { decoder: value, filter: "a/+room/t" }\n'
                   '    - { decoder: json, filter: "a/b/+metric" }\n')
        with House(sources=sources) as house:
            (told,) = [line for line in house.writer.log().splitlines() if "event=sources_overlap" in line]
            for word in ("level=warning", "a/+room/t", "a/b/+metric", "writer.sources[0]"):
                self.assertIn(word, told)
            house.publish("a/b/t", "1") # both match it: the first has it
            house.rows("SELECT * FROM device_metrics WHERE room = 'b'", 1)
            house.writer.end()
            config = house.folder / "hearthline.yaml"
            good = config.read_text()
            for wrong, words in (("a/c/t", "would never get a message"), ("$SYS/broker/uptime", "can never match"),
                                 ("hearthline/alerts/#", "below topic_root"), ("#/b", "not the last")):
                config.write_text(good.replace("a/b/+metric", wrong))
                house.launch_writer()
                until(lambda: not house.writer.running(), 10, "the writer to end")
                self.assertEqual(house.writer.end(), 78)
                self.assertIn(words, house.writer.log().splitlines()[-1])
            config.write_text(good.replace("decoder: json", "decoder: zigbee2mqt"))
            house.launch_writer()
            until(lambda: not house.writer.running(), 10, "the writer to end")
            self.assertIn('the nearest is "zigbee2mqtt"', house.writer.log().splitlines()[-1])
