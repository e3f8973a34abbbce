/* One-time codes (RFC 6238 over RFC 4226): HMAC-SHA1, six digits, steps of 30 seconds. */
#ifndef COUNTERSIGN_CRYPTO_TOTP_H
#define COUNTERSIGN_CRYPTO_TOTP_H

#include "base/buffer.h"

#define TOTP_SECRET_SIZE 20 /* bytes: RFC 4226, 4, R6 recommends 160 bits */
#define TOTP_DIGITS      6
#define TOTP_SECONDS     30

/* Appends the code of a step (RFC 4226, 5.3). */
void totp_write(struct bytes secret, uint64_t step, struct buffer *out);
/* Is this the code of the step of `now`, or of one beside it (RFC 6238, 5.2)? Steps up to *last were used and do not count again; the one
 * that matched goes into *last. */
bool totp_accepts(struct bytes secret, struct bytes code, int64_t now, int64_t *last) __attribute__((warn_unused_result));

#endif
