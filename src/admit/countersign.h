/* Signing the forwarded request, so that the backend can check that it came through the gateway. */
#ifndef COUNTERSIGN_ADMIT_COUNTERSIGN_H
#define COUNTERSIGN_ADMIT_COUNTERSIGN_H

#include "crypto/cfb.h"
#include "crypto/private_key.h"
#include "scheme/scheme.h"

/* When signing: method and target exactly as they will be sent, and those fields that a signature is to cover, with names in lower case,
 * each once: host first, the tells, and content-type last if there is one. When verifying: the request as it arrived at the backend. */
struct countersigned {
    const struct http_request *request;
    const struct body_facts *body; /* when signing, NULL means that it streams: signed as UNSIGNED-PAYLOAD */
    int64_t now;                   /* Unix seconds */
};

/* What signing needs beside the key and the request: cipher contexts, the private keys that were parsed lately (parsing one costs many
 * times its signature), and what is the same for all requests of a second. One for each process; used by one thread at a time. */
#define COUNTERSIGNER_KEYS    32
#define COUNTERSIGNER_DERIVED 8
struct countersigner {
    struct cfb *cfb;
    uint64_t openings[COUNTERSIGNER_KEYS]; /* under which the secrets of `keys` were seen last; 0: none */
    struct countersigner_key {
        struct digest_value id; /* of key id, revision and secret */
        struct private_key *key;
        uint64_t used;
    } keys[COUNTERSIGNER_KEYS];
    uint64_t uses;
    int64_t second; /* that `date` says; thousands of requests have the same */
    uint8_t date[sizeof "20191115T033655Z" - 1];
    struct derived_key derived[COUNTERSIGNER_DERIVED];
};
/* False: out of memory. */
bool countersigner_prepare(struct countersigner *signer);
void countersigner_destroy(struct countersigner *signer);

/* The fields to add to the request. False: a fault (503). */
bool countersign_request(struct countersigner *signer, const struct signature_key *key, const struct countersigned *outgoing,
                         struct arena *arena, struct signed_fields *fields);
/* Wipes what the key has opened; it cannot sign any more. */
void countersign_forget(struct signature_key *key);

/* What of the body of this request (as it will be sent) a signature of this type covers, as body_need bits. */
unsigned countersign_body_uses(enum signature_type type, const struct http_request *request);
/* Such a signature has no way to say that the body streams: what it uses has to be read before the request goes out. */
bool countersign_awaits_body(enum signature_type type);

/* The headers (lower case, NULL-terminated) that a caller's copy of must be removed when a key of this type signs. */
const char *const *countersign_carriers(enum signature_type type);

#endif
