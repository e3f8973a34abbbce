/* Quotas (huawei.md 4.1): how many of a kind there may be, as parameters of the instance, shown with their use. */
#ifndef COUNTERSIGN_CONTROL_QUOTAS_H
#define COUNTERSIGN_CONTROL_QUOTAS_H

#include "control/resource.h"

enum quota {
    QUOTA_GROUPS,
    QUOTA_APIS,
    QUOTA_APIS_IN_GROUP,
    QUOTA_APPS,
    QUOTA_ENVS,
    QUOTA_SIGNS,
    QUOTA_APP_CODES, /* of one app */
    QUOTA_CONSUMERS,
    QUOTA_THROTTLES,
    QUOTA_ACLS,
    QUOTA_COUNT
};

/* One more may be made: `used` of them are there. Refuses with the quota's own code. */
bool quota_admits(struct call *call, enum quota quota, int64_t used);
/* Whether there is a limit at all. False: a fault. */
bool quota_is_limited(struct call *call, enum quota quota, bool *limited);
/* The same for what counts in the whole instance; counts only where there is a limit. */
bool quota_admits_one(struct call *call, enum quota quota, const struct resource *resource);

#endif
