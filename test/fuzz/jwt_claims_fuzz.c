/* Target: jwt_claims_check and jwt_claim_find. The input: a line with a path, then the claims as JSON. */
#include "base/text.h"
#include "jwt/claims.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static _Alignas(16) uint8_t memory[1 << 20];

static void check(struct arena *arena, const struct jwt_token *token, const struct token_rules *rules)
{
    struct jwt_check check = {.rules = rules, .now = 1600000000};
    if (jwt_claims_check(arena, token, &check) != JWT_GOOD) return;
    assert(jwt_times_check(&check.times, check.now) == JWT_GOOD);
    assert(check.times.until == INT64_MAX || jwt_times_check(&check.times, check.times.until) == JWT_EXPIRED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = arena_over(memory, sizeof memory);
    struct jwt_token token = {0};
    struct json_value value;
    struct bytes text, all = bytes_of(data, size), audience = BYTES("\0\3api");
    size_t line = bytes_find(all, '\n');
    if (!json_read(&arena, bytes_from(all, line + 1), &token.claims) || token.claims.type != JSON_TYPE_OBJECT) return 0;
    check(&arena, &token, &(struct token_rules){.leeway = 60});
    check(&arena, &token, &(struct token_rules){.accept_undated = true, .issuer = BYTES("me"), .audiences = audience});
    check(&arena, &token, &(struct token_rules){.ignore_expiry = true});
    if (jwt_claim_find(&arena, &token, bytes_slice(all, 0, line), &value) && jwt_claim_text(&value, &text))
        assert(value.type != JSON_TYPE_NULL);
    return 0;
}
