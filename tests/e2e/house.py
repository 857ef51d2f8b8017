"""A whole house on free ports in a temporary folder: mosquitto with this
repository's mosquitto.conf, InfluxDB and the writer, as real processes.

Everything that is started here is ended by its process id, when the house is
closed and at the latest when the program ends. Nothing sleeps for a fixed time:
`until` polls.
"""
import atexit
import base64
import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Another build than what people run is for the coverage, which a process writes when it ends by itself.
BUILD = pathlib.Path(os.environ.get("HEARTHLINE_BUILD", ROOT / "build" / "release"))
DATABASE = "home_assistant_events"


def free_ports(count):
    """Ports on which nobody listened a moment ago."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def free_port_base():
    """The first of six neighbouring free ports, below those the kernel gives out."""
    for base in range(24000 + os.getpid() % 700 * 10, 32000, 10):
        try:
            with contextlib.ExitStack() as stack:
                for port in range(base, base + 6):
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
                return base
        except OSError:
            continue
    raise RuntimeError("no six free ports in a row")


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


def until(what, seconds=15, words=""):
    """Calls `what` until it gives something true, and gives that back."""
    deadline = time.monotonic() + seconds
    while True:
        result = what()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError("not within %d s: %s (last answer: %r)" % (seconds, words or what, result))
        time.sleep(0.05)


def alive(pid):
    """Whether the process runs; one that ended and was not waited for does not."""
    try:
        stat = pathlib.Path("/proc/%d/stat" % pid).read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def anonymous_kb(pid):
    """The memory of a process that no file stands behind."""
    for line in pathlib.Path("/proc/%d/status" % pid).read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1])
    raise RuntimeError("no RssAnon of process %d" % pid)


def http(url, form=None, user=None, seconds=10, body=None):
    """Status and body of a request; a form or a body makes it a POST."""
    request = urllib.request.Request(url, data=urllib.parse.urlencode(form).encode() if form else body)
    if user:
        request.add_header("Authorization", "Basic " + base64.b64encode(":".join(user).encode()).decode())
    try:
        with urllib.request.urlopen(request, timeout=seconds) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except OSError:
        return 0, b""


def influx_rows(url, statement, user=None, database=DATABASE):
    """The rows of an InfluxQL statement as dictionaries, times in ns; tags of a GROUP BY included."""
    status, body = http(url + "/query", {"db": database, "q": statement, "epoch": "ns"}, user)
    if status != 200:
        raise AssertionError("InfluxDB answered %s to %s: %s" % (status, statement, body.decode(errors="replace")))
    rows = []
    for result in json.loads(body)["results"]:
        if "error" in result:
            raise AssertionError("InfluxDB refused %s: %s" % (statement, result["error"]))
        for series in result.get("series", []):
            for values in series["values"]:
                rows.append({**series.get("tags", {}), **dict(zip(series["columns"], values))})
    return rows


def metrics(url):
    """Prometheus text as {"name{labels}": value}."""
    status, body = http(url)
    if status != 200:
        return {}
    lines = (line for line in body.decode().splitlines() if line and not line.startswith("#"))
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


class Process:
    """One child with its log; its descendants are its own business."""

    def __init__(self, name, folder):
        self.name, self.log_path, self.child = name, folder / (name + ".log"), None

    def start(self, *command, env=None):
        with open(self.log_path, "ab") as log:
            self.child = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL,
                                          stdout=log, stderr=log, env=env)

    @contextlib.contextmanager
    def frozen(self):
        """Stops it as a whole while the block lasts. The signal alone leaves threads that run for a moment more."""
        self.child.send_signal(signal.SIGSTOP)
        threads = pathlib.Path("/proc/%d/task" % self.child.pid)
        until(lambda: all((thread / "stat").read_text().rpartition(")")[2].split()[0] == "T"
                          for thread in threads.iterdir()), 5, self.name + " to stand still")
        try:
            yield
        finally:
            self.child.send_signal(signal.SIGCONT)

    def running(self):
        return self.child is not None and self.child.poll() is None

    def end(self, how=signal.SIGTERM, seconds=20):
        """Sends the signal and waits; gives the exit code."""
        if self.child is None:
            return None
        if self.child.poll() is None:
            self.child.send_signal(how)
        try:
            code = self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
            raise AssertionError("%s did not end within %d s of %s" % (self.name, seconds, how.name))
        self.child = None
        return code

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""


class House:
    """`with House() as house:` gives a house in which everything is ready.

    `sources` and `writer` are YAML: lines of `sources:` and further keys of `writer:`; `journal` are
    the keys of `writer.journal` but for its path. `wrap` is put before the writer's command. With
    `query` (further keys of `query:`, "" for none) the query service runs too; `top` are further
    sections of the configuration. The alerts' rules look each `round_ms`. `page` is the folder of a
    built dashboard, which the websocket listener then serves.
    """

    def __init__(self, sources="", writer="", start=True, journal="max_bytes: 64 MiB", wrap=(), query=None,
                 top="", round_ms=500, page=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hearthline-e2e-"))
        ports = free_ports(6)
        self.mqtt_port, self.ws_port, self.influx_port, self.rpc_port, self.metrics_port, self.query_port = ports
        self.influx_url = "http://127.0.0.1:%d" % self.influx_port
        self.metrics_url = "http://127.0.0.1:%d/metrics" % self.metrics_port
        self.mosquitto = Process("mosquitto", self.folder)
        self.influxd = Process("influxd", self.folder)
        self.writer = Process("writer", self.folder)
        self.query_service = Process("query", self.folder)
        self.query_url = "http://127.0.0.1:%d/metrics" % self.query_port
        self.listeners, self.journal, self.wrap = [], journal, [str(word) for word in wrap]
        self.has_query, self.round_ms, self.page = query is not None, round_ms, page
        atexit.register(self.close)
        self._configure(sources, writer, query or "", top)
        if start:
            try:
                self.start()
            except BaseException:
                self.show_logs()
                self.close()
                raise

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind is not None:
            self.show_logs()
        self.close()

    # --- configuration ---------------------------------------------------------

    def _configure(self, sources, writer, query, top):
        conf = (ROOT / "mosquitto.conf").read_text()
        for old, new in (
                ("listener 1883 ", "listener %d " % self.mqtt_port),
                ("listener 9001 ", "listener %d " % self.ws_port),
                ("persistence_location var/mosquitto/", "persistence_location %s/" % self.folder),
                ("password_file var/mosquitto/passwords", "password_file %s/passwords" % self.folder),
                ("acl_file mosquitto.acl", "acl_file %s" % (ROOT / "mosquitto.acl")),
                ("http_dir build/dashboard", "http_dir %s" % self.page if self.page else "")):
            assert old in conf, "mosquitto.conf has no line with %r" % old
            conf = conf.replace(old, new)
        if os.geteuid() == 0:
            conf += "user root\n"
        (self.folder / "mosquitto.conf").write_text(conf)
        (self.folder / "passwords").write_text("")
        (self.folder / "influxdb.conf").write_text(INFLUXDB_CONF.format(house=self))
        (self.folder / "hearthline.yaml").write_text(HEARTHLINE_YAML.format(
            house=self, database=DATABASE, writer=writer, query=query, top=top,
            sources=("  sources:\n" + sources) if sources else ""))

    # --- processes -------------------------------------------------------------

    def start(self):
        self.start_mosquitto()
        self.start_influxd()
        self.start_writer()
        if self.has_query:
            self.start_query()

    def start_mosquitto(self):
        path = shutil.which("mosquitto", path=os.environ["PATH"] + ":/usr/sbin")
        self.mosquitto.start(path, "-c", self.folder / "mosquitto.conf")
        self._ready(self.mosquitto, lambda: answers(self.mqtt_port) and answers(self.ws_port))

    def start_influxd(self):
        self.influxd.start("influxd", "run", "-config", self.folder / "influxdb.conf")
        self._ready(self.influxd, lambda: http(self.influx_url + "/ping")[0] == 204)

    def launch_writer(self, **more_env):
        """Does not wait for anything."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("INFLUX")}
        self.writer.start(*self.wrap, BUILD / "hearthline-writer", "--config",
                          self.folder / "hearthline.yaml", env={**env, **more_env})

    def clock_ahead(self, seconds):
        """What to give start_writer for a writer whose wall clock is so far ahead."""
        shim = self.folder / "clock_ahead.so"
        if not shim.exists():
            subprocess.run(["cc", "-shared", "-fPIC", "-D_GNU_SOURCE", "-o", shim,
                            ROOT / "tests" / "e2e" / "clock_ahead.c", "-ldl"], check=True, timeout=60)
        return {"LD_PRELOAD": str(shim), "HEARTHLINE_TEST_AHEAD_S": str(seconds)}

    def start_writer(self, **more_env):
        """Until the writer has its subscriptions and has said so."""
        self.launch_writer(**more_env)
        self._ready(self.writer, lambda: self.health().get("broker") == "up" and
                    self.status().get("state") == "online")

    def launch_query(self, **more_env):
        """Does not wait for anything."""
        env = {name: value for name, value in os.environ.items() if "INFLUX" not in name}
        self.query_service.start(BUILD / "hearthline-query", "--config", self.folder / "hearthline.yaml",
                                 env={**env, "HEARTHLINE_TEST_ROUND_MS": str(self.round_ms), **more_env})

    def start_query(self, **more_env):
        """Until the query service takes requests."""
        self.launch_query(**more_env)
        self._ready(self.query_service, lambda: self.query_health().get("broker") == "up")

    def query_health(self):
        body = http(self.query_url.replace("/metrics", "/healthz"))[1]
        return json.loads(body) if body else {}

    def query_metrics(self):
        return metrics(self.query_url)

    def health(self):
        body = http(self.metrics_url.replace("/metrics", "/healthz"))[1]
        return json.loads(body) if body else {}

    def load(self, *options):
        """hearthline-load in the background; `.end_well()` waits until all is acknowledged."""
        load = Load(self, options)
        self.listeners.append(load)
        return load

    def settled(self, seconds=60):
        """Waits until all that was journaled is stored; gives the metrics."""
        def done():
            now = self.metrics()
            return now if now and now["hearthline_messages_pending"] == 0 and \
                now["hearthline_points_pending"] == 0 else None
        return until(done, seconds, "everything to be stored")

    def _ready(self, process, ready):
        until(lambda: ready() or not process.running(), 30, process.name + " to become ready")
        if not process.running():
            raise AssertionError("%s ended right after its start" % process.name)

    def status(self, service="writer"):
        heard = self.hear("hearthline/services/%s/status" % service, 1, seconds=1)
        return json.loads(heard[0][1]) if heard and heard[0][1] else {}

    def show_logs(self):
        for process in (self.writer, self.query_service, self.mosquitto, self.influxd):
            lines = process.log().splitlines()[-30:]
            print("--- the end of %s's log" % process.name, *lines, sep="\n    ", file=sys.stderr)

    def close(self):
        if "HEARTHLINE_BUILD" in os.environ:
            for process in (self.query_service, self.writer):
                with contextlib.suppress(AssertionError):
                    process.end(signal.SIGTERM)
        for process in (*self.listeners, self.query_service, self.writer, self.mosquitto, self.influxd):
            with contextlib.suppress(AssertionError):
                process.end(signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)
        atexit.unregister(self.close)

    # --- the bus -----------------------------------------------------------------

    def publish(self, topic, *payloads, qos=1, retain=False):
        """Text payloads, each a message, over one connection, in order; bytes go one by one."""
        common = ["mosquitto_pub", "-h", "127.0.0.1", "-p", str(self.mqtt_port), "-q", str(qos), "-t", topic]
        if retain:
            common.append("-r")
        for payload in (p for p in payloads if isinstance(p, bytes)):
            how = "-s" if payload else "-n"
            subprocess.run([*common, how], input=payload, check=True, timeout=30)
        lines = [p for p in payloads if isinstance(p, str)]
        assert not any("\n" in line for line in lines), "a payload with a line end must be bytes"
        if lines:
            subprocess.run([*common, "-l"], input="".join(line + "\n" for line in lines).encode(),
                           check=True, timeout=120)

    def hear(self, topic, count, seconds=10):
        """Up to `count` messages as (topic, payload); fewer when the time is up."""
        return self.listen(topic, count, seconds).take()

    def listen(self, topic, count, seconds=10):
        """Subscribes now; `.take()` on the answer waits for the messages."""
        listener = Listener(self, topic, count, seconds)
        self.listeners.append(listener)
        return listener

    # --- what became of it ---------------------------------------------------------

    def query(self, statement):
        return influx_rows(self.influx_url, statement)

    def keep_a_day(self):
        """From here on InfluxDB refuses points that are more than a day old."""
        self.query("ALTER RETENTION POLICY autogen ON %s DURATION 24h SHARD DURATION 1h" % DATABASE)

    def store(self, *lines):
        """Lines into InfluxDB, past the writer, in the database that it has made."""
        status, body = http(self.influx_url + "/write?db=" + DATABASE, body="\n".join(lines).encode())
        assert status == 204, body

    def rows(self, statement, count, seconds=15):
        """Waits until the statement gives `count` rows (or more) and gives them."""
        def enough():
            try:
                found = self.query(statement)
            except AssertionError:
                return None # the database is made by the writer
            return found if len(found) >= count else None
        return until(enough, seconds, "%d rows for %s" % (count, statement))

    def metrics(self):
        return metrics(self.metrics_url)


