#include "edge/record.h"

void signature_key_encode(struct buffer *out, const struct signature_key *key)
{
    record_start(out);
    buffer_add_byte(out, (uint8_t)key->type);
    record_add_bytes(out, key->id);
    record_add_bytes(out, key->key);
    buffer_add_u64(out, key->revision);
    record_add_bytes(out, key->secret);
    buffer_add_u64(out, (uint64_t)key->next_from);
    record_add_bytes(out, key->next_key);
    record_add_bytes(out, key->next_secret);
}

bool signature_key_decode(struct bytes value, struct signature_key *key)
{
    struct record record = record_over(value);
    *key = (struct signature_key){0};
    key->type = (enum signature_type)record_choice(&record, SIGNATURE_NONE + 1, SIGNATURE_COUNT - 1);
    key->id = record_bytes(&record);
    key->key = record_bytes(&record);
    key->revision = record_u64(&record);
    key->secret = record_bytes(&record);
    key->next_from = record_i64(&record);
    key->next_key = record_bytes(&record);
    key->next_secret = record_bytes(&record);
    return record_is_whole(&record);
}
