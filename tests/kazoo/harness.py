"""What every script here needs: cases that are run one after the other, clients, and waiting with a deadline.

A script knows nothing about which server it talks to, but for its place in an ensemble: the same one runs against
Interregnum and Apache ZooKeeper.
"""

import contextlib
import logging
import os
import subprocess
import sys
import time
import traceback

from kazoo.client import KazooClient
from kazoo.exceptions import NoNodeError

# kazoo reports every lost connection; here most of them are lost on purpose.
logging.basicConfig(level=logging.CRITICAL)

# What the server is: `standalone`, or its place in an ensemble.
MODE = os.environ.get("MODE", "standalone")

HERE = __file__.rsplit("/", 1)[0]

CASES = []


def case(function):
    """Marks a function as a case. It gets the address of the server and a path that is its own."""
    CASES.append(function)
    return function


@contextlib.contextmanager
def connected(hosts, **options):
    """A client with a session of its own, closed at the end."""
    client = KazooClient(hosts=hosts, **options)
    client.start(timeout=10)
    try:
        yield client
    finally:
        client.stop()
        client.close()


def eventually(what, probe, within=5.0):
    """Waits until the probe gives something true, and gives that and the seconds it took."""
    began = time.monotonic()
    while True:
        value = probe()
        took = time.monotonic() - began
        if value:
            return value, took
        assert took < within, f"not within {within} s: {what}"
        time.sleep(0.01)


def fails(error, call, *arguments, **options):
    """The call must raise exactly this class of error."""
    try:
        value = call(*arguments, **options)
    except Exception as raised:
        assert type(raised) is error, f"{error.__name__} was expected, {type(raised).__name__} came: {raised}"
        return raised
    raise AssertionError(f"{error.__name__} was expected, {value!r} came")


class Companion:
    """A script of this directory in a process of its own, which speaks in lines."""

    def __init__(self, script, *arguments):
        self.process = subprocess.Popen(
            [sys.executable, f"{HERE}/{script}", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def hears(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def says(self):
        """The next line it prints; waits for it."""
        line = self.process.stdout.readline()
        assert line, f"{self.process.args[1]} ended with {self.process.wait()} and said nothing"
        return line.strip()

    def kill(self):
        """SIGKILL: it closes nothing and says goodbye to nobody."""
        self.process.kill()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()


def main():
    """Runs the cases of the script. Usage: SCRIPT HOSTS [NAME…]. Exits with 1 if one of them failed."""
    hosts, chosen = sys.argv[1], sys.argv[2:]
    failed = 0
    for function in CASES:
        name = function.__name__
        if chosen and name not in chosen:
            continue
        root = f"/conformance-{MODE}-{name.replace('_', '-')}"
        with connected(hosts) as cleaner:
            with contextlib.suppress(NoNodeError):
                cleaner.delete(root, recursive=True)
            cleaner.create(root)
        began = time.monotonic()
        try:
            function(hosts, root)
            print(f"ok      {name} ({time.monotonic() - began:.2f} s)", flush=True)
        except Exception:
            failed += 1
            print(f"FAILED  {name}\n{traceback.format_exc()}", flush=True)
    sys.exit(1 if failed else 0)
