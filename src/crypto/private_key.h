/* Key pairs for signatures that anybody can check: RSA (RSASSA-PKCS1-v1_5 with SHA-256, RFC 8017, 8.2; 2048 bits and more) and ECDSA on
 * P-256 with SHA-256 (FIPS 186-5, 6; signatures in DER). */
#ifndef COUNTERSIGN_CRYPTO_PRIVATE_KEY_H
#define COUNTERSIGN_CRYPTO_PRIVATE_KEY_H

#include "base/buffer.h"

enum private_key_kind { PRIVATE_KEY_RSA = 1, PRIVATE_KEY_P256 = 2 };

#define PRIVATE_KEY_MAX_SIGNATURE 512 /* RSA-4096 */
#define PRIVATE_KEY_MIN_BITS      2048
#define PRIVATE_KEY_MAX_BITS      4096

/* A parsed key: parsing costs far more than using it, so keep it. Used by one thread at a time. */
struct private_key;

/* From PKCS#8 in DER. NULL: not such a key, too short or too long, another algorithm or curve, or out of memory. */
struct private_key *private_key_prepare(struct bytes der);
void private_key_destroy(struct private_key *key); /* wipes; NULL is fine */

enum private_key_kind private_key_kind(const struct private_key *key);
/* Appends the signature of `message`. OpenSSL allocates within. False: overflow, or a failure of OpenSSL. */
bool private_key_sign(struct private_key *key, struct bytes message, struct buffer *out) __attribute__((warn_unused_result));
/* Appends the public half as SubjectPublicKeyInfo in DER (RFC 5280, 4.1). */
bool private_key_public(const struct private_key *key, struct buffer *out) __attribute__((warn_unused_result));

/* The other half: for who checks. From SubjectPublicKeyInfo in DER; NULL as for private_key_prepare. */
struct public_key;
struct public_key *public_key_prepare(struct bytes spki);
void public_key_destroy(struct public_key *key); /* NULL is fine */
enum private_key_kind public_key_kind(const struct public_key *key);
bool public_key_verify(struct public_key *key, struct bytes message, struct bytes signature) __attribute__((warn_unused_result));

#endif
