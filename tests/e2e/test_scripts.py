"""scripts/run and scripts/stop, as a person uses them."""
import base64
import json
import os
import pathlib
import queue
import re
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import unittest

import paho.mqtt.client as mqtt

from house import DATABASE, ROOT, alive, free_port_base, free_ports, http, influx_rows, until

NAMES = ("mosquitto", "influxd", "writer", "query", "demo")


class Scripts(unittest.TestCase):
    """A state folder and six free ports for each test."""

    def setUp(self):
        self.state = pathlib.Path(tempfile.mkdtemp(prefix="hearthline-state-"))
        self.addCleanup(shutil.rmtree, self.state, ignore_errors=True)
        self.addCleanup(self.script, "stop", "--state", self.state)
        self.base = free_port_base()

    def script(self, name, *arguments, seconds=110):
        return subprocess.run([ROOT / "scripts" / name, *map(str, arguments)], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=seconds)

    def options(self, *more):
        return ("--state", self.state, "--port-base", self.base, "--no-install", *more)

    def run_detached(self, *more):
        """Starts everything and gives the process ids by name."""
        answer = self.script("run", *self.options("--detach", *more))
        self.assertEqual(answer.returncode, 0, answer.stdout)
        return self.pids()

    def run_in_front(self, *more):
        """Starts scripts/run without --detach; ready when it shows figures."""
        log = self.state / "output"
        with open(log, "wb") as output:
            child = subprocess.Popen([ROOT / "scripts" / "run", *map(str, self.options(*more))],
                                     stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                     # A shell ignores for ever what was ignored when it began, as it is
                                     # where the tests run in the background.
                                     preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        self.addCleanup(child.wait)
        self.addCleanup(lambda: child.poll() is None and child.kill())
        until(lambda: "pending" in log.read_text() or child.poll() is not None, 90, "the live figures")
        self.assertIsNone(child.poll(), log.read_text())
        return child, log

    def shell(self, command, seconds=30):
        """What a command prints in a shell that has read the state folder's env."""
        return subprocess.run(["bash", "-euc", '. "$1"; ' + command, "shell", self.state / "env"], check=True,
                              stdout=subprocess.PIPE, text=True, timeout=seconds).stdout

    def pids(self):
        return {path.stem: int(path.read_text()) for path in (self.state / "run").glob("*.pid")}

    def influx_login(self):
        return "hearthline", (self.state / "influxdb.password").read_text().strip()

    def influx(self, statement):
        return influx_rows("http://127.0.0.1:%d" % (self.base + 2), statement, self.influx_login())

    def broker_accepts(self, *options):
        """Whether a client with these options may publish."""
        return subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(self.base), *options,
                               "-q", "1", "-t", "somewhere/else", "-m", "1"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=30).returncode == 0


