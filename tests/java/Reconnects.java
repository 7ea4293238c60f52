import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;

/** A connection that is lost and found: the session goes on, and so do its watches. */
final class Reconnects {
    private Reconnects() {}

    /** A client that can be cut off. */
    private record Client(Relay relay, Events states, ZooKeeper zk) {
        static Client of(Bed bed) throws Exception {
            Relay relay = bed.relay();
            Events states = new Events();
            return new Client(relay, states, bed.connect(relay.address(), Bed.LONG, states));
        }

        void leave() throws Exception {
            relay.cut();
            states.await(KeeperState.Disconnected);
        }

        void comeBack() throws Exception {
            relay.mend();
            states.await(KeeperState.SyncConnected);
        }
    }

    static void aSessionOutlivesItsConnection(Bed bed) throws Exception {
        Client client = Client.of(bed);
        long session = client.zk.getSessionId();
        byte[] password = client.zk.getSessionPasswd();
        client.zk.create(bed.path("/a"), null, Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
        for (int round = 0; round < 3; round++) {
            client.leave();
            client.comeBack();
        }
        Bed.same(session, client.zk.getSessionId(), "the session");
        Bed.same(password, client.zk.getSessionPasswd(), "its password");
        Bed.same(session, bed.zk().exists(bed.path("/a"), false).getEphemeralOwner(), "its node");
    }

    static void oneShotsAreToldWhatTheyMissed(Bed bed) throws Exception {
        for (String name : new String[] {"/changed", "/deleted", "/parent", "/gone"}) {
            bed.create(name);
        }
        Client client = Client.of(bed);
        Events events = new Events();
        client.zk.getData(bed.path("/changed"), events, null);
        client.zk.getData(bed.path("/deleted"), events, null);
        client.zk.exists(bed.path("/created"), events);
        client.zk.getChildren(bed.path("/parent"), events);
        client.zk.getChildren(bed.path("/gone"), events);
        client.leave();
        bed.zk().setData(bed.path("/changed"), null, -1);
        bed.zk().delete(bed.path("/deleted"), -1);
        bed.create("/created");
        bed.create("/parent/child");
        bed.zk().delete(bed.path("/gone"), -1);
        client.comeBack();
        events.expectAll("NodeDataChanged " + bed.path("/changed"), "NodeDeleted " + bed.path("/deleted"),
                "NodeCreated " + bed.path("/created"), "NodeChildrenChanged " + bed.path("/parent"), "NodeDeleted " + bed.path("/gone"));
    }

    static void oneShotsThatMissedNothingStay(Bed bed) throws Exception {
        bed.create("/a");
        Client client = Client.of(bed);
        Events events = new Events();
        client.zk.getData(bed.path("/a"), events, null);
        client.zk.exists(bed.path("/b"), events);
        client.zk.getChildren(bed.path("/a"), events);
        client.leave();
        client.comeBack();
        client.zk.exists("/", false);
        events.expectNoMore();
        bed.zk().setData(bed.path("/a"), null, -1);
        bed.create("/a/child");
        bed.create("/b");
        events.expect("NodeDataChanged " + bed.path("/a"), "NodeChildrenChanged " + bed.path("/a"), "NodeCreated " + bed.path("/b"));
    }

    static void persistentWatchesStayButMissWhatWas(Bed bed) throws Exception {
        bed.create("/a");
        Client client = Client.of(bed);
        Events persistent = new Events();
        Events recursive = new Events();
        client.zk.addWatch(bed.path("/a"), persistent, AddWatchMode.PERSISTENT);
        client.zk.addWatch(bed.path(""), recursive, AddWatchMode.PERSISTENT_RECURSIVE);
        client.leave();
        bed.zk().setData(bed.path("/a"), null, -1);
        client.comeBack();
        client.zk.exists("/", false);
        persistent.expectNoMore();
        recursive.expectNoMore();
        bed.zk().setData(bed.path("/a"), null, -1);
        bed.create("/a/child");
        persistent.expect("NodeDataChanged " + bed.path("/a"), "NodeChildrenChanged " + bed.path("/a"));
        recursive.expect("NodeDataChanged " + bed.path("/a"), "NodeCreated " + bed.path("/a/child"));
    }

    static void manyWatchesAreSetAgain(Bed bed) throws Exception {
        // More than fit into one request: the client sends batches of 128 KiB.
        int count = 1_500;
        String padding = "x".repeat(100);
        Client client = Client.of(bed);
        Events events = new Events();
        for (int index = 0; index < count; index++) {
            client.zk.exists(bed.path("/" + padding + index), events, (code, at, context, stat) -> {}, null);
        }
        client.zk.exists("/", false);
        client.leave();
        bed.create("/" + padding + 0);
        client.comeBack();
        events.expect("NodeCreated " + bed.path("/" + padding + 0));
        bed.create("/" + padding + (count - 1));
        events.expect("NodeCreated " + bed.path("/" + padding + (count - 1)));
    }

    static void authenticationIsGivenAgain(Bed bed) throws Exception {
        Client client = Client.of(bed);
        client.zk.addAuthInfo("digest", "anna:secret".getBytes());
        client.zk.create(bed.path("/a"), "data".getBytes(), Ids.CREATOR_ALL_ACL, CreateMode.PERSISTENT);
        client.leave();
        client.comeBack();
        Bed.same("data".getBytes(), client.zk.getData(bed.path("/a"), false, null), "the data");
    }

    static void aClientUnderAPrefixIsToldWithoutIt(Bed bed) throws Exception {
        bed.create("/a");
        Relay relay = bed.relay();
        Events states = new Events();
        ZooKeeper inner = bed.connect(relay.address() + bed.path(""), Bed.LONG, states);
        Client client = new Client(relay, states, inner);
        Events events = new Events();
        inner.getData("/a", events, null);
        inner.addWatch("/", events, AddWatchMode.PERSISTENT_RECURSIVE);
        client.leave();
        bed.zk().setData(bed.path("/a"), null, -1);
        client.comeBack();
        events.expect("NodeDataChanged /a");
        bed.create("/b");
        events.expect("NodeCreated /b");
    }
}
