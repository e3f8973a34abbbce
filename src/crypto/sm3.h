/* SM3 (GB/T 32905-2016): OpenSSL has it behind EVP only, which allocates. For digest.c; nobody else includes this. */
#ifndef COUNTERSIGN_CRYPTO_SM3_H
#define COUNTERSIGN_CRYPTO_SM3_H

#include "base/bytes.h"

#define SM3_SIZE  32
#define SM3_BLOCK 64

struct sm3 {
    uint32_t chain[8];
    uint64_t length; /* bytes taken in */
    uint8_t rest[SM3_BLOCK];
};

void sm3_start(struct sm3 *sm3);
void sm3_add(struct sm3 *sm3, struct bytes bytes);
void sm3_finish(struct sm3 *sm3, uint8_t value[static SM3_SIZE]);
/* A running digest that has taken in one whole block with this chaining value as its result. */
void sm3_go_on(struct sm3 *sm3, const uint32_t chain[static 8]);

#endif
