"""What a message costs the writer by its decoder (scripts/bench decoders): bench-fold takes it through the
writer's own path in one process, in processor time. No broker and no InfluxDB takes part, so nothing else on
the machine shows but in the caches."""
import json
import pathlib
import statistics
import subprocess
import tempfile

from bench_machine import Others
from bench_rows import row

BUILD = pathlib.Path(__file__).resolve().parents[2] / "build" / "release"
PROGRAMS = ("bench-fold",)

SIZES = {  # messages of a run, runs of which the median counts
    "full": {"messages": 200000, "runs": 5},
    "quick": {"messages": 50000, "runs": 1},
}

SOURCES = """\
    - {{ decoder: homeassistant_eventstream, filter: homeassistant/layout, layout: homeassistant{rules} }}
    - {{ decoder: homeassistant_eventstream, filter: homeassistant/events{rules} }}
    - {{ decoder: homeassistant_statestream, filter: "homeassistant/#"{rules} }}
    - {{ decoder: value, filter: "sensor/+room/+metric"{rules} }}
    - {{ decoder: json, filter: "flat/+device_id"{rules} }}
    - {{ decoder: json, filter: "paths/+device_id", time_path: when,
        fields: {{ temperature: outdoor.t, rain: "rain[0].mm", battery: "bat?" }}{rules} }}
    - {{ decoder: esphome, filter: "esphome/+device_id/#"{rules} }}
    - {{ decoder: tasmota, filter: "tele/+device_id/+", timezone: Europe/Berlin{rules} }}
    - {{ decoder: shelly1, filter: "shellies/+device_id/#"{rules} }}
    - {{ decoder: shelly2, filter: "shelly/+device_id/#"{rules} }}
    - {{ decoder: theengs, filter: "home/#"{rules} }}
    - {{ decoder: frigate, filter: "frigate/#"{rules} }}
    - {{ decoder: zigbee2mqtt, filter: "zigbee2mqtt/#"{rules} }}
"""
# Every rule with memory, as a cautious person switches them on, set so that no message of a load is left out.
ALL_RULES = {
    "retained": "if_changed", "late": "if_changed", "repeat": "on_change", "heartbeat": "10m", "max_series": "50000",
    "field_types": "{ linkquality: integer }", "type_conflict": "cast_boolean", "time_past": "1d",
    "convert": "{ voltage: mv_to_v }",
}


def rules_yaml(indent):
    """As keys of a source, one a line."""
    return "\n".join("%s%s: %s" % (" " * indent, *rule) for rule in ALL_RULES.items())


def event(size):
    """A change of state as Home Assistant publishes it, with an old state, filled up to `size` bytes."""
    def state(value, time):
        return {"entity_id": "sensor.device_{n}", "state": value, "last_changed": time, "last_reported": time,
                "last_updated": time, "attributes": {
                    "state_class": "measurement", "unit_of_measurement": "°C", "device_class": "temperature",
                    "friendly_name": "Device {n}", "icon": "mdi:thermometer", "battery": "87 %"},
                "context": {"id": "01HV8SJ1ZZZZZZZZZZZZZZZZ{v}", "parent_id": None, "user_id": None}}
    data = {"entity_id": "sensor.device_{n}", "old_state": state("20.{v}", "2026-01-02T03:04:05.678901+00:00"),
            "new_state": state("21.{v}", "{t}")}
    attributes = data["new_state"]["attributes"]
    attributes["note"] = ""
    made = len(filled(json.dumps({"event_type": "state_changed", "event_data": data}, ensure_ascii=False)))
    attributes["note"] = "x" * max(0, size - made)
    return json.dumps({"event_type": "state_changed", "event_data": data}, ensure_ascii=False)


def filled(text):
    """As bench-fold fills it in, as bytes."""
    return text.replace("{n}", "123").replace("{v}", "45").replace("{t}", "2026-11-21T10:20:30.123456789Z").encode()


ZIGBEE = ('{"battery":87,"humidity":48.{v},"last_seen":"{t}","linkquality":120,"power_outage_count":12,'
          '"pressure":1008.4,"temperature":21.{v},"trigger_count":17,"voltage":3015,"alarm":0}')

