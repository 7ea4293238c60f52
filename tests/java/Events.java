import java.util.ArrayList;
import java.util.List;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;

/** A watcher that remembers. What tells of a znode is kept apart from what tells of the session. */
final class Events implements Watcher {
    private final List<String> znodes = new ArrayList<>();
    private final List<Event.KeeperState> states = new ArrayList<>();

    @Override
    public synchronized void process(WatchedEvent event) {
        if (event.getType() == Event.EventType.None) {
            states.add(event.getState());
        } else {
            znodes.add(event.getType() + " " + event.getPath());
        }
        notifyAll();
    }

    /** Waits until the session has been in this state, and forgets what was until then. */
    synchronized void await(Event.KeeperState state) throws InterruptedException {
        long end = System.nanoTime() + Bed.PATIENCE * 1_000_000L;
        while (!states.contains(state)) {
            patience(end, "the state " + state + "; there were " + states);
        }
        states.subList(0, states.indexOf(state) + 1).clear();
    }

    /** The next events of znodes must be these, such as {@code NodeCreated /a}, in this order. */
    synchronized void expect(String... expected) throws InterruptedException {
        long end = System.nanoTime() + Bed.PATIENCE * 1_000_000L;
        while (znodes.size() < expected.length) {
            patience(end, List.of(expected) + "; there were " + znodes);
        }
        List<String> first = new ArrayList<>(znodes.subList(0, expected.length));
        Bed.same(List.of(expected), first, "the events");
        znodes.subList(0, expected.length).clear();
    }

    /** The next events of znodes must be these, in any order. */
    synchronized void expectAll(String... expected) throws InterruptedException {
        long end = System.nanoTime() + Bed.PATIENCE * 1_000_000L;
        while (znodes.size() < expected.length) {
            patience(end, List.of(expected) + "; there were " + znodes);
        }
        List<String> first = new ArrayList<>(znodes.subList(0, expected.length));
        Bed.same(List.of(expected).stream().sorted().toList(), first.stream().sorted().toList(), "the events");
        znodes.subList(0, expected.length).clear();
    }

    /** Whether it was told this, among whatever else. */
    synchronized boolean has(String event) {
        return znodes.contains(event);
    }

    /** There must be no event of a znode that nobody has asked for. To be called when one would have come. */
    synchronized void expectNoMore() {
        Bed.same(List.of(), znodes, "further events");
    }

    private void patience(long end, String what) throws InterruptedException {
        long left = (end - System.nanoTime()) / 1_000_000;
        Bed.holds(left > 0, "not in time: " + what);
        wait(left);
    }
}
