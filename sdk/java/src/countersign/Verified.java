package countersign;

import java.util.List;

/** What is known of a verified request. {@code app}, {@code consumer} and {@code requestId} are as the gateway told them, or "". */
public record Verified(Type type, String keyId, List<String> signedHeaders, String app, String consumer, String requestId,
                       String stringToSign, String canonicalRequest) {
    static Verified of(Request request, Proof proof, String text, String canonical) {
        return new Verified(proof.type, proof.keyId, proof.names, told(request, proof, "x-countersign-app"), told(request, proof, "x-mse-consumer"),
            told(request, proof, "x-request-id"), Text.asUtf8(text), Text.asUtf8(canonical));
    }

    private static String told(Request request, Proof proof, String name) {
        return proof.type == Type.BASIC || proof.names.contains(name) ? request.value(name) : "";
    }

    /** The app, else the consumer, else "". */
    public String caller() {
        return app.isEmpty() ? consumer : app;
    }
}
