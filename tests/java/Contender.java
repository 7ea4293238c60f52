import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CountDownLatch;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.NodeExistsException;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.recipes.leader.LeaderElectionSupport;
import org.apache.zookeeper.recipes.lock.LockListener;
import org.apache.zookeeper.recipes.lock.WriteLock;

/**
 * One contender for what only one may have, by a recipe that comes with ZooKeeper.
 *
 * <p>{@code java Contender election|lock SERVERS TIMEOUT NAME WITNESS}. Says {@code ready} when it has joined, {@code leads} when it
 * has won, {@code released} when it has been told to {@code stop}, and {@code failed} when the recipe has given up. The witness is a
 * file that whoever leads locks: the system, which knows nothing of ZooKeeper, gives it to one process at a time and takes it from
 * whoever is killed. Whoever wins and does not get it says {@code conflict}.
 */
public final class Contender {
    private final FileChannel witness;
    private FileLock held;

    private Contender(Path witness) throws Exception {
        this.witness = FileChannel.open(witness, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    public static void main(String[] arguments) throws Exception {
        int timeout = Integer.parseInt(arguments[2]);
        Contender contender = new Contender(Path.of(arguments[4]));
        CountDownLatch connected = new CountDownLatch(1);
        ZooKeeper zk = new ZooKeeper(arguments[1], timeout, event -> {
            if (event.getState() == KeeperState.SyncConnected) {
                connected.countDown();
            } else if (event.getState() == KeeperState.Expired) {
                say("failed: the session has expired");
            }
        });
        connected.await();
        String root = "/" + arguments[0];
        try {
            zk.create(root, null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        } catch (NodeExistsException another) {
            // Another contender was here first.
        }
        Runnable stop = arguments[0].equals("election") ? contender.elect(zk, root, arguments[3]) : contender.lock(zk, root);
        say("ready");
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in));
        String order = orders.readLine();
        while (order != null) {
            // The witness goes before the service can tell others.
            contender.release();
            stop.run();
            say("released");
            order = orders.readLine();
        }
        zk.close();
    }

    private Runnable elect(ZooKeeper zk, String root, String name) {
        LeaderElectionSupport support = new LeaderElectionSupport();
        support.setZooKeeper(zk);
        support.setRootNodeName(root);
        support.setHostName(name);
        support.addListener(event -> {
            switch (event) {
                case ELECTED_COMPLETE -> win();
                case FAILED -> say("failed: the election has");
                default -> { }
            }
        });
        support.start();
        return support::stop;
    }

    private Runnable lock(ZooKeeper zk, String root) throws Exception {
        WriteLock lock = new WriteLock(zk, root, Ids.OPEN_ACL_UNSAFE, new LockListener() {
            @Override
            public void lockAcquired() {
                win();
            }

            @Override
            public void lockReleased() {
                // Said by whoever gave the order.
            }
        });
        lock.lock();
        return lock::unlock;
    }

    /** May be told several times: the lock's recipe does. */
    private synchronized void win() {
        if (held != null) {
            return;
        }
        try {
            held = witness.tryLock();
        } catch (Exception error) {
            say("failed: " + error);
        }
        say(held == null ? "conflict" : "leads");
    }

    private synchronized void release() throws Exception {
        if (held != null) {
            held.release();
            held = null;
        }
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
