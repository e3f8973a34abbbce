package countersign;

/** The request did not come through the gateway, or not unchanged. */
public final class VerificationException extends Exception {
    private static final long serialVersionUID = 1;
    private final Code code;
    private final String detail;

    VerificationException(Code code, String detail) {
        super(code.word() + ": " + detail, null, false, false);
        this.code = code;
        this.detail = detail;
    }

    static VerificationException malformed(String detail) {
        return new VerificationException(Code.MALFORMED, detail);
    }

    public Code code() {
        return code;
    }

    /** For the log, never for the caller. */
    public String detail() {
        return detail;
    }
}
