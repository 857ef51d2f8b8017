"""A house (tests/e2e/house.py) for programs that are not written in Python.

The first line on standard input is a JSON object with what House takes; the answer says where everything
is. Each line after it is {"do": NAME, ...}, answered with {"value": ...} or {"error": TEXT}. The house ends
with the input, so it ends with whoever started it.
"""
import base64
import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import paho.mqtt.client as mqtt

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
import house  # noqa: E402

USERS = ("dashboard", "viewer", "link")
METRICS = {"schema": 1, "instance": "1", "state": "online", "interval_s": 10, "uptime_s": 100, "events_total": 5000,
           "write_attempts": 100, "write_errors": 0, "lines_written": 1000, "processing_time_ms": 12.5, "success_rate": 100,
           **{"write_latency_le_%s_ms" % bound: 100 for bound in (5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, "inf")},
           "write_latency_mean_ms": 3.25, "write_latency_max_ms": 9.5}
NAMES = {"broker": "mosquitto", "influxd": "influxd", "writer": "writer", "query": "query_service"}


class ServedHouse(house.House):
    """With the page, and with users for it whose password is their name and "-password"."""

    def _configure(self, *texts):
        super()._configure(*texts)
        passwords = self.folder / "passwords"
        passwords.write_text("".join("%s:%s-password\n" % (user, user) for user in USERS))
        subprocess.run(["mosquitto_passwd", "-U", passwords], check=True)

    def where(self):
        return {"folder": str(self.folder), "page": "http://127.0.0.1:%d/" % self.ws_port, "mqtt_port": self.mqtt_port,
                "ws_port": self.ws_port, "influx": self.influx_url, "pids": self.pids()}

    def pids(self):
        return {name: process.child.pid for name, process in self.processes() if process.running()}

    def processes(self):
        return [(name, getattr(self, attribute)) for name, attribute in NAMES.items()]

    def do_start(self, name):
        getattr(self, {"broker": "start_mosquitto"}.get(name, "start_" + name))()
        return self.pids()

    def do_end(self, name, how="SIGTERM"):
        return dict(self.processes())[name].end(signal.Signals[how])

    def do_be_whole(self):
        """Starts what a scene before has left ended."""
        for name, process in self.processes():
            if not process.running() and (name != "query" or self.has_query):
                process.child = None
                self.do_start(name)
        return self.pids()

    def do_freeze(self, name):
        self.still = contextlib.ExitStack()
        self.still.enter_context(dict(self.processes())[name].frozen())

    def do_thaw(self):
        self.still.close()

    def do_forget_broker(self):
        """All that was retained or waited, of a broker that is stopped."""
        for path in self.folder.glob("mosquitto.db*"):
            path.unlink()

    def do_publish(self, topic, payload="", payload_base64=None, content_type=None, retain=False, qos=1):
        """Any bytes, by mosquitto_pub."""
        data = payload.encode() if payload_base64 is None else base64.b64decode(payload_base64)
        command = ["mosquitto_pub", "-V", "5", "-h", "127.0.0.1", "-p", str(self.mqtt_port), "-q", str(qos), "-t", topic]
        command += ["-r"] if retain else []
        command += ["-D", "publish", "content-type", content_type] if content_type else []
        subprocess.run([*command, "-s" if data else "-n"], input=data, check=True, timeout=30)

    def do_publish_many(self, messages, retain=False):
        """A list of [topic, payload] over one connection."""
        client = mqtt.Client(protocol=mqtt.MQTTv5)
        client.max_inflight_messages_set(0)
        client.connect("127.0.0.1", self.mqtt_port)
        client.loop_start()
        for topic, payload in messages:
            last = client.publish(topic, payload, retain=retain)
        last.wait_for_publish(30)
        client.disconnect()
        client.loop_stop()

    def do_stream_metrics(self, services, per_second, seconds):
        """Metrics of so many services in turn, at a steady rate, each with a figure one greater than the last."""
        client = mqtt.Client(protocol=mqtt.MQTTv5)
        client.connect("127.0.0.1", self.mqtt_port)
        client.loop_start()
        began, count = time.monotonic(), per_second * seconds
        for number in range(count):
            early = began + number / per_second - time.monotonic()
            if early > 0.005:
                time.sleep(early)
            name = "service-%02d" % (number % services)
            message = {**METRICS, "service": name, "events_processed": number,
                       "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
            sent = client.publish("hearthline/services/%s/metrics" % name, json.dumps(message))
        sent.wait_for_publish(30)
        took = time.monotonic() - began
        client.disconnect()
        client.loop_stop()
        return {"count": count, "seconds": took, "last": count - 1}

    def do_hear(self, topic, count=1, seconds=10):
        return [{"topic": heard, "payload": payload.decode(errors="replace")}
                for heard, payload in self.hear(topic, count, seconds)]

    def do_store(self, lines):
        self.store(*lines)

    def do_rows(self, statement, count, seconds=15):
        return self.rows(statement, count, seconds)

    def do_settled(self):
        return self.settled()

    def do_logs(self):
        return {name: process.log() for name, process in self.processes()}


def answer(served, line):
    command = json.loads(line)
    try:
        return {"value": getattr(served, "do_" + command.pop("do"))(**command)}
    except Exception as error:  # whoever asked shall read it, whatever it was
        return {"error": "%s: %s" % (type(error).__name__, error)}


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    say = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # the answers' stream is theirs alone
    options = json.loads(sys.stdin.readline())
    with ServedHouse(**options) as served:
        say.write(json.dumps({"value": served.where()}) + "\n")
        for line in sys.stdin:
            say.write(json.dumps(answer(served, line)) + "\n")


if __name__ == "__main__":
    main()
