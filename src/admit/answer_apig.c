/* The words of Huawei Cloud's API gateway (huawei.md 2). Statuses, codes and the sentences up to the first colon are the vendor's; what
 * stands behind it is the vendor's where a real answer is known (huawei.md 2.1), else ours. */
#include "admit/answer_words.h"

#define APP "Incorrect app authentication information: "
#define IAM "Incorrect IAM authentication information: "

#define REQUEST(status_, text_)                                                                                                            \
    {status_, "APIG.0201", text_},                                                                                                         \
    {                                                                                                                                      \
        status_, "APIG.0201", text_                                                                                                        \
    }
#define PROOF(text_)                                                                                                                       \
    {401, "APIG.0303", APP text_},                                                                                                         \
    {                                                                                                                                      \
        401, "APIG.0301", IAM text_                                                                                                        \
    }

/* By refusal: the words for APIs of type APP, then those for IAM. */
static const struct answer_words words[REFUSAL_COUNT][2] = {
    [REFUSAL_NONE] = {REQUEST(400, "API request error.")},
    [REFUSAL_TARGET_MALFORMED] = {REQUEST(400, "API request error: the {field} of the request is malformed")},
    [REFUSAL_REQUEST_TOO_COMPLEX] = {REQUEST(400, "API request error: the request is too complex")},
    [REFUSAL_API_NOT_FOUND] = {{404, "APIG.0101", "The API does not exist or has not been published in the environment"},
                               {404, "APIG.0101", "The API does not exist or has not been published in the environment"}},
    [REFUSAL_HTTPS_REQUIRED] = {REQUEST(403, "API request error: the API is served over HTTPS only")},
    [REFUSAL_GRPC_NOT_SERVED] = {REQUEST(415, "API request error: gRPC is not served")},
    [REFUSAL_LOOP] = {REQUEST(508, "API request error: the request came through too many gateways")},
    [REFUSAL_PARAMETER_MISSING] = {REQUEST(400, "API request error: parameter {field} is missing")},
    [REFUSAL_PARAMETER_INVALID] = {REQUEST(400, "API request error: parameter {field} has a value that the API does not allow")},
    [REFUSAL_PROOF_MISSING] = {{401, "APIG.0303", APP "Authorization header is missing"}, {401, "APIG.0301", IAM "x-auth-token not found"}},
    [REFUSAL_PROOF_AMBIGUOUS] = {PROOF("more than one proof of identity, see {field}")},
    [REFUSAL_PROOF_MALFORMED] = {PROOF("{field} is malformed")},
    [REFUSAL_ALGORITHM_UNKNOWN] = {PROOF("{field} names an unknown algorithm")},
    [REFUSAL_KEY_MISSING] = {PROOF("Access or Credential is empty in Authorization")},
    [REFUSAL_SIGNATURE_MISSING] = {PROOF("{field} is missing")},
    [REFUSAL_SIGNED_FIELD_MISSING] = {PROOF("signed header {field} is missing or repeated")},
    [REFUSAL_DATE_MISSING] = {PROOF("{field} is missing")},
    [REFUSAL_DATE_MALFORMED] = {PROOF("{field} is malformed")},
    [REFUSAL_DATE_UNSIGNED] = {PROOF("{field} is not among the signed headers")},
    [REFUSAL_DATE_EXPIRED] = {{401, "APIG.0303", APP "signature expired, signature time:{time},server time:{now}"},
                              {401, "APIG.0301",
                               IAM "calc aksk signature fail:signature expired, signature time:{time},server time:{now}"}},
    [REFUSAL_SIGNATURE_MISMATCH] = {{401, "APIG.0303", APP "verify signature fail{text}"},
                                    {401, "APIG.0301", IAM "verify aksk signature fail{text}"}},
    [REFUSAL_TOKEN_HEADER] = {PROOF("the header of the token asks for what is not done here")},
    [REFUSAL_TOKEN_KEY_UNKNOWN] = {PROOF("no key is known for the token")},
    [REFUSAL_TOKEN_EXPIRED] = {PROOF("the token has expired, server time:{now}")},
    [REFUSAL_TOKEN_NOT_YET_VALID] = {PROOF("the token is not valid yet, see {field}, server time:{now}")},
    [REFUSAL_TOKEN_CLAIM_MISSING] = {PROOF("claim {field} of the token is missing")},
    [REFUSAL_TOKEN_CLAIM_MISMATCH] = {PROOF("claim {field} of the token is not what it must be")},
    [REFUSAL_BODY_TOO_LARGE] = {REQUEST(413, "Request entity too large.")},
    [REFUSAL_FORM_TOO_LARGE] = {REQUEST(413, "Request entity too large: a signed form has at most 1 MiB and 1000 fields")},
    [REFUSAL_FORM_MALFORMED] = {REQUEST(400, "API request error: the form in the body is malformed")},
    [REFUSAL_BODY_DIGEST_MISSING] = {PROOF("{field} is missing")},
    [REFUSAL_BODY_DIGEST_MISMATCH] = {PROOF("{field} does not match the body")},
    [REFUSAL_PAYLOAD_HEADER_UNSIGNED] = {PROOF("{field} is not among the signed headers")},
    [REFUSAL_NAME_REPEATED] = {PROOF("parameter {field} is repeated")},
    [REFUSAL_NONCE_MISSING] = {PROOF("{field} is missing or not among the signed headers")},
    [REFUSAL_NONCE_SEEN] = {PROOF("the nonce has been used before")},
    [REFUSAL_NONCE_QUOTA] = {{429, "APIG.0308", "The throttling threshold has been reached: too many nonces in use"},
                             {429, "APIG.0308", "The throttling threshold has been reached: too many nonces in use"}},
    [REFUSAL_KEY_LOCKED] = {{401, "APIG.0303", APP "app access failed to reach the limit,forbidden"},
                            {401, "APIG.0301", IAM "AK access failed to reach the limit,forbidden"}},
    [REFUSAL_REPLAY_MEMORY_FULL] = {{503, "APIG.0601", "Internal server error."}, {503, "APIG.0601", "Internal server error."}},
    [REFUSAL_KEY_UNKNOWN] = {{401, "APIG.0303", APP "app not found{key}"}, {401, "APIG.0301", IAM "ak{key} not exist"}},
    [REFUSAL_SCHEME_NOT_ALLOWED] = {PROOF("the key is not for this kind of authentication")},
    [REFUSAL_CREDENTIAL_DISABLED] = {PROOF("the key is disabled")},
    [REFUSAL_CREDENTIAL_NOT_YET_VALID] = {PROOF("the key is not valid yet")},
    [REFUSAL_CREDENTIAL_EXPIRED] = {PROOF("the key has expired")},
    [REFUSAL_PRINCIPAL_DISABLED] = {{401, "APIG.0303", APP "the app is disabled"}, {401, "APIG.0301", IAM "the user is disabled"}},
    [REFUSAL_USER_TOKEN_STALE] = {{401, "APIG.0307", "The token must be updated."}, {401, "APIG.0307", "The token must be updated."}},
    [REFUSAL_SECURITY_TOKEN] = {PROOF("X-Security-Token is missing, or not that of the key")},
    [REFUSAL_NOT_AUTHORISED] = {{403, "APIG.0304", "The app is not authorized to access the API."},
                                {403, "APIG.0302", "The IAM user is not authorized to access the API."}},
    [REFUSAL_AUTHORISATION_EXPIRED] = {{403, "APIG.0304", "The app is not authorized to access the API: the authorization has expired"},
                                       {403, "APIG.0302",
                                        "The IAM user is not authorized to access the API: the authorization has expired"}},
    [REFUSAL_INTERNET_CLOSED] = {{403, "APIG.0306", "API access denied: from the internet"},
                                 {403, "APIG.0306", "API access denied: from the internet"}},
    [REFUSAL_INTERNAL_CLOSED] = {{403, "APIG.0306", "API access denied: from the internal network"},
                                 {403, "APIG.0306", "API access denied: from the internal network"}},
    [REFUSAL_ADDRESS_UNKNOWN] = {{403, "APIG.0401", "Unknown client IP address."}, {403, "APIG.0401", "Unknown client IP address."}},
    [REFUSAL_ADDRESS_DENIED] = {{403, "APIG.0402", "The IP address is not authorized to access the API."},
                                {403, "APIG.0402", "The IP address is not authorized to access the API."}},
    [REFUSAL_APP_ADDRESS_DENIED] = {{403, "APIG.0405", "The app is not accessed from a trusted IP address."},
                                    {403, "APIG.0405", "The app is not accessed from a trusted IP address."}},
    [REFUSAL_THROTTLED] = {{429, "APIG.0308", "The throttling threshold has been reached: {policy}"},
                           {429, "APIG.0308", "The throttling threshold has been reached: {policy}"}},
};

