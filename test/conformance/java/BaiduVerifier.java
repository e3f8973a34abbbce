import com.baidubce.auth.DefaultBceCredentials;
import com.baidubce.auth.Signature;
import com.baidubce.http.HttpMethodName;
import com.baidubce.internal.BaseRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Hands requests to Baidu's own com.baidubce.auth.Signature.verify. Arguments: key and secret. A line of the input is a request, its parts
 * separated by tabs: method, target, body (not read), then name and value of each header. A line of the output: accepted or refused.
 */
public final class BaiduVerifier {
    private static final String CARRIER = "X-Bce-Gateway-Auth";

    public static void main(String[] arguments) throws IOException {
        DefaultBceCredentials credentials = new DefaultBceCredentials(arguments[0], arguments[1]);
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.ISO_8859_1));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            System.out.println(accepts(line.split("\t", -1), credentials) ? "accepted" : "refused");
        }
    }

    /** A request over which the verifier stumbles is refused by a backend as well. */
    private static boolean accepts(String[] parts, DefaultBceCredentials credentials) {
        try {
            return new Signature().verify(request(parts), credentials, CARRIER);
        } catch (RuntimeException stumbled) {
            return false;
        }
    }

    /** As the class wants it: the path undecoded, the parameters decoded, names of headers in lower case. */
    private static BaseRequest request(String[] parts) {
        String[] target = parts[1].split("\\?", 2);
        Map<String, String> parameters = new HashMap<>();
        if (target.length == 2) {
            for (String item : target[1].split("&")) {
                String[] pair = item.split("=", 2);
                parameters.put(decoded(pair[0]), pair.length == 2 ? decoded(pair[1]) : "");
            }
        }
        Map<String, String> headers = new HashMap<>();
        for (int i = 3; i + 1 < parts.length; i += 2) {
            headers.put(parts[i].toLowerCase(), parts[i + 1]);
        }
        return new BaseRequest(HttpMethodName.valueOf(parts[0]), target[0], parameters, headers);
    }

    /** A plus is a plus. */
    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}
