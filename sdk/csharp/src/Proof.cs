using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;

namespace Countersign
{
    /// <summary>What a request claims, as it is written there; nothing is decided here.</summary>
    internal sealed class Proof
    {
        private const string Word = "([\\x21-\\x2b\\x2d-\\x7e]+)";
        private static readonly Regex Parameters = new Regex("\\AAccess=" + Word + ",[ \\t]?SignedHeaders=" + Word + ",[ \\t]?Signature=" + Word + "\\z");
        private static readonly Regex Token = new Regex("\\A[!#$%&'*+.^_`|~0-9A-Za-z-]+\\z");
        private static readonly Regex Hex64 = new Regex("\\A[0-9a-f]{64}\\z");
        private static readonly DateTime Epoch = new DateTime(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        private static readonly string[] None = new string[0];

        private static readonly Dictionary<string, string> Types = new Dictionary<string, string>
        {
            { "SDK-HMAC-SHA256", "hmac" }, { "SDK-AES-128-CFB", "aes" }, { "SDK-AES-256-CFB", "aes" }, { "SDK-RSA-SHA256", "public_key" },
            { "SDK-ECDSA-P256-SHA256", "public_key" }
        };

        public string Type, KeyId, Signature, Algorithm = "", Prefix = "";

        /// <summary>The signed headers in lower case, and as the list spells them.</summary>
        public IReadOnlyList<string> Names = None, Spelled = None;

        /// <summary>Unix milliseconds.</summary>
        public long? Date;

        public long? Lifetime;

        /// <summary>The header of hmac, basic, aes and public_key.</summary>
        public static Proof ReadAuthorization(string value, ICollection<string> types)
        {
            var blank = value.IndexOf(' ');
            string word = blank < 0 ? value : value.Substring(0, blank), rest = blank < 0 ? "" : value.Substring(blank + 1).Trim(' ', '\t');
            var type = Bytes.Lower(word) == "basic" ? "basic" : Types.TryGetValue(word, out var found) ? found : "";
            if (!types.Contains(type)) throw new VerificationException(Code.AlgorithmNotAllowed, "a proof for which there is no key here");
            if (type == "basic") return ReadBasic(rest);
            var parts = Parameters.Match(rest);
            if (!parts.Success) throw VerificationException.Malformed("not Access, SignedHeaders and Signature in this order");
            var names = LowerNames(parts.Groups[2].Value);
            return new Proof { Type = type, Algorithm = word, KeyId = parts.Groups[1].Value, Signature = parts.Groups[3].Value, Names = names, Spelled = names };
        }

        private static Proof ReadBasic(string token)
        {
            var pair = Bytes.OfBase64(token);
            if (pair == null) throw VerificationException.Malformed("Basic without base64");
            var colon = Array.IndexOf(pair, (byte)':');
            if (colon < 0) throw VerificationException.Malformed("Basic without a colon");
            return new Proof { Type = "basic", KeyId = Encoding.UTF8.GetString(pair, 0, colon), Signature = Bytes.ToLatin(pair.Skip(colon + 1).ToArray()) };
        }

        /// <summary>X-Bce-Gateway-Auth.</summary>
        public static Proof ReadBce(string value)
        {
            var parts = value.Split('/');
            if (parts[0] != "bce-auth-v1") throw new VerificationException(Code.AlgorithmNotAllowed, "not bce-auth-v1");
            if (parts.Length != 6 || parts[1] == "") throw VerificationException.Malformed("not the six parts of bce-auth-v1");
            if (!Regex.IsMatch(parts[3], "\\A[1-9][0-9]{0,9}\\z") || long.Parse(parts[3], CultureInfo.InvariantCulture) > int.MaxValue)
                throw VerificationException.Malformed("the expiration is no number of seconds");
            if (!Hex64.IsMatch(parts[5])) throw VerificationException.Malformed("the signature is not 64 lower-case hex digits");
            var names = parts[4] == "" ? None : LowerNames(parts[4]);
            return new Proof
            {
                Type = "bce", KeyId = parts[1], Signature = parts[5], Names = names, Spelled = names, Prefix = string.Join("/", parts.Take(4)),
                Date = ReadDate(parts[2], "yyyy-MM-dd'T'HH:mm:ss'Z'", 20), Lifetime = long.Parse(parts[3], CultureInfo.InvariantCulture)
            };
        }

        /// <summary>X-Ca-Proxy-Signature and the two headers beside it.</summary>
        public static Proof ReadAliyun(Request request, string value)
        {
            IReadOnlyList<string> ids = request.Values("X-Ca-Proxy-Signature-Secret-Key"), lists = request.Values("X-Ca-Proxy-Signature-Headers");
            if (ids.Count != 1 || lists.Count > 1 || ids[0] == "")
                throw VerificationException.Malformed("X-Ca-Proxy-Signature-Secret-Key and -Headers must stand there once");
            var spelled = lists.Count == 0 || lists[0] == "" ? None : SplitNames(lists[0], ',');
            return new Proof { Type = "aliyun", KeyId = ids[0], Signature = value, Spelled = spelled, Names = spelled.Select(Bytes.Lower).ToArray() };
        }

        /// <summary>What a signed header says of the time, and of the body.</summary>
        public void ReadSigned(Request request)
        {
            if (Algorithm != "")
            {
                Date = ReadDate(request.Value("x-sdk-date"), "yyyyMMdd'T'HHmmss'Z'", 16);
                foreach (var word in request.Values(Texts.Payload))
                    if (word != Texts.Unsigned && !Hex64.IsMatch(word))
                        throw VerificationException.Malformed("X-Sdk-Content-Sha256 is neither UNSIGNED-PAYLOAD nor 64 lower-case hex digits");
            }
            else if (Type == "aliyun" && Names.Contains("x-ca-timestamp"))
            {
                var stamp = request.Value("x-ca-timestamp");
                if (!Regex.IsMatch(stamp, "\\A[0-9]{13}\\z")) throw VerificationException.Malformed("X-Ca-Timestamp is no number of milliseconds");
                Date = long.Parse(stamp, CultureInfo.InvariantCulture);
            }
        }

        private static long ReadDate(string text, string form, int size)
        {
            const DateTimeStyles utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
            if (text.Length != size || !DateTime.TryParseExact(text, form, CultureInfo.InvariantCulture, utc, out var date))
                throw VerificationException.Malformed("the date is not of the form that the format wants, or of no calendar");
            return (date - Epoch).Ticks / TimeSpan.TicksPerMillisecond;
        }

        private static string[] SplitNames(string listed, char separator)
        {
            var names = listed.Split(separator);
            if (!names.All(name => Token.IsMatch(name)) || names.Select(Bytes.Lower).Distinct().Count() < names.Length)
                throw VerificationException.Malformed("the list of signed headers holds a name twice, or one that is none");
            return names;
        }

        private static string[] LowerNames(string listed)
        {
            if (listed != Bytes.Lower(listed)) throw VerificationException.Malformed("the list of signed headers holds a name that is not in lower case");
            return SplitNames(listed, ';');
        }
    }
}
