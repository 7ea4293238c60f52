"""Znodes: what can be done to them, what refuses it, and what the server tells about them."""

from harness import case, connected, fails, main

from kazoo.exceptions import (
    BadArgumentsError,
    BadVersionError,
    NoChildrenForEphemeralsError,
    NoNodeError,
    NodeExistsError,
    NotEmptyError,
    RolledBackError,
    RuntimeInconsistency,
)


@case
def a_znode_lives_and_changes(hosts, root):
    with connected(hosts) as client:
        path = root + "/a"
        assert client.exists(path) is None
        assert client.create(path, b"one") == path
        data, stat = client.get(path)
        assert data == b"one"
        assert stat.version == stat.cversion == stat.aversion == 0
        assert stat.czxid == stat.mzxid == stat.pzxid
        assert stat.ctime == stat.mtime
        assert stat.dataLength == 3 and stat.numChildren == 0 and stat.ephemeralOwner == 0
        changed = client.set(path, b"three")
        assert changed.version == 1 and changed.mzxid > changed.czxid and changed.dataLength == 5
        assert client.get(path)[0] == b"three"
        assert client.exists(path) == changed
        assert client.get_children(root) == ["a"]
        client.delete(path)
        assert client.exists(path) is None
        assert client.get_children(root) == []


@case
def data_may_be_empty_or_large(hosts, root):
    with connected(hosts) as client:
        client.create(root + "/empty", b"")
        assert client.get(root + "/empty")[0] == b""
        large = bytes(range(256)) * 3800
        client.create(root + "/large", large)
        assert client.get(root + "/large")[0] == large


@case
def names_may_be_any_script(hosts, root):
    with connected(hosts) as client:
        for name in ["Zürich", "東京", "a b", "…", "ключ"]:
            client.create(f"{root}/{name}", name.encode())
            assert client.get(f"{root}/{name}")[0] == name.encode()
        assert len(client.get_children(root)) == 5


@case
def errors_have_their_classes(hosts, root):
    with connected(hosts) as client:
        path, missing = root + "/a", root + "/missing"
        client.create(path, b"")
        fails(NodeExistsError, client.create, path)
        fails(NoNodeError, client.create, missing + "/child")
        fails(NoNodeError, client.get, missing)
        fails(NoNodeError, client.set, missing, b"")
        fails(NoNodeError, client.delete, missing)
        fails(NoNodeError, client.get_children, missing)
        fails(NoNodeError, client.get_acls, missing)
        fails(BadVersionError, client.set, path, b"", version=7)
        fails(BadVersionError, client.delete, path, version=7)
        client.create(path + "/child")
        fails(NotEmptyError, client.delete, path)
        # The version is looked at before the children are.
        fails(BadVersionError, client.delete, path, version=7)
        client.create(root + "/ephemeral", ephemeral=True)
        fails(NoChildrenForEphemeralsError, client.create, root + "/ephemeral/child")
        for built_in in ["/", "/zookeeper", "/zookeeper/quota"]:
            fails(BadArgumentsError, client.delete, built_in)


@case
def versions_guard_writes(hosts, root):
    with connected(hosts) as client:
        path = root + "/a"
        client.create(path, b"0")
        for version in range(3):
            assert client.set(path, b"x", version=version).version == version + 1
        fails(BadVersionError, client.set, path, b"late", version=1)
        assert client.get(path)[0] == b"x"
        client.delete(path, version=3)
        client.create(path)
        assert client.exists(path).version == 0, "a new znode begins anew"


@case
def children_are_counted(hosts, root):
    with connected(hosts) as client:
        for name in ["a", "b", "c"]:
            client.create(f"{root}/{name}", name.encode())
        children, stat = client.get_children(root, include_data=True)
        assert sorted(children) == ["a", "b", "c"]
        assert stat.numChildren == 3 and stat.cversion == 3 and stat.version == 0
        before = stat.pzxid
        client.delete(root + "/b")
        _, stat = client.get_children(root, include_data=True)
        assert stat.numChildren == 2
        assert stat.cversion == 4, "deletes count as well"
        assert stat.pzxid > before, "and move pzxid"
        client.set(root + "/a", b"new")
        assert client.exists(root).pzxid == stat.pzxid, "writes to a child do not"


