/* Proving once more who one is before a secret is shown or reset, something is exported or a factor is changed. The proof is bound to the
 * user, the action and its object, and to the session, token or key that the call was made with. */
#ifndef COUNTERSIGN_CONTROL_STEP_UP_H
#define COUNTERSIGN_CONTROL_STEP_UP_H

#include "control/call.h"

/* Before the handler of any route, in the call's session: refuses when the action wants a proof that X-Step-Up does not bring. */
bool step_up_check(struct call *call);
/* With the user. */
bool step_ups_remove_of(struct call *call, struct bytes user_id);

#endif
