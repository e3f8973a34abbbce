/* Passwords as they are kept: scrypt (RFC 7914) with a salt of their own and the costs beside, so that costs can grow. Takes a tenth of a
 * second and 32 MiB, and allocates (OpenSSL), so it is not part of the pure library (libcountersign). */
#ifndef COUNTERSIGN_CRYPTO_PASSWORD_H
#define COUNTERSIGN_CRYPTO_PASSWORD_H

#include "base/buffer.h"

#define PASSWORD_KEPT_MAX 160

/* Appends "scrypt$<log2 N>$<r>$<p>$<salt, hex>$<key, hex>". False: no randomness, no memory, or overflow. */
bool password_keep(struct bytes password, struct buffer *kept) __attribute__((warn_unused_result));

enum password_verdict { PASSWORD_RIGHT, PASSWORD_WRONG, PASSWORD_FAULT };
/* PASSWORD_FAULT: `kept` is not of this form, or no memory. */
enum password_verdict password_check(struct bytes password, struct bytes kept);
/* Takes as long as password_check and is never right: for names that nobody has, so that time does not tell them apart. */
void password_waste(struct bytes password);

#endif
