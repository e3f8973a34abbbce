/* Where a consumer presents an API key (cloud-native consumers: Credential Source). */
#ifndef COUNTERSIGN_CONTROL_KEY_PLACES_H
#define COUNTERSIGN_CONTROL_KEY_PLACES_H

#include "control/call.h"
#include "store/schema.h"

extern const char *const key_sources[]; /* BEARER, HEADER, QUERY */

/* Writes location, name and prefix into the row of a credential, from `source` and `name` of the wanted key. False: refused, as is a bearer
 * key that looks like a JWT. */
bool key_place_read(struct call *call, const json_t *wanted, struct bytes key, struct value *row);
/* The source word of a stored credential. */
const char *key_source_of(const struct value *row);

/* NULL when a key may be presented in a header of this name; otherwise the rule. */
const char *key_header_rule(struct bytes name);

#endif
