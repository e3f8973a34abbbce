/* What a countersigner keeps from one request to the next, and what signing and verifying share. Nobody outside admit/ includes this. */
#ifndef COUNTERSIGN_ADMIT_COUNTERSIGNER_H
#define COUNTERSIGN_ADMIT_COUNTERSIGNER_H

#include "admit/countersign.h"

/* The key whose PKCS#8 is signing->secret (base64); parsed at its first use. NULL: it is none, or out of memory. */
struct private_key *countersigner_private_key(struct countersigner *signer, const struct signing *signing, struct arena *arena);

/* `now` as X-Sdk-Date writes it, borrowed until another second is asked for. Empty: no such date. */
struct bytes countersigner_date(struct countersigner *signer, int64_t now);

/* What goes over the wire as the key's name. */
struct bytes countersign_public_name(const struct signature_key *key);
/* The first words of the proofs of aes (by its key) and public_key. */
static inline struct bytes countersign_aes_algorithm(struct bytes key)
{
    return key.length == 16 ? BYTES("SDK-AES-128-CFB") : BYTES("SDK-AES-256-CFB");
}
static inline struct bytes countersign_public_algorithm(enum private_key_kind kind)
{
    return kind == PRIVATE_KEY_RSA ? BYTES("SDK-RSA-SHA256") : BYTES("SDK-ECDSA-P256-SHA256");
}

struct countersign_aes {
    struct cfb *cfb;
    struct hmac_secret key;
    struct bytes vector;
};
/* Appends what an aes key presents for this text. False: overflow, or a failure of OpenSSL. */
bool countersign_hide(const struct countersign_aes *aes, struct bytes string_to_sign, struct buffer *out);

#endif
