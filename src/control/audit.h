/* The audit row of a change, in the transaction of the change. */
#ifndef COUNTERSIGN_CONTROL_AUDIT_H
#define COUNTERSIGN_CONTROL_AUDIT_H

#include "control/resource.h"

/* `before` and `after` are rows of the resource or NULL (created, removed); their JSON is written without secrets. */
bool audit_change(struct call *call, const struct resource *resource, const struct value *before, const struct value *after);
/* What happened to `resource_id` without a row of a resource: `details` is a JSON object without secrets, or empty. In the call's session,
 * which has to be one that writes. */
bool audit_event(struct call *call, const char *resource, struct bytes resource_id, struct bytes details);

#endif
