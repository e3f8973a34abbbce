/* Consumers: callers that hold credentials of several kinds (alibaba.md 5). */
#ifndef COUNTERSIGN_CONTROL_CONSUMERS_H
#define COUNTERSIGN_CONTROL_CONSUMERS_H

#include "control/resource.h"

#define CONSUMER_MAX_KEYS 20

extern const struct resource resource_consumer;
/* Credentials of the kinds API key and key pair; their answers hold no secret. */
extern const struct resource resource_api_key, resource_consumer_pair;

/* The fields of a credential of each kind that is to be made. */
extern const struct fields api_key_fields, consumer_pair_fields;
/* Of a key pair that gets another secret. */
extern const struct fields consumer_pair_reset_fields;
/* A credential of any kind, as it is answered. */
extern const struct fields consumer_credential_fields;

/* A new consumer as the checked body says, with its credentials; the quota has been asked. The JSON, with their secrets; NULL: refused or a
 * fault. */
extern const struct fields consumer_fields;
json_t *consumer_make(struct call *call);

/* Calls `each` for every credential of a consumer. There are at most CONSUMER_MAX_KEYS, so rows stay valid until it returns. */
bool consumer_each_credential(struct call *call, struct bytes consumer_id, resource_each each, void *context);

/* Makes what the members "api_key" and "hmac" of the body ask for, and puts each into `made`, with its secret for this one time. */
struct holder {
    struct bytes id;
    bool is_new; /* made by this call: it has no credentials yet and may call no API, so neither is asked for (imports make many) */
};
bool consumer_credentials_make(struct call *call, const struct holder *holder, json_t *made);
/* The credentials as they are shown. */
bool consumer_credentials_put(struct call *call, struct bytes consumer_id, json_t *shown);

/* Makes a key as `wanted` (checked by its fields) says; places included. The JSON of the key, with its secret; NULL: refused or a fault. */
json_t *api_key_make(struct call *call, const struct holder *holder, const json_t *wanted);
json_t *consumer_pair_make(struct call *call, const struct holder *holder, const json_t *wanted);
/* Writes another state. */
bool api_key_change(struct call *call, const struct value *before, struct value *after);
bool consumer_pair_change(struct call *call, const struct value *before, struct value *after);
/* Removes one: places, row, edge. */
bool api_key_remove(struct call *call, const struct value *row);
bool consumer_pair_remove(struct call *call, const struct value *row);
/* Gives it the secret of the body, or one that is drawn, and answers it. */
bool consumer_pair_reset(struct call *call, const struct value *row);

#endif
