package countersign;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.OptionalLong;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** A signature key: what a backend knows of the gateway. */
public final class Key {
    /** Is the proof's signature this key's over the text? In constant time. */
    interface Check {
        boolean proves(String text, Proof proof) throws VerificationException;
    }

    private static final BigInteger P256_ORDER = new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);

    private final Type type;
    private final String id;
    private final String algorithm;
    private final OptionalLong notAfter;
    private final Check check;

    private Key(Type type, String id, String algorithm, OptionalLong notAfter, Check check) {
        if (id == null || id.isEmpty()) throw new IllegalArgumentException("a key needs an id");
        this.type = type;
        this.id = id;
        this.algorithm = algorithm;
        this.notAfter = notAfter;
        this.check = check;
    }

    private static Key made(Type type, String id, String algorithm, Check check) {
        return new Key(type, id, algorithm, OptionalLong.empty(), check);
    }

    /** SDK-HMAC-SHA256. */
    public static Key hmac(String id, String secret) {
        byte[] key = bytes(secret);
        return made(Type.HMAC, id, "SDK-HMAC-SHA256", (text, proof) -> {
            demandHex(proof.signature);
            return Crypto.equal(Crypto.hexMac(key, text), proof.signature);
        });
    }

    /** User name and password. Covers nothing of the request. */
    public static Key basic(String user, String password) {
        byte[] expected = Crypto.digest("SHA-256", bytes(password));
        return made(Type.BASIC, user, "", (text, proof) -> MessageDigest.isEqual(expected, Crypto.digest("SHA-256", Text.bytes(proof.signature))));
    }

    /** This gateway's own format. {@code id}: that of the signature key; {@code algorithm}: aes-128-cfb or aes-256-cfb. */
    public static Key aes(String id, String algorithm, String key, String vector) {
        int size = algorithm.equals("aes-128-cfb") ? 16 : algorithm.equals("aes-256-cfb") ? 32 : 0;
        byte[] secret = bytes(key), start = bytes(vector);
        if (size == 0) throw new IllegalArgumentException("algorithm must be aes-128-cfb or aes-256-cfb");
        if (secret.length != size || start.length != 16)
            throw new IllegalArgumentException(algorithm + " needs a key of " + size + " bytes and a vector of 16");
        return made(Type.AES, id, "SDK-" + Text.upper(algorithm), (text, proof) -> {
            demandHex(proof.signature);
            return Crypto.equal(HexFormat.of().formatHex(wrap(secret, start, Crypto.mac(secret, text))), proof.signature);
        });
    }

    /** This gateway's own format. {@code text}: an SPKI in PEM or bare base64; RSA from 2048 bits, or ECDSA P-256. */
    public static Key publicKey(String id, String text) {
        byte[] der = spki(text);
        if (parse("RSA", der) instanceof RSAPublicKey key && key.getModulus().bitLength() >= 2048)
            return made(Type.PUBLIC_KEY, id, "SDK-RSA-SHA256", (signed, proof) -> verify("SHA256withRSA", key, signed, base64(proof.signature)));
        if (parse("EC", der) instanceof ECPublicKey key && key.getParams().getOrder().equals(P256_ORDER))
            return made(Type.PUBLIC_KEY, id, "SDK-ECDSA-P256-SHA256",
                (signed, proof) -> verify("SHA256withECDSA", key, signed, hex(proof.signature)));
        throw new IllegalArgumentException("a public key must be an SPKI of RSA from 2048 bits or ECDSA P-256, in PEM or bare base64");
    }

    /** bce-auth-v1 in X-Bce-Gateway-Auth. */
    public static Key bce(String id, String secret) {
        byte[] key = bytes(secret);
        return made(Type.BCE, id, "",
            (text, proof) -> Crypto.equal(Crypto.hexMac(Text.bytes(Crypto.hexMac(key, proof.prefix)), text), proof.signature));
    }

    /** X-Ca-Proxy-Signature. */
    public static Key aliyun(String id, String secret) {
        byte[] key = bytes(secret);
        return made(Type.ALIYUN, id, "", (text, proof) -> {
            if (proof.signature.length() != 44) throw VerificationException.malformed("X-Ca-Proxy-Signature is not the base64 of 32 bytes");
            return Crypto.equal(Base64.getEncoder().encodeToString(Crypto.mac(key, text)), proof.signature);
        });
    }

    /** A copy that holds to the second {@code end} (Unix time), that one included. */
    public Key notAfter(long end) {
        return new Key(type, id, algorithm, OptionalLong.of(end), check);
    }

    public Type type() {
        return type;
    }

    public String id() {
        return id;
    }

    String algorithm() {
        return algorithm;
    }

    boolean holds(long now) {
        return notAfter.isEmpty() || now <= notAfter.getAsLong();
    }

    boolean proves(String text, Proof proof) throws VerificationException {
        return check.proves(text, proof);
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return type.word() + " key " + id;
    }

    private static byte[] bytes(String secret) {
        if (secret == null || secret.isEmpty()) throw new IllegalArgumentException("a key needs a secret");
        return secret.getBytes(StandardCharsets.UTF_8);
    }

    private static void demandHex(String signature) throws VerificationException {
        if (!Text.isLowerHex(signature, 64, 64)) throw VerificationException.malformed("Signature is not 64 lower-case hex digits");
    }

    private static byte[] wrap(byte[] key, byte[] vector, byte[] mac) {
        try {
            Cipher cipher = Cipher.getInstance("AES/CFB/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(vector));
            return cipher.doFinal(mac);
        } catch (GeneralSecurityException fault) {
            throw new IllegalStateException(fault);
        }
    }

    private static byte[] spki(String text) {
        StringBuilder bare = new StringBuilder();
        for (String line : text.split("\n")) if (!line.startsWith("-----")) bare.append(line.trim());
        return Base64.getDecoder().decode(bare.toString());
    }

    /** null when it is no key of this algorithm. */
    private static PublicKey parse(String algorithm, byte[] der) {
        try {
            return KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(der));
        } catch (GeneralSecurityException other) {
            return null;
        }
    }

    private static boolean verify(String algorithm, PublicKey key, String text, byte[] signature) {
        try {
            Signature verifier = Signature.getInstance(algorithm);
            verifier.initVerify(key);
            verifier.update(Text.bytes(text));
            return verifier.verify(signature);
        } catch (GeneralSecurityException unreadable) {
            return false;
        }
    }

    private static byte[] base64(String text) throws VerificationException {
        byte[] data = Text.decodeBase64(text);
        if (data == null || data.length == 0) throw VerificationException.malformed("Signature is not base64");
        return data;
    }

    private static byte[] hex(String text) throws VerificationException {
        if (!Text.isLowerHex(text, 2, 144) || text.length() % 2 != 0) throw VerificationException.malformed("Signature is not lower-case hex");
        return HexFormat.of().parseHex(text);
    }
}
