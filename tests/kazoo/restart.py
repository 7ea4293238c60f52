"""A session outlives a restart of the server. Usage: restart.py HOSTS

Says `ready` when the server may be restarted, and expects a line when that has begun.
"""

import queue
import sys

from harness import connected

from kazoo.client import KazooState

hosts = sys.argv[1]
# kazoo asks a server that is not there ever less often; a restart here takes a second.
patient = {"max_tries": -1, "delay": 0.05, "backoff": 1}
with connected(hosts, timeout=5, connection_retry=patient) as client:
    states = queue.Queue()
    client.add_listener(states.put)
    session = client.client_id
    client.create("/persistent", b"stays")
    numbered = client.create("/numbered-", sequence=True)
    client.create("/ephemeral", b"mine", ephemeral=True)
    client.set("/persistent", b"stays and changes")
    before = client.exists("/persistent"), client.exists("/ephemeral")
    print("ready", flush=True)
    assert sys.stdin.readline().strip() == "restarted"
    assert states.get(timeout=10) == KazooState.SUSPENDED
    assert states.get(timeout=10) == KazooState.CONNECTED, "not LOST: the session lives on"
    assert client.client_id == session
    assert client.get("/persistent")[0] == b"stays and changes"
    assert (client.exists("/persistent"), client.exists("/ephemeral")) == before
    assert before[1].ephemeralOwner == session[0]
    assert client.create("/numbered-", sequence=True) > numbered
    after = client.exists(client.create("/later"))
    assert after.czxid > before[1].czxid, "the order goes on where it was"
with connected(hosts) as client:
    assert client.exists("/ephemeral") is None, "the session was closed, so it is gone"
    assert client.exists("/persistent")
print("ok", flush=True)
