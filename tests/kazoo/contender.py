"""Stands for election, leads, and resigns when told to. Usage: contender.py HOSTS PATH NAME SESSION_SECONDS"""

import sys

from kazoo.client import KazooClient

hosts, path, name, session = sys.argv[1:]
client = KazooClient(hosts=hosts, timeout=float(session))
client.start()


def lead():
    print(f"{name} leads", flush=True)
    assert sys.stdin.readline().strip() == "resign"


print(f"{name} stands", flush=True)
client.Election(path, name).run(lead)
print(f"{name} resigned", flush=True)
client.stop()
client.close()
