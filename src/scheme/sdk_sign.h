/* Signing in the form of the SDK-… family (huawei.md 1.1, 3.2): one header, one text to sign, and several ways to prove it. */
#ifndef COUNTERSIGN_SCHEME_SDK_SIGN_H
#define COUNTERSIGN_SCHEME_SDK_SIGN_H

#include "scheme/scheme.h"

struct sdk_proof {
    struct bytes algorithm;      /* first word of the header and first line of the text */
    const struct scheme *scheme; /* whose header and hash: one of the five */
    /* Appends the signature of the string to sign as it is presented. False: a fault. NULL: as the scheme does. */
    bool (*write)(const struct sdk_proof *proof, struct bytes string_to_sign, struct buffer *out);
    void *context;
    const struct signing *signing;
};

/* That of SDK-HMAC-SHA256. */
extern const struct sdk_proof sdk_proof_hmac;

/* The fields to add: X-Sdk-Date, X-Sdk-Content-Sha256 (X-Sdk-Content-Sm3) for a body that streams, and `Authorization: ALGORITHM Access=…,
 * SignedHeaders=…, Signature=…` (or signing->carrier); of v11-hmac-sha256 `Credential=`. As scheme.sign otherwise, but signing->names are
 * tokens in lower case (RFC 9110, 5.6.2). `proof->signing` is set here. */
bool sdk_sign(const struct signing *signing, struct sdk_proof *proof, struct arena *arena, struct signed_fields *fields);

#endif
