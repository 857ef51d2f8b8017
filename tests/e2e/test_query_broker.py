"""The query service and a broker that is away, restarts, forgets, refuses, or brings what nobody should send."""
import json
import os
import re
import signal
import unittest

from client import Client
from contract import check
from house import House, anonymous_kb, until

RULE = """\
  alerts:
    rules:
      - { name: hot, measurement: device_metrics, field: temperature, subject: device_id, aggregate: last,
          window: 1h, comparison: ">", threshold: 30, level: error }
"""
REQUESTS = 'hearthline_requests_total{endpoint="%s",outcome="%s"}'


class Broker(unittest.TestCase):
    def test_it_may_come_after_us(self):
        with House(query="", start=False) as house:
            house.start_influxd()
            house.launch_query()
            until(lambda: house.query_health().get("influxdb") == "up" or "404" in house.query_service.log() or
                  "influxdb_away" in house.query_service.log(), 10, "the probe")
            self.assertEqual(house.query_health()["broker"], "down")
            house.start_mosquitto()
            until(lambda: house.query_health()["broker"] == "up", 6, "the connection")
            with Client(house) as client:
                check("answer_stats", client.ask("stats"))

    def test_a_restart_that_forgets_everything(self):
        with House(query=RULE) as house:
            house.publish("hearthline/readings/oven", '{"temperature": 31}')
            until(lambda: house.hear("hearthline/alerts/+/hot/oven", 1, seconds=1), 30, "the alert")
            house.mosquitto.end(signal.SIGKILL)
            for path in house.folder.glob("mosquitto.db*"):
                path.unlink()
            until(lambda: house.query_health()["broker"] == "down", 5, "the loss")
            house.start_mosquitto()
            until(lambda: house.query_health()["broker"] == "up", 6, "the connection")
            with Client(house) as client:
                self.assertIn("endpoints", client.ask("endpoints"))
            self.assertEqual(house.status("query")["state"], "online")
            # What was retained is said again in the next round.
            heard = house.hear("hearthline/alerts/+/hot/oven", 1, seconds=15)
            self.assertEqual(check("alert", json.loads(heard[0][1]))["state"], "firing")
            active = json.loads(house.hear("hearthline/alerts/active", 1)[0][1])
            self.assertEqual([a["subject"] for a in active["alerts"] if a["rule"] == "hot"], ["oven"])

    def test_holding_until_requests_are_taken(self):
        with House(query="") as house, Client(house) as watcher:
            house.query_service.end(signal.SIGTERM)
            watcher.listen("hearthline/services/query/status")
            with house.influxd.frozen(): # the first probe takes its 2 s
                house.launch_query()
                states = []
                def said():
                    while not watcher.heard.empty():
                        states.append(check("status", json.loads(watcher.heard.get()[1]))["state"])
                    return states[-1:]
                until(lambda: said() == ["holding"], 10, "the first status")
                until(lambda: said() == ["online"], 10, "online")
                self.assertEqual(watcher.ask("stats")["source"], "services-fallback")

    def strict(self, house, *acls):
        """Lets the broker refuse."""
        security = {
            "defaultACLAccess": {"publishClientSend": True, "publishClientReceive": True, "subscribe": True,
                                 "unsubscribe": True},
            "clients": [], "anonymousGroup": "all",
            "groups": [{"groupname": "all", "roles": [{"rolename": "some"}], "clients": []}],
            "roles": [{"rolename": "some", "acls": [
                {"acltype": kind, "topic": topic, "allow": False} for kind, topic in acls]}]}
        (house.folder / "security.json").write_text(json.dumps(security))
        conf = house.folder / "mosquitto.conf"
        listener = re.search("^listener %d .*\n" % house.mqtt_port, conf.read_text(), re.MULTILINE).group(0)
        conf.write_text(conf.read_text().replace(
            listener, listener + "plugin /usr/lib/x86_64-linux-gnu/mosquitto_dynamic_security.so\n"
            "plugin_opt_config_file %s/security.json\n" % house.folder))
        house.start_mosquitto()
        house.start_influxd()
        house.launch_query()

    def test_refused_subscriptions_are_told(self):
        with House(query="", start=False) as house:
            self.strict(house, ("subscribeLiteral", "hearthline/request/#"))
            until(lambda: house.query_health().get("subscriptions_refused") == 1, 10, "the refusal")
            self.assertEqual(house.query_health()["status"], "degraded")
            self.assertIn("hearthline/request/#", house.query_service.log())
            until(lambda: "refuses" in house.status("query").get("reason", ""), 10, "the status")

    def test_a_broker_that_keeps_our_own_messages_from_us(self):
        with House(query="", start=False) as house:
            self.strict(house, ("publishClientReceive", "hearthline/services/query/marker/#"))
            until(lambda: "requests_not_taken" in house.query_service.log(), 20, "words in the log")
            self.assertEqual(house.query_health()["broker"], "down")

    def test_two_houses_on_one_broker(self):
        with House(query="") as house, House(query="", start=False) as other:
            other.start_influxd()
            path = other.folder / "hearthline.yaml"
            path.write_text(path.read_text().replace(":%d" % other.mqtt_port, ":%d" % house.mqtt_port)
                            .replace("query:\n", "query:\n  client_id: other-query\n") + "topic_root: other\n")
            other.start_query()
            with Client(house) as client:
                client.listen("other/response/#")
                waiter = client.send("endpoints", {}, response_topic="other/response/me", root="other")
                self.assertIn("endpoints", json.loads(waiter.get(timeout=5)[1]))
                self.assertIn("endpoints", client.ask("endpoints"))
                # An answer of one house goes nowhere in the other.
                client.listen("hearthline/response/me")
                waiter = client.send("endpoints", {}, response_topic="hearthline/response/me", root="other")
                client.send("endpoints", {}, response_topic="other/response/me", root="other").get(timeout=5)
                self.assertTrue(waiter.empty())
            self.assertEqual(other.query_metrics()[REQUESTS % ("endpoints", "ok")], 2)
            self.assertEqual(other.query_metrics()[REQUESTS % ("endpoints", "no_address")], 1)
            self.assertEqual(house.query_metrics()[REQUESTS % ("endpoints", "ok")], 1)


