/* The words of Baidu AI Cloud's API gateway (baidu.md 2.5). Codes, statuses and texts are the vendor's where its table has the case; the
 * others take the code that comes nearest and say in their own words what is wrong. */
#include "admit/answer_words.h"

#define INVALID(text_)                                                                                                                     \
    {                                                                                                                                      \
        400, "SignatureInvalid", "Signature is invalid: " text_                                                                            \
    }
#define BAD_APP(text_)                                                                                                                     \
    {                                                                                                                                      \
        400, "SignatureAppInvalid", "Signature is invalid: App authorization failed" text_ "."                                             \
    }

static const struct answer_words words[REFUSAL_COUNT] = {
    [REFUSAL_NONE] = {400, "InvalidHTTPRequest", "The request is invalid."},
    [REFUSAL_TARGET_MALFORMED] = {400, "InvalidURI", "Could not parse the specified URI: {field} is malformed."},
    [REFUSAL_REQUEST_TOO_COMPLEX] = {400, "InvalidHTTPRequest", "The request has more parameters or headers than can be checked."},
    [REFUSAL_API_NOT_FOUND] = {404, "ResourceNotFound", "Resource not found."},
    [REFUSAL_HTTPS_REQUIRED] = {403, "InvalidHTTPRequest", "The API is served over HTTPS only."},
    [REFUSAL_GRPC_NOT_SERVED] = {415, "InvalidHTTPRequest", "gRPC is not served."},
    [REFUSAL_LOOP] = {508, "InvalidHTTPRequest", "The request came through too many gateways."},
    [REFUSAL_PARAMETER_MISSING] = {400, "InvalidHTTPRequest", "Parameter {field} is missing."},
    [REFUSAL_PARAMETER_INVALID] = {400, "InvalidHTTPRequest", "Parameter {field} has a value that the API does not allow."},
    [REFUSAL_PROOF_MISSING] = {400, "SignatureEmpty", "Signature is empty."},
    [REFUSAL_PROOF_AMBIGUOUS] = INVALID("{field} more than one proof of identity."),
    [REFUSAL_PROOF_MALFORMED] = INVALID("Signature format is invalid, {field}."),
    [REFUSAL_ALGORITHM_UNKNOWN] = INVALID("Signature format is invalid, unknown version."),
    [REFUSAL_KEY_MISSING] = INVALID("Signature format is invalid, {field} is empty."),
    [REFUSAL_SIGNATURE_MISSING] = {400, "SignatureEmpty", "Signature is empty."},
    [REFUSAL_SIGNED_FIELD_MISSING] = INVALID("{field} must be signed, and be there once."),
    [REFUSAL_DATE_MISSING] = {400, "SignatureTimestampInvalid", "Signature is invalid: Timestamp is invalid."},
    [REFUSAL_DATE_MALFORMED] = {400, "SignatureTimestampInvalid", "Signature is invalid: Timestamp is invalid."},
    [REFUSAL_DATE_UNSIGNED] = {400, "SignatureTimestampInvalid", "Signature is invalid: Timestamp is invalid."},
    [REFUSAL_DATE_EXPIRED] = {400, "SignatureTimestampExpired",
                              "Signature is invalid: Timestamp is expired. Timestamp {time}, server time {now}."},
    [REFUSAL_SIGNATURE_MISMATCH] = {400, "SignatureMismatch", "Signature is invalid: Signature is mismatched{text}"},
    [REFUSAL_TOKEN_HEADER] = INVALID("the header of the token asks for what is not done here."),
    [REFUSAL_TOKEN_KEY_UNKNOWN] = INVALID("no key is known for the token."),
    [REFUSAL_TOKEN_EXPIRED] = INVALID("the token has expired, server time {now}."),
    [REFUSAL_TOKEN_NOT_YET_VALID] = INVALID("the token is not valid yet, see {field}, server time {now}."),
    [REFUSAL_TOKEN_CLAIM_MISSING] = INVALID("claim {field} of the token is missing."),
    [REFUSAL_TOKEN_CLAIM_MISMATCH] = INVALID("claim {field} of the token is not what it must be."),
    [REFUSAL_BODY_TOO_LARGE] = {413, "InvalidHTTPRequest", "The request body is too large."},
    [REFUSAL_FORM_TOO_LARGE] = {413, "InvalidHTTPRequest", "The request body is too large."},
    [REFUSAL_FORM_MALFORMED] = {400, "InvalidHTTPRequest", "There was an error in the body of your HTTP request."},
    [REFUSAL_BODY_DIGEST_MISSING] = INVALID("{field} is required."),
    [REFUSAL_BODY_DIGEST_MISMATCH] = {400, "SignatureMismatch", "Signature is invalid: {field} is not that of the body."},
    [REFUSAL_PAYLOAD_HEADER_UNSIGNED] = INVALID("{field} must be signed."),
    [REFUSAL_NAME_REPEATED] = INVALID("{field} is repeated."),
    [REFUSAL_NONCE_MISSING] = INVALID("a nonce is required."),
    [REFUSAL_NONCE_SEEN] = INVALID("it has been used before."),
    [REFUSAL_NONCE_QUOTA] = {429, "OverRateLimit", "Over rate limit: too many nonces in use."},
    [REFUSAL_KEY_LOCKED] = BAD_APP(", too many failed attempts"),
    [REFUSAL_REPLAY_MEMORY_FULL] = {503, "InternalServerError", "Service unavailable."},
    [REFUSAL_KEY_UNKNOWN] = BAD_APP(""),
    [REFUSAL_SCHEME_NOT_ALLOWED] = BAD_APP(", the key is not for this kind of authentication"),
    [REFUSAL_CREDENTIAL_DISABLED] = BAD_APP(", the key is disabled"),
    [REFUSAL_CREDENTIAL_NOT_YET_VALID] = BAD_APP(", the key is not valid yet"),
    [REFUSAL_CREDENTIAL_EXPIRED] = BAD_APP(", the key is expired"),
    [REFUSAL_PRINCIPAL_DISABLED] = BAD_APP(", the app is disabled"),
    [REFUSAL_USER_TOKEN_STALE] = BAD_APP(", the token must be updated"),
    [REFUSAL_SECURITY_TOKEN] = BAD_APP(", the security token is missing"),
    [REFUSAL_NOT_AUTHORISED] = BAD_APP(", the app is not authorized to access the API"),
    [REFUSAL_AUTHORISATION_EXPIRED] = BAD_APP(", the authorization is expired"),
    [REFUSAL_INTERNET_CLOSED] = {403, "AccessDenied", "Access denied from the internet."},
    [REFUSAL_INTERNAL_CLOSED] = {403, "AccessDenied", "Access denied from the internal network."},
    [REFUSAL_ADDRESS_UNKNOWN] = {403, "AccessDenied", "Access denied: the address is not known."},
    [REFUSAL_ADDRESS_DENIED] = {403, "AccessDenied", "Access denied from this address."},
    [REFUSAL_APP_ADDRESS_DENIED] = {403, "AccessDenied", "Access denied from this address to the app."},
    [REFUSAL_THROTTLED] = {429, "OverRateLimit", "Over rate limit."},
};

/* One of the vendor's SDKs sets its clock by the Date of this very answer, and tries again (baidu.md 1.5). */
static const struct answer_words skewed = {403, "RequestTimeTooSkewed",
                                           "The difference between the request time and the server's time is too large. Timestamp {time}, "
                                           "server time {now}."};

struct answer_words answer_words_bce(enum refusal refusal, bool ahead)
{
    if (refusal == REFUSAL_DATE_EXPIRED && ahead) return skewed;
    return words[(unsigned)refusal < REFUSAL_COUNT ? refusal : REFUSAL_NONE];
}

struct answer_words answer_words_failure_bce(unsigned status)
{
    switch (status) {
    case 413:
    case 414:
        return (struct answer_words){status, "InvalidHTTPRequest", "The request is too large."};
    case 502:
        return (struct answer_words){502, "BadGateway", "Failed to call backend."};
    case 503:
        return (struct answer_words){503, "InternalServerError", "Service unavailable."};
    case 504:
        return (struct answer_words){504, "GatewayTimeout", "Backend timeout."};
    default:
        if (status < 500) return (struct answer_words){400, "InvalidHTTPRequest", "The request is invalid."};
        return (struct answer_words){500, "InternalServerError", "We encountered an internal error. Please try again."};
    }
}
