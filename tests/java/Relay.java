import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HashSet;
import java.util.Set;

/** A port that leads to a server for as long as the test wants it to. */
final class Relay implements AutoCloseable {
    private final ServerSocket listener;
    private final String host;
    private final int port;
    private final Set<Socket> sockets = new HashSet<>();
    private boolean isCut;

    Relay(String server) throws IOException {
        int colon = server.lastIndexOf(':');
        host = server.substring(0, colon);
        port = Integer.parseInt(server.substring(colon + 1));
        listener = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        start(this::accept);
    }

    String address() {
        return "127.0.0.1:" + listener.getLocalPort();
    }

    /** Ends every connection, and refuses new ones until it is mended. */
    synchronized void cut() throws IOException {
        isCut = true;
        for (Socket socket : sockets) {
            socket.close();
        }
        sockets.clear();
    }

    synchronized void mend() {
        isCut = false;
    }

    @Override
    public void close() throws IOException {
        cut();
        listener.close();
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = listener.accept();
            if (!join(client)) {
                client.close();
            }
        }
    }

    private synchronized boolean join(Socket client) throws IOException {
        if (isCut) {
            return false;
        }
        Socket server = new Socket(host, port);
        sockets.add(client);
        sockets.add(server);
        start(() -> pour(client, server));
        start(() -> pour(server, client));
        return true;
    }

    private static void pour(Socket from, Socket to) throws IOException {
        try (from; to) {
            InputStream input = from.getInputStream();
            OutputStream output = to.getOutputStream();
            input.transferTo(output);
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void start(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException closed) {
                // The other side is told by the end of its connection.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }
}
