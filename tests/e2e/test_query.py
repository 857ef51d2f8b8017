"""The query service: every endpoint, from every kind of client, against the real servers."""
import json
import os
import signal
import subprocess
import time
import unittest

import paho.mqtt.client as mqtt

from client import Client
from contract import check, endpoint_of, examples
from house import BUILD, House, http, until
from msgpack import pack


def feed(house):
    """A little of everything that can be asked for, stored."""
    house.publish("hearthline/readings/kitchen-01", '{"temperature": 21.5, "humidity": 48}', '{"temperature": 22.5}')
    house.publish("hearthline/readings/hvac-main", '{"kind": "energy", "fields": {"power_watts": 450, "energy_kwh": 12}}')
    house.settled()


def figures(house, minutes=10):
    """What a writer would have stored in the last minutes, so that nobody waits for its windows: each 10 s 20
    messages, and of 4 writes one that failed."""
    now = int(time.time()) // 10 * 10
    house.store(*(line for end in range(now, now - 60 * minutes, -10) for line in (
        "ingest_rollup,source=reading events=20i,points=40i,rejected=0i,bytes=900i %d" % ((end - 10) * 10**9),
        "service_metrics,service=writer events_processed=20,write_attempts=4,write_errors=1,lines_written=40,"
        "processing_time_ms=12.5,success_rate=75,interval_s=10,received=1000 %d" % (end * 10**9))))


