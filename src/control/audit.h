/* The audit row of a change, in the transaction of the change. */
#ifndef COUNTERSIGN_CONTROL_AUDIT_H
#define COUNTERSIGN_CONTROL_AUDIT_H

#include "control/resource.h"

/* `before` and `after` are rows of the resource or NULL (created, removed); their JSON is written without secrets. */
bool audit_change(struct call *call, const struct resource *resource, const struct value *before, const struct value *after);

#endif
