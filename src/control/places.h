/* The places where consumers that are authorised for an API present their keys: what the publisher makes the proof plan of. Kept in the
 * transaction that changes an authorisation or a key, so a plan is never looked for among a million consumers. */
#ifndef COUNTERSIGN_CONTROL_PLACES_H
#define COUNTERSIGN_CONTROL_PLACES_H

#include "control/resource.h"
#include "policy/publication.h"

/* The other places of a plan are for what apps present. */
#define PLACES_FOR_KEYS 14
/* Headers that claims fill at one API: the list of their names, of up to 64 bytes each, is in its record of the edge (picture_apis.c), and
 * a name that is not there could be sent by anybody. */
#define PLACES_FOR_TOLD 120

struct consumer_in_api {
    struct bytes consumer_id;
    struct bytes api_id;
    struct bytes env_id;
};

/* A consumer gets, or loses, an authorisation: all his keys count. Refused with APIG.3913, before anything was written, when the plan would
 * not hold their places. */
bool places_authorise(struct call *call, const struct consumer_in_api *who);
bool places_withdraw(struct call *call, const struct consumer_in_api *who);
/* A key comes, or goes: it counts in every API that its consumer is authorised for. `credential` is its row. */
bool places_add_key(struct call *call, const struct value *credential);
bool places_drop_key(struct call *call, const struct value *credential);

/* Are tokens of consumers that may call the API passed through in this header (in lower case)? */
bool places_pass(struct call *call, struct bytes api_id, struct bytes env_id, struct bytes header, bool *passed);

/* With the API or the environment that `filter` names. */
bool places_remove_where(struct call *call, const struct store_filter *filter);

#endif
