#include "jwt/verify.h"

static enum jwt_verdict find_key(struct arena *arena, const struct jwt_token *token, const struct jwt_key_source *source, struct jwk *jwk)
{
    struct bytes text;
    enum jwt_verdict verdict = source->text(source->context, arena, &text);
    return verdict == JWT_GOOD ? jwk_set_find(arena, text, token, jwk) : verdict;
}

enum jwt_verdict jwt_verify(struct arena *arena, const struct jwt_token *token, const struct jwt_key_source *source, struct jwt_keys *keys)
{
    struct jwk jwk = {0};
    const struct jwt_key_name name = {source->instance, source->name, source->revision, token};
    struct jwt_key_id id;
    jwt_key_id(&name, &id);
    struct verify_key *key = jwt_keys_find(keys, &id);
    if (key == NULL) {
        enum jwt_verdict verdict = find_key(arena, token, source, &jwk);
        if (verdict != JWT_GOOD) return verdict;
        key = jwt_keys_prepare(keys, &id, &jwk);
    }
    if (key == NULL) return JWT_KEY_UNKNOWN;
    if (verify_key_algorithm(key) != token->algorithm) return JWT_KEY_UNKNOWN;
    return verify_key_check(key, token->signed_text, token->signature) ? JWT_GOOD : JWT_SIGNATURE_MISMATCH;
}
