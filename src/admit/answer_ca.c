/* The words of Alibaba Cloud's API gateway, VPC-type table (alibaba.md 1.8). Codes and statuses are the vendor's; of the texts those of the
 * I4... rows and of the mismatch are confirmed, the others are known by code only and say in few words what the code means. */
#include "admit/answer_words.h"

#define BAD_KEY(text_)                                                                                                                     \
    {                                                                                                                                      \
        400, "A400IK", "Invalid AppKey" text_                                                                                              \
    }

#define BAD_CODE(text_)                                                                                                                    \
    {                                                                                                                                      \
        400, "A400AC", "Invalid AppCode `" text_ "`"                                                                                       \
    }

static const struct answer_words words[REFUSAL_COUNT] = {
    [REFUSAL_NONE] = {400, "I400HD", "Invalid Request"},
    [REFUSAL_TARGET_MALFORMED] = {400, "I400RU", "Invalid Request Uri `{field} is malformed`"},
    [REFUSAL_REQUEST_TOO_COMPLEX] = {413, "I413UL", "Request URL too Large"},
    [REFUSAL_API_NOT_FOUND] = {404, "I404NF", "API not found"},
    [REFUSAL_HTTPS_REQUIRED] = {403, "I403PT", "Invalid protocol HTTP unsupported"},
    [REFUSAL_GRPC_NOT_SERVED] = {415, "I403PT", "Invalid protocol gRPC unsupported"},
    [REFUSAL_LOOP] = {508, "D502FC", "Failed To Invoke Backend Service, too many gateways"},
    [REFUSAL_PARAMETER_MISSING] = {400, "I400MP", "Parameter `{field}` is required"},
    [REFUSAL_PARAMETER_INVALID] = {400, "I400IP", "Invalid parameter `{field}` not allowed"},
    [REFUSAL_PROOF_MISSING] = {400, "A400MA", "Need authorization, `X-Ca-Key` or `Authorization: APPCODE ...` is required"},
    [REFUSAL_PROOF_AMBIGUOUS] = {400, "I400HD", "Invalid Header `{field}` more than one proof of identity"},
    [REFUSAL_PROOF_MALFORMED] = {400, "I400HD", "Invalid Header `{field}` malformed"},
    [REFUSAL_ALGORITHM_UNKNOWN] = {400, "I400HD", "Invalid Header `{field}` unknown algorithm"},
    [REFUSAL_KEY_MISSING] = {400, "I400MH", "Header `{field}` is Required"},
    [REFUSAL_SIGNATURE_MISSING] = {400, "I400MH", "Header `{field}` is Required"},
    [REFUSAL_SIGNED_FIELD_MISSING] = {400, "I400HD", "Invalid Header `{field}` repeated"},
    [REFUSAL_DATE_MISSING] = {400, "I400MH", "Header `X-Ca-Timestamp` is Required"},
    [REFUSAL_DATE_MALFORMED] = {400, "I400HD", "Invalid Header `{field}` malformed"},
    [REFUSAL_DATE_UNSIGNED] = {400, "I400HD", "Invalid Header `X-Ca-Timestamp` not among X-Ca-Signature-Headers"},
    [REFUSAL_DATE_EXPIRED] = {403, "S403TE", "X-Ca-Timestamp is expired, server time:{now}"},
    [REFUSAL_SIGNATURE_MISMATCH] = {403, "A403IS", "Invalid Signature{text}"},
    [REFUSAL_TOKEN_HEADER] = {403, "A403JT", "Invalid JWT: the header asks for what is not done here"},
    [REFUSAL_TOKEN_KEY_UNKNOWN] = {403, "A403JK", "No matching JWK"},
    [REFUSAL_TOKEN_EXPIRED] = {403, "A403JE", "JWT is expired, server time:{now}"},
    [REFUSAL_TOKEN_NOT_YET_VALID] = {403, "A403JT", "Invalid JWT: not valid yet, see `{field}`, server time:{now}"},
    [REFUSAL_TOKEN_CLAIM_MISSING] = {403, "A403JT", "Invalid JWT: claim `{field}` is missing"},
    [REFUSAL_TOKEN_CLAIM_MISMATCH] = {403, "A403JT", "Invalid JWT: claim `{field}` is not what it must be"},
    [REFUSAL_BODY_TOO_LARGE] = {413, "I413RL", "Request body too Large"},
    [REFUSAL_FORM_TOO_LARGE] = {413, "I413RL", "Request body too Large, a form has at most 1 MiB and 1000 fields"},
    [REFUSAL_FORM_MALFORMED] = {400, "I400BD", "Invalid Body: malformed form"},
    [REFUSAL_BODY_DIGEST_MISSING] = {400, "I400MH", "Header `{field}` is Required"},
    [REFUSAL_BODY_DIGEST_MISMATCH] = {400, "I400I5", "Invalid Content-MD5"},
    [REFUSAL_PAYLOAD_HEADER_UNSIGNED] = {400, "I400HD", "Invalid Header `{field}` not signed"},
    [REFUSAL_NAME_REPEATED] = {400, "I400IP", "Invalid parameter `{field}` repeated"},
    [REFUSAL_NONCE_MISSING] = {400, "I400NC", "X-Ca-Nonce is required"},
    [REFUSAL_NONCE_SEEN] = {403, "S403NU", "Nonce Used"},
    [REFUSAL_NONCE_QUOTA] = {429, "T429PA", "Throttled: too many nonces in use"},
    [REFUSAL_KEY_LOCKED] = {403, "A403AC", "Access Control Forbidden by failed attempts"},
    [REFUSAL_REPLAY_MEMORY_FULL] = {503, "X503BZ", "Service Unavailable"},
    [REFUSAL_KEY_UNKNOWN] = BAD_KEY(""),
    [REFUSAL_SCHEME_NOT_ALLOWED] = BAD_KEY(", not for this kind of authentication"),
    [REFUSAL_CREDENTIAL_DISABLED] = BAD_KEY(", disabled"),
    [REFUSAL_CREDENTIAL_NOT_YET_VALID] = BAD_KEY(", not valid yet"),
    [REFUSAL_CREDENTIAL_EXPIRED] = BAD_KEY(", expired"),
    [REFUSAL_PRINCIPAL_DISABLED] = BAD_KEY(", app disabled"),
    [REFUSAL_USER_TOKEN_STALE] = BAD_KEY(", the token must be updated"),
    [REFUSAL_SECURITY_TOKEN] = BAD_KEY(", security token missing"),
    [REFUSAL_NOT_AUTHORISED] = {403, "I403AA", "Unauthorized"},
    [REFUSAL_AUTHORISATION_EXPIRED] = {403, "A403EP", "App authorization expired"},
    [REFUSAL_INTERNET_CLOSED] = {403, "A403IN", "Access from internet is disabled"},
    [REFUSAL_INTERNAL_CLOSED] = {403, "A403VN", "Access from invalid VPC is disabled"},
    [REFUSAL_ADDRESS_UNKNOWN] = {403, "A403IP", "Access denied by IP Control Policy"},
    [REFUSAL_ADDRESS_DENIED] = {403, "A403IP", "Access denied by IP Control Policy"},
    [REFUSAL_APP_ADDRESS_DENIED] = {403, "A403IP", "Access denied by IP Control Policy"},
    [REFUSAL_THROTTLED] = {429, "T429PA", "Throttled by {flow} Flow Control"},
};