class Run(Scripts):
    def test_demo_house_is_stored_and_stop_ends_exactly_what_ran(self):
        pids = self.run_detached()
        self.assertEqual(set(pids), set(NAMES))
        measurements = until(lambda: self.influx("SHOW MEASUREMENTS"), 30, "points of the demo house")
        self.assertTrue(measurements)
        bystander = subprocess.Popen(["mosquitto", "-p", str(free_ports(1)[0])], stdin=subprocess.DEVNULL,
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(bystander.wait)
        self.addCleanup(bystander.kill)
        answer = self.script("stop", "--state", self.state)
        self.assertEqual(answer.returncode, 0, answer.stdout)
        for name, pid in pids.items():
            self.assertIn("%s (pid %d) ended." % (name, pid), answer.stdout)
            self.assertFalse(alive(pid), name)
        self.assertTrue(alive(bystander.pid), "scripts/stop ended a broker that is not its own")
        self.assertEqual(self.pids(), {})

    def test_the_shell_functions_work(self):
        self.run_detached("--no-demo")
        self.shell("pub hearthline/readings/kitchen/temperature 21.5")
        until(lambda: "21.5" in self.shell("influxq 'SELECT temperature FROM device_metrics'"), 20, "the reading, by influxq")
        self.assertIn("healthy", self.shell("ask health"))
        self.assertIn("hearthline_requests_total", self.shell("curl -sf $HEARTHLINE_QUERY_METRICS_URL"))

    def test_the_demo_house_is_asked_about(self):
        """Within seconds of the start, as the README says; stats may lag by the rollups' 15 s."""
        self.run_detached()
        def figures():
            answer = json.loads(self.shell("ask stats --period 15m --json fresh=true"))
            told = answer["metrics"]["services"].get("writer", {}).get("events_processed")
            return answer if told and answer["metrics"]["total_events"] else None
        answer = until(figures, 40, "events and the writer's own in stats")
        self.assertEqual(answer["source"], "influxdb")
        self.assertEqual(set(answer["metrics"]["services"]), {"writer", "query"})
        self.assertRegex(self.shell("ask stats --period 1h fresh=true"), r"writer +\d")
        watch = until(lambda: re.search(r"(?s).*writer +online +\d.*", self.shell("hearthline watch --once")), 20,
                      "the writer's metrics in watch")[0]
        for words in (r"query +online", r"messages balance", r"Stats +influxdb,", r"Alerts +(none|\d)"):
            self.assertRegex(watch, words)

    def test_a_second_run_says_that_it_runs(self):
        pids = self.run_detached("--no-demo")
        answer = self.script("run", *self.options("--detach"))
        self.assertNotEqual(answer.returncode, 0)
        self.assertIn("already runs", answer.stdout)
        self.assertIn("writer (pid %d)" % pids["writer"], answer.stdout)
        self.assertIn("scripts/stop --state %s" % self.state, answer.stdout)
        self.assertEqual(self.pids(), pids)

    def test_data_and_passwords_outlive_a_stop(self):
        self.run_detached("--no-demo")
        password = self.influx_login()
        url = "http://127.0.0.1:%d/write?db=%s" % (self.base + 2, DATABASE)
        subprocess.run(["curl", "-sf", "-u", ":".join(password), "--data-binary", "kept value=1", url], check=True)
        self.assertEqual(self.script("stop", "--state", self.state).returncode, 0)
        self.run_detached("--no-demo")
        self.assertEqual(self.influx_login(), password)
        self.assertEqual([row["value"] for row in self.influx("SELECT value FROM kept")], [1])

    def test_passwords_are_asked_for_and_kept_private(self):
        self.run_detached("--no-demo")
        self.assertEqual(stat.S_IMODE(self.state.stat().st_mode), 0o700)
        secrets = [self.state / "env", *self.state.glob("*.password"), *self.state.glob("clients/*")]
        self.assertGreaterEqual(len(secrets), 6)
        for path in secrets:
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600, path)
        status, _ = http("http://127.0.0.1:%d/query?q=SHOW+DATABASES" % (self.base + 2))
        self.assertEqual(status, 401)
        self.assertTrue(self.broker_accepts())
        commands = b"".join(pathlib.Path("/proc/%d/cmdline" % pid).read_bytes() for pid in self.pids().values())
        for path in self.state.glob("*.password"):
            self.assertNotIn(path.read_bytes().strip(), commands, path)

    def test_listen_asks_for_a_password_on_every_listener(self):
        self.run_detached("--no-demo", "--listen", "0.0.0.0")
        self.assertFalse(self.broker_accepts())
        password = (self.state / "hearthline.password").read_text().strip()
        self.assertTrue(self.broker_accepts("-u", "hearthline", "-P", password))
        with open("/proc/net/tcp") as table:
            listening = {line.split()[1] for line in table if line.split()[3] == "0A"}
        self.assertIn("00000000:%04X" % self.base, listening)
        for offset in (2, 3, 4, 5): # InfluxDB, metrics and InfluxDB's RPC stay at home
            self.assertNotIn("00000000:%04X" % (self.base + offset), listening)

    def test_without_listen_nothing_is_open_to_the_network(self):
        self.run_detached("--no-demo")
        for table in ("/proc/net/tcp", "/proc/net/tcp6"):
            for line in pathlib.Path(table).read_text().splitlines()[1:]:
                address, port = line.split()[1].split(":")
                if line.split()[3] == "0A" and self.base <= int(port, 16) <= self.base + 5:
                    self.assertEqual(address, "0100007F", line)

    def test_ctrl_c_ends_all(self):
        child, log = self.run_in_front("--no-demo")
        pids = self.pids()
        child.send_signal(signal.SIGINT)
        self.assertEqual(child.wait(40), 130, log.read_text())
        self.assertEqual([name for name, pid in pids.items() if alive(pid)], [])

    def test_a_child_that_dies_is_told_with_its_log(self):
        child, log = self.run_in_front("--no-demo")
        pids = self.pids()
        os.kill(pids["writer"], signal.SIGKILL)
        self.assertEqual(child.wait(40), 1, log.read_text())
        self.assertIn("writer ended by itself", log.read_text())
        self.assertIn("log/writer.log", log.read_text())
        self.assertEqual([name for name, pid in pids.items() if alive(pid)], [])


