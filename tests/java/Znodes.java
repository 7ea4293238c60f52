import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;

/** Znodes of every kind, their data and their numbers. */
final class Znodes {
    private Znodes() {}

    static void aPersistentNodeHasItsNumbers(Bed bed) throws Exception {
        long before = System.currentTimeMillis();
        Stat created = new Stat();
        String path = bed.zk().create(bed.path("/a"), "data".getBytes(), Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT, created);
        Bed.same(bed.path("/a"), path, "the path");
        Bed.same(created, bed.zk().exists(path, false), "what create and exists say");
        Bed.same(created.getCzxid(), created.getMzxid(), "mzxid");
        Bed.same(created.getCzxid(), created.getPzxid(), "pzxid");
        Bed.same(created.getCtime(), created.getMtime(), "mtime");
        Bed.holds(Math.abs(created.getCtime() - before) < Bed.PATIENCE, "ctime is by the wall clock");
        List<Integer> versions = List.of(created.getVersion(), created.getCversion(), created.getAversion());
        Bed.same(List.of(0, 0, 0), versions, "the versions");
        Bed.same(0L, created.getEphemeralOwner(), "the owner");
        Bed.same(4, created.getDataLength(), "the length");
        Bed.same(0, created.getNumChildren(), "the children");
        Stat read = new Stat();
        Bed.same("data".getBytes(), bed.zk().getData(path, false, read), "the data");
        Bed.same(created, read, "what getData says");
    }

    static void childrenChangeTheNumbersOfTheirParent(Bed bed) throws Exception {
        Stat first = new Stat();
        Stat second = new Stat();
        bed.zk().create(bed.path("/a"), null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT, first);
        bed.zk().create(bed.path("/a/b"), null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT, second);
        Stat parent = bed.zk().exists(bed.path("/a"), false);
        Bed.same(second.getCzxid(), parent.getPzxid(), "pzxid follows the creation");
        Bed.same(first.getMzxid(), parent.getMzxid(), "mzxid stays");
        Bed.same(List.of(1, 1, 0), List.of(parent.getNumChildren(), parent.getCversion(), parent.getVersion()), "the numbers");
        bed.zk().delete(bed.path("/a/b"), 0);
        Stat after = new Stat();
        Bed.same(List.of(), bed.zk().getChildren(bed.path("/a"), false, after), "the children");
        Bed.holds(after.getPzxid() > parent.getPzxid(), "pzxid follows the deletion");
        Bed.same(List.of(0, 2), List.of(after.getNumChildren(), after.getCversion()), "the numbers after it");
    }

