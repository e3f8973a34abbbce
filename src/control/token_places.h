/* Where tokens stand in a request (cloud-native consumers: "JWT Token"), and where their claims go. */
#ifndef COUNTERSIGN_CONTROL_TOKEN_PLACES_H
#define COUNTERSIGN_CONTROL_TOKEN_PLACES_H

#include "control/call.h"
#include "store/schema.h"

extern const char *const token_locations[]; /* HEADER, QUERY, COOKIE */

/* Checks token_location, token_name, token_prefix and claims_to_headers of these rules, and fills in what is usual: Authorization and
 * "Bearer ". False: refused. */
bool token_place_check(struct call *call, json_t *rules);
/* The same into the columns of a credential. */
void token_place_lay(const json_t *rules, struct arena *arena, struct value *row);

#endif
