/* The only source of randomness; not part of the pure library (libcountersign). */
#ifndef COUNTERSIGN_CRYPTO_RANDOM_H
#define COUNTERSIGN_CRYPTO_RANDOM_H

#include "base/buffer.h"

/* False: the system has no randomness; the caller must fail (a fault), never go on. */
bool random_bytes(void *out, size_t length) __attribute__((warn_unused_result));
/* `length` characters of [A-Za-z0-9], each drawn evenly; false as above. Appends to `out`. */
bool random_text(struct buffer *out, size_t length) __attribute__((warn_unused_result));
/* 32 lower-case hex digits: the form of our ids. */
bool random_id(char out[static 33]) __attribute__((warn_unused_result));
/* The same, beginning with 12 digits of the time: what is made one after another stands side by side in every index. 80 bits are drawn. */
bool random_id_at(int64_t milliseconds, char out[static 33]) __attribute__((warn_unused_result));

#endif