/* What is said of an AppKey, said of an AppCode; the first text is confirmed for the vendor's older table (alibaba.md 2). */
static const struct answer_words app_code_words[REFUSAL_COUNT] = {
    [REFUSAL_PROOF_MALFORMED] = BAD_CODE("malformed"),
    [REFUSAL_KEY_MISSING] = BAD_CODE("empty"),
    [REFUSAL_KEY_UNKNOWN] = BAD_CODE("not exists"),
    [REFUSAL_CREDENTIAL_DISABLED] = BAD_CODE("disabled"),
    [REFUSAL_CREDENTIAL_NOT_YET_VALID] = BAD_CODE("not valid yet"),
    [REFUSAL_CREDENTIAL_EXPIRED] = BAD_CODE("expired"),
    [REFUSAL_PRINCIPAL_DISABLED] = BAD_CODE("app disabled"),
};

struct answer_words answer_words_ca(enum refusal refusal, bool app_code)
{
    if (app_code && (unsigned)refusal < REFUSAL_COUNT && app_code_words[refusal].code != NULL) return app_code_words[refusal];
    return words[(unsigned)refusal < REFUSAL_COUNT ? refusal : REFUSAL_NONE];
}

struct answer_words answer_words_failure_ca(unsigned status)
{
    switch (status) {
    case 413:
        return (struct answer_words){413, "I413RL", "Request body too Large"};
    case 414:
        return (struct answer_words){414, "I413UL", "Request URL too Large"};
    case 502:
        return (struct answer_words){502, "D502FC", "Failed To Invoke Backend Service"};
    case 503:
        return (struct answer_words){503, "X503BZ", "Service Unavailable"};
    case 504:
        return (struct answer_words){504, "D504TO", "Backend service request timed out"};
    default:
        if (status < 500) return (struct answer_words){400, "I400HD", "Invalid Request"};
        return (struct answer_words){500, "X500ER", "Internal Error"};
    }
}
