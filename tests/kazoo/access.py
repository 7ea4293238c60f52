"""Who may do what, under which roof (chroot), and which server it is."""

from harness import MODE, case, connected, eventually, fails, main

from kazoo.exceptions import AuthFailedError, BadVersionError, InvalidACLError, NoAuthError
from kazoo.security import (
    CREATOR_ALL_ACL,
    OPEN_ACL_UNSAFE,
    READ_ACL_UNSAFE,
    Permissions,
    make_acl,
    make_digest_acl,
    make_digest_acl_credential,
)


@case
def only_who_knows_the_password_may(hosts, root):
    path = root + "/secret"
    acl = make_digest_acl("alice", "opens", all=True)
    with connected(hosts) as stranger, connected(hosts, auth_data=[("digest", "alice:opens")]) as alice:
        alice.create(path, b"42", acl=[acl])
        alice.create(path + "/child", b"", acl=[acl])
        assert alice.get(path)[0] == b"42"
        fails(NoAuthError, stranger.get, path)
        fails(NoAuthError, stranger.set, path, b"")
        fails(NoAuthError, stranger.get_children, path)
        fails(NoAuthError, stranger.create, path + "/x")
        fails(NoAuthError, stranger.delete, path + "/child")
        fails(NoAuthError, stranger.set_acls, path, OPEN_ACL_UNSAFE)
        fails(NoAuthError, stranger.get_acls, path)
        assert stranger.exists(path), "whether it is there, anybody may know"
        # Deletion is the parent's permission, and the parent is open.
        stranger.add_auth("digest", "alice:wrong")
        fails(NoAuthError, stranger.get, path)
        stranger.add_auth("digest", "alice:opens")
        assert stranger.get(path)[0] == b"42"
        alice.delete(path, recursive=True)


@case
def a_creator_is_written_down_by_name(hosts, root):
    with connected(hosts) as client:
        fails(InvalidACLError, client.create, root + "/a", acl=CREATOR_ALL_ACL)
        client.add_auth("digest", "bob:builds")
        client.create(root + "/a", acl=CREATOR_ALL_ACL)
        (acl,), stat = client.get_acls(root + "/a")
        assert acl.id.scheme == "digest" and acl.perms == Permissions.ALL
        assert acl.id.id == "bob:" + make_digest_acl_credential("bob", "builds").split(":")[1]
        assert stat.aversion == 0
        client.delete(root + "/a")


@case
def lists_of_permissions_have_versions(hosts, root):
    path = root + "/a"
    with connected(hosts) as client:
        client.create(path, b"1")
        stat = client.set_acls(path, READ_ACL_UNSAFE, version=0)
        assert stat.aversion == 1 and stat.version == 0
        assert client.get(path)[0] == b"1"
        fails(NoAuthError, client.set, path, b"2")
        acls, _ = client.get_acls(path)
        assert acls == READ_ACL_UNSAFE
        fails(NoAuthError, client.set_acls, path, OPEN_ACL_UNSAFE, version=1)
        client.create(root + "/b")
        fails(BadVersionError, client.set_acls, root + "/b", OPEN_ACL_UNSAFE, version=5)
        fails(InvalidACLError, client.set_acls, root + "/b", [make_acl("nonsense", "x", all=True)])


@case
def an_address_may_be_enough(hosts, root):
    with connected(hosts) as client:
        client.create(root + "/here", b"1", acl=[make_acl("ip", "127.0.0.0/8", read=True)])
        assert client.get(root + "/here")[0] == b"1"
        fails(NoAuthError, client.set, root + "/here", b"2")
        client.create(root + "/elsewhere", b"1", acl=[make_acl("ip", "10.1.2.3", all=True)])
        fails(NoAuthError, client.get, root + "/elsewhere")


@case
def an_unknown_way_to_prove_oneself_fails(hosts, root):
    with connected(hosts) as client:
        fails(AuthFailedError, client.add_auth, "nonsense", "x:y")


@case
def a_chroot_is_a_root_of_its_own(hosts, root):
    with connected(hosts) as outside, connected(hosts + root) as inside:
        events = []
        assert inside.get_children("/") == []
        assert inside.create("/a", b"1") == "/a"
        assert outside.get(root + "/a")[0] == b"1"
        assert inside.create("/n-", sequence=True) == "/n-0000000001"
        assert sorted(inside.get_children("/")) == ["a", "n-0000000001"]
        inside.get("/a", watch=events.append)
        outside.set(root + "/a", b"2")
        assert inside.get("/a")[0] == b"2"
        inside.sync("/")
        # It came before the answers, but kazoo hands it over in a thread of its own.
        eventually("the event of the watch", lambda: events)
        assert [event.path for event in events] == ["/a"]
        transaction = inside.transaction()
        transaction.create("/b")
        assert transaction.commit() == ["/b"]
        assert outside.exists(root + "/b")


@case
def the_server_says_what_it_is(hosts, root):
    with connected(hosts) as client:
        version = client.server_version()
        assert version >= (3, 5), version
        assert client.command(b"ruok").strip() == "imok"
        assert client.command(b"isro").strip() == "rw"
        assert f"\nMode: {MODE}\n" in client.command(b"srvr")
        assert "zk_znode_count" in client.command(b"mntr")


if __name__ == "__main__":
    main()
