"""The dashboard's part of scripts/bench: bench/dashboard.mjs measures, in headless Chromium."""
import json
import subprocess

import house
from bench_machine import Others
from bench_rows import row

PROGRAMS = ("hearthline-writer", "hearthline-query")
SIZES = {"full": {"loads": 7, "flood_s": 60}, "quick": {"loads": 3, "flood_s": 15}}


class DashboardBench:
    def __init__(self, size):
        self.size, self.others = SIZES[size], Others()

    def dashboard(self):
        subprocess.run(["bash", "-euc", "root=$PWD; source scripts/lib/page.sh; page_build $PWD/build/dashboard"],
                       cwd=house.ROOT, check=True, stdout=subprocess.DEVNULL)
        with subprocess.Popen(["node", "bench/dashboard.mjs", json.dumps(self.size)], cwd=house.ROOT, text=True,
                              stdout=subprocess.PIPE) as child:
            for line in child.stdout:
                one = json.loads(line)
                yield row(one.pop("name"), one.pop("ours"), None, one.pop("unit"), **one)
        if child.returncode != 0:
            raise RuntimeError("bench/dashboard.mjs ended with %d" % child.returncode)

    def close(self):
        pass
