#include "explain/cause.h"

static const struct {
    const char *name;
    const char *words;
} causes[CAUSE_COUNT] = {
    [CAUSE_NONE] = {"", ""},
    [CAUSE_ROUTE] = {"route",
                     "No API is published for this host, method and path in this environment. Compare them with the API, and see whether "
                     "the header that names the environment is right."},
    [CAUSE_TARGET] = {"target", "The path or the query is malformed: a bad percent escape, or bytes that are no UTF-8."},
    [CAUSE_HTTPS] = {"https", "The API is served over HTTPS only."},
    [CAUSE_LIMIT] = {"limit", "The request is larger or has more parts than the gateway takes."},
    [CAUSE_PARAMETER] =
        {"parameter", "A parameter that the API demands is missing, or has a value that the API does not allow: compare the request with "
                      "the API's parameters."},
    [CAUSE_PROOF_MISSING] = {"proof_missing", "There is no proof of who calls at any place where this API looks for one."},
    [CAUSE_PROOF_TWICE] = {"proof_twice", "There is more than one proof of who calls. Send one of them only."},
    [CAUSE_PROOF_MALFORMED] = {"proof_malformed", "The proof cannot be read: see the form that the example has."},
    [CAUSE_ALGORITHM] = {"algorithm",
                         "The signature is made by another algorithm than the request says, or by one that is not known here."},
    [CAUSE_HEADER_MISSING] = {"header_missing",
                              "A header that is needed, or that is listed as signed, is not in the request, or is there twice."},
    [CAUSE_CLOCK] = {"clock",
                     "The time of the signature is too far from the gateway's clock. Set the client's clock (NTP), and sign each request "
                     "anew when it is sent again."},
    [CAUSE_DATE] = {"date", "The time of the signature is missing or malformed."},
    [CAUSE_DATE_UNSIGNED] = {"date_unsigned", "The time is sent, but it is not among the signed headers, so it counts for nothing."},
    [CAUSE_METHOD] = {"method", "Another method was signed than was sent."},
    [CAUSE_PATH] = {"path",
                    "Another path was signed than was sent. Sign the path of the URL that is called, with the prefix that the gateway "
                    "sees, and look for proxies that rewrite it."},
    [CAUSE_PATH_SLASH] = {"path_slash", "The path was signed with another end: a '/' more, or one less."},
    [CAUSE_ENCODING] = {"encoding", "The path or a parameter was signed with other percent-encoding than the scheme asks for."},
    [CAUSE_QUERY] = {"query", "Other parameters were signed than were sent."},
    [CAUSE_QUERY_ORDER] = {"query_order", "The parameters were not sorted by name before they were signed."},
    [CAUSE_ACCEPT] = {"accept",
                      "Another Accept was signed than was sent. HTTP libraries add one by themselves ('*/*'): set it before signing."},
    [CAUSE_CHARSET] = {"charset",
                       "The Content-Type was signed without, or with another, charset than it was sent with. HTTP libraries add one."},
    [CAUSE_CONTENT_TYPE] = {"content_type",
                            "Another Content-Type was signed than was sent. HTTP libraries add one: set it before signing."},
    [CAUSE_DIGEST] = {"digest", "The digest of the body was signed, written or sent in another way than the scheme asks for."},
    [CAUSE_BODY] = {"body",
                    "Another body was signed than was sent. Sign the very bytes that are sent: no other encoding, no line end more."},
    [CAUSE_BODY_UNSIGNED] = {"body_unsigned", "The signature has to cover the body here: send its digest in a signed header."},
    [CAUSE_HOST] = {"host", "Another Host was signed than was sent: look at the port, and at proxies that change it."},
    [CAUSE_HEADER_VALUE] = {"header_value",
                            "A header was signed with another value than was sent. Look for libraries and proxies that change it."},
    [CAUSE_HEADER_NAMES] = {"header_names", "Other headers were signed than the request lists as signed."},
    [CAUSE_CASE] = {"case", "The same letters were signed in another case."},
    [CAUSE_LINE_END] = {"line_end",
                        "The text was signed with other line ends: only a line feed between the lines, none behind the last one."},
    [CAUSE_SECRET] = {"secret", "The text that the client signs is right, so the secret is not the one of this key."},
    [CAUSE_SECRET_WRONG] = {"secret_wrong", "The secret is not the one of this key."},
    [CAUSE_SECRET_SPELLING] = {"secret_spelling",
                               "The right secret was spelled another way: with a line end behind it, decoded, or in place of it "
                               "the key. Use its characters as they are."},
    [CAUSE_SIGNATURE_SPELLING] = {"signature_spelling",
                                  "The signature is right but written in another encoding or case than the scheme asks for."},
    [CAUSE_SECRET_OR_TEXT] = {"secret_or_text",
                              "Either it is signed with the secret of another key, or the text differs in a way that is not "
                              "among the usual ones. Paste the text that the client signs, to see where it differs."},
    [CAUSE_KEY_UNKNOWN] = {"key_unknown",
                           "Nobody has this key here. Look whether it is of another gateway or environment, was reset or deleted, or "
                           "stands at a place that it is not made for."},
    [CAUSE_KEY_KIND] = {"key_kind", "The key is not for this kind of authentication."},
    [CAUSE_KEY_DISABLED] = {"key_disabled", "The key is disabled."},
    [CAUSE_KEY_TIME] = {"key_time", "The key is not valid yet, or has expired."},
    [CAUSE_CALLER_DISABLED] = {"caller_disabled", "The app, consumer or user is disabled."},
    [CAUSE_NOT_AUTHORISED] = {"not_authorised", "The caller is known, but not authorised for this API in this environment."},
    [CAUSE_AUTHORISATION_ENDED] = {"authorisation_ended", "The caller's authorisation for this API has ended."},
    [CAUSE_NONCE] = {"nonce", "A nonce counts once: whatever is sent again needs a new one, and a new signature."},
    [CAUSE_NONCE_MISSING] = {"nonce_missing", "The API asks for a nonce, and it has to be signed."},
    [CAUSE_REPEATED] = {"repeated", "A parameter is there more than once, and only its first value would be signed."},
    [CAUSE_LOCKED] = {"locked", "After too many failed attempts the key is locked for this address, for a while."},
    [CAUSE_THROTTLED] = {"throttled", "Too many requests came in a period: wait, or have the limit raised."},
    [CAUSE_ADDRESS] = {"address",
                       "The API, or this app, does not take calls from this address or from this side of the gateway: see its lists of "
                       "addresses, and whether it is closed to the internet or to the internal side."},
    [CAUSE_TOKEN_SIGNATURE] = {"token_signature", "The token's signature does not hold by the keys that are known of its issuer."},
    [CAUSE_TOKEN_HEADER] = {"token_header", "The token's header asks for what is not done here, or names an algorithm that is not taken."},
    [CAUSE_TOKEN_KEY] = {"token_key", "No key, or more than one, is known for the token's kid and alg."},
    [CAUSE_TOKEN_EXPIRED] = {"token_expired", "The token has expired (exp)."},
    [CAUSE_TOKEN_EARLY] = {"token_early", "The token is not valid yet (nbf or iat): look at the clocks."},
    [CAUSE_TOKEN_CLAIM] = {"token_claim", "A claim of the token is missing, or is not what it has to be."},
    [CAUSE_TOKEN_STALE] = {"token_stale", "Since this token was made its user has another standing, password or roles. Ask for a new one."},
    [CAUSE_SECURITY_TOKEN] = {"security_token", "A temporary key counts with its X-Security-Token only: send the one that came with it."},
};

