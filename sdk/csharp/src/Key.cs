using System;
using System.Linq;
using System.Security.Cryptography;
using System.Text;

namespace Countersign
{
    /// <summary>A signature key: what a backend knows of the gateway. Immutable. <c>notAfter</c>: Unix seconds, the last in which it holds.</summary>
    public sealed class Key
    {
        private readonly Func<string, Proof, bool> proves;

        private Key(string type, string id, string algorithm, long? notAfter, Func<string, Proof, bool> proves)
        {
            if (string.IsNullOrEmpty(id)) throw new ArgumentException("a key needs an id");
            Type = type;
            Id = id;
            Algorithm = algorithm;
            NotAfter = notAfter;
            this.proves = proves;
        }

        public string Type { get; }

        public string Id { get; }

        public long? NotAfter { get; }

        internal string Algorithm { get; }

        public static Key Hmac(string id, string secret, long? notAfter = null)
        {
            var known = Secret(secret);
            return new Key("hmac", id, "SDK-HMAC-SHA256", notAfter, (text, proof) => Bytes.Same(Bytes.HexMac(known, text), HexOf(proof)));
        }

        /// <summary>User name and password. Covers nothing of the request.</summary>
        public static Key Basic(string id, string secret, long? notAfter = null)
        {
            // Digests are compared, so that the time does not tell the length.
            var known = Bytes.Hex(Bytes.Sha256(Secret(secret)));
            return new Key("basic", id, "", notAfter, (text, proof) => Bytes.Same(known, Bytes.Hex(Bytes.Sha256(Bytes.OfLatin(proof.Signature)))));
        }

        /// <summary>This gateway's own format. <c>algorithm</c>: aes-128-cfb or aes-256-cfb.</summary>
        public static Key Aes(string id, string algorithm, string key, string vector, long? notAfter = null)
        {
            if (algorithm != "aes-128-cfb" && algorithm != "aes-256-cfb") throw new ArgumentException("algorithm must be aes-128-cfb or aes-256-cfb");
            byte[] known = Secret(key), start = Secret(vector);
            var size = algorithm == "aes-128-cfb" ? 16 : 32;
            if (known.Length != size || start.Length != 16) throw new ArgumentException(algorithm + " needs a key of " + size + " bytes and a vector of 16");
            return new Key("aes", id, "SDK-" + algorithm.ToUpperInvariant(), notAfter,
                (text, proof) => Bytes.Same(Bytes.Hex(Cfb128(known, start, Bytes.Mac(known, Bytes.OfLatin(text)))), HexOf(proof)));
        }

        /// <summary>This gateway's own format. <c>text</c>: an SPKI, in PEM or bare base64; RSA from 2048 bits, or ECDSA P-256.</summary>
        public static Key Public(string id, string text, long? notAfter = null)
        {
            var known = new PublicKey(text ?? "");
            return new Key("public_key", id, known.IsRsa ? "SDK-RSA-SHA256" : "SDK-ECDSA-P256-SHA256", notAfter,
                (signed, proof) => known.Verifies(Bytes.OfLatin(signed), proof.Signature));
        }

        /// <summary>bce-auth-v1 in X-Bce-Gateway-Auth.</summary>
        public static Key Bce(string id, string secret, long? notAfter = null)
        {
            var known = Secret(secret);
            return new Key("bce", id, "", notAfter,
                (text, proof) => Bytes.Same(Bytes.HexMac(Bytes.OfLatin(Bytes.HexMac(known, proof.Prefix)), text), proof.Signature));
        }

        /// <summary>X-Ca-Proxy-Signature.</summary>
        public static Key Aliyun(string id, string secret, long? notAfter = null)
        {
            var known = Secret(secret);
            return new Key("aliyun", id, "", notAfter, (text, proof) =>
            {
                if (proof.Signature.Length != 44) throw VerificationException.Malformed("X-Ca-Proxy-Signature is not the base64 of 32 bytes");
                return Bytes.Same(Convert.ToBase64String(Bytes.Mac(known, Bytes.OfLatin(text))), proof.Signature);
            });
        }

        internal bool Holds(long now) => NotAfter == null || now <= NotAfter;

        internal bool Proves(string text, Proof proof) => proves(text, proof);

        internal static bool IsHex(string text) => text.Length > 0 && text.All(c => c >= '0' && c <= '9' || c >= 'a' && c <= 'f');

        internal static byte[] Secret(string secret)
        {
            if (string.IsNullOrEmpty(secret)) throw new ArgumentException("a key needs a secret");
            return Encoding.UTF8.GetBytes(secret);
        }

        private static string HexOf(Proof proof)
        {
            if (proof.Signature.Length != 64 || !IsHex(proof.Signature)) throw VerificationException.Malformed("Signature is not 64 lower-case hex digits");
            return proof.Signature;
        }

        /// <summary>AES-CFB128 of NIST SP 800-38A, out of single blocks: neither Mono nor .NET Standard offers that feedback.</summary>
        internal static byte[] Cfb128(byte[] key, byte[] vector, byte[] plain)
        {
            var wrapped = new byte[plain.Length];
            using (var aes = System.Security.Cryptography.Aes.Create())
            {
                aes.Mode = CipherMode.ECB;
                aes.Padding = PaddingMode.None;
                aes.Key = key;
                using (var block = aes.CreateEncryptor())
                {
                    byte[] input = (byte[])vector.Clone(), mask = new byte[16];
                    for (var i = 0; i < plain.Length; i++)
                    {
                        if (i % 16 == 0) block.TransformBlock(input, 0, 16, mask, 0);
                        wrapped[i] = input[i % 16] = (byte)(plain[i] ^ mask[i % 16]);
                    }
                }
            }
            return wrapped;
        }
    }
}
