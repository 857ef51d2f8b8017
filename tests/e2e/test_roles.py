"""The roles of mosquitto.acl, at the secured broker of deploy/mosquitto/ with everything encrypted."""
import json
import os
import ssl
import subprocess
import unittest
import urllib.request

import paho.mqtt.client as mqtt

from house import ROOT, House, free_ports, until

ROLES = ("writer", "query", "homeassistant", "devices", "dashboard", "viewer")
ALERT = "hearthline/alerts/writer/offline/-"

# What nobody but the services may say, whoever he is.
SERVICES_OWN = ("hearthline/services/writer/status", "hearthline/services/query/metrics", "hearthline/services/writer/marker",
                "hearthline/rejected/unknown_topic", "hearthline/response/dashboard/x", ALERT, "hearthline/alerts/active",
                "hearthline/alerts/event", "hearthline/alerts/silenced", "hearthline/standing/day")
INPUT = ("hearthline/readings/kitchen", "hearthline/events/door", "hearthline/line", "homeassistant/light/x/state",
         "sensor/kitchen/temperature", "hearthline/unknown", "elsewhere")
CHANGES = ("hearthline/request/alerts/acknowledge", "hearthline/request/alerts/silence",
           "hearthline/request/memory-dumps/trigger")
QUESTIONS = ("hearthline/request/stats", "hearthline/request/history", "hearthline/request/alerts/active")

PAGE = "<!doctype html><title>the page</title>"
MAY = {
    "viewer": QUESTIONS,
    "dashboard": QUESTIONS + CHANGES,
    "devices": ("hearthline/readings/kitchen", "hearthline/events/door", "hearthline/line", "sensor/kitchen/temperature"),
    "homeassistant": QUESTIONS + CHANGES + ("homeassistant/light/x/state", "hearthline/events/homeassistant"),
    "writer": ("hearthline/services/writer/status", "hearthline/services/writer/marker", "hearthline/rejected/unknown_topic"),
    "query": ("hearthline/services/query/metrics", "hearthline/response/dashboard/x", ALERT, "hearthline/alerts/active",
              "hearthline/alerts/event", "hearthline/alerts/silenced", "hearthline/standing/day"),
}


class SecuredHouse(House):
    """With the broker of deploy/mosquitto/: a certificate made for this run, each role's password in a file."""

    def __init__(self, **more):
        self.tls_port, page_port = free_ports(2)
        super().__init__(start=False, **more)
        self.ws_port = page_port
        self._passwords()
        self._certificate()
        conf = (ROOT / "deploy/mosquitto/mosquitto.conf").read_text()
        for old, new in (
                ("listener 8883", "listener %d 127.0.0.1" % self.tls_port),
                ("listener 8884", "listener %d 127.0.0.1\nsocket_domain ipv4" % self.ws_port),
                ("listener 1883 ", "listener %d " % self.mqtt_port),
                ("/etc/mosquitto/certs/hearthline", str(self.folder / "broker")),
                ("/etc/mosquitto/hearthline.passwords", str(self.folder / "passwords")),
                ("/etc/mosquitto/hearthline.acl", str(ROOT / "mosquitto.acl")),
                ("/var/lib/mosquitto/", "%s/" % self.folder),
                ("/usr/local/share/hearthline/dashboard", str(self.folder / "page")),
                ("log_dest syslog", "log_dest stderr")):
            assert old in conf, old
            conf = conf.replace(old, new)
        (self.folder / "mosquitto.conf").write_text(conf + ("user root\n" if os.geteuid() == 0 else ""))
        yaml = (self.folder / "hearthline.yaml").read_text()
        for service in ("writer", "query"):
            yaml = yaml.replace("%s:\n" % service, "%s:\n  broker: { url: \"mqtts://localhost:%d\", username: %s, "
                                "password_file: %s.password, ca_file: broker.crt }\n"
                                % (service, self.tls_port, service, service), 1)
        (self.folder / "hearthline.yaml").write_text(yaml)
        (self.folder / "page").mkdir()
        (self.folder / "page" / "index.html").write_text(PAGE)
        self.become("dashboard")

    def _passwords(self):
        lines = []
        for role in ROLES:
            (self.folder / (role + ".password")).write_text(role + "-password\n")
            lines.append("%s:%s-password\n" % (role, role))
        (self.folder / "passwords").write_text("".join(lines))
        subprocess.run(["mosquitto_passwd", "-U", self.folder / "passwords"], check=True)

    def _certificate(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                        "-keyout", self.folder / "broker.key", "-out", self.folder / "broker.crt"],
                       check=True, stderr=subprocess.DEVNULL)

    def become(self, role):
        """From here on mosquitto_pub and mosquitto_sub log in as this role: they read it from a file."""
        clients = self.folder / "clients"
        clients.mkdir(exist_ok=True)
        for name in ("mosquitto_pub", "mosquitto_sub", "mosquitto_rr"):
            (clients / name).write_text("-u %s\n-P %s-password\n" % (role, role))
        os.environ["XDG_CONFIG_HOME"] = str(clients)

    def may_write(self, role, topic):
        """Whether mosquitto_pub's message is taken, over TLS."""
        self.become(role)
        done = subprocess.run(["mosquitto_pub", "-V", "5", "-h", "localhost", "-p", str(self.tls_port), "--cafile",
                               self.folder / "broker.crt", "-q", "1", "-t", topic, "-m", "{}"],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=30)
        return "Not authorized" not in done.stdout and done.returncode == 0


