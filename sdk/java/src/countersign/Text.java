package countersign;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;

/** Text of one byte a character. */
final class Text {
    private static final String HEX = "0123456789ABCDEF";

    private Text() {}

    static String trim(String value) {
        int from = 0, to = value.length();
        while (from < to && isBlank(value.charAt(from))) from++;
        while (to > from && isBlank(value.charAt(to - 1))) to--;
        return value.substring(from, to);
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }

    /** A-Z alone, whatever the locale. */
    static String lower(String name) {
        StringBuilder out = new StringBuilder(name.length());
        for (char c : name.toCharArray()) out.append(c >= 'A' && c <= 'Z' ? (char) (c + 32) : c);
        return out.toString();
    }

    static String upper(String name) {
        return name.toUpperCase(Locale.ROOT);
    }

    static boolean isAlphanumeric(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
    }

    static boolean isToken(String name) {
        for (char c : name.toCharArray()) if (!isAlphanumeric(c) && "!#$%&'*+-.^_`|~".indexOf(c) < 0) return false;
        return !name.isEmpty();
    }

    static boolean isLowerHex(String text, int least, int most) {
        for (char c : text.toCharArray()) if (!(c >= '0' && c <= '9' || c >= 'a' && c <= 'f')) return false;
        return text.length() >= least && text.length() <= most;
    }

    /** Percent-decodes; a "%" without two hex digits is refused. */
    static String decode(String text) throws VerificationException {
        if (text.indexOf('%') < 0) return text;
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) != '%') {
                out.append(text.charAt(i));
                continue;
            }
            if (i + 3 > text.length()) throw VerificationException.malformed("a % without two hex digits");
            out.append((char) (16 * digit(text.charAt(i + 1)) + digit(text.charAt(i + 2))));
            i += 2;
        }
        return out.toString();
    }

    private static int digit(char c) throws VerificationException {
        int value = c < 0x80 ? Character.digit(c, 16) : -1;
        if (value < 0) throw VerificationException.malformed("a % without two hex digits");
        return value;
    }

    static String encode(String text, String also) {
        StringBuilder out = new StringBuilder(text.length());
        for (char c : text.toCharArray()) {
            if (isAlphanumeric(c) || "-_.~".indexOf(c) >= 0 || also.indexOf(c) >= 0) out.append(c);
            else out.append('%').append(HEX.charAt(c >> 4 & 15)).append(HEX.charAt(c & 15));
        }
        return out.toString();
    }

    /** null unless it is padded, and in the one spelling that encoding gives. */
    static byte[] decodeBase64(String text) {
        try {
            byte[] data = Base64.getDecoder().decode(text);
            return Base64.getEncoder().encodeToString(data).equals(text) ? data : null;
        } catch (IllegalArgumentException unreadable) {
            return null;
        }
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    static void demandBytes(String text) throws VerificationException {
        for (char c : text.toCharArray()) if (c > 0xff) throw VerificationException.malformed("a character that is no single byte");
    }

    static String asUtf8(String text) {
        return new String(bytes(text), StandardCharsets.UTF_8);
    }
}