class Ways(unittest.TestCase):
    def test_a_retained_request_is_answered_once_and_not_at_each_start(self):
        with House(query="") as house, Client(house) as client:
            client.listen("hearthline/response/endpoints")
            house.publish("hearthline/request/endpoints", "{}", retain=True)
            client.heard.get(timeout=5)
            house.query_service.end(signal.SIGTERM)
            house.start_query()
            client.ask("endpoints")
            self.assertTrue(client.heard.empty())

    def test_every_qos_brings_one_answer(self):
        with House(query="") as house, Client(house) as client:
            client.listen("hearthline/response/endpoints")
            for qos in (0, 1, 2):
                house.publish("hearthline/request/endpoints", '{"transaction": "%d"}' % qos, qos=qos)
                self.assertEqual(json.loads(client.heard.get(timeout=5)[1])["transaction"], str(qos))
            client.ask("endpoints")
            self.assertTrue(client.heard.empty())

    def test_without_influxdb(self):
        with House(query="", start=False) as house:
            path = house.folder / "hearthline.yaml"
            path.write_text(path.read_text().replace("influxdb:\n", "influxdb:\n  enabled: false\n"))
            house.start_mosquitto()
            house.start_query()
            with Client(house) as client:
                self.assertEqual(client.ask("stats")["source"], "services-fallback")
                check("answer_health", client.ask("health"))
                check("answer_compare", client.ask("stats", {"compare": True}))
                for endpoint, request in (("devices", {}), ("history", {"measurement": "m", "field": "f"})):
                    error = client.ask(endpoint, request)["error"]
                    self.assertEqual(error["code"], "unavailable")
                    self.assertIn("influxdb.enabled", error["message"])
                heard = json.loads(house.hear("hearthline/alerts/active", 1, seconds=15)[0][1])
                self.assertNotIn("influxdb_away", [alert["rule"] for alert in heard["alerts"]])
            self.assertEqual(house.query_health()["influxdb"], "disabled")
            self.assertIn("influxdb.enabled", house.status("query")["reason"])

    def test_the_configuration_replaced_by_a_rename_and_sighup(self):
        with House(query="") as house, Client(house) as client:
            path, new = house.folder / "hearthline.yaml", house.folder / "new.yaml"
            before = path.read_text()
            new.write_text(before + "stats: { use_influxdb: false }\n")
            new.rename(path)
            until(lambda: "use_influxdb=false" in house.query_service.log(), 10, "the flag")
            self.assertEqual(client.ask("stats", {"fresh": True})["source"], "services-fallback")
            # SIGHUP does not wait for the next look.
            new.write_text(before)
            new.rename(path)
            os.kill(house.query_service.child.pid, signal.SIGHUP)
            until(lambda: "use_influxdb=true" in house.query_service.log(), 2, "the flag")


