using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Countersign
{
    /// <summary>What a signer gives: headers to set on the request, each in place of those of its name.</summary>
    public sealed class Signed
    {
        internal Signed(IReadOnlyList<KeyValuePair<string, string>> headers, string text, string canonical)
        {
            Headers = headers;
            StringToSign = Bytes.Shown(text);
            CanonicalRequest = Bytes.Shown(canonical);
        }

        public IReadOnlyList<KeyValuePair<string, string>> Headers { get; }

        public string StringToSign { get; }

        public string CanonicalRequest { get; }
    }

    /// <summary>Options of the signers; all have a default.</summary>
    public sealed class SigningOptions
    {
        /// <summary>Unix seconds; null: the system's clock.</summary>
        public long? Now { get; set; }

        /// <summary>Names to sign beside those that the scheme takes itself.</summary>
        public IEnumerable<string> SignedHeaders { get; set; } = new string[0];

        /// <summary>bce alone: seconds.</summary>
        public int Expiration { get; set; } = 1800;

        /// <summary>bce alone: where the proof goes.</summary>
        public string Header { get; set; } = "Authorization";
    }

    /// <summary>Signs a client's request, in the three schemes that the gateway admits. A request that cannot be signed: ArgumentException.</summary>
    public static class Signer
    {
        public static Signed AliyunCa(Request request, string id, string secret, SigningOptions options = null)
        {
            options = options ?? new SigningOptions();
            request = Prepared(request);
            var added = new List<KeyValuePair<string, string>> { Pair("X-Ca-Key", id) };
            var milliseconds = options.Now * 1000 ?? DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            var defaults = new[]
            {
                Pair("Accept", "*/*"), Pair("X-Ca-Timestamp", milliseconds.ToString(CultureInfo.InvariantCulture)), Pair("X-Ca-Nonce", Guid.NewGuid().ToString())
            };
            added.AddRange(defaults.Where(pair => !request.Has(pair.Key)));
            if (request.Body.Length > 0 && !request.IsForm && !request.Has("Content-MD5")) added.Add(Pair("Content-MD5", Bytes.Md5(request.Body)));
            request = request.With(added);
            var names = Names(request, options, "x-ca-key", "x-ca-timestamp", "x-ca-nonce");
            var text = Text(() => Texts.CaText(request, names));
            added.Add(Pair("X-Ca-Signature-Headers", string.Join(",", names)));
            added.Add(Pair("X-Ca-Signature", Convert.ToBase64String(Bytes.Mac(Key.Secret(secret), Bytes.OfLatin(text)))));
            return new Signed(added, text, "");
        }

        public static Signed SdkHmac(Request request, string id, string secret, SigningOptions options = null)
        {
            options = options ?? new SigningOptions();
            request = Prepared(request);
            var added = new List<KeyValuePair<string, string>>();
            if (!request.Has("X-Sdk-Date")) added.Add(Pair("X-Sdk-Date", Date(options, "yyyyMMdd'T'HHmmss'Z'")));
            request = request.With(added);
            var names = Names(request, options, "host", "x-sdk-date", Texts.Payload);
            var canonical = Text(() => Texts.SdkCanonical(request, names));
            var text = Texts.SdkText("SDK-HMAC-SHA256", request, canonical);
            added.Add(Pair("Authorization", "SDK-HMAC-SHA256 Access=" + id + ", SignedHeaders=" + string.Join(";", names) + ", Signature=" +
                Bytes.HexMac(Key.Secret(secret), text)));
            return new Signed(added, text, canonical);
        }

        /// <summary>The body is covered only by a header x-bce-content-sha256 or content-md5 that the request has.</summary>
        public static Signed Bce(Request request, string id, string secret, SigningOptions options = null)
        {
            options = options ?? new SigningOptions();
            request = Prepared(request);
            var own = request.Headers.Select(pair => Bytes.Lower(pair.Key))
                .Where(name => name.StartsWith("x-bce-", StringComparison.Ordinal) && name != Bytes.Lower(options.Header));
            var names = Names(request, options, new[] { "host", "content-type", "content-md5" }.Concat(own).ToArray());
            var text = Text(() => Texts.BceText(request, names));
            var prefix = "bce-auth-v1/" + id + "/" + Date(options, "yyyy-MM-dd'T'HH:mm:ss'Z'") + "/" + options.Expiration.ToString(CultureInfo.InvariantCulture);
            var signingKey = Bytes.HexMac(Key.Secret(secret), prefix);
            var proof = prefix + "/" + string.Join(";", names) + "/" + Bytes.HexMac(Bytes.OfLatin(signingKey), text);
            return new Signed(new[] { Pair(options.Header, proof) }, text, "");
        }

        private static KeyValuePair<string, string> Pair(string name, string value) => new KeyValuePair<string, string>(name, value);

        private static Request Prepared(Request request)
        {
            if (request.Target.Any(c => c > 126)) throw new ArgumentException("the target must be percent-encoded");
            return new Request(request.Method.ToUpperInvariant(), request.Target, request.Headers, request.Body);
        }

        private static string Date(SigningOptions options, string form)
        {
            var now = options.Now == null ? DateTimeOffset.UtcNow : DateTimeOffset.FromUnixTimeSeconds(options.Now.Value);
            return now.UtcDateTime.ToString(form, CultureInfo.InvariantCulture);
        }

        /// <summary>Those that are there, sorted.</summary>
        private static string[] Names(Request request, SigningOptions options, params string[] own) =>
            own.Concat(options.SignedHeaders).Select(Bytes.Lower).Distinct().Where(request.Has).OrderBy(name => name, StringComparer.Ordinal).ToArray();

        /// <summary>A request that no verifier could read is the caller's mistake here.</summary>
        private static string Text(Func<string> make)
        {
            try
            {
                return make();
            }
            catch (VerificationException problem)
            {
                throw new ArgumentException(problem.Detail, problem);
            }
        }
    }
}
