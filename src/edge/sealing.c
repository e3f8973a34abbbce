#include "edge/sealing.h"

#include "crypto/random.h"

#define BINDING_MAX (EDGE_KEY_MAX + 16)

static struct bytes binding_of(const struct sealed_place *place, struct buffer *out)
{
    buffer_add(out, place->instance);
    buffer_add_byte(out, 0);
    buffer_add_byte(out, (uint8_t)place->kind);
    buffer_add(out, place->key);
    buffer_add_byte(out, 0);
    buffer_add_byte(out, place->field);
    buffer_add_u64(out, place->revision);
    return buffer_bytes(out);
}

bool secret_seal(struct seal *seal, const struct sealed_place *place, struct bytes secret, struct buffer *out)
{
    uint8_t nonce[SEAL_NONCE_SIZE], memory[BINDING_MAX];
    struct buffer binding = buffer_over(memory, sizeof memory);
    binding_of(place, &binding);
    if (binding.overflow || !secret.length || secret.length > SEALED_MAX_SECRET) return false;
    return random_bytes(nonce, sizeof nonce) && seal_close(seal, bytes_of(nonce, sizeof nonce), buffer_bytes(&binding), secret, out);
}

bool secret_unseal(struct seal *seal, const struct sealed_place *place, struct arena *arena, struct bytes *secret)
{
    uint8_t memory[BINDING_MAX];
    struct buffer binding = buffer_over(memory, sizeof memory);
    binding_of(place, &binding);
    if (binding.overflow || secret->length <= SEAL_OVERHEAD) return false;
    struct buffer clear = buffer_in(arena, secret->length - SEAL_OVERHEAD);
    if (!seal_open(seal, buffer_bytes(&binding), *secret, &clear)) return false;
    *secret = buffer_bytes(&clear);
    return true;
}
