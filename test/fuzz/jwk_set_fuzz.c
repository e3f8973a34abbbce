/* Target: jwk_set_read, strict and lenient: what is read can be written and is read again as the same keys; keys are made ready or refused.
 */
#include "base/text.h"
#include "jwt/jwk.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static _Alignas(16) uint8_t memory[4 << 20];
static struct jwk keys[JWK_SET_MAX_KEYS], again[JWK_SET_MAX_KEYS];

static struct bytes write_set(struct arena *arena, const struct jwk_set *set)
{
    struct buffer out = buffer_in(arena, 1 << 20);
    buffer_add_text(&out, "{\"keys\":[");
    for (size_t i = 0; i < set->count; i++) {
        if (i > 0) buffer_add_byte(&out, ',');
        jwk_write(&out, &set->keys[i]);
    }
    buffer_add_text(&out, "]}");
    return buffer_bytes(&out);
}

static void check_again(struct arena *arena, const struct jwk_set *set)
{
    struct jwk_set second = {.keys = again};
    struct bytes text = write_set(arena, set);
    if (text.length == 0 || text.length > JWK_SET_MAX_LENGTH) return;
    assert(jwk_set_read(arena, text, false, &second) == NULL && second.count == set->count);
    for (size_t i = 0; i < set->count; i++) {
        assert(second.keys[i].algorithm == set->keys[i].algorithm && bytes_equal(second.keys[i].kid, set->keys[i].kid));
        assert(bytes_equal(second.keys[i].material.modulus, set->keys[i].material.modulus) && !second.keys[i].is_private);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (int lenient = 0; lenient < 2; lenient++) {
        struct arena arena = arena_over(memory, sizeof memory);
        struct jwk_set set = {.keys = keys};
        if (jwk_set_read(&arena, bytes_of(data, size), lenient, &set) != NULL) continue;
        assert(set.count > 0 && set.count <= JWK_SET_MAX_KEYS);
        check_again(&arena, &set);
        verify_key_destroy(verify_key_prepare(set.keys[0].algorithm, &set.keys[0].material));
    }
    return 0;
}
