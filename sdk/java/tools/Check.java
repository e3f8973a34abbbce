import countersign.Code;
import countersign.Header;
import countersign.Key;
import countersign.Request;
import countersign.Signing;
import countersign.VerificationException;
import countersign.Verifier;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Keys that are none, options, signing. The formats are checked by RunVectors. Last line: "N passed, N failed". */
public final class Check {
    static final String ID = "signature_key1", SECRET = "signature_secret1-0123456789";
    private static int passed, failed;

    interface Step {
        void run() throws Exception;
    }

    static void that(String name, boolean holds) {
        if (holds) passed++;
        else failed++;
        if (!holds) System.out.println("FAIL " + name);
    }

    static void refuses(String name, Step step) {
        boolean refused = false;
        try {
            step.run();
        } catch (IllegalArgumentException expected) {
            refused = true;
        } catch (Exception other) {
            System.out.println(other);
        }
        that(name, refused);
    }

    static Request signed(String method, String target, String body) {
        List<Header> headers = List.of(new Header("Host", "h.internal"), new Header("X-Countersign-App", "app-1"));
        Request request = new Request(method, target, headers, body.getBytes());
        return request.with(new Signing(ID, SECRET).signing(List.of("x-countersign-app")).sdkHmac(request).headers());
    }

    /** "" when it is accepted. */
    static String verify(Verifier verifier, Request request) {
        try {
            verifier.verify(request);
            return "";
        } catch (VerificationException refusal) {
            return refusal.code().word();
        }
    }

    private static void keys() {
        refuses("no id", () -> Key.hmac("", "secret"));
        refuses("no secret", () -> Key.bce("key", ""));
        refuses("aes-192", () -> Key.aes("id", "aes-192-cfb", "k".repeat(24), "v".repeat(16)));
        refuses("key of another size", () -> Key.aes("id", "aes-128-cfb", "k".repeat(32), "v".repeat(16)));
        refuses("vector of another size", () -> Key.aes("id", "aes-256-cfb", "k".repeat(32), "v".repeat(15)));
        refuses("no public key", () -> Key.publicKey("id", "AAAA"));
        refuses("a public key that is no base64", () -> Key.publicKey("id", "***"));
        refuses("no key at all", Verifier::new);
        that("no secret shown", !Key.hmac(ID, SECRET).toString().contains(SECRET));
    }

    private static void options() {
        Request request = signed("GET", "/a%20b?x=1", "");
        List<Key> keys = List.of(Key.hmac(ID, SECRET));
        Clock late = Clock.offset(Clock.systemUTC(), Duration.ofSeconds(1000));
        that("the system's clock", verify(new Verifier(keys, Verifier.Options.standard()), request).isEmpty());
        that("another clock", verify(new Verifier(keys, Verifier.Options.standard().clock(late)), request).equals(Code.EXPIRED.word()));
        List<Header> moved = new ArrayList<>();
        for (Header header : request.headers()) moved.add(header.name().equals("Authorization") ? new Header("X-Sign", header.value()) : header);
        Request elsewhere = new Request("GET", "/a%20b?x=1", moved, new byte[0]);
        that("the proof elsewhere", verify(new Verifier(keys, Verifier.Options.standard().proofHeader("X-Sign")), elsewhere).isEmpty());
        that("the proof where it is not looked for", verify(new Verifier(keys, Verifier.Options.standard()), elsewhere).equals("missing"));
    }

    private static Request bare(String target) {
        return new Request("GET", target, List.of(new Header("Host", "h")), new byte[0]);
    }

    private static void signing() {
        Signing signing = new Signing("key", "secret");
        for (String target : List.of("/caf\u00e9", "/a?b=%4")) {
            refuses("aliyun-ca " + target, () -> signing.aliyunCa(bare(target)));
            refuses("sdk-hmac " + target, () -> signing.sdkHmac(bare(target)));
            refuses("bce " + target, () -> signing.bce(bare(target)));
        }
        refuses("a repeated name", () -> signing.aliyunCa(bare("/?a=1&a=2")));
    }

    static int result() {
        System.out.println(passed + " passed, " + failed + " failed");
        return failed == 0 && passed > 0 ? 0 : 1;
    }

    public static void main(String[] arguments) {
        keys();
        options();
        signing();
        System.exit(result());
    }
}