class Answers(unittest.TestCase):
    def test_every_example_of_the_page_is_answered_as_its_schema_says(self):
        with House(query="") as house, Client(house) as client:
            feed(house)
            figures(house)
            seen = set()
            for name, text in examples("request_"):
                endpoint = endpoint_of(name)
                request = json.loads(text)
                request.pop("reply_to", None) # the Response Topic wins
                answer = client.ask(endpoint, request)
                kind = "answer_error" if "error" in answer else \
                    "answer_compare" if request.get("compare") else name.replace("request_", "answer_")
                check(kind, answer)
                self.assertEqual(answer.get("transaction"), request.get("transaction"), name)
                if "error" not in answer:
                    seen.add(endpoint)
            table = client.ask("endpoints")
            known = {row["endpoint"] for row in table["endpoints"]}
            # These have nothing to act upon in a fresh house, and the examples name what is not there.
            for endpoint in known - seen:
                self.assertIn(endpoint, ("alerts/acknowledge", "history", "stats/metrics"), "no example was answered")

    def test_every_endpoint_answers_an_mqtt_5_client_and_mosquitto_s_own(self):
        with House(query="") as house, Client(house) as client:
            feed(house)
            needs = {"history": {"measurement": "device_metrics", "field": "temperature"},
                     "alerts/acknowledge": {"rule": "none_such"},
                     "alerts/silence": {"match": {"rule": "offline"}, "for": "1h"}}
            for row in client.ask("endpoints")["endpoints"]:
                endpoint = row["endpoint"]
                payload = json.dumps(needs.get(endpoint, {}))
                kind = "answer_error" if endpoint == "alerts/acknowledge" else row["answer"]
                with self.subTest(endpoint=endpoint):
                    check(kind, client.ask(endpoint, payload))
                    check(kind, json.loads(self.rr(house, endpoint, payload)))
                    check(kind, json.loads(self.pub_and_sub(house, endpoint, payload)))

    def rr(self, house, endpoint, payload):
        return subprocess.run(
            ["mosquitto_rr", "-h", "127.0.0.1", "-p", str(house.mqtt_port), "-t", "hearthline/request/" + endpoint,
             "-e", "hearthline/response/rr", "-m", payload, "-W", "10", "-V", "mqttv5"],
            capture_output=True, check=True, timeout=20).stdout

    def pub_and_sub(self, house, endpoint, payload):
        """MQTT 3.1.1, with nothing but what the payload says."""
        heard = house.listen("hearthline/response/" + endpoint, 1)
        subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(house.mqtt_port), "-V", "mqttv311",
                        "-t", "hearthline/request/" + endpoint, "-m", payload], check=True, timeout=20)
        (_, answer), = heard.take()
        return answer

    def test_reply_to_and_transaction_without_mqtt_5(self):
        with House(query="") as house, Client(house, mqtt.MQTTv311) as client:
            client.listen("hearthline/response/wall")
            client.mqtt.publish("hearthline/request/endpoints",
                                '{"reply_to": "hearthline/response/wall", "transaction": "number 7"}')
            topic, payload, _ = client.heard.get(timeout=10)
            self.assertEqual(topic, "hearthline/response/wall")
            self.assertEqual(json.loads(payload)["transaction"], "number 7")

    def test_an_empty_payload_asks_with_all_defaults(self):
        with House(query="") as house, Client(house) as client:
            self.assertEqual(client.ask("stats", b"")["period"], "1h")

    def test_msgpack_is_answered_in_kind(self):
        with House(query="") as house, Client(house) as client:
            for how in ({"content_type": "application/msgpack"}, {}):
                topic, payload, message = client.send("health", pack({"fresh": True}), **how).get(timeout=10)
                self.assertEqual(message.properties.ContentType, "application/msgpack")
                self.assertGreaterEqual(payload[0], 0x80)
                self.assertIn(b"dependencies", payload)

    def test_what_is_wrong_is_named(self):
        cases = (
            ("stats", '{"perod": "1h"}', "bad_request", "period"),
            ("stats", '{"period": 5}', "bad_request", "period"),
            ("stats", '{"period": "forever"}', "bad_request", "forever"),
            ("stats", '{"period": "1h", "window": "2h"}', "bad_request", "window"),
            ("stats", '[1]', "bad_request", "object"),
            ("stats", '{"period": ', "bad_request", ""),
            ("stats", '{"service": "none_such"}', "unknown_service", "none_such"),
            ("stats/trens", '{}', "unknown_endpoint", "stats/trends"),
            ("history", '{}', "bad_request", "measurement"),
            ("history", '{"measurement": "device_metric", "field": "x"}', "bad_request", "device_metrics"),
            ("history", '{"measurement": "device_metrics", "field": "temperatur"}', "bad_request", "temperature"),
            ("history", '{"measurement": "device_metrics", "field": "temperature", "aggregate": "average"}',
             "bad_request", "mean"),
            ("history", '{"measurement": "device_metrics", "field": "temperature", "points": 5000}',
             "bad_request", "2000"),
            ("history", '{"measurement": "device_metrics", "field": "temperature", "time_zone": "Mars/Olympus"}',
             "bad_request", "time_zone"),
            ("alerts/silence", '{"match": {"rule": "x"}}', "bad_request", "until"),
        )
        with House(query="") as house, Client(house) as client:
            feed(house)
            for endpoint, payload, code, words in cases:
                with self.subTest(endpoint=endpoint, payload=payload):
                    error = check("answer_error", client.ask(endpoint, payload))["error"]
                    self.assertEqual(error["code"], code, error)
                    self.assertIn(words, error["message"])

    def test_answers_go_nowhere_but_below_response(self):
        with House(query="") as house, Client(house) as client:
            client.listen("#")
            waiters = [client.send("endpoints", {}, response_topic=topic)
                       for topic in ("hearthline/readings/kitchen", "hearthline/response/", "else/where")]
            for reply_to in ("hearthline/response/a+b", "hearthline/response/#", "hearthline/response/" + "x" * 2000,
                             "hearthline/response/a\u0000b", "hearthline/alerts/active"):
                client.mqtt.publish("hearthline/request/endpoints", json.dumps({"reply_to": reply_to}))
            client.ask("endpoints") # those before it are done with
            until(lambda: house.query_metrics().get(
                'hearthline_requests_total{endpoint="endpoints",outcome="no_address"}') == 8, 10, "eight refusals")
            # An answer bears the question's correlation, or is heard like all else. Our own questions are too.
            self.assertTrue(all(waiter.qsize() <= 1 for waiter in waiters), "the question itself, no answer")
            heard = [client.heard.get() for _ in range(client.heard.qsize())]
            heard += [waiter.get() for waiter in waiters if not waiter.empty()]
            self.assertEqual([topic for topic, payload, _ in heard if b'"endpoints"' in payload
                              or "response" in topic or topic.startswith(("hearthline/readings", "else"))], [])
            self.assertTrue(house.query_service.running())
            self.assertEqual(house.query_health()["broker"], "up")

    def test_two_requests_that_are_answered_out_of_order_reach_their_askers(self):
        with House(query="") as house, Client(house) as slow, Client(house) as quick:
            with house.influxd.frozen():
                first = slow.send("devices", {"fresh": True}, expiry=6)
                second = quick.send("endpoints", {})
                self.assertIn("endpoints", json.loads(second.get(timeout=5)[1]))
                self.assertTrue(first.empty())
            self.assertIn("devices", json.loads(first.get(timeout=10)[1]))


