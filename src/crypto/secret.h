/* The one constant-time comparison and the one wipe that the compiler may not remove. memcmp and == on MACs are banned. */
#ifndef COUNTERSIGN_CRYPTO_SECRET_H
#define COUNTERSIGN_CRYPTO_SECRET_H

#include "base/bytes.h"

/* Time depends on the lengths only. Different lengths: false. Two empty secrets: false (an empty MAC proves nothing). */
bool secret_equal(struct bytes a, struct bytes b) __attribute__((warn_unused_result));
void secret_wipe(void *data, size_t length);

#endif
