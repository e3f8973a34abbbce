/* Key pairs that are nothing but a number below the order of a curve's group: ECDSA on P-256 with SHA-256 (FIPS 186-5, 6), and SM2 with SM3
 * (GB/T 32918.2). Signatures are DER, SEQUENCE { r, s }. */
#ifndef COUNTERSIGN_CRYPTO_SCALAR_KEY_H
#define COUNTERSIGN_CRYPTO_SCALAR_KEY_H

#include "base/buffer.h"

enum scalar_curve { SCALAR_P256 = 1, SCALAR_SM2 = 2 };

#define SCALAR_SIZE              32
#define SCALAR_MIN_SIGNATURE     8
#define SCALAR_MAX_SIGNATURE     72
#define SCALAR_SM2_DEFAULT_IDENT "1234567812345678" /* GB/T 35276: whoever has no other name */

/* candidate + 1 (big-endian), if candidate <= n - 2, n being the order: a number drawn from 32 bytes without bias (FIPS 186-5, A.2.2).
 * False: another candidate has to be drawn. Takes the same time for all. */
bool scalar_of_candidate(enum scalar_curve curve, const uint8_t candidate[static SCALAR_SIZE], uint8_t scalar[static SCALAR_SIZE]);

/* The public point of such a number, made ready to check signatures; the number itself is not kept. Allocates, through OpenSSL. NULL: 0,
 * or not below the order, or out of memory. Used by one thread at a time. */
struct scalar_key;
struct scalar_key *scalar_key_prepare(enum scalar_curve curve, const uint8_t scalar[static SCALAR_SIZE]);
void scalar_key_destroy(struct scalar_key *key); /* NULL is fine */

/* One signature, and the messages of which it may be one. */
struct scalar_question {
    const struct bytes *messages;
    size_t count;
    struct bytes signature;
};
/* Is it a signature of one of them? Several cost little more than one: what does not depend on the message is computed once. */
bool scalar_key_check(struct scalar_key *key, const struct scalar_question *question) __attribute__((warn_unused_result));

/* The number made ready to sign. As scalar_key_prepare otherwise. */
struct scalar_signer;
struct scalar_signer *scalar_signer_prepare(enum scalar_curve curve, const uint8_t scalar[static SCALAR_SIZE]);
void scalar_signer_destroy(struct scalar_signer *signer); /* wipes; NULL is fine */
/* Appends a signature of `message`: another one each time, OpenSSL draws a number for it. False: overflow, or a failure of OpenSSL. */
bool scalar_signer_sign(struct scalar_signer *signer, struct bytes message, struct buffer *out) __attribute__((warn_unused_result));

#endif
