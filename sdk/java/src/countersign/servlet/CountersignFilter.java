package countersign.servlet;

import countersign.Header;
import countersign.Request;
import countersign.VerificationException;
import countersign.Verified;
import countersign.Verifier;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import javax.servlet.Filter;
import javax.servlet.FilterChain;
import javax.servlet.FilterConfig;
import javax.servlet.ServletException;
import javax.servlet.ServletRequest;
import javax.servlet.ServletResponse;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

/** Answers 401 to what the gateway did not sign. Servlets find the Verified in the request's attribute {@link #VERIFIED}. */
public final class CountersignFilter implements Filter {
    public static final String VERIFIED = "countersign.verified";
    public static final int DEFAULT_MAX_BODY = 12 * 1024 * 1024;

    private final Verifier verifier;
    private final int maxBody;

    public CountersignFilter(Verifier verifier) {
        this(verifier, DEFAULT_MAX_BODY);
    }

    public CountersignFilter(Verifier verifier, int maxBody) {
        this.verifier = verifier;
        this.maxBody = maxBody;
    }

    @Override
    public void init(FilterConfig config) {
        // everything came with the constructor
    }

    @Override
    public void destroy() {
        // nothing is held
    }

    @Override
    public void doFilter(ServletRequest incoming, ServletResponse outgoing, FilterChain chain) throws IOException, ServletException {
        HttpServletRequest request = (HttpServletRequest) incoming;
        HttpServletResponse response = (HttpServletResponse) outgoing;
        byte[] body = request.getInputStream().readNBytes(maxBody + 1);
        if (body.length > maxBody) {
            answer(response, 413, "body_too_large");
            return;
        }
        Verified verified;
        try {
            verified = verifier.verify(requestOf(request, body));
        } catch (VerificationException refusal) {
            answer(response, 401, refusal.code().word());
            return;
        }
        request.setAttribute(VERIFIED, verified);
        chain.doFilter(new BufferedRequest(request, body), response);
    }

    /** The request that a container received, with the body that was read from it. */
    public static Request requestOf(HttpServletRequest request, byte[] body) {
        List<Header> headers = new ArrayList<>();
        for (String name : Collections.list(request.getHeaderNames()))
            for (String value : Collections.list(request.getHeaders(name))) headers.add(new Header(name, value));
        String query = request.getQueryString();
        return new Request(request.getMethod(), request.getRequestURI() + (query == null ? "" : "?" + query), headers, body);
    }

    private static void answer(HttpServletResponse response, int status, String code) throws IOException {
        response.setStatus(status);
        response.setContentType("application/json");
        response.getOutputStream().write(("{\"error\":\"" + code + "\"}").getBytes(StandardCharsets.US_ASCII));
    }
}
