import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;

/** What one test works with: a znode of its own, clients that are closed at its end, and what it claims. */
final class Bed implements AutoCloseable {
    /** The tick of the servers, in milliseconds. Sessions live for two to twenty of them. */
    static final int TICK = 500;

    /** A session timeout that no test outlasts by accident, in milliseconds. */
    static final int LONG = 10_000;

    /** How long anything may take on a machine that has other things to do, in milliseconds. */
    static final int PATIENCE = 30_000;

    private final Place place;
    private final String root;
    private final List<AutoCloseable> guests = new ArrayList<>();
    private ZooKeeper zk;

    Bed(Place place, String root) {
        this.place = place;
        this.root = root;
    }

    /** Makes the znode of the test. */
    void prepare() throws Exception {
        zk = connect(new Events());
        zk.create(root, null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    }

    Place place() {
        return place;
    }

    /** A client at the server that is tested. */
    ZooKeeper zk() {
        return zk;
    }

    /** The znode of this test, or what lies below it. */
    String path(String below) {
        return root + below;
    }

    /** Another client at the server that is tested; its session lives long. */
    ZooKeeper connect(Events events) throws Exception {
        return connect(place.home(), LONG, events);
    }

    /** A client that is connected. */
    ZooKeeper connect(String servers, int timeout, Events events) throws Exception {
        ZooKeeper client = keep(new ZooKeeper(servers, timeout, events));
        events.await(Watcher.Event.KeeperState.SyncConnected);
        return client;
    }

    /** A relay in front of the server that is tested. */
    Relay relay() throws Exception {
        return keep(new Relay(place.home()));
    }

    /** Has this closed at the end of the test. */
    <T extends AutoCloseable> T keep(T guest) {
        guests.add(guest);
        return guest;
    }

    /** Creates a persistent znode that is open to everybody. */
    String create(String below) throws Exception {
        return create(below, "");
    }

    /** Creates a persistent znode that is open to everybody. */
    String create(String below, String data) throws Exception {
        return zk.create(path(below), data.getBytes(), Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    }

    @Override
    public void close() throws Exception {
        for (int index = guests.size() - 1; index >= 0; index--) {
            guests.get(index).close();
        }
    }

    /** What may fail. */
    interface Act {
        void run() throws Exception;
    }

    /** A question, to be asked again until the answer is yes. */
    interface Question {
        boolean ask() throws Exception;
    }

    /** The act must fail with this error. */
    static void fails(KeeperException.Code code, Act act) throws Exception {
        try {
            act.run();
        } catch (KeeperException error) {
            same(code, error.code(), "the error");
            return;
        }
        throw new AssertionError("expected " + code + ", and nothing failed");
    }

    static void same(Object expected, Object seen, String what) {
        if (!Objects.deepEquals(expected, seen)) {
            throw new AssertionError(what + ": expected " + shown(expected) + ", got " + shown(seen));
        }
    }

    static void holds(boolean claim, String what) {
        if (!claim) {
            throw new AssertionError(what);
        }
    }

    static void eventually(String what, Question question) throws Exception {
        long end = System.nanoTime() + PATIENCE * 1_000_000L;
        while (!question.ask()) {
            holds(System.nanoTime() < end, "not in time: " + what);
            Thread.sleep(20);
        }
    }

    private static String shown(Object value) {
        return value instanceof byte[] bytes ? "bytes \"" + new String(bytes) + "\"" : String.valueOf(value);
    }
}
