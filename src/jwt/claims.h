/* What a token claims (RFC 7519, 4.1), held against the rules. */
#ifndef COUNTERSIGN_JWT_CLAIMS_H
#define COUNTERSIGN_JWT_CLAIMS_H

#include "credential/token_rules.h"
#include "crypto/digest.h"
#include "jwt/token.h"

/* From `from` on until before `until`, in Unix seconds with the leeway in them. What is open has the number that says always. */
struct jwt_times {
    int64_t from;
    int64_t until;
};

/* Issuer, audience, times at `now`. Fills *times, by which a later look need not read the token again, and *field, the claim at fault. */
struct jwt_check {
    const struct token_rules *rules;
    int64_t now;
    struct jwt_times times;
    struct bytes field;
};
enum jwt_verdict jwt_claims_check(struct arena *arena, const struct jwt_token *token, struct jwt_check *check);
/* Only the times, as an earlier look found them. */
enum jwt_verdict jwt_times_check(const struct jwt_times *times, int64_t now);

/* The claim at `path`: the name of a member, or with a '/' in front a JSON Pointer (RFC 6901) into objects and arrays. False: not there. */
bool jwt_claim_find(struct arena *arena, const struct jwt_token *token, struct bytes path, struct json_value *value);
/* Its text: a string's, the digits of a number, "true", "false", or the JSON of lists and objects. False: null. */
bool jwt_claim_text(const struct json_value *value, struct bytes *text);

/* Under what a consumer is filed whom the claim at `path` names by `value`. */
struct digest_value jwt_holder_name(struct bytes path, struct bytes value);

#endif
