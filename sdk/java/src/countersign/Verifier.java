package countersign;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;

/** Verifies that requests came through the gateway, unchanged and just now. Immutable; may be shared by threads. */
public final class Verifier {
    /** Either way. */
    public static final Duration DEFAULT_WINDOW = Duration.ofMinutes(15);

    private static final List<String> CALLER = List.of("x-countersign-app", "x-mse-consumer", "x-countersign-user");

    private final List<Key> keys;
    private final Set<Type> types = EnumSet.noneOf(Type.class);
    private final Options options;

    /** The defaults, and how to leave them: {@code Options.standard().window(…)}. */
    public record Options(Duration window, Clock clock, boolean requireSignedBody, boolean acceptUndated, String proofHeader) {
        public static Options standard() {
            return new Options(DEFAULT_WINDOW, Clock.systemUTC(), false, false, "Authorization");
        }

        public Options window(Duration wanted) {
            return new Options(wanted, clock, requireSignedBody, acceptUndated, proofHeader);
        }

        public Options clock(Clock wanted) {
            return new Options(window, wanted, requireSignedBody, acceptUndated, proofHeader);
        }

        /** Refuse a body that the signature does not cover. */
        public Options requireSignedBody(boolean wanted) {
            return new Options(window, clock, wanted, acceptUndated, proofHeader);
        }

        /** Accept aliyun without a timestamp. */
        public Options acceptUndated(boolean wanted) {
            return new Options(window, clock, requireSignedBody, wanted, proofHeader);
        }

        public Options proofHeader(String wanted) {
            return new Options(window, clock, requireSignedBody, acceptUndated, wanted);
        }
    }

    public Verifier(Key... keys) {
        this(List.of(keys), Options.standard());
    }

    /** {@code keys}: those that hold now; while a key is changed, the old and the new one. */
    public Verifier(List<Key> keys, Options options) {
        if (keys.isEmpty()) throw new IllegalArgumentException("a verifier needs a key");
        this.keys = List.copyOf(keys);
        this.options = options;
        for (Key key : keys) types.add(key.type());
    }

    /** What is known of the request. */
    public Verified verify(Request request) throws VerificationException {
        Instant now = options.clock().instant();
        Proof proof = read(request);
        List<Key> fitting = liveKeys(proof, now.getEpochSecond());
        String text = "", canonical = "";
        if (proof.type != Type.BASIC) {
            checkSignedHeaders(request, proof);
            checkTime(proof, now.toEpochMilli() / 1000.0);
            canonical = proof.type.isSdk() ? Texts.sdkCanonical(request, proof.names) : "";
            text = text(request, proof, canonical);
        }
        prove(fitting, text, canonical, proof);
        checkBody(request, proof);
        return Verified.of(request, proof, text, canonical);
    }

    private static VerificationException refusal(Code code, String detail) {
        return new VerificationException(code, detail);
    }

    private Proof read(Request request) throws VerificationException {
        boolean authorization = types.stream().anyMatch(type -> type.isSdk() || type == Type.BASIC);
        List<String> first = authorization ? request.values(options.proofHeader()) : List.of();
        List<String> second = types.contains(Type.BCE) ? request.values("X-Bce-Gateway-Auth") : List.of();
        List<String> third = types.contains(Type.ALIYUN) ? request.values("X-Ca-Proxy-Signature") : List.of();
        int count = first.size() + second.size() + third.size();
        if (count == 0) throw refusal(Code.MISSING, "no proof");
        if (count > 1) throw refusal(Code.MALFORMED, "more than one proof");
        if (!first.isEmpty()) return Proof.readAuthorization(first.get(0), types);
        return second.isEmpty() ? Proof.readAliyun(request, third.get(0)) : Proof.readBce(second.get(0));
    }

    private List<Key> liveKeys(Proof proof, long now) throws VerificationException {
        List<Key> live = new ArrayList<>(keys);
        live.removeIf(key -> key.type() != proof.type || !key.id().equals(proof.keyId) || !key.holds(now));
        if (live.isEmpty()) throw refusal(Code.UNKNOWN_KEY, "no key of this id that holds");
        live.removeIf(key -> !key.algorithm().equals(proof.algorithm));
        if (live.isEmpty()) throw refusal(Code.ALGORITHM_NOT_ALLOWED, proof.algorithm + " is not the algorithm of this key");
        return live;
    }

