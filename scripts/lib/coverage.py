"""Line coverage by room, from gcovr; fails below the least that is accepted.

The main.c files only open, run and close what the other files hold; the
end-to-end tests run them in the release build, so they are not counted here.
"""
import collections
import json
import subprocess
import sys

ROOMS = ("base", "bus", "influx", "schemas", "writer")
LEAST_PERCENT = 85.0


def main():
    answer = subprocess.run(
        ["gcovr", "--root", ".", "--object-directory", sys.argv[1],
         "--filter", "(%s)/" % "|".join(ROOMS), "--exclude", ".*/main\\.c",
         "--json-summary", "-", sys.argv[1]],
        check=True, stdout=subprocess.PIPE)
    lines = collections.Counter()
    covered = collections.Counter()
    for file in json.loads(answer.stdout)["files"]:
        room = file["filename"].split("/")[0]
        lines[room] += file["line_total"]
        covered[room] += file["line_covered"]
    for room in ROOMS:
        print("    %-8s %5.1f %% of %d lines" % (room, percent(covered[room], lines[room]), lines[room]))
    total = percent(sum(covered.values()), sum(lines.values()))
    good = total >= LEAST_PERCENT
    print("%s line coverage %.1f %% (at least %.0f %%)" % ("ok" if good else "not ok", total, LEAST_PERCENT))
    return 0 if good else 1


def percent(part, whole):
    return 100.0 * part / whole if whole else 0.0


if __name__ == "__main__":
    sys.exit(main())