static const enum cause of_refusal[REFUSAL_COUNT] = {
    [REFUSAL_TARGET_MALFORMED] = CAUSE_TARGET,
    [REFUSAL_REQUEST_TOO_COMPLEX] = CAUSE_LIMIT,
    [REFUSAL_API_NOT_FOUND] = CAUSE_ROUTE,
    [REFUSAL_HTTPS_REQUIRED] = CAUSE_HTTPS,
    [REFUSAL_GRPC_NOT_SERVED] = CAUSE_LIMIT,
    [REFUSAL_LOOP] = CAUSE_LIMIT,
    [REFUSAL_PARAMETER_MISSING] = CAUSE_PARAMETER,
    [REFUSAL_PARAMETER_INVALID] = CAUSE_PARAMETER,
    [REFUSAL_PROOF_MISSING] = CAUSE_PROOF_MISSING,
    [REFUSAL_PROOF_AMBIGUOUS] = CAUSE_PROOF_TWICE,
    [REFUSAL_PROOF_MALFORMED] = CAUSE_PROOF_MALFORMED,
    [REFUSAL_ALGORITHM_UNKNOWN] = CAUSE_ALGORITHM,
    [REFUSAL_KEY_MISSING] = CAUSE_PROOF_MALFORMED,
    [REFUSAL_SIGNATURE_MISSING] = CAUSE_HEADER_MISSING,
    [REFUSAL_SIGNED_FIELD_MISSING] = CAUSE_HEADER_MISSING,
    [REFUSAL_DATE_MISSING] = CAUSE_DATE,
    [REFUSAL_DATE_MALFORMED] = CAUSE_DATE,
    [REFUSAL_DATE_UNSIGNED] = CAUSE_DATE_UNSIGNED,
    [REFUSAL_DATE_EXPIRED] = CAUSE_CLOCK,
    [REFUSAL_SIGNATURE_MISMATCH] = CAUSE_NONE,
    [REFUSAL_TOKEN_HEADER] = CAUSE_TOKEN_HEADER,
    [REFUSAL_TOKEN_KEY_UNKNOWN] = CAUSE_TOKEN_KEY,
    [REFUSAL_TOKEN_EXPIRED] = CAUSE_TOKEN_EXPIRED,
    [REFUSAL_TOKEN_NOT_YET_VALID] = CAUSE_TOKEN_EARLY,
    [REFUSAL_TOKEN_CLAIM_MISSING] = CAUSE_TOKEN_CLAIM,
    [REFUSAL_TOKEN_CLAIM_MISMATCH] = CAUSE_TOKEN_CLAIM,
    [REFUSAL_USER_TOKEN_STALE] = CAUSE_TOKEN_STALE,
    [REFUSAL_SECURITY_TOKEN] = CAUSE_SECURITY_TOKEN,
    [REFUSAL_BODY_TOO_LARGE] = CAUSE_LIMIT,
    [REFUSAL_FORM_TOO_LARGE] = CAUSE_LIMIT,
    [REFUSAL_FORM_MALFORMED] = CAUSE_BODY,
    [REFUSAL_BODY_DIGEST_MISSING] = CAUSE_BODY_UNSIGNED,
    [REFUSAL_BODY_DIGEST_MISMATCH] = CAUSE_BODY,
    [REFUSAL_PAYLOAD_HEADER_UNSIGNED] = CAUSE_BODY_UNSIGNED,
    [REFUSAL_NAME_REPEATED] = CAUSE_REPEATED,
    [REFUSAL_NONCE_MISSING] = CAUSE_NONCE_MISSING,
    [REFUSAL_NONCE_SEEN] = CAUSE_NONCE,
    [REFUSAL_NONCE_QUOTA] = CAUSE_LIMIT,
    [REFUSAL_REPLAY_MEMORY_FULL] = CAUSE_LIMIT,
    [REFUSAL_KEY_LOCKED] = CAUSE_LOCKED,
    [REFUSAL_THROTTLED] = CAUSE_THROTTLED,
    [REFUSAL_INTERNET_CLOSED] = CAUSE_ADDRESS,
    [REFUSAL_INTERNAL_CLOSED] = CAUSE_ADDRESS,
    [REFUSAL_ADDRESS_UNKNOWN] = CAUSE_ADDRESS,
    [REFUSAL_ADDRESS_DENIED] = CAUSE_ADDRESS,
    [REFUSAL_APP_ADDRESS_DENIED] = CAUSE_ADDRESS,
    [REFUSAL_KEY_UNKNOWN] = CAUSE_KEY_UNKNOWN,
    [REFUSAL_SCHEME_NOT_ALLOWED] = CAUSE_KEY_KIND,
    [REFUSAL_CREDENTIAL_DISABLED] = CAUSE_KEY_DISABLED,
    [REFUSAL_CREDENTIAL_NOT_YET_VALID] = CAUSE_KEY_TIME,
    [REFUSAL_CREDENTIAL_EXPIRED] = CAUSE_KEY_TIME,
    [REFUSAL_PRINCIPAL_DISABLED] = CAUSE_CALLER_DISABLED,
    [REFUSAL_NOT_AUTHORISED] = CAUSE_NOT_AUTHORISED,
    [REFUSAL_AUTHORISATION_EXPIRED] = CAUSE_AUTHORISATION_ENDED,
};

const char *cause_name(enum cause cause)
{
    return causes[(unsigned)cause < CAUSE_COUNT ? cause : CAUSE_NONE].name;
}

const char *cause_words(enum cause cause)
{
    return causes[(unsigned)cause < CAUSE_COUNT ? cause : CAUSE_NONE].words;
}

enum cause cause_of_refusal(enum refusal refusal)
{
    return (unsigned)refusal < REFUSAL_COUNT ? of_refusal[refusal] : CAUSE_NONE;
}