class Listener(Process):
    """mosquitto_sub, whose subscription stands when the object is made."""

    def __init__(self, house, topic, count, seconds):
        super().__init__("listener-%d" % len(house.listeners), house.folder)
        self.start("stdbuf", "-oL", "mosquitto_sub", "-d", "-h", "127.0.0.1", "-p", house.mqtt_port,
                   "-q", 1, "-t", topic, "-C", count, "-W", seconds, "-F", "heard %t %x")
        until(lambda: "Subscribed" in self.log() or not self.running(), 10, "a subscription to " + topic)

    def take(self):
        self.child.wait()
        return self.heard()

    def heard(self):
        """What came so far."""
        return [(topic, bytes.fromhex(payload)) for line in self.log().splitlines()
                if line.startswith("heard ") for _, topic, payload in [line.split(" ", 2)]]


class Load(Process):
    """hearthline-load, numbered messages at QoS 1."""

    def __init__(self, house, options):
        super().__init__("load-%d" % len(house.listeners), house.folder)
        self.start(BUILD / "hearthline-load", "--host", "127.0.0.1", "--port", house.mqtt_port,
                   "--json-report", *options)

    def end_well(self, seconds=120):
        code = self.child.wait(seconds)
        if code != 0:
            raise AssertionError("hearthline-load ended with %d: %s" % (code, self.log()))
        return json.loads(self.log().splitlines()[-1])


INFLUXDB_CONF = """\
reporting-disabled = true
bind-address = "127.0.0.1:{house.rpc_port}"
[meta]
  dir = "{house.folder}/influxdb/meta"
[data]
  dir = "{house.folder}/influxdb/data"
  wal-dir = "{house.folder}/influxdb/wal"
  query-log-enabled = false
[http]
  bind-address = "127.0.0.1:{house.influx_port}"
  log-enabled = false
[monitor]
  store-enabled = false
"""

HEARTHLINE_YAML = """\
broker:
  url: mqtt://127.0.0.1:{house.mqtt_port}
influxdb:
  url: {house.influx_url}
  database: {database}
writer:
  client_id: hearthline-writer
  metrics_address: 127.0.0.1:{house.metrics_port}
  journal: {{ path: journal, {house.journal} }}
{writer}{sources}query:
  metrics_address: 127.0.0.1:{house.query_port}
{query}{top}"""
