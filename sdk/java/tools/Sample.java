import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import countersign.Header;
import countersign.Key;
import countersign.Request;
import countersign.VerificationException;
import countersign.Verified;
import countersign.Verifier;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;

/** Sample PORT: a backend that believes the gateway only. Its keys are in the environment (../../README.md). */
public final class Sample {
    private static final Verifier VERIFIER = new Verifier(keysOfEnvironment());

    private static String variable(String name) {
        return variable(name, "");
    }

    private static String variable(String name, String otherwise) {
        return System.getenv().getOrDefault("COUNTERSIGN_" + name, otherwise);
    }

    /** While the gateway's key is changed: the one that signs now, and the one that follows. */
    private static Key[] keysOfEnvironment() {
        String id = variable("ID"), secret = variable("SECRET"), key = variable("KEY");
        Key first = keyOf(id, secret, key);
        if (variable("NEXT_SECRET").isEmpty() && variable("NEXT_KEY").isEmpty()) return new Key[] {first};
        return new Key[] {first, keyOf(variable("NEXT_ID", id), variable("NEXT_SECRET", secret), variable("NEXT_KEY", key))};
    }

    private static Key keyOf(String id, String secret, String key) {
        String type = variable("TYPE");
        return switch (type) {
            case "", "hmac" -> Key.hmac(id, secret);
            case "basic" -> Key.basic(id, secret);
            case "aes" -> Key.aes(id, variable("ALGORITHM"), key, secret);
            case "public_key" -> Key.publicKey(id, key);
            case "bce" -> Key.bce(id, secret);
            case "aliyun" -> Key.aliyun(id, secret);
            default -> throw new IllegalArgumentException("COUNTERSIGN_TYPE " + type + " is none");
        };
    }

    private static void serve(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        String target = exchange.getRequestURI().toString();
        List<Header> headers = new ArrayList<>();
        exchange.getRequestHeaders().forEach((name, values) -> values.forEach(value -> headers.add(new Header(name, value))));
        try {
            Verified verified = VERIFIER.verify(new Request(exchange.getRequestMethod(), target, headers, body));
            answer(exchange, 200, "{\"verified\":true,\"type\":\"" + verified.type().word() + "\",\"key_id\":" + quoted(verified.keyId())
                + ",\"caller\":" + quoted(verified.caller()) + ",\"method\":" + quoted(exchange.getRequestMethod()) + ",\"target\":"
                + quoted(target) + ",\"body_bytes\":" + body.length + "}");
        } catch (VerificationException refusal) {
            answer(exchange, 401, "{\"error\":\"" + refusal.code().word() + "\"}");
        }
    }

    private static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : text.toCharArray()) out.append(c == '"' || c == '\\' || c < 0x20 || c > 0x7e ? String.format("\\u%04x", (int) c) : c);
        return out.append('"').toString();
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] data = text.getBytes(StandardCharsets.US_ASCII);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, exchange.getRequestMethod().equals("HEAD") ? -1 : data.length);
        if (!exchange.getRequestMethod().equals("HEAD")) exchange.getResponseBody().write(data);
        exchange.close();
    }

    public static void main(String[] arguments) throws IOException {
        InetSocketAddress where = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[0]));
        HttpServer server = HttpServer.create(where, 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", Sample::serve);
        server.start();
        System.out.println("listening at http://127.0.0.1:" + server.getAddress().getPort());
    }
}
