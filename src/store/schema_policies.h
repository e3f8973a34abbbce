/* The part of the schema about policies that are bound to APIs, each in an environment; include store/schema.h. */
#ifndef COUNTERSIGN_STORE_SCHEMA_POLICIES_H
#define COUNTERSIGN_STORE_SCHEMA_POLICIES_H

#include "store/store.h"

/* Request throttling. time_unit is a word of the API ("MINUTE"); a limit of 0 is none. */
enum {
    THROTTLE_ROW_ID,
    THROTTLE_ROW_INSTANCE_ID,
    THROTTLE_ROW_NAME,
    THROTTLE_ROW_REMARK,
    THROTTLE_ROW_TYPE,
    THROTTLE_ROW_TIME_INTERVAL,
    THROTTLE_ROW_TIME_UNIT,
    THROTTLE_ROW_API_LIMITS,
    THROTTLE_ROW_USER_LIMITS,
    THROTTLE_ROW_APP_LIMITS,
    THROTTLE_ROW_CONSUMER_LIMITS,
    THROTTLE_ROW_IP_LIMITS,
    THROTTLE_ROW_CREATE_TIME,
    THROTTLE_ROW_COLUMNS
};
/* A caller with a limit of his own. */
enum {
    SPECIAL_ID,
    SPECIAL_INSTANCE_ID,
    SPECIAL_THROTTLE_ID,
    SPECIAL_OBJECT_TYPE,
    SPECIAL_OBJECT_ID,
    SPECIAL_CALL_LIMITS,
    SPECIAL_APPLY_TIME,
    SPECIAL_COLUMNS
};
/* Access control by address: PERMIT or DENY, and the addresses as they were written. */
enum { ACL_ID, ACL_INSTANCE_ID, ACL_NAME, ACL_TYPE, ACL_ENTITY_TYPE, ACL_VALUE, ACL_UPDATE_TIME, ACL_COLUMNS };
/* The same of an app; the row id is the app's. */
enum { APP_ACL_ID, APP_ACL_INSTANCE_ID, APP_ACL_TYPE, APP_ACL_VALUES, APP_ACL_UPDATE_TIME, APP_ACL_COLUMNS };
/* A policy bound to an API: one table for each kind of policy. */
enum {
    POLICY_BINDING_ID,
    POLICY_BINDING_INSTANCE_ID,
    POLICY_BINDING_POLICY_ID,
    POLICY_BINDING_API_ID,
    POLICY_BINDING_ENV_ID,
    POLICY_BINDING_PUBLISH_ID,
    POLICY_BINDING_TIME,
    POLICY_BINDING_COLUMNS
};

extern const struct entity entity_throttle, entity_special, entity_throttle_binding, entity_acl, entity_acl_binding, entity_app_acl;

#endif
