/* Why a request is refused: one list for every scheme. A switch over it has no default. The log says this word; the client gets
 * what its scheme's format says (scheme/answer.h), which is sometimes less. */
#ifndef COUNTERSIGN_SCHEME_REFUSAL_H
#define COUNTERSIGN_SCHEME_REFUSAL_H

#include "base/bytes.h"

enum refusal {
    REFUSAL_NONE = 0,
    /* the request itself */
    REFUSAL_TARGET_MALFORMED,
    REFUSAL_REQUEST_TOO_COMPLEX, /* more than the arena or a fixed limit holds */
    REFUSAL_API_NOT_FOUND,
    REFUSAL_HTTPS_REQUIRED,  /* it came in clear, and the API does not serve that */
    REFUSAL_GRPC_NOT_SERVED, /* its trailers would be lost */
    REFUSAL_LOOP,            /* it came through too many gateways */
    /* the proof */
    REFUSAL_PROOF_MISSING,
    REFUSAL_PROOF_AMBIGUOUS, /* several proofs, or one twice */
    REFUSAL_PROOF_MALFORMED,
    REFUSAL_ALGORITHM_UNKNOWN,
    REFUSAL_KEY_MISSING,
    REFUSAL_SIGNATURE_MISSING,
    REFUSAL_SIGNED_FIELD_MISSING, /* a field named as signed is not there, or is there twice */
    REFUSAL_DATE_MISSING,
    REFUSAL_DATE_MALFORMED,
    REFUSAL_DATE_UNSIGNED,
    REFUSAL_DATE_EXPIRED, /* more than 15 minutes off, either way */
    REFUSAL_SIGNATURE_MISMATCH,
    /* a token */
    REFUSAL_TOKEN_HEADER,      /* its header asks for what is not done here */
    REFUSAL_TOKEN_KEY_UNKNOWN, /* no key, or several, for its kid and alg */
    REFUSAL_TOKEN_EXPIRED,
    REFUSAL_TOKEN_NOT_YET_VALID,
    REFUSAL_TOKEN_CLAIM_MISSING,
    REFUSAL_TOKEN_CLAIM_MISMATCH,
    /* the body */
    REFUSAL_BODY_TOO_LARGE,
    REFUSAL_FORM_TOO_LARGE, /* more than 1 MiB or 1000 fields */
    REFUSAL_FORM_MALFORMED,
    REFUSAL_BODY_DIGEST_MISSING,
    REFUSAL_BODY_DIGEST_MISMATCH,
    REFUSAL_PAYLOAD_HEADER_UNSIGNED, /* x-sdk-content-sha256 counts only when signed */
    REFUSAL_NAME_REPEATED,           /* a query or form name repeated beyond what the signature covers */
    /* the request has come before */
    REFUSAL_NONCE_MISSING, /* the API demands one, and a signed one */
    REFUSAL_NONCE_SEEN,
    REFUSAL_NONCE_QUOTA,        /* this principal has used up its share of the replay memory */
    REFUSAL_REPLAY_MEMORY_FULL, /* nobody's fault but ours; nothing unexpired is ever forgotten */
    REFUSAL_KEY_LOCKED,         /* too many failed attempts with this key from this source */
    /* the caller */
    REFUSAL_KEY_UNKNOWN,
    REFUSAL_SCHEME_NOT_ALLOWED, /* the credential is not for this scheme or place */
    REFUSAL_CREDENTIAL_DISABLED,
    REFUSAL_CREDENTIAL_NOT_YET_VALID,
    REFUSAL_CREDENTIAL_EXPIRED,
    REFUSAL_PRINCIPAL_DISABLED,
    REFUSAL_USER_TOKEN_STALE, /* its user has another standing, password or roles since */
    REFUSAL_SECURITY_TOKEN,   /* a temporary key without the token that belongs to it */
    REFUSAL_NOT_AUTHORISED,
    REFUSAL_AUTHORISATION_EXPIRED,
    /* where from */
    REFUSAL_INTERNET_CLOSED, /* the API is for the internal side */
    REFUSAL_INTERNAL_CLOSED,
    REFUSAL_ADDRESS_UNKNOWN, /* there is a list, and no address to look for */
    REFUSAL_ADDRESS_DENIED,
    REFUSAL_APP_ADDRESS_DENIED, /* not from there with the credentials of this app */
    /* its parameters */
    REFUSAL_PARAMETER_MISSING,
    REFUSAL_PARAMETER_INVALID, /* not a value that the API allows */
    REFUSAL_THROTTLED,         /* a policy admits so many requests in a period, and there were so many */
    REFUSAL_COUNT
};

/* The word for logs and variables: "signature_mismatch"; "" for REFUSAL_NONE. */
const char *refusal_name(enum refusal refusal);
/* REFUSAL_NONE: none has this name. */
enum refusal refusal_named(struct bytes name);

#endif