class Page(Scripts):
    """The dashboard that scripts/run builds and serves, and the link that it prints."""
    BUILT = ROOT / "build" / "dashboard"

    def run_page(self, *more, **env):
        answer = subprocess.run([ROOT / "scripts" / "run", *map(str, self.options("--detach", "--no-demo", *more))], text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=110,
                                env={**os.environ, **env})
        self.assertEqual(answer.returncode, 0, answer.stdout)
        return answer.stdout

    def link(self, words):
        address, login = re.search(r"Dashboard +(http://[^/]+/)#login=([\w-]+)$", words, re.MULTILINE).groups()
        return address, base64.urlsafe_b64decode(login + "==").decode().split(":")

    def logs_in(self, login):
        """Whether the websocket listener takes it."""
        outcome = queue.Queue()
        client = mqtt.Client(protocol=mqtt.MQTTv5, transport="websockets")
        client.on_connect = lambda *words: outcome.put(words[3].getName())
        client.username_pw_set(*login)
        client.connect("127.0.0.1", self.base + 1)
        client.loop_start()
        self.addCleanup(client.loop_stop)
        return outcome.get(timeout=10) == "Success"

    def put_away(self):
        """No page is built, until the test is over."""
        kept = self.BUILT.with_name("dashboard-kept")
        if self.BUILT.exists():
            self.BUILT.rename(kept)
        def put_back():
            if kept.exists():
                shutil.rmtree(self.BUILT, ignore_errors=True)
                kept.rename(self.BUILT)
        self.addCleanup(put_back)

    def program(self, name, text):
        path = self.state / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("#!/bin/sh\n%s\n" % text)
        path.chmod(0o755)
        return "%s:%s" % (path.parent, os.environ["PATH"])

    def test_it_is_built_and_served_and_each_run_has_a_link_of_its_own(self):
        self.put_away()
        address, login = self.link(self.run_page())
        self.assertEqual(address, "http://127.0.0.1:%d/" % (self.base + 1))
        self.assertEqual(http(address), (200, (self.BUILT / "index.html").read_bytes()))
        self.assertEqual(http(address + "../mosquitto.acl")[0], 404)
        self.assertTrue(self.logs_in(login))
        self.assertFalse(self.logs_in((login[0], "guess")))
        self.assertEqual(self.shell("echo $HEARTHLINE_DASHBOARD_URL").split("#")[0].strip(), address)
        self.assertEqual(self.script("stop", "--state", self.state).returncode, 0)
        built = (self.BUILT / "index.html").stat().st_mtime_ns
        words = self.run_page()
        self.assertNotIn("Building the dashboard", words)
        self.assertEqual((self.BUILT / "index.html").stat().st_mtime_ns, built)
        self.assertTrue(self.logs_in(self.link(words)[1]))
        self.assertFalse(self.logs_in(login), "the link of an earlier run")

    def test_it_is_built_anew_when_its_sources_are_newer(self):
        self.run_page()
        self.assertEqual(self.script("stop", "--state", self.state).returncode, 0)
        os.utime(ROOT / "dashboard" / "src" / "main.tsx")
        self.assertIn("Building the dashboard", self.run_page())

    def test_without_node_all_else_runs_and_it_is_said(self):
        self.put_away()
        words = self.run_page(PATH=self.program("node", "echo v16.20.2"))
        self.assertRegex(words, r"needs Node\.js 18 or newer.*Going on without it")
        self.assertNotIn("#login=", words)
        self.assertIn("healthy", self.shell("ask health"))

    def test_a_build_that_fails_is_said_with_its_words(self):
        self.put_away()
        words = self.run_page(PATH=self.program("node", "[ $1 = --version ] && echo v18.19.0 || { echo no space left; exit 1; }"))
        self.assertIn("no space left", words)
        self.assertRegex(words, "could not be built. Going on without it")

    def test_with_listen_the_link_is_for_other_machines(self):
        address, login = self.link(self.run_page("--listen", "0.0.0.0"))
        self.assertEqual(http(address)[0], 200)
        self.assertTrue(self.logs_in(login))


