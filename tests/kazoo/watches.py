"""Watches: one event each; and kazoo's two watching recipes.

That an event comes before the new data cannot be seen through kazoo, whose callbacks and answers run on different
threads: `serving.rs` looks at the frames themselves.
"""

import queue

from harness import case, connected, fails, main

from kazoo.exceptions import NoNodeError
from kazoo.protocol.states import EventType


def nothing_more(events):
    """Nothing is left in the queue. A round trip was made before, so an event would have come."""
    try:
        raise AssertionError(f"one event too many: {events.get_nowait()}")
    except queue.Empty:
        pass


def next_event(events):
    event = events.get(timeout=5)
    return event.type, event.path


@case
def a_data_watch_fires_once(hosts, root):
    with connected(hosts) as watcher, connected(hosts) as writer:
        events = queue.Queue()
        watcher.create(root + "/a", b"")
        watcher.get(root + "/a", watch=events.put)
        writer.set(root + "/a", b"1")
        assert next_event(events) == (EventType.CHANGED, root + "/a")
        writer.set(root + "/a", b"2")
        watcher.sync(root)
        nothing_more(events)
        watcher.get(root + "/a", watch=events.put)
        writer.delete(root + "/a")
        assert next_event(events) == (EventType.DELETED, root + "/a")


@case
def an_exists_watch_waits_for_the_znode(hosts, root):
    with connected(hosts) as watcher, connected(hosts) as writer:
        events = queue.Queue()
        assert watcher.exists(root + "/a", watch=events.put) is None
        # It watches that path, not its neighbours.
        writer.create(root + "/b")
        writer.create(root + "/a")
        assert next_event(events) == (EventType.CREATED, root + "/a")
        assert watcher.exists(root + "/a", watch=events.put)
        writer.set(root + "/a", b"1")
        assert next_event(events) == (EventType.CHANGED, root + "/a")


@case
def a_read_that_fails_sets_no_watch(hosts, root):
    with connected(hosts) as watcher, connected(hosts) as writer:
        events = queue.Queue()
        fails(NoNodeError, watcher.get, root + "/a", watch=events.put)
        fails(NoNodeError, watcher.get_children, root + "/a", watch=events.put)
        writer.create(root + "/a")
        writer.create(root + "/a/b")
        watcher.sync(root)
        nothing_more(events)


@case
def a_child_watch_sees_children_come_and_go(hosts, root):
    with connected(hosts) as watcher, connected(hosts) as writer:
        events = queue.Queue()
        for change in (
            lambda: writer.create(root + "/a", b""),
            lambda: writer.delete(root + "/a"),
            lambda: writer.create(root + "/b", ephemeral=True),
        ):
            watcher.get_children(root, watch=events.put)
            change()
            assert next_event(events) == (EventType.CHILD, root)
        watcher.get_children(root, watch=events.put)
        # Data does not count, neither the parent's nor a child's, nor a grandchild.
        writer.set(root, b"1")
        watcher.sync(root)
        nothing_more(events)
        writer.stop()
        assert next_event(events) == (EventType.CHILD, root), "an ephemeral that goes with its session counts"


@case
def the_deletion_of_the_parent_ends_a_child_watch(hosts, root):
    with connected(hosts) as watcher, connected(hosts) as writer:
        events = queue.Queue()
        watcher.create(root + "/a")
        watcher.get_children(root + "/a", watch=events.put)
        writer.delete(root + "/a")
        assert next_event(events) == (EventType.DELETED, root + "/a")


@case
def watches_fire_for_every_part_of_a_transaction(hosts, root):
    with connected(hosts) as watcher, connected(hosts) as writer:
        events = queue.Queue()
        watcher.create(root + "/a", b"")
        watcher.get(root + "/a", watch=events.put)
        watcher.exists(root + "/b", watch=events.put)
        transaction = writer.transaction()
        transaction.set_data(root + "/a", b"1")
        transaction.create(root + "/b")
        transaction.commit()
        assert next_event(events) == (EventType.CHANGED, root + "/a")
        assert next_event(events) == (EventType.CREATED, root + "/b")


@case
def the_data_watch_recipe_follows_a_znode(hosts, root):
    with connected(hosts) as watcher, connected(hosts) as writer:
        seen = queue.Queue()
        path = root + "/a"
        watcher.DataWatch(path)(lambda data, stat: seen.put(data))
        assert seen.get(timeout=5) is None
        writer.create(path, b"0")
        assert seen.get(timeout=5) == b"0"
        for number in range(1, 10):
            writer.set(path, str(number).encode())
            assert seen.get(timeout=5) == str(number).encode()
        writer.delete(path)
        assert seen.get(timeout=5) is None
        writer.create(path, b"back")
        assert seen.get(timeout=5) == b"back"


@case
def the_children_watch_recipe_follows_a_directory(hosts, root):
    with connected(hosts) as watcher, connected(hosts) as writer:
        seen = queue.Queue()
        watcher.ChildrenWatch(root)(lambda children: seen.put(sorted(children)))
        assert seen.get(timeout=5) == []
        writer.create(root + "/a")
        assert seen.get(timeout=5) == ["a"]
        writer.create(root + "/b")
        assert seen.get(timeout=5) == ["a", "b"]
        writer.delete(root + "/a")
        assert seen.get(timeout=5) == ["b"]


if __name__ == "__main__":
    main()
