/* Access control by address (huawei.md 4.8): policies that are bound to APIs, and lists of apps. */
#ifndef COUNTERSIGN_CONTROL_ACLS_H
#define COUNTERSIGN_CONTROL_ACLS_H

#include "control/address_ranges.h"
#include "control/resource.h"
#include "store/schema.h"

extern const struct resource resource_acl;
extern const char *const acl_types[]; /* PERMIT, DENY */

/* The list of a policy, or of an app's row; false: damaged. */
bool acl_compile(struct arena *arena, const struct value *row, struct address_list *list);
bool app_acl_compile(struct arena *arena, const struct value *row, struct address_list *list);
/* Before an app goes. */
bool app_acl_remove(struct call *call, struct bytes app_id);

#endif
