import java.util.List;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.data.Stat;

/** Several operations in one: all or nothing, and many reads at once. */
final class Transactions {
    private Transactions() {}

    private static Op create(Bed bed, String below, CreateMode mode) {
        return Op.create(bed.path(below), "data".getBytes(), Ids.OPEN_ACL_UNSAFE, mode);
    }

    static void allOfIt(Bed bed) throws Exception {
        bed.create("/old");
        bed.create("/kept");
        List<OpResult> results = bed.zk().multi(List.of(
                create(bed, "/new", CreateMode.PERSISTENT),
                create(bed, "/new/child-", CreateMode.PERSISTENT_SEQUENTIAL),
                Op.setData(bed.path("/new"), "more".getBytes(), 0),
                Op.delete(bed.path("/old"), 0),
                Op.check(bed.path("/kept"), 0)));
        Bed.same(bed.path("/new"), ((OpResult.CreateResult) results.get(0)).getPath(), "the first path");
        Bed.same(bed.path("/new/child-0000000000"), ((OpResult.CreateResult) results.get(1)).getPath(), "the second path");
        Stat changed = ((OpResult.SetDataResult) results.get(2)).getStat();
        Bed.same(List.of(1, 4, 1), List.of(changed.getVersion(), changed.getDataLength(), changed.getNumChildren()), "what setData says");
        Bed.holds(results.get(3) instanceof OpResult.DeleteResult && results.get(4) instanceof OpResult.CheckResult, "the kinds");
        Stat parent = bed.zk().exists(bed.path("/new"), false);
        Stat child = bed.zk().exists(bed.path("/new/child-0000000000"), false);
        Bed.same(List.of(parent.getCzxid(), parent.getCzxid()), List.of(parent.getMzxid(), child.getCzxid()), "one transaction");
        Bed.same(null, bed.zk().exists(bed.path("/old"), false), "what was deleted");
    }

    static void createsSayWhatTheyCreated(Bed bed) throws Exception {
        List<OpResult> results = bed.zk().multi(List.of(
                create(bed, "/e", CreateMode.EPHEMERAL), create(bed, "/c", CreateMode.CONTAINER)));
        // A create without create2 brings no numbers; a container's does.
        Bed.same(null, ((OpResult.CreateResult) results.get(0)).getStat(), "the numbers of a create");
        Bed.same(bed.zk().exists(bed.path("/c"), false), ((OpResult.CreateResult) results.get(1)).getStat(), "those of a container");
        Bed.same(bed.zk().getSessionId(), bed.zk().exists(bed.path("/e"), false).getEphemeralOwner(), "the owner");
    }

    /** The codes that a transaction fails with. */
    private static List<Integer> codes(Bed bed, Code expected, Op... operations) throws Exception {
        try {
            bed.zk().multi(List.of(operations));
        } catch (KeeperException error) {
            Bed.same(expected, error.code(), "the error");
            return error.getResults().stream().map(result -> ((OpResult.ErrorResult) result).getErr()).toList();
        }
        throw new AssertionError("the transaction did not fail");
    }

    static void noneOfIt(Bed bed) throws Exception {
        bed.create("/a");
        bed.create("/a/b");
        Op good = create(bed, "/good", CreateMode.PERSISTENT);
        int later = Code.RUNTIMEINCONSISTENCY.intValue();
        Bed.same(List.of(0, -101, later), codes(bed, Code.NONODE, good, Op.delete(bed.path("/no"), -1), good), "no node");
        Bed.same(List.of(0, -103, later), codes(bed, Code.BADVERSION, good, Op.setData(bed.path("/a"), null, 7), good), "bad version");
        Bed.same(List.of(0, -110, later), codes(bed, Code.NODEEXISTS, good, create(bed, "/a", CreateMode.PERSISTENT), good), "it exists");
        Bed.same(List.of(0, -111, later), codes(bed, Code.NOTEMPTY, good, Op.delete(bed.path("/a"), -1), good), "not empty");
        Bed.same(List.of(0, -103, later), codes(bed, Code.BADVERSION, good, Op.check(bed.path("/a"), 1), good), "the check");
        Bed.same(List.of(-101, later), codes(bed, Code.NONODE, Op.check(bed.path("/no"), 0), good), "the check of no node");
        Bed.same(List.of(0, -110), codes(bed, Code.NODEEXISTS, good, good), "it sees its own effects");
        Bed.same(List.of("a"), bed.zk().getChildren(bed.path(""), false), "what is there");
        Bed.same(1, bed.zk().exists(bed.path(""), false).getCversion(), "how often it was changed");
    }

    static void whatWasUndoneLeavesNoGap(Bed bed) throws Exception {
        codes(bed, Code.NONODE, create(bed, "/n-", CreateMode.PERSISTENT_SEQUENTIAL), Op.delete(bed.path("/no"), -1));
        String next = bed.zk().create(bed.path("/n-"), null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_SEQUENTIAL);
        Bed.same(bed.path("/n-0000000000"), next, "the next number");
    }

    static void nothingAtAllIsAlsoATransaction(Bed bed) throws Exception {
        Bed.same(List.of(), bed.zk().multi(List.of()), "the results");
    }

    static void theBuilderCommits(Bed bed) throws Exception {
        List<OpResult> results = bed.zk().transaction()
                .create(bed.path("/a"), null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT)
                .setData(bed.path("/a"), "x".getBytes(), 0)
                .check(bed.path("/a"), 1)
                .delete(bed.path("/a"), 1)
                .commit();
        Bed.same(4, results.size(), "the results");
        Bed.same(null, bed.zk().exists(bed.path("/a"), false), "it is gone again");
    }

    static void itsWatchesFire(Bed bed) throws Exception {
        bed.create("/a");
        Events events = new Events();
        bed.zk().getData(bed.path("/a"), events, null);
        bed.zk().exists(bed.path("/b"), events);
        bed.zk().getChildren(bed.path(""), events);
        bed.connect(new Events()).multi(List.of(
                Op.setData(bed.path("/a"), null, -1), create(bed, "/b", CreateMode.PERSISTENT), Op.delete(bed.path("/a"), -1)));
        events.expectAll("NodeDataChanged " + bed.path("/a"), "NodeCreated " + bed.path("/b"), "NodeChildrenChanged " + bed.path(""));
        bed.zk().exists(bed.path(""), false);
        events.expectNoMore();
    }

    static void manyReadsAtOnce(Bed bed) throws Exception {
        bed.create("/a", "data");
        bed.create("/a/b");
        List<OpResult> results = bed.zk().multi(List.of(
                Op.getData(bed.path("/a")), Op.getChildren(bed.path("/a")), Op.getData(bed.path("/no")), Op.getChildren(bed.path("/no"))));
        OpResult.GetDataResult data = (OpResult.GetDataResult) results.get(0);
        Bed.same("data".getBytes(), data.getData(), "the data");
        Bed.same(bed.zk().exists(bed.path("/a"), false), data.getStat(), "its numbers");
        Bed.same(List.of("b"), ((OpResult.GetChildrenResult) results.get(1)).getChildren(), "the children");
        Bed.same(-101, ((OpResult.ErrorResult) results.get(2)).getErr(), "one error");
        Bed.same(-101, ((OpResult.ErrorResult) results.get(3)).getErr(), "does not stop the others");
    }
}
