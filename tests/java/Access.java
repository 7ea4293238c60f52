import java.util.Arrays;
import java.util.List;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.BadVersionException;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.data.Stat;
import org.apache.zookeeper.server.auth.DigestAuthenticationProvider;

/** Who may do what. */
final class Access {
    private static final List<ACL> EVERYBODY = Ids.OPEN_ACL_UNSAFE;

    private Access() {}

    private static List<ACL> to(String scheme, String id, int permissions) {
        return list(new ACL(permissions, new Id(scheme, id)));
    }

    /** The client asks its lists whether they contain null, which those of List.of take amiss. */
    private static List<ACL> list(ACL... entries) {
        return Arrays.asList(entries);
    }

    private static ZooKeeper as(Bed bed, String user) throws Exception {
        ZooKeeper client = bed.connect(new Events());
        client.addAuthInfo("digest", user.getBytes());
        return client;
    }

    static void everyPermissionIsAsked(Bed bed) throws Exception {
        ZooKeeper zk = bed.zk();
        for (int permission : new int[] {Perms.READ, Perms.WRITE, Perms.CREATE, Perms.DELETE, Perms.ADMIN}) {
            String below = "/p" + permission;
            String path = zk.create(bed.path(below), null, EVERYBODY, CreateMode.PERSISTENT);
            bed.create(below + "/child");
            zk.setACL(path, to("world", "anyone", Perms.ALL & ~permission), 0);
            judge(permission == Perms.READ, () -> zk.getData(path, false, null));
            judge(permission == Perms.READ, () -> zk.getChildren(path, false));
            judge(permission == Perms.READ, () -> zk.getAllChildrenNumber(path));
            judge(permission == Perms.WRITE, () -> zk.setData(path, null, -1));
            judge(permission == Perms.CREATE, () -> bed.create(below + "/second"));
            judge(permission == Perms.DELETE, () -> zk.delete(bed.path(below + "/child"), -1));
            judge(permission == Perms.ADMIN, () -> zk.setACL(path, EVERYBODY, 7));
            Bed.holds(zk.exists(path, false) != null, "exists needs no permission");
        }
    }

    /** Refused for want of a permission, or let through: with a version that is wrong where the act must change nothing. */
    private static void judge(boolean isRefused, Bed.Act act) throws Exception {
        if (isRefused) {
            Bed.fails(Code.NOAUTH, act);
            return;
        }
        try {
            act.run();
        } catch (BadVersionException wrong) {
            // It was let through.
        }
    }

    static void aTransactionAsksForPermissions(Bed bed) throws Exception {
        String path = bed.zk().create(bed.path("/a"), null, to("world", "anyone", Perms.READ), CreateMode.PERSISTENT);
        Bed.fails(Code.NOAUTH, () -> bed.zk().multi(List.of(Op.check(path, 0), Op.setData(path, null, 0))));
        Bed.fails(Code.NOAUTH, () -> bed.zk().multi(List.of(Op.create(path + "/b", null, EVERYBODY, CreateMode.PERSISTENT))));
    }

    static void aDigestOpensWhatItClosed(Bed bed) throws Exception {
        ZooKeeper anna = as(bed, "anna:secret");
        String path = anna.create(bed.path("/a"), "data".getBytes(), Ids.CREATOR_ALL_ACL, CreateMode.PERSISTENT);
        Bed.fails(Code.NOAUTH, () -> bed.zk().getData(path, false, null));
        Bed.fails(Code.NOAUTH, () -> bed.zk().getACL(path, new Stat()));
        ZooKeeper wrong = as(bed, "anna:guess");
        Bed.fails(Code.NOAUTH, () -> wrong.getData(path, false, null));
        wrong.addAuthInfo("digest", "anna:secret".getBytes());
        Bed.same("data".getBytes(), wrong.getData(path, false, null), "whoever is several may use each");
        String digest = DigestAuthenticationProvider.generateDigest("anna:secret");
        Bed.same(to("digest", digest, Perms.ALL), anna.getACL(path, new Stat()), "the list as its owner sees it");
    }

    static void aDigestIsMaskedForWhoMayOnlyRead(Bed bed) throws Exception {
        String digest = DigestAuthenticationProvider.generateDigest("anna:secret");
        List<ACL> list = list(new ACL(Perms.ALL, new Id("digest", digest)), new ACL(Perms.READ, Ids.ANYONE_ID_UNSAFE));
        String path = bed.zk().create(bed.path("/a"), null, list, CreateMode.PERSISTENT);
        List<ACL> masked = list(new ACL(Perms.ALL, new Id("digest", "anna:x")), new ACL(Perms.READ, Ids.ANYONE_ID_UNSAFE));
        Bed.same(masked, bed.zk().getACL(path, new Stat()), "the list");
    }