class Roles(unittest.TestCase):
    def setUp(self):
        before = os.environ.get("XDG_CONFIG_HOME")
        self.addCleanup(lambda: os.environ.pop("XDG_CONFIG_HOME", None) if before is None else
                        os.environ.update(XDG_CONFIG_HOME=before))

    def test_each_role_writes_what_it_may_and_nothing_else(self):
        with SecuredHouse() as house:
            house.start_mosquitto()
            topics = SERVICES_OWN + INPUT + CHANGES + QUESTIONS + ("hearthline/events/homeassistant",)
            for role in ROLES:
                allowed = {topic for topic in topics if house.may_write(role, topic)}
                expected = set(MAY[role]) | ({"hearthline/events/homeassistant"} if role == "devices" else set())
                self.assertEqual(allowed, expected, role)

    def test_nobody_comes_in_without_a_password_or_in_the_clear(self):
        with SecuredHouse() as house:
            house.start_mosquitto()
            for options in ((), ("-u", "dashboard", "-P", "wrong"), ("-u", "link", "-P", "link-password")):
                os.environ["XDG_CONFIG_HOME"] = "/nonexistent"
                done = subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(house.mqtt_port), *options, "-t", "a", "-n"],
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=30)
                self.assertRegex(done.stdout, "(?i)not authori[sz]ed", options)
            clear = subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(house.tls_port), "-u", "dashboard", "-P",
                                    "dashboard-password", "-t", "a", "-n"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   timeout=30)
            self.assertNotEqual(clear.returncode, 0)

    def test_the_page_and_its_websocket_are_encrypted(self):
        with SecuredHouse() as house:
            house.start_mosquitto()
            certificate = str(house.folder / "broker.crt")
            with urllib.request.urlopen("https://localhost:%d/" % house.ws_port, timeout=10,
                                        context=ssl.create_default_context(cafile=certificate)) as answer:
                self.assertEqual(answer.read().decode(), PAGE)
            client = mqtt.Client(protocol=mqtt.MQTTv5, transport="websockets")
            client.tls_set(ca_certs=certificate)
            client.username_pw_set("viewer", "viewer-password")
            client.connect("localhost", house.ws_port)
            client.loop_start()
            self.addCleanup(client.loop_stop)
            until(client.is_connected, 10, "the viewer")

    def test_services_do_their_work_with_their_roles(self):
        """Stored, asked, alerted, without one refusal in the logs; devices hear nothing of it."""
        with SecuredHouse(query="") as house:
            house.start()
            house.become("devices")
            deaf = house.listen("#", 1, 3)
            house.publish("hearthline/readings/kitchen", '{"temperature": 21.5}')
            house.publish("hearthline/readings/kitchen", '{"broken": ')
            house.become("dashboard")
            self.assertEqual(house.rows("SELECT temperature FROM device_metrics", 1)[0]["temperature"], 21.5)
            self.assertEqual(house.status("query")["state"], "online")
            house.become("viewer")
            self.assertTrue(house.hear("hearthline/services/writer/metrics", 1, seconds=15))
            answer = subprocess.run(["mosquitto_rr", "-V", "5", "-h", "127.0.0.1", "-p", str(house.mqtt_port), "-t",
                                     "hearthline/request/health", "-e", "hearthline/response/viewer", "-m", "{}", "-W", "10"],
                                    stdout=subprocess.PIPE, text=True, timeout=30)
            dependencies = {one["name"]: one["status"] for one in json.loads(answer.stdout)["dependencies"]}
            self.assertEqual(dependencies["influxdb"], "healthy")
            self.assertEqual(deaf.take(), [])
            for process in (house.writer, house.query_service):
                self.assertNotRegex(process.log(), "(?i)not authori|reason=135|refused")


class Link(unittest.TestCase):
    """The websocket listener of mosquitto.conf, where roles hold too."""

    def test_a_viewer_s_browser_can_only_ask(self):
        with House(start=False) as house:
            (house.folder / "passwords").write_text("viewer:viewer-password\n")
            subprocess.run(["mosquitto_passwd", "-U", house.folder / "passwords"], check=True)
            house.start_mosquitto()
            client = mqtt.Client(protocol=mqtt.MQTTv5, transport="websockets")
            client.username_pw_set("viewer", "viewer-password")
            client.connect("127.0.0.1", house.ws_port)
            client.loop_start()
            self.addCleanup(client.loop_stop)
            until(client.is_connected, 10, "the viewer")
            listener = house.listen("#", 100, 3)
            topics = CHANGES + SERVICES_OWN + INPUT + QUESTIONS
            for topic in topics:
                client.publish(topic, "{}", qos=1).wait_for_publish(5)
            self.assertEqual({topic for topic, _ in listener.take()}, set(QUESTIONS))


if __name__ == "__main__":
    unittest.main()
