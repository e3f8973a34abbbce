#include "edge/record.h"

void user_encode(struct buffer *out, const struct user *user)
{
    record_start(out);
    buffer_add_byte(out, user->enabled);
    record_add_bytes(out, user->name);
    record_add_bytes(out, user->domain_id);
    buffer_add_u64(out, user->stamp);
    record_add_bytes(out, user->scopes);
}

bool user_decode(struct bytes value, struct user *user)
{
    struct record record = record_over(value);
    user->enabled = record_flag(&record);
    user->name = record_bytes(&record);
    user->domain_id = record_bytes(&record);
    user->stamp = record_u64(&record);
    user->scopes = record_bytes(&record);
    return record_is_whole(&record) && user_scopes_are_sound(user->scopes);
}

void instance_owner_encode(struct buffer *out, const struct instance_owner *owner)
{
    record_start(out);
    record_add_bytes(out, owner->project_id);
    record_add_bytes(out, owner->domain_id);
}

bool instance_owner_decode(struct bytes value, struct instance_owner *owner)
{
    struct record record = record_over(value);
    owner->project_id = record_bytes(&record);
    owner->domain_id = record_bytes(&record);
    return record_is_whole(&record);
}
