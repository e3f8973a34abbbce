package countersign.servlet;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URLDecoder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.servlet.ReadListener;
import javax.servlet.ServletInputStream;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletRequestWrapper;

/** A request whose body was read, and can be read again. The container cannot read a form from it any more, so the parameters are read here. */
final class BufferedRequest extends HttpServletRequestWrapper {
    private final byte[] body;
    private Map<String, String[]> parameters;

    BufferedRequest(HttpServletRequest request, byte[] body) {
        super(request);
        this.body = body;
    }

    @Override
    public ServletInputStream getInputStream() {
        return new Stream(new ByteArrayInputStream(body));
    }

    @Override
    public BufferedReader getReader() {
        return new BufferedReader(new InputStreamReader(new ByteArrayInputStream(body), charset()));
    }

    private Charset charset() {
        String name = getCharacterEncoding();
        return name == null ? StandardCharsets.UTF_8 : Charset.forName(name);
    }

    @Override
    public String getParameter(String name) {
        String[] values = getParameterMap().get(name);
        return values == null ? null : values[0];
    }

    @Override
    public String[] getParameterValues(String name) {
        String[] values = getParameterMap().get(name);
        return values == null ? null : values.clone();
    }

    @Override
    public Enumeration<String> getParameterNames() {
        return Collections.enumeration(getParameterMap().keySet());
    }

    @Override
    public Map<String, String[]> getParameterMap() {
        if (parameters == null) parameters = Collections.unmodifiableMap(readParameters());
        return parameters;
    }

    private Map<String, String[]> readParameters() {
        Map<String, List<String>> found = new LinkedHashMap<>();
        read(getQueryString(), found);
        String type = getContentType();
        boolean form = type != null && type.split(";", 2)[0].trim().equalsIgnoreCase("application/x-www-form-urlencoded");
        if (form) read(new String(body, StandardCharsets.ISO_8859_1), found);
        Map<String, String[]> values = new LinkedHashMap<>();
        found.forEach((name, list) -> values.put(name, list.toArray(new String[0])));
        return values;
    }

    private void read(String text, Map<String, List<String>> found) {
        if (text == null) return;
        for (String item : text.split("&")) {
            if (item.isEmpty()) continue;
            String[] sides = item.split("=", 2);
            String value = sides.length == 2 ? URLDecoder.decode(sides[1], charset()) : "";
            found.computeIfAbsent(URLDecoder.decode(sides[0], charset()), name -> new ArrayList<>()).add(value);
        }
    }

    private static final class Stream extends ServletInputStream {
        private final ByteArrayInputStream data;

        Stream(ByteArrayInputStream data) {
            this.data = data;
        }

        @Override
        public int read() {
            return data.read();
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            return data.read(into, offset, length);
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
            try {
                listener.onDataAvailable();
                listener.onAllDataRead();
            } catch (IOException problem) {
                listener.onError(problem);
            }
        }
    }
}
