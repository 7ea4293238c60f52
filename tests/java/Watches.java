import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.Watcher.WatcherType;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;

/** Watches of all kinds, and taking them back. */
final class Watches {
    private Watches() {}

    /** Whatever was to be told is told before the answer to this. */
    private static void settle(ZooKeeper client) throws Exception {
        client.exists("/", false);
    }

    static void aDataWatchFiresOnce(Bed bed) throws Exception {
        String path = bed.create("/a");
        Events events = new Events();
        bed.zk().getData(path, events, null);
        bed.zk().getData(path, events, null);
        bed.zk().setData(path, null, -1);
        bed.zk().setData(path, null, -1);
        events.expect("NodeDataChanged " + path);
        settle(bed.zk());
        events.expectNoMore();
    }

    static void existsWatchesWhatIsNotThere(Bed bed) throws Exception {
        Events events = new Events();
        String path = bed.path("/a");
        bed.zk().exists(path, events);
        bed.create("/a");
        events.expect("NodeCreated " + path);
        bed.zk().exists(path, events);
        bed.zk().delete(path, -1);
        events.expect("NodeDeleted " + path);
        Bed.fails(Code.NONODE, () -> bed.zk().getData(path, events, null));
        bed.create("/a");
        settle(bed.zk());
        events.expectNoMore();
    }

    static void aChildWatchFiresOnce(Bed bed) throws Exception {
        String path = bed.create("/a");
        Events events = new Events();
        bed.zk().getChildren(path, events);
        bed.zk().setData(path, null, -1);
        bed.create("/a/b");
        bed.create("/a/c");
        events.expect("NodeChildrenChanged " + path);
        bed.zk().getChildren(path, events);
        bed.create("/a/b/grandchild");
        bed.zk().delete(bed.path("/a/c"), -1);
        events.expect("NodeChildrenChanged " + path);
        settle(bed.zk());
        events.expectNoMore();
    }

    static void aDeletionIsToldOnce(Bed bed) throws Exception {
        String path = bed.create("/a");
        Events events = new Events();
        bed.zk().getData(path, events, null);
        bed.zk().exists(path, events);
        bed.zk().getChildren(path, events);
        bed.zk().delete(path, -1);
        events.expect("NodeDeleted " + path);
        settle(bed.zk());
        events.expectNoMore();
    }

    static void theWatcherOfTheClientIsTheDefault(Bed bed) throws Exception {
        Events events = new Events();
        ZooKeeper client = bed.connect(events);
        String path = bed.create("/a");
        client.getData(path, true, null);
        bed.zk().setData(path, null, -1);
        events.expect("NodeDataChanged " + path);
    }

