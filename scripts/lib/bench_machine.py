"""What the processors of this machine did, and for whom."""
import os
import pathlib
import resource

TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def process_cpu_s(pid):
    """User and system time of a process with all its threads."""
    fields = pathlib.Path("/proc/%d/stat" % pid).read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICK_S


def machine_s():
    """How long the machine's processors have worked, and how long they were there, in seconds."""
    fields = [int(word) for word in pathlib.Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) * TICK_S, sum(fields) * TICK_S


class Others:
    """The share of the machine that goes to work that is not ours: of this process, its children that
    have ended, and the running `processes`."""

    def __init__(self, *processes):
        self.processes, self.before = processes, (0, 0)
        self.percent()

    def percent(self):
        """Since the call before."""
        worked, there = machine_s()
        ended = sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        running = sum(process_cpu_s(one.child.pid) for one in self.processes if one.running())
        now = (worked - ended - running, there)
        before, self.before = self.before, now
        return max(0, 100 * (now[0] - before[0]) / max(now[1] - before[1], TICK_S))
