package countersign;

import java.util.List;

/** {@code headers} are to be set on the request, each in place of those of its name. */
public record Signed(List<Header> headers, String stringToSign, String canonicalRequest) {}