    static void theEndOfASessionIsTold(Bed bed) throws Exception {
        ZooKeeper other = bed.connect(new Events());
        other.create(bed.path("/a"), null, Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
        Events events = new Events();
        bed.zk().exists(bed.path("/a"), events);
        bed.zk().getChildren(bed.path(""), events);
        other.close();
        events.expectAll("NodeDeleted " + bed.path("/a"), "NodeChildrenChanged " + bed.path(""));
    }

    static void anEventComesBeforeTheNewState(Bed bed) throws Exception {
        String path = bed.create("/a");
        ZooKeeper writer = bed.connect(new Events());
        for (int version = 0; version < 20; version++) {
            Events events = new Events();
            bed.zk().getData(path, events, null);
            int next = version + 1;
            writer.setData(path, null, version);
            Bed.eventually("the new version", () -> bed.zk().exists(path, false).getVersion() == next);
            events.expect("NodeDataChanged " + path);
        }
    }

    static void aPersistentWatchStays(Bed bed) throws Exception {
        String path = bed.create("/a");
        Events events = new Events();
        bed.zk().addWatch(path, events, AddWatchMode.PERSISTENT);
        bed.zk().setData(path, null, -1);
        bed.create("/a/b");
        bed.create("/a/b/c");
        bed.zk().setData(bed.path("/a/b"), null, -1);
        bed.zk().delete(bed.path("/a/b/c"), -1);
        bed.zk().delete(bed.path("/a/b"), -1);
        bed.zk().delete(path, -1);
        bed.create("/a");
        String children = "NodeChildrenChanged " + path;
        events.expect("NodeDataChanged " + path, children, children, "NodeDeleted " + path, "NodeCreated " + path);
        settle(bed.zk());
        events.expectNoMore();
    }

    static void aRecursiveWatchSeesAllBelow(Bed bed) throws Exception {
        String path = bed.path("/a");
        Events events = new Events();
        bed.zk().addWatch(path, events, AddWatchMode.PERSISTENT_RECURSIVE);
        bed.create("/a");
        bed.create("/ab");
        bed.create("/a/b");
        bed.create("/a/b/c");
        bed.zk().setData(bed.path("/a/b/c"), null, -1);
        bed.zk().delete(bed.path("/a/b/c"), -1);
        bed.zk().setData(path, null, -1);
        events.expect("NodeCreated " + path, "NodeCreated " + path + "/b", "NodeCreated " + path + "/b/c",
                "NodeDataChanged " + path + "/b/c", "NodeDeleted " + path + "/b/c", "NodeDataChanged " + path);
        settle(bed.zk());
        events.expectNoMore();
    }

    static void oneShotsAndPersistentOnesLiveSideBySide(Bed bed) throws Exception {
        String path = bed.create("/a");
        Events once = new Events();
        Events always = new Events();
        Events below = new Events();
        bed.zk().addWatch(path, always, AddWatchMode.PERSISTENT);
        bed.zk().addWatch(bed.path(""), below, AddWatchMode.PERSISTENT_RECURSIVE);
        bed.zk().getData(path, once, null);
        bed.zk().setData(path, null, -1);
        bed.zk().setData(path, null, -1);
        once.expect("NodeDataChanged " + path);
        always.expect("NodeDataChanged " + path, "NodeDataChanged " + path);
        below.expect("NodeDataChanged " + path, "NodeDataChanged " + path);
        settle(bed.zk());
        once.expectNoMore();
    }

    static void eachKindCanBeTakenBack(Bed bed) throws Exception {
        String path = bed.create("/a");
        Events data = new Events();
        Events children = new Events();
        Events persistent = new Events();
        Events recursive = new Events();
        bed.zk().getData(path, data, null);
        bed.zk().getChildren(path, children);
        bed.zk().addWatch(path, persistent, AddWatchMode.PERSISTENT);
        bed.zk().addWatch(bed.path(""), recursive, AddWatchMode.PERSISTENT_RECURSIVE);
        bed.zk().removeWatches(path, data, WatcherType.Data, false);
        data.expect("DataWatchRemoved " + path);
        bed.zk().removeWatches(path, children, WatcherType.Children, false);
        children.expect("ChildWatchRemoved " + path);
        bed.zk().removeWatches(path, persistent, WatcherType.Any, false);
        persistent.expect("PersistentWatchRemoved " + path);
        bed.zk().removeWatches(bed.path(""), recursive, WatcherType.Any, false);
        recursive.expect("PersistentWatchRemoved " + bed.path(""));
        bed.zk().setData(path, null, -1);
        bed.create("/a/b");
        settle(bed.zk());
        for (Events events : new Events[] {data, children, persistent, recursive}) {
            events.expectNoMore();
        }
    }

    static void takingBackOneWatchLeavesTheOthers(Bed bed) throws Exception {
        String path = bed.create("/a");
        Events data = new Events();
        Events children = new Events();
        Events second = new Events();
        bed.zk().getData(path, data, null);
        bed.zk().getData(path, second, null);
        bed.zk().getChildren(path, children);
        bed.zk().removeWatches(path, data, WatcherType.Data, false);
        data.expect("DataWatchRemoved " + path);
        bed.zk().setData(path, null, -1);
        bed.create("/a/b");
        second.expect("NodeDataChanged " + path);
        children.expect("NodeChildrenChanged " + path);
        data.expectNoMore();
    }

    static void allOfThemCanBeTakenBack(Bed bed) throws Exception {
        String path = bed.create("/a");
        Events one = new Events();
        Events two = new Events();
        bed.zk().getData(path, one, null);
        bed.zk().getChildren(path, one);
        bed.zk().exists(path, two);
        bed.zk().removeAllWatches(path, WatcherType.Any, false);
        one.expectAll("DataWatchRemoved " + path, "ChildWatchRemoved " + path);
        two.expect("DataWatchRemoved " + path);
        bed.zk().setData(path, null, -1);
        settle(bed.zk());
        one.expectNoMore();
        two.expectNoMore();
    }

    static void whatWasNotWatchedCannotBeTakenBack(Bed bed) throws Exception {
        String path = bed.create("/a");
        Events events = new Events();
        Bed.fails(Code.NOWATCHER, () -> bed.zk().removeWatches(path, events, WatcherType.Any, false));
        Bed.fails(Code.NOWATCHER, () -> bed.zk().removeAllWatches(path, WatcherType.Any, false));
        bed.zk().getData(path, events, null);
        Bed.fails(Code.NOWATCHER, () -> bed.zk().removeWatches(path, events, WatcherType.Children, false));
        Bed.fails(Code.NOWATCHER, () -> bed.zk().removeWatches(path, new Events(), WatcherType.Data, false));
    }

    static void aWatchCanBeForgottenWithoutTheServer(Bed bed) throws Exception {
        String path = bed.create("/a");
        Events events = new Events();
        Relay relay = bed.relay();
        Events states = new Events();
        ZooKeeper client = bed.connect(relay.address(), Bed.LONG, states);
        client.getData(path, events, null);
        relay.cut();
        states.await(KeeperState.Disconnected);
        Bed.fails(Code.CONNECTIONLOSS, () -> client.removeWatches(path, events, WatcherType.Data, false));
        client.removeWatches(path, events, WatcherType.Data, true);
        events.expect("DataWatchRemoved " + path);
        relay.mend();
        states.await(KeeperState.SyncConnected);
        bed.zk().setData(path, null, -1);
        client.sync(path, (code, at, context) -> {}, null);
        settle(client);
        events.expectNoMore();
    }
}