class Sources(unittest.TestCase):
    def test_each_endpoint_of_figures_is_answered_from_influxdb(self):
        with House(query="") as house, Client(house) as client:
            feed(house)
            figures(house)
            for endpoint in ("stats", "stats/services", "stats/metrics", "stats/performance", "stats/alerts",
                             "stats/trends", "health", "devices", "devices/latest"):
                with self.subTest(endpoint):
                    self.assertEqual(client.ask(endpoint, {"fresh": True}).get("source"), "influxdb")

    def test_influxdb_stops_and_comes_back(self):
        with House(query="") as house, Client(house) as client:
            feed(house)
            figures(house)
            before = client.ask("stats", {"fresh": True})
            self.assertEqual((before["source"], before["metrics"]["error_rate_percent"]), ("influxdb", 25))
            house.influxd.end(signal.SIGTERM)
            answer, seconds = client.timed("stats", {"fresh": True})
            check("answer_stats", answer)
            self.assertEqual(answer["source"], "services-fallback")
            self.assertLess(seconds, 5)
            self.assertTrue(answer["missing"], "it must say what it could not tell")
            self.assertIsNone(answer["metrics"]["total_events"], "an hour was not heard")
            self.assertIn("writer", answer["metrics"]["services"])
            check("answer_health", client.ask("health"))
            self.assertEqual(client.ask("history", {"measurement": "m", "field": "f"})["error"]["code"], "unavailable")
            house.start_influxd()
            until(lambda: client.ask("stats", {"fresh": True})["source"] == "influxdb", 10, "InfluxDB's answer")
            metrics = house.query_metrics()
            self.assertGreaterEqual(metrics['hearthline_fallback_total{endpoint="stats"}'], 1)
            self.assertEqual(metrics["hearthline_influxdb_connected"], 1)

    def test_influxdb_that_hangs_costs_no_answer(self):
        with House(query="") as house, Client(house) as client:
            feed(house)
            with house.influxd.frozen():
                for expiry in (2, 5):
                    answer, seconds = client.timed("stats", {"fresh": True}, expiry=expiry)
                    self.assertEqual(answer["source"], "services-fallback")
                    self.assertLess(seconds, expiry)
                # It is known to be away by then.
                until(lambda: house.query_health().get("influxdb") == "down", 10, "InfluxDB known to be away")
                answer, seconds = client.timed("stats", {"fresh": True}, expiry=2)
                self.assertLess(seconds, 0.5)
                answer, seconds = client.timed("devices", {"fresh": True}, expiry=1)
                self.assertEqual(answer["error"]["code"], "unavailable")
            until(lambda: client.ask("stats", {"fresh": True})["source"] == "influxdb", 10, "InfluxDB's answer")

    def test_started_before_influxdb(self):
        wait_s = 90 if os.environ.get("HEARTHLINE_SIZE") == "full" else 4
        with House(query="", start=False) as house:
            house.start_mosquitto()
            house.launch_writer()
            house.start_query()
            with Client(house) as client:
                self.assertEqual(client.ask("stats")["source"], "services-fallback")
                ended = time.monotonic() + wait_s
                def over():
                    self.assertEqual(client.ask("stats", {"fresh": True})["source"], "services-fallback")
                    return time.monotonic() > ended
                until(over, wait_s + 5)
                house.start_influxd()
                until(lambda: client.ask("stats", {"fresh": True})["source"] == "influxdb", 10, "InfluxDB's answer")

    def test_the_flags_take_effect_on_a_running_service(self):
        with House(query="") as house, Client(house) as client:
            feed(house)
            path = house.folder / "hearthline.yaml"
            before = path.read_text()
            path.write_text(before + "stats: { use_influxdb: false }\n")
            until(lambda: client.ask("stats", {"fresh": True})["source"] == "services-fallback", 30, "the flag")
            def now(flags, logged):
                path.write_text(before + "stats: { %s }\n" % flags)
                house.query_service.child.send_signal(signal.SIGHUP)
                until(lambda: logged in house.query_service.log(), 4, logged)
            now("rollout_percent: 0", "rollout_percent=0")
            self.assertEqual(client.ask("stats", {"fresh": True})["source"], "services-fallback")
            # Who names no topic for the answer asks InfluxDB.
            heard = house.listen("hearthline/response/stats", 1)
            house.publish("hearthline/request/stats", "{}", qos=0)
            self.assertEqual(json.loads(heard.take()[0][1])["source"], "influxdb")
            now("rollout_percent: 50", "rollout_percent=50")
            client.listen("hearthline/response/#")
            sources = {}
            for number in range(60):
                topic = "hearthline/response/share-%d" % number
                for _ in range(2):
                    answer = json.loads(client.send("stats", {}, response_topic=topic).get(timeout=10)[1])
                    sources.setdefault(number, set()).add(answer["source"])
            self.assertTrue(all(len(found) == 1 for found in sources.values()), "a share must be stable")
            from_influx = sum(found == {"influxdb"} for found in sources.values())
            self.assertTrue(10 < from_influx < 50, from_influx)
            now("use_influxdb: perhaps", "reload_refused")
            self.assertTrue(house.query_service.running())

    def test_more_at_once_after_a_reload(self):
        with House(query="  requests_max: 4\n") as house, Client(house) as client:
            feed(house)
            def told_busy():
                """Of 20 different questions while InfluxDB stands still."""
                with house.influxd.frozen():
                    waiters = [client.send("stats", {"period": "%dh" % hours}) for hours in range(1, 21)]
                    answers = [json.loads(waiter.get(timeout=10)[1]) for waiter in waiters]
                return sum(answer.get("error", {}).get("code") == "busy" for answer in answers)
            self.assertEqual(told_busy(), 16)
            until(lambda: client.ask("stats", {"fresh": True})["source"] == "influxdb", 10, "InfluxDB's answer")
            path = house.folder / "hearthline.yaml"
            path.write_text(path.read_text().replace("requests_max: 4", "requests_max: 20"))
            house.query_service.child.send_signal(signal.SIGHUP)
            until(lambda: "event=reloaded" in house.query_service.log(), 10, "the reload")
            self.assertEqual(told_busy(), 0)

    def test_compare_asks_both(self):
        with House(query="") as house, Client(house) as client:
            feed(house)
            figures(house)
            answer = check("answer_compare", client.ask("stats", {"compare": True, "period": "15m"}))
            self.assertEqual(set(answer["sources"]), {"influxdb", "services-fallback"})
            self.assertGreater(answer["sources"]["influxdb"]["metrics"]["total_events"], 0)
            house.influxd.end(signal.SIGTERM)
            answer = check("answer_compare", client.ask("stats", {"compare": True, "period": "15m", "fresh": True}))
            self.assertIsNone(answer["sources"]["influxdb"]["metrics"]["total_events"])
            self.assertTrue(answer["sources"]["influxdb"]["missing"][0]["reason"])

    def test_equal_requests_share_one_query_and_answers_are_kept(self):
        with House(query="") as house, Client(house) as client:
            feed(house)
            def asked():
                return house.query_metrics()['hearthline_influxdb_queries_total{endpoint="devices",status="ok"}']
            with house.influxd.frozen():
                waiters = [client.send("devices", {}) for _ in range(20)]
                until(lambda: house.query_metrics().get("hearthline_requests_in_flight") == 20, 5, "20 in flight")
            answers = [json.loads(waiter.get(timeout=10)[1]) for waiter in waiters]
            self.assertEqual({answer["cached"] for answer in answers}, {False})
            once = asked()
            kept = client.ask("devices")
            self.assertTrue(kept["cached"])
            self.assertGreater(kept["cache_age_s"], 0)
            self.assertEqual(kept["devices"], answers[0]["devices"])
            self.assertEqual(asked(), once, "from the cache")
            self.assertFalse(client.ask("devices", {"fresh": True})["cached"])
            self.assertEqual(asked(), 2 * once, "twenty equal ones cost as much as one")


