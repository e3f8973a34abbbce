using System;
using System.Security.Cryptography;
using System.Text;

namespace Countersign
{
    /// <summary>Text of one byte a character, and bytes.</summary>
    internal static class Bytes
    {
        private const string Unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";

        public static byte[] OfLatin(string text)
        {
            var data = new byte[text.Length];
            for (var i = 0; i < text.Length; i++)
            {
                if (text[i] > 255) throw VerificationException.Malformed("a character that is no single byte");
                data[i] = (byte)text[i];
            }
            return data;
        }

        public static string ToLatin(byte[] data)
        {
            var text = new char[data.Length];
            for (var i = 0; i < data.Length; i++) text[i] = (char)data[i];
            return new string(text);
        }

        public static string Lower(string text)
        {
            var lower = text.ToCharArray();
            for (var i = 0; i < lower.Length; i++)
                if (lower[i] >= 'A' && lower[i] <= 'Z') lower[i] = (char)(lower[i] + 32);
            return new string(lower);
        }

        private static int HexDigit(string text, int at)
        {
            var c = at < text.Length ? text[at] : ' ';
            if (c >= '0' && c <= '9') return c - '0';
            if (c >= 'a' && c <= 'f') return c - 'a' + 10;
            if (c >= 'A' && c <= 'F') return c - 'A' + 10;
            throw VerificationException.Malformed("a % without two hex digits");
        }

        public static string Decode(string text, bool plusIsBlank = false)
        {
            var decoded = new StringBuilder(text.Length);
            for (var i = 0; i < text.Length; i++)
            {
                if (text[i] == '%')
                {
                    decoded.Append((char)(HexDigit(text, i + 1) << 4 | HexDigit(text, i + 2)));
                    i += 2;
                }
                else decoded.Append(plusIsBlank && text[i] == '+' ? ' ' : text[i]);
            }
            return decoded.ToString();
        }

        public static string Encode(string text, bool keepSlash = false)
        {
            var encoded = new StringBuilder(text.Length);
            foreach (var one in OfLatin(text))
            {
                if (Unreserved.IndexOf((char)one) >= 0 || keepSlash && one == '/') encoded.Append((char)one);
                else encoded.Append('%').Append(one.ToString("X2"));
            }
            return encoded.ToString();
        }

        public static string Hex(byte[] data)
        {
            var text = new StringBuilder(2 * data.Length);
            foreach (var one in data) text.Append(one.ToString("x2"));
            return text.ToString();
        }

        public static byte[] OfHex(string text)
        {
            var data = new byte[text.Length / 2];
            for (var i = 0; i < data.Length; i++) data[i] = Convert.ToByte(text.Substring(2 * i, 2), 16);
            return data;
        }

        /// <summary>Canonical base64 alone; null when it is none.</summary>
        public static byte[] OfBase64(string text)
        {
            try
            {
                var data = Convert.FromBase64String(text);
                return data.Length > 0 && Convert.ToBase64String(data) == text ? data : null;
            }
            catch (FormatException)
            {
                return null;
            }
        }

        public static byte[] Sha256(byte[] data)
        {
            using (var digest = SHA256.Create()) return digest.ComputeHash(data);
        }

        public static string Md5(byte[] data)
        {
            using (var digest = MD5.Create()) return Convert.ToBase64String(digest.ComputeHash(data));
        }

        public static byte[] Mac(byte[] key, byte[] text)
        {
            using (var mac = new HMACSHA256(key)) return mac.ComputeHash(text);
        }

        public static string HexMac(byte[] key, string text) => Hex(Mac(key, OfLatin(text)));

        /// <summary>In constant time for texts of one length.</summary>
        public static bool Same(string a, string b)
        {
            if (a.Length != b.Length) return false;
            var difference = 0;
            for (var i = 0; i < a.Length; i++) difference |= a[i] ^ b[i];
            return difference == 0;
        }

        /// <summary>Text that is shown to people.</summary>
        public static string Shown(string latin) => Encoding.UTF8.GetString(OfLatin(latin));
    }
}
