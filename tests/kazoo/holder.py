"""Holds an ephemeral znode and does nothing else, until it is killed. Usage: holder.py HOSTS PATH SESSION_SECONDS"""

import sys
import time

from kazoo.client import KazooClient

hosts, path, session = sys.argv[1:]
client = KazooClient(hosts=hosts, timeout=float(session))
client.start()
client.create(path, ephemeral=True)
# What was granted, in milliseconds: kazoo puts it where the wish was, and has no public name for it.
print(client._session_timeout, flush=True)
time.sleep(60)