class Running(unittest.TestCase):
    def test_a_second_query_service_ends_with_a_clear_error(self):
        with House(query="") as house, Client(house) as client:
            second = subprocess.run([BUILD / "hearthline-query", "--config", house.folder / "hearthline.yaml"],
                                    capture_output=True, timeout=30)
            self.assertEqual(second.returncode, 69)
            self.assertIn(b"another query service", second.stderr)
            self.assertIn(b"query.client_id", second.stderr)
            self.assertEqual(client.ask("stats")["schema"], 1, "the first goes on")

    def test_one_on_another_machine_ends_too(self):
        with House(query="") as house:
            # Its retained status is what another machine sees: the lock is this machine's alone.
            house.query_service.end(signal.SIGTERM)
            status = json.dumps({"schema": 1, "service": "query", "state": "online", "instance": "elsewhere",
                                 "since": "2026-01-01T00:00:00Z"})
            house.publish("hearthline/services/query/status", status, retain=True)
            second = subprocess.run([BUILD / "hearthline-query", "--config", house.folder / "hearthline.yaml"],
                                    capture_output=True, timeout=30)
            self.assertEqual(second.returncode, 69)
            self.assertIn(b"instance_other", second.stderr)
            self.assertIn(b"elsewhere", second.stderr)

    def test_sigterm_answers_what_was_asked(self):
        with House(query="") as house, Client(house) as client:
            with house.influxd.frozen():
                waiters = [client.send("devices", {"period": "%dm" % (n + 1)}) for n in range(50)]
                until(lambda: house.query_metrics().get("hearthline_requests_in_flight") == 50, 5, "50 in flight")
                began = time.monotonic()
                self.assertEqual(house.query_service.end(signal.SIGTERM), 0)
                self.assertLess(time.monotonic() - began, 5)
            for waiter in waiters:
                error = json.loads(waiter.get(timeout=5)[1])["error"]
                self.assertIn(error["code"], ("unavailable", "timeout"))
            self.assertEqual(house.status("query")["state"], "offline")

    def test_a_wrong_configuration_ends_with_words(self):
        for query, words in (("  standing: [ { endpoint: stat, topic: standing/a } ]\n", "stats"),
                             ("  standing: [ { endpoint: stats, request: '{\"perod\": \"1h\"}', topic: standing/a } ]\n",
                              "period"),
                             ("  alerts: { rules: [ %s ] }\n" % ", ".join(
                                 '{ name: r%d, measurement: m, field: f, comparison: ">", threshold: 1 }' % n
                                 for n in range(161)), "at most 160"),
                             ("  cache_ttl_s: 61\n", "60")):
            with House(query=query, start=False) as house:
                house.start_mosquitto()
                house.launch_query()
                self.assertEqual(house.query_service.child.wait(20), 78)
                self.assertIn(words, house.query_service.log())

    def test_a_standing_question_is_answered_retained(self):
        query = "  standing: [ { endpoint: stats, request: '{\"period\": \"24h\", \"fresh\": true}', every: 1s, topic: standing/day } ]\n"
        with House(query=query) as house:
            first = json.loads(house.hear("hearthline/standing/day", 1)[0][1])
            check("answer_stats", first)
            self.assertEqual(first["period"], "24h")
            until(lambda: json.loads(house.hear("hearthline/standing/day", 1)[0][1])["timestamp"] != first["timestamp"],
                  30, "a later answer")
            # Our own answers are not the writer's input: it refuses the one message that is sent here, and no other.
            house.publish("hearthline/nonsense/x", "1")
            unknown = 'hearthline_messages_rejected_total{reason="unknown_topic"}'
            until(lambda: house.metrics().get(unknown), 10, "the refusal")
            self.assertEqual(house.metrics()[unknown], 1)

    def test_the_metrics_are_whole_from_the_start(self):
        with House(query="") as house:
            body = http(house.query_url)[1]
            found = subprocess.run(["promtool", "check", "metrics"], input=body, capture_output=True, timeout=30)
            self.assertEqual((found.returncode, found.stdout + found.stderr), (0, b""))
            text = body.decode()
            for name in ("hearthline_influxdb_connected", "hearthline_cache_hits_total", "hearthline_rejects_passed_over_total",
                         "hearthline_cache_misses_total",
                         "hearthline_requests_in_flight"):
                self.assertIn("\n%s " % name, text)
            for endpoint in ("stats", "history", "devices"):
                for status in ("ok", "timeout", "refused", "unreachable"):
                    self.assertIn('hearthline_influxdb_queries_total{endpoint="%s",status="%s"} 0' % (endpoint, status),
                                  text)
                for outcome in ("ok", "bad_request", "busy", "timeout", "unavailable"):
                    self.assertIn('hearthline_requests_total{endpoint="%s",outcome="%s"} 0' % (endpoint, outcome), text)
                self.assertIn('hearthline_influxdb_query_duration_seconds_bucket{endpoint="%s",le="+Inf"} 0' % endpoint,
                              text)
            self.assertIn('hearthline_fallback_total{endpoint="stats"} 0', text)

    def test_what_was_done_since_the_last_figures_is_told_at_a_clean_stop(self):
        with House(query="") as house, Client(house) as client:
            for _ in range(5):
                client.ask("endpoints")
            house.publish("hearthline/readings/kitchen", *['{"t": %d}' % t for t in range(150)])
            house.settled()
            self.assertEqual(house.query_service.end(signal.SIGTERM), 0)
            self.assertEqual(house.writer.end(signal.SIGTERM), 0)
            house.start_writer()
            house.start_query()
            told = {row["service"]: row["sum"] for row in house.rows(
                "SELECT sum(events_processed) FROM service_metrics GROUP BY service", 2)}
            self.assertEqual(told["query"], 5)
            self.assertIn(told["writer"], (150, 151)) # and the query service's figures
            self.assertEqual(client.ask("stats", {"service": "query"})["metrics"]["services"]["query"]["state"],
                             "online")


