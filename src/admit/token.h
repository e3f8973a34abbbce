/* Tokens in admission: whose is it, and does it hold. Nobody outside admit/ includes this. */
#ifndef COUNTERSIGN_ADMIT_TOKEN_H
#define COUNTERSIGN_ADMIT_TOKEN_H

#include "admit/admit.h"

/* The claim holds a token. True: it holds, and of one that names a consumer admission->credential is his; what is left to ask is whether he
 * may use it now and here. False: refused or a fault, as admission says. */
bool token_check(const struct admit_context *context, struct admission *admission);
/* The API's own policy asks for it, which names nobody. */
bool token_is_of_policy(const struct admission *admission);

#endif
