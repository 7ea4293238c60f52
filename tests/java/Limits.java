import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;

/** Much of everything. A request is at most as long as jute.maxbuffer, which is by default a byte less than a MiB. */
final class Limits {
    private static final int LONGEST = 0xfffff;

    private Limits() {}

    static void muchDataIsKept(Bed bed) throws Exception {
        byte[] data = new byte[LONGEST - 1_000];
        for (int index = 0; index < data.length; index++) {
            data[index] = (byte) (index * 31);
        }
        bed.zk().create(bed.path("/a"), data, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        for (String server : bed.place().servers()) {
            ZooKeeper other = bed.connect(server, Bed.LONG, new Events());
            Bed.eventually("it is there", () -> other.exists(bed.path("/a"), false) != null);
            Bed.same(data, other.getData(bed.path("/a"), false, null), "the data");
        }
    }

    static void tooMuchDataEndsTheConnection(Bed bed) throws Exception {
        String path = bed.create("/a");
        Events events = new Events();
        ZooKeeper client = bed.connect(events);
        Bed.fails(Code.CONNECTIONLOSS, () -> client.setData(path, new byte[LONGEST + 1], -1));
        events.await(KeeperState.Disconnected);
        events.await(KeeperState.SyncConnected);
        Bed.same(0, client.exists(path, false).getVersion(), "nothing was written");
    }

    static void manyChildrenAreListed(Bed bed) throws Exception {
        int count = 3_000;
        CountDownLatch done = new CountDownLatch(count);
        for (int index = 0; index < count; index++) {
            bed.zk().create(bed.path("/child-"), null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_SEQUENTIAL, (int code, String at, Object context, String name) -> done.countDown(), null);
        }
        done.await();
        List<String> children = bed.zk().getChildren(bed.path(""), false);
        Bed.same(count, children.size(), "the children");
        Bed.same(count, bed.zk().getAllChildrenNumber(bed.path("")), "their number");
    }
}
