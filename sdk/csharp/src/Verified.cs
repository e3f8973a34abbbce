using System.Collections.Generic;

namespace Countersign
{
    /// <summary>What is known of a request that is verified. App, consumer and request id: as the gateway told them, or "".</summary>
    public sealed class Verified
    {
        internal Verified(Request request, Proof proof, string text, string canonical)
        {
            Type = proof.Type;
            KeyId = proof.KeyId;
            SignedHeaders = proof.Names;
            StringToSign = Bytes.Shown(text);
            CanonicalRequest = Bytes.Shown(canonical);
            App = Told(request, proof, "x-countersign-app");
            Consumer = Told(request, proof, "x-mse-consumer");
            RequestId = Told(request, proof, "x-request-id");
        }

        public string Type { get; }

        public string KeyId { get; }

        /// <summary>In lower case, as listed.</summary>
        public IReadOnlyList<string> SignedHeaders { get; }

        public string App { get; }

        public string Consumer { get; }

        public string RequestId { get; }

        /// <summary>The app, else the consumer, else "".</summary>
        public string Caller => App != "" ? App : Consumer;

        public string StringToSign { get; }

        public string CanonicalRequest { get; }

        private static string Told(Request request, Proof proof, string name)
        {
            foreach (var signed in proof.Names)
                if (signed == name) return request.Value(name);
            return proof.Type == "basic" ? request.Value(name) : "";
        }
    }
}
