/* Policies that are bound to APIs, each in one environment, at most one of a kind (huawei.md 4.8): request throttling and access control.
 * Bound and unbound at once, without publishing again; a binding outlives offline and online. */
#ifndef COUNTERSIGN_CONTROL_POLICY_BINDINGS_H
#define COUNTERSIGN_CONTROL_POLICY_BINDINGS_H

#include "control/bound_apis.h"
#include "store/schema.h"

/* What a kind of policy differs in. */
struct policy_kind {
    const struct resource *policy;
    size_t name_column;             /* of the policy */
    const struct resource *binding; /* columns POLICY_BINDING_... */
    const char *body_id;            /* member that names the policy in a body */
    const char *query_id;           /* and the query parameters that do */
    const char *query_name;
    const char *batch;    /* member that lists bindings to be taken away */
    const char *bindings; /* lists of answers */
    const char *policies;
    const char *policy_name; /* of an API's item: the policy that is bound to it */
    const char *bind_id;     /* of an API's item: the binding, and when it was made */
    const char *bind_time;
    enum error_code other;  /* 409: another policy of the kind is bound there */
    enum error_code in_use; /* it is bound */
    /* Adds what the kind shows of a policy that is bound. May be NULL. */
    bool (*complete)(struct call *call, json_t *item);
};
extern const struct policy_kind policy_kind_throttle, policy_kind_acl;

/* Handlers, for those of each kind. */
bool policy_bind(struct call *call, const struct policy_kind *kind);
bool policy_unbind(struct call *call, const struct policy_kind *kind);
bool policy_unbind_batch(struct call *call, const struct policy_kind *kind);
bool policy_list_bound_apis(struct call *call, const struct policy_kind *kind);
bool policy_list_unbound_apis(struct call *call, const struct policy_kind *kind);
bool policy_list_of_api(struct call *call, const struct policy_kind *kind);

/* Before a policy goes: it is bound to nothing, or `unbind=true` unbinds it; otherwise refused, naming the APIs. */
bool policy_release(struct call *call, const struct policy_kind *kind, struct bytes policy_id);
/* How many APIs it is bound to, as "bind_num". */
bool policy_put_bind_num(struct call *call, const struct policy_kind *kind, json_t *item);
/* Of all kinds: `column` is one of POLICY_BINDING_.... */
bool policy_bindings_remove_where(struct call *call, const struct store_filter *filter);

/* For tables of routes. */
#define POLICY_PUBLISH_IDS                                                                                                                 \
    {                                                                                                                                      \
        .name = "publish_ids", .type = FIELD_STRINGS, .flags = FIELD_REQUIRED, .minimum = 1, .maximum = 64, .most_items = BATCH_MOST,      \
        .charset = &charset_id                                                                                                             \
    }
#define POLICY_BATCH(member)                                                                                                               \
    {                                                                                                                                      \
        .name = (member), .type = FIELD_STRINGS, .flags = FIELD_REQUIRED, .minimum = 1, .maximum = 64, .most_items = BATCH_MOST,           \
        .charset = &charset_id                                                                                                             \
    }
/* What lists of the policies of an API say beside the policy. */
#define POLICY_OF_API                                                                                                                      \
    ANSWERED("env_id", FIELD_STRING), ANSWERED("env_name", FIELD_STRING), ANSWERED("bind_id", FIELD_STRING),                               \
        ANSWERED("bind_time", FIELD_TIME)
#define BATCH_MOST 1000 /* huawei.md 3.1 */
extern const struct fields policy_batch_query, policy_batch_answer, policy_delete_query;

#endif
