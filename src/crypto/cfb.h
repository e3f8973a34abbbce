/* AES in CFB-128 mode (NIST SP 800-38A, 6.3): no padding, the cipher text is as long as the text. It hides, it does not prove: whoever
 * knows a text can change it at will. Only used around a MAC (huawei.md 3.4, "OURS"). */
#ifndef COUNTERSIGN_CRYPTO_CFB_H
#define COUNTERSIGN_CRYPTO_CFB_H

#include "base/buffer.h"

#define CFB_IV_SIZE 16

/* Contexts for both key lengths. Made once by cfb_prepare (allocates, through OpenSSL); used by one thread at a time. */
struct cfb;

struct cfb *cfb_prepare(void);     /* NULL: out of memory */
void cfb_destroy(struct cfb *cfb); /* wipes; NULL is fine */

/* A text and what it is hidden with. */
struct cfb_input {
    struct bytes key; /* 16 bytes (AES-128) or 32 (AES-256) */
    struct bytes iv;  /* CFB_IV_SIZE bytes */
    struct bytes text;
};

/* Appends. Allocates nothing. False: a key or vector of another length, overflow, or a failure of OpenSSL. */
bool cfb_encrypt(struct cfb *cfb, const struct cfb_input *input, struct buffer *out) __attribute__((warn_unused_result));

#endif
