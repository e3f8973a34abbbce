using System;
using System.Linq;
using System.Security.Cryptography;

namespace Countersign
{
    /// <summary>RSA from 2048 bits, or ECDSA P-256, read from an SPKI.</summary>
    internal sealed class PublicKey
    {
        private static readonly byte[] Rsa = Bytes.OfHex("2a864886f70d010101"), Ec = Bytes.OfHex("2a8648ce3d0201"), Prime256 = Bytes.OfHex("2a8648ce3d030107");
        private readonly RSAParameters rsa;
        private readonly P256 curve;

        public PublicKey(string text)
        {
            var bare = string.Concat(text.Split('\n').Where(line => !line.StartsWith("-----", StringComparison.Ordinal)));
            var data = Bytes.OfBase64(new string(bare.Where(c => !char.IsWhiteSpace(c)).ToArray()));
            if (data == null) throw new ArgumentException("a public key must be an SPKI, in PEM or bare base64");
            try
            {
                var outer = new Der(data);
                var spki = new Der(outer.Read(Der.Sequence));
                var kind = new Der(spki.Read(Der.Sequence));
                var algorithm = kind.Read(Der.ObjectId);
                var bits = spki.Read(Der.BitString);
                if (!outer.AtEnd || !spki.AtEnd || bits.Length == 0 || bits[0] != 0) throw new FormatException("no SPKI");
                var key = bits.Skip(1).ToArray();
                if (algorithm.SequenceEqual(Rsa)) rsa = ReadRsa(key);
                else if (algorithm.SequenceEqual(Ec) && kind.Read(Der.ObjectId).SequenceEqual(Prime256)) curve = new P256(key);
                else throw new FormatException("another algorithm");
            }
            catch (FormatException problem)
            {
                throw new ArgumentException("a public key must be an SPKI of RSA from 2048 bits, or of ECDSA P-256", problem);
            }
        }

        public bool IsRsa => curve == null;

        private static RSAParameters ReadRsa(byte[] key)
        {
            var outer = new Der(key);
            var pair = new Der(outer.Read(Der.Sequence));
            var read = new RSAParameters { Modulus = pair.ReadNumber(), Exponent = pair.ReadNumber() };
            if (!outer.AtEnd || !pair.AtEnd || read.Modulus.Length < 256 || read.Modulus[0] < 0x80 && read.Modulus.Length == 256)
                throw new FormatException("fewer than 2048 bits");
            return read;
        }

        public bool Verifies(byte[] text, string signature)
        {
            if (IsRsa)
            {
                var data = Bytes.OfBase64(signature);
                if (data == null) throw VerificationException.Malformed("Signature is not base64");
                // Not kept: an RSA object is made for one thread.
                using (var key = RSA.Create())
                {
                    key.ImportParameters(rsa);
                    return data.Length == rsa.Modulus.Length && key.VerifyData(text, data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
                }
            }
            if (signature.Length % 2 != 0 || signature.Length > 144 || !Key.IsHex(signature)) throw VerificationException.Malformed("Signature is not lower-case hex");
            return curve.Verify(Bytes.Sha256(text), Bytes.OfHex(signature));
        }
    }
}
