/* Making tokens: for tests and first steps (countersign sign), since tokens are issued elsewhere. */
#ifndef COUNTERSIGN_JWT_ISSUE_H
#define COUNTERSIGN_JWT_ISSUE_H

#include "base/buffer.h"
#include "crypto/sign_key.h"

struct jwt_issuer {
    enum verify_algorithm algorithm;
    struct bytes secret;  /* of HS256, HS384, HS512 */
    struct sign_key *key; /* of the others; NULL: the secret signs */
    struct bytes kid;     /* empty: the token names none */
};

/* Appends the compact form of a token with these claims, a JSON object that is taken as it is. False: no memory, a failure of OpenSSL, or
 * a key that is not for this algorithm. */
bool jwt_issue(const struct jwt_issuer *issuer, struct bytes claims, struct buffer *out) __attribute__((warn_unused_result));

#endif
