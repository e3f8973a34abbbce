/* The keys of tokens, as operators give them: made here, given as a set, or fetched from elsewhere. */
#ifndef COUNTERSIGN_CONTROL_TOKEN_KEYS_H
#define COUNTERSIGN_CONTROL_TOKEN_KEYS_H

#include "control/call.h"
#include "store/schema.h"

/* Checks key_type, jwks and remote_jwks of these rules. *secret: of SYMMETRIC the set, drawn, or that of `before` when that was symmetric
 * too (in clear, in the arena); else empty. False: refused or a fault. */
bool token_keys_check(struct call *call, json_t *rules, const struct value *before, struct bytes *secret);
/* A set of public keys, in full: NULL, or in words what is wrong with it. */
const char *token_public_set_problem(struct arena *arena, struct bytes jwks);

#endif
