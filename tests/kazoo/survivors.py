"""Three clients, each of which begins at another server, write for as long as they are told to, whatever is killed.

Usage: survivors.py HOSTS SESSION_SECONDS

Says `writing` once all three have got something done, and stops when it gets a line. Then it checks, at each server on
its own, that all is there which was acknowledged, that nothing happened twice, and that every session is the one it was.
The last line is a JSON object with what was counted.
"""

import json
import sys
import threading
import time

from harness import connected, eventually

from kazoo.client import KazooState
from kazoo.exceptions import BadVersionError, ConnectionLoss, NodeExistsError, OperationTimeoutError

SERVERS = sys.argv[1].split(",")
SESSION = float(sys.argv[2])

# kazoo asks a server that is not there ever less often; here the next leader is never far.
PATIENT = {"max_tries": -1, "delay": 0.02, "backoff": 1, "max_jitter": 0.2}


class Writer(threading.Thread):
    """Counts upwards in one znode and creates numbered ones, each write conditional on those before it."""

    def __init__(self, number):
        super().__init__(daemon=True)
        # Whenever it has to choose again it begins with its own server.
        hosts = ",".join(SERVERS[number:] + SERVERS[:number])
        self.context = connected(hosts, timeout=SESSION, connection_retry=PATIENT, randomize_hosts=False)
        self.client = self.context.__enter__()
        self.session = self.client.client_id
        self.own = f"/owned-{number}"
        self.path = f"/counter-{number}"
        self.client.create(self.own, ephemeral=True)
        self.client.create(self.path, b"0")
        self.version = 0
        self.acknowledged = 0
        self.unacknowledged = 0
        self.suspended = 0
        self.lost = 0
        self.through = {}
        self.is_over = False
        self.failure = None
        self.client.add_listener(self.hear)

    def hear(self, state):
        self.suspended += state == KazooState.SUSPENDED
        self.lost += state == KazooState.LOST

    def run(self):
        try:
            while not self.is_over:
                self.write()
        except Exception as failure:
            self.failure = repr(failure)

    def write(self):
        child, following = f"{self.path}/{self.version:08d}", str(self.version + 1).encode()
        server = self.server()
        self.once(NodeExistsError, lambda: self.client.create(child, b"x"))
        self.once(BadVersionError, lambda: self.client.set(self.path, following, version=self.version))
        self.version += 1
        self.through[server] = self.through.get(server, 0) + 1

    def once(self, done, call):
        """Makes a call that can only succeed once, until it has; `done` says that it had, unacknowledged."""
        is_first = True
        while True:
            try:
                call()
                self.acknowledged += 1
                return
            except (ConnectionLoss, OperationTimeoutError):
                is_first = False
                time.sleep(0.01)
            except done:
                assert not is_first, f"{call} had happened before it was asked for"
                self.unacknowledged += 1
                return

    def server(self):
        """The port of the server it is connected to; kazoo has no public name for it."""
        try:
            return self.client._connection._socket.getpeername()[1]
        except (AttributeError, OSError):
            return None


def check(server, writers):
    """All of it is there, and no more than may be."""
    with connected(server, timeout=SESSION) as reader:
        reader.sync("/")
        for writer in writers:
            data, stat = reader.get(writer.path)
            assert (data, stat.version) == (str(writer.version).encode(), writer.version), (server, data, stat)
            children = sorted(reader.get_children(writer.path))
            assert children == [f"{number:08d}" for number in range(writer.version)], (server, writer.path)
            owned = reader.exists(writer.own)
            assert owned and owned.ephemeralOwner == writer.session[0], (server, writer.own, owned)


writers = [Writer(number) for number in range(3)]
for writer in writers:
    writer.start()
for writer in writers:
    eventually("something done", lambda: writer.acknowledged > 10 or writer.failure, within=10)
print("writing", flush=True)
assert sys.stdin.readline()
for writer in writers:
    writer.is_over = True
for writer in writers:
    writer.join(timeout=20)
    assert not writer.is_alive() and writer.failure is None, writer.failure
    assert writer.lost == 0 and writer.client.client_id == writer.session, "the session is the one it was"
for server in SERVERS:
    check(server, writers)
counted = ("acknowledged", "unacknowledged", "suspended")
total = {name: sum(getattr(writer, name) for writer in writers) for name in counted}
ports = [int(server.rsplit(":", 1)[1]) for server in SERVERS]
through = [sum(writer.through.get(port, 0) for writer in writers) for port in ports]
least = min(writer.acknowledged for writer in writers)
for writer in writers:
    writer.context.__exit__(None, None, None)
with connected(SERVERS[0]) as reader:
    reader.sync("/")
    assert [reader.exists(writer.own) for writer in writers] == [None] * 3, "closed, so it is gone"
print(json.dumps({**total, "through": through, "least": least}), flush=True)
