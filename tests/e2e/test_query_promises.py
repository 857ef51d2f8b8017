"""What the query service promises under load: one answer each, in bounded memory, whatever is killed."""
import contextlib
import json
import os
import queue
import random
import signal
import unittest

from client import Client
from contract import check
from house import House, anonymous_kb, until
from test_query import feed

FULL = os.environ.get("HEARTHLINE_SIZE") == "full"


MALFORMED = ('{"period": ', '{"period": "1h", "perod": 1}', '[]', b"\xff\xfe\x00", '{"period": -1}', b"\xdf\xff\xff\xff\xff")


class Load(unittest.TestCase):
    def test_a_thousand_at_once_get_one_answer_each(self):
        clients, each = (50, 20) if FULL else (20, 20)
        with House(query="") as house, contextlib.ExitStack() as stack:
            feed(house)
            askers = [stack.enter_context(Client(house)) for _ in range(clients)]
            pid = house.query_service.child.pid
            askers[0].ask("stats") # the first answer's memory counts as "before"
            before = peak = anonymous_kb(pid)
            for turn in range(3):
                waiters = []
                for number in range(each):
                    for place, asker in enumerate(askers):
                        serial = number * clients + place
                        payload = MALFORMED[serial % len(MALFORMED)] if serial % 10 == 0 else \
                            json.dumps({"period": "%dm" % (serial % 500 + 5), "fresh": serial % 3 == 0})
                        waiters.append((serial, asker.send("stats", payload, expiry=20)))
                codes = {}
                for serial, waiter in waiters:
                    answer = json.loads(self.once(waiter))
                    code = answer["error"]["code"] if "error" in answer else "ok"
                    codes[code] = codes.get(code, 0) + 1
                    # What finds no room loses its payload, so that nobody knows any more what was wrong with it.
                    self.assertIn(code, ("bad_request", "busy") if serial % 10 == 0 else ("ok", "busy"), answer)
                    if code == "ok":
                        check("answer_stats", answer)
                peak = max(peak, anonymous_kb(pid))
                self.assertEqual(sum(codes.values()), clients * each)
                if "busy" not in codes:
                    self.assertEqual(codes["bad_request"], clients * each / 10)
                self.assertGreater(codes["ok"], clients * each / 3)
            for asker in askers:
                self.assertEqual(asker.answers, 3 * each + (asker is askers[0]), "one answer each, no more")
            self.assertLess(peak, 32 * 1024)
            until(lambda: anonymous_kb(pid) < before + 8 * 1024, 10, "the memory to go back")
            self.assertEqual(house.query_metrics()["hearthline_requests_in_flight"], 0)

    def once(self, waiter):
        try:
            return waiter.get(timeout=30)[1]
        except queue.Empty:
            raise AssertionError("a request without an answer") from None

    def test_two_hundred_different_ones_are_all_answered(self):
        with House(query="") as house, contextlib.ExitStack() as stack:
            feed(house)
            askers = [stack.enter_context(Client(house)) for _ in range(10)]
            waiters = [asker.send("stats", {"period": "%dm" % (n * 10 + place + 5), "fresh": True}, expiry=10)
                       for n in range(20) for place, asker in enumerate(askers)]
            sources = {json.loads(self.once(waiter)).get("source") for waiter in waiters}
            self.assertEqual(sources, {"influxdb"})


class Restarts(unittest.TestCase):
    """Every request is answered, or its asker is told: by an error, or by the service's retained status."""

    def taken(self, house):
        """Requests for stats that the service has seen since its start."""
        found = house.query_metrics()
        return sum(count for name, count in found.items() if name.startswith('hearthline_requests_total{endpoint="stats"')) \
            + found.get("hearthline_requests_in_flight", 0)

    def test_killed_and_restarted_under_load(self):
        kills = 10 if FULL else 3
        with House(query="") as house, Client(house) as asker, Client(house) as watcher:
            feed(house)
            watcher.listen("hearthline/services/query/status")
            gone = []
            def statuses():
                while not watcher.heard.empty():
                    said = json.loads(watcher.heard.get()[1])
                    gone.append(said["state"])
            for turn in range(kills):
                how = random.choice((signal.SIGTERM, signal.SIGKILL)) if turn > 1 else \
                    (signal.SIGTERM, signal.SIGKILL)[turn]
                waiters, before = [], self.taken(house)
                for number in range(100):
                    waiters.append(asker.send("stats", {"period": "%dm" % (number + 5)}, qos=1))
                    if number == 50:
                        until(lambda: self.taken(house) >= before + 51, 5, "the first 51 to be taken")
                        house.query_service.end(how)
                until(lambda: (statuses(), gone and gone[-1] == "offline")[1], 10, "the offline status")
                # Who sees `offline` after he asked knows that nobody will answer; a clean stop answers first.
                if how == signal.SIGTERM:
                    self.assertFalse(any(waiter.empty() for waiter in waiters[:51]), "answers before the offline status")
                for waiter in waiters:
                    if not waiter.empty():
                        answer = json.loads(waiter.get()[1])
                        self.assertTrue(answer.get("source") or answer["error"]["code"] == "unavailable", answer)
                house.start_query()
                until(lambda: (statuses(), gone[-1] == "online")[1], 10, "the online status")
                self.assertEqual(asker.ask("stats", {"fresh": True})["source"], "influxdb")


if __name__ == "__main__":
    unittest.main()
