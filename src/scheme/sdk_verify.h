/* Reading what sdk_sign writes, whatever its algorithm: the frame is that of SDK-HMAC-SHA256, only its first word and the signature
 * differ. For backends; clients' own requests are read by their schemes. */
#ifndef COUNTERSIGN_SCHEME_SDK_VERIFY_H
#define COUNTERSIGN_SCHEME_SDK_VERIFY_H

#include "scheme/scheme.h"

/* Reads the one Authorization field, which must begin with `algorithm`. claim->proof is the signature as presented. REFUSAL_NONE, or why it
 * cannot be read (claim->field). */
enum refusal sdk_verify_read(const struct http_request *request, struct bytes algorithm, struct arena *arena, struct claim *claim);
/* The text that such a claim's signature is of. False: it does not fit. */
bool sdk_verify_text(const struct scheme_input *input, struct bytes algorithm, struct buffer *text);

#endif
