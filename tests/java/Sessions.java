import java.util.List;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;

/** Sessions: how long they live, how they are taken up again, and how they end. */
final class Sessions {
    private Sessions() {}

    private static void createEphemeral(ZooKeeper client, String path) throws Exception {
        client.create(path, null, Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
    }

    /** A client that takes up a session. */
    private static ZooKeeper takeUp(Bed bed, String server, ZooKeeper former, byte[] password, Events events) throws Exception {
        return bed.keep(new ZooKeeper(server, Bed.LONG, events, former.getSessionId(), password));
    }

    static void timeoutsAreBetweenTwoAndTwentyTicks(Bed bed) throws Exception {
        String home = bed.place().home();
        Bed.same(2 * Bed.TICK, bed.connect(home, Bed.TICK, new Events()).getSessionTimeout(), "the shortest");
        Bed.same(20 * Bed.TICK, bed.connect(home, 1_000_000, new Events()).getSessionTimeout(), "the longest");
        Bed.same(3_210, bed.connect(home, 3_210, new Events()).getSessionTimeout(), "what is in between");
    }

    static void anIdleSessionLives(Bed bed) throws Exception {
        Events events = new Events();
        ZooKeeper client = bed.connect(bed.place().home(), 4_000, events);
        createEphemeral(client, bed.path("/a"));
        Thread.sleep(9_000);
        Bed.holds(bed.zk().exists(bed.path("/a"), false) != null, "it has pinged");
        Bed.same(ZooKeeper.States.CONNECTED, client.getState(), "the state");
    }

    static void anAbsentSessionExpires(Bed bed) throws Exception {
        int timeout = 2_000;
        Relay relay = bed.relay();
        Events states = new Events();
        Events watches = new Events();
        ZooKeeper client = bed.connect(relay.address(), timeout, states);
        createEphemeral(client, bed.path("/a"));
        client.exists(bed.path("/other"), watches);
        long heard = System.nanoTime();
        relay.cut();
        states.await(KeeperState.Disconnected);
        watches.await(KeeperState.Disconnected);
        Bed.fails(Code.CONNECTIONLOSS, () -> client.exists("/", false));
        Bed.eventually("the end of its node", () -> bed.zk().exists(bed.path("/a"), false) == null);
        long lived = (System.nanoTime() - heard) / 1_000_000;
        // Sessions end at ticks. A follower tells its leader of them only every half of one; and machines are busy.
        Bed.holds(timeout - Bed.TICK <= lived && lived <= timeout + 2 * Bed.TICK + 5_000, "it lived for " + lived + " ms");
        relay.mend();
        states.await(KeeperState.Expired);
        watches.await(KeeperState.Expired);
        Bed.fails(Code.SESSIONEXPIRED, () -> client.exists("/", false));
        Bed.holds(!client.getState().isAlive(), "it is over");
    }

    static void aClosedSessionIsOverAtOnce(Bed bed) throws Exception {
        ZooKeeper client = bed.connect(new Events());
        createEphemeral(client, bed.path("/a"));
        byte[] password = client.getSessionPasswd();
        Bed.same(16, password.length, "the length of a password");
        client.close();
        Bed.same(null, bed.zk().exists(bed.path("/a"), false), "its node");
        Bed.fails(Code.SESSIONEXPIRED, () -> client.exists("/", false));
        Events events = new Events();
        takeUp(bed, bed.place().home(), client, password, events);
        events.await(KeeperState.Expired);
    }

    static void whoKnowsThePasswordTakesTheSession(Bed bed) throws Exception {
        Events former = new Events();
        Relay relay = bed.relay();
        ZooKeeper client = bed.connect(relay.address(), Bed.LONG, former);
        createEphemeral(client, bed.path("/a"));
        relay.cut();
        Events events = new Events();
        ZooKeeper next = takeUp(bed, bed.place().home(), client, client.getSessionPasswd(), events);
        events.await(KeeperState.SyncConnected);
        Bed.same(client.getSessionId(), next.getSessionId(), "the session");
        next.delete(bed.path("/a"), -1);
        createEphemeral(next, bed.path("/b"));
        Bed.same(client.getSessionId(), bed.zk().exists(bed.path("/b"), false).getEphemeralOwner(), "the owner");
        next.close();
        Bed.same(null, bed.zk().exists(bed.path("/b"), false), "its node");
        relay.mend();
        former.await(KeeperState.Expired);
    }

    static void takingASessionEndsItsFormerConnection(Bed bed) throws Exception {
        Events former = new Events();
        ZooKeeper client = bed.connect(former);
        Events events = new Events();
        takeUp(bed, bed.place().home(), client, client.getSessionPasswd(), events);
        events.await(KeeperState.SyncConnected);
        former.await(KeeperState.Disconnected);
    }

    static void aWrongPasswordOpensNothing(Bed bed) throws Exception {
        ZooKeeper client = bed.connect(new Events());
        createEphemeral(client, bed.path("/a"));
        Events events = new Events();
        ZooKeeper thief = takeUp(bed, bed.place().home(), client, new byte[16], events);
        events.await(KeeperState.Expired);
        Bed.fails(Code.SESSIONEXPIRED, () -> thief.exists("/", false));
        Bed.holds(bed.zk().exists(bed.path("/a"), false) != null, "the session is alive");
    }

    static void anUnknownSessionHasExpired(Bed bed) throws Exception {
        Events events = new Events();
        bed.keep(new ZooKeeper(bed.place().home(), Bed.LONG, events, 0x1234_5678_9abcL, new byte[16]));
        events.await(KeeperState.Expired);
    }

    static void aSessionMovesToAnotherServer(Bed bed) throws Exception {
        if (bed.place().isAlone()) {
            throw new Skipped("there is one server only");
        }
        // A relay to each server: a former client that is cut off cannot take its session back.
        Relay relay = bed.relay();
        ZooKeeper client = bed.connect(relay.address(), Bed.LONG, new Events());
        createEphemeral(client, bed.path("/a"));
        long session = client.getSessionId();
        byte[] password = client.getSessionPasswd();
        for (String server : bed.place().servers()) {
            relay.cut();
            relay = bed.keep(new Relay(server));
            Events events = new Events();
            ZooKeeper next = takeUp(bed, relay.address(), client, password, events);
            events.await(KeeperState.SyncConnected);
            Bed.same(session, next.getSessionId(), "the session");
            next.setData(bed.path("/a"), server.getBytes(), -1);
            Bed.same(session, next.exists(bed.path("/a"), false).getEphemeralOwner(), "the owner");
            Bed.same(server.getBytes(), next.getData(bed.path("/a"), false, null), "what it reads");
        }
    }

    static void aFormerConnectionCannotWriteOnceTheSessionHasMoved(Bed bed) throws Exception {
        if (bed.place().isAlone()) {
            throw new Skipped("there is one server only");
        }
        String other = bed.place().servers().get(1);
        Events former = new Events();
        ZooKeeper client = bed.connect(former);
        createEphemeral(client, bed.path("/a"));
        Events events = new Events();
        ZooKeeper next = takeUp(bed, other, client, client.getSessionPasswd(), events);
        events.await(KeeperState.SyncConnected);
        next.setData(bed.path("/a"), "next".getBytes(), 0);
        // Its server may have been told or not: the connection ends, at the latest for a write.
        try {
            client.setData(bed.path("/a"), "former".getBytes(), 1);
        } catch (KeeperException error) {
            Bed.holds(List.of(Code.CONNECTIONLOSS, Code.SESSIONMOVED).contains(error.code()), "it failed otherwise: " + error.code());
        }
        former.await(KeeperState.Disconnected);
    }

    static void aClientThatMayOnlyReadMayWriteHere(Bed bed) throws Exception {
        Events events = new Events();
        ZooKeeper client = bed.keep(new ZooKeeper(bed.place().home(), Bed.LONG, events, true));
        events.await(KeeperState.SyncConnected);
        Bed.same(ZooKeeper.States.CONNECTED, client.getState(), "the state");
        client.create(bed.path("/a"), null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    }

    static void aClientUnderAPrefixSeesNothingElse(Bed bed) throws Exception {
        ZooKeeper inner = bed.connect(bed.place().home() + bed.path("/inner"), Bed.LONG, new Events());
        Bed.fails(Code.NONODE, () -> inner.create("/a", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
        bed.create("/inner");
        String path = inner.create("/a-", null, Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL_SEQUENTIAL);
        Bed.same("/a-0000000000", path, "the path");
        Bed.same(List.of("a-0000000000"), inner.getChildren("/", false), "the children");
        Bed.holds(bed.zk().exists(bed.path("/inner/a-0000000000"), false) != null, "where it is");
        Events events = new Events();
        inner.exists("/b", events);
        bed.create("/inner/b");
        events.expect("NodeCreated /b");
        inner.multi(List.of(Op.create("/c", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT), Op.delete("/b", 0)));
        Bed.same(List.of("a-0000000000", "c"), bed.zk().getChildren(bed.path("/inner"), false).stream().sorted().toList(), "a transaction");
    }
}
