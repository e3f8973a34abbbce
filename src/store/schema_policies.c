#include "store/schema.h"

/* As in schema.c: the order of each list is the order of the enum. */

#define INTEGER(column)                                                                                                                    \
    {                                                                                                                                      \
        column, VALUE_INTEGER                                                                                                              \
    }
#define TEXT(column)                                                                                                                       \
    {                                                                                                                                      \
        column, VALUE_TEXT                                                                                                                 \
    }

static const struct column throttle_columns[THROTTLE_ROW_COLUMNS] = {TEXT("id"),
                                                                     TEXT("instance_id"),
                                                                     TEXT("name"),
                                                                     TEXT("remark"),
                                                                     INTEGER("type"),
                                                                     INTEGER("time_interval"),
                                                                     TEXT("time_unit"),
                                                                     INTEGER("api_call_limits"),
                                                                     INTEGER("user_call_limits"),
                                                                     INTEGER("app_call_limits"),
                                                                     INTEGER("consumer_call_limits"),
                                                                     INTEGER("ip_call_limits"),
                                                                     INTEGER("create_time")};
const struct entity entity_throttle = {"throttle", throttle_columns, THROTTLE_ROW_COLUMNS};

static const struct column special_columns[SPECIAL_COLUMNS] = {TEXT("id"),           TEXT("instance_id"), TEXT("throttle_id"),
                                                               TEXT("object_type"),  TEXT("object_id"),   INTEGER("call_limits"),
                                                               INTEGER("apply_time")};
const struct entity entity_special = {"throttle_special", special_columns, SPECIAL_COLUMNS};

static const struct column acl_columns[ACL_COLUMNS] = {TEXT("id"),          TEXT("instance_id"), TEXT("name"),          TEXT("acl_type"),
                                                       TEXT("entity_type"), TEXT("acl_value"),   INTEGER("update_time")};
const struct entity entity_acl = {"acl", acl_columns, ACL_COLUMNS};

static const struct column app_acl_columns[APP_ACL_COLUMNS] = {TEXT("id"), TEXT("instance_id"), TEXT("app_acl_type"),
                                                               TEXT("app_acl_values"), INTEGER("update_time")};
const struct entity entity_app_acl = {"app_acl", app_acl_columns, APP_ACL_COLUMNS};

static const struct column binding_columns[POLICY_BINDING_COLUMNS] = {
    TEXT("id"), TEXT("instance_id"), TEXT("policy_id"), TEXT("api_id"), TEXT("env_id"), TEXT("publish_id"), INTEGER("binding_time")};
const struct entity entity_throttle_binding = {"throttle_binding", binding_columns, POLICY_BINDING_COLUMNS};
const struct entity entity_acl_binding = {"acl_binding", binding_columns, POLICY_BINDING_COLUMNS};