/* What is said of an access key, said of a token (huawei.md 2.1). */
static const struct answer_words auth_token_words[REFUSAL_COUNT] = {
    [REFUSAL_KEY_MISSING] = {401, "APIG.0301", IAM "x-auth-token not found"},
    [REFUSAL_KEY_UNKNOWN] = {401, "APIG.0301", IAM "decrypt token fail"},
    [REFUSAL_CREDENTIAL_EXPIRED] = {401, "APIG.0301", IAM "token expires"},
};

/* Of an app's access token (huawei.md 2.2). */
static const struct answer_words app_token_words[REFUSAL_COUNT] = {
    [REFUSAL_PROOF_MALFORMED] = {400, "APIG.2203", "Access token is invalid"},
    [REFUSAL_SIGNATURE_MISMATCH] = {400, "APIG.2203", "Access token is invalid"},
    [REFUSAL_DATE_EXPIRED] = {401, "APIG.1002", "Access token is expired"},
    [REFUSAL_KEY_UNKNOWN] = {401, "APIG.1004", "App not exist"},
};

static const struct answer_words *words_of_scheme(const struct scheme *scheme)
{
    if (scheme == &scheme_auth_token) return auth_token_words;
    return scheme == &scheme_app_token ? app_token_words : NULL;
}

struct answer_words answer_words_apig(enum refusal refusal, enum auth_type type, const struct scheme *scheme)
{
    const struct answer_words *own = words_of_scheme(scheme);
    if (own != NULL && (unsigned)refusal < REFUSAL_COUNT && own[refusal].code != NULL) return own[refusal];
    return words[(unsigned)refusal < REFUSAL_COUNT ? refusal : REFUSAL_NONE][type == AUTH_TYPE_IAM ? 1 : 0];
}

struct answer_words answer_words_failure_apig(unsigned status)
{
    switch (status) {
    case 413:
        return (struct answer_words){413, "APIG.0201", "Request entity too large."};
    case 414:
        return (struct answer_words){414, "APIG.0201", "Request URI too large."};
    case 502:
        return (struct answer_words){502, "APIG.0202", "Backend unavailable"};
    case 503:
        return (struct answer_words){503, "APIG.0601", "Internal server error."};
    case 504:
        return (struct answer_words){504, "APIG.0203", "Backend timeout"};
    default:
        if (status < 500) return (struct answer_words){400, "APIG.0201", "API request error."};
        return (struct answer_words){500, "APIG.0601", "Internal server error."};
    }
}
