using System;
using System.Numerics;

namespace Countersign
{
    /// <summary>
    /// Verification of ECDSA over P-256 with SHA-256 (FIPS 186-4): Mono's class library has none. Everything here is public, so its time
    /// may depend on the numbers. Points are Jacobian: (X : Y : Z) is x = X/Z², y = Y/Z³, and Z = 0 is the point at infinity.
    /// </summary>
    internal sealed class P256
    {
        private static readonly BigInteger P = Number("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
        private static readonly BigInteger N = Number("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
        private static readonly BigInteger B = Number("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b");
        private static readonly Point G = new Point(Number("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"),
            Number("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"), BigInteger.One);

        private readonly Point key;

        /// <param name="encoded">an uncompressed point; one that is not on the curve is a FormatException</param>
        public P256(byte[] encoded)
        {
            if (encoded.Length != 65 || encoded[0] != 4) throw new FormatException("no uncompressed point of P-256");
            BigInteger x = Number(encoded, 1, 32), y = Number(encoded, 33, 32);
            if (x >= P || y >= P || Mod(y * y - (x * x * x - 3 * x + B)) != 0) throw new FormatException("no point of P-256");
            key = new Point(x, y, BigInteger.One);
        }

        private struct Point
        {
            public readonly BigInteger X, Y, Z;

            public Point(BigInteger x, BigInteger y, BigInteger z)
            {
                X = x;
                Y = y;
                Z = z;
            }
        }

        public static BigInteger Number(byte[] data, int at, int size)
        {
            var little = new byte[size + 1];
            for (var i = 0; i < size; i++) little[size - 1 - i] = data[at + i];
            return new BigInteger(little);
        }

        private static BigInteger Number(string hex) => Number(Bytes.OfHex(hex), 0, hex.Length / 2);

        private static BigInteger Mod(BigInteger value)
        {
            var rest = value % P;
            return rest.Sign < 0 ? rest + P : rest;
        }

        private static Point Double(Point a)
        {
            if (a.Z.IsZero) return a;
            BigInteger z2 = Mod(a.Z * a.Z), y2 = Mod(a.Y * a.Y);
            BigInteger s = Mod(4 * a.X * y2), m = Mod(3 * (a.X - z2) * (a.X + z2));
            var x = Mod(m * m - 2 * s);
            return new Point(x, Mod(m * (s - x) - 8 * y2 * y2), Mod(2 * a.Y * a.Z));
        }

        private static Point Add(Point a, Point b)
        {
            if (a.Z.IsZero) return b;
            if (b.Z.IsZero) return a;
            BigInteger az2 = Mod(a.Z * a.Z), bz2 = Mod(b.Z * b.Z);
            BigInteger u = Mod(a.X * bz2), h = Mod(b.X * az2 - u);
            BigInteger s = Mod(a.Y * bz2 * b.Z), r = Mod(b.Y * az2 * a.Z - s);
            if (h.IsZero) return r.IsZero ? Double(a) : new Point(BigInteger.One, BigInteger.One, BigInteger.Zero);
            BigInteger h2 = Mod(h * h), h3 = Mod(h2 * h), v = Mod(u * h2);
            var x = Mod(r * r - h3 - 2 * v);
            return new Point(x, Mod(r * (v - x) - s * h3), Mod(a.Z * b.Z * h));
        }

        private static bool HasBit(BigInteger value, int bit) => !((value >> bit) & BigInteger.One).IsZero;

        /// <summary>aG + bQ, both at once.</summary>
        private static Point Combine(BigInteger a, BigInteger b, Point q)
        {
            var both = Add(G, q);
            var sum = new Point(BigInteger.One, BigInteger.One, BigInteger.Zero);
            for (var bit = 255; bit >= 0; bit--)
            {
                sum = Double(sum);
                bool first = HasBit(a, bit), second = HasBit(b, bit);
                if (first || second) sum = Add(sum, first && second ? both : first ? G : q);
            }
            return sum;
        }

        /// <param name="digest">SHA-256 of the text</param>
        /// <param name="signature">DER of r and s</param>
        public bool Verify(byte[] digest, byte[] signature)
        {
            BigInteger r, s;
            try
            {
                var outer = new Der(signature);
                var inner = new Der(outer.Read(Der.Sequence));
                byte[] first = inner.ReadNumber(), second = inner.ReadNumber();
                if (!inner.AtEnd || !outer.AtEnd) return false;
                r = Number(first, 0, first.Length);
                s = Number(second, 0, second.Length);
            }
            catch (FormatException)
            {
                return false;
            }
            if (r.IsZero || s.IsZero || r >= N || s >= N) return false;
            var w = BigInteger.ModPow(s, N - 2, N);
            var sum = Combine(Number(digest, 0, 32) * w % N, r * w % N, key);
            if (sum.Z.IsZero) return false;
            var inverse = BigInteger.ModPow(sum.Z, P - 2, P);
            return Mod(sum.X * inverse * inverse) % N == r;
        }
    }
}
