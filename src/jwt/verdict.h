/* What can be said of a token. */
#ifndef COUNTERSIGN_JWT_VERDICT_H
#define COUNTERSIGN_JWT_VERDICT_H

enum jwt_verdict {
    JWT_GOOD = 0,
    JWT_MALFORMED,         /* no compact JSON Web Signature with a JSON object inside */
    JWT_HEADER_REFUSED,    /* its header asks for what is not done here: crit, b64, keys that come along, encryption */
    JWT_ALGORITHM_UNKNOWN, /* "none", or none of ours */
    JWT_KEY_UNKNOWN,       /* no key of the set is for this kid and alg, or several are */
    JWT_SIGNATURE_MISMATCH,
    JWT_EXPIRED,
    JWT_NOT_YET_VALID, /* nbf or iat lie ahead */
    JWT_CLAIM_MISSING,
    JWT_CLAIM_MISMATCH, /* not what the rules say, or of another type than RFC 7519 says */
    JWT_TOO_COMPLEX,    /* the arena is full */
    JWT_FAULT           /* ours */
};

#endif
