package countersign;

import java.util.Locale;

/** Why a request is refused: the same words in every language of the SDK. */
public enum Code {
    MISSING, MALFORMED, ALGORITHM_NOT_ALLOWED, UNKNOWN_KEY, SIGNED_HEADER_MISSING, EXPIRED, SIGNATURE_MISMATCH, BODY_MISMATCH;

    /** The word, for instance {@code signature_mismatch}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
