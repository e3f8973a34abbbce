#include "scheme/refusal.h"

/* A table rather than a switch: a word per value, in the order of the enum, which a test walks. */
static const char *const names[] = {
    [REFUSAL_NONE] = "",
    [REFUSAL_TARGET_MALFORMED] = "target_malformed",
    [REFUSAL_REQUEST_TOO_COMPLEX] = "request_too_complex",
    [REFUSAL_API_NOT_FOUND] = "api_not_found",
    [REFUSAL_HTTPS_REQUIRED] = "https_required",
    [REFUSAL_GRPC_NOT_SERVED] = "grpc_not_served",
    [REFUSAL_LOOP] = "loop",
    [REFUSAL_PROOF_MISSING] = "proof_missing",
    [REFUSAL_PROOF_AMBIGUOUS] = "proof_ambiguous",
    [REFUSAL_PROOF_MALFORMED] = "proof_malformed",
    [REFUSAL_ALGORITHM_UNKNOWN] = "algorithm_unknown",
    [REFUSAL_KEY_MISSING] = "key_missing",
    [REFUSAL_SIGNATURE_MISSING] = "signature_missing",
    [REFUSAL_SIGNED_FIELD_MISSING] = "signed_field_missing",
    [REFUSAL_DATE_MISSING] = "date_missing",
    [REFUSAL_DATE_MALFORMED] = "date_malformed",
    [REFUSAL_DATE_UNSIGNED] = "date_unsigned",
    [REFUSAL_DATE_EXPIRED] = "date_expired",
    [REFUSAL_SIGNATURE_MISMATCH] = "signature_mismatch",
    [REFUSAL_TOKEN_HEADER] = "token_header",
    [REFUSAL_TOKEN_KEY_UNKNOWN] = "token_key_unknown",
    [REFUSAL_TOKEN_EXPIRED] = "token_expired",
    [REFUSAL_TOKEN_NOT_YET_VALID] = "token_not_yet_valid",
    [REFUSAL_TOKEN_CLAIM_MISSING] = "token_claim_missing",
    [REFUSAL_TOKEN_CLAIM_MISMATCH] = "token_claim_mismatch",
    [REFUSAL_BODY_TOO_LARGE] = "body_too_large",
    [REFUSAL_FORM_TOO_LARGE] = "form_too_large",
    [REFUSAL_FORM_MALFORMED] = "form_malformed",
    [REFUSAL_BODY_DIGEST_MISSING] = "body_digest_missing",
    [REFUSAL_BODY_DIGEST_MISMATCH] = "body_digest_mismatch",
    [REFUSAL_PAYLOAD_HEADER_UNSIGNED] = "payload_header_unsigned",
    [REFUSAL_NAME_REPEATED] = "name_repeated",
    [REFUSAL_NONCE_MISSING] = "nonce_missing",
    [REFUSAL_NONCE_SEEN] = "nonce_seen",
    [REFUSAL_NONCE_QUOTA] = "nonce_quota",
    [REFUSAL_REPLAY_MEMORY_FULL] = "replay_memory_full",
    [REFUSAL_KEY_LOCKED] = "key_locked",
    [REFUSAL_KEY_UNKNOWN] = "key_unknown",
    [REFUSAL_SCHEME_NOT_ALLOWED] = "scheme_not_allowed",
    [REFUSAL_CREDENTIAL_DISABLED] = "credential_disabled",
    [REFUSAL_CREDENTIAL_NOT_YET_VALID] = "credential_not_yet_valid",
    [REFUSAL_CREDENTIAL_EXPIRED] = "credential_expired",
    [REFUSAL_PRINCIPAL_DISABLED] = "principal_disabled",
    [REFUSAL_USER_TOKEN_STALE] = "user_token_stale",
    [REFUSAL_SECURITY_TOKEN] = "security_token",
    [REFUSAL_NOT_AUTHORISED] = "not_authorised",
    [REFUSAL_AUTHORISATION_EXPIRED] = "authorisation_expired",
    [REFUSAL_INTERNET_CLOSED] = "internet_closed",
    [REFUSAL_INTERNAL_CLOSED] = "internal_closed",
    [REFUSAL_ADDRESS_UNKNOWN] = "address_unknown",
    [REFUSAL_ADDRESS_DENIED] = "address_denied",
    [REFUSAL_APP_ADDRESS_DENIED] = "app_address_denied",
    [REFUSAL_PARAMETER_MISSING] = "parameter_missing",
    [REFUSAL_PARAMETER_INVALID] = "parameter_invalid",
    [REFUSAL_THROTTLED] = "throttled",
};

_Static_assert(sizeof names / sizeof names[0] == REFUSAL_COUNT, "a word for every refusal");

const char *refusal_name(enum refusal refusal)
{
    return (unsigned)refusal < REFUSAL_COUNT ? names[refusal] : "";
}

enum refusal refusal_named(struct bytes name)
{
    for (int i = REFUSAL_NONE + 1; i < REFUSAL_COUNT; i++)
        if (bytes_equal(bytes_of_text(refusal_name((enum refusal)i)), name)) return (enum refusal)i;
    return REFUSAL_NONE;
}
