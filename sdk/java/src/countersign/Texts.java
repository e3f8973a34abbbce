package countersign;

import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/** The texts that are signed, format by format (../README.md, "The formats, exactly"). */
final class Texts {
    static final String PAYLOAD = "x-sdk-content-sha256";
    static final String UNSIGNED = "UNSIGNED-PAYLOAD";

    private record Pair(String name, String value) {
        String encoded() {
            return Text.encode(name, "") + "=" + Text.encode(value, "");
        }
    }

    private Texts() {}

    private static List<Pair> pairs(String text, boolean plusIsBlank) throws VerificationException {
        List<Pair> pairs = new ArrayList<>();
        for (String item : text.split("&")) {
            if (item.isEmpty()) continue;
            String read = plusIsBlank ? item.replace('+', ' ') : item;
            int mark = read.indexOf('=');
            String name = mark < 0 ? read : read.substring(0, mark), value = mark < 0 ? "" : read.substring(mark + 1);
            pairs.add(new Pair(Text.decode(name), Text.decode(value)));
        }
        return pairs;
    }

    private static void sort(List<Pair> pairs) {
        pairs.sort(Comparator.comparing(Pair::name).thenComparing(Pair::value));
    }

    private static String rawPath(Request request) throws VerificationException {
        String path = request.path();
        Text.demandBytes(request.target());
        if (!path.isEmpty() && path.charAt(0) != '/') throw VerificationException.malformed("a target that does not begin with /");
        return path;
    }

    private static String encodedPath(Request request) throws VerificationException {
        return Text.encode(Text.decode(rawPath(request)), "/");
    }

    private static String lines(Request request, List<String> names) {
        StringBuilder lines = new StringBuilder();
        for (String name : names) lines.append(Text.lower(name)).append(':').append(request.value(name)).append('\n');
        return lines.toString();
    }

    /** The canonical request of hmac, aes, public_key and sdk-hmac-sha256. */
    static String sdkCanonical(Request request, List<String> names) throws VerificationException {
        String path = encodedPath(request);
        List<Pair> pairs = pairs(request.query(), false);
        sort(pairs);
        List<String> query = new ArrayList<>();
        for (Pair pair : pairs) if (!pair.name().isEmpty()) query.add(pair.encoded());
        String payload = request.value(PAYLOAD).isEmpty() ? Crypto.hexDigest(request.body()) : request.value(PAYLOAD);
        return String.join("\n", request.method(), path.endsWith("/") ? path : path + "/", String.join("&", query), lines(request, names),
            String.join(";", names), payload);
    }

    static String sdkText(String algorithm, Request request, String canonical) {
        return String.join("\n", algorithm, request.value("x-sdk-date"), Crypto.hexDigest(Text.bytes(canonical)));
    }

    /** The text of bce and bce-auth-v1. */
    static String bceText(Request request, List<String> names) throws VerificationException {
        String path = encodedPath(request);
        List<String> query = new ArrayList<>(), headers = new ArrayList<>();
        for (Pair pair : pairs(request.query(), false)) if (!Text.lower(pair.name()).equals("authorization")) query.add(pair.encoded());
        for (String name : names) if (!request.value(name).isEmpty()) headers.add(name + ":" + Text.encode(request.value(name), ""));
        Collections.sort(query);
        Collections.sort(headers);
        return String.join("\n", request.method(), path.isEmpty() ? "/" : path, String.join("&", query), String.join("\n", headers));
    }

    /** Those of the query and of a form, sorted by name. Of a repeated name only one value could be signed. */
    private static List<Pair> parameters(Request request) throws VerificationException {
        List<Pair> pairs = pairs(request.query(), true);
        if (request.isForm()) pairs.addAll(pairs(request.bodyText(), true));
        sort(pairs);
        for (int i = 1; i < pairs.size(); i++)
            if (pairs.get(i).name().equals(pairs.get(i - 1).name()))
                throw VerificationException.malformed("a repeated parameter name, of which one value alone would be signed");
        return pairs;
    }

    private static String resource(Request request, boolean bareEmpty) throws VerificationException {
        List<String> items = new ArrayList<>();
        for (Pair pair : parameters(request)) items.add(bareEmpty && pair.value().isEmpty() ? pair.name() : pair.name() + "=" + pair.value());
        return rawPath(request) + (items.isEmpty() ? "" : "?" + String.join("&", items));
    }

    static String contentMd5(byte[] body) {
        return Base64.getEncoder().encodeToString(Crypto.digest("MD5", body));
    }

    static boolean aliyunCoversBody(Request request) {
        return request.method().equals("POST") || request.method().equals("PUT") || request.isForm();
    }

    /** The text of aliyun; {@code declared}: the names as the list spells them. */
    static String aliyunText(Request request, List<String> declared) throws VerificationException {
        boolean digested = aliyunCoversBody(request) && !request.isForm() && request.body().length > 0;
        List<String> names = new ArrayList<>(declared);
        Collections.sort(names);
        return request.method() + "\n" + (digested ? contentMd5(request.body()) : "") + "\n" + lines(request, names) + resource(request, false);
    }

    /** The text of aliyun-ca; {@code names} in lower case, sorted. */
    static String caText(Request request, List<String> names) throws VerificationException {
        StringBuilder text = new StringBuilder(request.method()).append('\n');
        for (String name : List.of("accept", "content-md5", "content-type", "date")) text.append(request.value(name)).append('\n');
        return text + lines(request, names) + resource(request, true);
    }
}