class Hostile(unittest.TestCase):
    def test_who_writes_to_our_own_topics_changes_nothing(self):
        with House(query="") as house, Client(house) as client:
            instance = house.status("query")["instance"]
            marker = "hearthline/services/query/marker/"
            for payload in ("7", "", "99999999999999999999", "x" * 100000, b"\xff\x00"):
                house.publish(marker + "echo/" + instance, payload or b"")
                house.publish(marker + "probe/" + instance, payload or b"")
                house.publish(marker + "probe", payload or b"")
                self.assertEqual(client.ask("health", {"fresh": True})["schema"], 1)
                self.assertEqual(house.query_health()["broker"], "up")
            self.assertNotIn("broker_lost", house.query_service.log())

    def test_a_status_that_somebody_overwrites_is_said_again(self):
        with House(query="") as house:
            for service in ("query", "writer"):
                status = house.status(service)
                gone = json.dumps({**status, "state": "offline", "reason": "the connection broke"})
                for payload in (gone, b""):
                    house.publish("hearthline/services/%s/status" % service, payload, retain=True)
                    until(lambda: house.status(service).get("state") == "online", 5, "the status")

    def test_a_flood_of_nonsense_costs_few_lines_and_little_memory(self):
        with House(query="") as house, Client(house) as client:
            client.ask("endpoints")
            pid = house.query_service.child.pid
            peak, lines = anonymous_kb(pid), len(house.query_service.log().splitlines())
            heavy = ("[" + "0," * 4000000 + "0]", '{"transaction": "%s"}' % ("t" * 1000000), "[" * 1000000,
                     '{"period": "%s"}' % ("\\u0041" * 40000), " " * 3000000)
            for payload in heavy:
                answer = client.ask("stats", payload)
                self.assertEqual(answer["error"]["code"], "bad_request", answer)
                peak = max(peak, anonymous_kb(pid))
            for topic in ("services/writer/metrics", "services/query/status", "services/x/status"):
                client.mqtt.publish("hearthline/" + topic, heavy[0])
                client.ask("endpoints") # behind it
                peak = max(peak, anonymous_kb(pid))
            for number in range(3000):
                client.mqtt.publish("hearthline/request/stats", '{"reply_to": "elsewhere/%d"}' % number)
                client.mqtt.publish("hearthline/request/no/such/%d" % number, "{}")
                client.mqtt.publish("hearthline/services/s%d/metrics" % (number % 100), "nonsense")
            # What came when there was no room has lost its payload, and with it where its answer should go.
            def ended():
                found = house.query_metrics()
                return sum(found.get(REQUESTS % ("stats", how), 0) for how in ("no_address", "busy")) + \
                    sum(found.get(REQUESTS % ("unknown", how), 0) for how in ("unknown_endpoint", "busy")) + \
                    found.get("hearthline_requests_lost_total", 0)
            until(lambda: ended() == 6000, 20, "6,000 refusals")
            self.assertIn("endpoints", client.ask("endpoints"))
            self.assertLess(len(house.query_service.log().splitlines()) - lines, 20)
            if "HEARTHLINE_BUILD" not in os.environ: # a sanitizer's memory is not ours
                self.assertLess(max(peak, anonymous_kb(pid)), 32 * 1024)
            self.assertEqual(house.query_health()["broker"], "up")


if __name__ == "__main__":
    unittest.main()
