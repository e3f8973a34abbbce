/* Users: what others need of them. */
#ifndef COUNTERSIGN_CONTROL_IAM_USERS_H
#define COUNTERSIGN_CONTROL_IAM_USERS_H

#include "control/resource.h"

extern const struct resource resource_user;

/* The user of this id in the caller's domain; refused with APIG.3903. */
bool user_load(struct call *call, struct bytes id, struct value *row);
/* The same for what a user may do for himself, and an administrator of the domain for anybody: others are refused (APIG.1020). */
bool user_load_own(struct call *call, struct bytes id, struct value *row);

#endif
