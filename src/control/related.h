/* Names of other rows in an answer: a binding shows its API, group and environment (huawei.md 4.6, 4.7). A row that has gone since leaves
 * its members out. All of these work in call->session and return false for a fault. */
#ifndef COUNTERSIGN_CONTROL_RELATED_H
#define COUNTERSIGN_CONTROL_RELATED_H

#include "control/call.h"

/* A member as text; empty when absent or no string. Borrowed from the object. */
struct bytes json_get_text(const json_t *object, const char *name);

/* What these functions add, for tables of answers. */
#define RELATED_API                                                                                                                        \
    ANSWERED("api_name", FIELD_STRING), ANSWERED("api_type", FIELD_INTEGER), ANSWERED("api_remark", FIELD_STRING),                         \
        ANSWERED("req_method", FIELD_STRING), ANSWERED("group_id", FIELD_STRING), ANSWERED("group_name", FIELD_STRING)
#define RELATED_ENV         ANSWERED("env_name", FIELD_STRING)
#define RELATED_PUBLICATION ANSWERED("publish_id", FIELD_STRING)
#define RELATED_APP         ANSWERED("app_name", FIELD_STRING), ANSWERED("app_remark", FIELD_STRING), ANSWERED("app_creator", FIELD_STRING)

/* From "api_id": api_name, api_type, api_remark, req_method, group_id, group_name. */
bool related_api(struct call *call, json_t *item);
/* From "env_id": env_name. */
bool related_env(struct call *call, json_t *item);
/* From "api_id" and "env_id": publish_id, of the version in effect. */
bool related_publication(struct call *call, json_t *item);
/* From "app_id": app_name, app_remark, app_creator. */
bool related_app(struct call *call, json_t *item);

#endif
