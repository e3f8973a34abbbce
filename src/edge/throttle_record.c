#include "edge/record.h"

void throttle_encode(struct buffer *out, const struct throttle *throttle)
{
    record_start(out);
    record_add_bytes(out, throttle->id);
    buffer_add_byte(out, throttle->shared);
    buffer_add_u32(out, throttle->seconds);
    for (size_t i = 0; i < THROTTLE_KINDS; i++) buffer_add_u32(out, throttle->limits[i]);
    record_add_bytes(out, throttle->specials);
}

static bool specials_are_sound(struct bytes specials)
{
    struct throttle_special special;
    while (throttle_special_next(&specials, &special)) {
        if (special.limit == 0 || special.kind == THROTTLE_API || special.kind == THROTTLE_IP) return false;
    }
    return specials.length == 0;
}

bool throttle_decode(struct bytes value, struct throttle *throttle)
{
    struct record record = record_over(value);
    throttle->id = record_bytes(&record);
    throttle->shared = record_flag(&record);
    throttle->seconds = record_u32(&record);
    for (size_t i = 0; i < THROTTLE_KINDS; i++) throttle->limits[i] = record_u32(&record);
    throttle->specials = record_bytes(&record);
    bool sound = throttle->seconds >= 1 && throttle->seconds <= THROTTLE_MOST_SECONDS && specials_are_sound(throttle->specials);
    return record_is_whole(&record) && sound;
}
