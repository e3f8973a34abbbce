/* The JWT policy of an API (alibaba.md 3, jwtAuth): a token that its keys have signed is demanded of whoever calls, and its claims are told
 * to the backend. */
#ifndef COUNTERSIGN_CONTROL_JWT_POLICIES_H
#define COUNTERSIGN_CONTROL_JWT_POLICIES_H

#include "control/call.h"
#include "policy/publication.h"

/* countersign.jwt_policy of an API. */
extern const struct fields jwt_policy_fields;

/* What the table cannot say about it. False: the call is refused. */
bool jwt_policy_holds(struct call *call);

/* From the policy in a definition (NULL: there is none) to what the publication demands; text lies in the arena. NULL, or what is wrong. */
const char *jwt_policy_compile(struct arena *arena, const json_t *policy, struct publication *publication);
/* The URL that the keys of a definition's policy come from; empty: it has them, or there is no policy. */
struct bytes jwt_policy_url(struct arena *arena, struct bytes definition);
/* The header in which a definition's policy passes tokens through to the backend; empty: it passes none, or not in a header. */
struct bytes jwt_policy_passes(struct arena *arena, struct bytes definition);
/* The key set of a definition's policy, and its name in the edge; empty: it has none. */
struct bytes jwt_policy_keys(struct arena *arena, struct bytes definition);
struct bytes jwt_policy_key_set(struct arena *arena, struct bytes api_id, struct bytes environment_id);

#endif
