"""Over TLS: who is known by a certificate, and what lists make of it.

Usage: secure.py HOSTS TRUSTED ALICE BOB, the last two each a PEM file with a key and its certificates.
"""

import sys

from harness import fails

from kazoo.client import KazooClient
from kazoo.exceptions import NoAuthError
from kazoo.security import CREATOR_ALL_ACL, Permissions
from kazoo.security import ACL, Id


def client(hosts, trusted, identity):
    client = KazooClient(
        hosts=hosts, use_ssl=True, ca=trusted, certfile=identity, keyfile=identity, verify_certs=True
    )
    client.start(timeout=20)
    return client


def main():
    hosts, trusted, *identities = sys.argv[1:]
    alice, bob = (client(hosts, trusted, identity) for identity in identities)
    alice.create("/of-alice", b"42", acl=CREATOR_ALL_ACL)
    assert bob.exists("/of-alice"), "whether it is there, anybody may know"
    fails(NoAuthError, bob.get, "/of-alice")
    assert alice.get_acls("/of-alice")[0][0].id == Id("x509", "CN=alice,O=Org")
    alice.create("/of-bob", b"43", acl=[ACL(Permissions.READ, Id("x509", "CN=bob,O=Org"))])
    assert bob.get("/of-bob")[0] == b"43"
    fails(NoAuthError, bob.set, "/of-bob", b"")
    fails(NoAuthError, alice.get, "/of-bob")
    seen = []
    bob.DataWatch("/watched", lambda data, stat: seen.append(data))
    alice.create("/watched", b"x" * 500_000)
    assert bob.get("/watched")[0] == b"x" * 500_000
    assert seen[0] is None
    for one in (alice, bob):
        one.stop()
        one.close()
    print("ok      lists_know_certificates", flush=True)


main()
