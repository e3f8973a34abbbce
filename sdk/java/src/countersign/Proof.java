package countersign;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a request claims. Nothing is decided here but what is written there. */
final class Proof {
    static final Pattern BASIC_DATE = Pattern.compile("([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})Z");
    private static final Pattern ISO_DATE = Pattern.compile("([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z");
    private static final String WORD = "([\\x21-\\x2b\\x2d-\\x7e]+)";
    private static final Pattern PARAMETERS =
        Pattern.compile("Access=" + WORD + ",[ \\t]?SignedHeaders=" + WORD + ",[ \\t]?Signature=" + WORD);
    private static final Map<String, Type> ALGORITHMS = Map.of("SDK-HMAC-SHA256", Type.HMAC, "SDK-AES-128-CFB", Type.AES, "SDK-AES-256-CFB",
        Type.AES, "SDK-RSA-SHA256", Type.PUBLIC_KEY, "SDK-ECDSA-P256-SHA256", Type.PUBLIC_KEY);

    final Type type;
    final String keyId;
    final String algorithm;
    final String signature;
    List<String> names = List.of();   // signed headers, lower case
    List<String> spelled = List.of(); // as the list has them
    OptionalDouble date = OptionalDouble.empty(); // Unix seconds
    long lifetime; // seconds, 0: none is told
    String prefix = "";

    private Proof(Type type, String keyId, String algorithm, String signature) {
        this.type = type;
        this.keyId = keyId;
        this.algorithm = algorithm;
        this.signature = signature;
    }

    /** Unix seconds. */
    static double parseDate(String text, Pattern form) throws VerificationException {
        Matcher found = form.matcher(text);
        if (!found.matches()) throw VerificationException.malformed("the date is not of the form that the format wants");
        int[] parts = new int[6];
        for (int i = 0; i < 6; i++) parts[i] = Integer.parseInt(found.group(i + 1));
        try {
            return LocalDateTime.of(parts[0], parts[1], parts[2], parts[3], parts[4], parts[5]).toEpochSecond(ZoneOffset.UTC);
        } catch (DateTimeException impossible) {
            throw VerificationException.malformed("the date is none of the calendar");
        }
    }

    private static List<String> lower(List<String> names) {
        List<String> lower = new ArrayList<>();
        for (String name : names) lower.add(Text.lower(name));
        return lower;
    }

    private static List<String> splitNames(String listed, String separator) throws VerificationException {
        List<String> names = List.of(listed.split(separator, -1));
        boolean tokens = names.stream().allMatch(Text::isToken);
        if (!tokens || new HashSet<>(lower(names)).size() < names.size())
            throw VerificationException.malformed("the list of signed headers holds a name twice, or one that is none");
        return names;
    }

    private static List<String> lowerNames(String listed) throws VerificationException {
        if (!listed.equals(Text.lower(listed)))
            throw VerificationException.malformed("the list of signed headers holds a name that is not in lower case");
        return splitNames(listed, ";");
    }

    /** The header of hmac, basic, aes and public_key. */
    static Proof readAuthorization(String value, Set<Type> types) throws VerificationException {
        int mark = value.indexOf(' ');
        String word = mark < 0 ? value : value.substring(0, mark), rest = mark < 0 ? "" : Text.trim(value.substring(mark));
        Type type = Text.lower(word).equals("basic") ? Type.BASIC : ALGORITHMS.get(word);
        if (type == null || !types.contains(type))
            throw new VerificationException(Code.ALGORITHM_NOT_ALLOWED, "a proof for which there is no key here");
        if (type == Type.BASIC) return readBasic(rest);
        Matcher found = PARAMETERS.matcher(rest);
        if (!found.matches()) throw VerificationException.malformed("not Access, SignedHeaders and Signature in this order");
        Proof proof = new Proof(type, found.group(1), word, found.group(3));
        proof.names = lowerNames(found.group(2));
        return proof;
    }

    private static Proof readBasic(String token) throws VerificationException {
        byte[] data = Text.decodeBase64(token);
        if (data == null) throw VerificationException.malformed("Basic without base64");
        String pair = new String(data, StandardCharsets.ISO_8859_1);
        int colon = pair.indexOf(':');
        if (colon < 0) throw VerificationException.malformed("Basic without a colon");
        return new Proof(Type.BASIC, Text.asUtf8(pair.substring(0, colon)), "", pair.substring(colon + 1));
    }

    /** X-Bce-Gateway-Auth. */
    static Proof readBce(String value) throws VerificationException {
        String[] parts = value.split("/", -1);
        if (!parts[0].equals("bce-auth-v1")) throw new VerificationException(Code.ALGORITHM_NOT_ALLOWED, "not bce-auth-v1");
        if (parts.length != 6 || parts[1].isEmpty()) throw VerificationException.malformed("not the six parts of bce-auth-v1");
        if (!parts[3].matches("[1-9][0-9]{0,9}") || Long.parseLong(parts[3]) > Integer.MAX_VALUE)
            throw VerificationException.malformed("the expiration is no number of seconds");
        if (!Text.isLowerHex(parts[5], 64, 64)) throw VerificationException.malformed("the signature is not 64 lower-case hex digits");
        Proof proof = new Proof(Type.BCE, parts[1], "", parts[5]);
        proof.date = OptionalDouble.of(parseDate(parts[2], ISO_DATE));
        proof.lifetime = Long.parseLong(parts[3]);
        proof.prefix = String.join("/", parts[0], parts[1], parts[2], parts[3]);
        if (!parts[4].isEmpty()) proof.names = lowerNames(parts[4]);
        return proof;
    }

    /** X-Ca-Proxy-Signature and the two headers beside it. */
    static Proof readAliyun(Request request, String value) throws VerificationException {
        List<String> ids = request.values("X-Ca-Proxy-Signature-Secret-Key"), lists = request.values("X-Ca-Proxy-Signature-Headers");
        if (ids.size() != 1 || lists.size() > 1 || ids.get(0).isEmpty())
            throw VerificationException.malformed("X-Ca-Proxy-Signature-Secret-Key and -Headers must stand there once");
        Proof proof = new Proof(Type.ALIYUN, ids.get(0), "", value);
        if (!lists.isEmpty() && !lists.get(0).isEmpty()) {
            proof.spelled = splitNames(lists.get(0), ",");
            proof.names = lower(proof.spelled);
        }
        return proof;
    }
}
