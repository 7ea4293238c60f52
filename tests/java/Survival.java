import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.List;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.ConnectionLossException;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;

/** The leader of the ensemble is killed: sessions, their nodes and their watches outlive it. */
final class Survival {
    private Survival() {}

    /** The leader is killed by whoever reads {@code kill the leader} and answers. */
    private static void killTheLeader() throws Exception {
        System.out.println("kill the leader");
        System.out.flush();
        String answer = new BufferedReader(new InputStreamReader(System.in)).readLine();
        Bed.same("killed", answer, "the answer");
    }

    private interface Asking<T> {
        T ask() throws Exception;
    }

    /** What was asked is asked again: whether it was done before the connection was lost nobody knows. */
    private static <T> T again(Asking<T> asking) throws Exception {
        long end = System.nanoTime() + Bed.PATIENCE * 1_000_000L;
        while (true) {
            try {
                return asking.ask();
            } catch (ConnectionLossException lost) {
                Bed.holds(System.nanoTime() < end, "no connection in time");
            }
        }
    }

    static void theLeaderIsKilled(Bed bed) throws Exception {
        String all = bed.place().all();
        ZooKeeper client = bed.connect(all, Bed.LONG, new Events());
        ZooKeeper other = bed.connect(all, Bed.LONG, new Events());
        String ephemeral = client.create(bed.path("/e"), null, Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
        String changed = bed.create("/changed");
        Events once = new Events();
        Events always = new Events();
        client.sync(changed, (code, at, context) -> {}, null);
        client.getData(changed, once, null);
        client.addWatch(bed.path(""), always, AddWatchMode.PERSISTENT_RECURSIVE);
        long session = client.getSessionId();
        killTheLeader();
        Stat stat = again(() -> client.exists(ephemeral, false));
        Bed.same(List.of(session, session), List.of(client.getSessionId(), stat.getEphemeralOwner()), "the session");
        again(() -> other.setData(changed, "new".getBytes(), -1));
        once.expect("NodeDataChanged " + changed);
        // What the persistent one was told before it is not asked for: it may have missed what was done without its connection.
        again(() -> client.setData(ephemeral, null, -1));
        Bed.eventually("the persistent watch is there", () -> always.has("NodeDataChanged " + ephemeral));
        client.close();
        Bed.same(null, again(() -> {
            other.sync(ephemeral, (code, at, context) -> {}, null);
            return other.exists(ephemeral, false);
        }), "the node of a closed session");
    }
}
