"""Runs the end-to-end tests: all of them, or those whose name holds a word given.

One line a test on standard output, "ok NAME" or "not ok NAME", which scripts/test
counts. Each test has a hard limit of time: what takes longer is a failure, and
the servers it started are ended like after any other failure.
"""
import os
import pathlib
import signal
import sys
import time
import unittest

LIMIT_S = 1200 if os.environ.get("HEARTHLINE_SIZE") == "full" else 180


class Overtime(BaseException):
    """Not an Exception, so that no `except` of a test or of `until` takes it for its own."""


def overtime(_signal, _frame):
    raise Overtime("longer than %d s" % LIMIT_S)


def tests_of(suite):
    for one in suite:
        if isinstance(one, unittest.TestSuite):
            yield from tests_of(one)
        else:
            yield one


def run_one(test, name):
    """Runs one test under the limit; True when it passed."""
    result = unittest.TestResult()
    began = time.monotonic()
    signal.alarm(LIMIT_S)
    try:
        test.run(result) # takes Overtime for an error of the test, and cleans up
    finally:
        signal.alarm(0)
    faults = [words for _, words in result.failures + result.errors]
    if result.skipped or result.expectedFailures or not result.testsRun:
        faults.append("it did not run; no test may be skipped")
    print("%s e2e/%s (%.1f s)" % ("not ok" if faults else "ok", name, time.monotonic() - began), flush=True)
    for words in faults:
        print("    " + words.strip().replace("\n", "\n    "), flush=True)
    return not faults


def main():
    signal.signal(signal.SIGALRM, overtime)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = str(pathlib.Path(__file__).parent)
    words = sys.argv[1:]
    count = failed = 0
    for test in tests_of(unittest.defaultTestLoader.discover(folder, top_level_dir=folder)):
        name = test.id()
        if words and not any(word in name for word in words):
            continue
        count += 1
        failed += not run_one(test, name)
    return 1 if failed or not count else 0


if __name__ == "__main__":
    sys.exit(main())
