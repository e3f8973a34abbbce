/* A credential that the backend is to see and a signature key that writes the same header exclude each other: one of them would be lost, or
 * a backend would read two values as either. The gateway lets the key win (docs/decisions/0007); nobody should get that far, so whatever
 * would bring both together is refused with APIG.3925, naming API, key and field. */
#ifndef COUNTERSIGN_CONTROL_PASS_THROUGH_H
#define COUNTERSIGN_CONTROL_PASS_THROUGH_H

#include "control/resource.h"

/* The version of an API is about to be in effect; columns VERSION_.... */
bool pass_through_admits_version(struct call *call, const struct value *version);
/* The API is defined anew: as it will be wherever it is published again. */
bool pass_through_admits_definition(struct call *call, const struct value *api);
/* The key is about to be bound where this version is in effect. */
bool pass_through_admits_key(struct call *call, const struct value *version, const struct value *sign);
/* The key becomes what `sign` says, and stays bound. */
bool pass_through_admits_change(struct call *call, const struct value *sign);
/* Consumers that may call the API have tokens passed through in `header` from now on. */
bool pass_through_admits_tokens(struct call *call, struct bytes api_id, struct bytes env_id, struct bytes header);

#endif