    private void checkSignedHeaders(Request request, Proof proof) throws VerificationException {
        for (String name : proof.names)
            if (request.values(name).size() != 1) throw refusal(Code.SIGNED_HEADER_MISSING, name + " is signed, and not there exactly once");
        for (String name : mustBeSigned(request, proof))
            if (!proof.names.contains(name)) throw refusal(Code.SIGNED_HEADER_MISSING, name + " is not signed");
        if (proof.type.isSdk()) {
            proof.date = OptionalDouble.of(Proof.parseDate(request.value("x-sdk-date"), Proof.BASIC_DATE));
            checkPayloadWord(request.values(Texts.PAYLOAD));
        } else if (proof.type == Type.ALIYUN && proof.names.contains("x-ca-timestamp")) {
            String stamp = request.value("x-ca-timestamp");
            if (!stamp.matches("[0-9]{13}")) throw refusal(Code.MALFORMED, "X-Ca-Timestamp is no number of milliseconds");
            proof.date = OptionalDouble.of(Long.parseLong(stamp) / 1000.0);
        }
    }

    private List<String> mustBeSigned(Request request, Proof proof) {
        List<String> names = new ArrayList<>(CALLER);
        names.removeIf(name -> !request.has(name));
        if (proof.type != Type.ALIYUN) names.add("host");
        else if (!options.acceptUndated() || request.has("x-ca-timestamp")) names.add("x-ca-timestamp");
        if (proof.type.isSdk()) names.add("x-sdk-date");
        if (proof.type.isSdk() && request.has(Texts.PAYLOAD)) names.add(Texts.PAYLOAD);
        return names;
    }

    private static void checkPayloadWord(List<String> values) throws VerificationException {
        for (String value : values)
            if (!value.equals(Texts.UNSIGNED) && !Text.isLowerHex(value, 64, 64))
                throw refusal(Code.MALFORMED, "X-Sdk-Content-Sha256 is neither UNSIGNED-PAYLOAD nor 64 lower-case hex digits");
    }

    private void checkTime(Proof proof, double now) throws VerificationException {
        if (proof.date.isEmpty()) return;
        double date = proof.date.getAsDouble(), off = Math.abs(now - date);
        if (off > options.window().toMillis() / 1000.0) throw refusal(Code.EXPIRED, Math.round(off) + " seconds off");
        if (proof.lifetime > 0 && now >= date + proof.lifetime) throw refusal(Code.EXPIRED, "past the expiry that it carries");
    }

    private static String text(Request request, Proof proof, String canonical) throws VerificationException {
        return switch (proof.type) {
            case BCE -> Texts.bceText(request, proof.names);
            case ALIYUN -> Texts.aliyunText(request, proof.spelled);
            default -> Texts.sdkText(proof.algorithm, request, canonical);
        };
    }

    /** Tries every key, so that the time does not tell which one it was. */
    private static void prove(List<Key> keys, String text, String canonical, Proof proof) throws VerificationException {
        boolean proven = false;
        for (Key key : keys) proven |= key.proves(text, proof);
        String shown = Text.asUtf8(canonical.isEmpty() ? text : canonical).replace('\n', '|');
        if (!proven) throw refusal(Code.SIGNATURE_MISMATCH, "the signature is not that of " + shown);
    }

    private void checkBody(Request request, Proof proof) throws VerificationException {
        boolean covered = bodyIsCovered(request, proof);
        if (options.requireSignedBody() && request.body().length > 0 && !covered)
            throw refusal(Code.BODY_MISMATCH, "the signature does not cover the body");
    }

    /** Throws when a signed digest is another body's. */
    private static boolean bodyIsCovered(Request request, Proof proof) throws VerificationException {
        if (proof.type == Type.ALIYUN) return Texts.aliyunCoversBody(request);
        if (proof.type.isSdk()) {
            String declared = request.value(Texts.PAYLOAD);
            if (!declared.isEmpty() && !declared.equals(Texts.UNSIGNED)) checkDigest(Crypto.hexDigest(request.body()), declared);
            return !declared.equals(Texts.UNSIGNED);
        }
        boolean sha256 = proof.names.contains("x-bce-content-sha256"), md5 = proof.names.contains("content-md5");
        if (sha256) checkDigest(Crypto.hexDigest(request.body()), request.value("x-bce-content-sha256"));
        if (md5) checkDigest(Texts.contentMd5(request.body()), request.value("content-md5"));
        return sha256 || md5;
    }

    private static void checkDigest(String digest, String declared) throws VerificationException {
        if (!Crypto.equal(digest, declared)) throw refusal(Code.BODY_MISMATCH, "the body is not the one whose digest is signed");
    }
}
