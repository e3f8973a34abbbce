/* Signature keys bound to APIs, each in one environment (huawei.md 3.1, 4.6). */
#ifndef COUNTERSIGN_CONTROL_BINDINGS_H
#define COUNTERSIGN_CONTROL_BINDINGS_H

#include "control/resource.h"

extern const struct resource resource_binding;

/* The key that signs for an API in an environment; *found says whether there is one. */
bool binding_find(struct call *call, struct bytes api_id, struct bytes env_id, struct value *row, bool *found);
bool binding_remove(struct call *call, const struct value *row);
bool bindings_remove_where(struct call *call, const struct store_filter *filter);

#endif
