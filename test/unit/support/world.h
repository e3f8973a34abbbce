/* A small world to admit into: one API, a directory over an array, and requests signed on the spot. */
#ifndef COUNTERSIGN_TEST_WORLD_H
#define COUNTERSIGN_TEST_WORLD_H

#include "admit/admit.h"
#include "support/sample.h"

#define WORLD_NOW 1573789015

struct world_entry {
    struct bytes key; /* key id, or the API key itself */
    struct credential credential;
};

struct world {
    struct world_entry entries[4];
    size_t count;
    bool authorised;
    int64_t authorised_until;
    bool directory_fails, authorisation_fails;
    unsigned look_ups;
    enum nonce_answer nonce_answer;
    unsigned nonces; /* how often the memory was asked */
    struct nonce_use nonce_use;
    struct publication publication;
    struct directory directory;
    struct sample sample;
    struct admit_context context;
    struct admission admission;
};

static inline enum found world_find(struct world *world, enum credential_kind kind, struct bytes key, struct arena *arena,
                                    struct credential *credential)
{
    world->look_ups++;
    if (world->directory_fails) return FOUND_FAULT;
    for (size_t i = 0; i < world->count; i++) {
        if (world->entries[i].credential.kind != kind || !bytes_equal(world->entries[i].key, key)) continue;
        *credential = world->entries[i].credential;
        for (size_t s = 0; s < credential->secret_count; s++)
            credential->secrets[s].value = arena_copy(arena, credential->secrets[s].value);
        return FOUND;
    }
    return FOUND_NOTHING;
}

static inline enum found world_key_pair(void *context, struct bytes key, struct arena *arena, struct credential *credential)
{
    return world_find(context, CREDENTIAL_KEY_PAIR, key, arena, credential);
}

static inline enum found world_api_key(void *context, struct bytes key, struct arena *arena, struct credential *credential)
{
    return world_find(context, CREDENTIAL_API_KEY, key, arena, credential);
}

static inline enum found world_authorisation(void *context, const struct credential *caller, const struct publication *publication,
                                             int64_t *not_after)
{
    struct world *world = context;
    assert_true(caller->principal.id.length > 0 && publication->api_id.length > 0 && publication->environment_id.length > 0);
    if (world->authorisation_fails) return FOUND_FAULT;
    *not_after = world->authorised_until;
    return world->authorised ? FOUND : FOUND_NOTHING;
}

static inline enum nonce_answer world_nonce(void *context, const struct nonce_use *use)
{
    struct world *world = context;
    assert_true(use->principal->id.length > 0 && use->credential_id.length > 0 && use->nonce.length > 0);
    world->nonces++;
    world->nonce_use = *use;
    return world->nonce_answer;
}

/* An app with key "app-key", a consumer with the bearer key "consumer-key", both authorised; all schemes in the plan. */
static inline void world_set(struct world *world)
{
    memset(world, 0, offsetof(struct world, sample));
    world->authorised = true;
    world->count = 2;
    world->entries[0] =
        (struct world_entry){BYTES("app-key"),
                             {.id = BYTES("c1"),
                              .kind = CREDENTIAL_KEY_PAIR,
                              .principal = {.kind = PRINCIPAL_APP, .enabled = true, .id = BYTES("app"), .name = BYTES("App")},
                              .enabled = true,
                              .revision = 7,
                              .schemes = INT32_MAX,
                              .secrets = {{.value = BYTES("app-secret")}},
                              .secret_count = 1}};
    struct place bearer = scheme_default_place(SCHEME_API_KEY);
    world->entries[1] =
        (struct world_entry){BYTES("consumer-key"),
                             {.id = BYTES("c2"),
                              .kind = CREDENTIAL_API_KEY,
                              .principal = {.kind = PRINCIPAL_CONSUMER, .enabled = true, .id = BYTES("con"), .name = BYTES("Consumer")},
                              .enabled = true,
                              .schemes = 1u << SCHEME_API_KEY,
                              .location = bearer.location,
                              .place_name = bearer.name,
                              .place_prefix = bearer.prefix}};
    struct publication *publication = &world->publication;
    publication->api_id = BYTES("api");
    publication->environment_id = BYTES("env");
    publication->plan.auth_type = AUTH_TYPE_APP;
    for (int id = SCHEME_NONE + 1; id < SCHEME_COUNT; id++)
        if (id != SCHEME_JWT) assert_true(proof_plan_add(&publication->plan, scheme_default_place((enum scheme_id)id)));
    world->directory = (struct directory){
        .context = world, .key_pair = world_key_pair, .api_key = world_api_key, .authorisation = world_authorisation, .nonce = world_nonce};
    world->context = (struct admit_context){.publication = publication,
                                            .request = &world->sample.request,
                                            .directory = &world->directory,
                                            .arena = &world->sample.arena,
                                            .now = WORLD_NOW};
}

static inline void world_request(struct world *world, const char *raw)
{
    sample_set(&world->sample, raw);
    world->context.has_body = world->sample.body.length > 0;
}

static inline void world_add_fields(struct world *world, const struct signed_fields *more)
{
    struct http_request *request = &world->sample.request;
    struct http_field *fields = arena_take_array(&world->sample.arena, request->field_count + more->count, sizeof *fields);
    assert_non_null(fields);
    size_t count = 0;
    for (size_t i = 0; i < request->field_count; i++) fields[count++] = request->fields[i];
    for (size_t i = 0; i < more->count; i++) fields[count++] = more->items[i];
    request->fields = fields;
    request->field_count = count;
}

/* Reads `raw` and signs it as "app-key" with `secret`. */
static inline void world_sign(struct world *world, const struct scheme *scheme, const char *secret, const char *raw)
{
    world_request(world, raw);
    struct body_facts facts = body_facts_of(world->sample.body);
    struct signing signing = {.request = &world->sample.request,
                              .body = &facts,
                              .key_id = BYTES("app-key"),
                              .secret = {.text = bytes_of_text(secret)},
                              .now = WORLD_NOW};
    struct signed_fields fields;
    assert_true(scheme->sign(&signing, &world->sample.arena, &fields));
    world_add_fields(world, &fields);
}

static inline void world_begin(struct world *world)
{
    world->look_ups = 0;
    admit_begin(&world->context, &world->admission);
    assert_int_equal(world->admission.credential.secret_count, 0);
}

static inline void world_finish(struct world *world)
{
    struct body_facts facts = body_facts_of(world->sample.body);
    admit_finish(&world->context, &facts, &world->admission);
    assert_int_equal(world->admission.credential.secret_count, 0);
}

static inline void assert_accepted(const struct world *world, const char *principal)
{
    if (world->admission.outcome != ADMISSION_ACCEPTED)
        fail_msg("outcome %d, %s", world->admission.outcome, refusal_name(world->admission.refusal));
    assert_bytes(world->admission.credential.principal.id, principal);
}

static inline void assert_world_refuses(const struct world *world, enum refusal refusal)
{
    assert_string_equal(refusal_name(world->admission.refusal), refusal_name(refusal));
    assert_int_equal(world->admission.outcome, ADMISSION_REFUSED);
}

#endif
