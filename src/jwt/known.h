/* Tokens whose signature and claims held lately, so that the next request with one costs no more than an API key. What is kept says only
 * that: whose token it is, whether he may use it here and now, is asked again at every request, and a token is known only as long as the
 * rules and keys are those by which it was checked (architecture: a verdict dies with the token's exp, its key, its consumer, its
 * authorisation, and is of no use to another API). Bounded; nothing is kept of a token that was refused. */
#ifndef COUNTERSIGN_JWT_KNOWN_H
#define COUNTERSIGN_JWT_KNOWN_H

#include "jwt/claims.h"
#include "jwt/keys.h"

#define JWT_KNOWN_SETS  256 /* a power of two */
#define JWT_KNOWN_WAYS  4
#define JWT_KNOWN_SCOPE 64
#define JWT_KNOWN_BYTES 1900 /* of the token and what is told of it; longer ones are checked each time */

struct jwt_known_token {
    struct jwt_times times;
    uint64_t rules; /* revision of the rules, of the keys */
    uint64_t keys;
    struct digest_value holder; /* under which its holder is looked up; length 0: nobody's */
    uint8_t scope_length;
    uint8_t scope[JWT_KNOWN_SCOPE]; /* of whose rules it was held against */
    uint16_t token_length;
    uint16_t told_length;
    uint8_t bytes[JWT_KNOWN_BYTES];
};

/* Zeroed at first, with a seed that is drawn; used by one thread at a time. */
struct jwt_known {
    uint64_t seed;
    uint64_t turn;
    uint64_t hashes[JWT_KNOWN_SETS][JWT_KNOWN_WAYS]; /* 0: empty */
    struct jwt_known_token kept[JWT_KNOWN_SETS][JWT_KNOWN_WAYS];
};

/* What a user (a worker) keeps of tokens. */
struct jwt_memory {
    struct jwt_keys keys;
    struct jwt_known known;
};
void jwt_memory_destroy(struct jwt_memory *memory); /* wipes */

/* `scope` beside the token is part of the name: the same token may be known under several. */
struct jwt_known_name {
    struct bytes scope;
    struct bytes token;
    uint64_t hash;
};
struct jwt_known_name jwt_known_name(const struct jwt_known *known, struct bytes scope, struct bytes token);

/* NULL: not known. */
const struct jwt_known_token *jwt_known_find(const struct jwt_known *known, const struct jwt_known_name *name);
/* What there is to know; `told` borrowed. */
struct jwt_fact {
    struct jwt_known_name name;
    struct bytes told;
    struct jwt_times times;
    uint64_t rules;
    uint64_t keys;
    struct digest_value holder;
};
void jwt_known_keep(struct jwt_known *known, const struct jwt_fact *fact);

static inline struct bytes jwt_known_told(const struct jwt_known_token *known)
{
    return bytes_of(known->bytes + known->token_length, known->told_length);
}

#endif
