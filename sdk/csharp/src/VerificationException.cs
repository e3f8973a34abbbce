using System;

namespace Countersign
{
    /// <summary>Why a request is refused: the same words in every language of the SDK.</summary>
    public enum Code
    {
        Missing,
        Malformed,
        AlgorithmNotAllowed,
        UnknownKey,
        SignedHeaderMissing,
        Expired,
        SignatureMismatch,
        BodyMismatch
    }

    /// <summary>The request did not come through the gateway, or not unchanged. The detail (and the message) is for the log, never for
    /// the caller.</summary>
    public sealed class VerificationException : Exception
    {
        private static readonly string[] Words =
        {
            "missing", "malformed", "algorithm_not_allowed", "unknown_key", "signed_header_missing", "expired", "signature_mismatch",
            "body_mismatch"
        };

        public VerificationException(Code code, string detail) : base(Words[(int)code] + ": " + detail)
        {
            Code = code;
            Detail = detail;
        }

        public Code Code { get; }

        public string Detail { get; }

        /// <summary>The word of ../../README.md: "missing", "malformed", …</summary>
        public string Word => Words[(int)Code];

        internal static VerificationException Malformed(string detail) => new VerificationException(Code.Malformed, detail);
    }
}
