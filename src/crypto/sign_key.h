/* The other half of verify_key.h: signing as JSON Web Signature does (RFC 7518, 3; RFC 8037, 3.1), for those who issue tokens. */
#ifndef COUNTERSIGN_CRYPTO_SIGN_KEY_H
#define COUNTERSIGN_CRYPTO_SIGN_KEY_H

#include "base/buffer.h"
#include "crypto/verify_key.h"

#define SIGN_KEY_MAX_SIGNATURE 512 /* bytes: RSA-4096 */

struct sign_key;

/* From PKCS#8 in DER: RSA of 2048 to 4096 bits, P-256, P-384, P-521, Ed25519. Allocates, through OpenSSL. NULL: none of these, or out of
 * memory. Used by one thread at a time. */
struct sign_key *sign_key_prepare(struct bytes der);
void sign_key_destroy(struct sign_key *key); /* wipes; NULL is fine */

/* The algorithm that such a key signs with unless another one is named: RS256, that of the curve, EdDSA. */
enum verify_algorithm sign_key_algorithm(const struct sign_key *key);
/* Is it a key for this algorithm? An RSA key is for six. */
bool sign_key_fits(const struct sign_key *key, enum verify_algorithm algorithm);

/* Appends the signature of `message` in the form of JSON Web Signature. OpenSSL allocates and draws randomness within. False: the key is
 * not for this algorithm, overflow, or a failure of OpenSSL. */
bool sign_key_sign(struct sign_key *key, enum verify_algorithm algorithm, struct bytes message, struct buffer *out)
    __attribute__((warn_unused_result));
/* The same for HS256, HS384 and HS512 with their secret. */
bool sign_key_mac(enum verify_algorithm algorithm, struct bytes secret, struct bytes message, struct buffer *out)
    __attribute__((warn_unused_result));

#endif
