package countersign;

import java.util.Locale;

/** Types of signature key. */
public enum Type {
    HMAC, BASIC, AES, PUBLIC_KEY, BCE, ALIYUN;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    boolean isSdk() {
        return this == HMAC || this == AES || this == PUBLIC_KEY;
    }
}
