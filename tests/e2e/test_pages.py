"""The examples of docs/sources.md and docs/data-model.md, each through `hearthline explain` with the entries of
writer.sources that stand in the sections; and that each decoder and each measurement has one."""
import collections
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from house import BUILD, ROOT

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ROLLUPS = {"ingest_rollup", "ingest_rollup_5m", "service_metrics_5m"} # made of many messages, shown by no example


def page(name):
    return (ROOT / "docs" / (name + ".md")).read_text(encoding="utf-8")


def sections(text):
    """Name and text of each section of the second level."""
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


def examples(text):
    """(topic, payload, what becomes of it)"""
    for _, block in BLOCK.findall(text):
        head, arrow, outcome = block.partition("\n=>\n")
        if arrow:
            yield (*head.split("\n", 1), outcome)


def configuration():
    """All entries; those that take a whole tree come last, as they would take what belongs to the others."""
    entries = []
    for _, block in BLOCK.findall(page("sources")):
        if block.startswith("writer:\n  sources:\n"):
            entries += re.findall(r"^    - .*\n(?:      .*\n)*", block, re.MULTILINE)
    entries.sort(key=lambda entry: '/#"' in entry.split("filter:")[1].split("\n")[0])
    return "writer:\n  sources:\n" + "".join(entries)


def items(outcome):
    """What a page says: lines of line protocol, which may have line ends in quotes, refusals and facts."""
    made, rest = [], ""
    for line in outcome.splitlines():
        rest += line
        if len(re.findall(r'(?<!\\)"', rest)) % 2 and not rest.startswith("rejected"):
            rest += "\n"
            continue
        made.append(re.sub(r"^rejected (\w+).*", r"rejected \1", rest))
        rest = ""
    return made


def explained(output):
    """The same of what the command says."""
    made = []
    for line in output.splitlines():
        kind, _, rest = line.partition(" ")
        rest = rest.strip().replace("\\x0a", "\n")
        if kind == "line":
            made.append(rest)
        elif kind == "rejected":
            made.append("rejected " + rest.partition(":")[0])
        elif kind == "ignored":
            made.append("ignored")
        elif kind == "fact":
            made.append("fact " + rest)
    return made


def without_time(line):
    return re.sub(r" -?\d+$", "", line)


class Pages(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="hearthline-pages-")
        self.addCleanup(self.folder.cleanup)
        self.config = pathlib.Path(self.folder.name) / "hearthline.yaml"
        self.config.write_text(configuration(), encoding="utf-8")

    def command(self, *arguments, payload=""):
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("HEARTHLINE", "INFLUX"))}
        done = subprocess.run([BUILD / "hearthline", *arguments], input=payload.encode(), env=environment,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.folder.name, timeout=30)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return done.stdout.decode()

    def check_examples(self, name, leave_out):
        measurements = set()
        for topic, payload, outcome in examples(page(name)):
            with self.subTest(page=name, topic=topic, payload=payload):
                output = self.command("explain", "--config", self.config, "--topic", topic, "--payload", "-", payload=payload)
                self.assertNotIn("source    none", output)
                got = [item for item in explained(output) if not item.startswith(leave_out)]
                due = items(outcome)
                timed = {without_time(item) for item in due if without_time(item) != item}
                got = [item if without_time(item) in timed else without_time(item) for item in got]
                if "fact " not in outcome: # where facts are not the subject they go without saying
                    got = [item for item in got if not item.startswith("fact ")]
                self.assertEqual(collections.Counter(got), collections.Counter(due), output)
                measurements |= {re.split(r"[, ]", item)[0] for item in due if "=" in item}
        return measurements

    def test_every_example_is_what_explain_says(self):
        self.assertEqual(self.command("check", self.config), "ok\n")
        made = self.check_examples("sources", ("entities,",)) | self.check_examples("data-model", ("none of them",))
        table = sections(page("data-model"))["Measurements"]
        named = set(re.findall(r"`(\w+)`", " ".join(row.split("|")[1] for row in table.splitlines() if row.startswith("| `"))))
        self.assertEqual(named - made, ROLLUPS)

    def test_every_decoder_has_its_entry_and_an_example(self):
        text = page("sources")
        decoders = re.findall(r"^\| `(\w+)` \| .*\| .*\|$", text.split("## What holds for all")[0], re.MULTILINE)
        self.assertGreaterEqual(len(decoders), 15)
        for decoder in decoders:
            with self.subTest(decoder):
                section = sections(text)[decoder]
                self.assertRegex(section, r"(?m)^    - .*decoder: %s\b" % decoder)
                self.assertTrue(list(examples(section)))


if __name__ == "__main__":
    unittest.main()
