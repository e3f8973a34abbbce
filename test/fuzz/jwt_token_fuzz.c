/* Target: jwt_token_read and a whole verification, with a set of one HMAC key that every input is held against. */
#include "base/text.h"
#include "jwt/verify.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static _Alignas(16) uint8_t memory[1 << 20];
static struct jwt_keys keys;

static enum jwt_verdict give(void *context, struct arena *arena, struct bytes *text)
{
    (void)context;
    (void)arena;
    *text = BYTES("{\"keys\":[{\"kty\":\"oct\",\"kid\":\"1\",\"k\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}]}");
    return JWT_GOOD;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = arena_over(memory, sizeof memory);
    struct jwt_token token;
    const struct jwt_key_source source = {BYTES("i"), BYTES("set"), 1, give, NULL};
    enum jwt_verdict verdict = jwt_token_read(&arena, bytes_of(data, size), &token);
    if (verdict != JWT_GOOD) return 0;
    assert(jwt_has_shape(bytes_of(data, size)) && size <= JWT_MAX_LENGTH);
    assert(token.algorithm != VERIFY_NONE && token.claims.type == JSON_TYPE_OBJECT && token.kid.length <= JWT_MAX_KID);
    verdict = jwt_verify(&arena, &token, &source, &keys);
    assert(verdict != JWT_GOOD || token.algorithm == VERIFY_HS256);
    assert(verdict == JWT_GOOD || verdict == JWT_KEY_UNKNOWN || verdict == JWT_SIGNATURE_MISMATCH);
    return 0;
}
