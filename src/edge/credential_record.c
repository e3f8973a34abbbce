#include "edge/record.h"

static void principal_encode(struct buffer *out, const struct principal *principal)
{
    buffer_add_byte(out, (uint8_t)principal->kind);
    buffer_add_byte(out, principal->enabled);
    buffer_add_byte(out, principal->listed);
    record_add_bytes(out, principal->id);
    record_add_bytes(out, principal->name);
}

static void principal_decode(struct record *record, struct principal *principal)
{
    principal->kind = (enum principal_kind)record_choice(record, PRINCIPAL_APP, PRINCIPAL_USER);
    principal->enabled = record_flag(record);
    principal->listed = record_flag(record);
    principal->id = record_bytes(record);
    principal->name = record_bytes(record);
}

static void place_encode(struct buffer *out, const struct credential *credential)
{
    buffer_add_byte(out, (uint8_t)credential->location);
    record_add_bytes(out, credential->place_name);
    record_add_bytes(out, credential->place_prefix);
}

static void place_decode(struct record *record, struct credential *credential)
{
    credential->location = (enum place_location)record_choice(record, PLACE_HEADER, PLACE_COOKIE);
    credential->place_name = record_bytes(record);
    credential->place_prefix = record_bytes(record);
}

static void secrets_encode(struct buffer *out, const struct credential *credential)
{
    if (credential->secret_count > CREDENTIAL_MAX_SECRETS) out->overflow = true;
    buffer_add_byte(out, (uint8_t)credential->secret_count);
    for (size_t i = 0; i < credential->secret_count && !out->overflow; i++) {
        buffer_add_u64(out, (uint64_t)credential->secrets[i].until);
        record_add_bytes(out, credential->secrets[i].value);
    }
}

static void secrets_decode(struct record *record, struct credential *credential)
{
    size_t count = (size_t)record_choice(record, 0, CREDENTIAL_MAX_SECRETS);
    for (size_t i = 0; i < count; i++) {
        credential->secrets[i].until = record_i64(record);
        credential->secrets[i].value = record_bytes(record);
    }
    credential->secret_count = count;
}

/* A user's token, which is looked up. */
static bool is_of_user(const struct credential *credential)
{
    return credential->kind == CREDENTIAL_API_KEY && credential->principal.kind == PRINCIPAL_USER;
}

void credential_encode(struct buffer *out, const struct credential *credential)
{
    record_start(out);
    buffer_add_byte(out, (uint8_t)credential->kind);
    record_add_bytes(out, credential->id);
    principal_encode(out, &credential->principal);
    buffer_add_byte(out, credential->enabled);
    buffer_add_u64(out, (uint64_t)credential->not_before);
    buffer_add_u64(out, (uint64_t)credential->not_after);
    buffer_add_u64(out, credential->revision);
    buffer_add_u32(out, credential->schemes);
    if (credential->kind != CREDENTIAL_KEY_PAIR) place_encode(out, credential);
    if (credential->kind == CREDENTIAL_TOKEN) record_add_bytes(out, credential->token_rules);
    if (is_of_user(credential)) record_add_bytes(out, credential->limit);
    if (credential->kind == CREDENTIAL_KEY_PAIR) secrets_encode(out, credential);
}

bool credential_decode(struct bytes value, struct credential *credential)
{
    struct record record = record_over(value);
    *credential = (struct credential){0};
    credential->kind = (enum credential_kind)record_choice(&record, CREDENTIAL_API_KEY, CREDENTIAL_TOKEN);
    credential->id = record_bytes(&record);
    principal_decode(&record, &credential->principal);
    credential->enabled = record_flag(&record);
    credential->not_before = record_i64(&record);
    credential->not_after = record_i64(&record);
    credential->revision = record_u64(&record);
    credential->schemes = record_u32(&record);
    if (credential->kind != CREDENTIAL_KEY_PAIR) place_decode(&record, credential);
    if (credential->kind == CREDENTIAL_TOKEN) credential->token_rules = record_bytes(&record);
    if (is_of_user(credential)) credential->limit = record_bytes(&record);
    if (credential->kind == CREDENTIAL_KEY_PAIR) secrets_decode(&record, credential);
    return record_is_whole(&record);
}