class Alerts(unittest.TestCase):
    RULE = """\
  alerts:
    rules:
      - { name: hot, measurement: device_metrics, field: temperature, subject: device_id, aggregate: last,
          window: 1h, comparison: ">", threshold: 30, clear: 25, level: error, message: too hot }
"""

    def test_an_alert_fires_once_survives_a_kill_and_clears_with_hysteresis(self):
        with House(query=self.RULE) as house, Client(house) as client:
            events = []
            client.listen("hearthline/alerts/event")
            def drain():
                while not client.heard.empty():
                    events.append(check("alert", json.loads(client.heard.get()[1])))
                return [(e["state"], e["subject"]) for e in events if e["rule"] == "hot"]
            house.publish("hearthline/readings/oven", '{"temperature": 31}')
            house.publish("hearthline/readings/fridge", '{"temperature": 5}')
            until(lambda: drain() == [("firing", "oven")], 30, "the alert")
            alert = check("alert", json.loads(house.hear("hearthline/alerts/+/hot/oven", 1)[0][1]))
            self.assertEqual((alert["level"], alert["value"], alert["threshold"], alert["message"]),
                             ("error", 31, 30, "too hot"))
            active = check("answer_alerts_active", json.loads(house.hear("hearthline/alerts/active", 1)[0][1]))
            self.assertEqual([a["subject"] for a in active["alerts"] if a["rule"] == "hot"], ["oven"])
            house.query_service.end(signal.SIGKILL)
            house.start_query()
            # Below the threshold, not below `clear`: it stands, and nothing is said; two rounds pass.
            house.publish("hearthline/readings/oven", '{"temperature": 27}')
            house.settled()
            rounds = 'hearthline_influxdb_queries_total{endpoint="alerts",status="ok"}'
            seen = until(lambda: house.query_metrics().get(rounds), 30, "a round")
            until(lambda: house.query_metrics().get(rounds, 0) >= seen * 2, 40, "two more rounds")
            self.assertEqual(drain(), [("firing", "oven")])
            answer = check("answer_alerts_acknowledge", client.ask("alerts/acknowledge", {"rule": "hot", "by": "test"}))
            self.assertEqual(answer["acknowledged"], 1)
            until(lambda: drain()[-1] == ("acknowledged", "oven"), 5, "the acknowledgement")
            house.publish("hearthline/readings/oven", '{"temperature": 24}')
            until(lambda: drain()[-1] == ("resolved", "oven"), 30, "the end of it")
            self.assertEqual(len(drain()), 3)

    def test_what_is_of_a_rule_that_is_gone_is_emptied(self):
        with House(query=self.RULE) as house:
            house.publish("hearthline/readings/oven", '{"temperature": 31}')
            until(lambda: house.hear("hearthline/alerts/+/hot/oven", 1, seconds=1), 30, "the alert")
            house.query_service.end(signal.SIGTERM)
            path = house.folder / "hearthline.yaml"
            path.write_text(path.read_text().replace(self.RULE, ""))
            house.start_query()
            until(lambda: not house.hear("hearthline/alerts/+/hot/oven", 1, seconds=1), 30, "its retained topic to be empty")

    def test_the_built_in_rules_see_influxdb_and_the_writer_go(self):
        with House(query="") as house, Client(house) as client:
            client.listen("hearthline/alerts/event")
            def said(rule, state):
                while not client.heard.empty():
                    events.append(json.loads(client.heard.get()[1]))
                return any((event["rule"], event["state"]) == (rule, state) for event in events)
            events = []
            house.influxd.end(signal.SIGTERM)
            until(lambda: said("influxdb_away", "firing"), 30, "the alert")
            house.start_influxd()
            until(lambda: said("influxdb_away", "resolved"), 40, "its end")
            house.writer.end(signal.SIGKILL)
            until(lambda: said("offline", "firing"), 30, "the alert")
            self.assertEqual(client.ask("health")["status"], "critical")
            house.start_writer()
            until(lambda: said("offline", "resolved"), 40, "its end")