# Decoder, what it is a message of, topic, payload, and what is promised of its processor time above the bare path, us.
MESSAGES = (
    ("value", "a number", "sensor/room-{n}/temperature", "21.{v}", None),
    ("reading", "120 bytes", "hearthline/readings/dev-{n}",
     '{"device":"dev-{n}","temperature":21.{v},"humidity":48.2,"seq":1{v}}' + " " * 54, None),
    ("reading", "one number", "hearthline/readings/dev-{n}/temperature", "21.{v}", None),
    ("event", "a job", "hearthline/events/backup",
     '{"kind":"finished","device":"nas-{n}","fields":{"size_bytes":10485{v},"path":"/backups/7"}}', None),
    ("service_metrics", "a service", "hearthline/services/service-{n}/metrics",
     '{"schema":1,"service":"service-{n}","state":"online","events_processed":1{v},"write_attempts":10,'
     '"write_errors":0,"processing_time_ms":1.{v},"success_rate":100}', None),
    ("line", "two fields", "hearthline/line", "cpu,host=server-{n} usage=5.{v},cores=4i", None),
    ("homeassistant_statestream", "a state", "homeassistant/sensor/device_{n}/state", "21.{v}", None),
    ("homeassistant_eventstream", "1.2 kB", "homeassistant/events", event(1200), 8),
    ("homeassistant_eventstream", "its own layout", "homeassistant/layout", event(1200), None),
    ("json", "flattened", "flat/inverter-{n}",
     '{"power":45{v},"daily":{"kwh":3.{v}},"mppt":[{"v":310.5},{"v":298}],"mode":"on grid","fault":null}', None),
    ("json", "by paths", "paths/station-{n}",
     '{"when":"{t}","outdoor":{"t":8.{v}},"rain":[{"mm":0.{v}}],"bat":87}', None),
    ("zigbee2mqtt", "200 bytes", "zigbee2mqtt/device-{n}", ZIGBEE, 3),
    ("zigbee2mqtt", "a lamp", "zigbee2mqtt/kitchen/lamp-{n}",
     '{"state":"ON","brightness":2{v},"color":{"x":0.123,"y":0.3{v}},"color_temp":370,"linkquality":120}', None),
    ("esphome", "a number", "esphome/node-{n}/sensor/temperature/state", "21.{v}", None),
    ("tasmota", "a meter", "tele/plug-{n}/SENSOR",
     '{"Time":"2026-01-26T17:45:30","ENERGY":{"TotalStartTime":"2026-01-01T00:00:00","Total":12.3{v},"Yesterday":0.5,'
     '"Today":0.1,"Power":1{v},"ApparentPower":53,"ReactivePower":11,"Factor":0.98,"Voltage":230,"Current":0.2{v}}}', None),
    ("shelly1", "a number", "shellies/shelly1pm-{n}/relay/0/power", "12.{v}", None),
    ("shelly2", "a change", "shelly/plus1pm-{n}/events/rpc",
     '{"src":"plus1pm-{n}","dst":"shelly/plus1pm-{n}/events","method":"NotifyStatus","params":{"ts":null,'
     '"switch:0":{"id":0,"output":true,"apower":12.{v},"voltage":230.1,"current":0.2,"aenergy":{"total":1234.{v}}}}}', None),
    ("theengs", "a beacon", "home/gateway/BTtoMQTT/4C33A6603{n}",
     '{"id":"4C:33:A6:60:3{n}","name":"Flower care","brand":"Xiaomi","rssi":-71,"hum":52.{v},"tempc":19.{v}}', None),
    ("frigate", "a count", "frigate/camera-{n}/person", "{v}", None),
    ("frigate", "an event", "frigate/events",
     '{"type":"update","before":{},"after":{"id":"1607123955.475377-mxk{n}","camera":"door-{n}","label":"person",'
     '"score":0.8{v},"top_score":0.96,"box":[432,496,544,854],"area":40096,"entered_zones":["yard"]}}', None),
)


class FoldBench:
    def __init__(self, size):
        self.size = SIZES[size]
        self.folder = tempfile.TemporaryDirectory(prefix="hearthline-bench-")
        self.others = Others()

    def config(self, name, rules):
        path = pathlib.Path(self.folder.name) / (name + ".yaml")
        path.write_text("writer:\n  sources:\n" + SOURCES.format(rules=rules), encoding="utf-8")
        return path

    def run(self, config, topic, payload):
        with tempfile.TemporaryDirectory(dir=self.folder.name) as folder:
            command = [str(BUILD / "bench-fold"), "--config", str(config), "--folder", folder + "/journal", "--topic", topic,
                       "--payload", payload, "--count", str(self.size["messages"]), "--json-report"]
            return json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)

    def decoders(self):
        rules = "".join(", %s: %s" % rule for rule in ALL_RULES.items())
        configs = {"": self.config("plain", ""), "all rules": self.config("rules", rules),
                   "all rules, min_interval": self.config("interval", rules + ", min_interval: 1s")}
        for decoder, what, topic, payload, most_us in MESSAGES:
            reports = {name: [] for name in configs}
            for _ in range(self.size["runs"]):
                for name, runs in reports.items():
                    runs.append(self.run(configs[name], topic, payload))
            bare = statistics.median(one["journal_us"] for one in reports[""])
            for name, runs in reports.items():
                yield row("  " + name if name else "%s, %s" % (decoder, what),
                          statistics.median(one["above_us"] for one in runs), bare, "us", up_to=most_us)

    def close(self):
        self.folder.cleanup()
