#include "edge/record.h"

#include "policy/mapping.h"
#include "policy/parameter.h"

static void plan_encode(struct buffer *out, const struct proof_plan *plan)
{
    buffer_add_byte(out, (uint8_t)plan->auth_type);
    if (plan->place_count > PLAN_MAX_PLACES) out->overflow = true;
    buffer_add_byte(out, (uint8_t)plan->place_count);
    for (size_t i = 0; i < plan->place_count && !out->overflow; i++) {
        const struct place *place = &plan->places[i];
        buffer_add_byte(out, (uint8_t)place->scheme);
        buffer_add_byte(out, (uint8_t)place->location);
        buffer_add_byte(out, place->pass_through);
        record_add_bytes(out, place->name);
        record_add_bytes(out, place->prefix);
        record_add_bytes(out, place->claim);
    }
}

static void plan_decode(struct record *record, struct proof_plan *plan)
{
    plan->auth_type = (enum auth_type)record_choice(record, AUTH_TYPE_NONE, AUTH_TYPE_IAM);
    size_t count = (size_t)record_choice(record, 0, PLAN_MAX_PLACES);
    for (size_t i = 0; i < count; i++) {
        struct place *place = &plan->places[i];
        place->scheme = (enum scheme_id)record_choice(record, SCHEME_NONE + 1, SCHEME_COUNT - 1);
        place->location = (enum place_location)record_choice(record, PLACE_HEADER, PLACE_COOKIE);
        place->pass_through = record_flag(record);
        place->name = record_bytes(record);
        place->prefix = record_bytes(record);
        place->claim = record_bytes(record);
    }
    plan->place_count = count;
}

static void rules_encode(struct buffer *out, const struct admission_rules *rules)
{
    buffer_add_u64(out, rules->body_limit);
    buffer_add_byte(out, rules->hide_hint);
    buffer_add_byte(out, rules->accept_repeated_names);
    buffer_add_byte(out, rules->require_body_digest);
    buffer_add_byte(out, rules->accept_anonymous);
    buffer_add_byte(out, rules->accept_undated);
    buffer_add_byte(out, rules->require_nonce);
    buffer_add_byte(out, rules->https_only);
    buffer_add_byte(out, rules->cors);
    buffer_add_byte(out, rules->disable_internet);
    buffer_add_byte(out, rules->disable_internal);
}

static void rules_decode(struct record *record, struct admission_rules *rules)
{
    rules->body_limit = record_u64(record);
    rules->hide_hint = record_flag(record);
    rules->accept_repeated_names = record_flag(record);
    rules->require_body_digest = record_flag(record);
    rules->accept_anonymous = record_flag(record);
    rules->accept_undated = record_flag(record);
    rules->require_nonce = record_flag(record);
    rules->https_only = record_flag(record);
    rules->cors = record_flag(record);
    rules->disable_internet = record_flag(record);
    rules->disable_internal = record_flag(record);
}

static void members_encode(struct buffer *out, const struct backend *backend)
{
    if (backend->member_count > BACKEND_MAX_MEMBERS) out->overflow = true;
    buffer_add_byte(out, (uint8_t)backend->member_count);
    for (size_t i = 0; i < backend->member_count && !out->overflow; i++) {
        record_add_bytes(out, backend->members[i].authority);
        buffer_add_byte(out, backend->members[i].weight);
    }
}

static void members_decode(struct record *record, struct backend *backend)
{
    size_t count = (size_t)record_choice(record, 0, BACKEND_MAX_MEMBERS);
    for (size_t i = 0; i < count; i++) {
        backend->members[i].authority = record_bytes(record);
        backend->members[i].weight = (uint8_t)record_choice(record, 1, BACKEND_MAX_WEIGHT);
    }
    backend->member_count = count;
}

static void backend_encode(struct buffer *out, const struct backend *backend)
{
    buffer_add_byte(out, (uint8_t)backend->kind);
    record_add_bytes(out, backend->authority);
    record_add_bytes(out, backend->host);
    record_add_bytes(out, backend->method);
    record_add_bytes(out, backend->path);
    buffer_add_u32(out, backend->timeout_ms);
    buffer_add_byte(out, backend->verify_certificate);
    record_add_long_bytes(out, backend->ca_certificates);
    buffer_add_byte(out, backend->client_certificate);
    buffer_add_byte(out, (uint8_t)(backend->retries + 1));
    members_encode(out, backend);
    record_add_bytes(out, backend->mock_answer);
}

static void backend_decode(struct record *record, struct backend *backend)
{
    backend->kind = (enum backend_kind)record_choice(record, BACKEND_HTTP, BACKEND_MOCK);
    backend->authority = record_bytes(record);
    backend->host = record_bytes(record);
    backend->method = record_bytes(record);
    backend->path = record_bytes(record);
    backend->timeout_ms = record_u32(record);
    backend->verify_certificate = record_flag(record);
    backend->ca_certificates = record_long_bytes(record);
    backend->client_certificate = record_flag(record);
    backend->retries = (int8_t)(record_choice(record, 0, BACKEND_MAX_RETRIES + 1) - 1);
    members_decode(record, backend);
    backend->mock_answer = record_bytes(record);
}

void publication_encode(struct buffer *out, const struct publication *publication)
{
    record_start(out);
    record_add_bytes(out, publication->id);
    record_add_bytes(out, publication->instance_id);
    record_add_bytes(out, publication->api_id);
    record_add_bytes(out, publication->api_name);
    record_add_bytes(out, publication->group_id);
    record_add_bytes(out, publication->environment_id);
    record_add_bytes(out, publication->environment_name);
    buffer_add_u64(out, publication->revision);
    plan_encode(out, &publication->plan);
    rules_encode(out, &publication->rules);
    backend_encode(out, &publication->backend);
    record_add_bytes(out, publication->signature_key_id);
    record_add_bytes(out, publication->throttle_id);
    record_add_bytes(out, publication->acl_id);
    record_add_long_bytes(out, publication->mapping);
    record_add_bytes(out, publication->told_headers);
    record_add_bytes(out, publication->told_parameters);
    record_add_bytes(out, publication->token_policy);
    record_add_bytes(out, publication->consumer_header);
    record_add_long_bytes(out, publication->parameters);
}

bool publication_decode(struct bytes value, struct publication *publication)
{
    struct record record = record_over(value);
    *publication = (struct publication){0};
    publication->id = record_bytes(&record);
    publication->instance_id = record_bytes(&record);
    publication->api_id = record_bytes(&record);
    publication->api_name = record_bytes(&record);
    publication->group_id = record_bytes(&record);
    publication->environment_id = record_bytes(&record);
    publication->environment_name = record_bytes(&record);
    publication->revision = record_u64(&record);
    plan_decode(&record, &publication->plan);
    rules_decode(&record, &publication->rules);
    backend_decode(&record, &publication->backend);
    publication->signature_key_id = record_bytes(&record);
    publication->throttle_id = record_bytes(&record);
    publication->acl_id = record_bytes(&record);
    publication->guarded = publication->acl_id.length > 0 || publication->rules.disable_internet || publication->rules.disable_internal;
    publication->mapping = record_long_bytes(&record);
    publication->told_headers = record_bytes(&record);
    publication->told_parameters = record_bytes(&record);
    publication->token_policy = record_bytes(&record);
    publication->consumer_header = record_bytes(&record);
    publication->parameters = record_long_bytes(&record);
    return record_is_whole(&record) && mapping_count(publication->mapping, &publication->mapping_count) &&
           parameters_are_sound(publication->parameters);
}
