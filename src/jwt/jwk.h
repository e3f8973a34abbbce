/* JSON Web Keys and sets of them (RFC 7517; RFC 7518, 6; RFC 8037). The key says by which algorithm it checks: its `alg`, or, without one,
 * what its type leaves: the curve's with EC and OKP, RS256 with RSA, HS256 with oct. */
#ifndef COUNTERSIGN_JWT_JWK_H
#define COUNTERSIGN_JWT_JWK_H

#include "jwt/token.h"

#define JWK_SET_MAX_KEYS   32
#define JWK_SET_MAX_LENGTH (64 * 1024)

struct jwk {
    enum verify_algorithm algorithm;
    bool has_kid;
    struct bytes kid;
    struct verify_material material; /* decoded, in the arena */
    bool is_private;                 /* it holds the private half of a key pair */
};

/* NULL, or in words why this is no key that tokens can be checked with. */
const char *jwk_read(struct arena *arena, const struct json_value *object, struct jwk *jwk);

/* For who keeps sets: every key of the set is read, and *keys has room for JWK_SET_MAX_KEYS. NULL, or in words what is wrong with which
 * (*at: its place). `lenient`: keys that are no use here are passed over, as sets of others hold them (for encryption, of other types). */
struct jwk_set {
    struct jwk *keys;
    size_t count;
    size_t at;
};
const char *jwk_set_read(struct arena *arena, struct bytes text, bool lenient, struct jwk_set *set);

/* The one key of the set for this token: of its kid, if it has one, and made for the algorithm that it names. A key without kid serves any
 * kid when no other key has it. None or several: JWT_KEY_UNKNOWN. */
enum jwt_verdict jwk_set_find(struct arena *arena, struct bytes set, const struct jwt_token *token, struct jwk *jwk);

/* The public half as a JSON object with the members that jwk_read knows. */
void jwk_write(struct buffer *out, const struct jwk *jwk);

#endif