class Hostile(unittest.TestCase):
    TEXTS = ("'; DROP MEASUREMENT device_metrics --", '"', "\\", "a\nb", "\u0000", "x" * 65536, "'\"; DROP DATABASE --",
             "\\'; --", "\\\"", "$1", "/.*/", "+", "#")

    def test_in_every_text_of_every_request_nothing_is_executed(self):
        with House(query="") as house, Client(house) as client:
            feed(house)
            before = house.query("SELECT count(temperature) FROM device_metrics")
            table = client.ask("endpoints")["endpoints"]
            asked = 0
            for row in table:
                for key, rule in row["request"].get("properties", {}).items():
                    if key == "reply_to" or "string" not in str(rule.get("type")) and "object" not in str(rule.get("type")):
                        continue
                    for text in self.TEXTS:
                        values = [text] if "string" in str(rule.get("type")) else [{text: "x"}, {"room": text},
                                                                                     {"rule": text}]
                        for value in values:
                            request = {"measurement": "device_metrics", "field": "temperature"} \
                                if row["endpoint"] == "history" else {}
                            request[key] = value
                            answer = client.ask(row["endpoint"], request)
                            check("answer_error" if "error" in answer else row["answer"], answer)
                            asked += 1
            self.assertGreater(asked, 300)
            self.assertEqual(house.query("SELECT count(temperature) FROM device_metrics"), before)
            self.assertTrue(house.query_service.running())


if __name__ == "__main__":
    unittest.main()
