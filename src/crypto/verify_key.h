/* Keys that check signatures by the algorithms of JSON Web Signature (RFC 7518, 3.1; RFC 8037, 3.1). A key is made for one algorithm and
 * never checks by another one: what the signed text says of its algorithm decides nothing. */
#ifndef COUNTERSIGN_CRYPTO_VERIFY_KEY_H
#define COUNTERSIGN_CRYPTO_VERIFY_KEY_H

#include "base/bytes.h"

enum verify_algorithm {
    VERIFY_NONE = 0,
    VERIFY_HS256,
    VERIFY_HS384,
    VERIFY_HS512,
    VERIFY_RS256,
    VERIFY_RS384,
    VERIFY_RS512,
    VERIFY_PS256,
    VERIFY_PS384,
    VERIFY_PS512,
    VERIFY_ES256,
    VERIFY_ES384,
    VERIFY_ES512,
    VERIFY_EDDSA, /* Ed25519 */
    VERIFY_COUNT
};

enum verify_family { VERIFY_HMAC, VERIFY_RSA, VERIFY_ECDSA, VERIFY_ED25519 };

#define VERIFY_RSA_MIN_BITS 2048
#define VERIFY_RSA_MAX_BITS 4096
#define VERIFY_MAX_SECRET   1024

/* The raw numbers of a key, big-endian; which are needed depends on the family. */
struct verify_material {
    struct bytes secret;   /* HMAC: at least as long as the digest (RFC 7518, 3.2) */
    struct bytes modulus;  /* RSA */
    struct bytes exponent; /* RSA */
    struct bytes x;        /* ECDSA: as long as the curve's field; Ed25519: the 32 bytes of the key */
    struct bytes y;        /* ECDSA */
};

struct verify_key;

/* "HS256" … "EdDSA", as the RFCs spell them, case and all; VERIFY_NONE: none of ours ("none" among them). */
enum verify_algorithm verify_algorithm_named(struct bytes name);
const char *verify_algorithm_name(enum verify_algorithm algorithm); /* "" for VERIFY_NONE */
enum verify_family verify_family_of(enum verify_algorithm algorithm);

/* Allocates, through OpenSSL. NULL: not a key for this algorithm (too short, too long, not on the curve …), or out of memory. Used by one
 * thread at a time. */
struct verify_key *verify_key_prepare(enum verify_algorithm algorithm, const struct verify_material *material);
void verify_key_destroy(struct verify_key *key); /* wipes; NULL is fine */
enum verify_algorithm verify_key_algorithm(const struct verify_key *key);

/* Is `signature`, in the form of JSON Web Signature (ECDSA: R and S of the field's length), one of `message`? */
bool verify_key_check(struct verify_key *key, struct bytes message, struct bytes signature) __attribute__((warn_unused_result));

#endif