@case
def sequence_numbers_grow(hosts, root):
    with connected(hosts) as client:
        assert client.create(root + "/n-", sequence=True) == root + "/n-0000000000"
        assert client.create(root + "/n-", sequence=True) == root + "/n-0000000001"
        assert client.create(root + "/other-", sequence=True) == root + "/other-0000000002"
        client.create(root + "/plain")
        # The number is that of creates below the parent; plain ones count, deletes do not.
        assert client.create(root + "/n-", sequence=True) == root + "/n-0000000004"
        client.delete(root + "/n-0000000004")
        assert client.create(root + "/n-", sequence=True) == root + "/n-0000000005"
        # A failed create takes none.
        fails(NodeExistsError, client.create, root + "/plain")
        assert client.create(root + "/n-", sequence=True) == root + "/n-0000000006"
        # A name of nothing but the number.
        assert client.create(root + "/", sequence=True) == root + "/0000000007"


@case
def two_sessions_never_get_the_same_number(hosts, root):
    with connected(hosts) as one, connected(hosts) as other:
        calls = [client.create_async(root + "/n-", sequence=True) for _ in range(100) for client in (one, other)]
        paths = [call.get(timeout=10) for call in calls]
        assert len(set(paths)) == 200
        assert sorted(paths)[-1] == root + "/n-0000000199"
        assert paths[0::2] == sorted(paths[0::2]), "answers come in the order of the questions"


@case
def ephemerals_go_with_their_session(hosts, root):
    with connected(hosts) as observer:
        with connected(hosts) as owner:
            owner.create(root + "/e", b"me", ephemeral=True)
            numbered = owner.create(root + "/e-", ephemeral=True, sequence=True)
            assert numbered == root + "/e-0000000001"
            assert observer.exists(root + "/e").ephemeralOwner == owner.client_id[0]
            # Anyone may delete it.
            observer.delete(numbered)
        assert observer.exists(root + "/e") is None, "close was answered, so it is gone"
        assert observer.get_children(root) == []


@case
def a_recursive_delete_takes_all(hosts, root):
    with connected(hosts) as client:
        client.ensure_path(root + "/a/b/c")
        client.create(root + "/a/b/d")
        client.delete(root + "/a", recursive=True)
        assert client.get_children(root) == []


@case
def a_transaction_happens_as_one(hosts, root):
    with connected(hosts) as client:
        client.create(root + "/a", b"old")
        client.create(root + "/b")
        transaction = client.transaction()
        transaction.check(root + "/a", version=0)
        transaction.create(root + "/new", b"data")
        # Later parts see what earlier parts did.
        transaction.create(root + "/new/child-", sequence=True)
        transaction.create(root + "/new/child-", sequence=True)
        transaction.set_data(root + "/a", b"changed", version=0)
        transaction.delete(root + "/b")
        checked, new, first, second, changed, deleted = transaction.commit()
        assert checked is True and deleted is True
        assert new == root + "/new"
        assert [first, second] == [root + "/new/child-0000000000", root + "/new/child-0000000001"]
        assert changed.version == 1
        assert client.exists(root + "/b") is None
        stat = client.exists(root + "/new")
        assert stat.czxid == changed.mzxid == client.exists(first).czxid, "one transaction, one zxid"


@case
def a_transaction_that_fails_leaves_nothing(hosts, root):
    with connected(hosts) as client:
        client.create(root + "/a", b"old")
        transaction = client.transaction()
        transaction.create(root + "/n-", sequence=True)
        transaction.set_data(root + "/a", b"changed")
        transaction.check(root + "/a", version=0)
        transaction.delete(root + "/missing")
        results = transaction.commit()
        kinds = [type(result) for result in results]
        assert kinds == [RolledBackError, RolledBackError, BadVersionError, RuntimeInconsistency], kinds
        assert client.get(root + "/a")[0] == b"old" and client.get_children(root) == ["a"]
        # Nor has it taken a sequence number.
        assert client.create(root + "/n-", sequence=True) == root + "/n-0000000001"


@case
def requests_in_flight_keep_their_order(hosts, root):
    with connected(hosts) as client:
        client.create(root + "/a", b"")
        calls = []
        for number in range(100):
            calls.append(client.set_async(root + "/a", str(number).encode()))
            calls.append(client.get_async(root + "/a"))
        for number in range(100):
            assert calls[2 * number].get(timeout=10).version == number + 1
            assert calls[2 * number + 1].get(timeout=10)[0] == str(number).encode(), "a read sees the write before it"


@case
def a_synced_reader_sees_what_another_wrote(hosts, root):
    with connected(hosts) as writer, connected(hosts) as reader:
        for number in range(20):
            writer.create(f"{root}/{number}")
            assert reader.sync(root) == root
            assert reader.exists(f"{root}/{number}")


if __name__ == "__main__":
    main()
