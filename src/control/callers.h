/* From a user's row to what the call may do. */
#ifndef COUNTERSIGN_CONTROL_CALLERS_H
#define COUNTERSIGN_CONTROL_CALLERS_H

#include "control/call.h"
#include "store/schema.h"

/* The call is this user's, by this proof; his roles are read. False: a fault. `session` may be any. */
bool caller_adopt(struct call *call, struct session *session, const struct value *user, enum caller_proof proof, struct bytes proof_id);
/* Project and instance of the path exist, and are the caller's to use with the route's right: a token's scope, the domain, the roles. What
 * is not his to see is refused like what is not there. */
bool caller_check(struct call *call, struct session *session);
/* The roles of a user, in the arena: JSON objects {role, project_id, instance_id}. NULL: a fault. */
json_t *roles_of(struct call *call, struct session *session, struct bytes user_id);

#endif
