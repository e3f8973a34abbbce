import countersign.Header;
import countersign.Key;
import countersign.Request;
import countersign.Verified;
import countersign.Verifier;
import countersign.servlet.CountersignFilter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import javax.servlet.FilterChain;
import javax.servlet.ReadListener;
import javax.servlet.ServletException;
import javax.servlet.ServletInputStream;
import javax.servlet.ServletOutputStream;
import javax.servlet.WriteListener;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

/** The filter in a container of a few lines. Last line: "N passed, N failed". */
public final class FilterCheck {
    private static final Verifier VERIFIER = new Verifier(Key.hmac(Check.ID, Check.SECRET));

    /** What came of a request: the answer, or what the servlet behind the filter saw. */
    private record Outcome(int status, String answer, String seen) {}

    private static final class Body extends ServletInputStream {
        private final ByteArrayInputStream data;

        Body(byte[] body) {
            data = new ByteArrayInputStream(body);
        }

        @Override
        public int read() {
            return data.read();
        }

        @Override
        public boolean isFinished() {
            return data.available() == 0;
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setReadListener(ReadListener listener) {
            throw new UnsupportedOperationException();
        }
    }

    private static final class Answer extends ServletOutputStream {
        private final ByteArrayOutputStream data = new ByteArrayOutputStream();

        @Override
        public void write(int octet) {
            data.write(octet);
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setWriteListener(WriteListener listener) {
            throw new UnsupportedOperationException();
        }
    }

    private static HttpServletRequest incoming(Request request, String body) {
        Map<String, Object> attributes = new HashMap<>();
        Body stream = new Body(body.getBytes());
        String[] parts = request.target().split("\\?", 2);
        TreeSet<String> names = new TreeSet<>();
        for (Header header : request.headers()) names.add(header.name());
        return (HttpServletRequest) Proxy.newProxyInstance(FilterCheck.class.getClassLoader(), new Class<?>[] {HttpServletRequest.class},
            (proxy, method, given) -> switch (method.getName()) {
                case "getMethod" -> request.method();
                case "getRequestURI" -> parts[0];
                case "getQueryString" -> parts.length == 2 ? parts[1] : null;
                case "getContentType" -> request.values("Content-Type").isEmpty() ? null : request.value("Content-Type");
                case "getHeaderNames" -> Collections.enumeration(names);
                case "getHeaders" -> Collections.enumeration(request.values((String) given[0]));
                case "getInputStream" -> stream;
                case "getAttribute" -> attributes.get(given[0]);
                case "setAttribute" -> attributes.put((String) given[0], given[1]);
                case "getCharacterEncoding" -> null;
                default -> throw new UnsupportedOperationException(method.getName());
            });
    }

    private static Outcome call(Request request, String body, int maxBody) throws IOException, ServletException {
        Answer answer = new Answer();
        int[] status = {200};
        List<String> seen = new ArrayList<>();
        HttpServletResponse response = (HttpServletResponse) Proxy.newProxyInstance(FilterCheck.class.getClassLoader(),
            new Class<?>[] {HttpServletResponse.class}, (proxy, method, given) -> switch (method.getName()) {
                case "setStatus" -> status[0] = (Integer) given[0];
                case "getOutputStream" -> answer;
                default -> null;
            });
        FilterChain chain = (onward, ignored) -> {
            HttpServletRequest read = (HttpServletRequest) onward;
            Verified verified = (Verified) read.getAttribute(CountersignFilter.VERIFIED);
            seen.add(verified.caller() + " " + new String(read.getInputStream().readAllBytes()) + " " + read.getReader().readLine() + " "
                + read.getParameter("x") + " " + read.getParameterMap().size());
        };
        new CountersignFilter(VERIFIER, maxBody).doFilter(incoming(request, body), response, chain);
        return new Outcome(status[0], answer.data.toString(), String.join("", seen));
    }

    private static Request form() {
        Request signed = Check.signed("POST", "/a?x=1%2F2&b", "x=3&y=+");
        List<Header> headers = new ArrayList<>(signed.headers());
        headers.add(new Header("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"));
        return new Request("POST", signed.target(), headers, new byte[0]);
    }

    public static void main(String[] arguments) throws IOException, ServletException {
        Request signed = Check.signed("POST", "/a%20b?x=1%2F2&b", "hello");
        List<Header> twice = new ArrayList<>(signed.headers());
        twice.add(new Header("X-Countersign-App", "app-1"));
        Check.that("handed on", call(signed, "hello", 5).equals(new Outcome(200, "", "app-1 hello hello 1/2 2")));
        Check.that("form", call(form(), "x=3&y=+", 100).equals(new Outcome(200, "", "app-1 x=3&y=+ x=3&y=+ 1/2 3")));
        Check.that("changed", call(signed, "hellx", 5).equals(new Outcome(401, "{\"error\":\"signature_mismatch\"}", "")));
        Check.that("twice", call(new Request("POST", signed.target(), twice, new byte[0]), "hello", 5).answer().contains("signed_header_missing"));
        Check.that("no proof", call(new Request("GET", "/", List.of(), new byte[0]), "", 5).equals(new Outcome(401, "{\"error\":\"missing\"}", "")));
        Check.that("large", call(signed, "hello", 4).equals(new Outcome(413, "{\"error\":\"body_too_large\"}", "")));
        System.exit(Check.result());
    }
}
