"""What a page needs that shows the house at this moment: the live messages, and the rejected ones."""
import json
import os
import pathlib
import queue
import signal
import time
import unittest

from client import Client
from contract import check
from house import House, until

LIVE = "hearthline/services/%s/live"


class Ear:
    """Hears topics from now on; `.latest` has the newest live message of each service."""

    def __init__(self, client, *filters):
        self.client, self.latest, self.all = client, {}, []
        for one in filters:
            client.listen(one)

    def look(self):
        """Takes in what has come; gives what that was, and keeps it in `all`."""
        fresh = []
        while True:
            try:
                topic, payload, _ = self.client.heard.get_nowait()
            except queue.Empty:
                self.all += fresh
                return fresh
            service, kind = topic.split("/")[-2:]
            message = json.loads(payload)
            if kind == "live":
                self.latest[service] = check("live", message)
            fresh.append((time.monotonic(), service, kind, message))

    def count(self, kind, service="", begin=0):
        """How many have come, of all services or one, behind the first `begin` messages."""
        self.look()
        return sum(a_kind == kind and service in ("", a_service) for _, a_service, a_kind, _ in self.all[begin:])

    def of(self, service):
        self.look()
        return self.latest.get(service, {})


def quiet(ear):
    """Waits until a second has passed without a live message: what belongs to the last metrics is said."""
    last = [time.monotonic()]
    def done():
        if any(kind == "live" for _, _, kind, _ in ear.look()):
            last[0] = time.monotonic()
        return time.monotonic() - last[0] > 1
    until(done, 20, "a second of silence")


class Live(unittest.TestCase):
    def shows(self, house, ear, wanted=1.0):
        """A reading is told on the live topic within the time, and before any metrics tell of it."""
        before = ear.of("writer")["events_total"]
        began = time.monotonic()
        house.publish("hearthline/readings/kitchen-01", '{"temperature": 21.5}')
        until(lambda: ear.of("writer")["events_total"] > before, wanted, "the message to be told")
        self.assertLess(time.monotonic() - began, wanted)
        metrics = [message for when, service, kind, message in ear.all
                   if service == "writer" and kind == "metrics" and when > began]
        self.assertEqual([m for m in metrics if m["events_total"] > before], [])

    def test_a_message_shows_within_a_second_even_when_the_batch_waits(self):
        with House(writer="  batch: { linger_ms: 5000 }\n") as house, Client(house) as client:
            ear = Ear(client, LIVE % "+", "hearthline/services/+/metrics")
            until(lambda: ear.of("writer"), 5, "the first live message")
            until(lambda: ear.count("metrics", "writer") > 0, 15, "metrics")
            until(lambda: ear.of("writer").get("pending") == 0, 10, "all to be read")
            self.shows(house, ear)
            stored = ear.of("writer")["points_stored"]
            until(lambda: ear.of("writer")["points_stored"] > stored, 8, "the point to be told as stored")
            told = ear.of("writer")
            self.assertEqual((told["influxdb"], told["ledger_difference"], told["state"]), ("answering", 0, "online"))
            self.assertGreater(told["last_write_ms"], 0)

    def test_without_influxdb_a_message_shows_too(self):
        with House(start=False) as house:
            path = house.folder / "hearthline.yaml"
            path.write_text(path.read_text().replace("influxdb:\n", "influxdb:\n  enabled: false\n"))
            house.start_mosquitto()
            house.start_writer()
            with Client(house) as client:
                ear = Ear(client, LIVE % "+", "hearthline/services/+/metrics")
                until(lambda: ear.of("writer"), 5, "the first live message")
                self.assertEqual(ear.of("writer")["influxdb"], "off")
                self.shows(house, ear)

    def test_an_idle_house_says_nothing(self):
        with House(query="") as house, Client(house) as client:
            ear = Ear(client, LIVE % "+", "hearthline/services/+/metrics")
            until(lambda: ear.count("metrics", "writer") and ear.count("metrics", "query"), 15, "metrics of both")
            quiet(ear)
            said = len(ear.all)
            until(lambda: ear.count("metrics", "writer", said) == 2, 25, "two metrics of the writer")
            metrics = [when for when, _, kind, _ in ear.all if kind == "metrics"]
            lives = [(when, service) for when, service, kind, _ in ear.all[said:] if kind == "live"]
            self.assertTrue(lives)
            for when, service in lives: # metrics are messages that are stored, and so they are told
                self.assertEqual(service, "writer")
                self.assertLess(when - max(at for at in metrics if at <= when), 2)

    def test_never_more_often_than_its_pace(self):
        with House(query="") as house, Client(house) as client:
            ear = Ear(client, LIVE % "writer")
            load = house.load("--count", "3000", "--rate", "1000")
            load.end_well()
            house.settled()
            quiet(ear)
            times = [message["time"] for _, _, _, message in ear.all]
            self.assertGreaterEqual(len(times), 4)
            seconds = [int(t[11:13]) * 3600 + int(t[14:16]) * 60 + float(t[17:-1]) for t in times]
            pauses = [(b - a) % 86400 for a, b in zip(seconds[1:], seconds[2:])] # the first is the retained one
            self.assertGreater(min(pauses), 0.45)
            self.assertEqual(ear.of("writer")["events_total"], house.metrics()["hearthline_messages_received_total"])

    def test_influxdb_stops_and_comes_back(self):
        with House(query="") as house, Client(house) as client:
            ear = Ear(client, LIVE % "+", "hearthline/services/+/metrics")
            until(lambda: ear.of("query").get("source") == "influxdb", 10, "the query service to say influxdb")
            house.influxd.end(signal.SIGKILL)
            until(lambda: ear.of("query")["source"] == "services-fallback", 12, "the fallback")
            until(lambda: ear.of("writer")["influxdb"] == "away", 12, "the writer to know")
            for service in ("query", "writer"):
                self.assertEqual(ear.of(service)["influxdb"], "away")
                self.assertTrue(ear.of(service)["influxdb_reason"])
            self.shows(house, ear)
            house.start_influxd()
            until(lambda: ear.of("query")["source"] == "influxdb", 12, "influxdb again")
            until(lambda: ear.of("writer")["influxdb"] == "answering", 12, "the writer to know")
            self.assertNotIn("influxdb_reason", ear.of("writer"))

    def test_an_influxdb_that_stands_still_is_away(self):
        with House() as house, Client(house) as client:
            ear = Ear(client, LIVE % "writer")
            until(lambda: ear.of("writer").get("influxdb") == "answering", 10, "the writer to say answering")
            with house.influxd.frozen():
                house.publish("hearthline/readings/kitchen-01", '{"temperature": 21.5}')
                until(lambda: ear.of("writer")["influxdb"] == "away", 8, "the writer to know")
                self.assertIn("not been answered", ear.of("writer")["influxdb_reason"])
            until(lambda: ear.of("writer")["influxdb"] == "answering", 12, "the writer to know")
            house.settled()

    def test_the_broker_that_forgot_is_told_again(self):
        with House(query="") as house:
            with Client(house) as client:
                ear = Ear(client, LIVE % "+")
                until(lambda: ear.of("query") and ear.of("writer"), 5, "both")
            house.mosquitto.end(signal.SIGKILL)
            for kept in house.folder.glob("mosquitto.db*"):
                kept.unlink()
            house.start_mosquitto()
            with Client(house) as client:
                ear = Ear(client, LIVE % "+")
                until(lambda: ear.of("query") and ear.of("writer"), 15, "both again")

    def test_requests_are_told(self):
        with House(query="") as house, Client(house) as client:
            ear = Ear(client, LIVE % "query")
            until(lambda: ear.of("query"), 5, "the first")
            before = ear.of("query")["events_total"]
            client.ask("endpoints")
            until(lambda: ear.of("query")["events_total"] == before + 1, 1, "the request to be told")
            until(lambda: ear.of("query")["requests_in_flight"] == 0, 2, "none to be in flight")

    def test_it_is_neither_stored_nor_counted(self):
        with House() as house:
            before = house.metrics()["hearthline_messages_received_total"]
            house.publish(LIVE % "other", *['{"schema": 1, "service": "other", "events_total": %d}' % i
                                            for i in range(100)])
            house.publish("hearthline/readings/kitchen-01", '{"temperature": 21.5}')
            house.rows("SELECT * FROM device_metrics", 1)
            now = house.settled()
            self.assertLess(now["hearthline_messages_received_total"] - before, 10)
            self.assertEqual(house.query("SELECT * FROM service_metrics WHERE service = 'other'"), [])
            self.assertEqual(sum(value for name, value in now.items()
                                 if name.startswith("hearthline_messages_rejected_total")), 0)
            self.assertEqual(house.health()["ledger_difference"], 0)


