/* What a countersigner keeps from one request to the next. Nobody outside admit/ includes this. */
#ifndef COUNTERSIGN_ADMIT_COUNTERSIGNER_H
#define COUNTERSIGN_ADMIT_COUNTERSIGNER_H

#include "admit/countersign.h"

/* The key whose PKCS#8 is signing->secret (base64); parsed at its first use. NULL: it is none, or out of memory. */
struct private_key *countersigner_private_key(struct countersigner *signer, const struct signing *signing, struct arena *arena);

/* `now` as X-Sdk-Date writes it, borrowed until another second is asked for. Empty: no such date. */
struct bytes countersigner_date(struct countersigner *signer, int64_t now);

#endif
