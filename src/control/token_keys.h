/* The keys of tokens, as operators give them: made here, given as a set, or fetched from elsewhere. */
#ifndef COUNTERSIGN_CONTROL_TOKEN_KEYS_H
#define COUNTERSIGN_CONTROL_TOKEN_KEYS_H

#include "control/call.h"
#include "store/schema.h"

/* The algorithms of symmetric keys; the first is that of a key of which nothing is said. */
extern const char *const token_mac_algorithms[];
/* Of a symmetric credential's rules, those of before the member was there among them. */
struct bytes token_mac_algorithm(const json_t *rules);

/* The set of a symmetric credential, in clear, in the arena; empty for the others. */
struct token_secret {
    struct bytes set;
    bool is_new; /* drawn now, so that nobody knows it yet */
};
/* Checks key_type, algorithm, jwks and remote_jwks of these rules, and completes them. *secret: of SYMMETRIC the set of `before` if that
 * was symmetric too, of the same algorithm; else one that is drawn. False: refused or a fault. */
bool token_keys_check(struct call *call, json_t *rules, const struct value *before, struct token_secret *secret);
/* A set of public keys, in full: NULL, or in words what is wrong with it. */
const char *token_public_set_problem(struct arena *arena, struct bytes jwks);

#endif
