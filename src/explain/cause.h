/* Why requests are refused, in the words of who has to mend them. Finer than enum refusal: "signature_mismatch" has many causes. */
#ifndef COUNTERSIGN_EXPLAIN_CAUSE_H
#define COUNTERSIGN_EXPLAIN_CAUSE_H

#include "base/bytes.h"
#include "scheme/refusal.h"

enum cause {
    CAUSE_NONE = 0,
    /* the request itself */
    CAUSE_ROUTE,
    CAUSE_TARGET,
    CAUSE_HTTPS,
    CAUSE_LIMIT,
    CAUSE_PARAMETER,
    /* the proof, before anything is computed */
    CAUSE_PROOF_MISSING,
    CAUSE_PROOF_TWICE,
    CAUSE_PROOF_MALFORMED,
    CAUSE_ALGORITHM,
    CAUSE_HEADER_MISSING,
    /* time */
    CAUSE_CLOCK,
    CAUSE_DATE,
    CAUSE_DATE_UNSIGNED,
    /* what is signed */
    CAUSE_METHOD,
    CAUSE_PATH,
    CAUSE_PATH_SLASH,
    CAUSE_ENCODING,
    CAUSE_QUERY,
    CAUSE_QUERY_ORDER,
    CAUSE_ACCEPT,
    CAUSE_CHARSET,
    CAUSE_CONTENT_TYPE,
    CAUSE_DIGEST,
    CAUSE_BODY,
    CAUSE_BODY_UNSIGNED,
    CAUSE_HOST,
    CAUSE_HEADER_VALUE,
    CAUSE_HEADER_NAMES,
    CAUSE_CASE,
    CAUSE_LINE_END,
    /* with what it is signed */
    CAUSE_SECRET,
    CAUSE_SECRET_WRONG,
    CAUSE_SECRET_SPELLING,
    CAUSE_SIGNATURE_SPELLING,
    CAUSE_SECRET_OR_TEXT,
    /* who signs */
    CAUSE_KEY_UNKNOWN,
    CAUSE_KEY_KIND,
    CAUSE_KEY_DISABLED,
    CAUSE_KEY_TIME,
    CAUSE_CALLER_DISABLED,
    CAUSE_NOT_AUTHORISED,
    CAUSE_AUTHORISATION_ENDED,
    CAUSE_NONCE,
    CAUSE_NONCE_MISSING,
    CAUSE_REPEATED,
    CAUSE_LOCKED,
    CAUSE_THROTTLED,
    CAUSE_ADDRESS,
    /* tokens */
    CAUSE_TOKEN_SIGNATURE,
    CAUSE_TOKEN_HEADER,
    CAUSE_TOKEN_KEY,
    CAUSE_TOKEN_EXPIRED,
    CAUSE_TOKEN_EARLY,
    CAUSE_TOKEN_CLAIM,
    CAUSE_TOKEN_STALE,
    CAUSE_SECURITY_TOKEN,
    CAUSE_COUNT
};

/* "path_slash"; "" for CAUSE_NONE. Stable: the console translates by it. */
const char *cause_name(enum cause cause);
/* A sentence or two: what is wrong, and what to do. */
const char *cause_words(enum cause cause);
/* CAUSE_NONE: the refusal alone does not tell (a signature that does not match), or there is none. */
enum cause cause_of_refusal(enum refusal refusal);

#endif
