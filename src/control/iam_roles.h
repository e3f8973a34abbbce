/* The roles of users as a list in a user's JSON: {role, project_id, instance_id}, an empty id meaning all of them. */
#ifndef COUNTERSIGN_CONTROL_IAM_ROLES_H
#define COUNTERSIGN_CONTROL_IAM_ROLES_H

#include "control/call.h"
#include "store/schema.h"

extern const struct fields role_fields;

/* Gives the user exactly these roles. Projects and instances that are not of the caller's domain are refused like unknown ones. */
bool roles_replace(struct call *call, struct bytes user_id, const json_t *roles);
bool roles_remove(struct call *call, struct bytes user_id);
/* Has this user a role that can give itself any other: administrator of the whole domain? */
bool roles_give_all(const json_t *roles);

#endif
