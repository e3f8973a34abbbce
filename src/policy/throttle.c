#include "policy/throttle.h"

void throttle_special_add(struct buffer *out, const struct throttle_special *special)
{
    if (special->id.length > THROTTLE_MAX_ID) out->overflow = true;
    buffer_add_byte(out, (uint8_t)special->kind);
    buffer_add_u32(out, special->limit);
    buffer_add_byte(out, (uint8_t)special->id.length);
    buffer_add(out, special->id);
}

#define SPECIAL_HEAD 6

bool throttle_special_next(struct bytes *rest, struct throttle_special *special)
{
    const uint8_t *head = rest->data;
    if (rest->length < SPECIAL_HEAD || rest->length < SPECIAL_HEAD + (size_t)head[5] || head[0] >= THROTTLE_KINDS) return false;
    special->kind = (enum throttle_kind)head[0];
    special->limit = (uint32_t)head[1] << 24 | (uint32_t)head[2] << 16 | (uint32_t)head[3] << 8 | head[4];
    special->id = bytes_slice(*rest, SPECIAL_HEAD, head[5]);
    *rest = bytes_from(*rest, SPECIAL_HEAD + (size_t)head[5]);
    return true;
}

enum throttle_kind throttle_kind_of(enum principal_kind kind)
{
    switch (kind) {
    case PRINCIPAL_APP:
        return THROTTLE_APP;
    case PRINCIPAL_CONSUMER:
        return THROTTLE_CONSUMER;
    case PRINCIPAL_USER:
        return THROTTLE_USER;
    case PRINCIPAL_NONE:
        break;
    }
    return THROTTLE_KINDS;
}

uint32_t throttle_limit(const struct throttle *throttle, enum throttle_kind kind, struct bytes principal_id)
{
    struct throttle_special special;
    struct bytes rest = throttle->specials;
    while (throttle_special_next(&rest, &special)) {
        if (special.kind == kind && bytes_equal(special.id, principal_id)) return special.limit;
    }
    return throttle->limits[kind];
}

static const char *const names[THROTTLE_KINDS] = {"api", "user", "app", "consumer", "ip"};

const char *throttle_kind_name(enum throttle_kind kind)
{
    return (unsigned)kind < THROTTLE_KINDS ? names[kind] : "";
}
