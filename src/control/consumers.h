/* Consumers: callers that hold API keys (alibaba.md 5). */
#ifndef COUNTERSIGN_CONTROL_CONSUMERS_H
#define COUNTERSIGN_CONTROL_CONSUMERS_H

#include "control/resource.h"

#define CONSUMER_MAX_KEYS 20

extern const struct resource resource_consumer;
/* A credential of kind API key; its answer never holds the key. */
extern const struct resource resource_api_key;

/* The fields of a key that is to be made, and of one that is changed. */
extern const struct fields api_key_shown_fields; /* one that is answered */
extern const struct fields api_key_fields;
extern const struct fields api_key_state_fields;

/* Calls `each` for every key of a consumer. There are at most CONSUMER_MAX_KEYS, so rows stay valid until it returns. */
bool consumer_each_key(struct call *call, struct bytes consumer_id, resource_each each, void *context);

/* Makes a key as `wanted` (checked by api_key_fields) says and files it under its keyed hash; places included. The JSON of the key, with
 * its value for this one time; NULL: refused or a fault. */
json_t *api_key_make(struct call *call, struct bytes consumer_id, const json_t *wanted);
/* Removes one key: places, row, edge. */
bool api_key_remove(struct call *call, const struct value *row);

#endif
