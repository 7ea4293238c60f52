import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.admin.ZooKeeperAdmin;
import org.apache.zookeeper.data.Stat;

/** What can be asked besides znodes: who has which ephemerals, how many there are below, the configuration; and sync. */
final class Questions {
    private Questions() {}

    static void theEphemeralsOfASession(Bed bed) throws Exception {
        ZooKeeper client = bed.connect(new Events());
        Bed.same(List.of(), client.getEphemerals(), "at first");
        bed.create("/a");
        for (String below : List.of("/a/1", "/a/2", "/b")) {
            client.create(bed.path(below), null, Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
        }
        List<String> all = List.of(bed.path("/a/1"), bed.path("/a/2"), bed.path("/b"));
        Bed.same(all, client.getEphemerals().stream().sorted().toList(), "all of them");
        Bed.same(all.subList(0, 2), client.getEphemerals(bed.path("/a")).stream().sorted().toList(), "those that begin so");
        Bed.same(List.of(), client.getEphemerals(bed.path("/no")), "there are none that begin so");
        Bed.same(List.of(), bed.zk().getEphemerals(bed.path("")), "those of another session");
    }

    static void howManyThereAreBelow(Bed bed) throws Exception {
        for (String below : List.of("/a", "/a/b", "/a/b/c", "/ab")) {
            bed.create(below);
        }
        Bed.same(2, bed.zk().getAllChildrenNumber(bed.path("/a")), "below one");
        Bed.same(0, bed.zk().getAllChildrenNumber(bed.path("/ab")), "below a leaf");
        Bed.same(4, bed.zk().getAllChildrenNumber(bed.path("")), "below the whole");
        Bed.holds(bed.zk().getAllChildrenNumber("/") >= 5, "below the root");
        Bed.fails(Code.NONODE, () -> bed.zk().getAllChildrenNumber(bed.path("/no")));
    }

    private static Code synced(ZooKeeper client, String path) throws Exception {
        CompletableFuture<Integer> answer = new CompletableFuture<>();
        client.sync(path, (code, at, context) -> answer.complete(code), null);
        return Code.get(answer.get(Bed.PATIENCE, TimeUnit.MILLISECONDS));
    }

    static void syncCatchesUp(Bed bed) throws Exception {
        String path = bed.create("/a");
        Bed.same(Code.OK, synced(bed.zk(), bed.path("/no")), "sync of no node");
        for (String server : bed.place().servers()) {
            ZooKeeper other = bed.connect(server, Bed.LONG, new Events());
            for (int round = 0; round < 20; round++) {
                Stat written = bed.zk().setData(path, null, -1);
                Bed.same(Code.OK, synced(other, path), "sync");
                Bed.same(written, other.exists(path, false), "what " + server + " knows");
            }
        }
    }

    static void theConfigurationNamesTheServers(Bed bed) throws Exception {
        byte[] data = bed.zk().getConfig(false, new Stat());
        String text = data == null ? "" : new String(data);
        long servers = text.lines().filter(line -> line.startsWith("server.")).count();
        long expected = bed.place().isAlone() ? 0 : bed.place().servers().size();
        Bed.same(expected, servers, "the servers in \"" + text + "\"");
        Bed.same(!bed.place().isAlone(), text.contains("version="), "it has a version");
    }

    static void theConfigurationCannotBeChanged(Bed bed) throws Exception {
        Events events = new Events();
        ZooKeeperAdmin admin = bed.keep(new ZooKeeperAdmin(bed.place().home(), Bed.LONG, events));
        String joining = "server.9=127.0.0.1:1:2:participant;127.0.0.1:3";
        Bed.fails(Code.RECONFIGDISABLED, () -> admin.reconfigure(joining, null, null, -1, new Stat()));
        Bed.fails(Code.NOAUTH, () -> bed.zk().setData("/zookeeper/config", null, -1));
    }
}
