import java.util.List;

/** Where the servers are: the one that is tested first, then the rest of its ensemble. */
record Place(String mode, List<String> servers) {
    String home() {
        return servers.get(0);
    }

    boolean isAlone() {
        return servers.size() == 1;
    }

    String all() {
        return String.join(",", servers);
    }
}
