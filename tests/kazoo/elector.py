"""Takes part in an election again and again, as told by lines. Usage: elector.py HOSTS PATH NAME SESSION_SECONDS

It says `NAME stands`, `NAME leads` and `NAME resigned`. Told `resign`, it hands over and stands again; told `contenders`, it
prints whom it sees in line, the first one first, as a JSON list.
"""

import json
import sys
import threading

from kazoo.client import KazooClient

hosts, path, name, session = sys.argv[1:]
client = KazooClient(hosts=hosts, timeout=float(session))
client.start()
election = client.Election(path, name)
resign = threading.Event()


def say(line):
    print(line, flush=True)


def lead():
    say(f"{name} leads")
    resign.wait()


def stand():
    while True:
        say(f"{name} stands")
        resign.clear()
        election.run(lead)
        say(f"{name} resigned")


threading.Thread(target=stand, daemon=True).start()
for line in sys.stdin:
    match line.strip():
        case "resign":
            resign.set()
        case "contenders":
            say(json.dumps(client.Election(path, name).contenders()))
        case other:
            sys.exit(f"nobody knows what `{other}` means")
