/* Countersign: verify that a request came through the gateway, and sign requests to it. Formats, options and errors: ../README.md.
 *
 * C11 and libcrypto (OpenSSL 3) alone. No global state: a verifier never changes and may be used by many threads at once. Functions that
 * can fail return a code and fill in `error`, which may be NULL. Texts that are given are read during the call only. */
#ifndef COUNTERSIGN_H
#define COUNTERSIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum countersign_code {
    COUNTERSIGN_OK,
    /* Refusals: the request's fault. */
    COUNTERSIGN_MISSING,
    COUNTERSIGN_MALFORMED,
    COUNTERSIGN_ALGORITHM_NOT_ALLOWED,
    COUNTERSIGN_UNKNOWN_KEY,
    COUNTERSIGN_SIGNED_HEADER_MISSING,
    COUNTERSIGN_EXPIRED,
    COUNTERSIGN_SIGNATURE_MISMATCH,
    COUNTERSIGN_BODY_MISMATCH,
    /* The program's fault: a key that cannot be one, a request that cannot be signed. */
    COUNTERSIGN_INVALID_ARGUMENT,
    /* Ours: no memory, or libcrypto failed. Nothing is verified. */
    COUNTERSIGN_FAULT
} countersign_code;

/* The word of ../README.md ("missing", "malformed", …), or "ok", "invalid_argument", "fault". */
const char *countersign_code_name(countersign_code code);

/* Why. `detail` is for the log; never show it to the caller. */
typedef struct countersign_error {
    countersign_code code;
    char detail[512];
} countersign_error;

typedef struct countersign_header {
    const char *name, *value;
} countersign_header;

/* A request as it stands on the wire: `target` is raw ("/a%20b?x=1"), a header that is there twice stands twice in `headers`. */
typedef struct countersign_request {
    const char *method, *target;
    const countersign_header *headers;
    size_t header_count;
    const void *body;
    size_t body_size;
} countersign_request;

/* --- Keys: what a backend knows of the gateway. NULL when it cannot be one, with COUNTERSIGN_INVALID_ARGUMENT in `error`. */

typedef struct countersign_key countersign_key;

countersign_key *countersign_key_hmac(const char *id, const char *secret, countersign_error *error);
/* User name and password. Covers nothing of the request. */
countersign_key *countersign_key_basic(const char *id, const char *secret, countersign_error *error);
/* What an aes key is made of; `algorithm` is "aes-128-cfb" or "aes-256-cfb". */
typedef struct countersign_aes {
    const char *algorithm, *key, *vector;
} countersign_aes;
/* This gateway's own format. */
countersign_key *countersign_key_aes(const char *id, const countersign_aes *parts, countersign_error *error);
/* This gateway's own format. `text`: an SPKI, in PEM or bare base64; RSA from 2048 bits, or ECDSA P-256. */
countersign_key *countersign_key_public(const char *id, const char *text, countersign_error *error);
countersign_key *countersign_key_bce(const char *id, const char *secret, countersign_error *error);
countersign_key *countersign_key_aliyun(const char *id, const char *secret, countersign_error *error);
/* The last second (Unix) in which the key holds; call it before the key is given to a verifier. */
void countersign_key_until(countersign_key *key, int64_t not_after);
/* Wipes the secret. Not for keys that a verifier owns. NULL is allowed. */
void countersign_key_free(countersign_key *key);

/* --- Verifying */

typedef struct countersign_options {
    int64_t window;               /* seconds that the time of a request may differ from the clock, either way */
    int64_t (*clock)(void *data); /* gives Unix seconds; NULL: the system's */
    void *clock_data;             /* given to `clock`; stays the caller's and must outlive the verifier */
    bool require_signed_body;     /* a body that the signature does not cover is refused */
    bool accept_undated;          /* aliyun without a timestamp is accepted */
    const char *proof_header;     /* NULL: Authorization */
} countersign_options;

/* Window 900, everything else off. */
countersign_options countersign_options_default(void);

typedef struct countersign_verifier countersign_verifier;

/* Takes the keys over, when it succeeds: they end with the verifier. When it fails (NULL) they stay the caller's. `options` NULL: the
 * defaults. While a key is changed, give the old and the new one. */
countersign_verifier *countersign_verifier_new(countersign_key *const *keys, size_t key_count, const countersign_options *options,
                                               countersign_error *error);
void countersign_verifier_free(countersign_verifier *verifier);

/* What is known of a request that is verified. Text that has none is "". */
typedef struct countersign_verified {
    const char *type, *key_id;
    const char *const *signed_headers; /* lower case, as listed */
    size_t signed_header_count;
    const char *app, *consumer, *request_id;
    const char *caller;         /* the app, else the consumer, else "" */
    const char *string_to_sign; /* may hold zero bytes: see the size */
    size_t string_to_sign_size;
    const char *canonical_request;
    size_t canonical_request_size;
} countersign_verified;

/* COUNTERSIGN_OK, and then `*verified` (if asked for) is the caller's, to be freed; else it is NULL. */
countersign_code countersign_verify(const countersign_verifier *verifier, const countersign_request *request,
                                    countersign_verified **verified, countersign_error *error);
void countersign_verified_free(countersign_verified *verified);

/* --- Signing, for clients */

typedef struct countersign_credential {
    const char *id, *secret;
} countersign_credential;

/* All zero is the default. */
typedef struct countersign_signing {
    int64_t now;                       /* Unix seconds; 0: the system's clock */
    const char *const *signed_headers; /* names to sign beside those that the scheme takes itself */
    size_t signed_header_count;
    int32_t expiration; /* bce alone: seconds; 0: 1800 */
    const char *header; /* bce alone: where the proof goes; NULL: Authorization */
} countersign_signing;

/* `headers`: to be set on the request, each in place of those of its name. */
typedef struct countersign_signed {
    const countersign_header *headers;
    size_t header_count;
    const char *string_to_sign; /* may hold zero bytes: see the size */
    size_t string_to_sign_size;
    const char *canonical_request;
    size_t canonical_request_size;
} countersign_signed;

/* COUNTERSIGN_OK, and then `*result` is the caller's, to be freed; else it is NULL. `options` may be NULL. */
countersign_code countersign_sign_aliyun_ca(const countersign_request *request, const countersign_credential *credential,
                                            const countersign_signing *options, countersign_signed **result, countersign_error *error);
countersign_code countersign_sign_sdk_hmac(const countersign_request *request, const countersign_credential *credential,
                                           const countersign_signing *options, countersign_signed **result, countersign_error *error);
countersign_code countersign_sign_bce(const countersign_request *request, const countersign_credential *credential,
                                      const countersign_signing *options, countersign_signed **result, countersign_error *error);
void countersign_signed_free(countersign_signed *result);

#ifdef __cplusplus
}
#endif

#endif