    static void noDataIsNotEmptyData(Bed bed) throws Exception {
        bed.zk().create(bed.path("/none"), null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        bed.zk().create(bed.path("/empty"), new byte[0], Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        Bed.same(null, bed.zk().getData(bed.path("/none"), false, null), "no data");
        Bed.same(new byte[0], bed.zk().getData(bed.path("/empty"), false, null), "empty data");
        Bed.same(0, bed.zk().setData(bed.path("/empty"), null, -1).getDataLength(), "the length of no data");
        Bed.same(null, bed.zk().getData(bed.path("/empty"), false, null), "no data any more");
    }

    static void namesMayBeInAnyScript(Bed bed) throws Exception {
        String path = bed.create("/größe-числа-水 \"'");
        Bed.same(path, bed.path("/" + bed.zk().getChildren(bed.path(""), false).get(0)), "the name");
        Bed.holds(bed.zk().exists(path, false) != null, "it is there");
    }

    static void anEphemeralNodeEndsWithItsSession(Bed bed) throws Exception {
        ZooKeeper other = bed.connect(new Events());
        Stat stat = new Stat();
        other.create(bed.path("/a"), null, Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL, stat);
        Bed.same(other.getSessionId(), stat.getEphemeralOwner(), "the owner");
        Bed.fails(Code.NOCHILDRENFOREPHEMERALS, () -> other.create(bed.path("/a/b"), null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
        Bed.holds(bed.zk().exists(bed.path("/a"), false) != null, "others see it");
        other.close();
        Bed.same(null, bed.zk().exists(bed.path("/a"), false), "the node of a closed session");
    }

    static void anEphemeralNodeMayBeDeletedByOthers(Bed bed) throws Exception {
        ZooKeeper other = bed.connect(new Events());
        other.create(bed.path("/a"), null, Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
        bed.zk().delete(bed.path("/a"), -1);
        Bed.same(List.of(), other.getEphemerals(bed.path("")), "what is left to it");
    }

    static void sequentialNodesCountWhatTheirParentHasCreated(Bed bed) throws Exception {
        CreateMode[] modes = {CreateMode.PERSISTENT_SEQUENTIAL, CreateMode.EPHEMERAL_SEQUENTIAL};
        List<String> names = new ArrayList<>();
        for (int index = 0; index < 4; index++) {
            names.add(bed.zk().create(bed.path("/n-"), null, Ids.OPEN_ACL_UNSAFE, modes[index % 2]));
        }
        List<String> expected = List.of("/n-0000000000", "/n-0000000001", "/n-0000000002", "/n-0000000003");
        Bed.same(expected.stream().map(bed::path).toList(), names, "the names");
        bed.create("/plain");
        bed.zk().delete(bed.path("/plain"), -1);
        String next = bed.zk().create(bed.path("/n-"), null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_SEQUENTIAL);
        Bed.same(bed.path("/n-0000000005"), next, "plain nodes count, deletions do not");
    }

    static void aSequentialNodeNeedsNoNameOfItsOwn(Bed bed) throws Exception {
        String path = bed.zk().create(bed.path("/"), null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_SEQUENTIAL);
        Bed.same(bed.path("/0000000000"), path, "the path");
    }

    static void aContainerIsANodeWithoutOwner(Bed bed) throws Exception {
        Stat stat = new Stat();
        String path = bed.zk().create(bed.path("/c"), "data".getBytes(), Ids.OPEN_ACL_UNSAFE, CreateMode.CONTAINER, stat);
        Bed.same(bed.path("/c"), path, "the path");
        Bed.same(0L, stat.getEphemeralOwner(), "the owner");
        bed.create("/c/child");
        Bed.same(List.of("child"), bed.zk().getChildren(path, false), "its children");
        Bed.fails(Code.NODEEXISTS, () -> bed.zk().create(path, null, Ids.OPEN_ACL_UNSAFE, CreateMode.CONTAINER));
    }

    static void nodesWithATimeToLiveAreNotImplementedByDefault(Bed bed) throws Exception {
        for (CreateMode mode : List.of(CreateMode.PERSISTENT_WITH_TTL, CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL)) {
            Bed.fails(Code.UNIMPLEMENTED, () -> bed.zk().create(bed.path("/t"), null, Ids.OPEN_ACL_UNSAFE, mode, null, 1000));
        }
        Bed.same(List.of(), bed.connect(new Events()).getChildren(bed.path(""), false), "what was created");
    }

    static void writesCompareVersions(Bed bed) throws Exception {
        String path = bed.create("/a", "0");
        Stat first = bed.zk().setData(path, "1".getBytes(), 0);
        Bed.same(1, first.getVersion(), "the version");
        Bed.holds(first.getMzxid() > first.getCzxid() && first.getMtime() >= first.getCtime(), "it was modified");
        Bed.fails(Code.BADVERSION, () -> bed.zk().setData(path, "2".getBytes(), 0));
        Bed.fails(Code.BADVERSION, () -> bed.zk().setData(path, "2".getBytes(), 2));
        Bed.same(2, bed.zk().setData(path, "2".getBytes(), -1).getVersion(), "any version");
        Bed.fails(Code.BADVERSION, () -> bed.zk().delete(path, 1));
        Bed.same("2".getBytes(), bed.zk().getData(path, false, null), "the data");
        bed.zk().delete(path, 2);
        Bed.same(null, bed.zk().exists(path, false), "a deleted node");
    }

    static void createRefuses(Bed bed) throws Exception {
        bed.create("/a");
        Bed.fails(Code.NODEEXISTS, () -> bed.create("/a"));
        Bed.fails(Code.NONODE, () -> bed.create("/no/child"));
        Bed.fails(Code.NODEEXISTS, () -> bed.zk().create("/", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
        Bed.fails(Code.NODEEXISTS, () -> bed.zk().create("/zookeeper", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
    }

    static void deleteRefuses(Bed bed) throws Exception {
        bed.create("/a");
        bed.create("/a/b");
        Bed.fails(Code.NOTEMPTY, () -> bed.zk().delete(bed.path("/a"), -1));
        Bed.fails(Code.NONODE, () -> bed.zk().delete(bed.path("/no"), -1));
        Bed.fails(Code.NONODE, () -> bed.zk().delete(bed.path("/no/child"), -1));
        for (String special : List.of("/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config")) {
            Bed.fails(Code.BADARGUMENTS, () -> bed.zk().delete(special, -1));
        }
    }

    static void whatIsNotThereIsNoNode(Bed bed) throws Exception {
        String path = bed.path("/no");
        ZooKeeper zk = bed.zk();
        Bed.same(null, zk.exists(path, false), "exists");
        Bed.fails(Code.NONODE, () -> zk.getData(path, false, null));
        Bed.fails(Code.NONODE, () -> zk.setData(path, null, -1));
        Bed.fails(Code.NONODE, () -> zk.getChildren(path, false));
        Bed.fails(Code.NONODE, () -> zk.getChildren(path, false, new Stat()));
        Bed.fails(Code.NONODE, () -> zk.getACL(path, new Stat()));
        Bed.fails(Code.NONODE, () -> zk.setACL(path, Ids.OPEN_ACL_UNSAFE, -1));
        Bed.fails(Code.NONODE, () -> zk.delete(path, -1));
        Bed.fails(Code.NONODE, () -> zk.getAllChildrenNumber(path));
    }

    static void theRootIsANode(Bed bed) throws Exception {
        Stat stat = new Stat();
        List<String> children = bed.zk().getChildren("/", false, stat);
        Bed.holds(children.contains("zookeeper"), "the system has a node there");
        Bed.same(0L, stat.getCzxid(), "it was always there");
        List<String> system = new ArrayList<>(bed.zk().getChildren("/zookeeper", false));
        Collections.sort(system);
        Bed.same(List.of("config", "quota"), system, "the nodes of the system");
    }

    static void answersOfPipelinedRequestsComeInTheirOrder(Bed bed) throws Exception {
        int count = 200;
        List<Object> answers = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch done = new CountDownLatch(3 * count);
        List<Object> expected = new ArrayList<>();
        for (int index = 0; index < count; index++) {
            String path = bed.path("/n" + index);
            bed.zk().create(path, null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT, (int code, String at, Object context, String name) -> {
                answers.add(context + " " + Code.get(code) + " " + name);
                done.countDown();
            }, index);
            bed.zk().setData(path, "x".getBytes(), 0, (code, at, context, stat) -> {
                answers.add(context + " " + Code.get(code) + " " + stat.getVersion());
                done.countDown();
            }, index);
            bed.zk().getData(bed.path("/n" + index / 2), false, (code, at, context, data, stat) -> {
                answers.add(context + " " + Code.get(code) + " " + new String(data));
                done.countDown();
            }, index);
            expected.addAll(List.of(index + " OK " + path, index + " OK 1", index + " OK x"));
        }
        done.await();
        Bed.same(expected, answers, "the answers");
    }
}
