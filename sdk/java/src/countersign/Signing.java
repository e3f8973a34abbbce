package countersign;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.TreeSet;
import java.util.UUID;

/** Signs a client's requests with one pair of id and secret, in the three schemes that the gateway admits. Immutable. */
public final class Signing {
    private static final DateTimeFormatter BASIC_DATE = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter ISO_DATE = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss'Z'").withZone(ZoneOffset.UTC);

    private final String id;
    private final byte[] secret;
    private final Instant moment;
    private final List<String> more;

    public Signing(String id, String secret) {
        this(id, secret.getBytes(StandardCharsets.UTF_8), null, List.of());
    }

    private Signing(String id, byte[] secret, Instant moment, List<String> more) {
        this.id = id;
        this.secret = secret;
        this.moment = moment;
        this.more = List.copyOf(more);
    }

    /** Signs as if it were this moment. */
    public Signing at(Instant moment) {
        return new Signing(id, secret, moment, more);
    }

    /** Signs these headers too. */
    public Signing signing(List<String> names) {
        return new Signing(id, secret, moment, names);
    }

    private Instant now() {
        return moment == null ? Instant.now() : moment;
    }

    /** With X-Ca-Signature, HmacSHA256. Query and form must not repeat a name. */
    public Signed aliyunCa(Request unsigned) {
        Request request = prepared(unsigned);
        List<Header> added = new ArrayList<>(List.of(new Header("X-Ca-Key", id)));
        addUnlessThere(added, request, "Accept", "*/*");
        addUnlessThere(added, request, "X-Ca-Timestamp", Long.toString(now().toEpochMilli()));
        addUnlessThere(added, request, "X-Ca-Nonce", UUID.randomUUID().toString());
        if (request.body().length > 0 && !request.isForm()) addUnlessThere(added, request, "Content-MD5", Texts.contentMd5(request.body()));
        Request whole = request.with(added);
        List<String> names = names(whole, List.of("x-ca-key", "x-ca-timestamp", "x-ca-nonce"));
        String text = make(() -> Texts.caText(whole, names));
        added.add(new Header("X-Ca-Signature-Headers", String.join(",", names)));
        added.add(new Header("X-Ca-Signature", Base64.getEncoder().encodeToString(Crypto.mac(secret, text))));
        return new Signed(List.copyOf(added), Text.asUtf8(text), "");
    }

    /** With SDK-HMAC-SHA256. */
    public Signed sdkHmac(Request unsigned) {
        Request request = prepared(unsigned);
        List<Header> added = new ArrayList<>();
        addUnlessThere(added, request, "X-Sdk-Date", BASIC_DATE.format(now()));
        Request whole = request.with(added);
        List<String> names = names(whole, List.of("host", "x-sdk-date", Texts.PAYLOAD));
        String canonical = make(() -> Texts.sdkCanonical(whole, names));
        String text = Texts.sdkText("SDK-HMAC-SHA256", whole, canonical);
        added.add(new Header("Authorization", "SDK-HMAC-SHA256 Access=" + id + ", SignedHeaders=" + String.join(";", names) + ", Signature="
            + Crypto.hexMac(secret, text)));
        return new Signed(List.copyOf(added), Text.asUtf8(text), Text.asUtf8(canonical));
    }

    /** With bce-auth-v1 in Authorization, for half an hour. */
    public Signed bce(Request unsigned) {
        return bce(unsigned, "Authorization", 1800);
    }

    /** With bce-auth-v1. The body is covered only by a header x-bce-content-sha256 that the request has. */
    public Signed bce(Request unsigned, String header, int expiration) {
        Request request = prepared(unsigned);
        List<String> own = new ArrayList<>(List.of("host", "content-type", "content-md5"));
        for (Header there : request.headers()) {
            String name = Text.lower(there.name());
            if (name.startsWith("x-bce-") && !name.equals(Text.lower(header))) own.add(name);
        }
        List<String> names = names(request, own);
        String text = make(() -> Texts.bceText(request, names));
        String prefix = "bce-auth-v1/" + id + "/" + ISO_DATE.format(now()) + "/" + expiration;
        String signature = Crypto.hexMac(Text.bytes(Crypto.hexMac(secret, prefix)), text);
        return new Signed(List.of(new Header(header, prefix + "/" + String.join(";", names) + "/" + signature)), Text.asUtf8(text), "");
    }

    private static Request prepared(Request request) {
        for (char c : request.target().toCharArray()) if (c > 0x7f) throw new IllegalArgumentException("the target must be percent-encoded");
        return new Request(Text.upper(request.method()), request.target(), request.headers(), request.body());
    }

    private static void addUnlessThere(List<Header> added, Request request, String name, String value) {
        if (!request.has(name)) added.add(new Header(name, value));
    }

    private List<String> names(Request request, List<String> own) {
        TreeSet<String> names = new TreeSet<>(own);
        for (String name : more) names.add(Text.lower(name));
        names.removeIf(name -> !request.has(name));
        return List.copyOf(names);
    }

    private interface Maker {
        String make() throws VerificationException;
    }

    /** A request that no verifier could read is the caller's mistake here. */
    private static String make(Maker maker) {
        try {
            return maker.make();
        } catch (VerificationException problem) {
            throw new IllegalArgumentException(problem.detail());
        }
    }
}
