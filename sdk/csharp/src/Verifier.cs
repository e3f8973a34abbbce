using System;
using System.Collections.Generic;
using System.Linq;

namespace Countersign
{
    /// <summary>Options of a verifier (../../README.md).</summary>
    public sealed class VerifierOptions
    {
        /// <summary>Seconds that the time of a request may differ from the clock, either way, the last included.</summary>
        public long Window { get; set; } = 900;

        /// <summary>Gives Unix seconds.</summary>
        public Func<long> Clock { get; set; } = () => DateTimeOffset.UtcNow.ToUnixTimeSeconds();

        /// <summary>A body that the signature does not cover is refused.</summary>
        public bool RequireSignedBody { get; set; }

        /// <summary>aliyun without a timestamp is accepted.</summary>
        public bool AcceptUndated { get; set; }

        /// <summary>The header of hmac, basic, aes and public_key.</summary>
        public string ProofHeader { get; set; } = "Authorization";
    }

    /// <summary>Verifies that a request came through the gateway, unchanged and just now. Immutable; may be shared by threads.</summary>
    public sealed class Verifier
    {
        private static readonly string[] Sdk = { "hmac", "aes", "public_key" }, Authorization = { "hmac", "aes", "public_key", "basic" };
        private readonly Key[] keys;
        private readonly HashSet<string> types;
        private readonly long window;
        private readonly Func<long> clock;
        private readonly bool requireSignedBody, acceptUndated;
        private readonly string proofHeader;

        /// <summary>While a key is changed: the old and the new one.</summary>
        public Verifier(params Key[] keys) : this(keys, new VerifierOptions())
        {
        }

        public Verifier(IEnumerable<Key> keys, VerifierOptions options)
        {
            this.keys = keys.ToArray();
            if (this.keys.Length == 0) throw new ArgumentException("a verifier needs a key");
            if (options.Window < 0) throw new ArgumentException("the window is no number of seconds");
            types = new HashSet<string>(this.keys.Select(key => key.Type));
            window = options.Window;
            clock = options.Clock;
            requireSignedBody = options.RequireSignedBody;
            acceptUndated = options.AcceptUndated;
            proofHeader = options.ProofHeader;
        }

        /// <exception cref="VerificationException">it is refused</exception>
        public Verified Verify(Request request)
        {
            var now = clock();
            var proof = Read(request);
            var live = LiveKeys(proof, now);
            string text = "", canonical = "";
            if (proof.Type != "basic")
            {
                CheckSignedHeaders(request, proof);
                CheckTime(proof, now);
                text = Text(request, proof, out canonical);
            }
            // Every key is tried, so that the time does not tell which one fits.
            if (live.Count(key => key.Proves(text, proof)) == 0)
                throw new VerificationException(Code.SignatureMismatch, "the proof does not fit " + (canonical + text).Replace('\n', '|'));
            CheckBody(request, proof);
            return new Verified(request, proof, text, canonical);
        }

        private Proof Read(Request request)
        {
            var found = new List<Func<Proof>>();
            if (types.Overlaps(Authorization)) found.AddRange(request.Values(proofHeader).Select(value => (Func<Proof>)(() => Proof.ReadAuthorization(value, types))));
            if (types.Contains("bce")) found.AddRange(request.Values("X-Bce-Gateway-Auth").Select(value => (Func<Proof>)(() => Proof.ReadBce(value))));
            if (types.Contains("aliyun")) found.AddRange(request.Values("X-Ca-Proxy-Signature").Select(value => (Func<Proof>)(() => Proof.ReadAliyun(request, value))));
            if (found.Count == 0) throw new VerificationException(Code.Missing, "no proof");
            if (found.Count > 1) throw VerificationException.Malformed("more than one proof");
            return found[0]();
        }

        private List<Key> LiveKeys(Proof proof, long now)
        {
            var live = keys.Where(key => key.Type == proof.Type && key.Id == proof.KeyId && key.Holds(now)).ToList();
            if (live.Count == 0) throw new VerificationException(Code.UnknownKey, "no key of this id that holds");
            var fitting = live.Where(key => key.Algorithm == proof.Algorithm).ToList();
            if (fitting.Count == 0) throw new VerificationException(Code.AlgorithmNotAllowed, proof.Algorithm + " is not the algorithm of this key");
            return fitting;
        }

        private void CheckSignedHeaders(Request request, Proof proof)
        {
            foreach (var name in proof.Names)
                if (request.Values(name).Count != 1) throw new VerificationException(Code.SignedHeaderMissing, name + " is signed, and not there exactly once");
            foreach (var name in MustBeSigned(request, proof))
                if (!proof.Names.Contains(name)) throw new VerificationException(Code.SignedHeaderMissing, name + " is not signed");
            proof.ReadSigned(request);
        }

        private IEnumerable<string> MustBeSigned(Request request, Proof proof)
        {
            var names = new[] { "x-countersign-app", "x-mse-consumer", "x-countersign-user" }.Where(request.Has).ToList();
            if (proof.Type != "aliyun") names.Add("host");
            else if (!acceptUndated || request.Has("x-ca-timestamp")) names.Add("x-ca-timestamp");
            if (!Sdk.Contains(proof.Type)) return names;
            names.Add("x-sdk-date");
            if (request.Has(Texts.Payload)) names.Add(Texts.Payload);
            return names;
        }

        private void CheckTime(Proof proof, long now)
        {
            if (proof.Date == null) return;
            if (Math.Abs(now * 1000 - proof.Date.Value) > window * 1000) throw new VerificationException(Code.Expired, "outside of the window");
            if (proof.Lifetime != null && now * 1000 >= proof.Date + proof.Lifetime * 1000)
                throw new VerificationException(Code.Expired, "past the expiry that it carries");
        }

        private static string Text(Request request, Proof proof, out string canonical)
        {
            canonical = "";
            if (proof.Type == "bce") return Texts.BceText(request, proof.Names);
            if (proof.Type == "aliyun") return Texts.AliyunText(request, proof.Spelled);
            canonical = Texts.SdkCanonical(request, proof.Names);
            return Texts.SdkText(proof.Algorithm, request, canonical);
        }

        private void CheckBody(Request request, Proof proof)
        {
            var covered = proof.Type == "aliyun" && Texts.AliyunCoversBody(request);
            if (proof.Type == "bce") covered = FitsBce(request, proof);
            if (Sdk.Contains(proof.Type)) covered = FitsSdk(request);
            if (requireSignedBody && request.Body.Length > 0 && !covered)
                throw new VerificationException(Code.BodyMismatch, "the signature does not cover the body");
        }

        private static bool FitsSdk(Request request)
        {
            var declared = request.Value(Texts.Payload);
            if (declared != "" && declared != Texts.Unsigned) CheckDigest(Bytes.Hex(Bytes.Sha256(request.Body)), declared);
            return declared != Texts.Unsigned;
        }

        private static bool FitsBce(Request request, Proof proof)
        {
            bool sha256 = proof.Names.Contains("x-bce-content-sha256"), md5 = proof.Names.Contains("content-md5");
            if (sha256) CheckDigest(Bytes.Hex(Bytes.Sha256(request.Body)), request.Value("x-bce-content-sha256"));
            if (md5) CheckDigest(Bytes.Md5(request.Body), request.Value("content-md5"));
            return sha256 || md5;
        }

        private static void CheckDigest(string digest, string declared)
        {
            if (!Bytes.Same(digest, declared)) throw new VerificationException(Code.BodyMismatch, "the body is not the one whose digest is signed");
        }
    }
}
