/* What a scheme is given to sign a request with, and what it gives back. */
#ifndef COUNTERSIGN_SCHEME_SIGNING_H
#define COUNTERSIGN_SCHEME_SIGNING_H

#include "crypto/hmac.h"
#include "http/request.h"

struct body_facts; /* scheme/scheme.h */

/* A key that bce-auth-v1 derived from a secret: the same for all requests of a second, so who signs many keeps it. As secret as what it
 * is made of; start from zeros. */
struct derived_key {
    struct hmac_key of; /* the secret */
    int64_t now;        /* Unix seconds: the time in the prefix */
    uint8_t prefix[128];
    size_t prefix_length;
    struct hmac_key key;
};

/* How to put a signature on a request whose fields are complete but for the signature's own. */
struct signing {
    const struct http_request *request;
    const struct body_facts *body; /* NULL: it streams; sdk-hmac then says UNSIGNED-PAYLOAD and signs that */
    struct bytes key_id;
    struct hmac_secret secret;
    uint64_t opening;          /* of the secret, as of a signature key */
    struct hmac_secret key;    /* of a signature key whose key_id is not its key (aes) */
    int64_t now;               /* Unix seconds */
    struct bytes date;         /* the same as the scheme writes it, where somebody has it already; empty: made from it */
    struct bytes nonce;        /* aliyun-ca; empty: none is sent */
    enum digest_kind hash;     /* DIGEST_NONE: the scheme's default */
    const struct bytes *names; /* further field names of the request to sign, of any case; the scheme adds its own and sorts */
    size_t name_count;
    bool whole; /* every field is signed, its name is in lower case, and `names` is empty; not of aliyun-ca, whose fields are its own */
    struct bytes carrier;        /* the header that carries it; empty: the scheme's default */
    struct bytes scope;          /* v11-hmac-sha256: "region/service" */
    struct derived_key *derived; /* bce-auth-v1; NULL: nothing is kept */
};

#define SIGNING_MAX_FIELDS 8
struct signed_fields {
    struct http_field items[SIGNING_MAX_FIELDS]; /* names and values in the arena */
    size_t count;
};

#endif
