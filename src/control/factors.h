/* The second factor of users: one-time codes of an app (crypto/totp.h), and recovery codes for the day it is lost. */
#ifndef COUNTERSIGN_CONTROL_FACTORS_H
#define COUNTERSIGN_CONTROL_FACTORS_H

#include "control/call.h"
#include "store/schema.h"

/* *has: the user has a confirmed factor, whose row is read. False: a fault. */
bool factor_read(struct call *call, struct bytes user_id, struct value row[static FACTOR_COLUMNS], bool *has);
/* Is this a code of the user's app that was not used yet, or a recovery code that is left? It is used up then. In a write session. */
bool factor_accepts(struct call *call, const struct value row[static FACTOR_COLUMNS], struct bytes code, bool *accepted);
/* At sign-in, behind the right password: a user with a factor gives a code of it. True when he has none. `methods`: by what he has proven
 * himself, as a token keeps it (tokens.h). In a write session. */
bool factor_confirm(struct call *call, struct bytes user_id, struct bytes code, struct bytes *methods);
/* Takes the factor away. */
bool factor_remove(struct call *call, struct bytes user_id);

#endif
