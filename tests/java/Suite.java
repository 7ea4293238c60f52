import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/**
 * What Apache ZooKeeper's own client expects of a server, one named test each.
 *
 * <p>{@code java Suite MODE HOME [OTHER…]}: the mode is {@code standalone}, {@code leader} or {@code follower}, what the server at
 * HOME is; the others are the rest of its ensemble. Prints one line a test: {@code ok NAME}, {@code failed NAME: REASON} or
 * {@code skipped NAME: REASON}. Ends with 1 if one has failed. The tests run side by side, each below a znode of its own. With a
 * leader it then says {@code kill the leader}, waits for a line, and makes the test of what has to survive that.
 */
public final class Suite {
    private static final Class<?>[] GROUPS = {
        Znodes.class, Transactions.class, Watches.class, Reconnects.class, Access.class, Sessions.class, Questions.class, Limits.class,
    };

    /** Most of a test is waiting. */
    private static final int SIDE_BY_SIDE = 12;

    private Suite() {}

    public static void main(String[] arguments) throws Exception {
        Place place = new Place(arguments[0], List.of(arguments).subList(1, arguments.length));
        String only = System.getProperty("only", "");
        ExecutorService threads = Executors.newFixedThreadPool(SIDE_BY_SIDE);
        List<Future<String>> outcomes = new ArrayList<>();
        for (Class<?> group : GROUPS) {
            Stream.of(group.getDeclaredMethods())
                    .filter(Suite::isTest)
                    .sorted(Comparator.comparing(Method::getName))
                    .filter(method -> name(method).startsWith(only))
                    .map(method -> (Callable<String>) () -> outcome(method, place))
                    .forEach(test -> outcomes.add(threads.submit(test)));
        }
        boolean hasFailed = false;
        for (Future<String> outcome : outcomes) {
            hasFailed |= tell(outcome.get());
        }
        if (place.mode().equals("leader")) {
            hasFailed |= tell(outcome(Survival.class.getDeclaredMethod("theLeaderIsKilled", Bed.class), place));
        }
        System.out.flush();
        // What a client has left running must not keep the process alive.
        Runtime.getRuntime().halt(hasFailed ? 1 : 0);
    }

    /** Prints the line, and gives whether it tells of a failure. */
    private static boolean tell(String line) {
        System.out.println(line);
        System.out.flush();
        return line.startsWith("failed ");
    }

    private static boolean isTest(Method method) {
        return method.getParameterCount() == 1 && method.getParameterTypes()[0] == Bed.class && !method.isSynthetic();
    }

    private static String name(Method method) {
        return method.getDeclaringClass().getSimpleName() + "." + method.getName();
    }

    private static String outcome(Method method, Place place) {
        String name = name(method);
        try (Bed bed = new Bed(place, "/" + name + "-" + place.mode() + "-" + System.currentTimeMillis())) {
            bed.prepare();
            method.invoke(null, bed);
            return "ok " + name;
        } catch (InvocationTargetException wrapped) {
            return unhappy(name, wrapped.getCause());
        } catch (Exception | AssertionError error) {
            return unhappy(name, error);
        }
    }

    private static String unhappy(String name, Throwable cause) {
        if (cause instanceof Skipped) {
            return "skipped " + name + ": " + cause.getMessage();
        }
        String where = Stream.of(cause.getStackTrace())
                .filter(frame -> frame.getFileName() != null && name.startsWith(frame.getFileName().replace("java", "")))
                .findFirst()
                .map(frame -> frame.getFileName() + ":" + frame.getLineNumber() + " ")
                .orElse("");
        return "failed " + name + ": " + where + String.valueOf(cause).replace('\n', ' ');
    }
}
