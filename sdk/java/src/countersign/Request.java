package countersign;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A request as it stands on the wire. The target is raw ({@code /a%20b?x=1}); repeated headers are repeated. */
public final class Request {
    private final String method;
    private final String target;
    private final List<Header> headers;
    private final byte[] body;

    public Request(String method, String target, List<Header> headers, byte[] body) {
        this.method = method;
        this.target = target;
        this.headers = List.copyOf(headers);
        this.body = body.clone();
    }

    public String method() {
        return method;
    }

    public String target() {
        return target;
    }

    public List<Header> headers() {
        return headers;
    }

    byte[] body() {
        return body;
    }

    String bodyText() {
        return new String(body, StandardCharsets.ISO_8859_1);
    }

    String path() {
        int mark = target.indexOf('?');
        return mark < 0 ? target : target.substring(0, mark);
    }

    String query() {
        int mark = target.indexOf('?');
        return mark < 0 ? "" : target.substring(mark + 1);
    }

    /** Every value of a header, in order. */
    public List<String> values(String name) {
        List<String> values = new ArrayList<>();
        String wanted = Text.lower(name);
        for (Header header : headers) if (Text.lower(header.name()).equals(wanted)) values.add(header.value());
        return values;
    }

    /** The first value of a header, "" without one. */
    public String value(String name) {
        List<String> values = values(name);
        return values.isEmpty() ? "" : values.get(0);
    }

    boolean has(String name) {
        return !values(name).isEmpty();
    }

    boolean isForm() {
        return Text.lower(Text.trim(value("content-type").split(";", 2)[0])).equals("application/x-www-form-urlencoded");
    }

    /** A copy in which the given headers replace those of their names. */
    public Request with(List<Header> given) {
        Request marker = new Request(method, target, given, new byte[0]);
        List<Header> all = new ArrayList<>();
        for (Header header : headers) if (!marker.has(header.name())) all.add(header);
        all.addAll(given);
        return new Request(method, target, all, body);
    }
}
