/* Request throttling policies (huawei.md 4.8): how many requests are admitted in a period; policy/throttle.h says what is counted. */
#ifndef COUNTERSIGN_CONTROL_THROTTLES_H
#define COUNTERSIGN_CONTROL_THROTTLES_H

#include "control/resource.h"
#include "policy/throttle.h"
#include "store/schema.h"

extern const struct resource resource_throttle, resource_special;

/* Seconds of a policy's period; 0: its unit is unknown. */
int64_t throttle_seconds(const struct value *row);

/* The words of the API for what specials are about: APP, USER, CONSUMER. */
extern const char *const special_object_types[];
/* THROTTLE_KINDS: none of these words. */
enum throttle_kind special_kind_of(struct bytes object_type);

/* "is_inclu_special_throttle": 1 when the policy of the item has specials, otherwise 2. */
bool special_put_presence(struct call *call, json_t *item);
/* The specials of a policy, or of a caller that goes. */
bool specials_remove_where(struct call *call, const struct store_filter *filter);

#endif