class Ports(Scripts):
    def refused(self, offset):
        """Occupies a port and gives what scripts/run says about it."""
        with socket.socket() as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind(("127.0.0.1", self.base + offset))
            taken.listen()
            answer = self.script("run", *self.options("--detach"))
        self.assertNotEqual(answer.returncode, 0)
        self.assertEqual(self.pids(), {})
        who = "%s (pid %d)" % (pathlib.Path("/proc/self/comm").read_text().strip(), os.getpid())
        self.assertIn("Port %d" % (self.base + offset), answer.stdout)
        self.assertIn(who, answer.stdout)
        self.assertIn("--port-base", answer.stdout)
        return answer.stdout

    def test_mqtt_port_taken(self):
        words = self.refused(0)
        self.assertIn("(MQTT)", words)
        self.assertIn("--broker", words)

    def test_rpc_port_taken(self):
        self.assertIn("(InfluxDB's RPC)", self.refused(5))


class Stop(Scripts):
    def test_a_pid_that_now_belongs_to_another_is_left_alone(self):
        other = subprocess.Popen(["sleep", "100"])
        self.addCleanup(other.wait)
        self.addCleanup(other.kill)
        run = self.state / "run"
        run.mkdir()
        boot = pathlib.Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        (run / "writer.pid").write_text("%d\n" % other.pid)
        (run / "writer.start").write_text("%s 12345\n" % boot)
        answer = self.script("stop", "--state", self.state)
        self.assertEqual(answer.returncode, 0, answer.stdout)
        self.assertIn("Nothing was running", answer.stdout)
        self.assertTrue(alive(other.pid))


class Install(unittest.TestCase):
    """Packages are installed without their services being started. apt-get is a
    stand-in that writes down what invoke-rc.d would be told at that moment."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hearthline-install-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.policy = self.folder / "policy-rc.d"
        self.seen = self.folder / "seen"

    def install(self, apt_get_code=0):
        programs = self.folder / "bin"
        programs.mkdir()
        self.program(programs / "sudo", 'exec "$@"')
        self.program(programs / "apt-get", 'code=none; [ ! -e "%s" ] || { "%s"; code=$?; }\n'
                     'echo "$* $code" >>"%s"\nexit %d' % (self.policy, self.policy, self.seen, apt_get_code))
        return subprocess.run(
            ["bash", "-euc", 'source scripts/lib/say.sh; source scripts/lib/install.sh; packages_install "$@"',
             "install", self.policy, "mosquitto", "influxdb"], cwd=ROOT, stdin=subprocess.DEVNULL,
            env={**os.environ, "PATH": "%s:%s" % (programs, os.environ["PATH"])}, timeout=30).returncode

    @staticmethod
    def program(path, text):
        path.write_text("#!/bin/sh\n%s\n" % text)
        path.chmod(0o755)

    def test_services_are_forbidden_meanwhile_and_allowed_afterwards(self):
        self.assertEqual(self.install(), 0)
        lines = self.seen.read_text().splitlines()
        self.assertTrue(any(line.startswith("install") and "mosquitto influxdb" in line for line in lines), lines)
        self.assertTrue(all(line.endswith(" 101") for line in lines), lines)
        self.assertFalse(self.policy.exists())

    def test_a_failed_installation_leaves_no_policy(self):
        self.assertNotEqual(self.install(apt_get_code=100), 0)
        self.assertIn(" 101", self.seen.read_text())
        self.assertFalse(self.policy.exists())

    def test_a_policy_that_was_there_stays(self):
        self.program(self.policy, "exit 0")
        text = self.policy.read_text()
        self.assertEqual(self.install(), 0)
        self.assertEqual(self.policy.read_text(), text)