def lets_its_other_threads_go_first(pid):
    """The threads of a process on one processor, the loop only when the others have nothing to do: what arrives
    together has all arrived when the loop looks."""
    for thread in pathlib.Path("/proc/%d/task" % pid).iterdir():
        os.sched_setaffinity(int(thread.name), {min(os.sched_getaffinity(pid))})
    os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))


class Rejects(unittest.TestCase):
    def test_what_was_rejected_lately_is_answered(self):
        with House(query="") as house, Client(house) as client:
            empty = check("answer_rejects", client.ask("rejects"))
            self.assertEqual((empty["rejects"], empty["count"]), ([], 0))
            house.publish("hearthline/readings/kitchen-01", "{temperature:")
            house.publish("hearthline/reading/kitchen-01", b"\xff\x00binary")
            house.publish("hearthline/rejected/strange", "<b>no rejection</b>")
            answer = until(lambda: (a := client.ask("rejects"))["count"] == 2 and a, 5, "two rejections")
            check("answer_rejects", answer)
            newest, oldest = answer["rejects"]
            self.assertEqual((newest["reason"], newest["topic"]), ("unknown_topic", "hearthline/reading/kitchen-01"))
            self.assertIn("payload_base64", newest)
            self.assertEqual(oldest["payload"], "{temperature:")
            one = client.ask("rejects", {"reason": oldest["reason"], "limit": 1})
            self.assertEqual(one["rejects"], [oldest])
            self.assertEqual(client.ask("rejects", {"limit": 201})["error"]["code"], "bad_request")
            house.influxd.end(signal.SIGKILL)
            self.assertEqual(client.ask("rejects")["count"], 2)
            self.assertIn("rejection_not_understood", house.query_service.log())
            self.assertEqual(
                house.query_metrics()['hearthline_requests_total{endpoint="rejects",outcome="bad_request"}'], 1)

    def test_a_flood_of_rejections_keeps_the_newest(self):
        with House(query="") as house, Client(house) as client:
            lets_its_other_threads_go_first(house.query_service.child.pid)
            with house.query_service.frozen():
                house.publish("hearthline/readings/kitchen-01", *["{%05d" % i for i in range(2000)])
                until(lambda: house.metrics().get('hearthline_messages_rejected_total{reason="not_json"}') == 2000,
                      30, "the writer to have refused them all")

            def last():
                heard = client.ask("rejects", {"limit": 200})["rejects"]
                return heard and heard[0]["payload"] == "{01999" and heard
            heard = until(last, 15, "the newest rejection")
            self.assertEqual([message["payload"] for message in heard],
                             ["{%05d" % i for i in range(1999, 1799, -1)])


if __name__ == "__main__":
    unittest.main()
