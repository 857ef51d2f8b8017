"""Askers of the query service, each over one MQTT 5 or 3.1.1 connection of Debian's paho."""
import itertools
import json
import queue
import threading
import time

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from house import until


class Client:
    """`with Client(house) as client: client.ask("stats", {"period": "1h"})`"""

    def __init__(self, house, protocol=mqtt.MQTTv5, name=""):
        self.mqtt = mqtt.Client(client_id=name, protocol=protocol)
        self.version5 = protocol == mqtt.MQTTv5
        self.mqtt.on_message = self._arrived
        self.mqtt.on_subscribe = lambda *_: self.granted.set()
        self.granted = threading.Event()
        self.heard = queue.Queue()
        self.waiting, self.counter = {}, itertools.count(1)
        self.answers = 0 # of all that came on our topic
        self.mqtt.connect("127.0.0.1", house.mqtt_port)
        self.mqtt.loop_start()
        until(self.mqtt.is_connected, 10, "a connection to the broker")
        self.topic = "hearthline/response/test-%x" % id(self)
        if self.version5:
            self.listen(self.topic)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.mqtt.disconnect()
        self.mqtt.loop_stop()

    def listen(self, filter):
        """Returns when the subscription stands."""
        self.granted.clear()
        self.mqtt.subscribe(filter, qos=1)
        assert self.granted.wait(10), "no subscription to " + filter

    def _arrived(self, _client, _data, message):
        correlation = getattr(getattr(message, "properties", None), "CorrelationData", None)
        if message.topic == self.topic:
            self.answers += 1
        waiter = self.waiting.get(correlation)
        (waiter or self.heard).put((message.topic, message.payload, message))

    def send(self, endpoint, payload, expiry=None, content_type=None, response_topic=None, qos=0, root="hearthline"):
        """Sends a request (bytes, text or an object) and gives what to wait with."""
        correlation = b"%d" % next(self.counter)
        properties = Properties(PacketTypes.PUBLISH)
        properties.ResponseTopic = response_topic or self.topic
        properties.CorrelationData = correlation
        if expiry is not None:
            properties.MessageExpiryInterval = expiry
        if content_type:
            properties.ContentType = content_type
        waiter = self.waiting[correlation] = queue.Queue()
        if not isinstance(payload, (bytes, str)):
            payload = json.dumps(payload)
        self.mqtt.publish("%s/request/%s" % (root, endpoint), payload, qos=qos, properties=properties)
        return waiter

    def ask(self, endpoint, payload=None, seconds=10, **how):
        """The answer as an object."""
        return json.loads(self.ask_raw(endpoint, payload, seconds, **how))

    def ask_raw(self, endpoint, payload=None, seconds=10, **how):
        try:
            return self.send(endpoint, {} if payload is None else payload, **how).get(timeout=seconds)[1]
        except queue.Empty:
            raise AssertionError("no answer from %s within %s s" % (endpoint, seconds)) from None

    def timed(self, endpoint, payload=None, **how):
        """The answer, and in how many seconds it came."""
        began = time.monotonic()
        answer = self.ask(endpoint, payload, **how)
        return answer, time.monotonic() - began
