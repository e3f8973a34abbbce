package countersign;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** What every Java has; that it had not is a fault of the installation. */
final class Crypto {
    private Crypto() {}

    static byte[] digest(String algorithm, byte[] data) {
        try {
            return MessageDigest.getInstance(algorithm).digest(data);
        } catch (GeneralSecurityException fault) {
            throw new IllegalStateException(fault);
        }
    }

    static String hexDigest(byte[] data) {
        return HexFormat.of().formatHex(digest("SHA-256", data));
    }

    static byte[] mac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(Text.bytes(text));
        } catch (GeneralSecurityException fault) {
            throw new IllegalStateException(fault);
        }
    }

    static String hexMac(byte[] key, String text) {
        return HexFormat.of().formatHex(mac(key, text));
    }

    /** In constant time. */
    static boolean equal(String a, String b) {
        return MessageDigest.isEqual(Text.bytes(a), Text.bytes(b));
    }
}