    static void anAddressOpens(Bed bed) throws Exception {
        for (String range : List.of("127.0.0.1", "127.0.0.1/32", "127.0.0.0/8")) {
            String path = bed.zk().create(bed.path("/" + range.replace('/', '-')), null, to("ip", range, Perms.ALL), CreateMode.PERSISTENT);
            bed.zk().getData(path, false, null);
        }
        for (String range : List.of("10.0.0.1", "10.0.0.0/8", "127.0.0.2/32")) {
            String path = bed.zk().create(bed.path("/" + range.replace('/', '-')), null, to("ip", range, Perms.ALL), CreateMode.PERSISTENT);
            Bed.fails(Code.NOAUTH, () -> bed.zk().getData(path, false, null));
        }
    }

    static void listsAreChecked(Bed bed) throws Exception {
        List<List<ACL>> wrong = List.of(
                Ids.CREATOR_ALL_ACL,
                to("world", "someone", Perms.ALL),
                to("nosuchscheme", "id", Perms.ALL),
                to("ip", "not an address", Perms.ALL),
                to("ip", "127.0.0.1/33", Perms.ALL),
                to("digest", "no colon", Perms.ALL));
        String path = bed.create("/a");
        for (List<ACL> list : wrong) {
            Bed.fails(Code.INVALIDACL, () -> bed.zk().create(bed.path("/b"), null, list, CreateMode.PERSISTENT));
            Bed.fails(Code.INVALIDACL, () -> bed.zk().setACL(path, list, -1));
        }
        Bed.fails(Code.INVALIDACL, () -> bed.zk().create(bed.path("/b"), null, list(), CreateMode.PERSISTENT));
        Bed.same(EVERYBODY, bed.zk().getACL(path, new Stat()), "the list");
    }

    static void setAclComparesItsOwnVersion(Bed bed) throws Exception {
        String path = bed.create("/a");
        bed.zk().setData(path, null, -1);
        Stat changed = bed.zk().setACL(path, to("world", "anyone", Perms.ALL), 0);
        Bed.same(List.of(1, 1), List.of(changed.getAversion(), changed.getVersion()), "the versions");
        Bed.same(bed.zk().exists(path, false), changed, "what setACL says");
        Bed.fails(Code.BADVERSION, () -> bed.zk().setACL(path, EVERYBODY, 0));
        Bed.same(2, bed.zk().setACL(path, EVERYBODY, -1).getAversion(), "any version");
        Stat read = new Stat();
        Bed.same(EVERYBODY, bed.zk().getACL(path, read), "the list");
        Bed.same(2, read.getAversion(), "what getACL says");
    }

    static void creatorAndReaderListsAreExpanded(Bed bed) throws Exception {
        ZooKeeper both = as(bed, "anna:secret");
        both.addAuthInfo("digest", "otto:secret".getBytes());
        String path = both.create(bed.path("/a"), null, Ids.CREATOR_ALL_ACL, CreateMode.PERSISTENT);
        List<String> ids = both.getACL(path, new Stat()).stream().map(acl -> acl.getId().getId().split(":")[0]).sorted().toList();
        Bed.same(List.of("anna", "otto"), ids, "everything that the creator is");
    }

    static void anUnknownSchemeEndsTheConnection(Bed bed) throws Exception {
        Events events = new Events();
        ZooKeeper client = bed.connect(events);
        client.addAuthInfo("nosuchscheme", "x".getBytes());
        events.await(KeeperState.AuthFailed);
        Bed.fails(Code.AUTHFAILED, () -> client.exists("/", false));
        Bed.same(ZooKeeper.States.AUTH_FAILED, client.getState(), "the state");
    }

    static void eventsAreKeptFromWhoMayNotRead(Bed bed) throws Exception {
        ZooKeeper anna = as(bed, "anna:secret");
        String path = bed.create("/a");
        Events open = new Events();
        Events closed = new Events();
        anna.getData(path, open, null);
        bed.zk().getData(path, closed, null);
        String digest = DigestAuthenticationProvider.generateDigest("anna:secret");
        anna.setACL(path, to("digest", digest, Perms.ALL), 0);
        anna.setData(path, null, 0);
        open.expect("NodeDataChanged " + path);
        bed.zk().sync(path, (code, at, context) -> {}, null);
        bed.zk().exists(path, false);
        closed.expectNoMore();
    }

    static void whoAmI(Bed bed) throws Exception {
        ZooKeeper client = bed.connect(new Events());
        Bed.same(List.of("ip 127.0.0.1"), names(client), "at first");
        client.addAuthInfo("digest", "anna:secret".getBytes());
        Bed.same(List.of("digest anna", "ip 127.0.0.1"), names(client), "and with a digest");
    }

    private static List<String> names(ZooKeeper client) throws Exception {
        return client.whoAmI().stream().map(info -> info.getAuthScheme() + " " + info.getUser()).sorted().toList();
    }
}
