import countersign.Header;
import countersign.Key;
import countersign.Request;
import countersign.Signed;
import countersign.Signing;
import countersign.VerificationException;
import countersign.Verified;
import countersign.Verifier;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** RunVectors FOLDER: checks every case of the vectors (vectors/README.md). Last line: "N passed, N failed". */
public final class RunVectors {
    private final Path folder;
    private final Map<String, Object> context;

    private RunVectors(Path folder) throws IOException {
        this.folder = folder;
        this.context = map(Json.read(Files.readString(folder.resolve("context.json"))));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }

    private static List<?> list(Object value) {
        return value == null ? List.of() : (List<?>) value;
    }

    private String type() {
        return (String) context.get("type");
    }

    private Instant now() {
        return Instant.ofEpochSecond((Long) context.get("now"));
    }

    private static Request readRequest(Path file) throws IOException {
        byte[] data = Files.readAllBytes(file);
        String text = new String(data, StandardCharsets.ISO_8859_1);
        int end = text.indexOf("\n\n");
        String[] lines = text.substring(0, end).split("\n");
        String[] words = lines[0].split(" ");
        List<Header> headers = new ArrayList<>();
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            headers.add(new Header(lines[i].substring(0, colon), lines[i].substring(colon + 1)));
        }
        return new Request(words[0], words[1], headers, Arrays.copyOfRange(data, end + 2, data.length));
    }

    private static Key key(Map<String, Object> known) {
        String id = (String) known.get("id"), secret = (String) known.get("secret");
        Key key = switch ((String) known.get("type")) {
            case "hmac" -> Key.hmac(id, secret);
            case "basic" -> Key.basic(id, secret);
            case "aes" -> Key.aes(id, (String) known.get("algorithm"), (String) known.get("key"), secret);
            case "public_key" -> Key.publicKey(id, (String) known.get("public_key"));
            case "bce" -> Key.bce(id, secret);
            case "aliyun" -> Key.aliyun(id, secret);
            default -> throw new IllegalArgumentException("a key of type " + known.get("type"));
        };
        return known.get("not_after") == null ? key : key.notAfter((Long) known.get("not_after"));
    }

    private Verifier verifier() {
        Map<String, Object> options = map(context.get("options"));
        List<Key> keys = new ArrayList<>();
        for (Object known : list(context.get("keys"))) keys.add(key(map(known)));
        Verifier.Options chosen = Verifier.Options.standard().clock(Clock.fixed(now(), ZoneOffset.UTC))
            .requireSignedBody(Boolean.TRUE.equals(options.get("require_signed_body")))
            .acceptUndated(Boolean.TRUE.equals(options.get("accept_undated")));
        Object window = options.get("window");
        return new Verifier(keys, window == null ? chosen : chosen.window(Duration.ofSeconds((Long) window)));
    }

    private String checkTexts(String text, String canonical) throws IOException {
        for (List<String> pair : List.of(List.of("string-to-sign.txt", text), List.of("canonical-request.txt", canonical))) {
            Path file = folder.resolve(pair.get(0));
            if (Files.exists(file) && !Files.readString(file).equals(pair.get(1))) return "another " + pair.get(0);
        }
        return "";
    }

    private String checkSigning(Request signed) throws IOException {
        Map<String, Object> key = map(context.containsKey("key") ? context.get("key") : list(context.get("keys")).get(0));
        List<String> names = list(context.get("signed_headers")).stream().map(String.class::cast).toList();
        Signing signing = new Signing((String) key.get("id"), (String) key.get("secret")).at(now()).signing(names);
        Request unsigned = readRequest(folder.resolve("request.txt"));
        Signed result = switch (type()) {
            case "aliyun-ca" -> signing.aliyunCa(unsigned);
            case "hmac", "sdk-hmac-sha256" -> signing.sdkHmac(unsigned);
            case "bce" -> signing.bce(unsigned, "X-Bce-Gateway-Auth", 1800);
            default -> signing.bce(unsigned);
        };
        String proof = type().equals("aliyun-ca") ? "X-Ca-Signature" : type().equals("bce") ? "X-Bce-Gateway-Auth" : "Authorization";
        String value = unsigned.with(result.headers()).value(proof);
        return value.equals(signed.value(proof)) ? checkTexts(result.stringToSign(), result.canonicalRequest()) : "signed otherwise: " + value;
    }

    /** "" or what is wrong. */
    private String check(String name) throws IOException {
        Request request = readRequest(folder.resolve(name));
        String expected = (String) map(context.get("expect")).get(name);
        if (expected.equals("signed")) return checkSigning(request);
        Verified verified;
        try {
            verified = verifier().verify(request);
        } catch (VerificationException refusal) {
            return refusal.code().word().equals(expected) ? "" : "expected " + expected + ", got " + refusal.getMessage();
        }
        if (!expected.equals("accept")) return "expected " + expected + ", was accepted";
        if (!name.equals("signed-request.txt")) return "";
        String problem = checkTexts(verified.stringToSign(), verified.canonicalRequest());
        return problem.isEmpty() && context.containsKey("signed_headers") ? checkSigning(request) : problem;
    }

    private String attempt(String name) {
        try {
            return check(name);
        } catch (IOException | RuntimeException fault) { // a fault is a failed case, not the end
            return fault.toString();
        }
    }

    public static void main(String[] arguments) throws IOException {
        Path root = Path.of(arguments[0]);
        List<Path> contexts;
        try (Stream<Path> found = Files.find(root, 3, (path, about) -> path.endsWith("context.json"))) {
            contexts = found.sorted().toList();
        }
        int passed = 0, failed = 0;
        for (Path file : contexts) {
            RunVectors run = new RunVectors(file.getParent());
            for (String name : map(run.context.get("expect")).keySet()) {
                String problem = run.attempt(name);
                if (problem.isEmpty()) passed++;
                else failed++;
                if (!problem.isEmpty()) System.out.println("FAIL " + root.relativize(file.getParent()) + "/" + name + ": " + problem);
            }
        }
        System.out.println(passed + " passed, " + failed + " failed");
        System.exit(passed > 0 && failed == 0 ? 0 : 1);
    }
}
