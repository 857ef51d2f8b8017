"""What README.md tells people to type about asking, typed."""
import json
import re
import unittest

from house import ROOT, House, until
from test_scripts import Scripts


def section(name):
    return (ROOT / "README.md").read_text().split("\n## %s\n" % name)[1].split("\n## ")[0]


def indented(text):
    """The lines of the first indented block."""
    lines = text.splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("    "))
    block = []
    for line in lines[first:]:
        if not line.startswith("    "):
            break
        block.append(line.strip())
    return block


class Ask(Scripts):
    def test_each_line_is_answered(self):
        self.run_detached("--no-demo")
        self.shell("pub hearthline/readings/kitchen/temperature 21.5")
        until(lambda: self.influx("SELECT temperature FROM device_metrics"), 20, "the reading")
        lines = indented(section("Ask"))
        self.assertGreaterEqual(len(lines), 6)
        for line in lines:
            with self.subTest(line):
                command, watches = re.subn(r"^hearthline watch\b", "hearthline watch --once", line)
                answer = self.shell("export XDG_CONFIG_HOME=$HEARTHLINE_STATE/clients; " + command)
                if watches:
                    self.assertRegex(answer, r"query +online")
                elif "mosquitto" in line:
                    self.assertIn("total_events", json.loads(answer)["metrics"])
                self.assertTrue(answer.strip())


class Standing(unittest.TestCase):
    def test_home_assistant_s_sensor_finds_its_figure(self):
        hearthline, sensor = re.findall(r"```yaml\n(.*?)```", section("Ask"), re.DOTALL)
        topic = re.search(r"state_topic: (\S+)", sensor)[1]
        path = re.search(r"\{\{ value_json\.(\S+) \}\}", sensor)[1].split(".")
        with House(query=hearthline.split("query:\n")[1]) as house:
            (heard, payload), = house.listen(topic, 1, 20).take()
            self.assertEqual(heard, topic)
            answer = json.loads(payload)
            for key in path:
                self.assertIn(key, answer)
                answer = answer[key]
            self.assertNotIsInstance(answer, (dict, list), "one figure")


if __name__ == "__main__":
    unittest.main()
